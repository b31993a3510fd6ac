//! What people have in the CRM: digests that were just deleted, and those of another server. What
//! becomes of edits stands in the suite of guarantees.

use daybook_tests::params::{DEMO_AUTH, example, inbound, set, with_message};
use daybook_tests::world::World;
use http::Method;
use serde_json::{Value, json};

use crate::expect::{assert_in_order, assert_waits, count, failure_of, note, success};

crate::through_every_door![
    an_activity_deleted_at_once_is_not_made_again,
    a_digest_of_another_server_is_carried_on,
    a_digest_is_carried_on_by_one_conversation,
    a_digest_is_carried_on_by_one_day,
    a_log_of_ours_is_not_taken_over,
];

/// Asks the CRM for something, past every fault plan.
async fn crm(world: &World, method: Method, path: &str, body: Value) -> Value {
    let url = format!("{}/crm/api/{path}", world.crm.url());
    let request = reqwest::Client::new().request(method, url);
    let request = request.header("authorization", DEMO_AUTH).json(&body);
    let answer = request.send().await.expect("an answer");
    assert!(answer.status().is_success(), "{}", answer.status());
    let body = answer.bytes().await.expect("a body");
    serde_json::from_slice(&body).unwrap_or(Value::Null)
}

async fn delete(world: &World) {
    crm(world, Method::DELETE, "activities/1", Value::Null).await;
    world.crm.clear_journal();
}

/// Another text of the documented day.
fn answer() -> Value {
    with_message(inbound(2, "2015-02-18T13:30:00.000Z", "Thank you"))
}

async fn an_activity_deleted_at_once_is_not_made_again(world: &World) {
    world.call("createMessageLog", &example()).await;
    delete(world).await;
    // Some CRMs do not show a new activity for a while: this may be one of them.
    let words = "The message is not logged yet: Example CRM does not show the log. \
        Send it again in N seconds.";
    let hidden = failure_of("1", "warning", words);
    for _ in 0..2 {
        assert_waits(world.call("updateMessageLog", &answer()).await, &hidden, 5);
    }
    assert_eq!(world.crm.journal().len(), 1, "it is looked at once");
    assert_eq!(world.activities().await, [Value::Null; 0]);
}

/// A digest as App Connect's Node server writes it, with one text.
const OF_ANOTHER_SERVER: &str = "<br><b>SMS conversation with Daisy Meadows - 15/02/18</b><br>\
    <b>Conversation summary</b><br>Wednesday, February 18, 2015<br>Participants<br>\
    <ul><li><b>Demo Rep</b><br></li><li><b>Daisy Meadows</b></li></ul><br>\
    Conversation(1 messages)<br>BEGIN<br>------------<br>\
    <ul><li>Demo Rep 05:24 AM<br><b>Flight information</b></li></ul>------------<br>END<br><br>\
    --- Created via RingCentral App Connect";

async fn another_servers_digest(world: &World) {
    let activity = json!({
        "contactId": 1001,
        "subject": "SMS conversation with Daisy Meadows - 15/02/18",
        "type": "Message",
        "note": OF_ANOTHER_SERVER,
    });
    let made = crm(world, Method::POST, "activities", activity).await;
    assert_eq!(made["id"], 1);
    world.crm.clear_journal();
}

fn with_existing(mut params: Value) -> Value {
    set(
        &mut params,
        "existingMessageLog",
        json!({"thirdPartyLogId": 1}),
    );
    params
}

async fn a_digest_of_another_server_is_carried_on(world: &World) {
    another_servers_digest(world).await;
    let reply = world
        .call("updateMessageLog", &with_existing(answer()))
        .await;
    assert_eq!(reply, success("1", "Message logged"));
    assert_eq!(world.crm.journal().len(), 2, "a read and a write");
    let texts = ["Flight information", "Thank you"];
    assert_in_order(note(&world.only_activity().await), &texts);
    // Its line is known again, with the id or without.
    let reply = world.call("createMessageLog", &example()).await;
    assert_eq!(reply, success("1", "Message logged"));
    assert_in_order(note(&world.only_activity().await), &texts);
    let reply = world
        .call("updateMessageLog", &with_existing(example()))
        .await;
    assert_eq!(reply, success("1", "Already logged"));
}

async fn a_digest_is_carried_on_by_one_conversation(world: &World) {
    another_servers_digest(world).await;
    world
        .call("updateMessageLog", &with_existing(answer()))
        .await;
    let mut other = with_existing(answer());
    set(&mut other, "message.conversationId", json!("12"));
    set(&mut other, "message.subject", json!("Elsewhere"));
    let reply = world.call("updateMessageLog", &other).await;
    assert_eq!(reply, success("2", "Message logged"));
    let activities = world.activities().await;
    assert_eq!(activities.len(), 2);
    assert_eq!(count(note(&activities[0])), 2);
    assert_in_order(note(&activities[1]), &["Elsewhere"]);
}

async fn a_digest_is_carried_on_by_one_day(world: &World) {
    another_servers_digest(world).await;
    world
        .call("updateMessageLog", &with_existing(answer()))
        .await;
    // The client may still name yesterday's log.
    let next = with_message(inbound(4, "2015-02-19T13:30:00.000Z", "Next day"));
    let reply = world.call("updateMessageLog", &with_existing(next)).await;
    assert_eq!(reply, success("2", "Message logged"));
    let activities = world.activities().await;
    assert_in_order(note(&activities[1]), &["Next day"]);
    assert_eq!(count(note(&activities[0])), 2);
}

async fn a_log_of_ours_is_not_taken_over(world: &World) {
    world.call("createMessageLog", &example()).await;
    let next = with_message(inbound(4, "2015-02-19T13:30:00.000Z", "Next day"));
    let mut other = answer();
    set(&mut other, "message.conversationId", json!("12"));
    for (params, log_id) in [(next, "2"), (other, "3")] {
        let reply = world.call("updateMessageLog", &with_existing(params)).await;
        assert_eq!(reply, success(log_id, "Message logged"));
    }
    let notes = world.activities().await;
    for (activity, text) in notes
        .iter()
        .zip(["Flight information", "Next day", "Thank you"])
    {
        assert_in_order(note(activity), &[text]);
    }
}
