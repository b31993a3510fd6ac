//! Which lines of a body begin or end a field.

use std::sync::LazyLock;

use super::field::{Field, Shape};
use crate::digest::Format;
use crate::digest::block::{BEGIN, is_footer, may_be_footer};
use crate::digest::lines::{Glyph, Line, is_left_out};

/// The heading between the agent's note and the other fields, in HTML and Markdown.
pub(super) const DETAILS: &str = "Call details";
/// What ends a section in plain text.
pub(super) const END: &str = "--- END";
/// What ends the stages of a call in plain text.
pub(super) const JOURNEY_END: &str = "--- JOURNEY END";

/// What a line is to the note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It begins a field; `current` where the label is the one that is written today.
    Field { field: Field, current: bool },
    /// It is the heading [`DETAILS`].
    Details,
    /// It ends a section.
    End,
    /// It is a heading of Markdown that is none of ours.
    Heading,
    /// It is the line with the mark, below which nothing is ours.
    Footer,
}

/// A line that is ours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label {
    pub(super) role: Role,
    /// Where the first character of the label stands in the body.
    pub(super) start: usize,
    /// How many glyphs of the line are the label.
    pub(super) glyphs: usize,
}

/// Reads a line; `None` for one that a person typed.
pub(super) fn label(format: Format, line: &Line) -> Option<Label> {
    let is_heading = format == Format::Markdown && line.glyphs.iter().any(|glyph| glyph.c == '#');
    if line.guarded || !(is_heading || is_ours(&line.key)) {
        return None;
    }
    let mut cursor = Cursor::new(&line.glyphs);
    cursor.skip();
    let start = line.glyphs.get(cursor.at)?.start;
    let role = match (is_footer(line), format) {
        (true, _) => Some(Role::Footer),
        (false, Format::Html) => html(&mut cursor),
        (false, Format::PlainText) => plain(line, &mut cursor),
        (false, Format::Markdown) => markdown(&mut cursor),
    }?;
    Some(Label {
        role,
        start,
        glyphs: cursor.at,
    })
}

/// Whether a line with this key may be ours, in any format. A typed one is guarded; no other line
/// is one of ours, but for headings of Markdown, which nobody can type.
pub(super) fn is_ours(key: &str) -> bool {
    // Below what looks like a digest's BEGIN, a mark would not count.
    key == BEGIN || may_be_footer(key) || begins_with_words(key)
}

fn begins_with_words(key: &str) -> bool {
    static WORDS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let fixed = [DETAILS, END, JOURNEY_END];
        let all = fixed.into_iter().chain(NAMES.iter().map(|(name, _)| *name));
        all.map(|words| words.replace([' ', '-'], "").to_ascii_lowercase())
            .collect()
    });
    let key = key.trim_start_matches(|c: char| !c.is_alphanumeric());
    WORDS.iter().any(|words| {
        let (start, rest) = match key.split_at_checked(words.len()) {
            Some(parts) => parts,
            None => return false,
        };
        start.eq_ignore_ascii_case(words) && !rest.starts_with(|c: char| c.is_alphanumeric())
    })
}

/// Every label that is read, and whose it is.
static NAMES: LazyLock<Vec<(&str, Field)>> = LazyLock::new(|| {
    let mut names = Vec::new();
    for field in Field::ALL {
        let written = Format::ALL.map(|format| field.label(format, false));
        for name in written.iter().chain(field.other_labels()) {
            if !names.contains(&(*name, field)) {
                names.push((*name, field));
            }
        }
    }
    names
});

fn html(cursor: &mut Cursor<'_>) -> Option<Role> {
    field(Format::Html, cursor, |cursor, shape| match shape {
        Shape::Note | Shape::Section => {
            cursor.take(':');
            cursor.is_done()
        }
        Shape::Line | Shape::Link => cursor.take(':'),
    })
    .or_else(|| (cursor.words(DETAILS) && cursor.is_done()).then_some(Role::Details))
}

fn plain(line: &Line, cursor: &mut Cursor<'_>) -> Option<Role> {
    if matches!(line.key.as_str(), "---END" | "---JOURNEYEND") {
        return Some(Role::End);
    }
    if !cursor.take('-') {
        return None;
    }
    field(Format::PlainText, cursor, |cursor, shape| {
        cursor.take(':')
            && match shape {
                Shape::Section => cursor.is_done(),
                Shape::Note | Shape::Line | Shape::Link => true,
            }
    })
}

fn markdown(cursor: &mut Cursor<'_>) -> Option<Role> {
    let level = (0..6).take_while(|_| cursor.take('#')).count();
    if level == 0 {
        return field(Format::Markdown, cursor, |cursor, shape| {
            matches!(shape, Shape::Line | Shape::Link) && cursor.spells("**:")
        });
    }
    let ends = |cursor: &mut Cursor<'_>| {
        while cursor.take('#') {}
        cursor.is_done()
    };
    field(Format::Markdown, cursor, |cursor, shape| {
        matches!(shape, Shape::Note | Shape::Section) && ends(cursor)
    })
    .or_else(|| (cursor.words(DETAILS) && ends(cursor)).then_some(Role::Details))
    .or(Some(Role::Heading))
}

/// The field whose label stands at the cursor, and behind it what `follows` its shape.
fn field(
    format: Format,
    cursor: &mut Cursor<'_>,
    follows: impl Fn(&mut Cursor<'_>, Shape) -> bool,
) -> Option<Role> {
    let start = cursor.at;
    let read = NAMES
        .iter()
        .filter(|(name, field)| is_read(format, name, *field));
    for (name, field) in read.copied() {
        let shape = field.shape();
        let bold = format == Format::Markdown && matches!(shape, Shape::Line | Shape::Link);
        if (!bold || cursor.spells("**")) && cursor.words(name) && follows(cursor, shape) {
            let written = [true, false].map(|outbound| field.label(format, outbound));
            let current = written
                .iter()
                .any(|written| written.eq_ignore_ascii_case(name));
            return Some(Role::Field { field, current });
        }
        cursor.at = start;
    }
    None
}

/// Whether a label is read in a format: `Note` is too common a word to be one by itself.
fn is_read(format: Format, name: &str, field: Field) -> bool {
    match format {
        Format::Html | Format::Markdown => field != Field::Note || name != "Note",
        Format::PlainText => true,
    }
}

/// A place in a line, for reading past white space and what nobody sees.
struct Cursor<'a> {
    glyphs: &'a [Glyph],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn new(glyphs: &'a [Glyph]) -> Self {
        Self { glyphs, at: 0 }
    }

    fn skip(&mut self) {
        while self
            .glyphs
            .get(self.at)
            .is_some_and(|glyph| is_left_out(glyph.c))
        {
            self.at += 1;
        }
    }

    /// Goes past `c`, in any letter case, if it comes next.
    fn take(&mut self, c: char) -> bool {
        let start = self.at;
        self.skip();
        let is_next = self
            .glyphs
            .get(self.at)
            .is_some_and(|glyph| glyph.c.eq_ignore_ascii_case(&c));
        self.at = match is_next {
            true => self.at + 1,
            false => start,
        };
        is_next
    }

    /// Goes past `words`, whatever white space is in and between them.
    fn words(&mut self, words: &str) -> bool {
        let visible = words.chars().filter(|c| !c.is_whitespace());
        self.spells_all(visible)
    }

    fn spells(&mut self, signs: &str) -> bool {
        self.spells_all(signs.chars())
    }

    fn spells_all(&mut self, mut chars: impl Iterator<Item = char>) -> bool {
        let start = self.at;
        let all = chars.all(|c| self.take(c));
        if !all {
            self.at = start;
        }
        all
    }

    fn is_done(&mut self) -> bool {
        let start = self.at;
        self.skip();
        let is_done = self.at == self.glyphs.len();
        if !is_done {
            self.at = start;
        }
        is_done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::escape::guarded_line;
    use crate::digest::lines::scan;

    fn role(format: Format, line: &str) -> Option<Role> {
        let document = scan(format, line);
        document
            .lines
            .iter()
            .find_map(|line| label(format, line))
            .map(|label| label.role)
    }

    fn is(field: Field, current: bool) -> Option<Role> {
        Some(Role::Field { field, current })
    }

    #[test]
    fn every_label_is_read_as_it_is_written() {
        for format in Format::ALL {
            for field in Field::ALL {
                for label in [true, false].map(|outbound| field.label(format, outbound)) {
                    let line = match (format, field.shape()) {
                        (Format::Html, Shape::Note | Shape::Section) => format!("<b>{label}</b>"),
                        (Format::Html, Shape::Line | Shape::Link) => format!("<b>{label}</b>: x"),
                        (Format::PlainText, Shape::Section) => format!("- {label}:"),
                        (Format::PlainText, _) => format!("- {label}: x"),
                        (Format::Markdown, Shape::Note) => format!("## {label}"),
                        (Format::Markdown, Shape::Section) => format!("### {label}"),
                        (Format::Markdown, Shape::Line | Shape::Link) => format!("**{label}**: x"),
                    };
                    assert_eq!(role(format, &line), is(field, true), "{line}");
                    let typed = guarded_line(format, label, is_ours);
                    assert_eq!(role(format, &typed), None, "{typed}");
                }
            }
        }
    }

    #[test]
    fn older_labels_and_other_letter_case_are_read() {
        let ace = is(Field::AceTranscript, false);
        assert_eq!(role(Format::PlainText, "- RingSense transcript:"), ace);
        assert_eq!(role(Format::Html, "<b>RingSense transcript</b>"), ace);
        assert_eq!(
            role(Format::Html, "<b>AI note</b>"),
            is(Field::AiNote, true)
        );
        assert_eq!(
            role(Format::Html, "<li>Date&nbsp;/ time : x"),
            is(Field::DateTime, true)
        );
        assert_eq!(
            role(Format::PlainText, "- Agent notes: x"),
            is(Field::Note, false)
        );
    }

    #[test]
    fn the_footer_is_read_in_every_format() {
        for (format, line) in [
            (
                Format::Html,
                "<i>--- Created via RingCentral App&nbsp;Connect [x]</i>",
            ),
            (Format::PlainText, "--- Created via RingCentral App Connect"),
            (
                Format::Markdown,
                "\\--- Created via RingCentral App Connect [x]",
            ),
        ] {
            assert_eq!(role(format, line), Some(Role::Footer), "{line}");
        }
        for format in Format::ALL {
            for line in [
                "\u{2060}--- Created via RingCentral App Connect",
                "Call score: Created via RingCentral App Connect",
            ] {
                assert_ne!(role(format, line), Some(Role::Footer), "{line}");
            }
        }
    }

    #[test]
    fn what_only_resembles_a_label_is_a_persons() {
        for (format, line) in [
            (Format::Html, "Durations: x"),
            (Format::Html, "The duration: x"),
            (Format::Html, "Transcript of it"),
            (Format::Html, "Note: x"),
            (Format::PlainText, "Result: x"),
            (Format::PlainText, "- Transcript: see below"),
            (Format::PlainText, "--- THE END"),
            (Format::Markdown, "Result: x"),
            (Format::Markdown, "\\*\\*Result\\*\\*: x"),
            (Format::Markdown, "AI Note"),
            (Format::Markdown, "\u{2060}### AI Note"),
        ] {
            assert_eq!(role(format, line), None, "{line}");
        }
    }

    #[test]
    fn what_could_be_taken_for_ours_is_guarded_when_it_is_typed() {
        for line in [
            "- Result: x",
            "  -  result : x",
            "<b>AI Note</b>",
            "**Summary**: x",
            "### Transcript",
            "--- END",
            "--- JOURNEY END",
            "Call details",
            "RingSense summary",
            "E\u{200b}ND",
            "BEGIN",
            "--- Created via RingCentral App Connect [x]",
            "x Created via RingCentral",
        ] {
            for format in Format::ALL {
                let typed = guarded_line(format, line, is_ours);
                // In HTML a typed tag is no tag, so that its words do not begin the line.
                let is_tag = line.starts_with('<');
                assert!(is_tag || typed.starts_with('\u{2060}'), "{typed}");
                assert_eq!(role(format, &typed), None, "{typed}");
            }
        }
        assert!(!is_ours("hello"));
        assert!(!is_ours("Results"));
    }
}
