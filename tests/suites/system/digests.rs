//! Texts become one activity for a conversation, a contact and a day.

use daybook_tests::params::{example, inbound, outbound, set, with, with_message};
use daybook_tests::world::World;
use serde_json::{Value, json};

use crate::expect::{assert_in_order, note, success};

crate::through_every_door![
    a_first_text_makes_one_activity,
    a_second_text_joins_the_activity,
    a_repeated_text_changes_nothing,
    several_texts_of_one_request_are_in_order,
    a_text_of_the_next_local_day_opens_a_second_activity,
    the_caller_need_not_know_which_interface_is_right,
    big_ids_are_exact_as_number_and_as_text,
    a_voicemail_carries_its_link_and_no_token,
    a_lone_surrogate_does_not_lose_the_text,
    another_contact_and_another_user_have_digests_of_their_own,
    what_the_form_carries_reaches_the_activity,
];

/// The note of the documented example, without the mark.
const NOTE: &str = "<br><b>SMS conversation with Daisy Meadows - 15/02/18</b><br>\
    <b>Conversation summary</b><br>Wednesday, February 18, 2015<br>Participants<br>\
    <ul><li><b>Demo Rep</b><br></li><li><b>Daisy Meadows</b></li></ul><br>\
    Conversation(1 messages)<br>BEGIN<br>------------<br>\
    <ul><li>Demo Rep 05:24 AM<br><b>Flight information</b></li></ul>------------<br>END<br><br>\
    --- Created via RingCentral App Connect [";

async fn a_first_text_makes_one_activity(world: &World) {
    let reply = world.call("createMessageLog", &example()).await;
    assert_eq!(reply, success("1", "Message logged"));
    assert_eq!(world.crm.journal().len(), 1, "one call of the CRM");
    let activity = world.only_activity().await;
    assert_eq!(
        activity["subject"],
        "SMS conversation with Daisy Meadows - 15/02/18"
    );
    assert_eq!(activity["type"], "Message");
    assert_eq!(activity["startedAt"], "2015-02-18T13:24:50.000Z");
    let mark = note(&activity)
        .strip_prefix(NOTE)
        .expect("the layout that users know");
    assert_eq!(mark.len(), "k7m2-9xqd-4tfa]".len(), "{mark}");
}

async fn a_second_text_joins_the_activity(world: &World) {
    world.call("createMessageLog", &example()).await;
    world.crm.clear_journal();
    let answer = inbound(60_279_564_005, "2015-02-18T13:30:00.000Z", "Thank you");
    let reply = world.call("updateMessageLog", &with_message(answer)).await;
    assert_eq!(reply, success("1", "Message logged"));
    assert_eq!(
        world.crm.journal().len(),
        2,
        "a read and a write of the CRM"
    );
    let activity = world.only_activity().await;
    assert_in_order(note(&activity), &["Flight information", "Thank you"]);
    assert!(note(&activity).contains("<li>Daisy Meadows (+16505553204) 05:30 AM<br>"));
}

async fn a_repeated_text_changes_nothing(world: &World) {
    world.call("createMessageLog", &example()).await;
    let before = world.only_activity().await;
    world.crm.clear_journal();
    for interface in ["createMessageLog", "updateMessageLog", "addMessageLog"] {
        let reply = world.call(interface, &example()).await;
        assert_eq!(reply, success("1", "Already logged"));
    }
    assert!(world.crm.journal().is_empty(), "no call of the CRM");
    assert_eq!(world.only_activity().await, before);
}

async fn several_texts_of_one_request_are_in_order(world: &World) {
    let mut params = example();
    params["messages"] = json!([
        inbound(3, "2015-02-18T15:00:00.000Z", "Last"),
        inbound(2, "2015-02-18T09:00:00.000Z", "First"),
        outbound(
            60_279_564_004,
            "2015-02-18T13:24:50.000Z",
            "Flight information"
        ),
    ]);
    let reply = world.call("createMessageLog", &params).await;
    assert_eq!(reply, success("1", "3 messages logged"));
    assert_eq!(world.crm.journal().len(), 1, "one call of the CRM");
    let texts = ["First", "Flight information", "Last"];
    assert_in_order(note(&world.only_activity().await), &texts);
}

async fn a_text_of_the_next_local_day_opens_a_second_activity(world: &World) {
    for (id, time) in [
        (1, "2015-02-19T07:59:59.000Z"),
        (2, "2015-02-19T08:00:00.000Z"),
    ] {
        let params = with_message(inbound(id, time, "Hello"));
        world.call("updateMessageLog", &params).await;
    }
    let activities = world.activities().await;
    let subjects: Vec<_> = activities
        .iter()
        .map(|activity| &activity["subject"])
        .collect();
    assert_eq!(
        subjects,
        [
            "SMS conversation with Daisy Meadows - 15/02/18",
            "SMS conversation with Daisy Meadows - 15/02/19",
        ]
    );
}

async fn the_caller_need_not_know_which_interface_is_right(world: &World) {
    for (id, interface) in [
        (1, "updateMessageLog"),
        (2, "createMessageLog"),
        (3, "addMessageLog"),
    ] {
        let time = format!("2015-02-18T1{id}:00:00.000Z");
        let params = with_message(inbound(id, &time, &format!("Text {id}")));
        let reply = world.call(interface, &params).await;
        assert_eq!(reply, success("1", "Message logged"));
    }
    assert_in_order(
        note(&world.only_activity().await),
        &["Text 1", "Text 2", "Text 3"],
    );
}

async fn big_ids_are_exact_as_number_and_as_text(world: &World) {
    let mut message = inbound(1, "2015-02-18T13:00:00.000Z", "One");
    for (index, id) in [
        json!(6_288_356_833_283_647_895_u64),
        json!("6288356833283647895"),
        json!(6_288_356_833_283_647_896_u64),
    ]
    .into_iter()
    .enumerate()
    {
        message["id"] = json!(index);
        message["conversationId"] = id;
        world
            .call("createMessageLog", &with_message(message.clone()))
            .await;
    }
    let activities = world.activities().await;
    assert_eq!(activities.len(), 2, "the third id is another conversation");
    assert!(note(&activities[0]).contains("Conversation(2 messages)"));
}

async fn a_voicemail_carries_its_link_and_no_token(world: &World) {
    let mut params = example();
    set(&mut params, "message.type", json!("VoiceMail"));
    set(&mut params, "message.subject", Value::Null);
    set(&mut params, "message.direction", json!("Inbound"));
    params["recordingLink"] = json!("https://v.ringcentral.com/index.html?id=7&t=\"x\"");
    params["imageLink"] = json!("https://media.ringcentral.com/c/1?access_token=RC-TOKEN");
    params["imageDownloadLink"] = json!("https://media.ringcentral.com/c/1?access_token=RC-TOKEN");
    world.call("createMessageLog", &params).await;
    let activity = world.only_activity().await;
    assert!(note(&activity).contains("https://v.ringcentral.com/index.html?id=7&amp;t=%22x%22"));
    assert!(!activity.to_string().contains("RC-TOKEN"));
    assert_eq!(
        activity["subject"],
        "Voicemail left by Daisy Meadows - 15/02/18"
    );
}

async fn a_lone_surrogate_does_not_lose_the_text(world: &World) {
    let body = with("message.subject", json!("CUT")).to_string();
    let body = body.replace("CUT", r"see you \ud83d");
    let reply = world
        .call_platform("exampleCRM", "createMessageLog", &body)
        .await;
    assert_eq!(reply, success("1", "Message logged"));
    assert!(note(&world.only_activity().await).contains("see you \u{fffd}"));
}

async fn another_contact_and_another_user_have_digests_of_their_own(world: &World) {
    world.call("createMessageLog", &example()).await;
    let reply = world
        .call("createMessageLog", &with("user.id", json!("2-exampleCRM")))
        .await;
    assert_eq!(reply, success("2", "Message logged"));
    let reply = world
        .call("createMessageLog", &with("contactInfo.id", json!("1002")))
        .await;
    assert_eq!(reply, success("3", "Message logged"));
}

async fn what_the_form_carries_reaches_the_activity(world: &World) {
    let params = with(
        "additionalSubmission",
        json!({"deal": "77", "nested": {"a": [1]}}),
    );
    world.call("createMessageLog", &params).await;
    let activity = world.only_activity().await;
    assert_eq!(
        activity["extra"],
        json!({"deal": "77", "nested": {"a": [1]}})
    );
}
