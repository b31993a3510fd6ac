//! A day of texts with repeats, a second conversation beside it, a voicemail, faxes, a picture, a
//! group and a shared inbox.

use daybook_tests::expect::assert_in_order;
use daybook_tests::stands::note;
use serde_json::{Value, json};

use super::bodies::{DAISY, Message, OWN, RC_TOKEN, conversation};
use super::contacts;
use super::extension::Extension;

/// The conversation with Daisy, whose id is above 2^53.
const WITH_DAISY: &str = "5578984350117917661";
const WITH_NORA: &str = "5578984350117917662";
const GROUP: &str = "5578984350117917663";
const SHARED: &str = "5578984350117917664";

/// What is said in them.
const DAISYS: [&str; 7] = [
    "Text 101: good morning",
    "Text 102: how can we help?",
    "Text 103: a quote, please",
    "Text 104: for <b>two</b> & more",
    "Text 105: by Monday",
    "Text 106: sure",
    "Text 107: thank you",
];
const PICTURE: &str = "Text 108: see the garden";
const NORAS: [&str; 3] = [
    "Text 201: hello Nora",
    "Text 202: who is this?",
    "Text 203: your new agent",
];
const GROUPS: [&str; 2] = ["Text 301: lunch, both of you?", "Text 302: gladly"];
const SHAREDS: [&str; 2] = ["Text 401: is anybody there?", "Text 402: always"];

pub(super) async fn log(extension: &Extension<'_>, daisy: &Value, nora: &Value) {
    one_after_the_other(extension, daisy).await;
    side_by_side(extension, daisy, nora).await;
    media(extension, daisy).await;
    group(extension, daisy).await;
    shared(extension, daisy).await;
}

fn daisy_alone() -> Value {
    json!([{"phoneNumber": DAISY, "name": "Daisy Meadows"}])
}

/// Texts by turns from a number and to it, a minute apart.
fn texts(conversation: &str, first: u64, said: &[&str], number: &str) -> Vec<Value> {
    let mut texts = Vec::new();
    for (at, text) in (0_u8..).zip(said) {
        let (from, to) = if at % 2 == 0 {
            (number, OWN)
        } else {
            (OWN, number)
        };
        let (id, minute) = (first + u64::from(at), i64::from(at));
        let message = Message {
            id,
            minute,
            text,
            from,
            to,
        };
        texts.push(message.sms(conversation));
    }
    texts
}

fn ids(messages: &[Value]) -> Vec<String> {
    messages
        .iter()
        .map(|message| message["id"].to_string())
        .collect()
}

/// The whole known day comes with each new text, and again with none.
async fn one_after_the_other(extension: &Extension<'_>, daisy: &Value) {
    let day = texts(WITH_DAISY, 101, &DAISYS, DAISY);
    let send = async |known: usize| {
        let log = conversation(WITH_DAISY, "SMS", &day[..known], daisy_alone());
        extension.log_messages(log, daisy).await
    };
    assert_eq!(send(1).await, ids(&day[..1]));
    assert_eq!(send(3).await, ids(&day[1..3]), "oldest first");
    for known in [3, 1, 2] {
        assert!(
            send(known).await.is_empty(),
            "{known} known texts are not new"
        );
    }
    assert_eq!(send(4).await, ids(&day[3..4]));
}

/// Both conversations grow at the same time, each asked for twice.
async fn side_by_side(extension: &Extension<'_>, daisy: &Value, nora: &Value) {
    let of_daisy = texts(WITH_DAISY, 101, &DAISYS, DAISY);
    let number = contacts::number();
    let of_nora = texts(WITH_NORA, 201, &NORAS, number);
    let noras = json!([{"phoneNumber": number, "name": "Nora Newfield"}]);
    let daisys_day = || conversation(WITH_DAISY, "SMS", &of_daisy, daisy_alone());
    let noras_day = || conversation(WITH_NORA, "SMS", &of_nora, noras.clone());
    let (one, two, three, four) = futures_util::join!(
        extension.log_messages(daisys_day(), daisy),
        extension.log_messages(noras_day(), nora),
        extension.log_messages(daisys_day(), daisy),
        extension.log_messages(noras_day(), nora),
    );
    assert_logged_between(&[one, three], &ids(&of_daisy[4..]));
    assert_logged_between(&[two, four], &ids(&of_nora));
    assert!(extension.log_messages(daisys_day(), daisy).await.is_empty());
    assert!(extension.log_messages(noras_day(), nora).await.is_empty());
}

/// That requests at the same time have said of each message that it is logged, and of no other.
fn assert_logged_between(said: &[Vec<String>], expected: &[String]) {
    let mut said = said.concat();
    said.sort();
    said.dedup();
    assert_eq!(said, expected);
}

/// A voicemail, a fax in and one out are conversations of their own; a picture joins the texts.
async fn media(extension: &Extension<'_>, daisy: &Value) {
    for (message, kind) in [(VOICEMAIL, "VoiceMail"), (FAX_IN, "Fax"), (FAX_OUT, "Fax")] {
        let (record, token) = match kind {
            "Fax" => (message.fax(), json!(RC_TOKEN)),
            _ => (message.voicemail(), Value::Null),
        };
        let id = message.id.to_string();
        let mut log = conversation(&id, kind, &[record], daisy_alone());
        if !token.is_null() {
            log["rcAccessToken"] = token;
        }
        assert_eq!(extension.log_messages(log.clone(), daisy).await, [id]);
        assert!(extension.log_messages(log, daisy).await.is_empty());
    }
    let mut day = texts(WITH_DAISY, 101, &DAISYS, DAISY);
    day.push(WITH_PICTURE.mms(WITH_DAISY));
    let log = conversation(WITH_DAISY, "SMS", &day, daisy_alone());
    assert_eq!(extension.log_messages(log, daisy).await, ids(&day[7..]));
}

const VOICEMAIL: Message<'_> = Message {
    id: 501,
    minute: 20,
    text: "",
    from: DAISY,
    to: OWN,
};
const FAX_IN: Message<'_> = Message {
    id: 511,
    ..VOICEMAIL
};
const FAX_OUT: Message<'_> = Message {
    id: 521,
    minute: 21,
    text: "",
    from: OWN,
    to: DAISY,
};
const WITH_PICTURE: Message<'_> = Message {
    id: 108,
    minute: 22,
    text: PICTURE,
    from: DAISY,
    to: OWN,
};

/// A group is logged to one of its contacts, under ids that name the contact.
async fn group(extension: &Extension<'_>, daisy: &Value) {
    let both = json!([
        {"phoneNumber": DAISY, "name": "Daisy Meadows"},
        {"phoneNumber": contacts::number(), "name": "Nora Newfield"},
    ]);
    let mut day = texts(GROUP, 301, &GROUPS, contacts::number());
    for message in &mut day {
        message["to"] = json!([{"phoneNumber": DAISY}, {"phoneNumber": OWN}]);
    }
    let log = || conversation(GROUP, "SMS", &day, both.clone());
    let logged = extension.log_messages(log(), daisy).await;
    let contact = super::id(daisy);
    let expected = ids(&day).into_iter().map(|id| format!("{id}-{contact}"));
    assert_eq!(logged, expected.collect::<Vec<_>>());
    assert!(extension.log_messages(log(), daisy).await.is_empty());
}

/// The texts of a number that several people answer are one log, however long the thread is.
async fn shared(extension: &Extension<'_>, daisy: &Value) {
    let day = texts(SHARED, 401, &SHAREDS, DAISY);
    let log = |known: usize| {
        let mut log = conversation(SHARED, "SMS", &day[..known], daisy_alone());
        log["conversationLogId"] = json!(SHARED);
        log["owner"] = json!({"name": "Sales queue", "extensionType": "Department"});
        log["assignee"] = json!({"name": "Demo Rep"});
        log["entities"] = json!([]);
        log
    };
    assert!(!extension.log_messages(log(1), daisy).await.is_empty());
    extension.log_messages(log(2), daisy).await;
    assert!(extension.log_messages(log(2), daisy).await.is_empty());
}

/// The activities of texts, as they are in the end.
pub(super) fn assert_kept(of_daisy: &[&Value], of_nora: &[Value]) {
    let [day, voicemail, fax_in, fax_out, group, shared] = of_daisy else {
        panic!("{of_daisy:#?}");
    };
    let said: Vec<_> = DAISYS
        .iter()
        .copied()
        .chain([PICTURE])
        .map(escaped)
        .collect();
    assert_in_order(note(day), &said);
    assert_linked(note(day), &[&WITH_PICTURE.content(2)]);
    assert_linked(note(voicemail), &[&VOICEMAIL.content(1)]);
    assert_linked(note(fax_in), &[&FAX_IN.content(1)]);
    assert_linked(note(fax_out), &[&FAX_OUT.content(1)]);
    assert_in_order(note(group), &GROUPS);
    for name in ["Nora Newfield", "Daisy Meadows"] {
        assert!(note(group).contains(name), "{name} in {}", note(group));
    }
    for text in SHAREDS {
        assert_eq!(note(shared).matches(text).count(), 1, "{}", note(shared));
    }
    assert!(note(shared).contains("Sales queue"), "{}", note(shared));
    let [day] = of_nora else {
        panic!("{of_nora:#?}");
    };
    assert_in_order(note(day), &NORAS);
    for activity in of_daisy {
        assert!(!note(activity).contains(RC_TOKEN), "{activity}");
    }
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

/// That each content is named in a link, once, plainly or as a part of another address.
fn assert_linked(note: &str, contents: &[&str]) {
    for content in contents {
        let part: String = url::form_urlencoded::byte_serialize(content.as_bytes()).collect();
        let times = note.matches(&part).count() + note.matches(content).count();
        assert!(times > 0, "{content} is not in {note}");
    }
}
