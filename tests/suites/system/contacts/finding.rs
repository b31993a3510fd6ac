//! Finding contacts by number and by name; users; account data.

use std::time::Duration;

use daybook_fakes::{Fault, Rule};
use serde_json::{Value, json};

use super::{Crm, Place, matches, told};

super::over_each_crm![
    a_contact_is_found_with_what_a_log_can_be_linked_with,
    all_who_have_a_number_are_found,
    a_short_number_is_not_found_within_others,
    nobody_is_no_failure_of_anything,
    a_plus_that_became_a_space_is_put_back,
    a_format_finds_numbers_as_the_user_writes_them,
    an_extension_is_refused_politely_and_nobody_is_asked,
    a_name_finds_all_who_have_it_in_theirs,
    the_users_of_the_company_are_listed,
    account_data_is_told_by_its_key,
    a_crm_that_is_away_is_told_in_words,
];

const DAISY: &str = "+16505553204";

/// Daisy Meadows, as a search with her number finds her.
fn daisy(place: &Place) -> Value {
    let mut daisy = place.found("1001", "Daisy Meadows", DAISY);
    if place.crm == Crm::Pipedrive {
        let lead = place.scene.pipedrive.add_lead("Orchids", 1001);
        let violets = "adf21080-0e10-11eb-879b-000000000001";
        daisy["additionalInfo"] = json!({
            "deals": [
                {"const": "301", "title": "Roses"},
                {"const": "303", "title": "Lilies"},
            ],
            "leads": [
                {"const": violets, "title": "Violets"},
                {"const": lead, "title": "Orchids"},
            ],
        });
    }
    daisy
}

/// The same choices, whatever their order.
fn sorted(mut reply: Value) -> Value {
    for found in reply["matchedContactInfo"].as_array_mut().expect("a list") {
        let Some(fields) = found["additionalInfo"].as_object_mut() else {
            continue;
        };
        for list in fields.values_mut() {
            let list = list.as_array_mut().expect("a list");
            list.sort_by_key(|choice| choice["const"].to_string());
        }
    }
    reply
}

async fn a_contact_is_found_with_what_a_log_can_be_linked_with(place: &Place) {
    let daisy = daisy(place);
    let (status, reply) = place
        .call("findContact", json!({"phoneNumber": DAISY}))
        .await;
    assert_eq!((status, sorted(reply)), matches(&[daisy]));
    let calls = place.server().journal().len();
    assert_eq!(calls, if place.crm == Crm::Pipedrive { 3 } else { 1 });
}

async fn all_who_have_a_number_are_found(place: &Place) {
    let number = "+14155550177";
    let one = place.make("Ann Example", number).await;
    let other = place.make("Bob Example", number).await;
    let reply = place
        .call("findContact", json!({"phoneNumber": number}))
        .await;
    let ann = place.found(&one, "Ann Example", number);
    let bob = place.found(&other, "Bob Example", number);
    assert_eq!(reply, matches(&[ann, bob]));
}

async fn a_short_number_is_not_found_within_others(place: &Place) {
    for number in ["+1650", "+14", "+1555320"] {
        let reply = place
            .call("findContact", json!({"phoneNumber": number}))
            .await;
        assert_eq!(reply, matches(&[]), "{number}");
    }
}

async fn nobody_is_no_failure_of_anything(place: &Place) {
    let nobody = json!({"phoneNumber": "+14155550999"});
    assert_eq!(place.call("findContact", nobody).await, matches(&[]));
    assert_eq!(place.server().journal().len(), 1);
}

async fn a_plus_that_became_a_space_is_put_back(place: &Place) {
    let id = place.make("Ann Example", "+14155550177").await;
    let expected = matches(&[place.found(&id, "Ann Example", "+14155550177")]);
    let found = place
        .call("findContact", json!({"phoneNumber": " 14155550177"}))
        .await;
    assert_eq!(found, expected);
}

async fn a_format_finds_numbers_as_the_user_writes_them(place: &Place) {
    let number = "+14155550177";
    let id = place.make("Ann Example", "(415) 555-0177").await;
    let expected = matches(&[place.found(&id, "Ann Example", number)]);
    let stars = |formats: Value| json!({"phoneNumber": number, "overridingFormat": formats});
    for (formats, is_literal) in [
        (json!(["(***) ***-****"]), false),
        (json!("(***) ***-****"), false),
        // Those for other numbers are left out, and the first that finds somebody ends the search.
        (json!(["** ** **", "(***) ***-****", "***.***.****"]), false),
        (json!("** ** **,***-***-****"), false),
        // Nobody knows whether Pipedrive searches by digits: formats are there because it may not.
        (json!("(***) ***-****"), true),
        (json!("***.***.****,(***) ***-****"), true),
    ] {
        place.scene.pipedrive.literal_phones(is_literal);
        let (status, mut reply) = place.call("findContact", stars(formats.clone())).await;
        // The Example CRM tells the number as it stands there.
        reply["matchedContactInfo"][0]["phone"] = json!(number);
        assert_eq!((status, reply), expected, "{formats}");
    }
    // Written in another way, it is not found then.
    let reply = place
        .call("findContact", stars(json!("***-***-****")))
        .await;
    let is_found = place.crm == Crm::Example;
    assert_eq!(reply.1["successful"], is_found, "{reply:?}");
}

async fn an_extension_is_refused_politely_and_nobody_is_asked(place: &Place) {
    let words = "Extensions are not looked up: a contact is found by a whole phone number.";
    let mut expected = told(false, "warning", words);
    expected["matchedContactInfo"] = json!([]);
    for fields in [
        json!({"phoneNumber": "101"}),
        json!({"phoneNumber": "123456", "isExtension": false}),
        json!({"phoneNumber": DAISY, "isExtension": true}),
        json!({"phoneNumber": DAISY, "isExtension": "true"}),
    ] {
        let reply = place.call("findContact", fields.clone()).await;
        assert_eq!(reply, (200, expected.clone()), "{fields}");
    }
    assert!(place.server().journal().is_empty());
}

async fn a_name_finds_all_who_have_it_in_theirs(place: &Place) {
    let one = place.make("Ann Example", "+14155550177").await;
    let other = place.make("Joann Exámple 東", "+14155550178").await;
    for (name, ids) in [
        ("ann ex", vec![&one, &other]),
        ("Exámple 東", vec![&other]),
        ("Nobody & Sons", vec![]),
    ] {
        let (status, reply) = place
            .call("findContactWithName", json!({"name": name}))
            .await;
        let found = reply["matchedContactInfo"].as_array().expect("a list");
        let mut found: Vec<_> = found.iter().map(|one| one["id"].as_str()).collect();
        found.sort_unstable();
        let ids: Vec<_> = ids.into_iter().map(|id| Some(id.as_str())).collect();
        assert_eq!((status, found), (200, ids), "{name}: {reply}");
        assert_eq!(
            reply["successful"],
            !reply["matchedContactInfo"][0].is_null()
        );
    }
}

async fn the_users_of_the_company_are_listed(place: &Place) {
    let mut expected = told(true, "success", "Found 2 users");
    expected["userList"] = match place.crm {
        Crm::Example => json!([
            {"id": "1", "name": "Demo Rep", "email": "rep@example.com"},
            {"id": "2", "name": "Second Rep", "email": "second.rep@example.com"},
        ]),
        Crm::Pipedrive => json!([
            {"id": "11", "name": "Demo Rep", "email": "user11@example.com"},
            {"id": "12", "name": "Second Rep", "email": "user12@example.com"},
        ]),
    };
    assert_eq!(place.call("getUserList", json!({})).await, (200, expected));
}

async fn account_data_is_told_by_its_key(place: &Place) {
    let asked = json!({"keys": ["activityTypes"]});
    if place.crm == Crm::Example {
        let (status, reply) = place.call("getAccountData", asked).await;
        assert_eq!((status, &reply["field"]), (400, &json!("keys")), "{reply}");
        assert!(place.server().journal().is_empty());
        return;
    }
    let types = |more: Value| {
        let mut expected = told(true, "success", "Account data loaded");
        let mut types = json!([
            {"key_string": "call", "name": "Call"},
            {"key_string": "meeting", "name": "Meeting"},
            {"key_string": "task", "name": "Task"},
            {"key_string": "email", "name": "E-mail"},
            {"key_string": "text_sms", "name": "Text (SMS)"},
        ]);
        let list = types.as_array_mut().expect("a list");
        list.extend(more.as_array().expect("a list").clone());
        for told in list {
            told["const"] = told["key_string"].clone();
            told["title"] = told["name"].clone();
        }
        expected["data"] = json!({"activityTypes": types});
        (200, expected)
    };
    let reply = place.call("getAccountData", asked.clone()).await;
    assert_eq!(reply, types(json!([])));
    // It is remembered, until somebody asks for what is there now.
    place.scene.pipedrive.add_type("Lunch", "lunch");
    let reply = place.call("getAccountData", asked).await;
    assert_eq!(reply, types(json!([])));
    for refresh in [json!(true), json!("true")] {
        let asked = json!({"keys": "activityTypes", "forceRefresh": refresh});
        let reply = place.call("getAccountData", asked).await;
        let lunch = json!([{"key_string": "lunch", "name": "Lunch"}]);
        assert_eq!(reply, types(lunch));
    }
    let (status, reply) = place
        .call("getAccountData", json!({"keys": ["deals"]}))
        .await;
    assert_eq!((status, &reply["field"]), (400, &json!("keys")), "{reply}");
    assert_eq!(place.server().journal().len(), 3);
}

async fn a_crm_that_is_away_is_told_in_words(place: &Place) {
    let crm = place.display_name();
    let away = format!("{crm} cannot be reached. Try again in a minute.");
    let sign_in = format!("{crm} does not accept your sign-in. Connect your {crm} account again.");
    let permission =
        format!("Your {crm} account lacks a permission. Ask your {crm} administrator.");
    let many = format!("{crm} is receiving too many requests. Try again in a minute.");
    let refused = format!("{crm} refuses the request. Ask the administrator of this server.");
    for (fault, kind, words) in [
        (Fault::status(500), "error", &away),
        (Fault::html(200, "<p>Later</p>"), "error", &away),
        (Fault::DropBefore, "error", &away),
        (Fault::Hang(Duration::from_secs(6)), "error", &away),
        (Fault::status_with(401, &[], "{}"), "warning", &sign_in),
        (Fault::status_with(403, &[], "{}"), "warning", &permission),
        (Fault::rate_limited("40"), "warning", &many),
        (Fault::status_with(400, &[], "{}"), "warning", &refused),
    ] {
        place.server().clear_journal();
        let rule = Rule::new(fault.clone()).path_prefix(place.path());
        place.server().plan(rule.once());
        let reply = place
            .call("findContact", json!({"phoneNumber": DAISY}))
            .await;
        assert_eq!(reply, (200, told(false, kind, words)), "{fault:?}");
        assert_eq!(place.server().journal().len(), 1, "{fault:?}");
    }
}
