//! A call, and a user who wants to see all of it.

use serde_json::json;

use crate::call::{CallFields, Direction, Duration, Leg, Link, Party, RingSense};
use crate::call_note::{Applied, Field, Layout, apply, create, read};
use crate::digest::{Format, Mark, contains_mark};
use crate::phone::PhoneNumber;
use crate::settings::Settings;
use crate::time::{Zone, parse_instant};

/// Settings with every field on or off.
pub(super) fn all_fields(on: bool) -> Settings {
    let entry = |field: Field| (field.setting().to_owned(), json!({"value": on}));
    Field::ALL.into_iter().map(entry).collect()
}

fn new_york() -> Zone {
    Zone::from_name("America/New_York").expect("a zone")
}

/// The layout of a user who wants to see every field.
pub(super) fn every() -> Layout {
    Layout::new(&all_fields(true), new_york())
}

/// The layout of a user without settings.
pub(super) fn defaults() -> Layout {
    Layout::new(&Settings::new(), new_york())
}

pub(super) fn mark() -> Mark {
    Mark::parse("k7m2-9xqd-4tfa").expect("a mark")
}

/// Nothing, as with notes that are taken over, and the footer alone.
pub(super) fn starts(format: Format) -> [String; 2] {
    let footer = create(format, &every(), &CallFields::default(), mark());
    [String::new(), footer]
}

pub(super) fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

pub(super) fn link(text: &str) -> Option<Link> {
    Link::parse(text).expect("a link")
}

pub(super) fn party(name: &str, phone: &str, extension: &str) -> Party {
    let known = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Party {
        phone: PhoneNumber::parse(phone),
        extension: known(extension),
        name: known(name),
    }
}

/// A call that has everything.
pub(super) fn call() -> CallFields {
    CallFields {
        note: some("Wants a quote.\nCall back on Friday."),
        session_id: some("2846329107050"),
        subject: some("Inbound Call from Ann Lee"),
        direction: Some(Direction::Inbound),
        from: Some(party("Ann Lee", "+14155550100", "")),
        to: Some(party("Bob Ray", "+16505550199", "101")),
        contact_number: PhoneNumber::parse("+14155550100"),
        started_at: parse_instant("2026-03-04T19:05:09.000Z").ok(),
        duration: Some(Duration::seconds(3_725)),
        result: some("Call connected"),
        recording: link("https://media.example/rec?id=1"),
        voicemail: link("https://media.example/vm?id=2"),
        ai_note: some("Ann asked for a quote.\n- Send price list\n"),
        transcript: some("Ann: Hello\nBob: Hi"),
        ring_sense: RingSense {
            transcript: some("A: x\nB: y\n"),
            summary: some("One.\nTwo.\n"),
            score: some("82"),
            bulleted_summary: some("- One\n- Two\n"),
            link: link("https://ace.example/i/3"),
        },
        legs: legs(),
    }
}

fn legs() -> Vec<Leg> {
    let leg = |direction, from, to, duration_secs| Leg {
        direction: Some(direction),
        kind: None,
        from,
        to,
        duration_secs,
    };
    let nobody = Party::default;
    let ivr = party("Main IVR", "+16505550000", "");
    let bob = party("Bob Ray", "+16505550199", "101");
    let cara = party("Cara", "", "102");
    vec![
        leg(Direction::Inbound, nobody(), ivr, None),
        leg(Direction::Inbound, nobody(), bob, Some(1)),
        leg(Direction::Outbound, cara, nobody(), Some(55)),
    ]
}

/// Which of a call's fields a request with this one field carries.
pub(super) fn only(field: Field, of: &CallFields) -> CallFields {
    let mut fields = CallFields::default();
    match field {
        Field::Note => fields.note.clone_from(&of.note),
        Field::SessionId => fields.session_id.clone_from(&of.session_id),
        Field::UserName | Field::UserNumber => {
            fields.direction = of.direction;
            fields.from.clone_from(&of.from);
            fields.to.clone_from(&of.to);
        }
        Field::Subject => fields.subject.clone_from(&of.subject),
        Field::ContactNumber => {
            fields.direction = of.direction;
            fields.contact_number.clone_from(&of.contact_number);
        }
        Field::DateTime => fields.started_at = of.started_at,
        Field::Duration => fields.duration = of.duration,
        Field::Result => fields.result.clone_from(&of.result),
        Field::Recording => fields.recording.clone_from(&of.recording),
        Field::Voicemail => fields.voicemail.clone_from(&of.voicemail),
        Field::AiNote => fields.ai_note.clone_from(&of.ai_note),
        Field::Transcript => fields.transcript.clone_from(&of.transcript),
        Field::AceTranscript => {
            (fields.ring_sense.transcript).clone_from(&of.ring_sense.transcript);
        }
        Field::AceSummary => fields.ring_sense.summary.clone_from(&of.ring_sense.summary),
        Field::AceScore => fields.ring_sense.score.clone_from(&of.ring_sense.score),
        Field::AceBulletedSummary => {
            let bulleted = &of.ring_sense.bulleted_summary;
            fields.ring_sense.bulleted_summary.clone_from(bulleted);
        }
        Field::AceLink => fields.ring_sense.link.clone_from(&of.ring_sense.link),
        Field::Legs => fields.legs.clone_from(&of.legs),
    }
    fields
}

/// Applies, and sees that doing so once more changes nothing.
#[track_caller]
pub(super) fn applied(format: Format, body: &str, fields: &CallFields) -> Applied {
    let applied = apply(format, &every(), body, fields);
    let again = apply(format, &every(), &applied.body, fields);
    let (first, second) = (&applied.body, &again.body);
    assert!(!again.changed, "{format:?}:\n{first}\n->\n{second}");
    assert_eq!(first, second);
    assert_eq!(applied.changed, applied.body != body, "{format:?}: {body}");
    let note = read(format, &applied.body).note.unwrap_or_default();
    assert_eq!(applied.note, note);
    let is_marked = |body| contains_mark(format, body, &mark());
    assert_eq!(
        is_marked(body),
        is_marked(&applied.body),
        "{format:?}: {first}"
    );
    applied
}

/// The body without our signs, which nobody sees.
pub(super) fn seen(body: &str) -> String {
    body.replace('\u{2060}', "")
}
