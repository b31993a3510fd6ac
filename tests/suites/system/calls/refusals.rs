//! Calls that nobody logged, logs that were deleted, logs of something else, contacts that are
//! gone.

use aws_sdk_dynamodb::types::AttributeValue;
use daybook_fakes::{Fault, Rule};
use daybook_local::table::TABLE_NAME;
use daybook_tests::params::{example, inbound, set};
use daybook_tests::runner::case;
use daybook_tests::world::{Door, World};
use http::Method;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::{NOTE, SESSION, changed, create, logged, of_log, update, updated, words};
use crate::expect::{assert_waits, failure, failure_of, note, success};

crate::through_every_door![in "calls::"; with [];
    a_change_of_a_call_that_nobody_logged_is_refused,
    a_log_that_is_not_seen_yet_is_waited_for,
    the_log_of_texts_is_no_log_of_a_call,
    the_texts_of_another_server_are_no_log_of_a_call,
    a_contact_that_is_gone_is_told,
    a_call_whose_contact_is_gone_is_logged_to_another,
];

/// The cases in which a log gets older than it is, which the table of a local server cannot show.
pub(crate) fn cases_of_old_logs() -> Vec<Trial> {
    let doors = [(Door::HttpEvent, "http_event"), (Door::Direct, "direct")];
    let trials = |(door, prefix): (Door, &str)| {
        [
            case(
                format!("{prefix}::calls::a_deleted_log_is_told_and_made_anew"),
                move || async move {
                    deleted(&World::start(door).await).await;
                },
            ),
            case(
                format!("{prefix}::calls::a_deleted_log_of_another_server_is_told"),
                move || async move { deleted_elsewhere(&World::start(door).await).await },
            ),
        ]
    };
    doors.into_iter().flat_map(trials).collect()
}

const NOT_LOGGED: &str = "This call has not been logged yet. Log it first.";

fn disposition(existing: Value) -> Value {
    of_log(existing, json!({"dispositions": {"mood": "good"}}))
}

async fn a_change_of_a_call_that_nobody_logged_is_refused(world: &World) {
    let session = json!({"sessionId": SESSION});
    let mut by_extension = update(json!({"note": "Edited."}));
    by_extension["extensionNumber"] = json!("101");
    for (interface, params) in [
        ("updateCallLog", update(json!({"note": "Edited."}))),
        ("updateCallLog", by_extension),
        ("upsertCallDisposition", disposition(session)),
    ] {
        let reply = world.call(interface, &params).await;
        assert_eq!(reply, failure("warning", NOT_LOGGED), "{interface}");
    }
    assert!(world.crm.journal().is_empty());
    assert_eq!(world.stored_items().await, 0, "and nothing is kept of it");
}

async fn a_log_that_is_not_seen_yet_is_waited_for(world: &World) {
    logged(world, &create()).await;
    world.crm.delete_activity(1).await;
    // Some CRMs do not show a new activity for a while: this may be one of them.
    let said = "The change is not saved yet: Example CRM does not show the log. \
        Send it again in N seconds.";
    let reply = world
        .call("updateCallLog", &update(json!({"note": "Edited."})))
        .await;
    assert_waits(reply, &failure_of("1", "warning", said), 5);
    assert!(world.activities().await.is_empty());
}

/// Makes every log that is linked in the table a day older.
async fn age(world: &World) {
    let client = aws_sdk_dynamodb::Client::new(&world.table().sdk_config());
    let all = client
        .scan()
        .table_name(TABLE_NAME)
        .send()
        .await
        .expect("a scan");
    let links = all
        .items()
        .iter()
        .filter(|item| item.contains_key("linkedAt"));
    for link in links {
        let at: i64 = link["linkedAt"]
            .as_n()
            .expect("a number")
            .parse()
            .expect("a number");
        let older = AttributeValue::N((at - 86_400_000).to_string());
        let put = client.put_item().table_name(TABLE_NAME);
        let put = put.set_item(Some(link.clone())).item("linkedAt", older);
        put.send().await.expect("written");
    }
}

const GONE: &str = "The log of this call was deleted in Example CRM.";

async fn deleted(world: &World) {
    logged(world, &create()).await;
    world.crm.delete_activity(1).await;
    age(world).await;
    let existing = json!({"thirdPartyLogId": 1, "sessionId": SESSION});
    for (interface, params) in [
        ("updateCallLog", update(json!({"note": "Too late."}))),
        (
            "updateCallLog",
            of_log(existing, json!({"result": "Too late."})),
        ),
        (
            "upsertCallDisposition",
            disposition(json!({"sessionId": SESSION})),
        ),
    ] {
        let reply = world.call(interface, &params).await;
        assert_eq!(reply, failure_of("1", "warning", GONE), "{interface}");
    }
    assert_eq!(world.crm.writes(), 0, "none is made anew by a change");
    let (status, mut expected) = success(
        "2",
        "Call logged. The log had been deleted in Example CRM, so a new one was made.",
    );
    expected["returnMessage"]["messageType"] = json!("warning");
    expected["returnMessage"]["ttl"] = json!(30_000);
    let reply = world.call("createCallLog", &create()).await;
    assert_eq!(reply, (status, expected));
    let activity = world.only_activity().await;
    assert!(note(&activity).starts_with(NOTE), "{activity}");
    let reply = world.call("createCallLog", &create()).await;
    assert_eq!(reply, success("2", "Already logged"));
    let reply = world
        .call("updateCallLog", &update(json!({"note": "In time."})))
        .await;
    assert_eq!(reply, updated(world, "2").await);
    assert!(note(&world.only_activity().await).contains("In time."));
}

async fn deleted_elsewhere(world: &World) {
    let activity = json!({"contactId": 1001, "subject": "A call", "type": "Call", "note": "Old"});
    world.crm.hand(Method::POST, "activities", &activity).await;
    let existing = json!({"thirdPartyLogId": 1, "sessionId": SESSION});
    changed(world, &of_log(existing.clone(), json!({"note": "Edited."}))).await;
    world.crm.delete_activity(1).await;
    age(world).await;
    let reply = world
        .call(
            "updateCallLog",
            &of_log(existing, json!({"note": "Too late."})),
        )
        .await;
    assert_eq!(reply, failure_of("1", "warning", GONE));
}

async fn the_log_of_texts_is_no_log_of_a_call(world: &World) {
    let reply = world.call("createMessageLog", &example()).await;
    assert_eq!(reply, success("1", "Message logged"));
    let before = world.only_activity().await;
    world.crm.clear_journal();
    let said = "This log holds messages, not a call.";
    let (status, mut expected) = failure("warning", said);
    expected["field"] = json!("existingCallLog.thirdPartyLogId");
    for existing in [
        json!({"thirdPartyLogId": 1}),
        json!({"thirdPartyLogId": "1", "sessionId": SESSION}),
    ] {
        let edited = of_log(existing.clone(), json!({"note": "Edited."}));
        for (interface, params) in [
            ("updateCallLog", edited),
            ("upsertCallDisposition", disposition(existing.clone())),
        ] {
            let reply = world.call(interface, &params).await;
            assert_eq!(reply, (status, expected.clone()), "{interface} {existing}");
        }
    }
    assert_eq!(world.crm.writes(), 0);
    assert_eq!(world.only_activity().await, before);
    // Nor is it the call's own now.
    let mut answer = example();
    set(
        &mut answer,
        "message",
        inbound(2, "2015-02-18T13:30:00.000Z", "Thank you"),
    );
    let reply = world.call("updateMessageLog", &answer).await;
    assert_eq!(reply, success("1", "Message logged"));
    let reply = world.call("createCallLog", &create()).await;
    assert_eq!(reply, success("2", "Call logged"));
}

async fn the_texts_of_another_server_are_no_log_of_a_call(world: &World) {
    const TEXTS: &str = "<br><b>SMS conversation with Daisy Meadows - 15/02/18</b><br>\
        Conversation(1 messages)<br>BEGIN<br>------------<br>\
        <ul><li>Demo Rep 05:24 AM<br><b>Hello</b></li></ul>------------<br>END<br><br>\
        --- Created via RingCentral App Connect";
    let activity = json!({"contactId": 1001, "subject": "Texts", "note": TEXTS});
    world.crm.hand(Method::POST, "activities", &activity).await;
    let existing = json!({"thirdPartyLogId": 1, "sessionId": SESSION});
    let (_, reply) = world
        .call(
            "updateCallLog",
            &of_log(existing, json!({"note": "Edited."})),
        )
        .await;
    assert_eq!(words(&reply), "This log holds messages, not a call.");
    assert_eq!(note(&world.only_activity().await), TEXTS);
    assert_eq!(world.stored_items().await, 0, "it is nobody's");
}

/// The call with a contact that the CRM does not have.
fn to_nobody() -> Value {
    let mut params = create();
    set(&mut params, "contactInfo.id", json!(999_999));
    params
}

async fn a_contact_that_is_gone_is_told(world: &World) {
    let said = "The contact does not exist in Example CRM. It may have been deleted or merged.";
    let (status, mut expected) = failure("warning", said);
    expected["field"] = json!("contactInfo.id");
    for _ in 0..2 {
        let reply = world.call("createCallLog", &to_nobody()).await;
        assert_eq!(reply, (status, expected.clone()));
    }
    assert_eq!(world.crm.journal().len(), 2, "a repeat tries again");
}

async fn a_call_whose_contact_is_gone_is_logged_to_another(world: &World) {
    let (_, reply) = world.call("createCallLog", &to_nobody()).await;
    assert_eq!(reply["field"], "contactInfo.id", "{reply}");
    let (_, reply) = world
        .call("updateCallLog", &update(json!({"result": "Missed"})))
        .await;
    assert_eq!(reply["successful"], false, "{reply}");
    assert!(!words(&reply).contains("has not been logged"), "{reply}");
    // What is lost on the way is looked for with that one, too.
    world
        .crm
        .plan(Rule::new(Fault::DropAfter).method(Method::POST).once());
    let reply = world.call("createCallLog", &create()).await;
    assert_eq!(reply, success("1", "Call logged"));
    let activity = world.only_activity().await;
    assert_eq!(activity["contactId"], 1001);
    assert_eq!(
        note(&activity),
        note(&activity).replace("Call connected", "Missed")
    );
    assert!(note(&activity).contains("Wants a quote."), "{activity}");
}
