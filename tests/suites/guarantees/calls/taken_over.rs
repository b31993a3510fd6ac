//! Notes of App Connect's server: whoever names such a log carries it on in place, and only what
//! the request tells changes.

#[path = "../../../../shared/core/src/call_note/tests/taken_over/bodies.rs"]
mod bodies;

use std::time::Duration;

use daybook_core::call_note::{self, Field};
use daybook_core::digest::Format;
use daybook_tests::runner::case;
use daybook_tests::table_proxy::{Step, TableFault, Times};
use libtest_mimic::Trial;
use serde_json::{Value, json};

use self::bodies::{HTML, MARKDOWN, OLD_HTML, OLD_PLAIN, PLAIN};
use super::stage::Stage;
use super::told::{about, held, with, with_in};
use crate::texts::crm::Crm;

/// The notes, each with its format.
const NOTES: [(Format, &str, &str); 5] = [
    (Format::Html, HTML, "html"),
    (Format::Html, OLD_HTML, "old_html"),
    (Format::PlainText, PLAIN, "plain_text"),
    (Format::PlainText, OLD_PLAIN, "old_plain_text"),
    (Format::Markdown, MARKDOWN, "markdown"),
];

pub(super) fn cases() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (format, body, name) in NOTES {
        for (has_session, by) in [(false, "its_id"), (true, "its_id_and_its_session")] {
            trials.push(case(
                format!("calls::taken_over::a_note_in_{name}_is_carried_on_by_{by}"),
                move || carried_on(format, body, has_session),
            ));
        }
    }
    trials.extend([
        case(
            "calls::taken_over::two_who_name_it_at_once_and_in_two_ways_write_one_log",
            two_at_once,
        ),
        case(
            "calls::taken_over::who_comes_after_one_that_died_carries_it_on::repeated",
            || async { left_half_way(false).await },
        ),
        case(
            "calls::taken_over::who_comes_after_one_that_died_carries_it_on::kept",
            || async { left_half_way(true).await },
        ),
    ]);
    trials
}

/// What comes one after another, and the fields that it changes.
fn updates() -> Vec<(Value, &'static [Field])> {
    vec![
        (
            json!({"note": "New $& note\n\nwith <b>lines</b>"}),
            &[Field::Note],
        ),
        (
            json!({"recordingLink": "https://media.example/rec?id=9"}),
            &[Field::Recording],
        ),
        (
            json!({"duration": 61, "result": "Accepted"}),
            &[Field::Duration, Field::Result],
        ),
        (json!({"aiNote": "New words\n- one"}), &[Field::AiNote]),
        (json!({"transcript": "A: Bye"}), &[Field::Transcript]),
        (json!({"ringSenseSummary": "Three."}), &[Field::AceSummary]),
        (
            json!({"recordingLink": "(pending...)", "duration": "pending", "note": ""}),
            &[],
        ),
    ]
}

async fn carried_on(format: Format, body: &str, has_session: bool) {
    let crm = Crm::start(format).await;
    let id = crm.plant("Somebody's title", body).await;
    let mut expected = body.to_owned();
    for (fields, changes) in updates() {
        let existing = match has_session {
            true => json!({"thirdPartyLogId": id, "sessionId": "2846329107050"}),
            false => json!({"thirdPartyLogId": id}),
        };
        let params = about(existing, fields);
        let reply = crm.log("updateCallLog", &params).await;
        assert_eq!(reply["logId"], id, "{reply}");
        let before = call_note::read(format, &expected).values;
        expected = with_in(format, &expected, &params);
        let (subject, note) = crm.activity(&reply).await;
        assert_eq!((subject.as_str(), &note), ("Somebody's title", &expected));
        let after = call_note::read(format, &note).values;
        for field in Field::ALL {
            let is_same = before.get(&field) == after.get(&field);
            assert_eq!(is_same, !changes.contains(&field), "{field:?}: {note}");
        }
    }
    assert_eq!(crm.count().await, 1, "it is carried on in place");
}

/// A stage with a note of that server's, and what names it.
async fn planted() -> (Stage, u64, Value) {
    let stage = Stage::start().await;
    let id = stage.crm.plant("Theirs", HTML).await;
    stage.sign_in().await;
    (stage, id, json!({"thirdPartyLogId": id}))
}

/// One of them is overtaken while it takes the log over.
async fn two_at_once() {
    let (stage, id, existing) = planted().await;
    let mut by_session = existing.clone();
    by_session["sessionId"] = json!("2846329107050");
    let edited = about(existing, json!({"note": "Edited."}));
    let timed = about(by_session, json!({"duration": 61}));
    let late = TableFault::AppliesAfter(Duration::from_secs(2));
    stage.proxy.plan(Step::Adopt, late, Times::Once);
    let (edited, timed) = (held(edited), held(timed));
    let overtakes = async {
        tokio::time::sleep(Duration::from_millis(700)).await;
        stage.call(1, "updateCallLog", &timed).await
    };
    let (one, other) = tokio::join!(stage.call(0, "updateCallLog", &edited), overtakes);
    for (_, reply) in [one, other] {
        assert_eq!(reply["successful"], true, "{reply}");
    }
    stage.pass(Duration::from_secs(31)).await;
    stage.deliver_pending().await;
    let expected = with(&with(HTML, &timed), &edited);
    assert_eq!(stage.crm.open_note(id).await, expected);
    assert_eq!(stage.waiting_changes().await, 0);
}

/// The log has an owner, and its owner has no link.
async fn left_half_way(is_kept: bool) {
    let (stage, id, existing) = planted().await;
    let edited = about(existing, json!({"note": "Edited."}));
    stage
        .proxy
        .plan(Step::Lease, TableFault::Fails, Times::Always);
    let (status, reply) = stage.call(0, "updateCallLog", &held(edited.clone())).await;
    assert_eq!(
        (status, &reply["successful"]),
        (500, &json!(false)),
        "{reply}"
    );
    stage.proxy.clear_plan();
    if is_kept {
        stage.pass(Duration::from_secs(31)).await;
        stage.deliver_pending().await;
    } else {
        assert_eq!(stage.done("updateCallLog", &edited).await, id);
    }
    assert_eq!(stage.crm.open_note(id).await, with(HTML, &edited));
    assert_eq!(stage.crm.activities().await.len(), 1);
}
