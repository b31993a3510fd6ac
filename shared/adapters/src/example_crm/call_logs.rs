//! Calls as activities of the Example CRM.

use daybook_core::contact::Contact;
use daybook_core::digest::{Mark, contains_mark};
use daybook_core::ids::LogId;
use http::Method;
use serde_json::{Map, Value};

use super::ExampleCrm;
use super::activities::{self, send};
use super::wire::{Call, CallPatch, DispositionsPatch, NewActivity};
use crate::http::Request;
use crate::{CallLog, CallLogChanges, Ctx, Entity, NewCallLog, Result};

pub(super) async fn create(
    crm: &ExampleCrm,
    ctx: &Ctx<'_>,
    log: &NewCallLog<'_>,
) -> Result<CallLog> {
    let request = Request::new(Method::POST, crm.url(&["activities"]))
        .about(Entity::Contact)
        .json(&NewActivity::call(log)?)?;
    Ok(send::<Call>(ctx, request).await?.log)
}

pub(super) async fn get(crm: &ExampleCrm, ctx: &Ctx<'_>, id: &LogId) -> Result<CallLog> {
    let request = Request::new(Method::GET, activities::url(crm, id)).about(Entity::Log);
    Ok(send::<Call>(ctx, request).await?.log)
}

pub(super) async fn update(
    crm: &ExampleCrm,
    ctx: &Ctx<'_>,
    id: &LogId,
    changes: &CallLogChanges<'_>,
) -> Result<CallLog> {
    let request = Request::new(Method::PATCH, activities::url(crm, id))
        .about(Entity::Log)
        .json(&CallPatch::new(changes))?;
    Ok(send::<Call>(ctx, request).await?.log)
}

/// Of several types of activity with the mark, those that are calls.
pub(super) async fn find_by_mark(
    crm: &ExampleCrm,
    ctx: &Ctx<'_>,
    contact: &Contact,
    mark: &Mark,
) -> Result<Vec<CallLog>> {
    let found: Vec<Call> = activities::find(crm, ctx, contact, mark).await?;
    let calls = found.into_iter().filter(Call::is_call);
    Ok(calls
        .map(|call| call.log)
        .filter(|log| contains_mark(super::PROFILE.log_format, &log.body, mark))
        .collect())
}

/// The CRM replaces all dispositions at once: those of other fields are sent along.
pub(super) async fn upsert_disposition(
    crm: &ExampleCrm,
    ctx: &Ctx<'_>,
    log: &CallLog,
    chosen: &Map<String, Value>,
) -> Result<()> {
    let mut dispositions = log.dispositions.clone();
    dispositions.extend(chosen.clone());
    let request = Request::new(Method::PATCH, activities::url(crm, &log.id))
        .about(Entity::Log)
        .json(&DispositionsPatch { dispositions })?;
    send::<Call>(ctx, request).await.map(drop)
}
