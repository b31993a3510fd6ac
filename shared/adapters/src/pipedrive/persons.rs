//! The organisation of a person, which is remembered for a day.

use chrono::TimeDelta;
use daybook_core::cache::{Place, Within};
use daybook_core::contact::Contact;
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::wire::{Person, Said};
use super::{PROFILE, Pipedrive, client, hosts};
use crate::http::Request;
use crate::{AdapterError, CrmAdapter as _, Ctx, Entity, Result};

/// For how long the organisation of a person is believed.
const GOOD_FOR: TimeDelta = TimeDelta::hours(24);

/// Of which organisation a person is, if of any, and whether that was remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Belongs {
    pub(super) org: Option<u64>,
    pub(super) is_remembered: bool,
}

#[derive(Serialize, Deserialize)]
struct Known {
    org: Option<u64>,
}

/// Pipedrive's ids are whole numbers; another id cannot name a person of it. A number written in
/// another way, such as `01001`, is another id: digests are kept by the id as it was sent.
pub(super) fn id(contact: &Contact) -> Result<u64> {
    number(contact.id.as_str()).ok_or(AdapterError::NotFound(Entity::Contact))
}

/// A whole number in its one form.
pub(super) fn number(text: &str) -> Option<u64> {
    let number: Option<u64> = text.parse().ok();
    number.filter(|number| number.to_string() == text)
}

/// The organisation of a person, as it is remembered; else it is asked for.
///
/// # Errors
/// [`AdapterError::NotFound`] where the person is gone.
pub(super) async fn organisation(crm: &Pipedrive, ctx: &Ctx<'_>, id: u64) -> Result<Belongs> {
    let (tenant, name) = (crm.tenant(ctx.user), name(id));
    let place = Place {
        platform: PROFILE.id,
        tenant: &tenant,
        name: &name,
    };
    if let Some(value) = ctx.cache.get(place, within(ctx)).await
        && let Ok(Known { org }) = serde_json::from_value(value)
    {
        return Ok(Belongs {
            org,
            is_remembered: true,
        });
    }
    let org = ask(crm, ctx, id).await?;
    Ok(Belongs {
        org,
        is_remembered: false,
    })
}

/// Asks for the organisation of a person, and remembers it.
///
/// # Errors
/// As [`organisation`].
pub(super) async fn ask(crm: &Pipedrive, ctx: &Ctx<'_>, id: u64) -> Result<Option<u64>> {
    let url = hosts::url(crm, ctx, &["api", "v2", "persons", &id.to_string()])?;
    let request = Request::new(Method::GET, url).about(Entity::Contact);
    let Said { data: person, .. } = client::send::<Person>(ctx, request).await?;
    if person.is_deleted == Some(true) {
        return Err(AdapterError::NotFound(Entity::Contact));
    }
    remember(crm, ctx, id, person.org_id).await;
    Ok(person.org_id)
}

/// Remembers of which organisation a person is.
pub(super) async fn remember(crm: &Pipedrive, ctx: &Ctx<'_>, id: u64, org: Option<u64>) {
    let (tenant, name) = (crm.tenant(ctx.user), name(id));
    let place = Place {
        platform: PROFILE.id,
        tenant: &tenant,
        name: &name,
    };
    let until = ctx.clock.now() + GOOD_FOR;
    let value = json!(Known { org });
    ctx.cache.put(place, &value, until, within(ctx)).await;
}

fn name(id: u64) -> String {
    format!("person:{id}")
}

fn within(ctx: &Ctx<'_>) -> Within {
    Within {
        now: ctx.clock.now(),
        deadline: ctx.deadline,
    }
}
