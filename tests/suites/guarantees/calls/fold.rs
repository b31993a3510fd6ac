//! A create that is applied twice, the first time long after everybody has stopped listening: the
//! second activity is removed, unless a person wrote in it.

use std::time::Duration;

use daybook_fakes::{Exchange, Fault, Rule, person};
use daybook_tests::runner::case;
use http::Method;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::stage::{Stage, log_id, said};
use super::told::{create, held, late_data, title, update, with, with_all};

/// How long after its request the first create takes effect.
const LATE: Duration = Duration::from_secs(3);
/// When second activities are looked for.
const FOLD: Duration = Duration::from_secs(11 * 60);

pub(super) fn cases() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (is_kept, finished) in [(false, "by_a_request"), (true, "by_a_run")] {
        trials.push(case(
            format!("calls::fold::the_second_activity_is_deleted_{finished}"),
            move || deleted(is_kept),
        ));
        trials.push(case(
            format!("calls::fold::one_that_a_person_wrote_in_stays_and_is_reported_{finished}"),
            move || written_in(is_kept),
        ));
        trials.push(case(
            format!("calls::fold::one_that_may_not_be_deleted_holds_nothing_up_{finished}"),
            move || not_allowed(is_kept),
        ));
    }
    trials
}

/// Two activities of one call. Gives back the one that is the call's own, and the other.
async fn twice(stage: &Stage, is_kept: bool) -> (u64, u64) {
    if is_kept {
        stage.sign_in().await;
    }
    let create = match is_kept {
        true => held(create(1)),
        false => create(1),
    };
    let late = Rule::new(Fault::DropThenApply(LATE)).method(Method::POST);
    stage.crm.plan(late.once());
    let (_, reply) = stage.call(0, "createCallLog", &create).await;
    let is_known = said(&reply).contains("may or may not be logged");
    assert!(is_known || is_kept, "{reply}");
    // Nothing is found until the quarantine is over, so it is made again.
    stage.pass(Duration::from_secs(6)).await;
    let (_, reply) = stage.call(0, "createCallLog", &create).await;
    assert_eq!(said(&reply), "Call logged", "{reply}");
    let own = log_id(&reply).expect("an id");
    let applied = |calls: &[Exchange]| calls.iter().all(|call| call.applied);
    assert!(stage.crm.wait_until(LATE * 3, applied).await);
    let both = stage.titled(&title(1)).await;
    assert_eq!(both.len(), 2, "shown twice");
    let mut ids = both
        .iter()
        .map(|activity| activity["id"].as_u64().expect("a number"));
    let second = ids.rfind(|id| *id != own).expect("another one");
    (own, second)
}

/// Updates come in, and the time of the fold with the last of them. Gives back what was told.
async fn go_on(stage: &Stage, own: u64, is_kept: bool) -> Vec<Value> {
    let updates = [late_data(1), json!({"note": "Edited."})].map(|fields| update(1, fields));
    let told = |params: &Value| match is_kept {
        true => held(params.clone()),
        false => params.clone(),
    };
    for update in &updates {
        assert_eq!(stage.done("updateCallLog", &told(update)).await, own);
    }
    stage.pass(FOLD).await;
    if is_kept {
        stage.deliver_pending().await;
        return updates.into();
    }
    let last = update(1, json!({"aiNote": "Wants 20 seats."}));
    assert_eq!(stage.done("updateCallLog", &last).await, own);
    updates.into_iter().chain([last]).collect()
}

async fn assert_own(stage: &Stage, own: u64, told: &[Value]) {
    let note = stage.crm.open_note(own).await;
    assert_eq!(note, with_all(&create(1), told, &note));
}

async fn deleted(is_kept: bool) {
    let stage = Stage::start().await;
    let (own, _) = twice(&stage, is_kept).await;
    let told = go_on(&stage, own, is_kept).await;
    assert_eq!(stage.titled(&title(1)).await.len(), 1);
    assert_own(&stage, own, &told).await;
    if is_kept {
        stage.pass(Duration::from_secs(60)).await;
        stage.deliver_pending().await;
        assert_eq!(stage.waiting_changes().await, 0);
    }
}

async fn written_in(is_kept: bool) {
    let stage = Stage::start().await;
    let (own, second) = twice(&stage, is_kept).await;
    let note = stage.crm.open_note(second).await;
    let edited = person::below(&note, "A remark");
    stage.crm.save_note(second, &edited).await;
    let told = go_on(&stage, own, is_kept).await;
    assert_eq!(stage.crm.open_note(second).await, edited, "it stays");
    assert_own(&stage, own, &told).await;
    assert_reported(&stage, is_kept, "a person wrote in it").await;
    // Both go on to stand as they are.
    let last = update(1, json!({"result": "Accepted"}));
    let note = stage.crm.open_note(own).await;
    stage.done("updateCallLog", &last).await;
    assert_eq!(stage.crm.open_note(own).await, with(&note, &last));
    assert_eq!(stage.crm.open_note(second).await, edited);
}

async fn assert_reported(stage: &Stage, is_kept: bool, why: &str) {
    let output = match is_kept {
        true => stage.scheduled_output().await,
        false => stage.output(0, "updateCallLog").await,
    };
    let report = format!("a second activity of a call stays: {why}");
    assert!(output.contains(&report), "{output}");
    assert!(
        !output.contains("remark"),
        "nothing of what it says: {output}"
    );
}

async fn not_allowed(is_kept: bool) {
    let stage = Stage::start().await;
    let (own, _) = twice(&stage, is_kept).await;
    let refusal = json!({"error": {"code": "forbidden"}}).to_string();
    let json = [("content-type", "application/json")];
    let forbidden = Fault::status_with(403, &json, refusal);
    stage.crm.plan(Rule::new(forbidden).method(Method::DELETE));
    let told = go_on(&stage, own, is_kept).await;
    assert_own(&stage, own, &told).await;
    assert_reported(&stage, is_kept, "the CRM refuses to remove it").await;
}
