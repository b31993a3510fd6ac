//! Stored credentials serve an interface's caller who brings none, and what is delivered late.

use daybook_example_crm::DEMO_KEY;
use daybook_fakes::{Fault, Rule};
use daybook_tests::params::{example, texts, with_messages};
use daybook_tests::sign_in::{call, token, with_key, with_oauth};
use daybook_tests::world::World;
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn cases() -> Vec<Trial> {
    super::late_cases![
        a_stored_user_needs_no_header,
        a_user_who_never_signed_in_is_told_so,
        an_oauth_user_is_refreshed_on_the_way,
        what_the_crm_does_not_take_is_kept_and_delivered,
        what_waits_at_logout_is_delivered_after_the_next_sign_in,
        what_comes_while_the_grant_is_dead_is_kept_for_the_next_sign_in,
        the_stored_zone_makes_the_day
    ]
}

/// A request of the documented example without credentials.
fn without_header() -> Value {
    let mut params = example();
    params["authHeader"] = Value::Null;
    params
}

async fn a_stored_user_needs_no_header(world: &World) {
    token(&with_key(world, DEMO_KEY).await);
    for params in [without_header(), {
        let mut params = without_header();
        params
            .as_object_mut()
            .expect("an object")
            .remove("authHeader");
        params
    }] {
        let (status, answer) = world.call("createMessageLog", &params).await;
        assert_eq!(
            (status, &answer["successful"]),
            (200, &json!(true)),
            "{answer}"
        );
    }
    let activity = world.only_activity().await;
    let note = activity["note"].as_str().expect("a note");
    assert!(note.contains("Flight information"), "{note}");
}

async fn a_user_who_never_signed_in_is_told_so(world: &World) {
    let (status, answer) = world.call("createMessageLog", &without_header()).await;
    assert_eq!(status, 400, "{answer}");
    assert_eq!(answer["field"], "authHeader");
    let message = answer["returnMessage"]["message"].as_str().expect("words");
    assert!(message.contains("has not signed in"), "{message}");
    assert_eq!(world.crm.writes(), 0);
    assert_eq!(world.stored_items().await, 0);
}

async fn an_oauth_user_is_refreshed_on_the_way(world: &World) {
    token(&with_oauth(world, "1-1").await);
    world.crm.advance(std::time::Duration::from_secs(3_600));
    let mut params = without_header();
    params["user"]["id"] = json!("1-exampleCRMOAuth");
    let (status, answer) = world
        .call_platform("exampleCRMOAuth", "createMessageLog", &params.to_string())
        .await;
    assert_eq!(
        (status, &answer["successful"]),
        (200, &json!(true)),
        "{answer}"
    );
    assert_eq!(answer["returnMessage"]["message"], "Message logged");
}

fn away() -> Rule {
    Rule::new(Fault::rate_limited("1"))
        .path_prefix("/crm/api/activities")
        .forever()
}

async fn what_the_crm_does_not_take_is_kept_and_delivered(world: &World) {
    token(&with_key(world, DEMO_KEY).await);
    world.crm.plan(away().times(1));
    let (_, answer) = world.call("createMessageLog", &without_header()).await;
    assert_eq!(answer["successful"], true, "{answer}");
    let message = answer["returnMessage"]["message"].as_str().expect("words");
    assert!(message.contains("kept and will be logged"), "{message}");
    delivered(world, 1).await;
}

async fn what_waits_at_logout_is_delivered_after_the_next_sign_in(world: &World) {
    let first = token(&with_key(world, DEMO_KEY).await);
    world.crm.plan(away());
    let mut params = with_messages(texts(1..=3));
    params["authHeader"] = Value::Null;
    let (_, answer) = world.call("createMessageLog", &params).await;
    assert_eq!(answer["successful"], true, "{answer}");
    call(world, &first, "POST", "/unAuthorize", &Value::Null).await;
    world.crm.clear_plan();
    let before = world.crm.journal().len();
    for _ in 0..3 {
        world.deliver_pending().await;
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    }
    assert_eq!(
        world.crm.journal().len(),
        before,
        "nobody's credentials are held"
    );
    token(&with_key(world, DEMO_KEY).await);
    delivered(world, 3).await;
}

async fn what_comes_while_the_grant_is_dead_is_kept_for_the_next_sign_in(world: &World) {
    token(&with_oauth(world, "1-1").await);
    world.crm.disconnect_all().await;
    let mut params = without_header();
    params["user"]["id"] = json!("1-exampleCRMOAuth");
    let body = params.to_string();
    for _ in 0..2 {
        let (_, answer) = world
            .call_platform("exampleCRMOAuth", "createMessageLog", &body)
            .await;
        assert_eq!(answer["successful"], true, "{answer}");
        let message = answer["returnMessage"]["message"].as_str().expect("words");
        assert!(
            message.contains("connect your Example CRM (OAuth) account again"),
            "{message}"
        );
    }
    assert_eq!(world.activities().await.len(), 0);
    token(&with_oauth(world, "1-1").await);
    delivered(world, 1).await;
}

/// Runs `deliver-pending` until the digest stands, with `count` texts, once.
async fn delivered(world: &World, count: usize) {
    for _ in 0..90 {
        world.deliver_pending().await;
        let activities = world.activities().await;
        if let [activity] = activities.as_slice() {
            let note = activity["note"].as_str().expect("a note");
            let counter = format!("Conversation({count} message");
            assert!(note.contains(&counter), "{note}");
            return;
        }
        assert!(activities.is_empty(), "{activities:#?}");
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    panic!("it was not delivered");
}

async fn the_stored_zone_makes_the_day(world: &World) {
    // The user's zone in the CRM is eight hours behind: it is still the day before there.
    token(&with_key(world, DEMO_KEY).await);
    let mut params = without_header();
    let user = params["user"].as_object_mut().expect("an object");
    user.remove("timezoneName");
    params["message"]["creationTime"] = json!("2015-02-19T03:24:50.000Z");
    let (_, answer) = world.call("createMessageLog", &params).await;
    assert_eq!(answer["successful"], true, "{answer}");
    let activity = world.only_activity().await;
    let note = activity["note"].as_str().expect("a note");
    assert!(note.contains("Wednesday, February 18, 2015"), "{note}");
}
