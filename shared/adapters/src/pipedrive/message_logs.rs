//! Digests as activities of Pipedrive.

use daybook_core::contact::Contact;
use daybook_core::digest::Mark;
use daybook_core::ids::LogId;

use super::Pipedrive;
use super::activities::{self, Draft};
use super::activity_types::Kind;
use super::wire::ActivityPatch;
use crate::{Ctx, MessageLog, NewMessageLog, Result};

pub(super) async fn create(
    crm: &Pipedrive,
    ctx: &Ctx<'_>,
    log: &NewMessageLog<'_>,
) -> Result<MessageLog> {
    let draft = Draft {
        kind: Kind::Sms,
        contact: log.contact,
        subject: log.subject,
        note: log.body,
        started_at: Some(log.started_at),
        duration: None,
        submission: log.additional_submission,
    };
    Ok(activities::create(crm, ctx, &draft).await?.into())
}

pub(super) async fn get(crm: &Pipedrive, ctx: &Ctx<'_>, id: &LogId) -> Result<MessageLog> {
    Ok(activities::get(crm, ctx, id).await?.into())
}

pub(super) async fn update(
    crm: &Pipedrive,
    ctx: &Ctx<'_>,
    id: &LogId,
    body: &str,
) -> Result<MessageLog> {
    let patch = ActivityPatch {
        note: Some(body),
        ..ActivityPatch::default()
    };
    Ok(activities::update(crm, ctx, id, &patch).await?.into())
}

pub(super) async fn find_by_mark(
    crm: &Pipedrive,
    ctx: &Ctx<'_>,
    contact: &Contact,
    mark: &Mark,
) -> Result<Vec<MessageLog>> {
    let found = activities::find_by_mark(crm, ctx, contact, mark).await?;
    Ok(found.into_iter().map(MessageLog::from).collect())
}
