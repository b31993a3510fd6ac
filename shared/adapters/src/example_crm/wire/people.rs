//! Contacts and users as the Example CRM tells them.

use daybook_core::contact::Contact;
use daybook_core::ids::ContactId;
use daybook_core::message::clean_line;
use daybook_core::phone::PhoneNumber;
use serde::{Deserialize, Serialize};

use crate::CrmUser;

#[derive(Deserialize)]
pub(in super::super) struct People {
    pub(in super::super) contacts: Vec<Person>,
}

#[derive(Deserialize)]
pub(in super::super) struct Person {
    id: u64,
    name: String,
    phone: String,
    #[serde(rename = "type")]
    kind: String,
}

impl From<Person> for Contact {
    fn from(person: Person) -> Self {
        Self {
            id: ContactId::parse(&person.id.to_string()).expect("digits are not blank"),
            phone: PhoneNumber::parse(&person.phone),
            kind: Some(person.kind),
            name: Some(clean_line(&person.name)),
        }
    }
}

#[derive(Serialize)]
pub(in super::super) struct NewPerson<'a> {
    pub(in super::super) name: &'a str,
    pub(in super::super) phone: &'a str,
}

#[derive(Deserialize)]
pub(in super::super) struct Colleagues {
    pub(in super::super) users: Vec<Colleague>,
}

#[derive(Deserialize)]
pub(in super::super) struct Colleague {
    id: u64,
    name: String,
    email: String,
}

impl From<Colleague> for CrmUser {
    fn from(user: Colleague) -> Self {
        Self {
            id: user.id.to_string(),
            name: clean_line(&user.name),
            email: Some(user.email),
        }
    }
}
