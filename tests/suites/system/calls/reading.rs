//! Reading the log of a call, and what an agent chooses for it.

use daybook_fakes::{Fault, Rule};
use daybook_tests::params::{DEMO_AUTH, set};
use daybook_tests::world::World;
use http::Method;
use serde_json::{Value, json};

use super::{SESSION, but_for_its_date, create, logged, of_log, update};
use crate::expect::{failure, note, success};

crate::through_every_door![in "calls::"; with [];
    a_log_is_read_as_it_stands,
    what_was_typed_is_read_back,
    a_log_that_cannot_be_read_is_told,
    a_choice_is_set_and_others_stay,
    a_choice_and_a_change_at_once_both_stand,
];

fn read(log: Value) -> Value {
    json!({"user": {"id": "1-exampleCRM"}, "authHeader": DEMO_AUTH, "callLogId": log})
}

async fn a_log_is_read_as_it_stands(world: &World) {
    logged(world, &create()).await;
    world
        .call(
            "updateCallLog",
            &update(json!({"subject": "About the order"})),
        )
        .await;
    let chosen = of_log(
        json!({"thirdPartyLogId": 1}),
        json!({"dispositions": {"mood": "good"}}),
    );
    world.call("upsertCallDisposition", &chosen).await;
    let mut activity = world.only_activity().await;
    // A single activity is told with the name of its contact.
    activity["contactName"] = json!("Daisy Meadows");
    for (log, contact) in [
        (json!(1), Value::Null),
        (json!("1"), json!(1001)),
        (json!(" 1 "), json!("1001")),
    ] {
        world.crm.clear_journal();
        let mut params = read(log);
        params["contactId"] = contact;
        let (status, reply) = world.call("getCallLog", &params).await;
        let expected = json!({
            "successful": true,
            "callLogInfo": {
                "subject": "About the order",
                "note": "Wants a quote.\n\nCall back on Friday.",
                "fullBody": activity["note"],
                "fullLogResponse": activity,
                "contactName": "Daisy Meadows",
                "dispositions": {"mood": "good"},
            },
            "returnMessage": {"message": "Call log loaded", "messageType": "success", "ttl": 2000},
        });
        assert_eq!((status, reply), (200, expected));
        assert_eq!(world.crm.journal().len(), 1, "one call of the CRM");
    }
}

async fn what_was_typed_is_read_back(world: &World) {
    for (session, typed) in [
        "<img src=x onerror=alert(1)> </b><br> & &amp; \"' $& ${x} {{y}}",
        "- Note: a\n\n- Result: b\n\nCall details\nAgent notes\n--- END\n",
        "  two  spaces\n\n\n\tand a tab",
        "\u{202e}right to left\u{202c} \u{5d0}\u{5d1} \u{1f469}\u{200d}\u{1f680}",
        "--- Created via RingCentral App Connect [k7m2-9xqd-4tfa]",
        "**bold** # no `code` [a](http://b.example)",
    ]
    .into_iter()
    .enumerate()
    {
        let mut params = create();
        set(&mut params, "callLog.sessionId", json!(session + 100));
        set(&mut params, "note", json!(typed));
        world.call("createCallLog", &params).await;
        let (_, reply) = world.call("getCallLog", &read(json!(session + 1))).await;
        let told = reply["callLogInfo"]["note"].as_str().expect("a note");
        assert_eq!(told.trim_end(), typed.trim_end(), "{reply}");
    }
    // A log in which nobody wrote.
    let activity = json!({"contactId": 1001, "subject": "By hand", "type": "Call"});
    let made = world.crm.hand(Method::POST, "activities", &activity).await;
    let (_, reply) = world.call("getCallLog", &read(made["id"].clone())).await;
    let told = &reply["callLogInfo"];
    assert_eq!((&told["note"], &told["fullBody"]), (&json!(""), &json!("")));
    assert_eq!(
        (&told["subject"], &told["dispositions"]),
        (&json!("By hand"), &json!({}))
    );
}

async fn a_log_that_cannot_be_read_is_told(world: &World) {
    logged(world, &create()).await;
    let deleted = "There is no such log in Example CRM. It may have been deleted.";
    for id in [
        json!(2),
        json!("none"),
        json!("../contacts/1001"),
        json!("1?x=1"),
    ] {
        let reply = world.call("getCallLog", &read(id.clone())).await;
        assert_eq!(reply, failure("warning", deleted), "{id}");
    }
    let mut stranger = read(json!(1));
    stranger["authHeader"] = json!("Basic d3Jvbmc6");
    let said = "Example CRM does not accept your sign-in. Connect your Example CRM account again.";
    let reply = world.call("getCallLog", &stranger).await;
    assert_eq!(reply, failure("warning", said));
    for (fault, kind, said) in [
        (
            Fault::status(403),
            "warning",
            "Your Example CRM account may not read this log. \
             Ask your Example CRM administrator for permission to see activities.",
        ),
        (
            Fault::rate_limited("1"),
            "warning",
            "Example CRM is receiving too many requests. Try again in a minute.",
        ),
        (
            Fault::status(503),
            "error",
            "Example CRM cannot be reached. Try again later.",
        ),
        (
            Fault::DropBefore,
            "error",
            "Example CRM cannot be reached. Try again later.",
        ),
        (
            Fault::status(422),
            "warning",
            "Example CRM refused to show the log. Try again later.",
        ),
    ] {
        world
            .crm
            .plan(Rule::new(fault.clone()).method(Method::GET).forever());
        let reply = world.call("getCallLog", &read(json!(1))).await;
        assert_eq!(reply, failure(kind, said), "{fault:?}");
        world.crm.clear_plan();
    }
    let (_, reply) = world.call("getCallLog", &read(json!(1))).await;
    assert_eq!(
        reply["successful"], true,
        "nobody waits for a read: {reply}"
    );
}

async fn a_choice_is_set_and_others_stay(world: &World) {
    logged(world, &create()).await;
    let before = world.only_activity().await;
    let choose = |existing: Value, chosen: Value| of_log(existing, json!({"dispositions": chosen}));
    for (existing, chosen, stand, calls) in [
        (
            json!({"sessionId": SESSION}),
            json!({"mood": "good"}),
            json!({"mood": "good"}),
            2,
        ),
        (
            json!({"thirdPartyLogId": 1}),
            json!({"next": ["call", 5]}),
            json!({"mood": "good", "next": ["call", 5]}),
            2,
        ),
        (
            json!({"thirdPartyLogId": "1", "sessionId": SESSION}),
            json!({"mood": "bad"}),
            json!({"mood": "bad", "next": ["call", 5]}),
            2,
        ),
        // Again, and nothing at all.
        (
            json!({"sessionId": SESSION}),
            json!({"mood": "bad"}),
            json!({"mood": "bad", "next": ["call", 5]}),
            1,
        ),
        (
            json!({"sessionId": SESSION}),
            json!({}),
            json!({"mood": "bad", "next": ["call", 5]}),
            1,
        ),
    ] {
        world.crm.clear_journal();
        let reply = world
            .call("upsertCallDisposition", &choose(existing, chosen.clone()))
            .await;
        assert_eq!(reply, success("1", "Call log updated"), "{chosen}");
        assert_eq!(world.crm.journal().len(), calls, "{chosen}");
        let activity = world.only_activity().await;
        assert_eq!(activity["dispositions"], stand);
        let mut expected = before.clone();
        expected["dispositions"] = stand;
        assert_eq!(but_for_its_date(activity), but_for_its_date(expected));
    }
}

async fn a_choice_and_a_change_at_once_both_stand(world: &World) {
    logged(world, &create()).await;
    world.crm.set_delay(std::time::Duration::from_millis(100));
    let chosen = of_log(
        json!({"sessionId": SESSION}),
        json!({"dispositions": {"mood": "good"}}),
    );
    let told = update(json!({"note": "Edited."}));
    let (one, other) = futures_util::join!(
        world.call("upsertCallDisposition", &chosen),
        world.call("updateCallLog", &told),
    );
    assert_eq!(one, success("1", "Call log updated"));
    assert_eq!(other.1["successful"], true, "{}", other.1);
    let activity = world.only_activity().await;
    assert_eq!(activity["dispositions"], json!({"mood": "good"}));
    assert!(note(&activity).contains("Edited."), "{activity}");
}
