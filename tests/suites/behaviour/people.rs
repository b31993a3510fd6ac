//! Contacts, and the users of the CRM.

use daybook_adapters::{ContactQuery, FoundContact, NewContact};
use daybook_core::phone::PhoneNumber;
use daybook_tests::adapters::Fixture;
use serde_json::Map;

/// Nobody has it.
const NOBODYS: &str = "+12025550199";

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).expect("a number")
}

async fn find(fixture: &Fixture, phone: &PhoneNumber, formats: &[String]) -> Vec<FoundContact> {
    let query = ContactQuery { phone, formats };
    let found = fixture.adapter.find_contact(&fixture.ctx(), &query).await;
    found.expect("a list")
}

fn told(found: &[FoundContact]) -> Vec<(&str, &str)> {
    let contacts = found.iter().map(|found| &found.contact);
    contacts
        .map(|contact| (contact.id.as_str(), contact.display_name()))
        .collect()
}

pub(crate) async fn a_contact_is_found_by_its_number(fixture: &Fixture) {
    let person = fixture.fake.person();
    let phone = person.phone.clone().expect("a number");
    let expected = [(person.id.as_str(), person.display_name())];
    let formats = ["***-***-****".to_owned(), "(***) ***-****".to_owned()];
    for formats in [&formats[..0], &formats[..]] {
        let found = find(fixture, &phone, formats).await;
        assert_eq!(told(&found), expected, "{formats:?}");
    }
    assert_eq!(fixture.crm().writes(), 0, "a search writes nothing");
}

pub(crate) async fn a_number_that_nobody_has_finds_nobody(fixture: &Fixture) {
    let formats = ["(***) ***-****".to_owned()];
    for formats in [&formats[..0], &formats[..]] {
        assert!(find(fixture, &number(NOBODYS), formats).await.is_empty());
    }
}

pub(crate) async fn a_contact_that_is_made_is_found(fixture: &Fixture) {
    let phone = number(NOBODYS);
    let new = NewContact {
        name: "Olive Groves",
        phone: &phone,
        kind: None,
        additional_submission: &Map::new(),
    };
    let made = fixture.adapter.create_contact(&fixture.ctx(), &new).await;
    let made = made.expect("made");
    let sent = (fixture.crm().journal().len(), fixture.crm().writes());
    assert_eq!(sent, (1, 1), "one call, a write");
    let found = find(fixture, &phone, &[]).await;
    assert_eq!(told(&found), [(made.id.as_str(), "Olive Groves")]);
}

pub(crate) async fn a_contact_is_found_by_a_part_of_the_name(fixture: &Fixture) {
    let Some(search) = fixture.adapter.name_search() else {
        assert!(fixture.crm().journal().is_empty());
        return;
    };
    let person = fixture.fake.person();
    let name = person.name.clone().expect("a name");
    let part: String = name.chars().skip(1).collect();
    for (name, is_found) in [(&name, true), (&part, true), (&"Nobody".to_owned(), false)] {
        let found = search.find_contacts_by_name(&fixture.ctx(), name).await;
        let found = found.expect("a list");
        let known = found.iter().any(|found| found.contact.id == person.id);
        assert_eq!(known, is_found, "{name}");
        assert_eq!(found.is_empty(), !is_found, "{name}");
    }
}

pub(crate) async fn users_are_listed_by_their_ids(fixture: &Fixture) {
    let Some(list) = fixture.adapter.user_list() else {
        assert!(fixture.crm().journal().is_empty());
        return;
    };
    let users = list.list_users(&fixture.ctx()).await.expect("a list");
    assert_eq!(fixture.crm().journal().len(), 1, "one call");
    let own = fixture.user_info();
    let found = users.iter().find(|user| user.id == own.id);
    let found = found.expect("the user is one of them");
    assert_eq!(Some(&found.name), own.name.as_ref());
}
