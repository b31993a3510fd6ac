//! Contacts of the Example CRM.

use std::collections::BTreeMap;

use daybook_core::contact::Contact;
use http::Method;

use super::ExampleCrm;
use super::activities::send;
use super::wire::{NewPerson, People, Person};
use crate::http::Request;
use crate::{ContactQuery, Ctx, FoundContact, NewContact, Result};

/// The CRM compares all digits of a number: it is looked for in its normal form and, where that
/// finds nobody, as the user writes numbers.
pub(super) async fn find(
    crm: &ExampleCrm,
    ctx: &Ctx<'_>,
    query: &ContactQuery<'_>,
) -> Result<Vec<FoundContact>> {
    let written = |format: &String| query.phone.in_format(format);
    let plain = std::iter::once(query.phone.normal());
    for number in plain.chain(query.formats.iter().filter_map(written)) {
        let found = search(crm, ctx, "phone", &number).await?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

pub(super) async fn find_by_name(
    crm: &ExampleCrm,
    ctx: &Ctx<'_>,
    name: &str,
) -> Result<Vec<FoundContact>> {
    search(crm, ctx, "name", name).await
}

async fn search(
    crm: &ExampleCrm,
    ctx: &Ctx<'_>,
    field: &str,
    text: &str,
) -> Result<Vec<FoundContact>> {
    let mut url = crm.url(&["contacts"]);
    url.query_pairs_mut().append_pair(field, text);
    let people: People = send(ctx, Request::new(Method::GET, url)).await?;
    let found = |person: Person| FoundContact {
        contact: person.into(),
        choices: BTreeMap::new(),
        is_whole: true,
    };
    Ok(people.contacts.into_iter().map(found).collect())
}

pub(super) async fn create(
    crm: &ExampleCrm,
    ctx: &Ctx<'_>,
    contact: &NewContact<'_>,
) -> Result<Contact> {
    let request = Request::new(Method::POST, crm.url(&["contacts"])).json(&NewPerson {
        name: contact.name,
        phone: contact.phone.as_str(),
    })?;
    Ok(send::<Person>(ctx, request).await?.into())
}
