//! What waits together, and what must not get into each other's way.

use std::time::Duration;

use daybook_fakes::{Fault, Rule};
use daybook_tests::runner::case;
use http::Method;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::stage::{Stage, said};
use super::told::{about, create, held, title, update, with, with_all};

pub(super) fn cases() -> Vec<Trial> {
    vec![
        case(
            "calls::apart::a_hundred_updates_at_once_all_stand_and_come_to_rest",
            a_hundred,
        ),
        case(
            "calls::apart::who_names_the_extension_joins_a_call_that_waits_without_one",
            || async { by_extension(false).await },
        ),
        case(
            "calls::apart::who_names_no_extension_joins_a_call_that_waits_with_one",
            || async { by_extension(true).await },
        ),
        case(
            "calls::apart::a_call_that_waits_and_is_told_anew_loses_neither",
            told_anew,
        ),
        case(
            "calls::apart::a_choice_that_is_refused_holds_nothing_else_back",
            || async { refused_choice(422).await },
        ),
        case(
            "calls::apart::a_choice_that_nobody_may_make_holds_nothing_else_back",
            || async { refused_choice(403).await },
        ),
        case(
            "calls::apart::an_update_of_a_call_that_is_refused_is_told_so_and_comes_with_the_next",
            refused_create,
        ),
        case(
            "calls::apart::a_log_that_is_named_is_changed_whatever_extension_asks",
            named_by_another_extension,
        ),
        case(
            "calls::apart::nobodys_words_are_written_in_anothers_name",
            another_user,
        ),
        case(
            "calls::apart::a_log_that_is_named_is_changed_though_the_call_is_refused",
            || async { named(true).await },
        ),
        case(
            "calls::apart::a_log_that_is_named_is_changed_though_the_call_waits",
            || async { named(false).await },
        ),
    ]
}

const MINUTE: Duration = Duration::from_secs(60);

/// The note of the activity of session 1, which is the only one.
async fn only_note(stage: &Stage) -> String {
    let own = stage.titled(&title(1)).await;
    assert_eq!(own.len(), 1, "{own:#?}");
    own[0]["note"].as_str().expect("a note").to_owned()
}

async fn a_hundred() {
    let stage = Stage::start().await;
    stage.sign_in().await;
    let created = create(1);
    stage.done("createCallLog", &held(created.clone())).await;
    close_gate(&stage).await;
    for number in 0..100 {
        let update = held(update(1, json!({"note": format!("Note {number}.")})));
        let (_, reply) = stage.call(0, "updateCallLog", &update).await;
        assert!(said(&reply).contains("is kept"), "{reply}");
    }
    stage.pass(2 * MINUTE).await;
    // The write that brings all of them is not answered: they are kept for a look after it.
    let lost = Rule::new(Fault::DropAfter).method(Method::PATCH);
    stage.crm.plan(lost.once());
    for _ in 0..3 {
        stage.deliver_pending().await;
        stage.pass(6 * MINUTE).await;
    }
    assert_eq!(stage.waiting_changes().await, 0);
    let note = only_note(&stage).await;
    assert!(note.contains("Note 99."), "{note}");
    let edited = held(update(1, json!({"note": "Edited."})));
    stage.done("updateCallLog", &edited).await;
    let timed = held(update(1, json!({"duration": 61})));
    stage.done("updateCallLog", &timed).await;
    let note = only_note(&stage).await;
    assert_eq!(note, with_all(&created, [&edited, &timed], &note));
    assert_eq!(stage.waiting_changes().await, 0);
}

/// Has the CRM ask to be left alone: until the gate is open again, nothing is sent to it.
async fn close_gate(stage: &Stage) {
    let limited = Rule::new(Fault::rate_limited("20")).method(Method::POST);
    stage.crm.plan(limited.once());
    let (_, reply) = stage.call(0, "createCallLog", &held(create(2))).await;
    assert!(said(&reply).contains("is kept"), "{reply}");
}

async fn by_extension(create_names_it: bool) {
    let stage = Stage::start().await;
    stage.sign_in().await;
    close_gate(&stage).await;
    let named = |params: &Value, is_named: bool| {
        let mut params = held(params.clone());
        if is_named {
            params["extensionNumber"] = json!("101");
        }
        params
    };
    let created = create(1);
    let edited = update(1, json!({"note": "Edited."}));
    for (interface, params) in [
        ("createCallLog", named(&created, create_names_it)),
        ("updateCallLog", named(&edited, !create_names_it)),
        ("createCallLog", named(&created, !create_names_it)),
    ] {
        let (_, reply) = stage.call(0, interface, &params).await;
        assert_eq!(reply["successful"], true, "{interface}: {reply}");
        assert!(said(&reply).contains("is kept"), "{interface}: {reply}");
    }
    stage.pass(2 * MINUTE).await;
    stage.deliver_pending().await;
    stage.pass(MINUTE).await;
    stage.deliver_pending().await;
    let note = only_note(&stage).await;
    assert_eq!(note, with_all(&created, [&edited], &note));
    assert_eq!(stage.waiting_changes().await, 0);
}

async fn told_anew() {
    let stage = Stage::start().await;
    stage.sign_in().await;
    close_gate(&stage).await;
    let first = create(1);
    let mut second = create(1);
    second["note"] = json!("The second try.");
    second["aiNote"] = json!("She asked for a price.");
    for params in [&first, &second, &second] {
        let (_, reply) = stage.call(0, "createCallLog", &held(params.clone())).await;
        assert_eq!(reply["successful"], true, "{reply}");
    }
    stage.pass(2 * MINUTE).await;
    stage.deliver_pending().await;
    stage.pass(MINUTE).await;
    stage.deliver_pending().await;
    let note = only_note(&stage).await;
    assert!(note.contains("The second try."), "{note}");
    assert!(note.contains("She asked for a price."), "{note}");
    assert!(!note.contains("Wants a quote"), "{note}");
    assert_eq!(stage.waiting_changes().await, 0);
}

async fn refused_choice(status: u16) {
    let stage = Stage::start().await;
    let created = create(1);
    let id = stage.done("createCallLog", &created).await;
    stage
        .crm
        .plan(Rule::new(Fault::status(status)).method(Method::PATCH));
    let choice = stage.crm.kind().choice(1);
    let chosen = update(1, json!({"dispositions": choice}));
    let (_, reply) = stage.call(0, "upsertCallDisposition", &chosen).await;
    assert_eq!(reply["successful"], false, "{reply}");
    stage.crm.clear_plan();
    let edited = update(1, json!({"note": "Edited.", "result": "Missed"}));
    stage.done("updateCallLog", &edited).await;
    let note = only_note(&stage).await;
    assert_eq!(note, with_all(&created, [&edited], &note));
    let own = note.replace("Edited.", "A person's own.");
    stage.crm.save_note(id, &own).await;
    // What is refused is tried again in an hour, by whatever comes, and repeats nothing else.
    stage.pass(61 * MINUTE).await;
    let timed = update(1, json!({"duration": 61}));
    stage.done("updateCallLog", &timed).await;
    let made = stage.titled(&title(1)).await;
    assert_eq!(made[0]["dispositions"], choice);
    assert_eq!(only_note(&stage).await, with(&own, &timed));
    assert_eq!(stage.waiting_changes().await, 0);
}

/// What waits for a call of which the CRM refuses the log is told so.
async fn refused_create() {
    let stage = Stage::start().await;
    stage
        .crm
        .plan(Rule::new(Fault::status(422)).method(Method::POST));
    let (_, reply) = stage.call(0, "createCallLog", &create(1)).await;
    assert_eq!(reply["successful"], false, "{reply}");
    let asked = stage.crm.journal().len();
    let edited = update(1, json!({"note": "Edited."}));
    let (_, reply) = stage.call(0, "updateCallLog", &edited).await;
    assert_eq!(reply["successful"], false, "{reply}");
    assert!(said(&reply).contains("does not accept"), "{reply}");
    assert_eq!(stage.crm.journal().len(), asked, "nobody asks the CRM");
    stage.crm.clear_plan();
    // Another try takes its place, and the update comes with it.
    let mut again = create(1);
    again["aiNote"] = json!("She asked for a price.");
    stage.done("createCallLog", &again).await;
    let note = only_note(&stage).await;
    assert_eq!(note, with_all(&again, [&edited], &note));
}

async fn named_by_another_extension() {
    let stage = Stage::start().await;
    stage.sign_in().await;
    let mut created = held(create(1));
    created["extensionNumber"] = json!("101");
    let id = stage.done("createCallLog", &created).await;
    let both = json!({"thirdPartyLogId": id, "sessionId": "1"});
    let mut edited = held(about(both, json!({"note": "Edited."})));
    edited["extensionNumber"] = json!("102");
    assert_eq!(stage.done("updateCallLog", &edited).await, id);
    let note = only_note(&stage).await;
    assert_eq!(note, with_all(&created, [&edited], &note));
    assert_eq!(stage.waiting_changes().await, 0);
}

async fn another_user() {
    let stage = Stage::start().await;
    let created = create(1);
    let id = stage.done("createCallLog", &created).await;
    let existing = json!({"thirdPartyLogId": id});
    let mut others = about(existing, json!({"note": "Of somebody else."}));
    others["user"]["id"] = json!("2-exampleCRM");
    let mut without_right = others.clone();
    without_right["authHeader"] = json!("Basic bm9ib2R5Og==");
    let (_, reply) = stage.call(0, "updateCallLog", &without_right).await;
    assert_eq!(reply["successful"], false, "{reply}");
    let timed = update(1, json!({"duration": 61}));
    stage.done("updateCallLog", &timed).await;
    let note = only_note(&stage).await;
    assert_eq!(note, with_all(&created, [&timed], &note));
    // With credentials that the CRM accepts it is the CRM that decides.
    stage.done("updateCallLog", &others).await;
    let stands = only_note(&stage).await;
    assert_eq!(stands, with(&note, &others));
}

/// `is_open`: the CRM refused to log the call; else it asks to be left alone.
async fn named(is_open: bool) {
    let stage = Stage::start().await;
    stage.sign_in().await;
    let theirs = stage
        .crm
        .plant("Theirs", "<b>Agent notes</b><br>Theirs.")
        .await;
    match is_open {
        true => {
            let refused = Rule::new(Fault::status(422)).method(Method::POST);
            stage.crm.plan(refused);
        }
        false => close_gate(&stage).await,
    }
    let (_, reply) = stage.call(0, "createCallLog", &held(create(1))).await;
    stage.crm.clear_plan();
    assert!(stage.titled(&title(1)).await.is_empty(), "{reply}");
    let both = json!({"thirdPartyLogId": theirs, "sessionId": "1"});
    let edited = held(about(both, json!({"result": "Missed"})));
    let (_, reply) = stage.call(0, "updateCallLog", &edited).await;
    assert_eq!(reply["successful"], true, "{reply}");
    stage.pass(2 * MINUTE).await;
    stage.deliver_pending().await;
    let note = stage.crm.open_note(theirs).await;
    assert!(note.contains("Missed"), "{note}");
    assert!(!note.contains("Wants a quote"), "{note}");
}
