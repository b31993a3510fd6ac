//! The note of a phone call: one document with fields in a fixed order, in three formats.
//!
//! Pure functions: [`create`] makes a new body that ends in a mark, [`apply`] brings what one
//! request tells into a body, of which all else stays as it is; [`read`] says what stands in one,
//! and [`same_text`] whether two say the same. Bodies of App Connect's server are carried on in place.
//! The rules are in docs/call-notes.md.

mod date;
mod extent;
mod field;
mod footer;
mod labels;
mod layout;
mod page;
mod place;
mod same;
mod spelling;
mod tree;
mod value;
mod write;

#[cfg(test)]
mod tests;

pub use field::Field;
pub use layout::{DATE_FORMAT_SETTING, DEFAULT_DATE_FORMAT, Layout};
pub use same::same_text;

use std::collections::BTreeMap;

use crate::call::{CallFields, Direction};
use crate::digest::insert::{Edit, apply as edited, replace_range};
use crate::digest::{Format, Mark, footer_line};
use field::RECIPIENT;
use page::{Found, Lead, Page};
use value::{Value, says, value};
use write::{Style, line_break, markup};

/// What [`apply`] makes of a body.
#[derive(Clone, PartialEq, Eq)]
pub struct Applied {
    /// The body to write; the given one, byte for byte, where nothing changed.
    pub body: String,
    /// Whether there is anything to write.
    pub changed: bool,
    /// The agent's note as it stands in the body; empty where there is none.
    pub note: String,
}

/// What stands in a body.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The agent's note.
    pub note: Option<String>,
    /// The subject.
    pub subject: Option<String>,
    /// What each field says that stands there: text as it was typed, a link as its address.
    pub values: BTreeMap<Field, String>,
}

/// A new note: what is told of a call, and below it the footer with the log's mark.
///
/// # Shape
/// The footer is that of digests, in which [`contains_mark`](crate::digest::contains_mark) finds
/// the mark whatever the fields say. Without any field that the layout shows it stands alone.
pub fn create(format: Format, layout: &Layout, fields: &CallFields, mark: Mark) -> String {
    apply(format, layout, &footer_line(format, Some(mark)), fields).body
}

/// The mark in the footer of a body; `None` where there is no footer, or none in it.
pub fn mark_of(format: Format, body: &str) -> Option<Mark> {
    let page = Page::read(format, body.to_owned());
    crate::digest::mark_of(page.line(page.footer?)?)
}

/// Brings what a request carries into a body.
///
/// # Shape
/// An empty body makes a new note. A field that the request does not carry, or that the layout
/// does not show, stays as it is. Every field comes above the footer, if there is one; what is
/// below it is a person's. Once more with the same fields is `changed: false`.
pub fn apply(format: Format, layout: &Layout, body: &str, fields: &CallFields) -> Applied {
    let start = match body.trim().is_empty() {
        true => "",
        false => body,
    };
    let mut page = Page::read(format, start.to_owned());
    let mut changed = false;
    for field in Field::ALL.into_iter().filter(|field| layout.shows(*field)) {
        if let Some(value) = value(layout, fields, field)
            && let Some(next) = with(&page, field, &value, fields.direction)
        {
            page = next;
            changed = true;
        }
    }
    let note = page.field(Field::Note).map(|found| found.text.clone());
    Applied {
        body: match changed {
            true => page.body,
            false => body.to_owned(),
        },
        changed,
        note: note.unwrap_or_default(),
    }
}

/// Reads a body.
pub fn read(format: Format, body: &str) -> Parsed {
    let page = Page::read(format, body.to_owned());
    let values: BTreeMap<_, _> = (page.fields.into_iter())
        .map(|found| (found.field, found.text))
        .filter(|(_, text)| !text.is_empty())
        .collect();
    Parsed {
        note: values.get(&Field::Note).cloned(),
        subject: values.get(&Field::Subject).cloned(),
        values,
    }
}

/// The page with one field; `None` where it says that already.
fn with(page: &Page, field: Field, value: &Value, direction: Option<Direction>) -> Option<Page> {
    let found = edits(page, field, value, direction)?;
    let is_bare = page.format == Format::Html && page.document.tags.is_empty();
    if is_bare && page.body.contains('\n') {
        // A CRM dropped all tags. With the first new one, line breaks would end no lines any more.
        let body = page.body.replace("\r\n", "\n").replace('\n', "<br>\n");
        return with(&Page::read(page.format, body), field, value, direction);
    }
    Some(Page::read(page.format, edited(&page.body, found)))
}

fn edits(
    page: &Page,
    field: Field,
    value: &Value,
    direction: Option<Direction>,
) -> Option<Vec<Edit>> {
    let edits = match page.field(field) {
        Some(found) => {
            let relabelled = relabelled(page, found, direction);
            let replaced = (!says(&found.text, value)).then(|| replaced(page, found, value));
            relabelled.into_iter().chain(replaced).collect()
        }
        None => {
            let style = Style {
                format: page.format,
                outbound: direction == Some(Direction::Outbound),
                bold: page.bold,
                details: page.details.is_none(),
            };
            vec![place::put(page, field, &style.block(field, value))]
        }
    };
    (!edits.is_empty()).then_some(edits)
}

fn replaced(page: &Page, found: &Found, value: &Value) -> Edit {
    let lead = match found.lead {
        Lead::Space => " ",
        Lead::Break => line_break(page.format),
        Lead::Nothing => "",
    };
    let text = lead.to_owned() + &markup(page.format, found.field, value);
    replace_range(&page.document, found.value.clone(), &text)
}

/// Whose number the contact's is, where the direction is told after the number.
fn relabelled(page: &Page, found: &Found, direction: Option<Direction>) -> Option<Edit> {
    const CALLER: &str = "Caller";
    let recipient = RECIPIENT.split(' ').next().unwrap_or(RECIPIENT);
    let (from, to) = match direction.filter(|_| found.field == Field::ContactNumber)? {
        Direction::Inbound => (recipient, CALLER),
        Direction::Outbound => (CALLER, recipient),
    };
    let range = found.label.start..found.label.start + from.len();
    let stands = page.body.get(range.clone())?;
    (stands == from).then(|| (range, to.to_owned()))
}

// Numbers, names, and what people said.
crate::conceal!(Applied, Parsed);
