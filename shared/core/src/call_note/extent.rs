//! How far the note, or a section, reaches.

use std::ops::Range;

use super::field::{Field, Shape};
use super::labels::Role;
use super::page::Page;
use super::tree::{elements, space_around};
use crate::digest::Format;
use crate::digest::lines::{GUARD, Line};

/// The lines of a field that may have several.
pub(super) struct Extent {
    /// The lines that say something; the first is the label's own where the value begins there.
    pub(super) value: Range<usize>,
    /// The last line of it all.
    pub(super) last: usize,
}

impl Extent {
    /// The extent of the field whose label is at `head`.
    pub(super) fn find(page: &Page, head: usize, field: Field) -> Self {
        let is_inline = field.shape() == Shape::Note && page.format == Format::PlainText;
        let first = if is_inline { head } else { head + 1 };
        let bound = next_label(page, head);
        let signed = (first..bound).find(|at| page.line(*at).is_some_and(is_signed));
        let end = match signed {
            Some(signed) => signed + 1,
            None => above_footer(page, first, unsigned_end(page, head, field, bound)),
        };
        let end = end.max(first);
        let closing = next_label(page, end - 1);
        let closes = match page.role(closing) {
            Some(Role::Details) => field == Field::Note,
            Some(Role::End) => field != Field::Note,
            Some(Role::Field { .. } | Role::Heading | Role::Footer) | None => false,
        };
        Self {
            value: first..end,
            last: if closes { closing } else { end - 1 },
        }
    }
}

/// Whether a line is the last one of a value of ours: our sign stands at its end.
pub(super) fn is_signed(line: &Line) -> bool {
    let last = (line.glyphs.iter().rev()).find(|glyph| !glyph.c.is_whitespace());
    last.is_some_and(|glyph| glyph.c == GUARD) && line.visible().next().is_some()
}

/// The first line below `at` that is ours, or the number of lines.
fn next_label(page: &Page, at: usize) -> usize {
    let all = page.labels.len();
    (at + 1..all)
        .find(|at| page.role(*at).is_some())
        .unwrap_or(all)
}

/// Where a value without our sign ends.
fn unsigned_end(page: &Page, head: usize, field: Field, bound: usize) -> usize {
    match (page.format, field.shape()) {
        (Format::PlainText, Shape::Note) => plain_note_end(page, head),
        (Format::PlainText, Shape::Section | Shape::Line | Shape::Link) => {
            section_stop(page, head).unwrap_or(bound)
        }
        (Format::Html | Format::Markdown, Shape::Note) => {
            let is_details = |at: &usize| page.role(*at) == Some(Role::Details);
            (head + 1..page.labels.len())
                .find(is_details)
                .unwrap_or_else(|| or_paragraph(page, head, bound))
        }
        (Format::Html, Shape::Section | Shape::Line | Shape::Link) => {
            element_end(page, head).map_or(bound, |end| end.min(bound))
        }
        (Format::Markdown, Shape::Section | Shape::Line | Shape::Link) => bound,
    }
}

/// A plain note ends at the first label that does not come once more: one that does is a line of
/// the note.
fn plain_note_end(page: &Page, head: usize) -> usize {
    let role = |at: usize| match page.role(at) {
        Some(Role::Field { field, .. }) => Some(field),
        Some(Role::Details | Role::End | Role::Heading | Role::Footer) | None => None,
    };
    let below = head + 1..page.labels.len();
    let mut last_of = [0; Field::ALL.len()];
    for at in below.clone() {
        if let Some(last) = role(at).and_then(|field| last_of.get_mut(field as usize)) {
            *last = at;
        }
    }
    let is_last =
        |at: &usize| role(*at).is_some_and(|field| last_of.get(field as usize) == Some(at));
    let footer = (below.clone()).rfind(|at| page.role(*at) == Some(Role::Footer));
    (below.clone().find(is_last))
        .unwrap_or_else(|| or_paragraph(page, head, footer.unwrap_or(below.end)))
}

/// `end` without the blank lines between a value and the footer.
fn above_footer(page: &Page, first: usize, end: usize) -> usize {
    let says = |at: &usize| (page.line(*at)).is_some_and(|line| line.visible().next().is_some());
    match page.role(end) {
        Some(Role::Footer) => (first..end).rfind(says).map_or(first, |last| last + 1),
        Some(Role::Field { .. } | Role::Details | Role::End | Role::Heading) | None => end,
    }
}

/// `bound`, or the end of the first paragraph where there is nothing of ours below.
fn or_paragraph(page: &Page, head: usize, bound: usize) -> usize {
    let says = |at: &usize| {
        page.line(*at)
            .is_some_and(|line| line.visible().next().is_some())
    };
    match bound < page.labels.len() {
        true => bound,
        false => (head + 1..bound)
            .skip_while(|at| page.format != Format::PlainText && !says(at))
            .find(|at| !says(at))
            .unwrap_or(bound),
    }
}

/// What ends the section at `head` in plain text, unless another section begins before that.
pub(super) fn section_stop(page: &Page, head: usize) -> Option<usize> {
    let stop = (head + 1..page.labels.len()).find(|at| match page.role(*at) {
        Some(Role::End) => true,
        Some(Role::Field { field, .. }) => field.shape() == Shape::Section,
        Some(Role::Details | Role::Heading | Role::Footer) | None => false,
    });
    stop.filter(|at| page.role(*at) == Some(Role::End))
}

/// The line below the element that begins with the label and holds more than it.
pub(super) fn element_end(page: &Page, head: usize) -> Option<usize> {
    let length = page.body.len();
    let said: Vec<_> = page.line(head)?.visible().collect();
    let label = said.first()?.start..said.last()?.end;
    let space = space_around(&page.document, label.clone(), length);
    let holder = elements(&page.document, length)
        .into_iter()
        .find(|element| {
            space.start <= element.outer.start
                && element.inner.start <= label.start
                && label.end < element.inner.end
        })?;
    let starts_within = |at: &usize| {
        let first = page.line(*at).and_then(|line| line.visible().next());
        first.is_some_and(|glyph| glyph.start < holder.inner.end)
    };
    let last = (head..page.labels.len()).rev().find(starts_within)?;
    Some(last + 1)
}
