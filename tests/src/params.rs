//! Parameter objects of the message interfaces.

use serde_json::{Value, json};

/// The header that the Example CRM's demo key makes.
pub const DEMO_AUTH: &str = "Basic ZGVtby1rZXk6";

/// The conversation of the documented example: above 2^53, where a float loses digits.
pub const CONVERSATION: u64 = 5_578_984_350_117_917_661;

/// The documented example: an outbound text to Daisy Meadows.
pub fn example() -> Value {
    json!({
        "user": {"id": "1-exampleCRM", "name": "Demo Rep", "timezoneName": "America/Los_Angeles"},
        "contactInfo": {"id": 1001, "type": "Contact", "name": "Daisy Meadows", "phoneNumber": "+16505553204"},
        "authHeader": DEMO_AUTH,
        "message": outbound(60_279_564_004, "2015-02-18T13:24:50.000Z", "Flight information"),
    })
}

/// The example with another message.
pub fn with_message(message: Value) -> Value {
    with("message", message)
}

/// The example with the value at a dotted `path` replaced.
pub fn with(path: &str, value: Value) -> Value {
    let mut params = example();
    set(&mut params, path, value);
    params
}

/// Sets the value at a dotted `path`.
pub fn set(params: &mut Value, path: &str, value: Value) {
    let mut place = params;
    for name in path.split('.') {
        place = &mut place[name];
    }
    *place = value;
}

/// A text that the user sent.
pub fn outbound(id: u64, creation_time: &str, text: &str) -> Value {
    json!({
        "uri": format!("https://platform.ringcentral.com/restapi/xxxxxxx/message-store/{id}"),
        "id": id,
        "to": [{"phoneNumber": "+16505553204", "location": "San Mateo, CA"}],
        "from": {"phoneNumber": "+18885550052"},
        "type": "SMS",
        "creationTime": creation_time,
        "readStatus": "Read",
        "priority": "Normal",
        "direction": "Outbound",
        "availability": "Alive",
        "subject": text,
        "messageStatus": "Sent",
        "conversationId": CONVERSATION,
    })
}

/// A text that the contact sent.
pub fn inbound(id: u64, creation_time: &str, text: &str) -> Value {
    let mut message = outbound(id, creation_time, text);
    message["direction"] = json!("Inbound");
    message["from"] = json!({"phoneNumber": "+16505553204"});
    message["to"] = json!([{"phoneNumber": "+18885550052"}]);
    message
}

/// The example with several messages.
pub fn with_messages(messages: Vec<Value>) -> Value {
    let mut params = example();
    params["message"] = Value::Null;
    params["messages"] = json!(messages);
    params
}

/// Inbound texts of the documented day, one each minute: `text(1)`, `text(2)`, …
pub fn texts(numbers: impl IntoIterator<Item = u64>) -> Vec<Value> {
    numbers
        .into_iter()
        .map(|number| {
            let (hour, minute) = (13 + number / 60, number % 60);
            let time = format!("2015-02-18T{hour}:{minute:02}:00.000Z");
            inbound(number, &time, &text(number))
        })
        .collect()
}

/// What the text of a number says. None is a part of another.
pub fn text(number: u64) -> String {
    format!("Text {number:03}")
}
