//! A body, read: which fields stand in it, where, and what they say.
//!
//! A field begins at a line that starts with its label. The note and sections of ours end at an
//! invisible sign, so that what a person writes below them is the person's; those of App Connect's
//! server, and those of which a CRM dropped the sign, end where [`super::extent`] says.

use std::ops::Range;

use super::extent::Extent;
use super::field::{Field, Shape};
use super::footer;
use super::labels::{Label, Role, label};
use super::spelling::{line_text, lines_text};
use super::tree::bold;
use crate::digest::Format;
use crate::digest::elements::href;
use crate::digest::lines::{Document, Line, TagKind, scan};

/// A field that stands in a body.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) field: Field,
    /// Whether its label is the one that is written today.
    current: bool,
    /// The line of its label.
    pub(super) head: usize,
    /// Its last line, with what ends it.
    pub(super) last: usize,
    /// The bytes of the body that are its label.
    pub(super) label: Range<usize>,
    /// The bytes that a new value replaces.
    pub(super) value: Range<usize>,
    /// What has to stand between label and value, where the bytes of the value hold that too.
    pub(super) lead: Lead,
    /// What it says.
    pub(super) text: String,
}

/// What stands between a label and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lead {
    /// A space.
    Space,
    /// A line break.
    Break,
    /// What is there already.
    Nothing,
}

/// A body, read.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) format: Format,
    pub(super) body: String,
    pub(super) document: Document,
    pub(super) labels: Vec<Option<Label>>,
    /// Whether labels in HTML are bold; a CRM may drop that.
    pub(super) bold: bool,
    /// Each field once, in the order in which they stand.
    pub(super) fields: Vec<Found>,
    /// The line of the heading between the note and the other fields.
    pub(super) details: Option<usize>,
    /// The line with the mark, above which all fields stand.
    pub(super) footer: Option<usize>,
}

impl Page {
    pub(super) fn read(format: Format, body: String) -> Self {
        let document = scan(format, &body);
        let labels: Vec<_> = (document.lines.iter())
            .map(|line| label(format, line))
            .collect();
        let mut page = Self {
            format,
            body,
            document,
            labels,
            bold: true,
            fields: Vec::new(),
            details: None,
            footer: None,
        };
        footer::keep_above(&mut page);
        if format == Format::Html {
            page.keep_bold();
        }
        page.find();
        page.footer = footer::below_fields(&page);
        page
    }

    /// The field, where it stands.
    pub(super) fn field(&self, field: Field) -> Option<&Found> {
        self.fields.iter().find(|found| found.field == field)
    }

    pub(super) fn line(&self, at: usize) -> Option<&Line> {
        self.document.lines.get(at)
    }

    pub(super) fn role(&self, at: usize) -> Option<Role> {
        self.labels.get(at)?.map(|label| label.role)
    }

    /// Takes labels that are not bold for a person's words, unless most labels are not: then a CRM
    /// dropped what was bold.
    fn keep_bold(&mut self) {
        let ranges = bold(&self.document);
        let is_bold = |label: &Label| {
            let after = ranges.partition_point(|range| range.end <= label.start);
            ranges
                .get(after)
                .is_some_and(|range| range.contains(&label.start))
        };
        let mut kinds: [Vec<Role>; 2] = Default::default();
        let is_footer = |label: &Label| label.role == Role::Footer;
        let labels = self.labels.iter().flatten();
        for label in labels.filter(|label| !is_footer(label)) {
            let kind = &mut kinds[usize::from(is_bold(label))];
            if !kind.contains(&label.role) {
                kind.push(label.role);
            }
        }
        let [flat, bold] = kinds.map(|roles| roles.len());
        self.bold = flat <= bold;
        if self.bold {
            for label in &mut self.labels {
                *label = label.filter(|label| is_footer(label) || is_bold(label));
            }
        }
    }

    fn find(&mut self) {
        let mut at = 0;
        while at < self.labels.len() {
            let next = match self.role(at) {
                Some(Role::Field { field, current }) => self.take(at, field, current),
                Some(Role::Details) => {
                    self.details.get_or_insert(at);
                    None
                }
                Some(Role::End | Role::Heading | Role::Footer) | None => None,
            };
            at = next.unwrap_or(at + 1);
        }
    }

    /// Reads the field that begins at a line, unless it stands further up already; returns the
    /// line below it.
    fn take(&mut self, head: usize, field: Field, current: bool) -> Option<usize> {
        let earlier = self.fields.iter().position(|found| found.field == field);
        if let Some(earlier) = earlier {
            // Where a newer label stands below an older one, the older one is forsaken.
            if self.fields.get(earlier)?.current || !current {
                return None;
            }
            self.fields.remove(earlier);
        }
        let label = self.labels.get(head).copied().flatten()?;
        let found = match field.shape() {
            Shape::Line | Shape::Link => self.one_line(head, field, current, label)?,
            Shape::Note | Shape::Section => self.many_lines(head, field, current, label)?,
        };
        let next = found.last + 1;
        if field == Field::Note && self.role(found.last) == Some(Role::Details) {
            self.details.get_or_insert(found.last);
        }
        self.fields.push(found);
        Some(next)
    }

    fn one_line(&self, head: usize, field: Field, current: bool, label: Label) -> Option<Found> {
        let line = self.line(head)?;
        let label_end = self.label_end(head, label)?;
        let mut said = line.glyphs.get(label.glyphs..)?.iter();
        let said = said.rfind(|glyph| !glyph.c.is_whitespace());
        let mut value = label_end..said.map_or(label_end, |glyph| glyph.end);
        let mut text = line_text(self.format, line, label.glyphs);
        if field.shape() == Shape::Link {
            text = self.address(head, &mut value).unwrap_or(text);
        }
        Some(Found {
            field,
            current,
            head,
            last: head,
            label: label.start..label_end,
            value,
            lead: Lead::Space,
            text,
        })
    }

    fn label_end(&self, head: usize, label: Label) -> Option<usize> {
        let last = label.glyphs.checked_sub(1)?;
        Some(self.line(head)?.glyphs.get(last)?.end)
    }

    /// The address that a link's value has, which is made to reach over the link's tags.
    fn address(&self, head: usize, value: &mut Range<usize>) -> Option<String> {
        match self.format {
            Format::PlainText => None,
            Format::Markdown => {
                let link = self.body.get(value.clone())?.trim();
                let link = link
                    .strip_prefix('<')
                    .and_then(|link| link.strip_suffix('>'));
                link.map(str::to_owned)
            }
            Format::Html => {
                let below = self
                    .line(head + 1)
                    .map_or(self.body.len(), |line| line.start);
                let links: Vec<_> = (self.document.tags.iter())
                    .filter(|tag| value.start <= tag.start && tag.end <= below && tag.name == "a")
                    .collect();
                if let Some(close) = links.last() {
                    value.end = value.end.max(close.end);
                }
                let open = links.iter().find(|tag| tag.kind == TagKind::Open)?;
                href(self.body.get(open.start..open.end)?)
            }
        }
    }

    fn many_lines(&self, head: usize, field: Field, current: bool, label: Label) -> Option<Found> {
        let extent = Extent::find(self, head, field);
        let label_end = self.label_end(head, label)?;
        let is_inline = extent.value.start == head;
        let behind = self.line(head)?.glyphs.get(label.glyphs);
        let skip = match is_inline {
            // Behind the label there is one space that nobody typed.
            true => label.glyphs + usize::from(behind.is_some_and(|glyph| glyph.c == ' ')),
            false => 0,
        };
        let said = self.said(extent.value.clone(), skip);
        let (start, lead) = match &said {
            _ if is_inline => (label_end, Lead::Space),
            Some(said) => (said.start, Lead::Nothing),
            None => (label_end, Lead::Break),
        };
        Some(Found {
            field,
            current,
            head,
            last: extent.last,
            label: label.start..label_end,
            value: start..said.map_or(start, |said| said.end),
            lead,
            text: lines_text(self.format, &self.document, extent.value, skip),
        })
    }

    /// The bytes from the start of the first line that says something, or has our sign, to the end
    /// of the last; of the first line of all, the first `skip` glyphs do not count.
    fn said(&self, lines: Range<usize>, skip: usize) -> Option<Range<usize>> {
        let from = lines.start;
        let last_glyph = |at: usize| {
            let skip = if at == from { skip } else { 0 };
            let mut glyphs = self.line(at)?.glyphs.get(skip..)?.iter();
            glyphs.rfind(|glyph| !glyph.c.is_whitespace())
        };
        let first = lines.clone().find(|at| last_glyph(*at).is_some())?;
        let end = lines.rev().find_map(last_glyph)?.end;
        Some(self.line(first)?.start..end)
    }
}
