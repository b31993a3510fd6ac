//! Requests of the wrong form, and those that are too large.

use super::*;
use crate::limits::{
    MAX_AUTH_BYTES, MAX_DOWNLOAD_BYTES, MAX_HOST_BYTES, MAX_ID_BYTES, MAX_LINK_BYTES,
    MAX_NAME_BYTES, MAX_PEOPLE, MAX_PHONE_BYTES, MAX_SETTINGS_BYTES,
};

#[test]
fn a_list_is_not_an_object() {
    let user = json!(["1-exampleCRM", null, "Daisy", null, null, {}]);
    let contact = json!([1001, "+16505553204", "Contact", "Daisy"]);
    let party = json!(["+16505553204", null, "Daisy"]);
    let message = json!([
        5,
        null,
        77,
        "2015-02-18T13:24:50.000Z",
        "Inbound",
        "SMS",
        "x",
        null,
        null,
        null,
        null,
        null,
        null
    ]);
    for (path, list) in [
        ("user", &user),
        ("contactInfo", &contact),
        ("message", &message),
        ("message.from", &party),
        ("message.conversation", &json!(["77"])),
        ("existingMessageLog", &json!(["1"])),
        ("user.userSettings", &json!([])),
        ("additionalSubmission", &json!([])),
    ] {
        let error = parse(&with(path, list.clone())).expect_err(path);
        assert_eq!(
            error.to_string(),
            format!("`{path}` holds a list where an object is needed")
        );
    }
    for (path, list) in [
        ("message.to", &party),
        ("correspondents", &party),
        ("messages", &message),
    ] {
        let refused = with(path, json!([list]));
        assert_eq!(field(&refused), format!("{path}[0]"));
    }
    let whole = json!([user, contact, "Basic x", message]);
    assert!(matches!(parse(&whole), Err(RequestError::NotJson { .. })));
}

#[test]
fn what_is_too_large_is_refused_by_its_name() {
    let long = |most: usize| json!("x".repeat(most + 1));
    let party = |field: &str, most| json!({ field: long(most) });
    let address = |most: usize| json!(format!("https://x.example/{}", "x".repeat(most)));
    let people = |count| json!(vec![json!({"name": "Daisy"}); count]);
    for (path, value, named) in [
        ("user.id", long(MAX_ID_BYTES), "user.id"),
        ("user.name", long(MAX_NAME_BYTES), "user.name"),
        ("user.hostname", long(MAX_HOST_BYTES), "user.hostname"),
        (
            "user.userSettings",
            party("a", MAX_SETTINGS_BYTES),
            "user.userSettings",
        ),
        ("contactInfo.id", long(MAX_ID_BYTES), "contactInfo.id"),
        ("contactInfo.name", long(MAX_NAME_BYTES), "contactInfo.name"),
        ("contactInfo.type", long(MAX_TYPE_BYTES), "contactInfo.type"),
        (
            "contactInfo.phoneNumber",
            long(MAX_PHONE_BYTES),
            "contactInfo.phoneNumber",
        ),
        ("authHeader", long(MAX_AUTH_BYTES), "authHeader"),
        ("message.id", long(MAX_ID_BYTES), "message.id"),
        ("message.id", json!("1\u{7}"), "message.id"),
        (
            "message.conversationId",
            long(MAX_ID_BYTES),
            "message.conversationId",
        ),
        (
            "message.conversation",
            party("id", MAX_ID_BYTES),
            "message.conversation.id",
        ),
        ("message.subject", long(MAX_TEXT_BYTES), "message.subject"),
        (
            "message.from",
            party("name", MAX_NAME_BYTES),
            "message.from.name",
        ),
        (
            "message.to",
            json!([null, party("phoneNumber", MAX_PHONE_BYTES)]),
            "message.to[1].phoneNumber",
        ),
        (
            "message.to",
            json!([party("extensionNumber", MAX_PHONE_BYTES)]),
            "message.to[0].extensionNumber",
        ),
        ("message.to", people(MAX_PEOPLE + 1), "message.to"),
        (
            "message.imageLink",
            address(MAX_LINK_BYTES),
            "message.imageLink",
        ),
        (
            "correspondents",
            json!([party("name", MAX_NAME_BYTES)]),
            "correspondents[0].name",
        ),
        ("correspondents", people(MAX_PEOPLE + 1), "correspondents"),
        ("recordingLink", address(MAX_LINK_BYTES), "recordingLink"),
        (
            "faxDownloadLink",
            address(MAX_DOWNLOAD_BYTES),
            "faxDownloadLink",
        ),
        ("imageContentType", long(MAX_TYPE_BYTES), "imageContentType"),
        (
            "additionalSubmission",
            party("a", MAX_SUBMISSION_BYTES),
            "additionalSubmission",
        ),
        (
            "existingMessageLog",
            party("thirdPartyLogId", MAX_ID_BYTES),
            "existingMessageLog.thirdPartyLogId",
        ),
    ] {
        assert_eq!(field(&with(path, value)), named);
    }
    let mut largest = with("correspondents", people(MAX_PEOPLE));
    largest["contactInfo"]["name"] = json!("x".repeat(MAX_NAME_BYTES));
    largest["contactInfo"]["phoneNumber"] = json!("1".repeat(MAX_PHONE_BYTES));
    assert!(parse(&largest).is_ok());
}
