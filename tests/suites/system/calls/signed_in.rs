//! Calls of users who have signed in: with their credentials, their settings and their zone.

use std::time::Duration;

use daybook_example_crm::{DEMO_KEY, SECOND_COMPANY_KEY};
use daybook_fakes::{Fault, Rule};
use daybook_tests::commands::{run, said};
use daybook_tests::local_server::folder;
use daybook_tests::sign_in::{call, token, with_key, with_oauth};
use daybook_tests::world::World;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::{SESSION, create, of_log, settings, update, updated, words};
use crate::expect::{note, success};

crate::users::by_client![
    a_user_who_signed_in_needs_no_header,
    the_users_own_settings_say_what_is_written,
    who_never_signed_in_is_told_so,
    a_user_of_the_same_id_elsewhere_has_other_calls,
];

/// The cases that invoke functions beside those of the interfaces.
pub(crate) fn late_cases() -> Vec<Trial> {
    crate::users::late_cases![
        what_an_administrator_fixed_says_what_is_written,
        a_call_and_its_changes_are_kept_and_delivered,
        a_change_of_a_logged_call_is_kept_and_delivered,
        a_call_of_a_dead_grant_is_kept_for_the_next_sign_in,
        an_oauth_user_is_refreshed_on_the_way,
    ]
}

fn without_header(mut params: Value) -> Value {
    let fields = params.as_object_mut().expect("an object");
    fields.remove("authHeader");
    params["user"] = json!({"id": "1-exampleCRM"});
    params
}

fn read() -> Value {
    without_header(json!({"callLogId": "1"}))
}

async fn a_user_who_signed_in_needs_no_header(world: &World) {
    token(&with_key(world, DEMO_KEY).await);
    let reply = world.call("createCallLog", &without_header(create())).await;
    assert_eq!(reply, success("1", "Call logged"));
    let told = json!({"note": "Edited.", "startTime": "2026-07-04T01:02:03Z", "authHeader": null});
    let mut told = update(told);
    told["user"] = json!({"id": "1-exampleCRM"});
    let reply = world.call("updateCallLog", &told).await;
    assert_eq!(reply, updated(world, "1").await);
    let existing = json!({"sessionId": SESSION});
    let chosen = without_header(of_log(existing, json!({"dispositions": {"mood": "good"}})));
    let reply = world.call("upsertCallDisposition", &chosen).await;
    assert_eq!(reply, success("1", "Call log updated"));
    let (_, reply) = world.call("getCallLog", &read()).await;
    let told = &reply["callLogInfo"];
    assert_eq!(told["note"], "Edited.", "{reply}");
    assert_eq!(told["dispositions"], json!({"mood": "good"}), "{reply}");
    // The user's zone in the CRM is that of Los Angeles.
    let body = told["fullBody"].as_str().expect("a body");
    assert!(
        body.contains("<b>Date/time</b>: 2026-07-03 06:02:03 PM<"),
        "{body}"
    );
}

async fn the_users_own_settings_say_what_is_written(world: &World) {
    let token = token(&with_key(world, DEMO_KEY).await);
    let own = json!({"userSettings": settings(&[
        ("addCallSessionId", json!(true)),
        ("addCallLogResult", json!(false)),
        ("logDateFormat", json!("DD.MM.YYYY HH:mm")),
    ])});
    let saved = call(world, &token, "POST", "/user/settings", &own).await;
    assert_eq!(saved.status, 200, "{}", saved.text);
    world.call("createCallLog", &without_header(create())).await;
    let expected = format!(
        "<b>Call details</b><br><li><b>Session Id</b>: {SESSION}</li>\
         <li><b>Date/time</b>: 04.03.2026 11:05</li>\
         <li><b>Duration</b>: 1 minute, 5 seconds</li><br>---"
    );
    let activity = world.only_activity().await;
    assert!(note(&activity).contains(&expected), "{activity}");
    // They may change between two requests.
    let own = json!({"userSettings": settings(&[("addCallLogResult", json!(true))])});
    call(world, &token, "POST", "/user/settings", &own).await;
    tokio::time::sleep(CACHED).await;
    let told = without_header(update(json!({"result": "Missed", "aiNote": "She asked."})));
    world.call("updateCallLog", &told).await;
    let activity = world.only_activity().await;
    assert!(
        note(&activity).contains("<li><b>Result</b>: Missed</li>"),
        "{activity}"
    );
}

/// For how long a process may keep what it has read of a user, and a bit more.
const CACHED: Duration = Duration::from_millis(5_300);

async fn who_never_signed_in_is_told_so(world: &World) {
    let existing = json!({"sessionId": SESSION});
    let chosen = of_log(existing, json!({"dispositions": {"mood": "good"}}));
    let requests = [
        ("createCallLog", create()),
        ("updateCallLog", update(json!({"note": "Edited."}))),
        ("upsertCallDisposition", chosen),
        ("getCallLog", read()),
    ];
    for (interface, params) in requests.clone() {
        let (status, reply) = world.call(interface, &without_header(params)).await;
        assert_eq!(
            (status, &reply["field"]),
            (400, &json!("authHeader")),
            "{interface}"
        );
        assert!(
            words(&reply).contains("has not signed in"),
            "{interface}: {reply}"
        );
    }
    // Nor does a user of that id at another host count.
    token(&with_key(world, SECOND_COMPANY_KEY).await);
    world.crm.clear_journal();
    for (interface, params) in requests {
        let (status, reply) = world.call(interface, &without_header(params)).await;
        assert_eq!(
            (status, &reply["field"]),
            (400, &json!("user.hostname")),
            "{interface}"
        );
    }
    assert!(world.crm.journal().is_empty());
    let items = world.dump().await;
    assert!(
        !items.contains("C#") && !items.contains("Edited."),
        "{items}"
    );
}

async fn a_user_of_the_same_id_elsewhere_has_other_calls(world: &World) {
    for key in [DEMO_KEY, SECOND_COMPANY_KEY] {
        token(&with_key(world, key).await);
    }
    let reply = world.call("createCallLog", &without_header(create())).await;
    assert_eq!(reply, success("1", "Call logged"));
    let elsewhere = |params: Value| {
        let mut params = without_header(params);
        params["user"]["hostname"] = json!("second.example-crm.test");
        params
    };
    let (_, reply) = world
        .call(
            "updateCallLog",
            &elsewhere(update(json!({"note": "Edited."}))),
        )
        .await;
    assert_eq!(
        words(&reply),
        "This call has not been logged yet. Log it first."
    );
    let (_, reply) = world.call("getCallLog", &elsewhere(read())).await;
    assert_eq!(
        words(&reply),
        "There is no such log in Example CRM. It may have been deleted."
    );
    assert!(!note(&world.only_activity().await).contains("Edited."));
}

async fn what_an_administrator_fixed_says_what_is_written(world: &World) {
    const ACCOUNT: &str = "37439510";
    let files = folder();
    let file = files.path().join("settings.json");
    let fixed = json!({"userSettings": {
        "addCallSessionId": {"value": true, "customizable": false},
        "addCallLogDuration": {"value": false, "customizable": false},
        "addCallLogResult": {"value": false, "customizable": true},
    }});
    std::fs::write(&file, fixed.to_string()).expect("written");
    let path = file.to_str().expect("UTF-8");
    said(&run(world, &["admin-settings", ACCOUNT, path], &[], &[]).await);
    let login = json!({"platform": "exampleCRM", "apiKey": DEMO_KEY, "rcAccountId": ACCOUNT});
    let answer = world
        .client("POST", "/apiKeyLogin", &[], &login.to_string())
        .await;
    let token = token(&answer);
    let own = json!({"userSettings": settings(&[
        ("addCallSessionId", json!(false)),
        ("addCallLogDuration", json!(true)),
        ("addCallLogResult", json!(true)),
    ])});
    call(world, &token, "POST", "/user/settings", &own).await;
    world.call("createCallLog", &without_header(create())).await;
    let stands = note(&world.only_activity().await).to_owned();
    assert!(stands.contains("Session Id"), "{stands}");
    assert!(!stands.contains("Duration"), "{stands}");
    assert!(
        stands.contains("<li><b>Result</b>: Call connected</li>"),
        "{stands}"
    );
    // Whatever a request says of them.
    let mut told = without_header(update(json!({"duration": 70, "aiNote": "She asked."})));
    told["user"]["userSettings"] = settings(&[("addCallLogDuration", json!(true))]);
    world.call("updateCallLog", &told).await;
    let activity = world.only_activity().await;
    assert_eq!(activity["durationSecs"], 70);
    assert!(note(&activity).contains("She asked.") && !note(&activity).contains("Duration"));
}

/// Runs `deliver-pending` until `stands` holds of the only activity.
async fn delivered(world: &World, stands: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..90 {
        world.deliver_pending().await;
        let mut activities = world.activities().await;
        assert!(activities.len() <= 1, "{activities:#?}");
        if activities.first().is_some_and(&stands) {
            return activities.remove(0);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    panic!("it was not delivered");
}

fn busy() -> Rule {
    Rule::new(Fault::rate_limited("1")).path_prefix("/crm/api/activities")
}

/// That a reply says that something is kept.
fn assert_kept(reply: &(u64, Value), said: &str) {
    assert_eq!(
        (reply.0, &reply.1["successful"]),
        (200, &json!(true)),
        "{}",
        reply.1
    );
    assert_eq!(words(&reply.1), said);
    assert_eq!(reply.1["returnMessage"]["messageType"], "warning");
    assert!(reply.1["updatedNote"].is_null(), "{}", reply.1);
}

async fn a_call_and_its_changes_are_kept_and_delivered(world: &World) {
    token(&with_key(world, DEMO_KEY).await);
    world.crm.plan(busy().once());
    let busy = "Example CRM is receiving too many requests. ";
    let reply = world.call("createCallLog", &without_header(create())).await;
    let said = format!("{busy}The call is kept and will be logged when it takes more.");
    assert_kept(&reply, &said);
    for told in [json!({"note": "Edited."}), json!({"aiNote": "She asked."})] {
        let reply = world
            .call("updateCallLog", &without_header(update(told)))
            .await;
        let said = format!("{busy}The change is kept and will be saved when it takes more.");
        assert_kept(&reply, &said);
    }
    let activity = delivered(world, |activity| note(activity).contains("She asked.")).await;
    let stands = note(&activity);
    assert!(
        stands.contains("Edited.") && stands.contains("Call connected"),
        "{stands}"
    );
    assert!(!stands.contains("Wants a quote."), "{stands}");
    assert_eq!(
        world.crm.writes(),
        2,
        "the refused one, and one with all of it"
    );
    let reply = world.call("createCallLog", &without_header(create())).await;
    assert_eq!(reply, success("1", "Already logged"));
}

async fn a_change_of_a_logged_call_is_kept_and_delivered(world: &World) {
    token(&with_key(world, DEMO_KEY).await);
    world.call("createCallLog", &without_header(create())).await;
    world.crm.plan(busy().once());
    let existing = json!({"sessionId": SESSION});
    let chosen = of_log(existing, json!({"dispositions": {"mood": "good"}}));
    for (interface, params) in [
        (
            "updateCallLog",
            update(json!({"subject": "About the order"})),
        ),
        ("upsertCallDisposition", chosen),
    ] {
        let (_, reply) = world.call(interface, &without_header(params)).await;
        assert_eq!(reply["logId"], "1", "{reply}");
        assert!(
            words(&reply).contains("is kept and will be saved"),
            "{reply}"
        );
    }
    let activity = delivered(world, |activity| activity["dispositions"]["mood"] == "good").await;
    assert_eq!(activity["subject"], "About the order");
}

fn of_oauth(params: Value) -> String {
    let mut params = without_header(params);
    params["user"]["id"] = json!("1-exampleCRMOAuth");
    params.to_string()
}

async fn a_call_of_a_dead_grant_is_kept_for_the_next_sign_in(world: &World) {
    const OAUTH: &str = "exampleCRMOAuth";
    token(&with_oauth(world, "1-1").await);
    world.crm.disconnect_all().await;
    let told = update(json!({"aiNote": "She asked."}));
    for (interface, params, kept) in [
        (
            "createCallLog",
            create(),
            "The call is kept and will be logged",
        ),
        (
            "updateCallLog",
            told,
            "The change is kept and will be saved",
        ),
    ] {
        let reply = world
            .call_platform(OAUTH, interface, &of_oauth(params))
            .await;
        let said = format!("{kept} once you connect your Example CRM (OAuth) account again.");
        assert_kept(&reply, &said);
    }
    let (_, reply) = world
        .call_platform(OAUTH, "getCallLog", &of_oauth(read()))
        .await;
    let said = "Example CRM (OAuth) does not accept your sign-in. \
        Connect your Example CRM (OAuth) account again.";
    assert_eq!(words(&reply), said);
    assert!(world.activities().await.is_empty());
    token(&with_oauth(world, "1-1").await);
    let activity = delivered(world, |activity| note(activity).contains("She asked.")).await;
    assert!(note(&activity).contains("Wants a quote."), "{activity}");
}

async fn an_oauth_user_is_refreshed_on_the_way(world: &World) {
    const OAUTH: &str = "exampleCRMOAuth";
    token(&with_oauth(world, "1-1").await);
    let told = || update(json!({"note": "Edited."}));
    for (interface, params, said) in [
        ("createCallLog", create(), "Call logged"),
        ("updateCallLog", told(), "Call log updated"),
        ("getCallLog", read(), "Call log loaded"),
    ] {
        world.crm.advance(Duration::from_secs(3_600));
        let (_, reply) = world
            .call_platform(OAUTH, interface, &of_oauth(params))
            .await;
        assert_eq!(words(&reply), said, "{reply}");
    }
    assert!(note(&world.only_activity().await).contains("Edited."));
}
