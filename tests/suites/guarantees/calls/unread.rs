//! Notes that cannot be read: nothing is written over them, and what was told stands once the CRM
//! shows them again.

use std::time::Duration;

use daybook_fakes::{Fault, Rule, person};
use daybook_tests::runner::case;
use http::Method;
use libtest_mimic::Trial;
use serde_json::json;

use super::stage::{Stage, said};
use super::told::{create, held, late_data, update, with};

const PAGE: &str = "<!doctype html><title>Attention required</title><h1>Access denied</h1>";

/// What stands in place of the note, with a word for it.
fn faults() -> [(Fault, &'static str); 7] {
    let json = [("content-type", "application/json")];
    let html = [("content-type", "text/html")];
    [
        (Fault::status_with(500, &json, "{}"), "an_error"),
        (Fault::html(200, PAGE), "a_page"),
        (Fault::CutBody { after_bytes: 60 }, "a_part"),
        (Fault::status_with(403, &json, "{}"), "a_refusal"),
        (Fault::status_with(403, &html, PAGE), "a_firewall"),
        (Fault::json(200, &json!({"id": 1})), "no_note"),
        (
            Fault::json(200, &json!({"id": 1, "note": null})),
            "a_note_of_null",
        ),
    ]
}

pub(super) fn cases() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (is_kept, finished) in [(false, "repeated"), (true, "kept")] {
        for (fault, name) in faults() {
            let name = format!("calls::unread::nothing_is_written_over_{name}::{finished}");
            trials.push(case(name, move || unread(fault, is_kept)));
        }
    }
    trials
}

async fn unread(fault: Fault, is_kept: bool) {
    let stage = Stage::start().await;
    let id = stage.done("createCallLog", &create(1)).await;
    let note = stage.crm.open_note(id).await;
    stage
        .crm
        .save_note(id, &person::above(&note, "A remark"))
        .await;
    if is_kept {
        stage.sign_in().await;
    }
    stage.crm.clear_journal();
    let below = format!("{}/", stage.crm.kind().activities());
    let rule = Rule::new(fault).on(Method::GET, &below);
    stage.crm.plan(rule.forever());
    let updates = [
        update(1, late_data(1)),
        update(1, json!({"note": "Edited.", "aiNote": "Wants 20 seats."})),
    ];
    let told = updates
        .clone()
        .map(|update| if is_kept { held(update) } else { update });
    for update in &told {
        let (_, reply) = stage.call(0, "updateCallLog", update).await;
        assert_eq!(reply["successful"], is_kept, "{reply}");
        assert_eq!(said(&reply).contains("is kept"), is_kept, "{reply}");
        stage.pass(Duration::from_secs(400)).await;
    }
    if is_kept {
        stage.deliver_pending().await;
    }
    assert_eq!(stage.crm.writes(), 0, "{:#?}", stage.crm.journal());
    let edited = person::below(&stage.crm.open_note(id).await, "Another one");
    stage.crm.save_note(id, &edited).await;
    stage.crm.clear_plan();
    stage.pass(Duration::from_secs(400)).await;
    match is_kept {
        true => {
            // A refusal is tried again after a sign-in.
            stage.sign_in().await;
            for _ in 0..2 {
                stage.deliver_pending().await;
            }
        }
        // The one that is sent brings the other too.
        false => {
            stage.done("updateCallLog", &told[1]).await;
        }
    }
    let expected = updates
        .iter()
        .fold(edited, |note, update| with(&note, update));
    assert_eq!(stage.crm.open_note(id).await, expected);
    assert_eq!(stage.crm.activities().await.len(), 1);
}
