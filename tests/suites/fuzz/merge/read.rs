//! Reads a note as a person does, without the core's help.

use std::cmp::Reverse;

use daybook_core::digest::{FOOTER, Format};

use super::conversation::{Message, mark};

/// The tags that begin a line.
const BREAKING: [&str; 9] = [
    "br",
    "p",
    "div",
    "ul",
    "li",
    "hr",
    "table",
    "tr",
    "blockquote",
];

/// What lines are compared by: what can be seen of them, of the first plane.
pub(crate) fn key(format: Format, text: &str) -> String {
    let key: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control() && u32::from(*c) <= 0xffff)
        .filter(|c| !matches!(*c, '\u{2060}'..='\u{2069}' | '\u{200b}'..='\u{200f}'))
        .filter(|c| {
            !matches!(
                *c,
                '\u{202a}'..='\u{202e}' | '\u{feff}' | '\u{ad}' | '\u{fffd}'
            )
        })
        .filter(|c| format != Format::Markdown || !r"\*_`~#<>|".contains(*c))
        .collect();
    let bare = key.trim_start_matches(['-', '+']);
    match format == Format::Markdown && !bare.is_empty() {
        true => bare.to_owned(),
        false => key,
    }
}

/// The sign before a typed line that looks like one of ours.
const GUARD: char = '\u{2060}';

/// The keys of the lines that say something.
pub(crate) fn lines(format: Format, body: &str) -> Vec<String> {
    let keys = guarded(format, body).into_iter();
    keys.map(|line| line.trim_start_matches(GUARD).to_owned())
        .collect()
}

/// The keys of the lines that say something, with the sign before those that have it within, as
/// joined lines may, and twice before those that have it before all else.
fn guarded(format: Format, body: &str) -> Vec<String> {
    let text = match format {
        Format::Html => html(body),
        Format::PlainText | Format::Markdown => body.to_owned(),
    };
    let mut lines = Vec::new();
    for line in text.split('\n') {
        let key = key(format, line);
        match key.is_empty() {
            true => {}
            false => match line.split_once(GUARD) {
                Some((before, _)) if self::key(format, before).is_empty() => {
                    lines.push(format!("{GUARD}{GUARD}{key}"));
                }
                Some(_) => lines.push(format!("{GUARD}{key}")),
                None => lines.push(key),
            },
        }
    }
    lines
}

fn html(body: &str) -> String {
    let mut text = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.find('<') {
        let (before, found) = rest.split_at(at);
        text.push_str(&before.replace(['\r', '\n'], " "));
        let is_tag = found[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
        let Some(end) = found.find('>').filter(|_| is_tag) else {
            text.push('<');
            rest = &found[1..];
            continue;
        };
        if BREAKING.contains(&name(&found[..end]).as_str()) {
            text.push('\n');
        }
        rest = &found[end + 1..];
    }
    text.push_str(&rest.replace(['\r', '\n'], " "));
    [
        ("&lt;", "<"),
        ("&#60;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&nbsp;", " "),
        ("&#160;", " "),
        ("&eacute;", "é"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text, |text, (entity, c)| text.replace(entity, c))
}

fn name(tag: &str) -> String {
    let name = tag.trim_start_matches(['<', '/']).chars();
    name.take_while(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// The names of a body's tags.
pub(crate) fn tags(body: &str) -> Vec<String> {
    let starts = body.match_indices('<').filter_map(|(at, _)| body.get(at..));
    let mut names: Vec<_> = starts.map(name).filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// How much of an entry's first line must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum First {
    /// All of it.
    Whole,
    /// Its time, whatever the sender is called.
    Time,
}

/// Where a message stands, as numbers of lines: each of its lines, one after the other, the first
/// of them from its start.
fn places(
    format: Format,
    (lines, is_guarded): (&[String], bool),
    message: &Message,
    first: First,
) -> Vec<usize> {
    let header = key(format, &message.header());
    let said = message.text.split('\n').map(|line| key(format, line));
    let said: String = said.collect();
    let time = header
        .get(header.len() - "05:24AM".len()..)
        .unwrap_or_default();
    // A typed line that looks like one of ours has a sign before it, if the CRM leaves any.
    let end = lines.iter().rposition(|line| line == "END");
    let spelled = |at: usize, wanted: &str| {
        let mut rest = wanted;
        for (offset, line) in lines.get(at..).unwrap_or_default().iter().enumerate() {
            if rest.is_empty() {
                break;
            }
            let is_first = is_guarded && !line.starts_with(GUARD) && is_timed(line);
            if offset > 0 && (is_first || end == Some(at + offset)) {
                return false;
            }
            match rest.strip_prefix(line.trim_start_matches(GUARD)) {
                Some(after) => rest = after,
                None => return false,
            }
        }
        rest.is_empty()
    };
    let stands = |at: &usize| {
        let line = lines[*at].as_str();
        let within = line.strip_prefix(GUARD);
        let within = within.filter(|line| !line.starts_with(GUARD));
        let start = within.unwrap_or(line);
        let whole = start.starts_with(&header) && spelled(*at, &format!("{header}{said}"));
        let timed = start.ends_with(time) && !start.starts_with(GUARD) && spelled(at + 1, &said);
        whole || (first == First::Time && timed)
    };
    (0..lines.len()).filter(stands).collect()
}

/// The messages that stand in a body, each once, with the line of the first of its places.
/// Equal ones stand as often as their lines do.
pub(crate) fn standing(
    format: Format,
    body: &str,
    messages: &[Message],
    first: First,
) -> Vec<(usize, u32)> {
    let lines = guarded(format, body);
    let mut standing = Vec::new();
    let mut taken = Vec::new();
    let mut messages: Vec<_> = messages.iter().collect();
    messages.sort_by_key(|message| Reverse(key(format, &message.text).len()));
    for message in messages {
        let place = places(format, (&lines, body.contains(GUARD)), message, first);
        if let Some(at) = place.into_iter().find(|at| !taken.contains(at)) {
            taken.push(at);
            standing.push((at, message.id));
        }
    }
    standing.sort_unstable();
    standing
}

/// Whether the lines that frame a conversation are where they belong.
pub(crate) fn is_framed(format: Format, body: &str) -> bool {
    let lines = guarded(format, body);
    let is = |at: usize, text: &str| lines.get(at).is_some_and(|line| line == text);
    let footer = key(format, &format!("{FOOTER} [{}]", mark()));
    let is_footer = |line: &&String| **line == footer;
    let counter = lines.iter().position(|line| number(line).is_some());
    let end = lines.iter().rposition(|line| line == "END");
    let (Some(counter), Some(end)) = (counter, end) else {
        return false;
    };
    let (above, below) = (lines.get(..counter), lines.get(end..));
    counter + 3 < end
        && is(counter + 1, "BEGIN")
        && is(counter + 2, DASHES)
        && is(end - 1, DASHES)
        && above.is_some_and(|above| !above.iter().any(|line| line == "BEGIN"))
        && below.is_some_and(|below| below.iter().filter(is_footer).count() == 1)
}

const DASHES: &str = "------------";

/// The numbers of the counters in a body.
pub(crate) fn counters(format: Format, body: &str) -> Vec<String> {
    let lines = guarded(format, body);
    let numbers = lines.iter().filter_map(|line| number(line));
    numbers.map(str::to_owned).collect()
}

/// What is in place of the number of a counter, whatever stands behind the counter.
fn number(line: &str) -> Option<&str> {
    let (number, rest) = line.strip_prefix("Conversation(")?.split_once("messages")?;
    (rest.starts_with(')') && !number.contains(['(', ')'])).then_some(number)
}

/// The number of lines that end in a time.
pub(crate) fn times(format: Format, body: &str) -> usize {
    let lines = lines(format, body);
    lines.iter().filter(|line| is_timed(line)).count()
}

/// Whether a line ends in a time, as the first line of a message does.
fn is_timed(line: &str) -> bool {
    let time = line
        .len()
        .checked_sub(7)
        .and_then(|at| line.as_bytes().get(at..));
    let digit = |byte: &u8| byte.is_ascii_digit();
    matches!(time, Some([a, b, b':', c, d, b'A', b'M']) if [a, b, c, d].into_iter().all(digit))
}
