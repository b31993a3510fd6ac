//! Reads a note that holds nothing but what we write, without the core's help, and refuses every
//! other one. What is typed stands in it as text, or it is not read.

mod html;
mod markdown;
mod plain;

use daybook_core::digest::{FOOTER, Format};

/// A note, read.
#[derive(Debug)]
pub(crate) struct Note {
    /// The line that is the subject as well.
    pub(crate) subject: String,
    /// The participants.
    pub(crate) people: Vec<String>,
    /// The number that the counter says.
    pub(crate) count: usize,
    pub(crate) entries: Vec<Shown>,
}

/// A message as it is shown.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// Its sender and its time.
    pub(crate) header: String,
    pub(crate) lines: Vec<String>,
}

type Read<T> = Result<T, String>;

/// Reads a note.
pub(crate) fn read(format: Format, note: &str) -> Read<Note> {
    match format {
        Format::Html => html::read(note),
        Format::PlainText => plain::read(note),
        Format::Markdown => markdown::read(note),
    }
}

/// The sign before a typed line that looks like one of ours (WORD JOINER).
const GUARD: char = '\u{2060}';

/// Whether a shown line says `typed`: besides it there may be our sign, and the characters that
/// close what its directions leave open.
pub(crate) fn says(shown: &str, typed: &str) -> bool {
    let closes = |rest: &str| rest.chars().all(|c| matches!(c, '\u{202c}' | '\u{2069}'));
    let is_said = |shown: &str| shown.strip_prefix(typed).is_some_and(closes);
    is_said(shown) || shown.strip_prefix(GUARD).is_some_and(is_said)
}

/// The number of a counter.
fn count(line: &str) -> Read<usize> {
    let number = line.strip_prefix("Conversation(");
    let number = number.and_then(|rest| rest.strip_suffix(" messages)"));
    let number = number.and_then(|number| number.parse().ok());
    number.ok_or_else(|| format!("{line:?} is no counter"))
}

/// Checks a footer: our words and a mark.
fn footer(line: &str) -> Read<()> {
    let mark = line
        .strip_prefix(FOOTER)
        .and_then(|rest| rest.strip_prefix(" ["));
    let mark = mark.and_then(|rest| rest.strip_suffix(']'));
    match mark {
        Some(mark) if mark.len() == "k7m2-9xqd-4tfa".len() => Ok(()),
        Some(_) | None => Err(format!("{line:?} is no footer")),
    }
}

fn expect(line: &str, expected: &str) -> Read<()> {
    match line == expected {
        true => Ok(()),
        false => Err(format!("{line:?} stands where {expected:?} belongs")),
    }
}
