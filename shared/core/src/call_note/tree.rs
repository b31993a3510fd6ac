//! The elements of an HTML body, and the space around what it says.

use std::collections::HashMap;
use std::ops::Range;

use crate::digest::lines::{Document, Tag, TagKind};

/// An element, with its tags; one that is not closed reaches to what ends it.
#[derive(Debug)]
pub(super) struct Element<'a> {
    pub(super) name: &'a str,
    pub(super) outer: Range<usize>,
    pub(super) inner: Range<usize>,
}

/// All elements, those that close first before the others.
pub(super) fn elements(document: &Document, length: usize) -> Vec<Element<'_>> {
    let mut tree = Tree::default();
    for tag in &document.tags {
        match tag.kind {
            TagKind::Open => {
                // A list item, or a paragraph, ends where the next one starts.
                let is_item = matches!(tag.name.as_str(), "li" | "p");
                if is_item && tree.open.last().is_some_and(|open| open.name == tag.name) {
                    tree.close_last(tag.start, tag.start);
                }
                tree.push(tag);
            }
            TagKind::Close => tree.close(tag),
            TagKind::Void => {}
        }
    }
    while !tree.open.is_empty() {
        tree.close_last(length, length);
    }
    tree.closed
}

#[derive(Default)]
struct Tree<'a> {
    open: Vec<&'a Tag>,
    /// How often each is open, so that a tag which closes nothing costs nothing.
    depths: HashMap<&'a str, usize>,
    closed: Vec<Element<'a>>,
}

impl<'a> Tree<'a> {
    fn push(&mut self, tag: &'a Tag) {
        *self.depths.entry(&tag.name).or_default() += 1;
        self.open.push(tag);
    }

    fn close_last(&mut self, inner: usize, outer: usize) {
        let Some(tag) = self.open.pop() else {
            return;
        };
        if let Some(depth) = self.depths.get_mut(tag.name.as_str()) {
            *depth -= 1;
        }
        self.closed.push(Element {
            name: &tag.name,
            outer: tag.start..outer,
            inner: tag.end..inner,
        });
    }

    fn close(&mut self, tag: &Tag) {
        if self
            .depths
            .get(tag.name.as_str())
            .is_none_or(|depth| *depth == 0)
        {
            return;
        }
        while self.open.last().is_some_and(|open| open.name != tag.name) {
            self.close_last(tag.start, tag.start);
        }
        self.close_last(tag.start, tag.end);
    }
}

/// Where the last glyph that a person sees ends before `at`, and where the first one starts from
/// `at` on.
pub(super) fn space_around(document: &Document, at: Range<usize>, length: usize) -> Range<usize> {
    let mut space = 0..length;
    for glyph in document.lines.iter().flat_map(|line| line.visible()) {
        if glyph.end <= at.start {
            space.start = glyph.end;
        } else if glyph.start >= at.end {
            space.end = glyph.start;
            break;
        }
    }
    space
}

/// What is said, with the tags around it.
pub(super) struct Around {
    pub(super) range: Range<usize>,
    /// Whether the tags make it stand on lines of its own.
    pub(super) own_lines: bool,
}

/// `said` with the tags of the elements that hold nothing else: up to the first that stands on
/// lines of its own, since what is around that may be to hold more.
pub(super) fn around(document: &Document, said: Range<usize>, length: usize) -> Around {
    const OWN_LINES: [&str; 14] = [
        "li", "div", "p", "section", "article", "dt", "dd", "tr", "h1", "h2", "h3", "h4", "h5",
        "h6",
    ];
    const MORE: [&str; 9] = [
        "ul",
        "ol",
        "dl",
        "table",
        "tbody",
        "td",
        "body",
        "html",
        "blockquote",
    ];
    let space = space_around(document, said.clone(), length);
    let mut range = said.clone();
    let mut own_lines = false;
    // They close from the inside out.
    for element in elements(document, length) {
        let holds = space.start <= element.outer.start
            && element.inner.start <= said.start
            && said.end <= element.inner.end
            && element.outer.end <= space.end;
        if !holds {
            continue;
        }
        if MORE.contains(&element.name) {
            break;
        }
        range = range.start.min(element.outer.start)..range.end.max(element.outer.end);
        if OWN_LINES.contains(&element.name) {
            own_lines = true;
            break;
        }
    }
    Around { range, own_lines }
}

/// The ranges within bold elements, in order.
pub(super) fn bold(document: &Document) -> Vec<Range<usize>> {
    const BOLD: [&str; 9] = ["b", "strong", "th", "h1", "h2", "h3", "h4", "h5", "h6"];
    let mut ranges = Vec::new();
    let mut depth = 0_usize;
    let mut start = 0;
    let bold = |tag: &&Tag| BOLD.contains(&tag.name.as_str());
    for tag in document.tags.iter().filter(bold) {
        match tag.kind {
            TagKind::Open if depth == 0 => {
                start = tag.end;
                depth = 1;
            }
            TagKind::Open => depth += 1,
            TagKind::Close if depth == 1 => {
                ranges.push(start..tag.start);
                depth = 0;
            }
            TagKind::Close => depth = depth.saturating_sub(1),
            TagKind::Void => {}
        }
    }
    ranges
}
