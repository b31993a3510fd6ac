//! Making contacts.

use daybook_fakes::{Fault, Rule};
use serde_json::{Value, json};

use super::{Crm, Place, matches, told};

super::over_each_crm![
    a_contact_is_made_and_found_again,
    an_unanswered_request_is_not_sent_again_and_may_have_been_carried_out,
    what_is_chosen_on_the_form_does_no_harm,
];

const NUMBER: &str = "+14155550177";

fn new() -> Value {
    json!({"phoneNumber": NUMBER, "newContactName": "  Ann\n Example ", "newContactType": null})
}

async fn a_contact_is_made_and_found_again(place: &Place) {
    let (status, reply) = place.call("createContact", new()).await;
    let id = reply["contactInfo"]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let made = place.found(&id, "Ann Example", NUMBER);
    let mut expected = told(true, "success", "Contact created");
    expected["contactInfo"] = json!({"id": id, "name": "Ann Example", "type": made["type"]});
    assert_eq!((status, reply), (200, expected));
    assert_eq!(place.server().writes(), 1);
    let found = place
        .call("findContact", json!({"phoneNumber": NUMBER}))
        .await;
    assert_eq!(found, matches(&[made]));
}

async fn an_unanswered_request_is_not_sent_again_and_may_have_been_carried_out(place: &Place) {
    let rule = Rule::new(Fault::DropAfter).path_prefix(place.path());
    place.server().plan(rule.once());
    let words = format!(
        "{} did not answer. The contact may have been created: \
         look for it before you create it again.",
        place.display_name()
    );
    let reply = place.call("createContact", new()).await;
    assert_eq!(reply, (200, told(false, "error", &words)));
    assert_eq!(place.server().writes(), 1);
    let (_, found) = place
        .call("findContact", json!({"phoneNumber": NUMBER}))
        .await;
    assert_eq!(found["returnMessage"]["message"], "Found 1 contact");
    // What was certainly not carried out says so.
    let rule = Rule::new(Fault::status(503)).path_prefix(place.path());
    place.server().plan(rule.once());
    let (_, reply) = place.call("createContact", new()).await;
    let words = reply["returnMessage"]["message"].as_str().expect("words");
    assert!(!words.contains("Contact created"), "{words}");
    assert_eq!(place.server().writes(), 2);
}

async fn what_is_chosen_on_the_form_does_no_harm(place: &Place) {
    let kind = match place.crm {
        Crm::Example => "Contact",
        Crm::Pipedrive => "Person",
    };
    let mut form = new();
    form["newContactType"] = json!(kind);
    form["additionalSubmission"] = json!({"leads": "none", "anything": ["else"]});
    let (status, reply) = place.call("createContact", form).await;
    assert_eq!(
        (status, &reply["successful"]),
        (200, &json!(true)),
        "{reply}"
    );
    assert_eq!(reply["contactInfo"]["type"], kind);
}
