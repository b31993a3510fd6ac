//! Conversations with several people: a log for each contact, and each line with its true sender.

use daybook_tests::params::{inbound, outbound};
use serde_json::{Value, json};

use super::{Place, handed_on};
use crate::expect::note;

super::signed_in![
    each_contact_of_a_group_has_a_log,
    each_line_of_a_group_names_its_sender,
    nobody_elses_texts_stand_under_the_contacts_name,
    a_conversation_that_becomes_a_group_names_who_joins,
];

const EVE: &str = "+16505550001";

/// A group of Daisy Meadows, Eve and the user.
fn group(place: &Place) -> Value {
    let mut of_eve = inbound(2, "2015-02-18T13:02:00.000Z", "From Eve");
    of_eve["from"] = json!({"phoneNumber": EVE, "name": "Eve"});
    let of_user = outbound(3, "2015-02-18T13:03:00.000Z", "From the user");
    let of_daisy = inbound(1, "2015-02-18T13:01:00.000Z", "From Daisy");
    let mut body = place.body([of_user, of_eve, of_daisy].map(handed_on).to_vec());
    body["logInfo"]["correspondents"] = json!([
        {"phoneNumber": "+16505553204", "name": "Daisy Meadows"},
        {"phoneNumber": EVE, "name": "Eve"},
    ]);
    body
}

async fn each_contact_of_a_group_has_a_log(place: &Place) {
    let first = group(place);
    let mut second = group(place);
    second["contactId"] = json!("1002");
    second["contactName"] = json!("Eve");
    assert_eq!(place.ids(&first).await, ["1-1001", "2-1001", "3-1001"]);
    assert_eq!(place.ids(&first).await, [""; 0]);
    assert_eq!(place.ids(&second).await, ["1-1002", "2-1002", "3-1002"]);
    assert_eq!(place.ids(&second).await, [""; 0]);
    let all = place.world.crm.activities().await;
    let contacts: Vec<_> = all.iter().map(|activity| &activity["contactId"]).collect();
    assert_eq!(contacts, [&json!(1001), &json!(1002)], "{all:#?}");
    for activity in &all {
        assert!(
            note(activity).contains("Conversation(3 messages)"),
            "{activity:#}"
        );
    }
}

async fn each_line_of_a_group_names_its_sender(place: &Place) {
    place.ids(&group(place)).await;
    let activity = place.world.only_activity().await;
    let note = note(&activity);
    for line in [
        "Daisy Meadows (+16505553204) 05:01 AM",
        "Eve (+16505550001) 05:02 AM",
    ] {
        assert!(note.contains(line), "{line}: {note}");
    }
    let (above, _) = note.split_once("Conversation(").expect("a conversation");
    for person in ["Daisy Meadows", "Eve"] {
        assert!(
            above.contains(&format!("<li><b>{person}</b>")),
            "{person}: {above}"
        );
    }
}

async fn nobody_elses_texts_stand_under_the_contacts_name(place: &Place) {
    let mut body = group(place);
    body["contactName"] = json!("Somebody else");
    place.ids(&body).await;
    let activity = place.world.only_activity().await;
    let note = note(&activity);
    for line in ["+16505553204 05:01 AM", "Eve (+16505550001) 05:02 AM"] {
        assert!(note.contains(line), "{line}: {note}");
    }
    let (_, said) = note.split_once("BEGIN").expect("a conversation");
    assert!(!said.contains("Somebody else"), "{said}");
}

async fn a_conversation_that_becomes_a_group_names_who_joins(place: &Place) {
    let alone = handed_on(inbound(1, "2015-02-18T13:01:00.000Z", "From Daisy"));
    assert_eq!(place.ids(&place.body(vec![alone])).await, ["1"]);
    assert_eq!(place.ids(&group(place)).await, ["2-1001", "3-1001"]);
    let activity = place.world.only_activity().await;
    for line in [
        "Daisy Meadows (+16505553204) 05:01 AM",
        "Eve (+16505550001) 05:02 AM",
    ] {
        assert!(note(&activity).contains(line), "{line}: {activity:#}");
    }
}
