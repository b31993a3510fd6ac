//! What the CRM refuses: credentials, permissions, contacts, and what a text says.

use std::time::Duration;

use daybook_fakes::{Fault, Rule};
use daybook_tests::params::{
    example, inbound, outbound, set, text, texts, with, with_message, with_messages,
};
use daybook_tests::runner::figure;
use daybook_tests::world::{Answered, World};
use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};

use crate::expect::{assert_in_order, assert_waits, count, failure, failure_of, note, success};

crate::through_every_door![
    refused_credentials_leave_nothing_half_made,
    refused_credentials_of_one_request_do_not_hold_back_others,
    a_refusal_that_is_over_does_not_concern_who_waits,
    a_text_refused_first_and_sent_again_from_another_zone_stands_once,
    a_voicemail_refused_first_and_sent_again_is_one,
    a_missing_permission_is_told,
    a_contact_that_is_gone_is_told,
    a_text_that_is_refused_does_not_block_the_others,
    a_text_that_is_refused_does_not_block_the_others_of_a_digest,
    a_text_that_is_refused_alone_makes_no_activity,
];

const WRONG_AUTH: &str = "Basic d3Jvbmc6";

fn not_accepted() -> Answered {
    let words = "Example CRM does not accept your sign-in. Connect your Example CRM account again.";
    failure("warning", words)
}

fn with_wrong_auth(mut params: Value) -> Value {
    set(&mut params, "authHeader", json!(WRONG_AUTH));
    params
}

async fn refused_credentials_leave_nothing_half_made(world: &World) {
    for _ in 0..2 {
        let reply = world
            .call("createMessageLog", &with_wrong_auth(example()))
            .await;
        assert_eq!(reply, not_accepted());
    }
    assert!(world.activities().await.is_empty());
    let reply = world.call("createMessageLog", &example()).await;
    assert_eq!(reply, success("1", "Message logged"));
    assert_in_order(note(&world.only_activity().await), &["Flight information"]);
    let reply = world.call("createMessageLog", &example()).await;
    assert_eq!(reply, success("1", "Already logged"));
}

async fn refused_credentials_of_one_request_do_not_hold_back_others(world: &World) {
    world.call("createMessageLog", &example()).await;
    let second = with_message(inbound(2, "2015-02-18T13:30:00.000Z", "Thank you"));
    let (status, mut reply) = world
        .call("updateMessageLog", &with_wrong_auth(second))
        .await;
    assert_eq!(reply["logId"].take(), "1");
    reply.as_object_mut().expect("an object").remove("logId");
    assert_eq!((status, reply), not_accepted());
    // The next request of the digest delivers it too.
    let third = with_message(inbound(3, "2015-02-18T13:40:00.000Z", "See you"));
    let reply = world.call("updateMessageLog", &third).await;
    assert_eq!(reply, success("1", "Message logged"));
    let texts = ["Flight information", "Thank you", "See you"];
    assert_in_order(note(&world.only_activity().await), &texts);
}

async fn a_refusal_that_is_over_does_not_concern_who_waits(world: &World) {
    // The same credentials: the CRM itself was wrong for a moment.
    world.crm.plan(Rule::new(Fault::status(401)).once());
    let reply = world.call("createMessageLog", &example()).await;
    assert_eq!(reply, not_accepted());
    world.crm.set_delay(Duration::from_millis(100));
    let requests: Vec<_> = texts(0..6).into_iter().map(with_message).collect();
    let calls = requests.iter().enumerate().map(|(index, params)| {
        let interface = ["createMessageLog", "updateMessageLog"][index % 2];
        world.call(interface, params)
    });
    for reply in join_all(calls).await {
        assert_eq!(reply, success("1", "Message logged"));
    }
}

async fn a_text_refused_first_and_sent_again_from_another_zone_stands_once(world: &World) {
    // 3:30 PM in Los Angeles, and in Tokyo the next morning.
    let evening = with_message(inbound(2, "2015-02-18T23:30:00.000Z", "Good evening"));
    let reply = world
        .call("createMessageLog", &with_wrong_auth(evening.clone()))
        .await;
    assert_eq!(reply, not_accepted());
    let mut moved = evening;
    set(&mut moved, "user.timezoneName", json!("Asia/Tokyo"));
    let reply = world.call("createMessageLog", &moved).await;
    assert_eq!(reply, success("1", "Message logged"));
    let activity = world.only_activity().await;
    assert_in_order(note(&activity), &["Good evening"]);
    assert!(note(&activity).contains("03:30 PM"), "as it was accepted");
    let subject = "SMS conversation with Daisy Meadows - 15/02/18";
    assert_eq!(activity["subject"], subject);
    world.crm.clear_journal();
    let reply = world.call("updateMessageLog", &moved).await;
    assert_eq!(reply, success("1", "Already logged"));
    assert!(world.crm.journal().is_empty());
    // What is new from there is of the day there.
    let mut later = moved;
    set(&mut later, "message.id", json!(3));
    set(&mut later, "message.subject", json!("Good morning"));
    let reply = world.call("updateMessageLog", &later).await;
    assert_eq!(reply, success("2", "Message logged"));
    let activities = world.activities().await;
    assert_in_order(note(&activities[0]), &["Good evening"]);
    assert_in_order(note(&activities[1]), &["Good morning"]);
}

async fn a_voicemail_refused_first_and_sent_again_is_one(world: &World) {
    let mut voicemail = with_message(inbound(2, "2015-02-18T13:30:00.000Z", ""));
    set(&mut voicemail, "message.type", json!("VoiceMail"));
    set(
        &mut voicemail,
        "recordingLink",
        json!("https://v.ringcentral.com/a?id=7"),
    );
    let reply = world
        .call("createMessageLog", &with_wrong_auth(voicemail.clone()))
        .await;
    assert_eq!(reply, not_accepted());
    // The client may have another link, or none, when it sends it again.
    let mut again = voicemail.clone();
    again
        .as_object_mut()
        .expect("an object")
        .remove("recordingLink");
    for (params, message) in [(again, "Message logged"), (voicemail, "Already logged")] {
        let reply = world.call("createMessageLog", &params).await;
        assert_eq!(reply, success("1", message));
    }
    let check = |activity: &Value, texts: usize| {
        let note = note(activity);
        let subject = "Voicemail left by Daisy Meadows - 15/02/18";
        assert_eq!(activity["subject"], subject);
        assert!(note.contains(&format!("<b>{subject}</b>")), "{note}");
        assert_eq!(note.matches("Voicemail: <a href").count(), 1, "{note}");
        assert_eq!(count(note), texts, "{note}");
    };
    check(&world.only_activity().await, 1);
    let text = with_message(outbound(3, "2015-02-18T13:40:00.000Z", "I heard it"));
    let reply = world.call("updateMessageLog", &text).await;
    assert_eq!(reply, success("1", "Message logged"));
    check(&world.only_activity().await, 2);
}

async fn a_missing_permission_is_told(world: &World) {
    let rule = Rule::new(Fault::status(403)).method(Method::POST).once();
    world.crm.plan(rule);
    let words = "Your Example CRM account may not write this log. \
        Ask your Example CRM administrator for permission to edit activities.";
    let reply = world.call("createMessageLog", &example()).await;
    assert_eq!(reply, failure("warning", words));
    let reply = world.call("createMessageLog", &example()).await;
    assert_eq!(reply, success("1", "Message logged"));
}

async fn a_contact_that_is_gone_is_told(world: &World) {
    let words = "The contact does not exist in Example CRM. It may have been deleted or merged.";
    let (status, mut expected) = failure("warning", words);
    expected["field"] = json!("contactInfo.id");
    for _ in 0..2 {
        let reply = world
            .call("createMessageLog", &with("contactInfo.id", json!(999_999)))
            .await;
        assert_eq!(reply, (status, expected.clone()));
    }
    assert_eq!(world.crm.journal().len(), 2, "a repeat tries again");
}

fn refuse_poison(world: &World) {
    let refusal = Fault::status_with(422, &[], "{\"error\":{\"field\":\"note\"}}");
    world
        .crm
        .plan(Rule::new(refusal).body_contains("POISON").forever());
}

/// A text that the CRM refuses.
fn poison(number: u64) -> Value {
    let mut message = texts([number]).remove(0);
    message["subject"] = json!("POISON");
    message
}

/// Sends 20 texts of which the CRM refuses one, until nothing but that one is left.
async fn poisoned_day(world: &World) {
    refuse_poison(world);
    world.crm.clear_journal();
    let mut day = texts(0..20);
    day[13] = poison(13);
    let day = with_messages(day);
    let mut requests = 0;
    loop {
        requests += 1;
        assert!(requests <= 8, "it does not come to an end");
        let before = world.crm.writes();
        let (_, reply) = world.call("createMessageLog", &day).await;
        let writes = world.crm.writes() - before;
        figure(&format!(
            "1 of 20 refused, request {requests}: {writes} writes"
        ));
        assert!(writes <= 3, "at most 3 writes a request");
        assert_eq!(reply["successful"], false, "{reply}");
        let words = reply["returnMessage"]["message"].as_str().expect("words");
        if words.contains("Send it again in 60 minutes.") && writes == 0 {
            break;
        }
    }
    world.crm.clear_journal();
    let refused = world
        .call("updateMessageLog", &with_message(poison(13)))
        .await;
    let words = "Example CRM does not accept what the message says. Send it again in N minutes.";
    // Its digest is named, although it does not stand there.
    assert_waits(refused, &failure_of("1", "warning", words), 60);
    assert!(
        world.crm.journal().is_empty(),
        "not before the hour is over"
    );
    let reply = world
        .call("updateMessageLog", &with_messages(texts([20])))
        .await;
    assert_eq!(reply, success("1", "Message logged"));
    assert_eq!(world.crm.journal().len(), 2);
}

/// What stands of that day.
fn others() -> Vec<String> {
    (0..=20).filter(|number| *number != 13).map(text).collect()
}

async fn a_text_that_is_refused_does_not_block_the_others(world: &World) {
    poisoned_day(world).await;
    assert_in_order(note(&world.only_activity().await), &others());
}

async fn a_text_that_is_refused_does_not_block_the_others_of_a_digest(world: &World) {
    let early = outbound(1_000, "2015-02-18T12:00:00.000Z", "Flight information");
    world.call("createMessageLog", &with_message(early)).await;
    poisoned_day(world).await;
    let mut all = others();
    all.insert(0, "Flight information".to_owned());
    assert_in_order(note(&world.only_activity().await), &all);
}

async fn a_text_that_is_refused_alone_makes_no_activity(world: &World) {
    refuse_poison(world);
    let words = "Example CRM does not accept what the message says. Send it again in N minutes.";
    for _ in 0..2 {
        let reply = world
            .call("createMessageLog", &with_message(poison(13)))
            .await;
        assert_waits(reply, &failure("warning", words), 60);
    }
    assert_eq!(world.crm.journal().len(), 1, "it is tried once");
    let reply = world.call("updateMessageLog", &example()).await;
    assert_eq!(reply, success("1", "Message logged"));
    assert_in_order(note(&world.only_activity().await), &["Flight information"]);
}
