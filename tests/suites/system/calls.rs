//! Phone calls: each becomes one activity, which grows with what comes in later.

pub(super) mod bad_input;
pub(super) mod changing;
pub(super) mod creating;
pub(super) mod each_field;
pub(super) mod existing;
pub(super) mod failures;
pub(super) mod fields;
pub(super) mod operating;
pub(super) mod parts;
pub(super) mod privacy;
pub(super) mod reading;
pub(super) mod refusals;
pub(super) mod signed_in;

use daybook_tests::params::DEMO_AUTH;
use daybook_tests::world::{Answered, World};
use serde_json::{Map, Value, json};

use crate::expect::success;

/// The call of the documented example.
const SESSION: &str = "2846329107050";

/// An inbound call of Daisy Meadows.
fn create() -> Value {
    json!({
        "user": {"id": "1-exampleCRM", "name": "Demo Rep", "timezoneName": "America/Los_Angeles"},
        "contactInfo": {
            "id": 1001,
            "type": "Contact",
            "name": "Daisy Meadows",
            "phoneNumber": "+16505553204",
        },
        "authHeader": DEMO_AUTH,
        "callLog": {
            "id": "AbCdEfGhIjKl",
            "sessionId": SESSION,
            "telephonySessionId": "s-a0d16d3e1e0f1z1893dd5b4a3000",
            "direction": "Inbound",
            "from": {"phoneNumber": "+16505553204", "name": "Daisy Meadows"},
            "to": {"phoneNumber": "+18885550052", "extensionNumber": "101", "name": "Demo Rep"},
            "startTime": "2026-03-04T19:05:09.000Z",
            "duration": 65,
            "result": "Call connected",
        },
        "note": "Wants a quote.\n\nCall back on Friday.",
    })
}

/// The note of [`create`] in the CRM, without the mark.
const NOTE: &str = "<b>Agent notes</b><br>Wants a quote.<br><br>\
    Call back on Friday.\u{2060}<br><br>\
    <b>Call details</b><br><li><b>Date/time</b>: 2026-03-04 11:05:09 AM</li>\
    <li><b>Duration</b>: 1 minute, 5 seconds</li><li><b>Result</b>: Call connected</li><br>\
    --- Created via RingCentral App Connect [";

/// The same call as a session of its own.
fn of_session(session: &str) -> Value {
    let mut params = create();
    params["callLog"]["sessionId"] = json!(session);
    params
}

/// What is told later of the call, and nothing else.
fn update(told: Value) -> Value {
    of_log(json!({"sessionId": SESSION}), told)
}

/// What is told later of the log that `existing` names.
fn of_log(existing: Value, told: Value) -> Value {
    let mut params = json!({
        "user": {"id": "1-exampleCRM", "name": "Demo Rep", "timezoneName": "America/Los_Angeles"},
        "authHeader": DEMO_AUTH,
        "existingCallLog": existing,
    });
    let told: Map<String, Value> = serde_json::from_value(told).expect("an object");
    params.as_object_mut().expect("an object").extend(told);
    params
}

/// The settings that are off by default, turned on.
fn all_on() -> Value {
    settings(&[
        ("addCallSessionId", json!(true)),
        ("addRingCentralUserName", json!(true)),
        ("addRingCentralNumber", json!(true)),
        ("addCallLogContactNumber", json!(true)),
    ])
}

fn settings(settings: &[(&str, Value)]) -> Value {
    let entry = |(id, value): &(&str, Value)| ((*id).to_owned(), json!({"value": value}));
    settings.iter().map(entry).collect::<Map<_, _>>().into()
}

/// The reply to a change that stands, with the note that stands then.
async fn updated(world: &World, log_id: &str) -> Answered {
    let (status, mut reply) = success(log_id, "Call log updated");
    let id = log_id.parse().expect("the Example CRM's ids are numbers");
    reply["updatedNote"] = json!(world.crm.open_note(id).await);
    (status, reply)
}

/// Logs the call, and forgets what that took.
async fn logged(world: &World, params: &Value) {
    let reply = world.call("createCallLog", params).await;
    assert_eq!(reply, success("1", "Call logged"));
    world.crm.clear_journal();
}

/// Brings a change into the call's log 1.
async fn changed(world: &World, params: &Value) {
    let reply = world.call("updateCallLog", params).await;
    assert_eq!(reply, updated(world, "1").await, "{params}");
}

/// A reply's `returnMessage.message`.
fn words(reply: &Value) -> &str {
    reply["returnMessage"]["message"].as_str().expect("words")
}

/// An activity but for when it was changed last.
fn but_for_its_date(mut activity: Value) -> Value {
    activity["updatedAt"].take();
    activity
}
