//! What a request may hold.

mod refused;

use secrecy::ExposeSecret;
use serde_json::json;

use super::*;
use crate::digest::Entry;
use crate::limits::MAX_TEXT_BYTES;
use crate::media::MediaKind;
use crate::message::{Direction, MessageKind};

/// The example of App Connect's page about createMessageLog, with what stands around it.
fn example() -> Value {
    json!({
        "user": {"id": "1-exampleCRM", "timezoneName": "America/Los_Angeles"},
        "contactInfo": {"id": 1001, "phoneNumber": "+16505553204", "type": "Contact", "name": "Daisy"},
        "authHeader": "Basic ZGVtby1rZXk6",
        "message": {
            "id": 60279564004u64,
            "to": [{"phoneNumber": "+16505553204", "location": "San Mateo, CA"}],
            "from": {"phoneNumber": "+18885550052"},
            "type": "SMS",
            "creationTime": "2015-02-18T13:24:50.000Z",
            "direction": "Outbound",
            "subject": "Flight information",
            "conversationId": 5578984350117917661u64
        }
    })
}

fn with(path: &str, value: Value) -> Value {
    let mut params = example();
    let pointer = format!("/{}", path.replace('.', "/"));
    if let Some(place) = params.pointer_mut(&pointer) {
        *place = value;
    } else {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        params.pointer_mut(parent).expect("the parent is there")[name] = value;
    }
    params
}

fn parse(params: &Value) -> Result<MessageLogParams, RequestError> {
    MessageLogParams::parse(params.to_string().as_bytes())
}

fn field(params: &Value) -> String {
    match parse(params).expect_err("refused") {
        RequestError::Field { field, .. } => field,
        RequestError::NotJson { reason } => panic!("{reason}"),
    }
}

#[test]
fn the_documented_example_is_read() {
    let params = parse(&example()).expect("readable");
    assert_eq!(params.user.id.as_str(), "1-exampleCRM");
    assert_eq!(params.contact.id.as_str(), "1001");
    let auth = params.auth.expect("it brings credentials");
    assert_eq!(auth.expose_secret(), "Basic ZGVtby1rZXk6");
    assert_eq!(params.zone, Zone::from_name("America/Los_Angeles").ok());
    let [message] = &params.messages[..] else {
        panic!("one message")
    };
    assert_eq!(message.id.as_str(), "60279564004");
    assert_eq!(message.conversation.as_str(), "5578984350117917661");
    assert_eq!(message.at.timestamp_millis(), 1_424_265_890_000);
    assert_eq!(message.direction, Direction::Outbound);
    assert_eq!(message.kind, MessageKind::Sms);
    assert_eq!(message.text, "Flight information");
    assert_eq!(
        message.from.phone.as_ref().expect("a number").as_str(),
        "+18885550052"
    );
}

#[test]
fn ids_are_exact_as_number_and_as_text() {
    for id in [
        json!(6_288_356_833_283_647_895u64),
        json!("6288356833283647895"),
    ] {
        let params = parse(&with("message.conversationId", id)).expect("readable");
        assert_eq!(
            params.messages[0].conversation.as_str(),
            "6288356833283647895"
        );
    }
    let params = parse(&with("message.conversation", json!({"id": "77"}))).expect("readable");
    assert_eq!(params.messages[0].conversation.as_str(), "77");
    assert_eq!(field(&with("message.id", json!(1.5e300))), "message.id");
}

#[test]
fn every_required_field_is_named() {
    for path in [
        "user",
        "user.id",
        "contactInfo",
        "contactInfo.id",
        "message",
        "message.id",
        "message.creationTime",
        "message.direction",
        "message.conversationId",
    ] {
        assert_eq!(field(&with(path, Value::Null)), path);
        if !matches!(path, "user" | "contactInfo" | "message") {
            assert_eq!(field(&with(path, json!(" "))), path);
        }
    }
}

#[test]
fn credentials_may_be_absent_but_not_malformed() {
    for none in [Value::Null, json!(""), json!(" ")] {
        let params = parse(&with("authHeader", none)).expect("readable");
        assert!(params.auth.is_none());
    }
    assert_eq!(field(&with("authHeader", json!("é"))), "authHeader");
}

#[test]
fn what_a_field_cannot_hold_is_named() {
    for (path, value) in [
        ("message.creationTime", json!("yesterday")),
        ("message.creationTime", json!(1_424_265_890)),
        ("message.direction", json!("Sideways")),
        ("message.type", json!("Telegram")),
        ("message.subject", json!(5)),
        ("user.timezoneName", json!("Mars/Olympus")),
        ("user.timezoneOffset", json!("+25:00")),
        ("timezoneOffset", json!(100_000)),
        ("recordingLink", json!("javascript:alert(1)")),
        ("faxDownloadLink", json!("nowhere")),
        ("authHeader", json!("Basic a\r\nX-Evil: 1")),
        ("additionalSubmission", json!([1])),
        ("contactInfo", json!("Daisy")),
    ] {
        assert_eq!(field(&with(path, value)), path);
    }
    assert_eq!(
        field(&with(
            "message.subject",
            json!("x".repeat(MAX_TEXT_BYTES + 1))
        )),
        "message.subject"
    );
}

#[test]
fn the_zone_comes_from_the_first_field_that_names_one() {
    let zone = |params: &Value| {
        let zone = parse(params).expect("readable").zone;
        zone.map_or("none".to_owned(), |zone| zone.to_string())
    };
    let mut params = example();
    params["user"]["timezoneOffset"] = json!("+05:30");
    params["timezoneOffset"] = json!(-480);
    assert_eq!(zone(&params), "America/Los_Angeles");
    params["user"]["timezoneName"] = json!("");
    assert_eq!(zone(&params), "+05:30");
    params["user"]["timezoneOffset"] = Value::Null;
    assert_eq!(zone(&params), "-08:00");
    params["timezoneOffset"] = Value::Null;
    assert_eq!(zone(&params), "none");
}

#[test]
fn messages_are_sorted_without_repeats_and_of_one_conversation() {
    let message = |id: u64, time: u64| {
        json!({"id": id, "conversationId": "5578984350117917661", "direction": "Inbound",
               "creationTime": time})
    };
    let mut params = example();
    params["messages"] = json!([
        message(3, 1_424_265_900_000),
        message(2, 1_424_265_880_000),
        message(60_279_564_004, 1_424_265_890_000),
    ]);
    let ids: Vec<_> = parse(&params)
        .expect("readable")
        .messages
        .iter()
        .map(|message| message.id.to_string())
        .collect();
    assert_eq!(ids, ["2", "60279564004", "3"]);
    params["messages"][1]["conversationId"] = json!("1");
    assert_eq!(field(&params), "messages[1].conversationId");
    params["messages"] = Value::Array(vec![message(1, 1_424_265_900_000); MAX_MESSAGES + 1]);
    assert_eq!(field(&params), "messages");
}

#[test]
fn links_belong_to_the_message_and_never_carry_a_token() {
    let mut params = with("message.type", json!("VoiceMail"));
    params["recordingLink"] = json!("https://v.ringcentral.com/r/1");
    params["imageLink"] = json!("https://m.ringcentral.com/1?access_token=secret");
    let message = parse(&params).expect("readable").messages.remove(0);
    assert_eq!(message.media[0].kind, MediaKind::Voicemail);
    assert!(message.media[0].link.is_some());
    assert!(message.media[1].link.is_none());
    params["messages"] = json!([params["message"]]);
    params["message"] = Value::Null;
    assert_eq!(field(&params), "message");
}

#[test]
fn a_voicemail_without_a_conversation_is_its_own() {
    let mut params = with("message.type", json!("VoiceMail"));
    params["message"]["conversationId"] = Value::Null;
    let message = parse(&params).expect("readable").messages.remove(0);
    assert_eq!(message.conversation.as_str(), message.id.as_str());
}

#[test]
fn messages_of_one_instant_are_in_the_order_of_a_digest() {
    let mut params = example();
    let at = params["message"]["creationTime"].clone();
    params["message"] = Value::Null;
    params["messages"] = ["10", "9", "100", "11"]
        .map(|id| {
            json!({"id": id, "conversationId": "5578984350117917661", "direction": "Inbound",
                   "creationTime": at})
        })
        .into();
    let messages = parse(&params).expect("readable").messages;
    let ids: Vec<_> = messages.iter().map(|message| message.id.as_str()).collect();
    assert_eq!(ids, ["9", "10", "11", "100"]);
    assert!(
        messages
            .iter()
            .map(Entry::of)
            .is_sorted_by(|a, b| a.order(b).is_le())
    );
}

#[test]
fn a_nobody_in_a_list_is_skipped() {
    let mut params = with("correspondents", json!([null, {"name": "Eve"}, null]));
    params["message"]["to"] = json!([null]);
    let params = parse(&params).expect("readable");
    assert_eq!(params.correspondents.len(), 1);
    assert!(params.messages[0].to.is_empty());
    assert_eq!(field(&with("messages", json!([null]))), "messages[0]");
}

#[test]
fn a_whole_number_with_an_exponent_is_an_id() {
    let read = |number: &str| {
        let json = example().to_string().replace("60279564004", number);
        MessageLogParams::parse(json.as_bytes())
    };
    for (number, id) in [("1e3", "1000"), ("60279564004.0", "60279564004")] {
        let params = read(number).expect("readable");
        assert_eq!(params.messages[0].id.as_str(), id);
    }
    for number in ["1.5", "9007199254740992.0", "18446744073709551616"] {
        let error = read(number).expect_err(number).to_string();
        assert_eq!(
            error,
            "`message.id` holds a number where an id as text or as a whole number below 2^64 is needed"
        );
    }
}

#[test]
fn nothing_personal_is_debug_printed() {
    let mut params = example();
    params["user"]["name"] = json!("Daisy");
    params["user"]["userSettings"] = json!({"Daisy": {"value": "Daisy"}});
    params["additionalSubmission"] = json!({"Daisy": "6505553204"});
    params["correspondents"] = json!([{"name": "Daisy", "phoneNumber": "6505553204"}]);
    params["imageContentType"] = json!("Daisy");
    params["imageDownloadLink"] = json!("https://x.example/Daisy");
    params["imageLink"] = json!("https://x.example/Daisy");
    let params = parse(&params).expect("readable");
    let printed = format!(
        "{params:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        params.user,
        params.contact,
        params.messages,
        params.messages.iter().map(Entry::of).collect::<Vec<_>>(),
        params.correspondents,
        params.downloads
    );
    for secret in ["Daisy", "6505553204", "Flight", "ZGVtby1rZXk6"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
