//! No log holds a name, a number or a token of a question about contacts.

use daybook_fakes::{Fault, Rule};
use serde_json::{Value, json};

use super::Place;

super::over_each_crm![logs_hold_nothing_of_whom_was_looked_for];

/// What stands in the requests below, or in what the CRM answers, and may stand in no log.
const MARKED: [&str; 9] = [
    "QWERTY",
    "4155550177",
    "(415)",
    "Ann Example",
    "Daisy",
    "6505553204",
    "Demo Rep",
    "example.com",
    "Roses",
];

fn requests(place: &Place) -> [(&'static str, Value); 5] {
    [
        (
            "createContact",
            json!({
                "phoneNumber": "+14155550177",
                "newContactName": "Ann Example",
                "additionalSubmission": {"QWERTY-FIELD": "QWERTY-FIELD"},
            }),
        ),
        (
            "findContact",
            json!({"phoneNumber": "+16505553204", "overridingFormat": "(***) QWERTY-***-****"}),
        ),
        (
            "findContactWithName",
            json!({"name": "Daisy", "QWERTY": "QWERTY"}),
        ),
        ("getUserList", json!({})),
        ("getAccountData", json!({"keys": ["activityTypes"]})),
    ]
    .map(|(interface, fields)| {
        let mut params = place.params(fields);
        params["user"]["name"] = json!("QWERTY-NAME");
        (interface, params)
    })
}

async fn logs_hold_nothing_of_whom_was_looked_for(place: &Place) {
    for (interface, params) in requests(place) {
        place.send(interface, &params).await;
        for (path, value) in [
            ("authHeader", json!("Bearer QWERTY-AUTH")),
            ("authHeader", json!("QWERTY\r\n")),
            (
                "user",
                json!({"id": "QWERTY", "hostname": "QWERTY.example"}),
            ),
            ("phoneNumber", json!(["QWERTY"])),
            ("keys", json!(["QWERTY"])),
            ("name", json!({"QWERTY": 1})),
        ] {
            let mut wrong = params.clone();
            wrong[path] = value;
            place.send(interface, &wrong).await;
        }
        for fault in [
            Fault::status_with(500, &[("x-trace", "QWERTY")], "QWERTY"),
            Fault::status_with(422, &[], "{\"error\": \"QWERTY\"}"),
            Fault::html(200, "QWERTY"),
            Fault::json(200, &json!({"data": "QWERTY"})),
            Fault::status_with(302, &[("location", "http://127.0.0.1:1/QWERTY")], ""),
            Fault::CutBody { after_bytes: 3 },
        ] {
            place.server().plan(Rule::new(fault).once());
            place.send(interface, &params).await;
            place.server().clear_plan();
        }
    }
    let log = place.scene.world.log();
    let is_answer = |line: &&str| line.contains("\"http.status\"");
    // Five interfaces with 13 requests each, of which the last may still be on its way.
    assert!(log.lines().filter(is_answer).count() >= 60, "{log}");
    let token = place.auth.split_once(' ').expect("a scheme").1;
    for mark in MARKED.into_iter().chain([token]) {
        assert!(!log.contains(mark), "{mark} is in {log}");
    }
}
