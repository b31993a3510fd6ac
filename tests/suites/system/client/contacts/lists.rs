//! `GET /accountData`.

use daybook_fakes::{Fault, Rule};
use serde_json::json;

use super::{Crm, Desk, words};

super::super::by_each_sign_in![
    in "lists::";
    lists_are_told_by_their_keys,
    an_unknown_list_is_refused,
];

async fn lists_are_told_by_their_keys(desk: &Desk) {
    if desk.crm != Crm::Pipedrive {
        let answer = desk.get("/accountData?keys=activityTypes").await;
        assert_eq!(
            (answer.status, &answer.json()["field"]),
            (400, &json!("keys"))
        );
        return;
    }
    let lunch = json!({"const": "lunch", "title": "Lunch", "key_string": "lunch", "name": "Lunch"});
    let has_lunch = async |query: &str| {
        let answer = desk.get(&format!("/accountData?{query}")).await;
        let reply = answer.json();
        assert_eq!(
            (answer.status, &reply["successful"]),
            (200, &json!(true)),
            "{reply}"
        );
        let types = reply["data"]["activityTypes"]
            .as_array()
            .expect("a list")
            .clone();
        types.contains(&lunch)
    };
    assert!(!has_lunch("keys=activityTypes").await);
    desk.scene.pipedrive.add_type("Lunch", "lunch");
    assert!(!has_lunch("keys=%20activityTypes,,&forceRefresh=false").await);
    assert!(has_lunch("keys=activityTypes&forceRefresh=true").await);
    assert!(has_lunch("keys=activityTypes").await);
    let fault = Fault::status_with(503, &[], "{}");
    let rule = Rule::new(fault).path_prefix("/v1/activityTypes").forever();
    desk.server().plan(rule);
    let answer = desk
        .get("/accountData?keys=activityTypes&forceRefresh=true")
        .await;
    let reply = answer.json();
    assert_eq!((answer.status, &reply["successful"]), (200, &json!(false)));
    assert!(
        words(&reply).starts_with("Pipedrive cannot be reached"),
        "{reply}"
    );
}

async fn an_unknown_list_is_refused(desk: &Desk) {
    for query in [
        "",
        "keys=",
        "keys=,",
        "keys=QWERTY",
        "keys=activityTypes,QWERTY",
    ] {
        let answer = desk.get(&format!("/accountData?{query}")).await;
        let reply = answer.json();
        assert_eq!(
            (answer.status, &reply["field"]),
            (400, &json!("keys")),
            "{query}"
        );
        assert_eq!(reply["successful"], false);
        assert!(!answer.text.contains("QWERTY"));
        words(&reply);
    }
}
