//! What is asked seldom: what was remembered and is too old, or no longer true, and what a create
//! leaves behind that came late.

use std::collections::BTreeMap;
use std::time::Duration;

use daybook_fakes::{Exchange, Fault, Rule, Usage};
use daybook_tests::runner::case;
use daybook_tests::sign_in::rely;
use daybook_tests::world::{Door, World};
use http::Method;
use libtest_mimic::Trial;
use serde_json::json;

use super::{assert_costs, assert_spent, done, pipedrive, text};
use crate::later::{age_memories, pass};

const HOUR: Duration = Duration::from_secs(3_600);

pub(super) fn cases() -> Vec<Trial> {
    vec![
        case(
            "cost::what_is_remembered_is_asked_for_again_after_a_day",
            of_a_memory,
        ),
        case(
            "cost::a_create_that_is_refused_for_what_was_remembered_costs_two_calls_more",
            of_a_refusal,
        ),
        case(
            "cost::a_second_log_of_a_digest_is_removed_with_one_call",
            of_a_second_log,
        ),
    ]
}

async fn of_a_memory() {
    let unnamed = [("PIPEDRIVE_SMS_TYPE", ""), ("PIPEDRIVE_CALL_TYPE", "")];
    let world = World::start_with(Door::HttpEvent, &unnamed).await;
    for (conversation, later, cost) in [
        (1, Duration::ZERO, (3, 26)),
        (2, 23 * HOUR, (1, 5)),
        (3, 2 * HOUR, (3, 26)),
        (4, Duration::ZERO, (1, 5)),
    ] {
        age_memories(&world, later).await;
        let params = text(conversation, 1, 1003);
        assert_costs(&world, "createMessageLog", &params, cost).await;
    }
}

async fn of_a_refusal() {
    let world = World::start(Door::HttpEvent).await;
    // The types are as new as the sign-in: nobody doubts them.
    rely(&world).await;
    let params = text(1, 1, 1003);
    let organization = pipedrive(&world).add_organization("Nursery");
    pipedrive(&world).edit_person(1003, &json!({"org_id": organization}));
    assert_costs(&world, "createMessageLog", &params, (2, 6)).await;
    // The company of the person is another now, and the one that is remembered is gone.
    pipedrive(&world).edit_person(1003, &json!({"org_id": 501}));
    pipedrive(&world).delete_organization(organization);
    let params = text(2, 1, 1003);
    assert_costs(&world, "createMessageLog", &params, (3, 11)).await;
    let orgs = pipedrive(&world).activities().await;
    let orgs: Vec<_> = orgs.iter().map(|activity| &activity["org_id"]).collect();
    assert_eq!(orgs, [&json!(organization), &json!(501)]);
    let params = text(3, 1, 1003);
    assert_costs(&world, "createMessageLog", &params, (1, 5)).await;
}

async fn of_a_second_log() {
    let world = World::start_with(Door::HttpEvent, &[("QUARANTINE_SECONDS", "1")]).await;
    let late = Fault::DropThenApply(Duration::from_secs(3));
    world.crm.plan(Rule::new(late).method(Method::POST).once());
    let (_, reply) = world.call("createMessageLog", &text(1, 1, 1001)).await;
    assert_eq!(reply["successful"], false, "{reply}");
    // It is made again, and then there are two.
    pass(&world, Duration::from_secs(6)).await;
    done(&world, "createMessageLog", &text(1, 1, 1001)).await;
    let applied = |calls: &[Exchange]| calls.iter().all(|call| call.applied);
    assert!(world.crm.wait_until(Duration::from_secs(9), applied).await);
    done(&world, "createMessageLog", &text(1, 2, 1001)).await;
    assert_eq!(pipedrive(&world).activities().await.len(), 2);
    pass(&world, Duration::from_secs(11 * 60)).await;
    pipedrive(&world).clear_usage();
    done(&world, "createMessageLog", &text(1, 3, 1001)).await;
    assert_eq!(pipedrive(&world).activities().await.len(), 1);
    let expected = [
        ("DELETE /api/v2/activities/{id}", 1, 3),
        ("GET /api/v2/activities", 1, 10),
        ("GET /api/v2/activities/{id}", 1, 1),
        ("PATCH /api/v2/activities/{id}", 1, 5),
    ];
    let expected = expected.map(|(name, calls, tokens)| (name.to_owned(), Usage { calls, tokens }));
    assert_eq!(pipedrive(&world).usage(), BTreeMap::from(expected));
    assert_spent(&world, "a fold", (4, 19));
}
