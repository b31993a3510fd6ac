use serde_json::{Value, json};

use super::*;
use crate::ids::CrmUserId;
use crate::media::MediaKind;

fn user() -> User {
    User {
        id: CrmUserId::parse("1-exampleCRM").expect("an id"),
        hostname: None,
        name: None,
        zone: None,
        settings: Map::new(),
    }
}

fn read(body: &Value) -> Result<MessageLog, RequestError> {
    MessageLog::parse(body.to_string().as_bytes(), user())
}

fn new(body: &Value) -> NewMessages {
    match read(body) {
        Ok(MessageLog::New(new)) => *new,
        other => panic!("{other:?}"),
    }
}

/// A text as the widget hands it on: ids are numbers, times too.
fn text(id: u64, minute: i64) -> Value {
    json!({
        "id": id,
        "conversationId": "5578984350117917661",
        "creationTime": 1_424_265_890_000_i64 + minute * 60_000,
        "lastModifiedTime": 1_424_265_999_000_i64,
        "type": "SMS",
        "direction": "Inbound",
        "subject": format!("Text {id}"),
        "from": {"phoneNumber": "+16505553204", "name": "Daisy"},
        "to": [{"phoneNumber": "+18885550052", "name": "Demo Rep", "target": true}],
        "attachments": [{"id": id, "type": "Text", "contentType": "text/plain"}],
    })
}

fn body(messages: Vec<Value>) -> Value {
    json!({
        "logInfo": {
            "conversationLogId": "5578984350117917661/2/18/2015",
            "conversationId": "5578984350117917661",
            "type": "SMS",
            "messages": messages,
            "correspondents": [{"phoneNumber": "+16505553204", "name": "Daisy"}],
            "rcAccessToken": "a secret",
        },
        "additionalSubmission": {"deals": 301},
        "overridingFormat": ["(***) ***-****"],
        "contactId": 1001,
        "contactType": "Contact",
        "contactName": "Daisy Meadows",
    })
}

fn ids(new: &NewMessages) -> Vec<&str> {
    let messages = new.params.messages.iter();
    messages.map(|message| message.id.as_str()).collect()
}

#[test]
fn a_day_that_is_sent_newest_first_is_read_oldest_first() {
    let new = new(&body(vec![text(3, 3), text(1, 1), text(2, 2), text(2, 2)]));
    assert_eq!(ids(&new), ["1", "2", "3"]);
    let params = &new.params;
    assert_eq!(params.contact.id.as_str(), "1001");
    assert_eq!(params.contact.name.as_deref(), Some("Daisy Meadows"));
    assert_eq!(params.contact.kind.as_deref(), Some("Contact"));
    let phone = params.contact.phone.as_ref().map(PhoneNumber::as_str);
    assert_eq!(phone, Some("+16505553204"));
    assert_eq!(params.additional_submission["deals"], 301);
    assert_eq!(new.ids, LogIds::OfMessages);
    assert_eq!(
        new.ids
            .of(params.messages.iter().map(|message| &message.id)),
        ["1", "2", "3"]
    );
    assert!(params.inbox.is_none() && params.auth.is_none());
}

#[test]
fn without_a_contact_or_a_message_there_is_nothing_to_log() {
    for id in [
        json!(null),
        json!(""),
        json!("createNewContact"),
        json!("searchContact"),
    ] {
        let mut body = body(vec![text(1, 1)]);
        body["contactId"] = id;
        assert!(matches!(read(&body), Ok(MessageLog::NoContact)), "{body}");
    }
    let mut body = body(vec![text(1, 1)]);
    body["logInfo"]["messages"][0]["availability"] = json!("Deleted");
    assert!(matches!(read(&body), Ok(MessageLog::Empty)), "{body}");
    for messages in [json!([]), json!(null)] {
        body["logInfo"]["messages"] = messages;
        assert!(matches!(read(&body), Ok(MessageLog::Empty)), "{body}");
    }
}

#[test]
fn what_the_message_leaves_out_the_conversation_says() {
    let mut message = text(1, 1);
    for field in [
        "conversationId",
        "type",
        "to",
        "from",
        "attachments",
        "creationTime",
    ] {
        message.as_object_mut().expect("an object").remove(field);
    }
    let mut body = body(vec![message]);
    body["logInfo"]["type"] = json!("VoiceMail");
    let new = new(&body);
    let message = &new.params.messages[0];
    assert_eq!(message.conversation.as_str(), "5578984350117917661");
    assert_eq!(message.kind, crate::message::MessageKind::VoiceMail);
    assert_eq!(message.at.timestamp_millis(), 1_424_265_999_000);
}

#[test]
fn a_picture_message_is_a_text_with_its_pictures() {
    let mut message = text(1, 1);
    message["type"] = json!("MMS");
    message["attachments"] = json!([
        {"type": "MmsAttachment", "contentType": "image/png", "uri": "https://x.example/1"},
        {"type": "MmsAttachment", "contentType": "image/png", "uri": "https://x.example/2"},
    ]);
    let new = new(&body(vec![message]));
    let kinds: Vec<_> = new.params.messages[0]
        .media
        .iter()
        .map(|media| media.kind)
        .collect();
    assert_eq!(kinds, [MediaKind::Image, MediaKind::Image]);
}

#[test]
fn in_a_group_the_contact_is_who_has_its_name() {
    let mut body = body(vec![text(1, 1)]);
    body["logInfo"]["correspondents"] = json!([
        {"phoneNumber": "+16505550001", "name": "Eve"},
        {"phoneNumber": "+16505550002", "name": "Daisy Meadows"},
    ]);
    let named = new(&body);
    let phone = named.params.contact.phone.as_ref().map(PhoneNumber::as_str);
    assert_eq!(phone, Some("+16505550002"));
    assert_eq!(
        named.ids.of(std::iter::once(&named.params.messages[0].id)),
        ["1-1001"]
    );
    body["contactName"] = json!("Somebody else");
    let nobody = new(&body);
    assert_eq!(nobody.params.contact.phone, None, "it may be either's");
}

/// A conversation of a shared inbox with two answers by different people.
fn shared() -> Value {
    let answer = |id: u64, minute: i64, words: &str| {
        let mut message = text(id, minute);
        message["direction"] = json!("Outbound");
        message["from"] = json!({"phoneNumber": "+18885550052", "name": "Sales"});
        message["subject"] = json!(words);
        message
    };
    let entry = |id: Value, minute: i64, words: &str, author: &str| {
        json!({
            "recordType": "AliveMessage", "id": id, "direction": "Outbound", "text": words,
            "creationTime": 1_424_265_890_000_i64 + minute * 60_000, "author": {"name": author},
        })
    };
    let mut body = body(vec![answer(3, 3, "Same"), answer(2, 2, "Same"), text(1, 1)]);
    body["logInfo"]["owner"] = json!({"name": "Sales", "extensionType": "Department"});
    body["logInfo"]["entities"] = json!([
        entry(json!(null), 3, "Same", "Bob"),
        entry(json!(2), 2, "Same", "Ann"),
        {"recordType": "AliveNote", "author": {"name": "Eve"}, "text": "Same"},
        {"recordType": "ThreadCreatedHint"},
    ]);
    body
}

#[test]
fn the_answers_of_a_shared_inbox_have_their_true_authors() {
    let new = new(&shared());
    let names = |new: &NewMessages| {
        let names = new
            .params
            .messages
            .iter()
            .map(|message| message.from.name.clone());
        names.map(Option::unwrap_or_default).collect::<Vec<_>>()
    };
    assert_eq!(names(&new), ["Daisy", "Ann", "Bob"]);
    let inbox = new.params.inbox.as_ref().expect("an inbox");
    assert_eq!((inbox.name.as_str(), inbox.is_queue), ("Sales", true));
    let logged = new.params.messages.iter().map(|message| &message.id);
    assert_eq!(new.ids.of(logged), ["5578984350117917661/2/18/2015"]);
    assert_eq!(new.ids.of(std::iter::empty()), [""; 0]);
}

#[test]
fn an_owner_without_a_name_has_no_shared_inbox() {
    for owner in [
        json!(null),
        json!({}),
        json!({"name": ""}),
        json!({"name": null}),
    ] {
        let mut body = shared();
        body["logInfo"]["owner"] = owner;
        let new = new(&body);
        assert!(new.params.inbox.is_none());
        assert_eq!(new.ids, LogIds::OfMessages);
    }
    let mut body = shared();
    body["logInfo"]["owner"] = json!({"name": "Ann", "extensionType": "User"});
    assert!(!new(&body).params.inbox.expect("an inbox").is_queue);
}

#[test]
fn an_entry_tells_what_its_message_leaves_out() {
    let mut body = shared();
    body["logInfo"]["messages"] = json!([
        {"id": "b", "lastModifiedTime": "2015-02-18T13:30:00Z"},
        {"id": 2, "lastModifiedTime": "2015-02-18T13:30:00Z"},
    ]);
    let new = new(&body);
    let told: Vec<_> = (new.params.messages.iter())
        .map(|message| {
            (
                message.id.as_str(),
                message.from.name.as_deref(),
                message.text.as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [("2", Some("Ann"), "Same"), ("b", Some("Bob"), "Same")]
    );
}

#[test]
fn an_entry_of_another_message_tells_nothing() {
    let told = |messages: Value| {
        let mut body = shared();
        body["logInfo"]["messages"] = messages;
        read(&body)
    };
    let near = |words: Value| {
        json!([{"id": "b", "lastModifiedTime": 1_424_265_890_000_i64 + 2 * 60_000 + 900,
                "subject": words}])
    };
    for words in [json!(null), json!("Same")] {
        let Ok(MessageLog::New(new)) = told(near(words)) else {
            panic!("it is told");
        };
        let names = new.params.messages.iter().map(|message| &message.from.name);
        assert_eq!(names.collect::<Vec<_>>(), [&Some("Ann".to_owned())]);
    }
    // Neither by its place nor by the time alone.
    let far = json!([{"id": "b", "lastModifiedTime": 1_424_265_890_000_i64 + 5 * 60_000}]);
    for messages in [far, near(json!("Other words"))] {
        let error = told(messages).expect_err("nothing tells whose it is");
        assert!(error.to_string().contains("direction"), "{error}");
    }
}

#[test]
fn an_entry_that_cannot_be_read_spoils_no_text() {
    let unread = [
        json!(7),
        json!({"recordType": "AliveMessage", "creationTime": "soon", "direction": "Outbound"}),
        json!({"recordType": "AliveMessage", "author": {"extensionNumber": 101, "name": "Eve"},
               "id": 9, "direction": "Up"}),
        json!({"recordType": "AliveMessage", "author": "Eve"}),
    ];
    let mut body = shared();
    let entries = body["logInfo"]["entities"].as_array_mut().expect("a list");
    entries.splice(0..0, unread);
    let names = |new: &NewMessages| {
        let each = new.params.messages.iter();
        each.map(|message| message.from.name.clone())
            .collect::<Vec<_>>()
    };
    let expected = ["Daisy", "Ann", "Bob"].map(|name| Some(name.to_owned()));
    assert_eq!(names(&new(&body)), expected);
    body["logInfo"]["entities"] = json!({});
    assert_eq!(ids(&new(&body)), ["1", "2", "3"]);
    body["logInfo"]["messages"][0]["from"] = json!({"extensionNumber": 101});
    assert_eq!(ids(&new(&body)), ["1", "2", "3"]);
}

#[test]
fn of_too_many_messages_the_newest_are_read() {
    let count = MAX_KNOWN + 2;
    let many = (0..count).rev();
    let many = many.map(|id| text(id as u64, id as i64)).collect();
    let new = new(&body(many));
    assert_eq!(new.params.messages.len(), MAX_KNOWN);
    assert_eq!(new.params.messages[0].id.as_str(), "2");
}

#[test]
fn a_field_that_cannot_be_read_is_named() {
    let set = |path: &str, value: Value| {
        let mut body = shared();
        *body.pointer_mut(path).expect("a place") = value;
        read(&body).expect_err("it cannot be read").to_string()
    };
    for (path, value, told) in [
        ("/contactId", json!(1.5), "`contactId` "),
        ("/contactName", json!(7), "`contactName` "),
        ("/logInfo", json!(null), "`logInfo` is required"),
        (
            "/logInfo/messages/1/id",
            json!(null),
            "`logInfo.messages[1].id` is required",
        ),
        (
            "/logInfo/messages/1/direction",
            json!("Up"),
            "`logInfo.messages[1].direction` ",
        ),
        (
            "/logInfo/messages/0/type",
            json!("Song"),
            "`logInfo.messages[0].type` ",
        ),
        (
            "/logInfo/messages/0/creationTime",
            json!("soon"),
            "`logInfo.messages[0].creationTime` ",
        ),
        (
            "/logInfo/correspondents",
            json!({}),
            "`logInfo.correspondents` ",
        ),
    ] {
        let error = set(path, value);
        assert!(error.starts_with(told), "{path}: {error}");
    }
}

#[test]
fn nothing_of_a_body_is_debug_printed() {
    let printed = format!("{:?}", read(&shared()));
    for secret in ["Daisy", "secret", "Text 1", "1650", "Sales", "Ann"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
