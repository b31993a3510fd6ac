//! Persons of Pipedrive, with the deals and leads that a log can be linked with.

use std::collections::BTreeMap;
use std::time::Duration;

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
/// The most searches for one number: the client of App Connect sends no more formats.
const MOST_SEARCHES: usize = 3;
/// With how many digits a number is found at the end of another, which has a code before it.
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
    let written = |format: &String| query.phone.in_format(format);
    let terms = query.formats.iter().filter_map(written);
    let mut terms: Vec<_> = terms.take(MOST_SEARCHES).collect();
    if terms.is_empty() {
        terms.push(query.phone.national_digits());
    }
    let mut wait = None;
    for term in terms {
        if let Some(wait) = wait {
            // One that has to wait too long tells so itself.
            client::pause(ctx, wait).await;
        }
        let (mut found, next) = search(crm, ctx, "phone", &term).await?;
        found.retain(|person| has_number(person, query.phone));
        if !found.is_empty() {
            return looked_up(crm, ctx, found, Some(query.phone)).await;
        }
        wait = next;
    }
    Ok(Vec::new())
}

pub(super) async fn find_by_name(
    crm: &Pipedrive,
    ctx: &Ctx<'_>,
    name: &str,
) -> Result<Vec<FoundContact>> {
    let (found, _) = search(crm, ctx, "name", name).await?;
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

/// Whom a search finds, and how long the next one has to wait. A term of one character is only
/// taken for an exact match.
async fn search(
    crm: &Pipedrive,
    ctx: &Ctx<'_>,
    field: &str,
    term: &str,
) -> Result<(Vec<FoundPerson>, Option<Duration>)> {
    if term.is_empty() {
        return Ok((Vec::new(), None));
    }
    let mut url = hosts::url(crm, ctx, &["api", "v2", "persons", "search"])?;
    url.query_pairs_mut()
        .append_pair("term", term)
        .append_pair("fields", field)
        .append_pair("limit", MOST_MATCHES);
    if term.chars().count() == 1 {
        url.query_pairs_mut().append_pair("exact_match", "true");
    }
    let (found, wait) = client::search::<Found>(ctx, url).await?;
    let person = |FoundItem { item }| item;
    Ok((found.data.items.into_iter().map(person).collect(), wait))
}

/// Whether a number of the person's is the one that was looked for, however it is written. One with
/// its country's code must have the same; of others the end is compared, and short ones whole.
fn has_number(person: &FoundPerson, phone: &PhoneNumber) -> bool {
    let (whole, national) = (phone.digits(), phone.national_digits());
    // Without the code of its country, the number that was looked for says nothing of it.
    let knows_country = whole != national;
    let is_same = |held: &String| {
        let (held, has_country) = dialled(held);
        if held == whole || (held == national && !has_country) {
            return true;
        }
        let may_end = !(has_country && knows_country) && national.len() >= LEAST_DIGITS;
        may_end && held.ends_with(&national)
    };
    person.phones.iter().flatten().any(is_same)
}

/// The digits of a number as it is held, without the extension behind it and without a zero that is
/// dialled at home only; and whether it has its country's code.
fn dialled(held: &str) -> (String, bool) {
    let is_end = |c: char| c.is_alphabetic() || matches!(c, '#' | ';' | ',');
    let number = held.trim_start_matches(|c: char| !c.is_ascii_digit() && c != '+');
    let number = number.split(is_end).next().unwrap_or_default();
    let number = number.replace("(0)", "");
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    match (number.starts_with('+'), digits.strip_prefix("00")) {
        (true, _) => (digits, true),
        (false, Some(international)) => (international.to_owned(), true),
        (false, None) => (digits, false),
    }
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
        is_whole: true,
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
        is_whole: lists.iter().all(|(_, list)| list.is_some()),
        choices: lists
            .into_iter()
            .map(|(name, list)| (name, list.unwrap_or_default()))
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

/// A contact is worth more than the list of its deals: where that fails, there is none. Credentials
/// that are refused are renewed first.
fn forgiven(list: Result<Vec<Choice>>) -> Result<Option<Vec<Choice>>> {
    match list {
        Err(AdapterError::Unauthorized) => Err(AdapterError::Unauthorized),
        Err(error) => {
            tracing::warn!(error.kind = error.kind(), error.detail = %error, "a list is missing");
            Ok(None)
        }
        Ok(list) => Ok(Some(list)),
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
