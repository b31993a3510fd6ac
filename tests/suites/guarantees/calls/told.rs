//! What is told of a call, and the note that has to come of it, byte for byte.

use daybook_core::call_note::{self, Layout};
use daybook_core::digest::Format;
use daybook_core::params::{CreateCallLogParams, UpdateCallLogParams};
use daybook_core::settings::Settings;
use daybook_core::time::Zone;
use daybook_tests::params::DEMO_AUTH;
use serde_json::{Value, json};

/// The parameters of createCallLog for a session.
pub(super) fn create(session: u64) -> Value {
    json!({
        "user": user(),
        "contactInfo": {
            "id": "1001", "type": "Contact", "name": "Daisy Meadows",
            "phoneNumber": "+16505553204",
        },
        "authHeader": DEMO_AUTH,
        "callLog": {
            "id": "AbC",
            "sessionId": session.to_string(),
            "direction": "Inbound",
            "from": {"phoneNumber": "+16505553204", "name": "Daisy Meadows"},
            "to": {"phoneNumber": "+18885550052", "name": "Demo Rep"},
            "startTime": "2026-03-04T19:05:09.000Z",
            "duration": "pending",
            "result": "Call connected",
            "customSubject": title(session),
            "recording": {"link": "(pending...)"},
        },
        "note": format!("Wants a quote {session}.\nCall back on Friday."),
    })
}

/// The title of a session's activity.
pub(super) fn title(session: u64) -> String {
    format!("Call {session}")
}

fn user() -> Value {
    json!({"id": "1-exampleCRM", "name": "Demo Rep", "timezoneName": "America/Los_Angeles"})
}

/// The parameters of updateCallLog for a session, with these fields.
pub(super) fn update(session: u64, fields: Value) -> Value {
    about(json!({"sessionId": session.to_string()}), fields)
}

/// The parameters of a request about an existing log, with these fields.
pub(super) fn about(existing: Value, fields: Value) -> Value {
    let mut params = fields;
    params["user"] = user();
    params["existingCallLog"] = existing;
    params["authHeader"] = json!(DEMO_AUTH);
    params
}

/// What comes in some time after a call: its record, its recording and who said what.
pub(super) fn late_data(session: u64) -> Value {
    json!({
        "recordingLink": format!("https://media.example/rec?id={session}"),
        "duration": 3_725,
        "startTime": "2026-03-04T19:05:11.000Z",
        "result": "Accepted",
        "transcript": "Daisy: Hello\nRep: Hi, this is Demo.",
    })
}

/// The same request of a user who relies on us.
pub(super) fn held(mut params: Value) -> Value {
    params["authHeader"] = Value::Null;
    params
}

/// The layout of the user of these requests.
fn layout() -> Layout {
    let zone = Zone::from_name("America/Los_Angeles").expect("a zone");
    Layout::new(&Settings::new(), zone)
}

/// The note of a call as createCallLog makes it, with the mark that stands in `body`.
///
/// # Panics
/// Where there is no mark in it.
pub(super) fn made(create: &Value, body: &str) -> String {
    let params = CreateCallLogParams::parse(create.to_string().as_bytes());
    let fields = params.expect("readable parameters").fields;
    let mark = call_note::mark_of(Format::Html, body);
    let mark = mark.unwrap_or_else(|| panic!("no mark in {body}"));
    call_note::create(Format::Html, &layout(), &fields, mark)
}

/// A note with what updateCallLog tells.
pub(super) fn with(body: &str, update: &Value) -> String {
    with_in(Format::Html, body, update)
}

/// The same in a format.
pub(super) fn with_in(format: Format, body: &str, update: &Value) -> String {
    let params = UpdateCallLogParams::parse(update.to_string().as_bytes());
    let fields = params.expect("readable parameters").fields;
    call_note::apply(format, &layout(), body, &fields).body
}

/// The note of a call that was made, with all that was told since, in this order.
pub(super) fn with_all<'u>(
    create: &Value,
    updates: impl IntoIterator<Item = &'u Value>,
    body: &str,
) -> String {
    let made = made(create, body);
    (updates.into_iter()).fold(made, |body, update| with(&body, update))
}
