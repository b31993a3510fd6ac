//! Where a field that does not stand in a body yet is put: at its place in the fixed order.

use super::field::{Field, Shape};
use super::labels::Role;
use super::page::{Found, Page};
use super::tree::{around, space_around};
use super::write::has_gap;
use crate::digest::Format;
use crate::digest::insert::Edit;
use crate::digest::lines::{Tag, TagKind};

/// The edit that puts `block` at the place of `field`: behind the last field before it, else
/// before the first one after it, else above the footer, else at the end.
pub(super) fn put(page: &Page, field: Field, block: &str) -> Edit {
    let spot = Spot::of(page, field);
    let text = match page.format {
        Format::Html => spot.in_html(page, field, block),
        Format::PlainText => spot.in_text(page, field, block),
        Format::Markdown => spot.in_markdown(page, field, block),
    };
    (spot.at..spot.at, text)
}

/// A place, and the fields beside it.
struct Spot<'a> {
    at: usize,
    earlier: Option<&'a Found>,
    later: Option<&'a Found>,
}

impl<'a> Spot<'a> {
    fn of(page: &'a Page, field: Field) -> Self {
        let before = page.fields.iter().filter(|found| found.field < field);
        let after = page.fields.iter().filter(|found| found.field > field);
        let earlier = before.max_by_key(|found| found.field);
        let later = after.min_by_key(|found| found.field);
        let details = page.details.map(|line| (line, field == Field::Note));
        let at = match (earlier, details, later) {
            (Some(earlier), _, _) => end_of(page, earlier, field),
            (None, Some((line, true)), _) => line_range(page, line).start,
            (None, _, Some(later)) => start_of(page, later),
            (None, Some((line, false)), None) => below_details(page, line),
            (None, None, None) => (page.footer).map_or(page.body.len(), |line| above(page, line)),
        };
        Self { at, earlier, later }
    }

    fn in_html(&self, page: &Page, field: Field, block: &str) -> String {
        let is_inline = field.shape() == Shape::Note;
        let on_line = (page.document.lines.iter())
            .rfind(|line| line.start <= self.at)
            .and_then(|line| line.visible().next())
            .is_some_and(|glyph| glyph.end <= self.at);
        let lead = if is_inline && on_line { "<br>" } else { "" };
        let is_first = self.earlier.is_none() && self.later.is_none() && page.details.is_none();
        let crowds = is_first && page.footer.is_some_and(|line| spot_above(page, line).1);
        format!("{lead}{block}{}", if crowds { "<br>" } else { "" })
    }

    fn in_text(&self, page: &Page, field: Field, block: &str) -> String {
        let is_alone = self.earlier.is_none() && self.later.is_none();
        let lead = self.lead(page, wants_gap(field) || is_alone);
        let below = (self.later).filter(|_| self.earlier.is_none());
        let crowds = below.is_some_and(|later| {
            let starts = page
                .line(later.head)
                .is_some_and(|line| line.start == self.at);
            wants_gap(later.field) && starts
        });
        let crowds = crowds || self.crowds_footer(page);
        format!("{lead}{block}{}", if crowds { "\n" } else { "" })
    }

    fn in_markdown(&self, page: &Page, field: Field, block: &str) -> String {
        let is_line = matches!(field.shape(), Shape::Line | Shape::Link);
        let gap = match self.earlier {
            // Else the line would belong to the section's last paragraph.
            Some(earlier) => is_line && earlier.field.shape() == Shape::Section,
            None => self.later.is_none() && page.details.is_none(),
        };
        let below = if self.crowds_footer(page) { "\n" } else { "" };
        format!("{}{block}{below}", self.lead(page, gap))
    }

    /// Whether the footer follows, and no blank line is between, as Markdown needs one.
    fn crowds_footer(&self, page: &Page) -> bool {
        let footer = page.footer.map(|line| line_start(page, line));
        let between = footer.and_then(|footer| page.body.get(self.at..footer));
        between.is_some_and(|between| between.trim().is_empty() && !between.contains('\n'))
    }

    /// What is missing before the place: the end of a line, and the blank line of a `gap`.
    fn lead(&self, page: &Page, gap: bool) -> &'static str {
        let before = page.body.get(..self.at).unwrap_or_default();
        let above = before.strip_suffix('\n');
        let last = above.unwrap_or(before).rsplit('\n').next();
        let is_blank = last.is_none_or(|line| line.trim().is_empty());
        match (before.is_empty(), above.is_some(), gap && !is_blank) {
            (true, _, _) | (false, true, false) => "",
            (false, true, true) | (false, false, false) => "\n",
            (false, false, true) => "\n\n",
        }
    }
}

/// The place of the first field above the footer.
fn above(page: &Page, footer: usize) -> usize {
    match page.format {
        Format::Html => spot_above(page, footer).0,
        Format::PlainText | Format::Markdown => {
            let is_blank = |at: &usize| {
                let line = page.line(*at);
                line.is_some_and(|line| line.visible().next().is_none())
            };
            let blank = (0..footer).rev().take_while(is_blank).last();
            line_start(page, blank.unwrap_or(footer))
        }
    }
}

/// The place above the footer in HTML, and whether no blank line is between: those that stand
/// there stay below it.
fn spot_above(page: &Page, footer: usize) -> (usize, bool) {
    let length = page.body.len();
    let words = said(page, footer..footer + 1);
    let above = space_around(&page.document, words.clone(), length).start;
    let start = around(&page.document, words, length).range.start;
    let mut breaks = Vec::new();
    let mut at = start;
    let tags = page.document.tags.iter().rev();
    for tag in tags.filter(|tag| tag.end <= start && above <= tag.start) {
        let between = page.body.get(tag.end..at).unwrap_or_default();
        if tag.name != "br" || !between.trim().is_empty() {
            break;
        }
        at = tag.start;
        breaks.push(at);
    }
    // The first one ends the line of what is said above.
    let ends = usize::from(above > 0);
    match breaks
        .len()
        .checked_sub(ends + 1)
        .and_then(|at| breaks.get(at))
    {
        Some(at) => (*at, false),
        None => (start, true),
    }
}

/// Whether a blank line stands before a field in plain text.
fn wants_gap(field: Field) -> bool {
    field.shape() == Shape::Section && field != Field::Legs
}

/// Where a field starts, with its tags, and with the blank line before it in plain text.
fn start_of(page: &Page, found: &Found) -> usize {
    if page.format == Format::Html {
        let lines = match found.field.shape() {
            Shape::Note => found.head..found.head + 1,
            Shape::Line | Shape::Link | Shape::Section => found.head..found.last + 1,
        };
        return around(&page.document, said(page, lines), page.body.len())
            .range
            .start;
    }
    let is_blank = |at: &usize| {
        let line = page.line(*at);
        line.is_some_and(|line| line.glyphs.iter().all(|glyph| glyph.c.is_whitespace()))
    };
    let above = (found.head.checked_sub(1))
        .filter(|_| page.format == Format::PlainText && wants_gap(found.field))
        .filter(is_blank);
    line_start(page, above.unwrap_or(found.head))
}

/// Where what stands behind `found` starts: the place for `field`.
fn end_of(page: &Page, found: &Found, field: Field) -> usize {
    match page.format {
        Format::Html => html_end_of(page, found, field),
        Format::PlainText => line_start(page, found.last + 1),
        Format::Markdown => {
            let is_blank = page.line(found.last + 1).is_some_and(|line| {
                found.field.shape() == Shape::Section && line.visible().next().is_none()
            });
            line_start(page, found.last + 1 + usize::from(is_blank))
        }
    }
}

fn html_end_of(page: &Page, found: &Found, field: Field) -> usize {
    if page.role(found.last) == Some(Role::Details) {
        return below_details(page, found.last);
    }
    let lines = match found.field.shape() {
        Shape::Note => found.last..found.last + 1,
        Shape::Line | Shape::Link | Shape::Section => found.head..found.last + 1,
    };
    let around = around(&page.document, said(page, lines), page.body.len());
    let mut at = around.range.end.max(found.value.end);
    if has_gap(found.field) || !around.own_lines {
        at = past(page, at, |tag| tag.name == "br");
    }
    let ends_list = |tag: &Tag| tag.kind == TagKind::Close && matches!(&*tag.name, "ul" | "ol");
    match field.shape() {
        Shape::Section => past(page, at, ends_list),
        Shape::Note | Shape::Line | Shape::Link => at,
    }
}

/// Where the fields below the heading start.
fn below_details(page: &Page, line: usize) -> usize {
    let at = line_range(page, line).end;
    match page.format {
        Format::Html => {
            let at = past(page, at, |tag| tag.name == "br");
            let starts_list =
                |tag: &Tag| tag.kind == TagKind::Open && matches!(&*tag.name, "ul" | "ol");
            past(page, at, starts_list)
        }
        Format::PlainText | Format::Markdown => at,
    }
}

/// Behind the tag at `at` if it `is` the one, else `at`.
fn past(page: &Page, at: usize, is: impl Fn(&Tag) -> bool) -> usize {
    let next = page.document.tags.iter().find(|tag| tag.start >= at);
    let between = next.and_then(|tag| page.body.get(at..tag.start));
    match (next, between) {
        (Some(tag), Some(space)) if space.trim().is_empty() && is(tag) => tag.end,
        _ => at,
    }
}

/// A line of a heading, with its tags or its line break.
fn line_range(page: &Page, line: usize) -> std::ops::Range<usize> {
    match page.format {
        Format::Html => around(&page.document, said(page, line..line + 1), page.body.len()).range,

        Format::PlainText | Format::Markdown => line_start(page, line)..line_start(page, line + 1),
    }
}

fn line_start(page: &Page, line: usize) -> usize {
    page.line(line).map_or(page.body.len(), |line| line.start)
}

/// From the first to the last glyph that a person sees of some lines.
fn said(page: &Page, lines: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let start = page.line(lines.start).map_or(0, |line| line.start);
    let glyphs = || {
        let lines = page.document.lines.get(lines.clone()).unwrap_or_default();
        lines.iter().flat_map(|line| line.visible())
    };
    let first = glyphs().next().map_or(start, |glyph| glyph.start);
    first..glyphs().last().map_or(first, |glyph| glyph.end)
}
