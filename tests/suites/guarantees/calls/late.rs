//! What is delivered later: after an outage, a sign-in, or a gate that opens.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use daybook_fakes::{Exchange, Fault, Rule};
use daybook_local::table::TABLE_NAME;
use daybook_tests::crm::said as named;
use daybook_tests::runner::case;
use daybook_tests::table_proxy::{Step, TableFault, Times};
use http::Method;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::stage::{Stage, said};
use super::told::{create, held, late_data, title, update, with, with_all};

pub(super) const MINUTE: Duration = Duration::from_secs(60);

pub(super) fn cases() -> Vec<Trial> {
    vec![
        case(
            "calls::late::a_call_and_its_update_are_one_log_when_the_crm_is_back::repeated",
            || async { outage(false).await },
        ),
        case(
            "calls::late::a_call_and_its_update_are_one_log_when_the_crm_is_back::kept",
            || async { outage(true).await },
        ),
        case(
            "calls::late::what_a_refused_sign_in_parks_is_brought_after_the_next",
            parked,
        ),
        case(
            "calls::late::behind_a_closed_gate_calls_are_accepted_and_nobody_asks",
            gate,
        ),
        case(
            "calls::late::a_call_that_fails_holds_back_no_other",
            one_fails,
        ),
        case(
            "calls::late::a_call_whose_link_is_gone_is_logged_by_its_guard",
            || async { link_gone(true).await },
        ),
        case(
            "calls::late::an_update_whose_link_is_gone_makes_no_log",
            || async { link_gone(false).await },
        ),
        case(
            "calls::late::an_update_that_opens_the_link_finds_a_create_that_was_not_answered",
            opened_by_an_update,
        ),
        case(
            "calls::late::an_update_that_lands_late_undoes_nothing_for_long",
            late_update,
        ),
    ]
}

/// That one activity of the call says what was told.
pub(super) async fn assert_told<'u>(
    stage: &Stage,
    session: u64,
    updates: impl IntoIterator<Item = &'u Value>,
) {
    let own = stage.titled(&title(session)).await;
    assert_eq!(own.len(), 1, "{own:#?}");
    let note = own[0]["note"].as_str().expect("a note");
    assert_eq!(note, with_all(&create(session), updates, note));
}

async fn outage(is_kept: bool) {
    let stage = Stage::start().await;
    if is_kept {
        stage.sign_in().await;
    }
    let told = |params: Value| if is_kept { held(params) } else { params };
    stage.crm.refuse_connections().await;
    let update = update(1, late_data(1));
    let sent = [
        ("createCallLog", create(1)),
        ("updateCallLog", update.clone()),
    ];
    for (interface, params) in sent {
        let (_, reply) = stage.call(0, interface, &told(params)).await;
        assert_eq!(reply["successful"], is_kept, "{reply}");
        let words = if is_kept {
            "is kept"
        } else {
            "cannot be reached"
        };
        assert!(said(&reply).contains(words), "{reply}");
    }
    stage.crm.accept_connections().await;
    stage.pass(2 * MINUTE).await;
    match is_kept {
        true => {
            let report = stage.deliver_pending().await;
            assert_eq!(
                (&report["attended"], &report["waiting"]),
                (&json!(1), &json!(0))
            );
        }
        false => {
            stage.done("createCallLog", &create(1)).await;
        }
    }
    assert_told(&stage, 1, [&update]).await;
    assert_eq!(stage.crm.writes(), 1, "{:#?}", stage.crm.journal());
    assert_eq!(stage.waiting_changes().await, 0);
}

async fn parked() {
    let stage = Stage::start().await;
    stage.sign_in().await;
    stage.done("createCallLog", &held(create(1))).await;
    let activities = stage.crm.kind().activities();
    let refused = Rule::new(Fault::status(401)).path_prefix(activities);
    stage.crm.plan(refused.forever());
    let late = update(1, late_data(1));
    for (interface, params) in [("updateCallLog", &late), ("createCallLog", &create(2))] {
        let (_, reply) = stage.call(0, interface, &held(params.clone())).await;
        assert_eq!(reply["successful"], true, "{reply}");
        let words = named("once you connect your Example CRM account again");
        assert!(said(&reply).contains(&words), "{reply}");
    }
    stage.pass(MINUTE).await;
    stage.deliver_pending().await;
    stage.crm.clear_plan();
    stage.crm.clear_journal();
    // Nobody tries with credentials that are known to be refused.
    stage.pass(5 * MINUTE).await;
    stage.deliver_pending().await;
    assert!(stage.crm.journal().is_empty());
    stage.sign_in().await;
    for _ in 0..2 {
        stage.pass(MINUTE / 2).await;
        stage.deliver_pending().await;
    }
    assert_told(&stage, 1, [&late]).await;
    assert_told(&stage, 2, []).await;
    assert_eq!(stage.waiting_changes().await, 0);
}

async fn gate() {
    let stage = Stage::start().await;
    stage.sign_in().await;
    stage.done("createCallLog", &held(create(1))).await;
    stage
        .crm
        .plan(Rule::new(Fault::rate_limited("90")).forever());
    let (_, reply) = stage.call(0, "createCallLog", &held(create(2))).await;
    assert!(said(&reply).contains("too many requests"), "{reply}");
    stage.crm.clear_plan();
    stage.crm.clear_journal();
    let updates = [update(1, late_data(1)), update(2, late_data(2))];
    for params in &updates {
        let (_, reply) = stage.call(0, "updateCallLog", &held(params.clone())).await;
        assert_eq!(reply["successful"], true, "{reply}");
        assert!(said(&reply).contains("is kept"), "{reply}");
    }
    stage.pass(MINUTE / 2 + Duration::from_secs(1)).await;
    stage.deliver_pending().await;
    assert!(stage.crm.journal().is_empty(), "the gate is closed");
    stage.pass(2 * MINUTE).await;
    stage.deliver_pending().await;
    assert_told(&stage, 1, [&updates[0]]).await;
    assert_told(&stage, 2, [&updates[1]]).await;
}

async fn one_fails() {
    let stage = Stage::start().await;
    stage.sign_in().await;
    stage.done("createCallLog", &held(create(1))).await;
    let first = format!("{}/1", stage.crm.kind().activities());
    let fails = Rule::new(Fault::status(500)).path_prefix(&first);
    stage.crm.plan(fails.forever());
    let late = update(1, late_data(1));
    let (_, reply) = stage.call(0, "updateCallLog", &held(late.clone())).await;
    assert!(said(&reply).contains("is kept"), "{reply}");
    for session in 2..=8 {
        let (_, reply) = stage.call(0, "createCallLog", &held(create(session))).await;
        assert_eq!(said(&reply), "Call logged");
        stage.pass(MINUTE).await;
        stage.deliver_pending().await;
        let (_, reply) = stage
            .call(
                0,
                "updateCallLog",
                &held(update(session, late_data(session))),
            )
            .await;
        assert_eq!(said(&reply), "Call log updated");
    }
    let in_vain = |call: &Exchange| call.path.ends_with("/activities/1");
    let in_vain = stage.crm.count(in_vain);
    assert!((3..=10).contains(&in_vain), "{in_vain} calls");
    stage.crm.clear_plan();
    stage.pass(7 * MINUTE).await;
    stage.deliver_pending().await;
    assert_told(&stage, 1, [&late]).await;
}

/// The link of the call 1 is removed from the table.
async fn remove_link(stage: &Stage) {
    let all = stage.client().scan().table_name(TABLE_NAME).send().await;
    let items = all.expect("a scan").items.expect("items");
    let is_link = |sk: &AttributeValue| sk.as_s().is_ok_and(|sk| sk.starts_with("L#"));
    let link = items
        .iter()
        .find(|item| is_link(&item["sk"]))
        .expect("a link");
    let delete = stage.client().delete_item().table_name(TABLE_NAME);
    let delete = delete
        .key("pk", link["pk"].clone())
        .key("sk", link["sk"].clone());
    delete.send().await.expect("it is removed");
}

async fn link_gone(creates: bool) {
    let stage = Stage::start().await;
    stage.sign_in().await;
    if !creates {
        stage.done("createCallLog", &held(create(1))).await;
    }
    let down = TableFault::Fails;
    stage.proxy.plan(Step::Lease, down, Times::Always);
    let (interface, params) = match creates {
        true => ("createCallLog", create(1)),
        false => ("updateCallLog", update(1, late_data(1))),
    };
    let (status, reply) = stage.call(0, interface, &held(params)).await;
    assert_eq!(
        (status, &reply["successful"]),
        (500, &json!(false)),
        "{reply}"
    );
    stage.proxy.clear_plan();
    if !creates {
        remove_link(&stage).await;
    }
    stage.crm.clear_journal();
    for _ in 0..3 {
        stage.pass(MINUTE).await;
        stage.deliver_pending().await;
    }
    // What was told of a log of which nothing is known any more is not made into a new one.
    assert_told(&stage, 1, []).await;
    assert_eq!(stage.crm.writes(), usize::from(creates));
}

/// A worker dies with the create accepted and no link; an update opens the link, and the create
/// that it sends is not answered.
async fn opened_by_an_update() {
    let stage = Stage::start().await;
    stage
        .proxy
        .plan(Step::Lease, TableFault::Fails, Times::Always);
    let (status, reply) = stage.call(0, "createCallLog", &create(1)).await;
    assert_eq!(
        (status, &reply["successful"]),
        (500, &json!(false)),
        "{reply}"
    );
    stage.proxy.clear_plan();
    let lost = Rule::new(Fault::DropAfter).method(Method::POST).once();
    stage.crm.plan(lost);
    let late = update(1, late_data(1));
    stage.call(0, "updateCallLog", &late).await;
    for _ in 0..3 {
        stage.pass(MINUTE / 2).await;
        stage.call(0, "updateCallLog", &late).await;
        stage.call(0, "createCallLog", &create(1)).await;
    }
    assert_told(&stage, 1, [&late]).await;
    assert_eq!(stage.crm.requests(&Method::POST, "/"), 1);
}

async fn late_update() {
    let stage = Stage::start().await;
    stage.sign_in().await;
    let id = stage.done("createCallLog", &held(create(1))).await;
    let note = stage.crm.open_note(id).await;
    let lands = Duration::from_secs(2);
    let late = Rule::new(Fault::DropThenApply(lands)).method(Method::PATCH);
    stage.crm.plan(late.once());
    let updates = [
        json!({"note": "The first."}),
        json!({"note": "The second.", "duration": 65}),
        json!({"aiNote": "The third."}),
    ];
    let updates = updates.map(|fields| update(1, fields));
    for update in &updates {
        stage.call(0, "updateCallLog", &held(update.clone())).await;
    }
    assert_told(&stage, 1, &updates).await;
    let applied = |calls: &[Exchange]| calls.iter().all(|call| call.applied);
    assert!(stage.crm.wait_until(lands * 3, applied).await);
    let landed = stage.crm.open_note(id).await;
    assert_eq!(landed, with(&note, &updates[0]), "it has landed");
    stage.pass(MINUTE).await;
    stage.deliver_pending().await;
    assert_told(&stage, 1, &updates).await;
    stage.pass(MINUTE).await;
    stage.deliver_pending().await;
    assert_eq!(stage.waiting_changes().await, 0);
}
