//! `GET /contact` and `GET /custom/contact/search`.

use daybook_fakes::{Fault, Rule};
use serde_json::{Value, json};

use super::{Crm, Desk, NUMBER, assert_no_null, offer, words};

super::super::by_each_sign_in![
    in "finding::";
    a_match_comes_with_the_offer_to_make_a_contact,
    all_who_have_a_number_are_found,
    nobody_is_no_failure_and_the_offer_stands,
    formats_come_in_one_text,
    an_extension_is_refused_and_nobody_is_asked,
    a_name_is_found_however_it_is_encoded,
    a_name_that_nobody_has_is_told_in_words,
    a_crm_that_fails_is_told_in_words_and_as_an_empty_list,
    a_dead_grant_is_told_as_such,
    nobody_is_answered_without_a_session,
];

/// Daisy Meadows, whom the CRM knows.
const DAISY: &str = "6505553204";

async fn a_match_comes_with_the_offer_to_make_a_contact(desk: &Desk) {
    for sent in [" 1", "+1", "%2B1", "%201"] {
        let path =
            format!("/contact?phoneNumber={sent}{DAISY}&overridingFormat=&isExtension=false");
        let mut found = desk.found(&path).await;
        found.iter().for_each(assert_no_null);
        assert_eq!(found.pop(), Some(offer()), "{sent}");
        let mut daisy = found.pop().expect("Daisy");
        assert!(found.is_empty(), "{found:?}");
        if desk.crm == Crm::Pipedrive {
            let deals = &daisy["additionalInfo"]["deals"];
            assert!(
                deals[0]["const"].is_string() && deals[0]["title"].is_string(),
                "{daisy}"
            );
            daisy
                .as_object_mut()
                .expect("an object")
                .remove("additionalInfo");
        }
        let number = format!("+1{DAISY}");
        assert_eq!(daisy, desk.contact("1001", "Daisy Meadows", &number));
    }
}

async fn all_who_have_a_number_are_found(desk: &Desk) {
    let ann = desk.make("Ann Example", NUMBER).await;
    let bob = desk.make("Bob Example", NUMBER).await;
    let answer = desk.get(&format!("/contact?phoneNumber={NUMBER}")).await;
    let reply = answer.json();
    let ann = desk.contact(&ann, "Ann Example", NUMBER);
    let bob = desk.contact(&bob, "Bob Example", NUMBER);
    assert_eq!(reply["contact"], json!([ann, bob, offer()]));
    assert_eq!(words(&reply), "Found 2 contacts");
}

async fn nobody_is_no_failure_and_the_offer_stands(desk: &Desk) {
    let answer = desk.get("/contact?phoneNumber=+14155550999").await;
    let expected = json!({
        "successful": true,
        "contact": [offer()],
        "returnMessage": {"message": "No contact found.", "messageType": "warning", "ttl": 30_000},
    });
    assert_eq!((answer.status, answer.json()), (200, expected));
}

async fn formats_come_in_one_text(desk: &Desk) {
    desk.make("Ann Example", "(415) 555-0177").await;
    for formats in [
        "(***)%20***-****",
        "(%23%23%23)%20%23%23%23-%23%23%23%23",
        "**%20**%2C(***)%20***-****",
    ] {
        let path = format!("/contact?phoneNumber={NUMBER}&overridingFormat={formats}");
        assert_eq!(desk.names(&path).await, ["Ann Example"], "{formats}");
    }
}

async fn an_extension_is_refused_and_nobody_is_asked(desk: &Desk) {
    for query in [
        "phoneNumber=101&overridingFormat=&isExtension=true",
        "phoneNumber=101&isExtension=false",
        "phoneNumber=+14155550177&isExtension=true",
    ] {
        let answer = desk.get(&format!("/contact?{query}")).await;
        let reply = answer.json();
        assert_eq!(
            (answer.status, &reply["contact"]),
            (200, &json!([])),
            "{query}"
        );
        assert_eq!(reply["successful"], false);
        assert!(
            words(&reply).starts_with("Extensions are not looked up"),
            "{reply}"
        );
    }
    assert!(desk.server().journal().is_empty());
}

async fn a_name_is_found_however_it_is_encoded(desk: &Desk) {
    desk.make("Smith & Söhne 100%", NUMBER).await;
    for sent in [
        "Smith%20&%20S%C3%B6hne%20100%",
        "Smith%20&%20S\u{f6}hne",
        "Smith+%26+S%C3%B6hne",
        "S%F6hne",
        "100%",
    ] {
        let found = desk
            .found(&format!("/custom/contact/search?name={sent}"))
            .await;
        found.iter().for_each(assert_no_null);
        let names: Vec<_> = found.iter().map(|one| one["name"].as_str()).collect();
        assert_eq!(names, [Some("Smith & Söhne 100%")], "{sent}");
        assert!(found[0]["id"].is_string() && found[0]["type"].is_string());
    }
}

async fn a_name_that_nobody_has_is_told_in_words(desk: &Desk) {
    let answer = desk
        .get("/custom/contact/search?name=Nobody%20&%20Sons")
        .await;
    let reply = answer.json();
    assert_eq!((answer.status, &reply["contact"]), (200, &json!([])));
    assert_eq!(words(&reply), "No contact found.");
    let missing = desk.get("/custom/contact/search?name=").await;
    assert_eq!(
        (missing.status, &missing.json()["field"]),
        (400, &json!("name"))
    );
    let missing = desk.get("/contact?phoneNumber=").await;
    assert_eq!(
        (missing.status, &missing.json()["field"]),
        (400, &json!("phoneNumber"))
    );
}

async fn a_crm_that_fails_is_told_in_words_and_as_an_empty_list(desk: &Desk) {
    for status in [400, 403, 404, 409, 422, 429, 500, 503] {
        for path in [
            "/contact?phoneNumber=+14155550177",
            "/custom/contact/search?name=Ann",
        ] {
            let fault = Fault::status_with(status, &[], "{}");
            let rule = Rule::new(fault).path_prefix(desk.crm.path()).forever();
            desk.server().plan(rule);
            let answer = desk.get(path).await;
            desk.server().clear_plan();
            let reply = answer.json();
            assert_eq!(
                (answer.status, &reply["successful"]),
                (200, &json!(false)),
                "{status}"
            );
            assert_eq!(reply["contact"], json!([]), "{status}: {path}");
            assert!(reply["errorCode"].is_null(), "{status}");
            let words = words(&reply);
            assert!(words.contains(desk.crm.display_name()), "{status}: {words}");
            for wrong in ["Connect", "authori", "sign"] {
                assert!(!words.contains(wrong), "{status}: {words}");
            }
        }
    }
}

/// The requests of all routes for contacts.
fn requests() -> [(&'static str, &'static str, Value); 4] {
    let new = json!({"phoneNumber": NUMBER, "newContactName": "Ann Example"});
    [
        ("GET", "/contact?phoneNumber=+14155550177", Value::Null),
        ("GET", "/custom/contact/search?name=Ann", Value::Null),
        ("GET", "/accountData?keys=activityTypes", Value::Null),
        ("POST", "/contact", new),
    ]
}

async fn a_dead_grant_is_told_as_such(desk: &Desk) {
    let refused = Rule::new(Fault::status_with(401, &[], "{}")).path_prefix("/crm/api/");
    match desk.crm {
        // A key that the CRM does not know any more.
        Crm::Key => desk.server().plan(refused.forever()),
        Crm::OAuth | Crm::Pipedrive => desk.disconnect_all().await,
    }
    for (method, path, body) in requests() {
        let answer = desk.ask(method, path, &body).await;
        let reply = answer.json();
        assert_eq!(answer.status, 401, "{path}: {reply}");
        assert_eq!(reply["errorCode"], "CRM_SESSION_REVOKED", "{path}");
        assert!(words(&reply).contains("again"), "{path}: {reply}");
    }
}

async fn nobody_is_answered_without_a_session(desk: &Desk) {
    for (method, path, body) in requests() {
        let body = body.to_string();
        for token in ["", "jwtToken=x.y.z"] {
            let (path, query) = path.split_once('?').unwrap_or((path, ""));
            let path = format!("{path}?{token}&{query}");
            let answer = desk.scene.world.client(method, &path, &[], &body).await;
            assert_eq!(answer.status, 400, "{path}");
            assert_eq!(
                answer.text,
                "Please go to Settings and authorize CRM platform"
            );
        }
    }
    assert!(desk.server().journal().is_empty());
}
