//! Nothing secret or personal of a call reaches a log, whatever is sent and whatever goes wrong.

use std::time::Duration;

use daybook_fakes::{Fault, Rule};
use daybook_tests::params::{DEMO_AUTH, set};
use daybook_tests::world::World;
use serde_json::{Value, json};

use super::{create, of_log};

crate::through_every_door![in "calls::"; with []; logs_hold_nothing_of_what_was_said_in_a_call];

/// What stands in a field of the requests below and may stand in no log.
const MARKED: [&str; 14] = [
    "QWERTY-NOTE",
    "QWERTY-NAME",
    "QWERTY-REP",
    "+15550109999",
    "QWERTY-FIELD",
    "QWERTY-LINK",
    "QWERTY-TOKEN",
    "QWERTY-HOST",
    "QWERTY-AUTH",
    "QWERTY-PLATFORM",
    "QWERTY-BODY",
    "QWERTY-SESSION",
    "QWERTY-CHOICE",
    "7654321",
];

/// What may be told of a call, marked.
fn told() -> Vec<(&'static str, Value)> {
    let party =
        json!({"name": "QWERTY-NAME", "phoneNumber": "+15550109999", "extensionNumber": 7_654_321});
    vec![
        ("note", json!("QWERTY-NOTE")),
        ("aiNote", json!("QWERTY-NOTE")),
        ("transcript", json!("QWERTY-NOTE")),
        ("ringSenseTranscript", json!("QWERTY-NOTE")),
        ("ringSenseSummary", json!("QWERTY-NOTE")),
        ("ringSenseBulletedSummary", json!("QWERTY-NOTE")),
        ("ringSenseAIScore", json!("QWERTY-NOTE")),
        (
            "ringSenseLink",
            json!("https://a.ringcentral.com/QWERTY-LINK"),
        ),
        (
            "voicemailLink",
            json!("https://v.ringcentral.com/QWERTY-LINK"),
        ),
        ("extensionNumber", json!("7654321")),
        (
            "additionalSubmission",
            json!({"QWERTY-FIELD": "QWERTY-FIELD"}),
        ),
        ("user.name", json!("QWERTY-REP")),
        ("user.hostname", json!("QWERTY-HOST.example")),
        ("from", party.clone()),
        ("to", party.clone()),
        ("legs", json!([{"from": party, "to": party}])),
        ("result", json!("QWERTY-NOTE")),
    ]
}

fn marked_create(session: &str) -> Value {
    let mut params = create();
    for (path, value) in told() {
        let is_of_record = ["from", "to", "legs", "result"].contains(&path);
        match is_of_record {
            true => params["callLog"][path] = value,
            false => set(&mut params, path, value),
        }
    }
    for (path, value) in [
        ("callLog.sessionId", json!(session)),
        ("callLog.customSubject", json!("QWERTY-NOTE")),
        ("contactInfo.name", json!("QWERTY-NAME")),
        ("contactInfo.phoneNumber", json!("+15550109999")),
        (
            "callLog.recording",
            json!({
                "link": "https://r.ringcentral.com/QWERTY-LINK",
                "downloadUrl": "https://m.ringcentral.com/?access_token=QWERTY-TOKEN",
            }),
        ),
    ] {
        set(&mut params, path, value);
    }
    params
}

fn marked_update(session: &str) -> Value {
    let mut params = of_log(json!({"sessionId": session}), json!({}));
    for (path, value) in told() {
        set(&mut params, path, value);
    }
    params["subject"] = json!("QWERTY-NOTE");
    params["recordingLink"] = json!("https://r.ringcentral.com/QWERTY-LINK");
    params["recordingDownloadLink"] = json!("https://m.ringcentral.com/?access_token=QWERTY-TOKEN");
    params
}

/// Each interface with what is marked, in a session.
fn requests(session: &str) -> [(&'static str, Value); 4] {
    let chosen = json!({"QWERTY-CHOICE": "QWERTY-CHOICE"});
    let chosen = of_log(
        json!({"sessionId": session}),
        json!({"dispositions": chosen}),
    );
    let mut read = marked_update(session);
    read["callLogId"] = json!("1");
    [
        ("createCallLog", marked_create(session)),
        ("updateCallLog", marked_update(session)),
        ("upsertCallDisposition", chosen),
        ("getCallLog", read),
    ]
}

async fn send_what_is_wrong(world: &World) {
    for (path, value) in [
        ("authHeader", json!("Basic QWERTY-AUTH")),
        ("authHeader", json!("QWERTY-AUTH\r\n")),
        ("user.timezoneName", json!("QWERTY-NOTE")),
        ("user", json!("QWERTY-REP")),
        ("note", json!(["QWERTY-NOTE"])),
        ("extensionNumber", json!(["7654321"])),
        ("hashedExtensionId", json!("QWERTY-FIELD")),
        ("callLog", json!("QWERTY-BODY")),
        (
            "existingCallLog",
            json!({"sessionId": "QWERTY-SESSION-NONE"}),
        ),
        (
            "existingCallLog",
            json!({"thirdPartyLogId": "QWERTY-SESSION-NONE"}),
        ),
        ("callLogId", json!({"QWERTY-FIELD": 1})),
        ("callLogId", json!("QWERTY-SESSION-NONE")),
        ("dispositions", json!(["QWERTY-CHOICE"])),
        ("contactInfo", json!({"id": "QWERTY-NAME"})),
    ] {
        for (interface, mut params) in requests("QWERTY-SESSION-2") {
            set(&mut params, path, value.clone());
            world.call(interface, &params).await;
        }
    }
    for (interface, params) in requests("QWERTY-SESSION") {
        world
            .call_platform("QWERTY-PLATFORM", interface, &params.to_string())
            .await;
        world
            .call_platform("exampleCRM", interface, "[\"QWERTY-BODY\"]")
            .await;
    }
}

async fn send_what_fails(world: &World) {
    for (number, fault) in [
        Fault::status_with(500, &[("x-trace", "QWERTY-BODY")], "QWERTY-BODY"),
        Fault::status_with(422, &[], "{\"error\":{\"field\":\"QWERTY-FIELD\"}}"),
        Fault::html(200, "QWERTY-BODY"),
        Fault::json(200, &json!({"id": "QWERTY-BODY", "note": 5})),
        Fault::DropAfter,
        Fault::CutBody { after_bytes: 3 },
        Fault::status_with(302, &[("location", "http://QWERTY-HOST.example/")], ""),
        Fault::Delay(Duration::from_millis(5)),
    ]
    .into_iter()
    .enumerate()
    {
        for (interface, mut params) in requests(&format!("QWERTY-SESSION-{number}")) {
            // The CRM is not left alone for this user by what failed for another.
            params["user"]["id"] = json!(format!("{number}-exampleCRM"));
            world.crm.plan(Rule::new(fault.clone()).once());
            world.call(interface, &params).await;
        }
        world.crm.clear_plan();
    }
}

async fn logs_hold_nothing_of_what_was_said_in_a_call(world: &World) {
    for (interface, params) in requests("QWERTY-SESSION") {
        let (_, reply) = world.call(interface, &params).await;
        assert_eq!(reply["successful"], true, "{interface}: {reply}");
    }
    send_what_is_wrong(world).await;
    send_what_fails(world).await;
    let mut plain = create();
    set(&mut plain, "callLog.sessionId", json!(5));
    world.call("createCallLog", &plain).await;

    let output = world.output();
    let lines: Vec<&str> = output
        .lines()
        .filter(|line| line.starts_with('{'))
        .collect();
    let requests = lines
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).expect("a log is JSON"))
        .filter(|line| line.get("http.status").is_some())
        .count();
    assert!(
        requests >= 100,
        "one line a request: {requests} in {output}"
    );
    for mark in MARKED {
        assert!(!output.contains(mark), "{mark} in {output}");
    }
    let log = world.log();
    for personal in [
        "Daisy",
        "6505553204",
        "8885550052",
        "Wants a quote",
        DEMO_AUTH,
        "demo-key:",
    ] {
        assert!(!log.contains(personal), "{personal} in {log}");
    }
}
