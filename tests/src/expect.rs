//! What replies say, and what stands in a note.

use daybook_tests::world::Answered;
use serde_json::{Value, json};

pub(crate) fn note(activity: &Value) -> &str {
    activity["note"].as_str().expect("a note")
}

pub(crate) fn success(log_id: &str, message: &str) -> Answered {
    let shown = json!({"message": message, "messageType": "success", "ttl": 2000});
    (
        200,
        json!({"successful": true, "logId": log_id, "returnMessage": shown}),
    )
}

pub(crate) fn failure(kind: &str, message: &str) -> Answered {
    let shown = json!({"message": message, "messageType": kind, "ttl": 30000});
    (200, json!({"successful": false, "returnMessage": shown}))
}

/// The failure of a digest that has an activity.
pub(crate) fn failure_of(log_id: &str, kind: &str, message: &str) -> Answered {
    let (status, mut reply) = failure(kind, message);
    reply["logId"] = json!(log_id);
    (status, reply)
}

/// The same reply with the number of seconds or minutes to wait as `N`, and that number.
pub(crate) fn waiting((status, mut reply): Answered) -> (Answered, u64) {
    let words = &mut reply["returnMessage"]["message"];
    let text = words.as_str().expect("words").to_owned();
    let before = "Send it again in ";
    let (said, after) = text
        .split_once(before)
        .unwrap_or_else(|| panic!("no time to wait in: {text}"));
    let (number, unit) = after.split_once(' ').expect("a number and its unit");
    *words = json!(format!("{said}{before}N {unit}"));
    let number = number.parse().expect("a number");
    ((status, reply), number)
}

/// That the reply says to wait for about `seconds`, and else is `expected` with `N` for them.
pub(crate) fn assert_waits(answered: Answered, expected: &Answered, seconds: u64) {
    let (reply, number) = waiting(answered);
    assert_eq!(&reply, expected);
    let longest = seconds + seconds / 10 + 1;
    assert!((seconds..=longest).contains(&number), "{number} s");
}

/// That each text stands in the note once, in this order, and that they are counted.
pub(crate) fn assert_in_order(note: &str, texts: &[impl AsRef<str>]) {
    let places: Vec<_> = texts
        .iter()
        .map(|text| {
            let text = text.as_ref();
            assert_eq!(note.matches(text).count(), 1, "{text} once in {note}");
            note.find(text)
        })
        .collect();
    assert!(places.is_sorted(), "in order in {note}");
    assert_eq!(count(note), texts.len(), "{note}");
}

/// The number of messages that a note says it has.
pub(crate) fn count(note: &str) -> usize {
    let (_, after) = note.split_once("Conversation(").expect("a counter");
    let (number, _) = after.split_once(" messages)").expect("a counter");
    number.parse().expect("a number")
}
