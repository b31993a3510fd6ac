//! Persons of Pipedrive, with the deals and leads that a log can be linked with.

use std::collections::BTreeMap;

use daybook_core::contact::Contact;
use daybook_core::ids::ContactId;
use daybook_core::message::clean_line;
use daybook_core::phone::PhoneNumber;
use futures_util::{StreamExt as _, stream};
use http::Method;
use serde::de::DeserializeOwned;
use url::Url;

use super::wire::{
    DEALS, Deal, Found, FoundItem, FoundPerson, LEADS, Lead, NewPerson, NewPhone, Person,
};
use super::{Pipedrive, client, hosts, persons};
use crate::http::Request;
use crate::{AdapterError, Choice, ContactQuery, Ctx, FoundContact, NewContact, Result};

/// The most persons of a search.
const MOST_MATCHES: &str = "20";
/// How many of them are looked up further: the others come without deals and leads.
const LOOKED_UP: usize = 5;
/// How many are looked up at once, with two calls each.
const AT_ONCE: usize = 2;
/// The most deals, and the most leads, of one person.
const MOST_LINKS: &str = "100";
/// With how many digits a number is found within another, such as one with its country's code.
const LEAST_DIGITS: usize = 7;
/// App Connect's name of this type of contact.
pub(super) const PERSON: &str = "Person";

/// Searches for the digits behind the country's code, since people leave that out; for a user with
/// formats of their own, for the number in each of these until somebody is found.
pub(super) async fn find(
    crm: &Pipedrive,
    ctx: &Ctx<'_>,
    query: &ContactQuery<'_>,
) -> Result<Vec<FoundContact>> {
    let digits = query.phone.national_digits();
    let written = |format: &String| query.phone.in_format(format);
    let mut terms: Vec<_> = query.formats.iter().filter_map(written).collect();
    if terms.is_empty() {
        terms.push(digits.clone());
    }
    for term in terms {
        let mut found = search(crm, ctx, "phone", &term).await?;
        found.retain(|person| has_number(person, &digits));
        if !found.is_empty() {
            return looked_up(crm, ctx, found, Some(query.phone)).await;
        }
    }
    Ok(Vec::new())
}

pub(super) async fn find_by_name(
    crm: &Pipedrive,
    ctx: &Ctx<'_>,
    name: &str,
) -> Result<Vec<FoundContact>> {
    let found = search(crm, ctx, "name", name).await?;
    looked_up(crm, ctx, found, None).await
}

pub(super) async fn create(
    crm: &Pipedrive,
    ctx: &Ctx<'_>,
    contact: &NewContact<'_>,
) -> Result<Contact> {
    let person = NewPerson {
        name: contact.name,
        phones: [NewPhone {
            value: contact.phone.as_str(),
            primary: true,
            label: "work",
        }],
    };
    let url = hosts::url(crm, ctx, &["api", "v2", "persons"])?;
    let request = Request::new(Method::POST, url).json(&person)?;
    let made = client::send::<Person>(ctx, request).await?.data;
    persons::remember(crm, ctx, made.id, made.org_id).await;
    let name = made.name.as_deref().unwrap_or(contact.name);
    Ok(person_of(made.id, name, Some(contact.phone.clone())))
}

/// A term of one character is only taken for an exact match.
async fn search(
    crm: &Pipedrive,
    ctx: &Ctx<'_>,
    field: &str,
    term: &str,
) -> Result<Vec<FoundPerson>> {
    if term.is_empty() {
        return Ok(Vec::new());
    }
    let mut url = hosts::url(crm, ctx, &["api", "v2", "persons", "search"])?;
    url.query_pairs_mut()
        .append_pair("term", term)
        .append_pair("fields", field)
        .append_pair("limit", MOST_MATCHES);
    if term.chars().count() == 1 {
        url.query_pairs_mut().append_pair("exact_match", "true");
    }
    let found = client::get::<Found>(ctx, url).await?.data;
    let person = |FoundItem { item }| item;
    Ok(found.items.into_iter().map(person).collect())
}

/// Whether it is the number that was looked for, however it is written, and not one beside it. A
/// short one is a part of many.
fn has_number(person: &FoundPerson, digits: &str) -> bool {
    let is_same = |phone: &String| {
        let held: String = phone.chars().filter(char::is_ascii_digit).collect();
        match digits.len() < LEAST_DIGITS {
            true => held == digits,
            false => held.contains(digits),
        }
    };
    person.phones.iter().flatten().any(is_same)
}

/// The persons, the first of them with their deals and leads. Their organisations are remembered,
/// so that a log needs no further call.
async fn looked_up(
    crm: &Pipedrive,
    ctx: &Ctx<'_>,
    mut found: Vec<FoundPerson>,
    phone: Option<&PhoneNumber>,
) -> Result<Vec<FoundContact>> {
    let others = found.split_off(found.len().min(LOOKED_UP));
    let mut contacts = Vec::new();
    let mut first = stream::iter(found)
        .map(|person| look_up(crm, ctx, person, phone))
        .buffered(AT_ONCE);
    while let Some(contact) = first.next().await {
        contacts.push(contact?);
    }
    contacts.extend(others.into_iter().map(|person| FoundContact {
        contact: contact_of(&person, phone),
        choices: BTreeMap::new(),
    }));
    Ok(contacts)
}

async fn look_up(
    crm: &Pipedrive,
    ctx: &Ctx<'_>,
    person: FoundPerson,
    phone: Option<&PhoneNumber>,
) -> Result<FoundContact> {
    let (id, org) = (person.id, person.organization.as_ref().map(|org| org.id));
    let (deals, leads, ()) = futures_util::join!(
        deals(crm, ctx, id),
        leads(crm, ctx, id),
        persons::remember(crm, ctx, id, org)
    );
    let lists = [(DEALS, forgiven(deals)?), (LEADS, forgiven(leads)?)];
    Ok(FoundContact {
        contact: contact_of(&person, phone),
        choices: lists
            .into_iter()
            .filter(|(_, list)| !list.is_empty())
            .collect(),
    })
}

async fn deals(crm: &Pipedrive, ctx: &Ctx<'_>, person: u64) -> Result<Vec<Choice>> {
    let mut url = hosts::url(crm, ctx, &["api", "v2", "deals"])?;
    url.query_pairs_mut()
        .append_pair("status", "open")
        .append_pair("sort_by", "update_time")
        .append_pair("sort_direction", "desc");
    let deals = of_person::<Deal>(ctx, url, person).await?.into_iter();
    Ok(deals
        .map(|deal| choice(deal.id.to_string(), deal.title))
        .collect())
}

async fn leads(crm: &Pipedrive, ctx: &Ctx<'_>, person: u64) -> Result<Vec<Choice>> {
    let url = hosts::url(crm, ctx, &["v1", "leads"])?;
    let leads = of_person::<Lead>(ctx, url, person).await?.into_iter();
    Ok(leads.map(|lead| choice(lead.id, lead.title)).collect())
}

async fn of_person<T: DeserializeOwned>(
    ctx: &Ctx<'_>,
    mut url: Url,
    person: u64,
) -> Result<Vec<T>> {
    url.query_pairs_mut()
        .append_pair("person_id", &person.to_string())
        .append_pair("limit", MOST_LINKS);
    let listed = client::get::<Option<Vec<T>>>(ctx, url).await?;
    Ok(listed.data.unwrap_or_default())
}

/// A contact is worth more than the list of its deals: where that fails, it is empty. Credentials
/// that are refused are renewed first.
fn forgiven(list: Result<Vec<Choice>>) -> Result<Vec<Choice>> {
    match list {
        Err(AdapterError::Unauthorized) => Err(AdapterError::Unauthorized),
        Err(error) => {
            tracing::warn!(error.kind = error.kind(), error.detail = %error, "a list is missing");
            Ok(Vec::new())
        }
        Ok(list) => Ok(list),
    }
}

fn choice(id: String, title: Option<String>) -> Choice {
    let title = title.map(|title| clean_line(&title));
    let title = title.filter(|title| !title.is_empty());
    Choice {
        title: title.unwrap_or_else(|| id.clone()),
        id,
    }
}

fn contact_of(person: &FoundPerson, phone: Option<&PhoneNumber>) -> Contact {
    let first = || {
        person
            .phones
            .iter()
            .flatten()
            .find_map(|number| PhoneNumber::parse(number))
    };
    let name = person.name.as_deref().unwrap_or_default();
    person_of(person.id, name, phone.cloned().or_else(first))
}

fn person_of(id: u64, name: &str, phone: Option<PhoneNumber>) -> Contact {
    Contact {
        id: ContactId::parse(&id.to_string()).expect("digits are not blank"),
        phone,
        kind: Some(PERSON.to_owned()),
        name: Some(clean_line(name)).filter(|name| !name.is_empty()),
    }
}
