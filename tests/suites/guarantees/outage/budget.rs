//! A CRM whose calls of a day are spent: one call learns of it, nobody of the company calls before
//! it is time, replies say how many hours that is, and then all is delivered.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use daybook_fakes::{Fault, Rule};
use daybook_tests::crm::said as named;
use daybook_tests::params::{set, text, texts, with_message};
use daybook_tests::runner::{case, figure};
use daybook_tests::sign_in::rely;
use daybook_tests::stands::{activities_of, note};
use daybook_tests::world::{Answered, Door, World};
use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::later::pass;

/// For how long the CRM asks to be left alone: nearly 14 hours.
const SPENT_SECS: i64 = 50_000;
/// What replies may say: the time itself, or what spreads the return, a tenth more at the most.
const HOURS: [u64; 3] = [14, 15, 16];

pub(super) fn cases() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (door, name) in [(Door::HttpEvent, "events"), (Door::Direct, "calls")] {
        trials.push(case(
            format!("outage::a_budget_of_a_day_that_is_spent_in_seconds_by_{name}"),
            move || async move { spent(door, SPENT_SECS.to_string()).await },
        ));
    }
    trials.push(case(
        "outage::a_budget_of_a_day_that_is_spent_until_a_date",
        || async {
            let until = Utc::now() + TimeDelta::seconds(SPENT_SECS);
            let until = until.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
            spent(Door::HttpEvent, until).await;
        },
    ));
    trials
}

async fn spent(door: Door, retry_after: String) {
    let world = World::start(door).await;
    if door == Door::HttpEvent {
        rely(&world).await;
    }
    world.crm.clear_journal();
    world.crm.plan(Rule::new(Fault::rate_limited(&retry_after)));
    let own = of(1, 1, door == Door::HttpEvent);
    let (_, reply) = world.call("createMessageLog", &own).await;
    match door {
        Door::HttpEvent => assert_kept(&reply),
        Door::LocalHttp | Door::Direct => assert_says_hours(&reply),
    }
    // From now on the CRM would answer, and nobody asks.
    world.crm.clear_plan();
    let others = [of(2, 1, false), of(3, 2, false)];
    for params in &others {
        for _ in 0..2 {
            assert_says_hours(&world.call("createMessageLog", params).await.1);
        }
    }
    pass(&world, Duration::from_secs(12 * 3_600)).await;
    world.deliver_pending().await;
    let (_, reply) = world.call("createMessageLog", &others[1]).await;
    assert!(said(&reply).contains("Send it again in"), "{reply}");
    // A token that has run out by then is renewed, which is no call of the day.
    let activities = world.crm.kind().activities();
    let vain = world.crm.count(|call| call.path.starts_with(activities));
    assert_eq!(vain, 1, "one call learns of it, for the whole company");
    pass(&world, Duration::from_secs(4 * 3_600)).await;
    world.deliver_pending().await;
    if door == Door::HttpEvent {
        assert_stands(&world, 1).await;
    }
    for params in [&own, &others[0], &others[1]] {
        let (_, reply): Answered = world.call("createMessageLog", params).await;
        assert_eq!(reply["successful"], true, "{reply}");
    }
    for number in 1..=3 {
        assert_stands(&world, number).await;
    }
    assert_eq!(activities_of(&world.crm, 1001).await.len(), 3);
    let calls = world.crm.journal().len();
    figure(&format!("a spent budget, {door:?}: {calls} calls in all"));
}

/// The text of a number, in a conversation of its own, by a user of the company.
fn of(number: u64, user: u64, relies: bool) -> Value {
    let mut params = with_message(texts([number]).remove(0));
    set(&mut params, "message.conversationId", json!(number));
    set(&mut params, "user.id", json!(format!("{user}-exampleCRM")));
    if relies {
        params["authHeader"] = Value::Null;
    }
    params
}

fn said(reply: &Value) -> &str {
    reply["returnMessage"]["message"].as_str().expect("words")
}

fn assert_kept(reply: &Value) {
    assert_eq!(reply["successful"], true, "{reply}");
    let kept = "The message is kept and will be logged when it takes more.";
    assert!(said(reply).ends_with(kept), "{reply}");
}

fn assert_says_hours(reply: &Value) {
    assert_eq!(reply["successful"], false, "{reply}");
    let says = |hours: &u64| {
        let words = format!(
            "Example CRM is receiving too many requests. The message is not logged. \
             Send it again in {hours} hours."
        );
        said(reply) == named(&words)
    };
    assert!(HOURS.iter().any(says), "{reply}");
}

/// That a text stands in one activity, once.
async fn assert_stands(world: &World, number: u64) {
    let activities = activities_of(&world.crm, 1001).await;
    let of_text = activities.iter();
    let times: usize = of_text
        .map(|activity| note(activity).matches(&text(number)).count())
        .sum();
    assert_eq!(times, 1, "text {number}: {activities:#?}");
}
