//! A call becomes one activity, however often it is sent.

use std::time::Duration;

use daybook_tests::params::set;
use daybook_tests::world::World;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{NOTE, SESSION, create, of_session, update, words};
use crate::expect::{note, success};

crate::through_every_door![in "calls::"; with [];
    a_call_makes_one_activity,
    the_same_call_again_changes_nothing,
    five_at_once_make_one_activity,
    another_session_is_another_call,
    a_big_session_is_exact_as_number_and_as_text,
    the_title_says_who_called,
    a_call_of_which_little_is_known_is_logged,
    a_link_with_a_token_reaches_neither_note_nor_table_nor_log,
    what_the_form_carries_reaches_the_activity,
];

async fn a_call_makes_one_activity(world: &World) {
    let reply = world.call("createCallLog", &create()).await;
    assert_eq!(reply, success("1", "Call logged"));
    assert_eq!(world.crm.journal().len(), 1, "one call of the CRM");
    let activity = world.only_activity().await;
    assert_eq!(activity["type"], "Call");
    assert_eq!(activity["subject"], "Inbound Call from Daisy Meadows");
    assert_eq!(activity["startedAt"], "2026-03-04T19:05:09.000Z");
    assert_eq!(activity["durationSecs"], 65);
    assert!(activity["dispositions"].is_null(), "{activity}");
    let mark = note(&activity)
        .strip_prefix(NOTE)
        .unwrap_or_else(|| panic!("the layout that users know: {activity}"));
    assert_eq!(mark.len(), "k7m2-9xqd-4tfa]".len(), "{mark}");
}

async fn the_same_call_again_changes_nothing(world: &World) {
    world.call("createCallLog", &create()).await;
    let before = world.only_activity().await;
    world.crm.clear_journal();
    let mut other = create();
    set(&mut other, "note", json!("Typed once more."));
    set(&mut other, "callLog.duration", json!(70));
    for params in [create(), create(), other] {
        let reply = world.call("createCallLog", &params).await;
        assert_eq!(reply, success("1", "Already logged"));
    }
    assert!(world.crm.journal().is_empty(), "no call of the CRM");
    assert_eq!(world.only_activity().await, before);
}

async fn five_at_once_make_one_activity(world: &World) {
    world.crm.set_delay(Duration::from_millis(150));
    let params = create();
    let replies = join_all((0..5).map(|_| world.call("createCallLog", &params))).await;
    for (status, reply) in &replies {
        assert_eq!((*status, &reply["successful"]), (200, &json!(true)));
        assert_eq!(reply["logId"], "1", "{reply}");
        let said = ["Call logged", "Already logged"];
        assert!(said.contains(&words(reply)), "{reply}");
    }
    world.only_activity().await;
    assert_eq!(world.crm.writes(), 1);
}

async fn another_session_is_another_call(world: &World) {
    let mut other_user = create();
    set(&mut other_user, "user.id", json!("2-exampleCRM"));
    for (params, log_id) in [
        (create(), "1"),
        (of_session("2846329107051"), "2"),
        // Both were on the phone, and each has a log of their own.
        (other_user, "3"),
    ] {
        let reply = world.call("createCallLog", &params).await;
        assert_eq!(reply, success(log_id, "Call logged"));
    }
    assert_eq!(world.activities().await.len(), 3);
}

async fn a_big_session_is_exact_as_number_and_as_text(world: &World) {
    for (session, log_id, said) in [
        (json!(9_223_372_036_854_775_807_u64), "1", "Call logged"),
        (json!("9223372036854775807"), "1", "Already logged"),
        (json!(9_223_372_036_854_775_806_u64), "2", "Call logged"),
    ] {
        let mut params = create();
        set(&mut params, "callLog.sessionId", session);
        let reply = world.call("createCallLog", &params).await;
        assert_eq!(reply, success(log_id, said));
    }
}

async fn the_title_says_who_called(world: &World) {
    let outbound = |params: &mut Value| {
        set(params, "callLog.direction", json!("Outbound"));
        set(params, "callLog.from", create()["callLog"]["to"].clone());
        set(params, "callLog.to", create()["callLog"]["from"].clone());
    };
    let nameless = |params: &mut Value| set(params, "contactInfo.name", Value::Null);
    let undirected = |params: &mut Value| set(params, "callLog.direction", Value::Null);
    let titled =
        |params: &mut Value| set(params, "callLog.customSubject", json!(" My <b>own </b>"));
    type Change<'a> = &'a dyn Fn(&mut Value);
    let cases: [(Change<'_>, &str); 4] = [
        (&outbound, "Outbound Call to Daisy Meadows"),
        (&nameless, "Inbound Call from +16505553204"),
        (&undirected, "Call with Daisy Meadows"),
        (&titled, "My <b>own </b>"),
    ];
    for (session, (change, title)) in cases.into_iter().enumerate() {
        let mut params = of_session(&format!("10{session}"));
        change(&mut params);
        world.call("createCallLog", &params).await;
        let activity = world.activities().await.remove(session);
        assert_eq!(activity["subject"], title);
    }
}

async fn a_call_of_which_little_is_known_is_logged(world: &World) {
    let mut params = create();
    set(&mut params, "callLog", json!({"sessionId": SESSION}));
    set(&mut params, "note", Value::Null);
    let reply = world.call("createCallLog", &params).await;
    assert_eq!(reply, success("1", "Call logged"));
    let activity = world.only_activity().await;
    assert_eq!(activity["subject"], "Call with Daisy Meadows");
    assert!(activity["startedAt"].is_null() && activity["durationSecs"].is_null());
    let footer = "--- Created via RingCentral App Connect [";
    assert!(note(&activity).starts_with(footer), "{activity}");
}

async fn a_link_with_a_token_reaches_neither_note_nor_table_nor_log(world: &World) {
    let download = "https://media.ringcentral.com/r/1?access_token=RC-TOKEN";
    let mut params = create();
    set(
        &mut params,
        "callLog.recording",
        json!({"link": download, "downloadUrl": download}),
    );
    params["voicemailLink"] = json!(download);
    params["recordingDownloadLink"] = json!(download);
    world.call("createCallLog", &params).await;
    let mut late = update(json!({
        "recordingLink": download,
        "recordingDownloadLink": download,
        "ringSenseLink": download,
        "note": "It stands.",
    }));
    world.call("updateCallLog", &late).await;
    let activity = world.only_activity().await;
    assert!(note(&activity).contains("It stands."), "{activity}");
    assert!(!activity.to_string().contains("RC-TOKEN"), "{activity}");
    // What waits is whole in the table.
    late["authHeader"] = json!("Basic d3Jvbmc6");
    late["note"] = json!("It waits.");
    params["authHeader"] = json!("Basic d3Jvbmc6");
    set(&mut params, "callLog.sessionId", json!("77"));
    for (interface, params) in [("updateCallLog", &late), ("createCallLog", &params)] {
        let (_, reply) = world.call(interface, params).await;
        assert_eq!(reply["successful"], false, "{reply}");
    }
    let sent = world.crm.journal();
    let of_crm = sent.iter().map(|exchange| exchange.body.clone());
    for body in of_crm {
        assert!(!String::from_utf8_lossy(&body).contains("RC-TOKEN"));
    }
    assert!(!world.output().contains("RC-TOKEN"));
    let items = world.dump().await;
    assert!(items.contains("It waits.") && items.contains("Wants a quote."));
    assert!(!items.contains("RC-TOKEN"), "{items}");
}

async fn what_the_form_carries_reaches_the_activity(world: &World) {
    let mut params = create();
    params["additionalSubmission"] = json!({"deal": "77", "nested": {"a": [1]}});
    world.call("createCallLog", &params).await;
    let later = update(json!({"additionalSubmission": {"stage": "won"}}));
    world.call("updateCallLog", &later).await;
    let activity = world.only_activity().await;
    let both = json!({"deal": "77", "nested": {"a": [1]}, "stage": "won"});
    assert_eq!(activity["extra"], both);
    assert!(note(&activity).starts_with(NOTE), "{activity}");
}
