//! What a request about a call may hold.

mod hostile;
mod refused;

use secrecy::ExposeSecret;
use serde_json::json;

use super::*;
use crate::call::{Direction, Duration, Link};
use crate::limits::MAX_CALL_SECONDS;
use crate::phone::PhoneNumber;

/// A call record as clients send it, with what stands around it.
fn create() -> Value {
    json!({
        "user": {"id": "1-exampleCRM", "timezoneName": "America/Los_Angeles"},
        "contactInfo": {"id": 1001, "phoneNumber": "+16505553204", "type": "Contact", "name": "Daisy"},
        "authHeader": "Basic ZGVtby1rZXk6",
        "extensionNumber": "101",
        "callLog": {
            "id": "AbC",
            "sessionId": 9_007_199_254_740_993u64,
            "direction": "Inbound",
            "from": {"phoneNumber": "+16505553204", "name": "Daisy"},
            "to": {"phoneNumber": "+18885550052", "extensionNumber": 101, "name": "Ann"},
            "startTime": "2026-03-04T12:05:09.000Z",
            "duration": 65,
            "result": "Call connected",
            "customSubject": "About the order",
            "recording": {
                "link": "https://r.example/1",
                "downloadUrl": "https://m.example/1?accessToken=secret"
            },
            "voicemail": {"link": "https://v.example/1"},
            "legs": [
                null,
                {"direction": "Inbound", "legType": "PstnToSip", "to": {"extensionNumber": "101"},
                 "duration": "12.7"}
            ]
        },
        "note": "First\r\n\r\nsecond",
        "aiNote": "A summary",
        "transcript": "Ann: hello",
        "ringSenseTranscript": "Daisy: hi",
        "ringSenseSummary": "They greet",
        "ringSenseAIScore": 82.5,
        "ringSenseBulletedSummary": "- they greet",
        "ringSenseLink": "https://s.example/1",
        "additionalSubmission": {"deal": 5}
    })
}

fn update() -> Value {
    json!({
        "user": {"id": "1-exampleCRM"},
        "timezoneOffset": -480,
        "authHeader": "Basic ZGVtby1rZXk6",
        "existingCallLog": {
            "thirdPartyLogId": 77,
            "sessionId": "9007199254740993",
            "extensionNumber": "101",
            "hashedExtensionId": "0A".repeat(32)
        },
        "recordingLink": "(pending...)",
        "recordingDownloadLink": "https://m.example/1?accessToken=secret",
        "voicemailLink": "https://v.example/2",
        "subject": "Another",
        "note": "changed",
        "startTime": 1_772_625_909_000u64,
        "duration": "pending",
        "result": "Missed",
        "direction": "Outbound",
        "from": {"name": "Ann"},
        "to": {"phoneNumber": "+16505553204"},
        "legs": [{"from": {"name": "Ann"}}],
        "additionalSubmission": {"deal": 6}
    })
}

fn with(mut params: Value, path: &str, value: Value) -> Value {
    let pointer = format!("/{}", path.replace('.', "/"));
    if let Some(place) = params.pointer_mut(&pointer) {
        *place = value;
    } else {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        params.pointer_mut(parent).expect("the parent is there")[name] = value;
    }
    params
}

fn created(params: &Value) -> Result<CreateCallLogParams> {
    CreateCallLogParams::parse(params.to_string().as_bytes())
}

fn updated(params: &Value) -> Result<UpdateCallLogParams> {
    UpdateCallLogParams::parse(params.to_string().as_bytes())
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn address(link: &Option<Link>) -> Option<&str> {
    match link.as_ref()? {
        Link::To(link) => Some(link.as_str()),
        Link::Pending => Some("pending"),
    }
}

#[test]
fn a_whole_record_is_read() {
    let params = created(&create()).expect("readable");
    assert_eq!(params.user.id.as_str(), "1-exampleCRM");
    assert_eq!(params.contact.id.as_str(), "1001");
    assert_eq!(params.zone, Zone::from_name("America/Los_Angeles").ok());
    let auth = params.auth.expect("it brings credentials");
    assert_eq!(auth.expose_secret(), "Basic ZGVtby1rZXk6");
    assert_eq!(params.session.as_str(), "9007199254740993");
    assert_eq!(params.extension.number, text("101"));
    assert_eq!(params.additional_submission["deal"], 5);
    let download = params.recording_download.expect("an address");
    assert!(download.expose_secret().ends_with("?accessToken=secret"));
    let fields = params.fields;
    assert_eq!(fields.session_id, text("9007199254740993"));
    assert_eq!(fields.direction, Some(Direction::Inbound));
    assert_eq!(fields.contact_number, PhoneNumber::parse("+16505553204"));
    let to = fields.to.expect("somebody");
    assert_eq!(to.extension, text("101"));
    assert_eq!(to.name, text("Ann"));
    let at = fields.started_at.expect("a time");
    assert_eq!(at.timestamp(), 1_772_625_909);
    assert_eq!(fields.duration, Some(Duration::seconds(65)));
    assert_eq!(fields.result, text("Call connected"));
    assert_eq!(fields.subject, text("About the order"));
    assert_eq!(fields.note, text("First\n\nsecond"));
    assert_eq!(fields.ai_note, text("A summary"));
    assert_eq!(fields.transcript, text("Ann: hello"));
    assert_eq!(address(&fields.recording), Some("https://r.example/1"));
    assert_eq!(address(&fields.voicemail), Some("https://v.example/1"));
    let ring_sense = fields.ring_sense;
    assert_eq!(ring_sense.transcript, text("Daisy: hi"));
    assert_eq!(ring_sense.summary, text("They greet"));
    assert_eq!(ring_sense.score, text("82.5"));
    assert_eq!(ring_sense.bulleted_summary, text("- they greet"));
    assert_eq!(address(&ring_sense.link), Some("https://s.example/1"));
    let [leg] = &fields.legs[..] else {
        panic!("one leg")
    };
    assert_eq!(leg.kind, text("PstnToSip"));
    assert_eq!(leg.to.extension, text("101"));
    assert_eq!(leg.duration_secs, Some(12));
}

#[test]
fn a_whole_change_is_read() {
    let params = updated(&update()).expect("readable");
    assert_eq!(params.zone, Zone::from_offset("-480").ok());
    assert!(params.auth.is_some() && params.recording_download.is_some());
    assert_eq!(params.existing.log, LogId::parse("77"));
    assert_eq!(
        params.existing.session,
        SessionId::parse("9007199254740993")
    );
    let extension = params.existing.extension;
    assert_eq!(extension.number, text("101"));
    let hash = RingCentralId::parse("", &"0a".repeat(32)).expect("a hash");
    assert!(hash.is_some() && extension.id == hash);
    assert_eq!(params.additional_submission["deal"], 6);
    let fields = params.fields;
    assert_eq!(fields.session_id, text("9007199254740993"));
    assert_eq!(address(&fields.recording), Some("pending"));
    assert_eq!(address(&fields.voicemail), Some("https://v.example/2"));
    assert_eq!(fields.subject, text("Another"));
    assert_eq!(fields.note, text("changed"));
    assert_eq!(
        fields.started_at.expect("a time").timestamp(),
        1_772_625_909
    );
    assert_eq!(fields.duration, Some(Duration::Pending));
    assert_eq!(fields.result, text("Missed"));
    assert_eq!(fields.direction, Some(Direction::Outbound));
    assert_eq!(fields.from.expect("somebody").name, text("Ann"));
    assert!(fields.to.expect("somebody").phone.is_some());
    assert_eq!(fields.legs.len(), 1);
    assert!(fields.contact_number.is_none());
}

#[test]
fn a_log_to_read_and_what_was_chosen_are_read() {
    let mut params = json!({"user": {"id": 1}, "callLogId": 9_007_199_254_740_993u64,
        "contactId": 5, "authHeader": "Basic x"});
    let read = |params: &Value| GetCallLogParams::parse(params.to_string().as_bytes());
    let log = read(&params).expect("readable");
    assert_eq!(log.log.as_str(), "9007199254740993");
    assert_eq!(log.contact, ContactId::parse("5"));
    assert!(log.auth.is_some() && log.user.id.as_str() == "1");
    params["contactId"] = json!("");
    assert!(read(&params).expect("readable").contact.is_none());

    let params = json!({"user": {"id": 1}, "existingCallLog": {"thirdPartyLogId": "77"},
        "authHeader": "Basic x", "dispositions": {"note": "n", "deals": 5}});
    let chosen =
        UpsertCallDispositionParams::parse(params.to_string().as_bytes()).expect("readable");
    assert_eq!(chosen.existing.log, LogId::parse("77"));
    assert!(chosen.existing.session.is_none() && chosen.auth.is_some());
    assert_eq!(Value::Object(chosen.dispositions), params["dispositions"]);
}

#[test]
fn absent_null_and_empty_change_nothing() {
    let bare = json!({"user": {"id": "1"}, "existingCallLog": {"thirdPartyLogId": "77"}});
    let nothing = CallFields::default();
    assert!(updated(&bare).expect("readable").fields == nothing);
    for empty in [Value::Null, json!(""), json!(" \r\n"), json!([]), json!({})] {
        let mut params = bare.clone();
        for (field, value) in update().as_object().expect("an object") {
            let is_alike = match &empty {
                Value::Array(_) => value.is_array(),
                Value::Object(_) => value.is_object(),
                Value::Null => true,
                Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                    !(value.is_array() || value.is_object())
                }
            };
            if is_alike && !matches!(&field[..], "user" | "existingCallLog") {
                params[field] = empty.clone();
            }
        }
        for field in [
            "aiNote",
            "transcript",
            "ringSenseTranscript",
            "ringSenseSummary",
            "ringSenseAIScore",
            "ringSenseBulletedSummary",
            "ringSenseLink",
            "extensionNumber",
        ] {
            if empty.is_null() || empty.is_string() {
                params[field] = empty.clone();
            }
        }
        let read = updated(&params).expect("readable");
        assert!(read.fields == nothing, "{params}");
        assert!(read.zone.is_none() && read.auth.is_none() && read.recording_download.is_none());
        assert!(read.additional_submission.is_empty());
        assert!(read.existing.extension == CallExtension::default());
    }
}

#[test]
fn a_score_is_a_number_a_text_or_within_an_object() {
    for (given, told) in [
        (json!(82.5), Some("82.5")),
        (json!(0), Some("0")),
        (json!(" good "), Some("good")),
        (json!({"score": 82, "value": 1}), Some("82")),
        (json!({"score": null, "value": 4.0, "max": 5}), Some("4")),
        (
            json!({"score": {"value": 3}, "value": "high"}),
            Some("high"),
        ),
        (json!({"value": " "}), None),
        (json!({"score": [1], "value": true}), None),
        (json!({"overall": 5}), None),
        (json!({}), None),
        (Value::Null, None),
    ] {
        let mut params = update();
        params["ringSenseAIScore"] = given.clone();
        let read = updated(&params).expect("readable").fields;
        assert_eq!(read.ring_sense.score.as_deref(), told, "{given}");
    }
}

#[test]
fn one_way_to_find_the_log_is_enough() {
    for (existing, log, session) in [
        (json!({"thirdPartyLogId": "77"}), Some("77"), None),
        (json!({"sessionId": "5"}), None, Some("5")),
        (
            json!({"sessionId": 5, "thirdPartyLogId": " "}),
            None,
            Some("5"),
        ),
        (
            json!({"sessionId": null, "thirdPartyLogId": 77}),
            Some("77"),
            None,
        ),
    ] {
        let read = updated(&with(update(), "existingCallLog", existing)).expect("readable");
        assert_eq!(read.existing.log.as_ref().map(LogId::as_str), log);
        assert_eq!(
            read.existing.session.as_ref().map(SessionId::as_str),
            session
        );
        assert_eq!(read.fields.session_id.as_deref(), session);
    }
}

#[test]
fn an_id_of_a_session_is_exact_as_number_and_as_text() {
    for (id, is) in [
        (json!(u64::MAX), "18446744073709551615"),
        (json!(" 9007199254740993 "), "9007199254740993"),
        (json!("s-a0d7-\u{1f600}'\"<b>"), "s-a0d7-\u{1f600}'\"<b>"),
        (json!(0), "0"),
    ] {
        let read = created(&with(create(), "callLog.sessionId", id)).expect("readable");
        assert_eq!(read.session.as_str(), is);
    }
}

#[test]
fn times_and_lengths_are_read_in_each_form() {
    for time in [
        json!("2026-03-04T12:05:09Z"),
        json!("2026-03-04T04:05:09.000-0800"),
        json!(1_772_625_909_000u64),
        json!("1772625909000"),
        json!(1_772_625_909_000.0),
    ] {
        let read = created(&with(create(), "callLog.startTime", time)).expect("readable");
        let at = read.fields.started_at.expect("a time");
        assert_eq!(at.timestamp_millis(), 1_772_625_909_000);
    }
    let half = std::time::Duration::from_millis(61_500);
    for (length, is) in [
        (json!(0), Some(Duration::seconds(0))),
        (json!(-5), Some(Duration::seconds(0))),
        (json!("65"), Some(Duration::seconds(65))),
        (json!(61.5), Some(Duration::Known(half))),
        (
            json!(MAX_CALL_SECONDS),
            Some(Duration::seconds(MAX_CALL_SECONDS)),
        ),
        (json!("pending"), Some(Duration::Pending)),
        (json!("(pending...)"), Some(Duration::Pending)),
        (json!(""), None),
        (Value::Null, None),
    ] {
        let read = created(&with(create(), "callLog.duration", length)).expect("readable");
        assert_eq!(read.fields.duration, is);
    }
}

#[test]
fn whose_part_it_is_may_stand_in_either_place_and_the_outer_counts() {
    let hash = "0a".repeat(32);
    let mut params = with(create(), "callLog.extensionNumber", json!("102"));
    params["callLog"]["hashedExtensionId"] = json!(hash);
    let extension = created(&params).expect("readable").extension;
    assert_eq!(extension.number, text("101"));
    assert!(extension.id == RingCentralId::parse("", &hash).expect("a hash"));
    params["extensionNumber"] = json!("");
    params["hashedExtensionId"] = json!("1b".repeat(32));
    let extension = created(&params).expect("readable").extension;
    assert_eq!(extension.number, text("102"));
    assert!(extension.id == RingCentralId::parse("", &"1b".repeat(32)).expect("a hash"));
    let read = updated(&with(update(), "extensionNumber", json!(103))).expect("readable");
    assert_eq!(read.existing.extension.number, text("103"));
}

#[test]
fn the_contact_has_the_number_of_the_other_end_where_it_brings_none() {
    let mut params = with(create(), "contactInfo.phoneNumber", Value::Null);
    let number = |params: &Value| created(params).expect("readable").fields.contact_number;
    assert_eq!(number(&params), PhoneNumber::parse("+16505553204"));
    params["callLog"]["direction"] = json!("Outbound");
    assert_eq!(number(&params), PhoneNumber::parse("+18885550052"));
    params["callLog"]["direction"] = Value::Null;
    assert_eq!(number(&params), None);
}
