//! Which line is the footer: what is below it is a person's.
//!
//! A typed line that looks like it has our sign before it. Where a CRM drops the sign, or another
//! server never wrote it, such a line is known by what it stands in.

use super::extent::{element_end, is_signed, section_stop};
use super::field::{Field, Shape};
use super::labels::Role;
use super::page::Page;
use crate::digest::Format;

/// Takes typed footers, and all labels below the last of the others, for a person's words.
pub(super) fn keep_above(page: &mut Page) {
    let typed = typed(page);
    let is_ours = |at: &usize| is_footer(page, *at) && typed.binary_search(at).is_err();
    let last = (0..page.labels.len()).rfind(is_ours);
    let below = last.map_or(page.labels.len(), |last| last + 1);
    for at in typed.into_iter().chain(below..page.labels.len()) {
        if let Some(label) = page.labels.get_mut(at) {
            *label = None;
        }
    }
}

fn is_footer(page: &Page, at: usize) -> bool {
    page.role(at) == Some(Role::Footer)
}

fn field(page: &Page, at: usize) -> Option<Field> {
    match page.role(at) {
        Some(Role::Field { field, .. }) => Some(field),
        Some(Role::Details | Role::End | Role::Heading | Role::Footer) | None => None,
    }
}

/// The footers that stand within the note or a section without our sign: what ends it is below.
fn typed(page: &Page) -> Vec<usize> {
    let mut typed = Vec::new();
    let mut begun = Vec::new();
    let mut end = 0;
    for at in 0..page.labels.len() {
        if let Some(field) = field(page, at).filter(|field| !begun.contains(field)) {
            begun.push(field);
            end = end_below(page, at, field);
        }
        if is_footer(page, at) && at < end {
            typed.push(at);
        }
        if page.line(at).is_some_and(is_signed) {
            end = 0;
        }
    }
    typed
}

/// The line that ends what begins at `head`, if there is one that is no footer.
fn end_below(page: &Page, head: usize, begun: Field) -> usize {
    let below = head + 1..page.labels.len();
    let last = |is: &dyn Fn(usize) -> bool| below.clone().rfind(|at| is(*at)).unwrap_or(0);
    let last_field = || last(&|at| field(page, at).is_some());
    match (page.format, begun.shape()) {
        (_, Shape::Line | Shape::Link) | (Format::Markdown, Shape::Section) => 0,
        (Format::PlainText, Shape::Note) => last_field(),
        (Format::Html | Format::Markdown, Shape::Note) => {
            last(&|at| page.role(at) == Some(Role::Details))
        }
        (Format::PlainText, Shape::Section) => section_stop(page, head).unwrap_or(0),
        // The element may be one that a CRM put around the whole note.
        (Format::Html, Shape::Section) => {
            let last_of_ours = last_field().max(last(&|at| is_footer(page, at)));
            element_end(page, head).unwrap_or(0).min(last_of_ours)
        }
    }
}

/// The first footer below all fields.
pub(super) fn below_fields(page: &Page) -> Option<usize> {
    let last = page.fields.iter().map(|found| found.last);
    let start = last.chain(page.details).max().map_or(0, |last| last + 1);
    (start..page.labels.len()).find(|at| is_footer(page, *at))
}
