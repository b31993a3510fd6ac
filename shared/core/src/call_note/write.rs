//! The markup of a field.

use super::field::{Field, Shape};
use super::labels::{DETAILS, END, JOURNEY_END, is_ours};
use super::value::Value;
use crate::digest::Format;
use crate::digest::escape::{guarded_line, name_within};
use crate::digest::lines::GUARD;

/// A line break within a value.
pub(super) fn line_break(format: Format) -> &'static str {
    match format {
        Format::Html => "<br>",
        Format::PlainText => "\n",
        Format::Markdown => "  \n",
    }
}

/// A value alone. One that may have several lines ends in our sign.
pub(super) fn markup(format: Format, field: Field, value: &Value) -> String {
    match (value, field.shape()) {
        (Value::Link(link), _) => link_markup(format, link),
        (Value::Text(text), Shape::Note | Shape::Section) => {
            let lines: Vec<_> = (text.split('\n'))
                .map(|line| guarded_line(format, line, is_ours))
                .collect();
            lines.join(line_break(format)) + &GUARD.to_string()
        }
        (Value::Text(text), Shape::Line | Shape::Link) | (Value::Pending(text), _) => {
            name_within(format, text)
        }
    }
}

fn link_markup(format: Format, link: &str) -> String {
    match format {
        Format::Html => format!(
            "<a target=\"_blank\" href=\"{}\">open</a>",
            html_escape::encode_double_quoted_attribute(link)
        ),
        Format::PlainText => link.to_owned(),
        // Within <…> nothing is a construct, and an address has neither white space nor <>.
        Format::Markdown => format!("<{}>", link.replace('<', "%3C").replace('>', "%3E")),
    }
}

/// How a field is to be written that does not stand in a body yet.
pub(super) struct Style {
    pub(super) format: Format,
    /// Whether the label of the contact's number says that the user called.
    pub(super) outbound: bool,
    /// Whether labels are bold in HTML.
    pub(super) bold: bool,
    /// Whether the note brings the heading below it.
    pub(super) details: bool,
}

impl Style {
    /// A whole field: label, value and what ends it.
    pub(super) fn block(&self, field: Field, value: &Value) -> String {
        let value = markup(self.format, field, value);
        let label = field.label(self.format, self.outbound);
        match self.format {
            Format::Html => self.html(field, label, &value),
            Format::PlainText => plain(field, label, &value),
            Format::Markdown => self.markdown(field, label, &value),
        }
    }

    fn html(&self, field: Field, label: &str, value: &str) -> String {
        let strong = |label: &str| match self.bold {
            true => format!("<b>{label}</b>"),
            false => label.to_owned(),
        };
        let label = strong(label);
        match field.shape() {
            Shape::Note => {
                let details = match self.details {
                    true => strong(DETAILS) + "<br>",
                    false => String::new(),
                };
                format!("{label}<br>{value}<br><br>{details}")
            }
            Shape::Line | Shape::Link => format!("<li>{label}: {value}</li>"),
            Shape::Section => {
                let gap = if has_gap(field) { "<br>" } else { "" };
                format!("<div>{label}<br>{value}</div>{gap}")
            }
        }
    }

    fn markdown(&self, field: Field, label: &str, value: &str) -> String {
        match field.shape() {
            Shape::Note => {
                let details = match self.details {
                    true => format!("## {DETAILS}\n"),
                    false => String::new(),
                };
                format!("## {label}\n{value}\n\n{details}")
            }
            Shape::Line | Shape::Link => format!("**{label}**: {value}  \n"),
            Shape::Section => format!("### {label}\n{value}\n\n"),
        }
    }
}

fn plain(field: Field, label: &str, value: &str) -> String {
    let end = match field == Field::Legs {
        true => JOURNEY_END,
        false => END,
    };
    match field.shape() {
        Shape::Note | Shape::Line | Shape::Link => format!("- {label}: {value}\n"),
        Shape::Section => format!("- {label}:\n{value}\n{end}\n"),
    }
}

/// Whether a section in HTML has a blank line below it.
pub(super) fn has_gap(field: Field) -> bool {
    matches!(field, Field::AiNote | Field::Transcript)
}
