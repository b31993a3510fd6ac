//! What the extension reads of an answer without asking whether it is there. Each function fails
//! where the extension would throw, or show nothing where it has to show something.

use daybook_tests::world::ClientAnswer;
use serde_json::Value;

/// A reply of a route that answers JSON, whether it went well or not.
fn reply(answer: &ClientAnswer) -> Value {
    assert_eq!(answer.status, 200, "{answer:?}");
    let reply = answer.json();
    let failed = match reply["successful"].as_bool() {
        Some(successful) => !successful,
        None => panic!("successful is missing: {reply}"),
    };
    if failed || !reply["returnMessage"].is_null() {
        message(&reply);
    }
    reply
}

/// A message that the extension shows: it leaves `info` and `danger` out.
fn message(reply: &Value) {
    let shown = &reply["returnMessage"];
    let words = shown["message"].as_str().unwrap_or_default();
    assert!(!words.is_empty(), "no words: {reply}");
    let kind = shown["messageType"].as_str().unwrap_or_default();
    assert!(["success", "warning", "error"].contains(&kind), "{reply}");
    assert!(shown["ttl"].as_u64().is_some_and(|ttl| ttl > 0), "{reply}");
}

/// A text field that is not empty.
fn text<'a>(of: &'a Value, field: &str) -> &'a str {
    let text = of[field].as_str().unwrap_or_default();
    assert!(!text.is_empty(), "no text {field}: {of}");
    text
}

fn list<'a>(of: &'a Value, field: &str) -> &'a [Value] {
    let list = of[field].as_array();
    list.unwrap_or_else(|| panic!("no list {field}: {of}"))
}

/// A refusal that the extension shows: a text that is no JSON, and no 404.
pub(super) fn refusal(answer: &ClientAnswer) -> &str {
    assert!((400..500).contains(&answer.status), "{answer:?}");
    assert_ne!(answer.status, 404, "{answer:?}");
    let content_type = &answer.headers["content-type"];
    assert!(content_type.starts_with("text/plain"), "{answer:?}");
    assert!(!answer.text.is_empty(), "{answer:?}");
    let parsed = serde_json::from_str::<Value>(&answer.text);
    assert!(
        parsed.is_err(),
        "the extension makes no text of it: {answer:?}"
    );
    &answer.text
}

/// `GET /userInfoHash`: extension and account, hashed.
pub(super) fn identity(answer: &ClientAnswer) -> (String, String) {
    assert_eq!(answer.status, 200, "{answer:?}");
    let told = answer.json();
    let [extension, account] = ["extensionId", "accountId"].map(|field| text(&told, field));
    (extension.to_owned(), account.to_owned())
}

/// `GET /user/preloadSettings`: nothing has to be there, but what is there is read.
pub(super) fn pre_settings(answer: &ClientAnswer) {
    assert_eq!(answer.status, 200, "{answer:?}");
    let told = answer.json();
    assert!(told["customCrmManifestUrl"].is_null(), "{told}");
}

/// `GET /oauth-callback` and `POST /apiKeyLogin`: the token.
pub(super) fn sign_in(answer: &ClientAnswer) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    let told = answer.json();
    text(&told, "name");
    message(&told);
    text(&told, "jwtToken").to_owned()
}

/// `POST /user/settings`, without whose field the extension loses all settings.
pub(super) fn settings(answer: &ClientAnswer) -> Value {
    assert_eq!(answer.status, 200, "{answer:?}");
    let told = answer.json();
    assert!(told["userSettings"].is_object(), "{told}");
    told["userSettings"].clone()
}

/// `GET /crmManifest`: the platform of this name in it.
pub(super) fn manifest(answer: &ClientAnswer, platform: &str) -> Value {
    assert_eq!(answer.status, 200, "{answer:?}");
    let told = answer.json();
    for field in ["serverUrl", "redirectUri", "version"] {
        text(&told, field);
    }
    text(&told["author"], "name");
    for platform in told["platforms"].as_object().expect("platforms").values() {
        text(platform, "urlIdentifier");
    }
    let platform = &told["platforms"][platform];
    for field in ["name", "displayName", "contactPageUrl"] {
        text(platform, field);
    }
    assert!(["oauth", "apiKey"].contains(&text(&platform["auth"], "type")));
    list(&platform["page"]["callLog"], "additionalFields");
    list(&platform["page"]["messageLog"], "additionalFields");
    platform.clone()
}

/// `GET /contact`: the contacts. The extension needs one at least, and `null` in `additionalInfo`
/// breaks its form.
pub(super) fn contacts(answer: &ClientAnswer) -> Vec<Value> {
    let reply = reply(answer);
    let contacts = list(&reply, "contact");
    contacts.iter().for_each(contact);
    contacts.to_vec()
}

fn contact(contact: &Value) {
    assert!(
        contact["id"].is_string() || contact["id"].is_number(),
        "{contact}"
    );
    text(contact, "name");
    let is_new = contact["isNewContact"] == true;
    assert!(is_new || contact["type"].is_string(), "{contact}");
    let more = contact.get("additionalInfo");
    assert!(more.is_none_or(Value::is_object), "{contact}");
}

/// `POST /contact` that went well: the contact.
pub(super) fn new_contact(answer: &ClientAnswer) -> Value {
    let reply = reply(answer);
    contact(&reply["contact"]);
    reply["contact"].clone()
}

/// `GET /custom/contact/search`: the words have to be there where nothing was found.
pub(super) fn found_by_name(answer: &ClientAnswer) -> Vec<Value> {
    let reply = reply(answer);
    let contacts = list(&reply, "contact");
    contacts.iter().for_each(contact);
    if contacts.is_empty() {
        message(&reply);
    }
    contacts.to_vec()
}

/// `POST /callLog`: a call that is kept has no id yet, and words that say so.
pub(super) fn call_log(answer: &ClientAnswer) -> Value {
    let reply = reply(answer);
    let said = reply["returnMessage"]["message"].as_str();
    let is_kept = said.is_some_and(|said| said.contains("is kept and will be logged"));
    if reply["successful"] == true && !is_kept {
        text(&reply, "logId");
    }
    reply
}

/// `PATCH /callLog`, `PUT /callDisposition` and `POST /callLog/cacheNote`.
pub(super) fn outcome(answer: &ClientAnswer) -> Value {
    reply(answer)
}

/// `GET /callLog`: every session that was asked is answered, by its id as text.
pub(super) fn call_logs(answer: &ClientAnswer, sessions: &[&str]) -> Vec<Value> {
    let reply = reply(answer);
    let logs = list(&reply, "logs");
    for session in sessions {
        let log = logs.iter().find(|log| log["sessionId"] == **session);
        let log = log.unwrap_or_else(|| panic!("{session} is not answered: {reply}"));
        let matched = log["matched"].as_bool();
        let matched = matched.unwrap_or_else(|| panic!("no matched: {reply}"));
        let id = &log["logId"];
        assert!(id.is_string() || id.is_null(), "{reply}");
        assert!(matched || id.is_null(), "{reply}");
    }
    logs.to_vec()
}

/// What the form reads of a log.
pub(super) fn details(log: &Value) -> &Value {
    let details = &log["logData"];
    for field in ["subject", "note"] {
        assert!(details[field].is_string(), "no {field}: {log}");
    }
    assert!(
        details["dispositions"].is_object(),
        "no dispositions: {log}"
    );
    details
}

/// `POST /messageLog`: the ids are texts, and there where nothing was logged.
pub(super) fn message_log(answer: &ClientAnswer) -> Value {
    let reply = reply(answer);
    let ids = list(&reply, "logIds");
    assert!(ids.iter().all(Value::is_string), "{reply}");
    assert!(reply["successful"] == true || ids.is_empty(), "{reply}");
    reply
}

/// `GET /licenseStatus`.
pub(super) fn license(answer: &ClientAnswer) -> Value {
    assert_eq!(answer.status, 200, "{answer:?}");
    let told = answer.json();
    assert!(told["isLicenseValid"].is_boolean(), "{told}");
    for field in ["licenseStatus", "licenseStatusDescription"] {
        assert!(told[field].is_string(), "no {field}: {told}");
    }
    told
}

/// `GET /releaseNotes`: notes for everyone and for a platform, by version.
pub(super) fn release_notes(answer: &ClientAnswer) {
    assert_eq!(answer.status, 200, "{answer:?}");
    let told = answer.json();
    for of_version in told.as_object().expect("versions").values() {
        for notes in of_version.as_object().expect("platforms").values() {
            for note in notes.as_array().expect("a list") {
                text(note, "type");
                text(note, "description");
            }
        }
    }
}
