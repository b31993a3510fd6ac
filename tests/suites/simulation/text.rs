//! Reads a note as a person does: its lines, without the core's help.

use std::collections::BTreeSet;

use daybook_core::digest::Format;

/// The character that the engine puts before a typed line which looks like one of its own.
const GUARD: char = '\u{2060}';

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// What can be seen of it, without white space.
    pub(crate) key: String,
    /// Whether it is something that was typed, and says so.
    pub(crate) guarded: bool,
}

/// A note, read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Note {
    pub(crate) lines: Vec<Line>,
    /// The names of its tags, and every tag that has attributes, whole.
    pub(crate) tags: BTreeSet<String>,
}

/// What two texts are compared by: what can be seen, of the first plane.
pub(crate) fn key(text: &str) -> String {
    text.chars()
        .filter(|c| {
            !c.is_whitespace()
                && u32::from(*c) <= 0xffff
                && !matches!(*c, GUARD | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
        })
        .collect()
}

/// Reads a note.
pub(crate) fn read(format: Format, body: &str) -> Note {
    let (text, tags) = match format {
        Format::Html => html(body),
        Format::PlainText => (body.to_owned(), BTreeSet::new()),
        Format::Markdown => (markdown(body), BTreeSet::new()),
    };
    let lines = text
        .split('\n')
        .map(|line| Line {
            key: key(line),
            guarded: line.trim_start().starts_with(GUARD),
        })
        .filter(|line| !line.key.is_empty())
        .collect();
    Note { lines, tags }
}

/// The text of HTML with a line break for each tag that makes one.
fn html(body: &str) -> (String, BTreeSet<String>) {
    let mut text = String::with_capacity(body.len());
    let mut tags = BTreeSet::new();
    let mut rest = body;
    while let Some(at) = rest.find(['<', '&']) {
        let (before, found) = rest.split_at(at);
        text.push_str(&before.replace('\n', " "));
        if found.starts_with('&') {
            rest = entity(found, &mut text);
            continue;
        }
        let is_tag = found[1..].starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c));
        let Some(end) = found.find('>').filter(|_| is_tag) else {
            text.push('<');
            rest = &found[1..];
            continue;
        };
        let inner = found[1..end].trim_matches('/').trim().to_ascii_lowercase();
        if matches!(inner.as_str(), "br" | "p" | "div" | "ul" | "ol" | "li") {
            text.push('\n');
        }
        tags.insert(inner);
        rest = &found[end + 1..];
    }
    text.push_str(&rest.replace('\n', " "));
    (text, tags)
}

/// Reads the entity at the start of `found`; gives what follows it.
fn entity<'a>(found: &'a str, text: &mut String) -> &'a str {
    let named = [
        ("&amp;", '&'),
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&quot;", '"'),
        ("&#39;", '\''),
        ("&nbsp;", '\u{a0}'),
    ];
    for (name, c) in named {
        if let Some(rest) = found.strip_prefix(name) {
            text.push(c);
            return rest;
        }
    }
    text.push('&');
    &found[1..]
}

/// The text of Markdown as the engine writes it: list marks and backslashes taken out.
fn markdown(body: &str) -> String {
    let lines = body.split('\n').map(|line| {
        let line = line.strip_prefix("- ").unwrap_or(line).replace("**", "");
        let mut text = String::new();
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            match (c, chars.peek()) {
                ('\\', Some(next)) if next.is_ascii_punctuation() => {
                    text.push(*next);
                    chars.next();
                }
                _ => text.push(c),
            }
        }
        text
    });
    lines.collect::<Vec<_>>().join("\n")
}
