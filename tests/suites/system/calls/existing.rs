//! Which log a change is about: named by the call, by the CRM's id of it, or by both.

use daybook_tests::world::World;
use http::Method;
use serde_json::{Value, json};

use super::{SESSION, changed, create, logged, of_log, of_session, update, words};
use crate::expect::{note, success};

crate::through_every_door![in "calls::"; with [];
    a_log_is_found_by_its_call_by_its_id_and_by_both,
    a_session_and_a_note_are_enough,
    the_id_counts_where_the_session_is_of_another_log,
    a_log_of_another_server_is_carried_on,
    a_log_of_another_server_is_carried_on_by_its_id_alone,
    a_log_of_another_server_belongs_to_one_call,
];

async fn a_log_is_found_by_its_call_by_its_id_and_by_both(world: &World) {
    logged(world, &create()).await;
    let number: u64 = SESSION.parse().expect("digits");
    for (seconds, existing) in (1..).zip([
        json!({"sessionId": SESSION}),
        json!({"sessionId": number}),
        json!({"sessionId": SESSION, "thirdPartyLogId": null, "id": 5}),
        json!({"thirdPartyLogId": "1"}),
        json!({"thirdPartyLogId": 1, "sessionId": ""}),
        json!({"thirdPartyLogId": "1", "sessionId": SESSION}),
    ]) {
        changed(
            world,
            &of_log(existing.clone(), json!({"duration": seconds})),
        )
        .await;
        let activity = world.only_activity().await;
        assert_eq!(activity["durationSecs"], seconds, "{existing}");
    }
}

async fn a_session_and_a_note_are_enough(world: &World) {
    logged(world, &create()).await;
    let before = note(&world.only_activity().await).to_owned();
    let params = json!({
        "user": {"id": "1-exampleCRM"},
        "authHeader": create()["authHeader"],
        "existingCallLog": {"sessionId": SESSION},
        "note": "Short.",
    });
    changed(world, &params).await;
    let expected = before.replace("Wants a quote.<br><br>Call back on Friday.", "Short.");
    assert_eq!(note(&world.only_activity().await), expected);
}

async fn the_id_counts_where_the_session_is_of_another_log(world: &World) {
    logged(world, &create()).await;
    world.call("createCallLog", &of_session("77")).await;
    for session in ["77", "78"] {
        let existing = json!({"thirdPartyLogId": 1, "sessionId": session});
        changed(
            world,
            &of_log(existing, json!({"note": format!("Of {session}.")})),
        )
        .await;
        let activities = world.activities().await;
        assert_eq!(activities.len(), 2);
        assert!(note(&activities[0]).contains(&format!("Of {session}.")));
        assert!(note(&activities[1]).contains("Wants a quote."));
    }
}

/// A note as App Connect's Node server writes it.
const OF_ANOTHER_SERVER: &str = "<b>Agent notes</b><br>Wants a quote.<br><br>\
    <b>Call details</b><br><ul><li><b>Summary</b>: Inbound Call from Daisy Meadows</li>\
    <li><b>Date/time</b>: 2026-03-04 11:05:09 AM</li><li><b>Duration</b>: pending</li>\
    <li><b>Result</b>: Call connected</li></ul>";

/// The log that another server made for the call.
async fn another_servers_log(world: &World) {
    let activity = json!({
        "contactId": 1001,
        "subject": "Inbound Call from Daisy Meadows",
        "type": "Call",
        "note": OF_ANOTHER_SERVER,
    });
    let made = world.crm.hand(Method::POST, "activities", &activity).await;
    assert_eq!(made["id"], 1);
}

async fn a_log_of_another_server_is_carried_on(world: &World) {
    another_servers_log(world).await;
    let both = json!({"thirdPartyLogId": 1, "sessionId": SESSION});
    changed(world, &of_log(both, json!({"duration": 65}))).await;
    let calls = world.crm.journal().len();
    assert_eq!(calls, 3, "a look at what it is, a read and a write");
    let expected = OF_ANOTHER_SERVER.replace("pending", "1 minute, 5 seconds");
    let activity = world.only_activity().await;
    assert_eq!(note(&activity), expected);
    assert_eq!(activity["durationSecs"], 65);
    // From now on it is the call's own.
    changed(world, &update(json!({"note": "By the call."}))).await;
    let existing = json!({"thirdPartyLogId": "1"});
    changed(world, &of_log(existing, json!({"result": "By its id"}))).await;
    let expected = expected
        .replace("Wants a quote.", "By the call.\u{2060}")
        .replace("Call connected", "By its id");
    assert_eq!(note(&world.only_activity().await), expected);
    let reply = world.call("createCallLog", &create()).await;
    assert_eq!(reply, success("1", "Already logged"));
    world.only_activity().await;
}

async fn a_log_of_another_server_is_carried_on_by_its_id_alone(world: &World) {
    another_servers_log(world).await;
    for existing in [
        json!({"thirdPartyLogId": 1}),
        json!({"thirdPartyLogId": 1}),
        json!({"thirdPartyLogId": 1, "sessionId": SESSION}),
    ] {
        let note = json!({"note": format!("By {existing}.")});
        changed(world, &of_log(existing.clone(), note)).await;
        let stands = world.crm.open_note(1).await;
        let shown = existing.to_string();
        assert_eq!(stands.matches(&shown).count(), 1, "{shown} in {stands}");
        assert_eq!(stands.matches("Agent notes").count(), 1, "{stands}");
    }
}

async fn a_log_of_another_server_belongs_to_one_call(world: &World) {
    another_servers_log(world).await;
    let of = |session: &str| json!({"thirdPartyLogId": 1, "sessionId": session});
    changed(world, &of_log(of(SESSION), json!({"note": "First."}))).await;
    changed(world, &of_log(of("77"), json!({"note": "Second."}))).await;
    // The log is the first call's: the second has none.
    let second = of_log(json!({"sessionId": "77"}), json!({"note": "Third."}));
    let (_, reply) = world.call("updateCallLog", &second).await;
    assert_eq!(
        words(&reply),
        "This call has not been logged yet. Log it first."
    );
    let reply = world.call("createCallLog", &of_session("77")).await;
    assert_eq!(reply, success("2", "Call logged"));
    let activities: Vec<Value> = world.activities().await;
    assert!(note(&activities[0]).contains("Second."), "{activities:#?}");
}
