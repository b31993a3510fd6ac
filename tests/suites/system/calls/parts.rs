//! One log for each call and extension, whoever tells of it first, and in whatever order.

use std::time::Duration;

use daybook_fakes::{Fault, Rule};
use daybook_tests::params::set;
use daybook_tests::world::World;
use http::Method;
use serde_json::{Value, json};

use super::{SESSION, changed, create, logged, of_log, update, updated, words};
use crate::expect::{assert_waits, failure, note, success};

crate::through_every_door![in "calls::"; with [];
    a_create_without_extension_and_a_change_with_one_are_one_log,
    two_extensions_of_a_call_have_a_log_each,
    a_change_that_names_no_extension_joins_the_only_log,
    a_change_that_may_mean_several_logs_is_not_guessed,
    an_extension_is_known_by_its_id_and_its_number,
    a_change_before_its_call_is_logged_is_kept_with_it,
];

const ID: &str = "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a";

/// The call as an extension logs it.
fn create_by(extension: Value) -> Value {
    let mut params = create();
    params["extensionNumber"] = extension;
    params
}

/// A change of the log of an extension.
fn update_by(extension: Value, told: Value) -> Value {
    of_log(
        json!({"sessionId": SESSION, "extensionNumber": extension}),
        told,
    )
}

async fn a_create_without_extension_and_a_change_with_one_are_one_log(world: &World) {
    logged(world, &create()).await;
    changed(world, &update_by(json!("101"), json!({"note": "By 101."}))).await;
    // It is that extension's log now; another one's is its own.
    let reply = world.call("createCallLog", &create_by(json!(101))).await;
    assert_eq!(reply, success("1", "Already logged"));
    let (_, reply) = world
        .call(
            "updateCallLog",
            &update_by(json!("102"), json!({"note": "By 102."})),
        )
        .await;
    assert_eq!(
        words(&reply),
        "This call has not been logged yet. Log it first."
    );
    let reply = world.call("createCallLog", &create_by(json!("102"))).await;
    assert_eq!(reply, success("2", "Call logged"));
    let activities = world.activities().await;
    assert!(note(&activities[0]).contains("By 101."), "{activities:#?}");
    assert!(
        note(&activities[1]).contains("Wants a quote."),
        "{activities:#?}"
    );
}

async fn two_extensions_of_a_call_have_a_log_each(world: &World) {
    for (extension, log_id) in [("101", "1"), ("102", "2")] {
        let reply = world
            .call("createCallLog", &create_by(json!(extension)))
            .await;
        assert_eq!(reply, success(log_id, "Call logged"));
    }
    let beside = {
        let mut params = update(json!({"note": "By 101."}));
        params["extensionNumber"] = json!(101);
        params
    };
    for (params, log_id) in [
        (update_by(json!("102"), json!({"note": "By 102."})), "2"),
        (beside, "1"),
        (
            of_log(
                json!({"thirdPartyLogId": 2}),
                json!({"result": "By its id"}),
            ),
            "2",
        ),
    ] {
        let reply = world.call("updateCallLog", &params).await;
        assert_eq!(reply, updated(world, log_id).await);
    }
    let activities = world.activities().await;
    assert_eq!(activities.len(), 2);
    assert!(note(&activities[0]).contains("By 101."), "{activities:#?}");
    assert!(
        note(&activities[0]).contains("Call connected"),
        "{activities:#?}"
    );
    assert!(note(&activities[1]).contains("By 102."), "{activities:#?}");
    assert!(
        note(&activities[1]).contains("By its id"),
        "{activities:#?}"
    );
}

async fn a_change_that_names_no_extension_joins_the_only_log(world: &World) {
    logged(world, &create_by(json!("101"))).await;
    changed(world, &update(json!({"note": "By nobody."}))).await;
    // Nor does a create that names none make a second.
    let reply = world.call("createCallLog", &create()).await;
    assert_eq!(reply, success("1", "Already logged"));
    assert!(note(&world.only_activity().await).contains("By nobody."));
}

async fn a_change_that_may_mean_several_logs_is_not_guessed(world: &World) {
    for extension in ["101", "102"] {
        world
            .call("createCallLog", &create_by(json!(extension)))
            .await;
    }
    let before = world.activities().await;
    world.crm.clear_journal();
    let said =
        "This call has several logs, one for each extension. Name the extension, or the log.";
    let (status, mut expected) = failure("warning", said);
    expected["field"] = json!("existingCallLog.extensionNumber");
    let mut chosen = update(json!({"dispositions": {"mood": "good"}}));
    chosen["note"] = Value::Null;
    for (interface, params) in [
        ("updateCallLog", update(json!({"note": "By nobody."}))),
        ("upsertCallDisposition", chosen),
    ] {
        let reply = world.call(interface, &params).await;
        assert_eq!(reply, (status, expected.clone()));
    }
    assert!(world.crm.journal().is_empty());
    // To log it is to have it logged.
    let (_, reply) = world.call("createCallLog", &create()).await;
    assert_eq!(words(&reply), "Already logged", "{reply}");
    assert_eq!(world.activities().await, before);
}

async fn an_extension_is_known_by_its_id_and_its_number(world: &World) {
    let by = |number: Value, id: Value| {
        let mut params = create_by(number);
        set(&mut params, "callLog.hashedExtensionId", id);
        params
    };
    let other_id = ID.replace("0a", "0b");
    for (number, id, log_id, said) in [
        (json!("101"), json!(ID), "1", "Call logged"),
        (Value::Null, json!(ID), "1", "Already logged"),
        (json!("101"), Value::Null, "1", "Already logged"),
        // It has another number now.
        (
            json!("109"),
            json!(ID.to_uppercase()),
            "1",
            "Already logged",
        ),
        // Somebody else has the number now.
        (json!("101"), json!(other_id), "2", "Call logged"),
        (Value::Null, json!(other_id), "2", "Already logged"),
    ] {
        let reply = world
            .call("createCallLog", &by(number.clone(), id.clone()))
            .await;
        assert_eq!(reply, success(log_id, said), "{number} {id}");
    }
    let existing = json!({"sessionId": SESSION, "hashedExtensionId": other_id});
    let reply = world
        .call(
            "updateCallLog",
            &of_log(existing, json!({"note": "By the second."})),
        )
        .await;
    assert_eq!(reply, updated(world, "2").await);
}

async fn a_change_before_its_call_is_logged_is_kept_with_it(world: &World) {
    let limit = Fault::rate_limited("2");
    world.crm.plan(Rule::new(limit).method(Method::POST).once());
    let said = "Example CRM is receiving too many requests. The call is not logged. \
        Send it again in N seconds.";
    let reply = world.call("createCallLog", &create_by(json!("101"))).await;
    assert_waits(reply, &failure("warning", said), 2);
    let said = "Example CRM is receiving too many requests. The change is not saved. \
        Send it again in N seconds.";
    for told in [
        json!({"note": "Edited."}),
        json!({"recordingLink": "https://r.ringcentral.com/1"}),
    ] {
        let (reply, _) = crate::expect::waiting(
            world
                .call("updateCallLog", &update_by(json!("101"), told))
                .await,
        );
        assert_eq!(reply, failure("warning", said));
    }
    assert_eq!(world.crm.journal().len(), 1, "nobody calls meanwhile");
    tokio::time::sleep(Duration::from_millis(2_300)).await;
    let reply = world.call("createCallLog", &create_by(json!("101"))).await;
    assert_eq!(reply, success("1", "Call logged"));
    let activity = world.only_activity().await;
    let stands = note(&activity);
    for words in ["Edited.", "https://r.ringcentral.com/1", "Call connected"] {
        assert_eq!(stands.matches(words).count(), 1, "{words} in {stands}");
    }
    assert!(!stands.contains("Wants a quote."), "{stands}");
    assert_eq!(
        world.crm.writes(),
        2,
        "the refused one, and one with all of it"
    );
}
