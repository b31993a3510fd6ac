//! Nothing secret or personal reaches a log, whatever is sent and whatever goes wrong.

use std::time::Duration;

use daybook_fakes::{Fault, Rule};
use daybook_tests::params::{DEMO_AUTH, example, set, with};
use daybook_tests::world::World;
use serde_json::{Value, json};

crate::through_every_door![logs_hold_no_secret_and_nothing_personal];

/// What stands in a field of the requests below and may stand in no log.
const MARKED: [&str; 12] = [
    "QWERTY-TEXT",
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
    "QWERTY-KIND",
];

fn marked() -> Value {
    let mut params = example();
    for (path, value) in [
        ("message.subject", json!("QWERTY-TEXT")),
        ("contactInfo.name", json!("QWERTY-NAME")),
        ("contactInfo.type", json!("QWERTY-KIND")),
        ("contactInfo.phoneNumber", json!("+15550109999")),
        ("user.name", json!("QWERTY-REP")),
        ("user.hostname", json!("QWERTY-HOST.example")),
        (
            "message.from",
            json!({"name": "QWERTY-NAME", "phoneNumber": "+15550109999"}),
        ),
        (
            "additionalSubmission",
            json!({"QWERTY-FIELD": "QWERTY-FIELD"}),
        ),
        (
            "recordingLink",
            json!("https://v.ringcentral.com/QWERTY-LINK"),
        ),
        (
            "faxDownloadLink",
            json!("https://m.ringcentral.com/?access_token=QWERTY-TOKEN"),
        ),
    ] {
        set(&mut params, path, value);
    }
    params
}

async fn logs_hold_no_secret_and_nothing_personal(world: &World) {
    world.call("createMessageLog", &marked()).await;
    for (path, value) in [
        ("authHeader", json!("Basic QWERTY-AUTH")),
        ("authHeader", json!("QWERTY-AUTH\r\n")),
        ("message.creationTime", json!("QWERTY-TEXT")),
        ("message.direction", json!("QWERTY-TEXT")),
        ("user.timezoneName", json!("QWERTY-TEXT")),
        ("timezoneOffset", json!("QWERTY-TEXT")),
        ("contactInfo.id", json!("QWERTY-NAME")),
        ("contactInfo", json!("QWERTY-NAME")),
        ("message.subject", json!(["QWERTY-TEXT"])),
        ("recordingLink", json!("QWERTY-LINK")),
    ] {
        let mut params = marked();
        set(&mut params, path, value);
        params["message"]["id"] = json!(path.len());
        world.call("createMessageLog", &params).await;
    }
    let body = marked().to_string();
    world
        .call_platform("QWERTY-PLATFORM", "createMessageLog", &body)
        .await;
    world
        .call_platform("exampleCRM", "createMessageLog", "[\"QWERTY-BODY\"]")
        .await;
    for (id, fault) in [
        Fault::status_with(500, &[("x-trace", "QWERTY-BODY")], "QWERTY-BODY"),
        Fault::status_with(422, &[], "{\"error\":{\"field\":\"QWERTY-FIELD\"}}"),
        Fault::html(200, "QWERTY-BODY"),
        Fault::DropAfter,
        Fault::CutBody { after_bytes: 3 },
        Fault::status_with(302, &[("location", "http://QWERTY-HOST.example/")], ""),
        Fault::Delay(Duration::from_millis(5)),
    ]
    .into_iter()
    .enumerate()
    {
        world.crm.plan(Rule::new(fault).once());
        let mut params = marked();
        params["message"]["id"] = json!(1_000 + id);
        world.call("updateMessageLog", &params).await;
    }
    world
        .call("createMessageLog", &with("message.id", json!(5)))
        .await;

    let output = world.output();
    let requests: Vec<Value> = output
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).expect("a log is JSON"))
        .filter(|line: &Value| line.get("http.status").is_some())
        .collect();
    assert!(requests.len() >= 20, "one line a request: {output}");
    for line in &requests {
        for field in [
            "request.id",
            "interface",
            "outcome",
            "message",
            "level",
            "timestamp",
        ] {
            assert!(line.get(field).is_some(), "{field} in {line}");
        }
    }
    for mark in MARKED {
        assert!(!output.contains(mark), "{mark} in {output}");
    }
    let log = world.log();
    for personal in ["Daisy", "6505553204", "Flight", DEMO_AUTH, "demo-key:"] {
        assert!(!log.contains(personal), "{personal} in {log}");
    }
}
