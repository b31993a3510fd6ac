//! What replies say, and what stands in a note. Words that name the Example CRM are meant of the
//! CRM of the running case.

use serde_json::json;

use crate::crm::said;
pub use crate::stands::note;
use crate::stands::wrong_with;
use crate::world::Answered;

/// The reply of a success: the activity it names, and its words.
pub fn success(log_id: &str, message: &str) -> Answered {
    let shown = json!({"message": said(message), "messageType": "success", "ttl": 2000});
    (
        200,
        json!({"successful": true, "logId": log_id, "returnMessage": shown}),
    )
}

/// The reply of a failure: its `messageType` and its words.
pub fn failure(kind: &str, message: &str) -> Answered {
    let shown = json!({"message": said(message), "messageType": kind, "ttl": 30000});
    (200, json!({"successful": false, "returnMessage": shown}))
}

/// The failure of a digest that has an activity.
pub fn failure_of(log_id: &str, kind: &str, message: &str) -> Answered {
    let (status, mut reply) = failure(kind, message);
    reply["logId"] = json!(log_id);
    (status, reply)
}

/// The same reply with the number of seconds or minutes to wait as `N`, and that number.
///
/// # Panics
/// Where it names none.
pub fn waiting((status, mut reply): Answered) -> (Answered, u64) {
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
///
/// # Panics
/// Where it is not.
pub fn assert_waits(answered: Answered, expected: &Answered, seconds: u64) {
    let (reply, number) = waiting(answered);
    assert_eq!(&reply, expected);
    let longest = seconds + seconds / 10 + 1;
    assert!((seconds..=longest).contains(&number), "{number} s");
}

/// That each text stands in the note once, in this order, and that they are counted.
///
/// # Panics
/// Where they do not.
pub fn assert_in_order(note: &str, texts: &[impl AsRef<str>]) {
    let wrong = wrong_with(note, texts);
    assert!(wrong.is_empty(), "{wrong:?} in {note}");
}

/// The number of messages that a note says it has.
///
/// # Panics
/// Where it says none.
pub fn count(note: &str) -> usize {
    let (_, after) = note.split_once("Conversation(").expect("a counter");
    let (number, _) = after.split_once(" messages)").expect("a counter");
    number.parse().expect("a number")
}
