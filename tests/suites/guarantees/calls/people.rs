//! What a person does to the activity of a call: their words stay through all updates, and a log
//! that they delete is not made again by what comes later.

use std::time::Duration;

use daybook_fakes::{Fault, Rule, person};
use daybook_tests::crm::said as named;
use daybook_tests::runner::case;
use http::Method;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::stage::{Stage, log_id, said};
use super::told::{create, held, late_data, made, update, with};

/// Where a person writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Above,
    Below,
    Between,
    Everywhere,
}

const PLACES: [(Place, &str); 4] = [
    (Place::Above, "above"),
    (Place::Below, "below"),
    (Place::Between, "between_the_fields"),
    (Place::Everywhere, "everywhere"),
];

pub(super) fn cases() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (place, name) in PLACES {
        trials.push(case(
            format!("calls::people::words_{name}_stay_through_all_updates"),
            move || words_stay(place),
        ));
        trials.push(case(
            format!("calls::people::words_{name}_stay_while_a_write_is_in_doubt"),
            move || words_in_doubt(place),
        ));
    }
    trials.extend([
        case(
            "calls::people::a_log_just_deleted_may_only_not_be_shown_yet",
            just_deleted,
        ),
        case(
            "calls::people::a_log_deleted_long_ago_is_told_to_be_gone",
            || async { deleted(false).await },
        ),
        case(
            "calls::people::a_log_deleted_long_ago_is_not_made_by_what_was_kept",
            || async { deleted(true).await },
        ),
    ]);
    trials
}

/// What comes one after another.
fn updates() -> Vec<Value> {
    let fields = [
        late_data(1),
        json!({"note": "Edited.\nWith two lines."}),
        json!({"aiNote": "Wants 20 seats.\n- soon"}),
        json!({"ringSenseSummary": "One.\nTwo.", "ringSenseAIScore": 82}),
        json!({"voicemailLink": "https://media.example/vm?id=1", "duration": 66}),
        json!({"transcript": "Daisy: Bye", "result": "Voicemail"}),
        json!({"legs": [{"direction": "Inbound", "to": {"name": "Main"}}]}),
    ];
    fields.map(|fields| update(1, fields)).into()
}

impl Place {
    /// The note with a person's words there, and the words.
    fn write(self, note: &str, round: usize) -> (String, Vec<String>) {
        let words = |place: &str| format!("Remark {round} {place}.");
        let between = |note: &str| {
            let field = "<li><b>Result</b>";
            let paragraph = format!("<p>{}</p>{field}", words("between"));
            assert!(note.contains(field), "{note}");
            note.replacen(field, &paragraph, 1)
        };
        match self {
            Self::Above => (person::above(note, &words("above")), vec![words("above")]),
            Self::Below => (person::below(note, &words("below")), vec![words("below")]),
            Self::Between => (between(note), vec![words("between")]),
            Self::Everywhere => {
                let note = person::below(
                    &person::above(&between(note), &words("above")),
                    &words("below"),
                );
                (note, ["above", "between", "below"].map(words).into())
            }
        }
    }
}

fn assert_stand(note: &str, remarks: &[String]) {
    for remark in remarks {
        assert_eq!(note.matches(remark).count(), 1, "{remark}: {note}");
    }
}

async fn words_stay(place: Place) {
    let stage = Stage::start().await;
    let id = stage.done("createCallLog", &create(1)).await;
    let mut remarks = Vec::new();
    for (round, update) in updates().iter().enumerate() {
        let (edited, words) = place.write(&stage.crm.open_note(id).await, round);
        stage.crm.save_note(id, &edited).await;
        remarks.extend(words);
        stage.done("updateCallLog", update).await;
        let note = stage.crm.open_note(id).await;
        assert_eq!(note, with(&edited, update));
        assert_stand(&note, &remarks);
    }
    assert_eq!(stage.crm.activities().await.len(), 1);
}

async fn words_in_doubt(place: Place) {
    let stage = Stage::start().await;
    let id = stage.done("createCallLog", &create(1)).await;
    let mut remarks = Vec::new();
    for (round, update) in updates().iter().enumerate() {
        let fault = [Fault::DropBefore, Fault::DropAfter][round % 2].clone();
        let lost = Rule::new(fault).method(Method::PATCH).once();
        stage.crm.plan(lost);
        let (_, reply) = stage.call(0, "updateCallLog", update).await;
        assert_eq!(reply["successful"], false, "{reply}");
        assert!(said(&reply).contains("may or may not be saved"), "{reply}");
        let (edited, words) = place.write(&stage.crm.open_note(id).await, round);
        stage.crm.save_note(id, &edited).await;
        remarks.extend(words);
        stage.done("updateCallLog", update).await;
        let note = stage.crm.open_note(id).await;
        assert_eq!(note, with(&edited, update));
        assert_stand(&note, &remarks);
        // Then nothing can be applied late any more.
        stage.pass(Duration::from_secs(30)).await;
    }
}

async fn just_deleted() {
    let stage = Stage::start().await;
    let id = stage.done("createCallLog", &create(1)).await;
    stage.crm.delete_activity(id).await;
    let late = update(1, late_data(1));
    let (_, reply) = stage.call(0, "updateCallLog", &late).await;
    assert_eq!(reply["successful"], false, "{reply}");
    assert!(said(&reply).contains("does not show the log"), "{reply}");
    stage.pass(Duration::from_secs(130)).await;
    let (_, reply) = stage.call(0, "updateCallLog", &late).await;
    assert_eq!(
        said(&reply),
        named("The log of this call was deleted in Example CRM.")
    );
    assert!(stage.crm.activities().await.is_empty());
}

async fn deleted(is_kept: bool) {
    let stage = Stage::start().await;
    let told = |params: Value| if is_kept { held(params) } else { params };
    let id = stage.done("createCallLog", &create(1)).await;
    if is_kept {
        stage.sign_in().await;
        stage.crm.refuse_connections().await;
        let (_, reply) = stage
            .call(0, "updateCallLog", &told(update(1, late_data(1))))
            .await;
        assert!(said(&reply).contains("is kept"), "{reply}");
        stage.crm.accept_connections().await;
    }
    stage.pass(Duration::from_secs(300)).await;
    stage.crm.delete_activity(id).await;
    if is_kept {
        stage.deliver_pending().await;
    }
    for _ in 0..2 {
        let edited = told(update(1, json!({"note": "Edited."})));
        let (_, reply) = stage.call(0, "updateCallLog", &edited).await;
        assert_eq!(reply["successful"], false, "{reply}");
        assert_eq!(
            said(&reply),
            named("The log of this call was deleted in Example CRM.")
        );
    }
    stage.pass(Duration::from_secs(300)).await;
    stage.deliver_pending().await;
    assert!(stage.crm.activities().await.is_empty());
    assert_eq!(stage.waiting_changes().await, 0);
    // Who logs the call again gets a new log, which goes on being updated.
    let (_, reply) = stage.call(0, "createCallLog", &told(create(1))).await;
    let words = "Call logged. The log had been deleted in Example CRM, so a new one was made.";
    assert_eq!(said(&reply), named(words));
    assert_eq!(reply["successful"], true, "{reply}");
    let again = log_id(&reply).expect("an id");
    assert_ne!(again, id);
    let note = stage.crm.open_note(again).await;
    assert_eq!(note, made(&create(1), &note));
    let late = update(1, late_data(1));
    stage.done("updateCallLog", &told(late.clone())).await;
    assert_eq!(stage.crm.open_note(again).await, with(&note, &late));
    assert_eq!(stage.crm.activities().await.len(), 1);
}
