//! `POST /contact`. The extension reads `contact.id` of every success and shows a refusal only
//! where it is bare text.

use daybook_fakes::{Fault, Rule};
use daybook_tests::world::ClientAnswer;
use serde_json::{Value, json};

use super::{Desk, NUMBER};

super::super::by_each_sign_in![
    in "making::";
    a_contact_is_made_and_found,
    a_double_click_makes_one_contact,
    what_the_crm_left_open_says_so_and_is_not_sent_again,
    what_the_crm_refused_is_shown_and_can_be_sent_again,
    clicks_at_once_are_each_told_that_the_crm_refused,
    what_is_missing_is_shown,
];

fn new(name: &str) -> Value {
    json!({
        "phoneNumber": NUMBER,
        "newContactName": name,
        "newContactType": "",
        "additionalSubmission": {},
    })
}

/// The words of a refusal that the extension shows.
fn shown(answer: &ClientAnswer) -> &str {
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert!(answer.headers["content-type"].starts_with("text/plain"));
    let is_json = serde_json::from_str::<Value>(&answer.text).is_ok();
    assert!(!is_json && !answer.text.is_empty(), "{}", answer.text);
    &answer.text
}

async fn a_contact_is_made_and_found(desk: &Desk) {
    let made = desk.ask("POST", "/contact", &new(" Ann\n Example")).await;
    let reply = made.json();
    let id = reply["contact"]["id"].as_str().expect("an id").to_owned();
    let contact = desk.contact(&id, "Ann Example", NUMBER);
    let expected = json!({
        "successful": true,
        "contact": contact,
        "returnMessage": {"message": "Contact created", "messageType": "success", "ttl": 2_000},
    });
    assert_eq!((made.status, reply), (200, expected));
    let found = desk.found(&format!("/contact?phoneNumber={NUMBER}")).await;
    assert_eq!(found[0], contact);
}

async fn a_double_click_makes_one_contact(desk: &Desk) {
    let request = new("Ann Example");
    let click = || desk.ask("POST", "/contact", &request);
    let (one, other) = tokio::join!(click(), click());
    let third = click().await;
    let id = |answer: &ClientAnswer| answer.json()["contact"]["id"].clone();
    assert!(id(&one).is_string(), "{}", one.text);
    assert_eq!((id(&other), id(&third)), (id(&one), id(&one)));
    assert_eq!(desk.server().writes(), 1);
    // Somebody else with the same number is another contact.
    assert_ne!(json!(desk.make("Bob Example", NUMBER).await), id(&one));
    assert_eq!(desk.server().writes(), 2);
}

async fn what_the_crm_left_open_says_so_and_is_not_sent_again(desk: &Desk) {
    let rule = Rule::new(Fault::DropAfter).path_prefix(desk.crm.path());
    desk.server().plan(rule.once());
    let lost = desk.ask("POST", "/contact", &new("Ann Example")).await;
    let expected = format!(
        "{} did not answer. The contact may have been created: \
         look for it before you create it again.",
        desk.crm.display_name()
    );
    assert_eq!(shown(&lost), expected);
    let again = desk.ask("POST", "/contact", &new("Ann Example")).await;
    assert!(shown(&again).contains("may have been"), "{}", again.text);
    assert_eq!(desk.server().writes(), 1);
    let names = desk.names(&format!("/contact?phoneNumber={NUMBER}")).await;
    assert_eq!(names, ["Ann Example"]);
}

async fn what_the_crm_refused_is_shown_and_can_be_sent_again(desk: &Desk) {
    for status in [400, 403, 404, 409, 422] {
        let fault = Fault::status_with(status, &[], "{\"error\": \"QWERTY\"}");
        let rule = Rule::new(fault).path_prefix(desk.crm.path());
        desk.server().plan(rule.forever());
        let refused = desk.ask("POST", "/contact", &new("Ann Example")).await;
        desk.server().clear_plan();
        let words = shown(&refused);
        assert!(words.contains(desk.crm.display_name()), "{status}: {words}");
        for wrong in ["Connect", "authori", "QWERTY", "may have been"] {
            assert!(!words.contains(wrong), "{status}: {words}");
        }
    }
    desk.make("Ann Example", NUMBER).await;
}

async fn clicks_at_once_are_each_told_that_the_crm_refused(desk: &Desk) {
    let fault = Fault::status_with(403, &[], "{}");
    let rule = Rule::new(fault).path_prefix(desk.crm.path());
    desk.server().plan(rule.forever());
    let request = new("Ann Example");
    let click = || desk.ask("POST", "/contact", &request);
    let clicks = tokio::join!(click(), click(), click(), click());
    desk.server().clear_plan();
    for click in [clicks.0, clicks.1, clicks.2, clicks.3] {
        let words = shown(&click);
        assert!(!words.contains("may have been"), "{words}");
    }
    desk.make("Ann Example", NUMBER).await;
}

async fn what_is_missing_is_shown(desk: &Desk) {
    let nameless = desk.ask("POST", "/contact", &new("  ")).await;
    assert!(shown(&nameless).starts_with("Give the new contact a name"));
    let numberless = json!({"newContactName": "Ann Example"});
    let numberless = desk.ask("POST", "/contact", &numberless).await;
    assert!(shown(&numberless).contains("phoneNumber"));
    let long = desk
        .ask("POST", "/contact", &new(&"\u{f6}".repeat(300)))
        .await;
    assert!(shown(&long).contains("a shorter one"));
    let list = desk.ask("POST", "/contact", &json!([])).await;
    assert!(shown(&list).contains("JSON"));
    assert!(desk.server().journal().is_empty());
}
