//! The companies that a new fake has, with a few records each.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::contacts::{new_organization, new_person};
use super::grants::Grants;
use super::limits::Limits;
use super::sales::{new_deal, new_lead};
use super::state::{Account, Company, Record, Settings, Table};
use super::users::{new_type, new_user};
use super::{FakePipedrive, PipedriveUser, RefreshTokens};

const SCOPES: &str = "base contacts:full activities:full deals:read leads:read users:read \
search:read";

/// Everything, before anybody asked anything.
pub(super) fn account(now: DateTime<Utc>) -> Account {
    Account {
        companies: vec![first(now), second(now)],
        grants: Grants::default(),
        limits: Limits::default(),
        settings: Settings {
            api_domain: String::new(),
            refresh_tokens: RefreshTokens::Kept,
            scopes: SCOPES.to_owned(),
            tells_deleted: false,
            index_delay: Duration::ZERO,
            literal_phones: false,
        },
        usage: BTreeMap::new(),
    }
}

fn company(id: u64, name: &'static str, types: Vec<Record>) -> Company {
    let users: Vec<&PipedriveUser> = FakePipedrive::USERS
        .iter()
        .filter(|user| user.company_id == id)
        .collect();
    Company {
        id,
        name,
        domain: users[0].company_domain,
        users: users.into_iter().map(new_user).collect(),
        types,
        persons: Table::from(1001),
        organizations: Table::from(501),
        deals: Table::from(301),
        activities: Table::from(1),
        leads: Vec::new(),
    }
}

fn types() -> Vec<Record> {
    let mut types = vec![
        new_type(1, "Call", "call", false),
        new_type(2, "Meeting", "meeting", false),
        new_type(3, "Task", "task", false),
        new_type(4, "E-mail", "email", false),
        new_type(5, "Text (SMS)", "text_sms", true),
        new_type(6, "Old SMS", "sms", true),
    ];
    types[5].insert("active_flag".to_owned(), false.into());
    types
}

/// A person with one phone.
pub(super) fn person(name: &str, phone: &str, owner: u64, now: DateTime<Utc>) -> Record {
    let mut person = new_person(name, owner, now);
    let phones = json!([{"value": phone, "primary": true, "label": "mobile"}]);
    person.insert("phones".to_owned(), phones);
    person
}

fn first(now: DateTime<Utc>) -> Company {
    let mut company = company(1, "First Company", types());
    let garden = company
        .organizations
        .add(new_organization("Garden Supplies", 11, now));
    let mut daisy = person("Daisy Meadows", "+1 650-555-3204", 11, now);
    daisy.insert("org_id".to_owned(), garden.into());
    let daisy = company.persons.add(daisy);
    company
        .persons
        .add(person("Rowan Fields", "(415) 555-0142", 11, now));
    company
        .persons
        .add(person("Hazel Brooks", "+12125550187", 12, now));
    for (title, status) in [("Roses", "open"), ("Tulips", "lost"), ("Lilies", "open")] {
        let deal = new_deal(title, status, daisy, 11, now);
        company.deals.add(deal);
    }
    company.leads.push(new_lead(1, "Violets", daisy, 11, now));
    company
}

/// It has other records by the ids of the first, and another type for texts.
fn second(now: DateTime<Utc>) -> Company {
    let types = vec![
        new_type(1, "Call", "call", false),
        new_type(2, "SMS", "short_message", true),
    ];
    let mut company = company(2, "Second Company", types);
    for name in ["Orchard", "Vineyard"] {
        let organization = new_organization(name, 21, now);
        company.organizations.add(organization);
    }
    let mut robin = person("Robin Fields", "+12065550123", 21, now);
    robin.insert("org_id".to_owned(), 502.into());
    company.persons.add(robin);
    company
}
