//! Edits of a raw body that leave everything else in it as it is.

use std::collections::HashMap;
use std::ops::Range;

use super::entry::Entry;
use super::lines::{Document, Tag, TagKind};
use super::render::{Format, Frame, item};

/// One edit: the bytes that go, and what stands there instead.
pub(crate) type Edit = (Range<usize>, String);

/// `body` with `edits`, which do not overlap.
pub(crate) fn apply(body: &str, mut edits: Vec<Edit>) -> String {
    // Stable: several insertions at one place stay in their order.
    edits.sort_by_key(|(range, _)| range.start);
    let mut out =
        String::with_capacity(body.len() + edits.iter().map(|(_, text)| text.len()).sum::<usize>());
    let mut at = 0;
    for (range, text) in edits {
        out.push_str(body.get(at..range.start).unwrap_or_default());
        out.push_str(&text);
        at = range.end.max(at);
    }
    out.push_str(body.get(at..).unwrap_or_default());
    out
}

/// The edits that make the number of the counter `count`.
pub(super) fn count_edits(document: &Document, line: usize, count: usize) -> Vec<Edit> {
    let glyphs: Vec<_> = match document.lines.get(line) {
        Some(line) => line.visible().collect(),
        None => return Vec::new(),
    };
    let is_word = |at: usize| {
        let rest = glyphs.get(at..).unwrap_or_default();
        rest.len() >= 7
            && rest
                .iter()
                .map(|glyph| glyph.c)
                .take(7)
                .eq("message".chars())
    };
    let open = glyphs.iter().position(|glyph| glyph.c == '(');
    let close = open.and_then(|open| (open..glyphs.len()).find(|at| is_word(*at)));
    let (Some(open), Some(close)) = (open, close) else {
        return Vec::new();
    };
    // Everything between the bracket and the word is the number, whatever it was.
    let number = glyphs.get(open + 1..close).unwrap_or_default();
    match number.split_first() {
        None => glyphs
            .get(open)
            .zip(glyphs.get(close))
            .map(|(open, word)| (open.end..word.start, format!("{count} ")))
            .into_iter()
            .collect(),
        Some((first, rest)) => std::iter::once((first.start..first.end, count.to_string()))
            .chain(
                rest.iter()
                    .map(|glyph| (glyph.start..glyph.end, String::new())),
            )
            .collect(),
    }
}

/// The edit that replaces what stands between two lines by `inner`; tags that belong to
/// elements around it stay.
pub(super) fn replace_between(
    document: &Document,
    (above, below): (usize, usize),
    inner: &str,
) -> Option<Edit> {
    between(document, (above, below)).map(|range| replace_range(document, range, inner))
}

/// The edit that replaces `range` of the body by `inner`; tags that belong to elements around it
/// stay.
pub(crate) fn replace_range(document: &Document, range: Range<usize>, inner: &str) -> Edit {
    let mut open = OpenTags::default();
    let mut closing = String::new();
    for tag in tags_within(document, range.clone()) {
        match tag.kind {
            TagKind::Open => open.push(&tag.name),
            TagKind::Close if !open.close(&tag.name) => {
                closing.push_str(&format!("</{}>", tag.name));
            }
            TagKind::Close | TagKind::Void => {}
        }
    }
    let opening: String = (open.names.iter())
        .map(|name| format!("<{name}>"))
        .collect();
    (range, format!("{closing}{inner}{opening}"))
}

/// What stands between two lines, from the last glyph of the one to the first of the other.
pub(super) fn between(document: &Document, (above, below): (usize, usize)) -> Option<Range<usize>> {
    let start = document.lines.get(above)?.visible().last()?.end;
    let end = document.lines.get(below)?.visible().next()?.start;
    Some(start..end)
}

/// The tags within `range` of the body.
pub(crate) fn tags_within(document: &Document, range: Range<usize>) -> impl Iterator<Item = &Tag> {
    (document.tags.iter()).filter(move |tag| range.start <= tag.start && tag.end <= range.end)
}

/// The elements that are open at a place.
#[derive(Default)]
struct OpenTags<'a> {
    names: Vec<&'a str>,
    /// How often each is open, so that a tag which closes nothing costs nothing.
    depths: HashMap<&'a str, usize>,
}

impl<'a> OpenTags<'a> {
    fn push(&mut self, name: &'a str) {
        *self.depths.entry(name).or_default() += 1;
        self.names.push(name);
    }

    fn pop(&mut self) -> Option<&'a str> {
        let name = self.names.pop()?;
        if let Some(depth) = self.depths.get_mut(name) {
            *depth -= 1;
        }
        Some(name)
    }

    /// Closes the innermost element of this name and all within it, if there is one.
    fn close(&mut self, name: &str) -> bool {
        let is_open = self.depths.get(name).is_some_and(|depth| *depth > 0);
        while is_open && self.pop().is_some_and(|closed| closed != name) {}
        is_open
    }
}

/// A place between two lines of HTML and what it is within.
struct Spot {
    at: usize,
    depth: usize,
    in_list: bool,
}

/// The places before `line`, or at the end where there is no such line, at which something can be
/// put without tearing a tag apart.
fn spots(document: &Document, line: usize) -> Vec<Spot> {
    let to = match document.lines.get(line) {
        Some(line) => match line.visible().next() {
            Some(glyph) => Some(glyph.start),
            None => return Vec::new(),
        },
        None => None,
    };
    let from = document
        .lines
        .iter()
        .take(line)
        .rev()
        .find_map(|line| line.visible().last())
        .map_or(0, |glyph| glyph.end);
    let mut open = OpenTags::default();
    let mut spots = Vec::new();
    let mut push = |at: usize, open: &OpenTags<'_>| {
        spots.push(Spot {
            at,
            depth: open.names.len(),
            in_list: matches!(open.names.last(), Some(&("ul" | "ol"))),
        });
    };
    let mut reached = false;
    let before = |tag: &&Tag| to.is_none_or(|to| tag.end <= to);
    for tag in document.tags.iter().take_while(before) {
        if tag.start >= from && !reached {
            push(from, &open);
            reached = true;
        }
        match tag.kind {
            TagKind::Open => {
                // A list item ends where the next one starts.
                if tag.name == "li" && open.names.last() == Some(&"li") {
                    open.pop();
                }
                open.push(&tag.name);
            }
            TagKind::Close => {
                open.close(&tag.name);
            }
            TagKind::Void => {}
        }
        if reached {
            push(tag.end, &open);
        }
    }
    if !reached {
        push(to.unwrap_or(from), &open);
    }
    spots
}

/// The edit that puts `entries`, in order, before `line`.
pub(super) fn entries_before(
    frame: &Frame<'_>,
    document: &Document,
    line: usize,
    entries: &[&Entry],
) -> Option<Edit> {
    let items: String = entries.iter().map(|entry| item(frame, entry)).collect();
    if frame.format() != Format::Html {
        let Some(at) = document.lines.get(line).map(|line| line.start) else {
            let end = document.end();
            return Some((end..end, format!("\n{items}")));
        };
        // A list needs a blank line between itself and what is no list.
        let gap = if frame.format() == Format::Markdown {
            "\n"
        } else {
            ""
        };
        return Some((at..at, items + gap));
    }
    let spots = spots(document, line);
    let (spot, text) = match spots.iter().rfind(|spot| spot.in_list) {
        Some(spot) => (spot, items),
        None => (outermost(&spots)?, format!("<ul>{items}</ul>")),
    };
    Some((spot.at..spot.at, text))
}

/// The edit that puts `block` before `line`, on lines of its own.
pub(super) fn block_before(
    frame: &Frame<'_>,
    document: &Document,
    line: usize,
    block: &str,
) -> Option<Edit> {
    let at = match frame.format() {
        Format::Html => outermost(&spots(document, line))?.at,
        Format::PlainText | Format::Markdown => document.lines.get(line)?.start,
    };
    let line_break = match frame.format() {
        Format::Html => "<br>",
        Format::PlainText | Format::Markdown => "\n",
    };
    Some((
        at..at,
        format!("{line_break}{block}{line_break}{line_break}"),
    ))
}

/// The last place within the fewest elements.
fn outermost(spots: &[Spot]) -> Option<&Spot> {
    spots.iter().rev().min_by_key(|spot| spot.depth)
}
