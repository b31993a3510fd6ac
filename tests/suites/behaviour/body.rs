//! Digests and notes of calls for adapters to write, in their CRM's format.

use daybook_core::call::CallFields;
use daybook_core::call_note::{self, Layout};
use daybook_core::digest::{Context, Entry, Frame, Mark, Topic, Window, entries_found, render};
use daybook_core::ids::MessageId;
use daybook_core::message::{Direction, MessageKind};
use daybook_core::settings::Settings;
use daybook_core::time::{Zone, parse_instant};
use daybook_tests::adapters::Fixture;

const TEXTS: [&str; 2] = ["first", "second"];

/// A digest of one text.
pub(crate) fn digest(fixture: &Fixture, text: &str, mark: &Mark) -> String {
    let context = context(fixture);
    render(&frame(&context, Some(*mark)), &[&entry(text)])
}

/// A digest that carries `mark`, with a text that looks like the footer of another.
pub(crate) fn digest_that_names(fixture: &Fixture, named: &Mark, mark: &Mark) -> String {
    digest(fixture, &footer_of(named), mark)
}

/// A digest of exactly so many bytes.
pub(crate) fn digest_of_size(fixture: &Fixture, bytes: usize, mark: &Mark) -> String {
    let empty = digest(fixture, "x", mark).len() - 1;
    digest(fixture, &"x".repeat(bytes - empty), mark)
}

/// The note of a call, in which an agent wrote a text.
pub(crate) fn note(fixture: &Fixture, text: &str, mark: &Mark) -> String {
    let format = fixture.adapter.profile().log_format;
    let layout = Layout::new(&Settings::new(), Zone::UTC);
    let fields = CallFields {
        note: Some(text.to_owned()),
        ..CallFields::default()
    };
    call_note::create(format, &layout, &fields, *mark)
}

/// The note of a call that carries `mark`, with a text that looks like the footer of another.
pub(crate) fn note_that_names(fixture: &Fixture, named: &Mark, mark: &Mark) -> String {
    note(fixture, &footer_of(named), mark)
}

fn footer_of(mark: &Mark) -> String {
    format!("--- Created via RingCentral App Connect [{mark}]")
}

/// Which of the known texts an agent wrote in the note of a call.
pub(crate) fn written(fixture: &Fixture, body: &str) -> Vec<&'static str> {
    let format = fixture.adapter.profile().log_format;
    let written = call_note::read(format, body).note;
    let is_there = |text: &&str| written.as_deref() == Some(*text);
    TEXTS.into_iter().filter(is_there).collect()
}

/// Which of the known texts stand in a body, however the CRM gives it back.
pub(crate) fn texts(fixture: &Fixture, body: &str) -> Vec<&'static str> {
    let context = context(fixture);
    let entries = TEXTS.map(entry);
    let known: Vec<_> = entries.iter().collect();
    let found = entries_found(&frame(&context, None), body, &known);
    TEXTS
        .into_iter()
        .filter(|text| found.contains(&entry(text).fingerprint()))
        .collect()
}

fn context(fixture: &Fixture) -> Context {
    Context {
        contact: fixture.contact().clone(),
        user_name: Some("Demo Rep".to_owned()),
        zone: Zone::UTC,
        format: fixture.adapter.profile().log_format,
        participants: Vec::new(),
        group: false,
        inbox: None,
        topic: Topic::Texts,
        started_at: entry("first").at,
    }
}

fn frame(context: &Context, mark: Option<Mark>) -> Frame<'_> {
    Frame {
        context,
        window: Window::parse("2015-02-18").expect("a window"),
        part: 1,
        mark,
    }
}

fn entry(text: &str) -> Entry {
    Entry {
        id: MessageId::parse(&text.len().to_string()).expect("an id"),
        at: parse_instant("2015-02-18T13:24:50.000Z").expect("a time"),
        direction: Direction::Inbound,
        kind: MessageKind::Sms,
        sender_name: None,
        sender_number: None,
        text: text.to_owned(),
        media: Vec::new(),
        in_group: false,
        piece: None,
    }
}
