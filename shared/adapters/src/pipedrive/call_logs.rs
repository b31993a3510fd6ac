//! Calls as activities of Pipedrive.

use std::time::Duration;

use daybook_core::call::{self, CallFields};
use daybook_core::contact::Contact;
use daybook_core::digest::{Mark, holds_conversation};
use daybook_core::ids::LogId;
use serde_json::{Map, Value};

use super::activities::{self, Draft};
use super::activity_types::Kind;
use super::wire::{ActivityPatch, Times};
use super::{PROFILE, Pipedrive};
use crate::{CallLog, CallLogChanges, Ctx, NewCallLog, Result};

pub(super) async fn create(
    crm: &Pipedrive,
    ctx: &Ctx<'_>,
    log: &NewCallLog<'_>,
) -> Result<CallLog> {
    let draft = Draft {
        kind: Kind::Call,
        contact: log.contact,
        subject: log.subject,
        note: log.body,
        started_at: log.call.started_at,
        duration: known(log.call),
        submission: log.additional_submission,
    };
    Ok(activities::create(crm, ctx, &draft).await?.into())
}

pub(super) async fn get(crm: &Pipedrive, ctx: &Ctx<'_>, id: &LogId) -> Result<CallLog> {
    Ok(activities::get(crm, ctx, id).await?.into())
}

pub(super) async fn update(
    crm: &Pipedrive,
    ctx: &Ctx<'_>,
    id: &LogId,
    changes: &CallLogChanges<'_>,
) -> Result<CallLog> {
    let patch = ActivityPatch {
        subject: changes.subject,
        note: changes.body,
        links: activities::links(changes.additional_submission).of_change(),
        times: Times::of(changes.call.started_at, known(changes.call)),
    };
    if patch == ActivityPatch::default() {
        return get(crm, ctx, id).await;
    }
    Ok(activities::update(crm, ctx, id, &patch).await?.into())
}

/// Types do not tell calls from texts, since a company may use one for both: a digest holds a
/// conversation.
pub(super) async fn find_by_mark(
    crm: &Pipedrive,
    ctx: &Ctx<'_>,
    contact: &Contact,
    mark: &Mark,
) -> Result<Vec<CallLog>> {
    let found = activities::find_by_mark(crm, ctx, contact, mark).await?;
    let calls = found.into_iter().map(CallLog::from);
    Ok(calls
        .filter(|log| !holds_conversation(PROFILE.log_format, &log.body))
        .collect())
}

/// The deal and the lead are fields of their own that exclude each other: one that is chosen takes
/// the other's place.
pub(super) async fn upsert_disposition(
    crm: &Pipedrive,
    ctx: &Ctx<'_>,
    log: &CallLog,
    chosen: &Map<String, Value>,
) -> Result<()> {
    let links = activities::links(chosen).of_change();
    if links.stand_in(&activities::links(&log.dispositions)) {
        return Ok(());
    }
    let patch = ActivityPatch {
        links,
        ..ActivityPatch::default()
    };
    activities::update(crm, ctx, &log.id, &patch)
        .await
        .map(drop)
}

fn known(call: &CallFields) -> Option<Duration> {
    match call.duration {
        Some(call::Duration::Known(known)) => Some(known),
        Some(call::Duration::Pending) | None => None,
    }
}
