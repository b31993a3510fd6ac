//! What the extension and the hosted call logger send about calls.

use serde_json::json;

use super::*;
use crate::call::{CallFields, Duration, Link};
use crate::ids::CrmUserId;

const MISSING: &str = "is required and was missing or empty";

fn user() -> User {
    User {
        id: CrmUserId::parse("1-exampleCRM").expect("an id"),
        hostname: None,
        name: None,
        zone: None,
        settings: Map::new(),
    }
}

fn create() -> Value {
    json!({
        "logInfo": {
            "id": "AbC", "sessionId": 9_007_199_254_740_993u64, "accountId": "37439510",
            "direction": "Outbound",
            "from": {"phoneNumber": "+18885550052", "name": "Ann"},
            "to": {"phoneNumber": "+16505553204", "name": "Daisy"},
            "startTime": "2026-03-04T19:05:09.000Z", "duration": 65, "result": "Call connected",
            "customSubject": "About the order",
            "recording": {"link": "(pending...)", "contentUri": "https://m.example/1",
                          "downloadUrl": "https://m.example/1?accessToken=secret"},
        },
        "note": "First\n\nsecond", "aiNote": "A summary", "transcript": "Ann: hello",
        "ringSenseSummary": "They greet", "ringSenseAIScore": {"score": 82},
        "additionalSubmission": {"deals": 5}, "overridingFormat": ["(***) ***-****"],
        "contactId": 1001, "contactType": "Contact", "contactName": "Daisy",
    })
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

fn within(mut body: Value, name: &str, value: Value) -> Value {
    body["logInfo"][name] = value;
    body
}

fn new(body: &Value) -> Result<Option<CreateCallLogParams>> {
    CreateCallLogParams::by_client(body.to_string().as_bytes(), user())
}

fn read(body: &Value) -> CreateCallLogParams {
    new(body).expect("readable").expect("it has a contact")
}

#[test]
fn a_call_is_read_as_the_extension_sends_it() {
    let call = read(&create());
    assert_eq!(call.session.as_str(), "9007199254740993");
    assert_eq!(call.contact.id.as_str(), "1001");
    assert_eq!(call.contact.name.as_deref(), Some("Daisy"));
    assert_eq!(call.contact.kind.as_deref(), Some("Contact"));
    let phone = call
        .contact
        .phone
        .as_ref()
        .expect("the number that was called");
    assert_eq!(phone.as_str(), "+16505553204");
    assert_eq!(call.fields.contact_number, call.contact.phone);
    assert_eq!(call.fields.note.as_deref(), Some("First\n\nsecond"));
    assert_eq!(call.fields.subject.as_deref(), Some("About the order"));
    assert_eq!(call.fields.recording, Some(Link::Pending));
    assert_eq!(call.fields.ring_sense.score.as_deref(), Some("82"));
    assert_eq!(call.additional_submission["deals"], 5);
    assert!(call.recording_download.is_some() && call.auth.is_none());
    let inbound = read(&within(create(), "direction", json!("Inbound")));
    let phone = inbound.contact.phone.expect("the number that called");
    assert_eq!(phone.as_str(), "+18885550052");
}

#[test]
fn a_contact_that_nobody_chose_is_none() {
    for id in [
        Value::Null,
        json!(""),
        json!(" "),
        json!(0),
        json!("0"),
        json!("createNewContact"),
        json!("searchContact"),
    ] {
        let call = new(&with(create(), "contactId", id.clone())).expect("readable");
        assert!(call.is_none(), "{id}");
    }
}

#[test]
fn what_is_pending_is_read_as_the_hosted_logger_sends_it() {
    let hash = "0a".repeat(32);
    let mut body = create();
    for (name, value) in [
        ("duration", json!("pending")),
        ("startTime", json!(1_772_651_109_000u64)),
        (
            "to",
            json!({"phoneNumber": "+16505553204", "name": "(pending...)"}),
        ),
        ("extensionNumber", json!(101)),
    ] {
        body["logInfo"][name] = value;
    }
    body["note"] = json!("From auto logging (Pending)");
    body["rcExtensionId"] = json!(62_000_123u64);
    body["overridingFormat"] = json!("");
    let call = read(&body);
    assert_eq!(call.fields.duration, Some(Duration::Pending));
    assert_eq!(call.fields.note, None, "it says nothing");
    let at = call.fields.started_at.expect("a time");
    assert_eq!(at.to_rfc3339(), "2026-03-04T19:05:09+00:00");
    let extension =
        |call: &CreateCallLogParams| (call.extension.number.clone(), call.extension.id.clone());
    let raw = RingCentralId::Raw("62000123".to_owned());
    assert_eq!(extension(&call), (Some("101".to_owned()), Some(raw)));
    let hashed = read(&with(body.clone(), "hashedExtensionId", json!(hash)));
    let id = RingCentralId::parse("", &hash).expect("a hash");
    assert_eq!(hashed.extension.id, id, "the hash counts first");
    let beside = read(&with(body, "extensionNumber", json!("102")));
    assert_eq!(beside.extension.number.as_deref(), Some("102"));
}

#[test]
fn what_is_wrong_with_a_call_is_named() {
    for (body, field, problem) in [
        (json!({"contactId": 1}), "logInfo", MISSING),
        (
            with(create(), "logInfo", json!("x")),
            "logInfo",
            "holds text where an object is needed",
        ),
        (
            within(create(), "sessionId", json!("")),
            "logInfo.sessionId",
            MISSING,
        ),
        (
            within(create(), "recording", json!({"link": "ftp://x"})),
            "logInfo.recording.link",
            "is not an http or https address",
        ),
        (
            within(create(), "direction", json!("Up")),
            "logInfo.direction",
            "is neither `Inbound` nor `Outbound`",
        ),
        (
            with(create(), "note", json!({})),
            "note",
            "holds an object where text is needed",
        ),
        (
            with(
                create(),
                "contactName",
                json!("x".repeat(MAX_NAME_BYTES + 1)),
            ),
            "contactName",
            &too_long(MAX_NAME_BYTES),
        ),
    ] {
        let error = new(&body).expect_err(field);
        assert_eq!(error, RequestError::field(field, problem));
    }
}

#[test]
fn a_change_says_no_more_than_it_brings() {
    let read = |body: Value| UpdateCallLogParams::by_client(body.to_string().as_bytes(), user());
    let change = read(json!({"sessionId": 5, "note": "New"})).expect("readable");
    let only = CallFields {
        session_id: Some("5".to_owned()),
        note: Some("New".to_owned()),
        ..CallFields::default()
    };
    assert!(change.fields == only);
    assert!(change.existing.log.is_none());
    let empty = json!({
        "sessionId": "5", "note": "", "recordingLink": null, "subject": " ", "duration": "",
        "result": null, "from": null, "startTime": "", "transcript": "",
    });
    let change = read(empty).expect("readable");
    let only = CallFields { note: None, ..only };
    assert!(change.fields == only, "nothing is changed");
    let error = read(json!({"note": "New"})).expect_err("no session");
    assert_eq!(error, RequestError::missing("sessionId"));
}

#[test]
fn the_note_among_dispositions_is_the_agents() {
    let read = |body: Value| ClientDispositions::parse(body.to_string().as_bytes(), user());
    let body = json!({"sessionId": "5", "dispositions": {"deals": 7, "note": "New"},
                      "additionalSubmission": {"deals": 8}});
    let chosen = read(body).expect("readable");
    assert_eq!(chosen.note.as_deref(), Some("New"));
    assert!(!chosen.is_empty());
    assert_eq!(Value::from(chosen.params.dispositions), json!({"deals": 7}));
    for dispositions in [
        Value::Null,
        json!({}),
        json!({"note": ""}),
        json!({"note": null}),
    ] {
        let body = json!({"sessionId": "5", "dispositions": dispositions});
        let chosen = read(body).expect("readable");
        assert!(chosen.note.is_none() && chosen.params.dispositions.is_empty());
        assert!(chosen.is_empty());
    }
    let error = read(json!({"sessionId": "5", "dispositions": {"note": 5}})).expect_err("refused");
    assert_eq!(
        error,
        RequestError::field("dispositions.note", "is not text")
    );
}

#[test]
fn a_note_that_waits_needs_its_words() {
    let read = |body: Value| CallNoteParams::parse(body.to_string().as_bytes());
    let kept = read(json!({"sessionId": 5, "note": "A\r\nB"})).expect("readable");
    assert_eq!((kept.session.as_str(), kept.note.as_str()), ("5", "A\nB"));
    for (body, field) in [
        (json!({"sessionId": 5, "note": " "}), "note"),
        (json!({"sessionId": 5}), "note"),
        (json!({"note": "A"}), "sessionId"),
    ] {
        assert_eq!(read(body).expect_err(field), RequestError::missing(field));
    }
    let long = json!({"sessionId": 5, "note": "x".repeat(MAX_TEXT_BYTES + 1)});
    let error = read(long).expect_err("too long");
    assert_eq!(error, RequestError::field("note", too_long(MAX_TEXT_BYTES)));
}

#[test]
fn sessions_are_read_as_text_once_each_in_their_order() {
    let read = |query: &str| CallQuery::parse(query).expect("readable");
    let asked = read(
        "jwtToken=x&sessionIds=9007199254740993,,+12%20,s-a0d1,12&requireDetails=true\
         &sessionIds=7&extensionNumber=101&hashedExtensionId=undefined",
    );
    let ids: Vec<_> = asked.sessions.iter().map(SessionId::as_str).collect();
    assert_eq!(ids, ["9007199254740993", "12", "s-a0d1", "7"]);
    assert!(asked.details);
    assert_eq!(asked.extension.number.as_deref(), Some("101"));
    assert!(asked.extension.id.is_none());
    assert!(!read("sessionIds=1&requireDetails=false").details);
    assert!(!read("sessionIds=1").details);
}

#[test]
fn no_session_or_too_many_are_refused() {
    let many = |count: usize| {
        let ids: Vec<_> = (0..count).map(|id| id.to_string()).collect();
        format!("sessionIds={}", ids.join(","))
    };
    let read = |query: &str| CallQuery::parse(query);
    assert_eq!(
        read(&many(MAX_SESSIONS)).expect("readable").sessions.len(),
        MAX_SESSIONS
    );
    let error = read(&many(MAX_SESSIONS + 1)).expect_err("too many");
    assert_eq!(
        error,
        RequestError::field("sessionIds", "has more than 100 ids")
    );
    for query in ["", "sessionIds=", "sessionIds=,%20,", "sessionId=5"] {
        let error = read(query).expect_err(query);
        assert_eq!(error, RequestError::missing("sessionIds"));
    }
    let error = read("sessionIds=1%002").expect_err("refused");
    assert_eq!(
        error,
        RequestError::field("sessionIds", "holds control characters")
    );
    let error = read("sessionIds=1&hashedExtensionId=zz").expect_err("refused");
    assert!(matches!(error, RequestError::Field { field, .. } if field == "hashedExtensionId"));
}

#[test]
fn nothing_personal_is_debug_printed() {
    let body = json!({"sessionId": "Daisy", "note": "Daisy", "dispositions": {"note": "Daisy"}});
    let text = body.to_string();
    let printed = format!(
        "{:?} {:?} {:?}",
        ClientDispositions::parse(text.as_bytes(), user()),
        CallNoteParams::parse(text.as_bytes()),
        CallQuery::parse("sessionIds=Daisy"),
    );
    assert!(!printed.contains("Daisy"), "{printed}");
}
