//! Conversations of a shared inbox: one log for the whole thread, in which each line has its true
//! author.

use daybook_tests::crm::Kind;
use daybook_tests::params::{CONVERSATION, inbound, outbound};
use daybook_tests::runner::case;
use daybook_tests::world::Door;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::{Login, Place, handed_on};
use crate::expect::{assert_in_order, note};

super::signed_in![
    a_thread_has_one_log_over_the_days,
    each_answer_names_its_author,
    what_was_logged_by_the_day_is_not_logged_again,
    more_people_of_a_thread_share_its_log,
];

/// The same where the texts of others are logged by 24 hours.
pub(crate) fn rolling_cases() -> Vec<Trial> {
    daybook_tests::crm::over(Kind::Example, || {
        vec![case(
            "http_event::client::messages::rolling_windows_change_nothing_for_a_thread",
            || async {
                let rolling = [("DIGEST_WINDOW", "rolling24h")];
                let place = Place::start_with(Door::HttpEvent, Login::Key, &rolling).await;
                a_thread_has_one_log_over_the_days(&place).await;
            },
        )]
    })
}

/// How the extension calls the thread.
pub(super) fn thread() -> String {
    format!("{CONVERSATION}/2/18/2015")
}

/// The texts of a thread over three days, of which an entry names the authors of the answers.
fn messages() -> Vec<(Value, Value)> {
    let answer = |id: u64, time: &str, words: &str, author: &str| {
        let mut message = outbound(id, time, words);
        message["from"] = json!({"phoneNumber": "+18885550052", "name": "Sales"});
        let entry = json!({
            "recordType": "AliveMessage", "id": format!("entry-{id}"), "direction": "Outbound",
            "creationTime": time, "author": {"name": author}, "text": words,
        });
        (handed_on(message), entry)
    };
    let question = |id: u64, time: &str, words: &str| {
        let entry = json!({
            "recordType": "AliveMessage", "id": format!("entry-{id}"), "direction": "Inbound",
            "creationTime": time, "from": {"phoneNumber": "+16505553204"}, "subject": words,
        });
        (handed_on(inbound(id, time, words)), entry)
    };
    vec![
        question(1, "2015-02-18T13:01:00.000Z", "Question A"),
        answer(2, "2015-02-18T13:02:00.000Z", "Answer A", "Ann Agent"),
        answer(3, "2015-02-19T13:03:00.000Z", "Answer B", "Bob Agent"),
        question(4, "2015-02-20T13:04:00.000Z", "Question B"),
    ]
}

/// The thread as far as its `known` first texts.
pub(super) fn shared(place: &Place, known: usize) -> Value {
    let (messages, mut entries): (Vec<_>, Vec<_>) =
        messages().into_iter().take(known).rev().unzip();
    let mut body = place.body(messages);
    entries.push(json!({"recordType": "ThreadAssignedHint", "assignee": {"name": "Ann Agent"}}));
    entries.push(json!({"recordType": "AliveNote", "author": {"name": "Eve"}, "text": "A note"}));
    body["logInfo"]["owner"] = json!({"name": "Sales", "extensionType": "Department"});
    body["logInfo"]["assignee"] = json!({"name": "Ann Agent"});
    body["logInfo"]["entities"] = json!(entries);
    body
}

async fn a_thread_has_one_log_over_the_days(place: &Place) {
    for known in [2, 3] {
        assert_eq!(place.ids(&shared(place, known)).await, [thread()]);
        let calls = place.world.crm.journal().len();
        assert_eq!(place.ids(&shared(place, known)).await, [""; 0]);
        assert_eq!(place.world.crm.journal().len(), calls);
    }
    assert_eq!(place.ids(&shared(place, 4)).await, [thread()]);
    let activity = place.world.only_activity().await;
    let said = ["Question A", "Answer A", "Answer B", "Question B"];
    assert_in_order(note(&activity), &said);
}

async fn each_answer_names_its_author(place: &Place) {
    place.ids(&shared(place, 4)).await;
    let activity = place.world.only_activity().await;
    let note = note(&activity);
    for line in [
        "Daisy Meadows (+16505553204) 15/02/18 05:01 AM",
        "Ann Agent 15/02/18 05:02 AM",
        "Bob Agent 15/02/19 05:03 AM",
        "Daisy Meadows (+16505553204) 15/02/20 05:04 AM",
    ] {
        assert!(note.contains(line), "{line}: {note}");
    }
    let (above, _) = note.split_once("Conversation(").expect("a conversation");
    assert!(
        above.contains("Receiving call queue: <b>Sales</b>"),
        "{above}"
    );
    for person in ["Daisy Meadows", "Ann Agent", "Bob Agent"] {
        assert!(
            above.contains(&format!("<li><b>{person}</b>")),
            "{person}: {above}"
        );
    }
    assert!(
        !note.contains("Demo Rep") && !note.contains("A note"),
        "{note}"
    );
}

async fn what_was_logged_by_the_day_is_not_logged_again(place: &Place) {
    let mut own = shared(place, 2);
    own["logInfo"]["owner"] = Value::Null;
    assert_eq!(place.ids(&own).await, ["1", "2"]);
    assert_eq!(place.ids(&shared(place, 2)).await, [""; 0]);
    assert_eq!(place.ids(&shared(place, 4)).await, [thread()]);
    let activities = place.world.activities().await;
    let [day, later] = activities.as_slice() else {
        panic!("{activities:#?}");
    };
    assert_in_order(note(day), &["Question A", "Answer A"]);
    assert_in_order(note(later), &["Answer B", "Question B"]);
}

async fn more_people_of_a_thread_share_its_log(place: &Place) {
    let mut body = shared(place, 4);
    let more = json!({"phoneNumber": "+16505550001", "name": "Eve"});
    let people = body["logInfo"]["correspondents"].as_array_mut();
    people.expect("a list").push(more);
    body["logInfo"]["owner"] = json!({"name": "Olga Owner", "extensionType": "User"});
    assert_eq!(place.ids(&body).await, [thread()]);
    assert_eq!(place.ids(&body).await, [""; 0]);
    let activity = place.world.only_activity().await;
    let note = note(&activity);
    assert!(note.contains("Owner: <b>Olga Owner</b>"), "{note}");
    assert!(note.contains("<li><b>Eve</b>"), "{note}");
}
