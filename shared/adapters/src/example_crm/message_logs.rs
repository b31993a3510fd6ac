//! Digests as activities of the Example CRM.

use daybook_core::contact::Contact;
use daybook_core::digest::{Mark, contains_mark};
use daybook_core::ids::LogId;
use http::Method;

use super::ExampleCrm;
use super::activities::{self, send};
use super::wire::{Activity, NewActivity, NotePatch};
use crate::http::Request;
use crate::{Ctx, Entity, MessageLog, NewMessageLog, Result};

pub(super) async fn create(
    crm: &ExampleCrm,
    ctx: &Ctx<'_>,
    log: &NewMessageLog<'_>,
) -> Result<MessageLog> {
    let request = Request::new(Method::POST, crm.url(&["activities"]))
        .about(Entity::Contact)
        .json(&NewActivity::message(log)?)?;
    Ok(send::<Activity>(ctx, request).await?.into())
}

pub(super) async fn get(crm: &ExampleCrm, ctx: &Ctx<'_>, id: &LogId) -> Result<MessageLog> {
    let request = Request::new(Method::GET, activities::url(crm, id)).about(Entity::Log);
    Ok(send::<Activity>(ctx, request).await?.into())
}

pub(super) async fn update(
    crm: &ExampleCrm,
    ctx: &Ctx<'_>,
    id: &LogId,
    body: &str,
) -> Result<MessageLog> {
    let request = Request::new(Method::PATCH, activities::url(crm, id))
        .about(Entity::Log)
        .json(&NotePatch { note: body })?;
    Ok(send::<Activity>(ctx, request).await?.into())
}

pub(super) async fn find_by_mark(
    crm: &ExampleCrm,
    ctx: &Ctx<'_>,
    contact: &Contact,
    mark: &Mark,
) -> Result<Vec<MessageLog>> {
    let found: Vec<Activity> = activities::find(crm, ctx, contact, mark).await?;
    let found = found.into_iter().map(MessageLog::from);
    Ok(found
        .filter(|log| contains_mark(super::PROFILE.log_format, &log.body, mark))
        .collect())
}
