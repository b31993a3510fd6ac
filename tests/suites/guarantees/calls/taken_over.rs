//! Notes of App Connect's server: whoever names such a log carries it on in place, and only what
//! the request tells changes.

#[path = "../../../../shared/core/src/call_note/tests/taken_over/bodies.rs"]
mod bodies;

use daybook_core::call_note::{self, Field};
use daybook_core::digest::Format;
use daybook_tests::runner::case;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use self::bodies::{HTML, MARKDOWN, OLD_HTML, OLD_PLAIN, PLAIN};
use super::told::{about, with_in};
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
