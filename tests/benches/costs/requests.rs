//! What is sent. `base` is a request of the CRM's user about a contact of theirs.

use std::ops::Range;

use daybook_tests::params::inbound;
use serde_json::{Value, json};

/// A request that logs a call.
pub(crate) fn call(base: &Value, session: &str) -> Value {
    json!({
        "user": base["user"],
        "contactInfo": base["contactInfo"],
        "authHeader": base["authHeader"],
        "callLog": {
            "sessionId": session,
            "direction": "Inbound",
            "from": {"phoneNumber": "+16505553204"},
            "to": {"phoneNumber": "+18885550052"},
            "startTime": "2026-03-04T19:05:09.000Z",
            "duration": "pending",
            "result": "Call connected",
        },
        "note": "Wants a quote.",
    })
}

/// A request that tells one thing more of it.
pub(crate) fn change(base: &Value, session: &str, field: &str, value: &str) -> Value {
    json!({
        "user": base["user"],
        "authHeader": base["authHeader"],
        "existingCallLog": {"sessionId": session},
        field: value,
    })
}

/// A request with texts of one conversation, a minute apart.
pub(crate) fn conversation(base: &Value, name: &str, texts: Range<u64>) -> Value {
    let mut params = base.clone();
    params["message"] = Value::Null;
    let message = |text: u64| {
        let mut message = inbound(
            text + 1,
            &format!("2015-02-18T13:{text:02}:00.000Z"),
            "Thank you, that helps a lot",
        );
        message["conversationId"] = json!(name);
        message
    };
    params["messages"] = texts.map(message).collect();
    params
}

/// A request for the contacts with a number.
pub(crate) fn number(base: &Value, number: &str) -> Value {
    json!({
        "user": base["user"],
        "authHeader": base["authHeader"],
        "phoneNumber": number,
    })
}
