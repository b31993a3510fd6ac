//! The requests of the cases, and what must then stand in a note.

use daybook_core::digest::Format;
use daybook_core::message::clean_text;
use daybook_tests::params::{example, inbound, outbound};
use serde_json::{Value, json};

use super::read::{self, says};

/// The names that the texts of the list know.
pub(super) const CONTACT: &str = "Ada Lovelace";
pub(super) const USER: &str = "Charles Babbage";
const NUMBER: &str = "+16505553204";

/// The message `number` minutes after 05:24 AM of the conversation whose messages begin at `id`;
/// every other one is the user's. `text` may be absent, which is null here.
pub(super) fn message(id: u64, number: u64, text: &Value) -> Value {
    let minutes = 13 * 60 + 24 + number;
    let time = format!("2015-02-18T{:02}:{:02}:50.000Z", minutes / 60, minutes % 60);
    let make = match number % 2 {
        0 => inbound,
        _ => outbound,
    };
    let mut message = make(id + number, &time, "");
    message["subject"] = text.clone();
    message["conversationId"] = json!(id);
    message
}

/// A request with these messages.
pub(super) fn request(messages: Vec<Value>) -> Value {
    let mut params = example();
    params["user"]["name"] = json!(USER);
    params["contactInfo"]["name"] = json!(CONTACT);
    params["contactInfo"]["phoneNumber"] = json!(NUMBER);
    params["message"] = Value::Null;
    params["messages"] = json!(messages);
    params
}

/// The first line of the message `number`.
pub(super) fn header(number: u64) -> String {
    let minutes = 5 * 60 + 24 + number;
    let sender = match number % 2 {
        0 => format!("{CONTACT} ({NUMBER})"),
        _ => USER.to_owned(),
    };
    format!("{sender} {}", clock(minutes))
}

fn clock(minutes: u64) -> String {
    let (hours, half) = match minutes / 60 {
        hours @ 1..12 => (hours, "AM"),
        12 => (12, "PM"),
        hours => (hours - 12, "PM"),
    };
    format!("{hours:02}:{:02} {half}", minutes % 60)
}

/// That a note holds these messages, in this order, each whole and once, and nothing else.
pub(super) fn assert_note(format: Format, note: &str, said: &[(u64, Value)], what: &str) {
    let read = read::read(format, note);
    let read = read.unwrap_or_else(|why| panic!("{what}: {why}\n{note}"));
    assert_eq!(
        read.subject,
        format!("SMS conversation with {CONTACT} - 15/02/18")
    );
    assert_eq!(read.people, [USER, CONTACT]);
    assert_eq!(read.count, said.len(), "{what}: {note}");
    let headers: Vec<_> = read.entries.iter().map(|entry| &entry.header).collect();
    let expected: Vec<_> = said.iter().map(|(number, _)| header(*number)).collect();
    assert_eq!(
        headers,
        expected.iter().collect::<Vec<_>>(),
        "{what}: {note}"
    );
    for (entry, (_, text)) in read.entries.iter().zip(said) {
        assert_lines(
            format,
            &entry.lines,
            text.as_str().unwrap_or_default(),
            what,
        );
    }
}

/// That the lines of an entry are those of a text.
fn assert_lines(format: Format, shown: &[String], text: &str, what: &str) {
    let typed = clean_text(text);
    let mut typed: Vec<String> = match typed.as_str() {
        "" => vec!["(no text)".to_owned()],
        typed => typed
            .split(['\n', '\u{2028}', '\u{2029}'])
            .map(str::to_owned)
            .collect(),
    };
    let mut shown = shown.to_vec();
    if format == Format::Markdown {
        // Markdown has no blank lines, and white space at both ends of a line is a construct.
        typed = typed.iter().map(|line| without_edges(line)).collect();
        typed.retain(|line| !line.trim().is_empty());
        shown.retain(|line| !line.trim().is_empty());
    }
    assert_eq!(shown.len(), typed.len(), "{what}: {shown:?} for {typed:?}");
    for (shown, typed) in shown.iter().zip(&typed) {
        assert!(says(shown, typed), "{what}: {shown:?} for {typed:?}");
    }
}

/// A line with no-break spaces for the white space at both its ends.
fn without_edges(line: &str) -> String {
    let white = [' ', '\t'];
    let said = line.trim_matches(white);
    let edge = |length: usize| "\u{a0}".repeat(length);
    let before = line.len() - line.trim_start_matches(white).len();
    let after = line.len() - before - said.len();
    format!("{}{said}{}", edge(before), edge(after))
}

/// What a person sees of a note, to be copied into a text.
pub(super) fn seen(format: Format, note: &str) -> String {
    match format {
        Format::Html => ["<br>", "</li>", "<ul>", "</ul>"]
            .iter()
            .fold(note.to_owned(), |note, tag| note.replace(tag, "\n"))
            .replace("<li>", "")
            .replace("<b>", "")
            .replace("</b>", "")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&"),
        Format::PlainText => note.to_owned(),
        Format::Markdown => note.replace('\\', "").replace("**", ""),
    }
}
