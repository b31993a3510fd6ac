//! Which line is the footer: what is below it is a person's.
//!
//! A typed line that looks like it has our sign before it. Where a CRM drops the sign, or another
//! server never wrote it, such a line is known by what it stands in.

use super::extent::{element_end, is_signed, section_stop};
use super::field::Shape;
use super::labels::Role;
use super::page::Page;
use crate::digest::Format;

/// Takes typed footers, and all labels below the last of the others, for a person's words.
pub(super) fn keep_above(page: &mut Page) {
    let is_footer = |page: &Page, at: &usize| page.role(*at) == Some(Role::Footer);
    let all = 0..page.labels.len();
    let footers: Vec<_> = all.filter(|at| is_footer(page, at)).collect();
    let (typed, ours): (Vec<_>, Vec<_>) = footers.iter().partition(|at| is_typed(page, **at));
    let below = ours.last().map_or(page.labels.len(), |last| *last + 1);
    for (at, label) in page.labels.iter_mut().enumerate() {
        if at >= below || typed.contains(&at) {
            *label = None;
        }
    }
}

/// Whether a footer stands within the note or a section without our sign: what ends it is below.
fn is_typed(page: &Page, at: usize) -> bool {
    let field = |at: usize| match page.role(at) {
        Some(Role::Field { field, .. }) => Some(field),
        Some(Role::Details | Role::End | Role::Heading | Role::Footer) | None => None,
    };
    let above = (0..at).rev().find_map(|at| Some((at, field(at)?)));
    let Some((head, within)) = above else {
        return false;
    };
    if (head..at).any(|at| page.line(at).is_some_and(is_signed)) {
        return false;
    }
    let mut below = at + 1..page.labels.len();
    match (page.format, within.shape()) {
        (_, Shape::Line | Shape::Link) | (Format::Markdown, Shape::Section) => false,
        (Format::PlainText, Shape::Note) => below.any(|at| field(at).is_some()),
        (Format::Html | Format::Markdown, Shape::Note) => {
            below.any(|at| page.role(at) == Some(Role::Details))
        }
        (Format::PlainText, Shape::Section) => section_stop(page, head).is_some_and(|end| end > at),
        // The element may be one that a CRM put around the whole note.
        (Format::Html, Shape::Section) => {
            let is_ours = |at: usize| field(at).is_some() || page.role(at) == Some(Role::Footer);
            element_end(page, head).is_some_and(|end| end > at) && below.any(is_ours)
        }
    }
}

/// The first footer below all fields.
pub(super) fn below_fields(page: &Page) -> Option<usize> {
    let last = page.fields.iter().map(|found| found.last);
    let start = last.chain(page.details).max().map_or(0, |last| last + 1);
    (start..page.labels.len()).find(|at| page.role(*at) == Some(Role::Footer))
}
