//! Activities of Pipedrive, whatever they hold.

use std::collections::HashSet;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use daybook_core::contact::Contact;
use daybook_core::digest::{Mark, contains_mark};
use daybook_core::ids::LogId;
use http::{Method, StatusCode};
use serde_json::{Map, Value};
use url::Url;

use super::activity_types::{self, Kind};
use super::persons::{self, Belongs};
use super::wire::{Activity, ActivityPatch, DEALS, LEADS, Links, NewActivity, Participant, Times};
use super::{PROFILE, Pipedrive, client, hosts};
use crate::http::Request;
use crate::{AdapterError, Cause, Ctx, Entity, Result};

/// How long what one write needs may take together. It is less than what a worker has left of its
/// lease when it begins.
const ONE_WRITE: TimeDelta = TimeDelta::seconds(10);
/// How long a read may take that a write follows: the write must not outlast the lease.
const ONE_READ: TimeDelta = TimeDelta::seconds(6);
/// How far back an activity is looked for: what was accepted is not kept longer.
const LOOKED_BACK: TimeDelta = TimeDelta::days(90);
/// How many activities a page of a search has, and how many where these are too large together.
const PAGES: [&str; 2] = ["100", "10"];
/// What App Connect has in place of a choice that is taken back.
const NOTHING: &str = "none";

/// An activity to make.
pub(super) struct Draft<'a> {
    pub(super) kind: Kind,
    pub(super) contact: &'a Contact,
    pub(super) subject: &'a str,
    pub(super) note: &'a str,
    pub(super) started_at: Option<DateTime<Utc>>,
    pub(super) duration: Option<Duration>,
    pub(super) submission: &'a Map<String, Value>,
}

/// Makes an activity. Where Pipedrive refuses it, it is sent again: with what has become another
/// since it was remembered, then without the deal and the lead, then without the organisation. A
/// link that is dead keeps no log from being made, and what is refused was not carried out.
pub(super) async fn create(crm: &Pipedrive, ctx: &Ctx<'_>, draft: &Draft<'_>) -> Result<Activity> {
    let ctx = &ctx.within(ONE_WRITE);
    let person = persons::id(draft.contact)?;
    let mut known = known(crm, ctx, person, draft).await?;
    let mut refusal = match post(crm, ctx, draft, person, &known).await {
        Err(error) if is_refusal(&error) => error,
        answered => return answered,
    };
    if renew(crm, ctx, person, draft.kind, &mut known).await? {
        match post(crm, ctx, draft, person, &known).await {
            Err(error) if is_refusal(&error) => refusal = error,
            answered => return answered,
        }
    }
    for less in [without_links, without_organisation] {
        if !less(&mut known) {
            continue;
        }
        match post(crm, ctx, draft, person, &known).await {
            Err(error) if is_refusal(&error) => {}
            Err(error) => return Err(error),
            Ok(made) => {
                tracing::warn!(error.kind = refusal.kind(), "a log was made without a link");
                if known.belongs.org.is_none() {
                    persons::remember(crm, ctx, person, None).await;
                }
                return Ok(made);
            }
        }
    }
    Err(refusal)
}

/// Whether it may be a link, a type or a person that Pipedrive refuses. Which of them a 404 is
/// about, it does not say.
fn is_refusal(error: &AdapterError) -> bool {
    match error {
        AdapterError::Invalid { .. } => true,
        AdapterError::Rejected { status } => matches!(status, 404 | 410),
        AdapterError::Unauthorized
        | AdapterError::Forbidden
        | AdapterError::NotFound(_)
        | AdapterError::RateLimited { .. }
        | AdapterError::Unavailable { .. } => false,
    }
}

/// What Pipedrive has to be told of an activity beside what is in its draft.
struct Known {
    kind: Option<String>,
    belongs: Belongs,
    links: Links,
}

async fn known(crm: &Pipedrive, ctx: &Ctx<'_>, person: u64, draft: &Draft<'_>) -> Result<Known> {
    let (kind, belongs) = futures_util::try_join!(
        activity_types::key(crm, ctx, draft.kind),
        persons::organisation(crm, ctx, person)
    )?;
    let links = links(draft.submission).of_new();
    Ok(Known {
        kind,
        belongs,
        links,
    })
}

/// Asks again for what was remembered. Says whether something has become another.
///
/// # Errors
/// [`AdapterError::NotFound`] where the person is gone.
async fn renew(
    crm: &Pipedrive,
    ctx: &Ctx<'_>,
    person: u64,
    kind: Kind,
    known: &mut Known,
) -> Result<bool> {
    let mut is_other = false;
    if known.belongs.is_remembered {
        let org = persons::ask(crm, ctx, person).await?;
        is_other = org != known.belongs.org;
        known.belongs.org = org;
    }
    let used = known.kind.as_deref();
    if let Some(other) = activity_types::instead(crm, ctx, kind, used).await? {
        known.kind = other;
        is_other = true;
    }
    Ok(is_other)
}

fn without_links(known: &mut Known) -> bool {
    std::mem::take(&mut known.links) != Links::default()
}

fn without_organisation(known: &mut Known) -> bool {
    known.belongs.org.take().is_some()
}

async fn post(
    crm: &Pipedrive,
    ctx: &Ctx<'_>,
    draft: &Draft<'_>,
    person: u64,
    known: &Known,
) -> Result<Activity> {
    let url = hosts::url(crm, ctx, &["api", "v2", "activities"])?;
    let owner = ctx.user.id.as_str().strip_suffix("-pipedrive");
    let activity = NewActivity {
        subject: draft.subject,
        note: draft.note,
        kind: known.kind.as_deref(),
        done: true,
        owner_id: owner.and_then(persons::number),
        participants: [Participant {
            person_id: person,
            primary: true,
        }],
        org_id: known.belongs.org,
        links: &known.links,
        times: Times::of(draft.started_at, draft.duration),
    };
    let request = Request::new(Method::POST, url).json(&activity)?;
    Ok(client::send(ctx, request).await?.data)
}

/// Reads an activity.
pub(super) async fn get(crm: &Pipedrive, ctx: &Ctx<'_>, id: &LogId) -> Result<Activity> {
    let ctx = &ctx.within(ONE_READ);
    let request = Request::new(Method::GET, url(crm, ctx, id)?).about(Entity::Log);
    there(client::send(ctx, request).await?.data)
}

/// Changes an activity.
pub(super) async fn update(
    crm: &Pipedrive,
    ctx: &Ctx<'_>,
    id: &LogId,
    patch: &ActivityPatch<'_>,
) -> Result<Activity> {
    let ctx = &ctx.within(ONE_WRITE);
    let request = Request::new(Method::PATCH, url(crm, ctx, id)?).about(Entity::Log);
    there(client::send(ctx, request.json(patch)?).await?.data)
}

/// Pipedrive deletes softly: for 30 days one that is deleted is shown as such.
pub(super) async fn delete(crm: &Pipedrive, ctx: &Ctx<'_>, id: &LogId) -> Result<()> {
    let request = Request::new(Method::DELETE, url(crm, ctx, id)?).about(Entity::Log);
    let answer = client::answer(ctx, request).await?;
    match answer.status {
        StatusCode::NOT_FOUND | StatusCode::GONE => Ok(()),
        status if status.is_success() => Ok(()),
        _ => Err(answer.into_error(ctx.clock.now())),
    }
}

/// The contact's activities with `mark` in their footers, oldest first.
pub(super) async fn find_by_mark(
    crm: &Pipedrive,
    ctx: &Ctx<'_>,
    contact: &Contact,
    mark: &Mark,
) -> Result<Vec<Activity>> {
    let [many, few] = PAGES;
    let found = match list(crm, ctx, contact, mark, many).await {
        Err(AdapterError::Unavailable {
            cause: Cause::TooLarge,
            ..
        }) => list(crm, ctx, contact, mark, few).await,
        found => found,
    };
    let mut found = found.map_err(not_about_a_contact)?;
    found.sort_by_key(Activity::id);
    Ok(found)
}

/// The newest come first, since what is looked for was made lately.
async fn list(
    crm: &Pipedrive,
    ctx: &Ctx<'_>,
    contact: &Contact,
    mark: &Mark,
    limit: &str,
) -> Result<Vec<Activity>> {
    let since = ctx.clock.now() - LOOKED_BACK;
    let mut first = hosts::url(crm, ctx, &["api", "v2", "activities"])?;
    first
        .query_pairs_mut()
        .append_pair("person_id", &persons::id(contact)?.to_string())
        .append_pair(
            "updated_since",
            &since.to_rfc3339_opts(SecondsFormat::Secs, true),
        )
        .append_pair("sort_by", "id")
        .append_pair("sort_direction", "desc")
        .append_pair("limit", limit);
    let mut found: Vec<Activity> = Vec::new();
    let mut cursors = HashSet::new();
    let mut url = first.clone();
    loop {
        let page = match client::get::<Option<Vec<Activity>>>(ctx, url).await {
            Err(error) if !found.is_empty() && error != AdapterError::Unauthorized => {
                tracing::warn!(error.kind = error.kind(), "a page is missing");
                return Ok(found);
            }
            page => page?,
        };
        let has_mark = |activity: &Activity| {
            !activity.is_deleted() && contains_mark(PROFILE.log_format, activity.note(), mark)
        };
        found.extend(page.data.into_iter().flatten().filter(has_mark));
        let Some(cursor) = page.additional_data.and_then(|beside| beside.next_cursor) else {
            return Ok(found);
        };
        url = first.clone();
        url.query_pairs_mut().append_pair("cursor", &cursor);
        // A list that leads back to itself has no end.
        if !cursors.insert(cursor) {
            return Err(AdapterError::not_applied(Cause::Unreadable));
        }
    }
}

/// A search that finds nothing answers with an empty list: a 404 says nothing of the contact.
fn not_about_a_contact(error: AdapterError) -> AdapterError {
    match matches!(error, AdapterError::NotFound(_)) {
        true => AdapterError::Rejected { status: 404 },
        false => error,
    }
}

fn url(crm: &Pipedrive, ctx: &Ctx<'_>, id: &LogId) -> Result<Url> {
    let id = persons::number(id.as_str()).ok_or(AdapterError::NotFound(Entity::Log))?;
    hosts::url(crm, ctx, &["api", "v2", "activities", &id.to_string()])
}

fn there(activity: Activity) -> Result<Activity> {
    match activity.is_deleted() {
        true => Err(AdapterError::NotFound(Entity::Log)),
        false => Ok(activity),
    }
}

/// What the fields of a form link a log with. Absent, null and blank say nothing.
pub(super) fn links(form: &Map<String, Value>) -> Links {
    let chosen = |field: &str| match form.get(field)? {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    Links {
        deal_id: chosen(DEALS).and_then(|deal| match deal.as_str() {
            NOTHING => Some(None),
            deal => persons::number(deal).map(Some),
        }),
        lead_id: chosen(LEADS).map(|lead| Some(lead).filter(|lead| lead != NOTHING)),
    }
}
