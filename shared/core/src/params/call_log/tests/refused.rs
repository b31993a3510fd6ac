//! Requests that lack something, of the wrong form, and those that are too large.

use super::*;
use crate::limits::{
    MAX_AUTH_BYTES, MAX_CALL_BYTES, MAX_DOWNLOAD_BYTES, MAX_ID_BYTES, MAX_LINK_BYTES,
    MAX_NAME_BYTES, MAX_PHONE_BYTES, MAX_TEXT_BYTES, MAX_TYPE_BYTES,
};

const MISSING: &str = "is required and was missing or empty";
const ID: &str = "holds a number where an id as text or as a whole number below 2^64 is needed";
const LINK: &str = "is not an http or https address";
const SECONDS: &str = "is not a number of seconds or `pending`";
const SIDE: &str = "is neither `Inbound` nor `Outbound`";
const LIST: &str = "holds a list where an object is needed";
const TEXT: &str = "holds an object where text is needed";
const CONTROL: &str = "holds control characters";
const TIME: &str = "is not a time: ISO 8601 text such as `2015-02-18T13:24:50.000Z`, \
                    or milliseconds since 1970, is needed";
const EPOCH: &str = "is a time before 2000 or after 2099; \
                     a number is read as milliseconds since 1970";
const HASH: &str = "is neither a RingCentral id of at most 32 digits nor the hash of one";
const NEITHER: &str = "is required where `existingCallLog.sessionId` is missing or empty";

/// Asserts that each value, put at its path, is refused at that path in these words.
fn each_is_refused<T: std::fmt::Debug>(
    params: fn() -> Value,
    parse: impl Fn(&Value) -> Result<T>,
    table: Vec<(&str, Value, &str)>,
) {
    assert!(parse(&params()).is_ok());
    for (path, value, problem) in table {
        let error = parse(&with(params(), path, value)).expect_err(path);
        assert_eq!(error, RequestError::field(path, problem));
    }
}

#[test]
fn a_new_log_is_refused_with_the_field_named() {
    let table = vec![
        ("user", Value::Null, MISSING),
        ("user.id", json!(" "), MISSING),
        ("contactInfo", Value::Null, MISSING),
        ("contactInfo.id", json!(""), MISSING),
        ("contactInfo", json!([1001]), LIST),
        ("callLog", Value::Null, MISSING),
        ("callLog", json!([5, null, null]), LIST),
        ("callLog.sessionId", Value::Null, MISSING),
        ("callLog.sessionId", json!(" "), MISSING),
        ("callLog.sessionId", json!(1.5e300), ID),
        ("callLog.sessionId", json!(9_007_199_254_740_992.0), ID),
        ("callLog.sessionId", json!("1\u{0}2"), CONTROL),
        ("callLog.direction", json!("Sideways"), SIDE),
        ("callLog.startTime", json!("yesterday"), TIME),
        ("callLog.startTime", json!(1_772_625_909), EPOCH),
        ("callLog.duration", json!("soon"), SECONDS),
        ("callLog.duration", json!(1e40), SECONDS),
        ("callLog.duration", json!("NaN"), SECONDS),
        (
            "callLog.duration",
            json!(MAX_CALL_SECONDS + 1),
            "is longer than 2592000 seconds",
        ),
        (
            "callLog.duration",
            json!(true),
            "holds true or false where text or a number is needed",
        ),
        ("callLog.result", json!({}), TEXT),
        ("callLog.from", json!(["+16505553204"]), LIST),
        ("callLog.from.name", json!({"Daisy": 1}), TEXT),
        ("callLog.to.extensionNumber", json!(1.5), ID),
        ("callLog.recording", json!(["https://r.example"]), LIST),
        ("callLog.recording.link", json!("javascript:alert(1)"), LINK),
        ("callLog.recording.downloadUrl", json!("nowhere"), LINK),
        ("callLog.voicemail", json!(["https://r.example"]), LIST),
        ("callLog.voicemail.link", json!("data:text/html,x"), LINK),
        ("callLog.customSubject", json!({}), TEXT),
        ("callLog.hashedExtensionId", json!("Daisy"), HASH),
        ("callLog.extensionNumber", json!("1\r\n2"), CONTROL),
        ("extensionNumber", json!(1.5), ID),
        ("hashedExtensionId", json!("../1"), HASH),
        ("note", json!({}), TEXT),
        ("aiNote", json!({}), TEXT),
        ("transcript", json!({}), TEXT),
        ("voicemailLink", json!("/x"), LINK),
        ("ringSenseLink", json!("x"), LINK),
        (
            "ringSenseAIScore",
            json!([82]),
            "holds a list where text or a number is needed",
        ),
        (
            "ringSenseAIScore",
            json!(true),
            "holds true or false where text or a number is needed",
        ),
        (
            "additionalSubmission",
            json!([1]),
            "holds a list where an object is needed",
        ),
        (
            "authHeader",
            json!("Basic a\r\nX-Evil: 1"),
            "holds characters that an HTTP header cannot carry",
        ),
    ];
    each_is_refused(create, created, table);
}

#[test]
fn a_change_is_refused_with_the_field_named() {
    let table = vec![
        ("user", Value::Null, MISSING),
        ("existingCallLog", Value::Null, MISSING),
        ("existingCallLog", json!(["77"]), LIST),
        ("existingCallLog.thirdPartyLogId", json!(1.5), ID),
        ("existingCallLog.sessionId", json!(1.5), ID),
        ("existingCallLog.sessionId", json!("1\u{7}"), CONTROL),
        ("existingCallLog.hashedExtensionId", json!("~"), HASH),
        ("recordingLink", json!("javascript:alert(1)"), LINK),
        ("recordingDownloadLink", json!("nowhere"), LINK),
        ("voicemailLink", json!("https://"), LINK),
        ("subject", json!({}), TEXT),
        ("startTime", json!("2026-03-04"), TIME),
        ("duration", json!("1:05"), SECONDS),
        ("direction", json!("inwards"), SIDE),
        ("from", json!(["Ann"]), LIST),
        ("legs", json!({}), "holds an object where a list is needed"),
    ];
    each_is_refused(update, updated, table);
    for neither in [
        json!({}),
        json!({"sessionId": " ", "thirdPartyLogId": null}),
    ] {
        let error = updated(&with(update(), "existingCallLog", neither)).expect_err("refused");
        let named = "existingCallLog.thirdPartyLogId";
        assert_eq!(error, RequestError::field(named, NEITHER));
    }
}

#[test]
fn a_log_to_read_and_what_was_chosen_are_refused_with_the_field_named() {
    each_is_refused(
        || json!({"user": {"id": 1}, "callLogId": "77"}),
        |params| GetCallLogParams::parse(params.to_string().as_bytes()),
        vec![
            ("user", Value::Null, MISSING),
            ("callLogId", Value::Null, MISSING),
            ("callLogId", json!(" "), MISSING),
            ("callLogId", json!(1.5), ID),
            ("contactId", json!("\u{7}1"), CONTROL),
        ],
    );
    each_is_refused(
        || json!({"user": {"id": 1}, "existingCallLog": {"sessionId": 5}, "dispositions": {}}),
        |params| UpsertCallDispositionParams::parse(params.to_string().as_bytes()),
        vec![
            ("user.id", Value::Null, MISSING),
            ("existingCallLog", Value::Null, MISSING),
            ("dispositions", Value::Null, MISSING),
            ("dispositions", json!([1]), LIST),
        ],
    );
}

#[test]
fn a_leg_is_named_by_its_place() {
    for (leg, path, problem) in [
        (json!(["Inbound"]), "legs[1]", LIST),
        (json!({"direction": "x"}), "legs[1].direction", SIDE),
        (json!({"duration": "x"}), "legs[1].duration", SECONDS),
        (
            json!({"to": {"extensionNumber": 1.5}}),
            "legs[1].to.extensionNumber",
            ID,
        ),
    ] {
        let legs = json!([null, leg]);
        let error = updated(&with(update(), "legs", legs.clone())).expect_err(path);
        assert_eq!(error, RequestError::field(path, problem));
        let error = created(&with(create(), "callLog.legs", legs)).expect_err(path);
        assert_eq!(
            error,
            RequestError::field(format!("callLog.{path}"), problem)
        );
    }
}

#[test]
fn what_is_too_large_is_refused_by_its_name() {
    let address = |most: usize| format!("https://x.example/{}", "x".repeat(most));
    for (path, most) in [
        ("authHeader", MAX_AUTH_BYTES),
        ("callLog.sessionId", MAX_ID_BYTES),
        ("extensionNumber", MAX_PHONE_BYTES),
        ("callLog.from.phoneNumber", MAX_PHONE_BYTES),
        ("callLog.to.extensionNumber", MAX_PHONE_BYTES),
        ("callLog.to.name", MAX_NAME_BYTES),
        ("callLog.result", MAX_NAME_BYTES),
        ("callLog.customSubject", MAX_TEXT_BYTES),
        ("note", MAX_TEXT_BYTES),
        ("transcript", MAX_TEXT_BYTES),
        ("ringSenseAIScore", MAX_TYPE_BYTES),
    ] {
        let longest = with(create(), path, json!("x".repeat(most)));
        assert!(created(&longest).is_ok(), "{path}");
        let error = created(&with(create(), path, json!("x".repeat(most + 1)))).expect_err(path);
        let problem = format!("is longer than {most} bytes");
        assert_eq!(error, RequestError::field(path, problem));
    }
    for (path, most) in [
        ("callLog.recording.link", MAX_LINK_BYTES),
        ("callLog.recording.downloadUrl", MAX_DOWNLOAD_BYTES),
    ] {
        let error = created(&with(create(), path, json!(address(most)))).expect_err(path);
        let problem = format!("is longer than {most} bytes");
        assert_eq!(error, RequestError::field(path, problem));
    }
}

#[test]
fn texts_and_legs_have_one_room_together() {
    let problem =
        format!("makes the texts and the legs of the request longer than {MAX_CALL_BYTES} bytes");
    let long = json!("x".repeat(MAX_TEXT_BYTES));
    let mut params = with(update(), "note", long.clone());
    params["aiNote"] = long.clone();
    assert!(updated(&params).is_ok());
    params["transcript"] = long;
    let error = updated(&params).expect_err("refused");
    assert_eq!(error, RequestError::field("transcript", &*problem));
    let leg = json!({"from": {"name": "x".repeat(MAX_NAME_BYTES)}});
    let legs = Value::Array(vec![leg; MAX_CALL_BYTES / MAX_NAME_BYTES]);
    let error = created(&with(create(), "callLog.legs", legs)).expect_err("refused");
    assert_eq!(error, RequestError::field("callLog.legs", problem));
}

#[test]
fn what_is_not_an_object_is_refused() {
    for body in [&b""[..], b"null", b"[{}]", b"{", b"\xff{}"] {
        let errors = [
            CreateCallLogParams::parse(body).err(),
            UpdateCallLogParams::parse(body).err(),
            GetCallLogParams::parse(body).err(),
            UpsertCallDispositionParams::parse(body).err(),
        ];
        for error in errors {
            assert!(
                matches!(error, Some(RequestError::NotJson { .. })),
                "{error:?}"
            );
        }
    }
}
