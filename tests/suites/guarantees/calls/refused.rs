//! What the CRM refuses: it is set aside, and tried again later.

use daybook_fakes::{Fault, Rule};
use daybook_tests::runner::case;
use http::Method;
use libtest_mimic::Trial;
use serde_json::json;

use super::late::{MINUTE, assert_told};
use super::stage::{Stage, said};
use super::told::{create, held, update};

pub(super) fn cases() -> Vec<Trial> {
    vec![
        case(
            "calls::refused::what_the_crm_refuses_is_set_aside_and_the_rest_goes_on",
            refused,
        ),
        case(
            "calls::refused::what_was_refused_replaces_nothing_that_was_told_later",
            refused_and_later,
        ),
        case(
            "calls::refused::a_refused_create_is_tried_with_what_is_told_next",
            refused_create,
        ),
    ]
}

/// Has the CRM refuse every write that says `words`.
fn refuse(stage: &Stage, words: &str) {
    let json = [("content-type", "application/json")];
    let refusal = json!({"error": {"code": "invalid", "field": "note"}}).to_string();
    let refused = Fault::status_with(422, &json, refusal);
    stage.crm.plan(
        Rule::new(refused)
            .method(Method::PATCH)
            .body_contains(words),
    );
    let refused = Fault::status_with(422, &json, r#"{"error": {"code": "invalid"}}"#);
    stage
        .crm
        .plan(Rule::new(refused).method(Method::POST).body_contains(words));
}

async fn refused() {
    let stage = Stage::start().await;
    stage.sign_in().await;
    stage.done("createCallLog", &held(create(1))).await;
    stage.crm.refuse_connections().await;
    let updates = [
        json!({"aiNote": "Wants 20 seats."}),
        json!({"transcript": "A forbidden word"}),
        json!({"result": "Accepted"}),
        json!({"duration": 65}),
        json!({"recordingLink": "https://media.example/rec?id=1"}),
    ];
    let updates = updates.map(|fields| update(1, fields));
    for update in &updates {
        let (_, reply) = stage.call(0, "updateCallLog", &held(update.clone())).await;
        assert!(said(&reply).contains("is kept"), "{reply}");
    }
    stage.crm.accept_connections().await;
    refuse(&stage, "forbidden");
    for _ in 0..6 {
        stage.pass(7 * MINUTE).await;
        stage.crm.clear_journal();
        stage.deliver_pending().await;
        let writes = stage.crm.writes();
        assert!(writes <= 3, "{writes} writes");
    }
    let others = updates
        .iter()
        .enumerate()
        .filter(|(number, _)| *number != 1);
    assert_told(&stage, 1, others.map(|(_, update)| update)).await;
    stage.crm.clear_journal();
    // It is not tried at every request.
    let edited = update(1, json!({"note": "Edited."}));
    stage.done("updateCallLog", &held(edited.clone())).await;
    assert_eq!(stage.crm.writes(), 1);
    stage.crm.clear_plan();
    stage.pass(27 * 60 * MINUTE).await;
    stage.deliver_pending().await;
    let all: Vec<_> = updates.iter().chain([&edited]).collect();
    assert_told(&stage, 1, all).await;
    assert_eq!(stage.waiting_changes().await, 0);
}

async fn refused_and_later() {
    let stage = Stage::start().await;
    stage.sign_in().await;
    stage.done("createCallLog", &held(create(1))).await;
    refuse(&stage, "forbidden");
    let first = update(
        1,
        json!({"note": "A forbidden word", "aiNote": "The first."}),
    );
    let (_, reply) = stage.call(0, "updateCallLog", &held(first.clone())).await;
    assert_eq!(reply["successful"], false, "{reply}");
    assert!(
        said(&reply).contains("does not accept what is told"),
        "{reply}"
    );
    let second = update(1, json!({"note": "Put in other words."}));
    stage.done("updateCallLog", &held(second.clone())).await;
    assert_told(&stage, 1, [&second]).await;
    // Runs in between must not forget it.
    for _ in 0..2 {
        stage.pass(MINUTE).await;
        stage.deliver_pending().await;
    }
    // The CRM has come to accept the word.
    stage.crm.clear_plan();
    stage.pass(27 * 60 * MINUTE).await;
    stage.deliver_pending().await;
    assert_told(&stage, 1, [&first, &second]).await;
    assert_eq!(stage.waiting_changes().await, 0);
}

async fn refused_create() {
    let stage = Stage::start().await;
    refuse(&stage, "forbidden");
    let mut first = create(1);
    first["note"] = json!("A forbidden word");
    let (_, reply) = stage.call(0, "createCallLog", &first).await;
    assert_eq!(reply["successful"], false, "{reply}");
    assert!(
        said(&reply).contains("does not accept what is told"),
        "{reply}"
    );
    assert!(stage.crm.activities().await.is_empty());
    stage.done("createCallLog", &create(1)).await;
    assert_told(&stage, 1, []).await;
}
