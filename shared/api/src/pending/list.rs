//! What waits, by digest, without the texts: for `make pending`, and to be measured.

use std::collections::BTreeMap;

use daybook_core::digest::{Fingerprint, Window};
use daybook_core::ids::LogId;
use daybook_core::time::Deadline;
use daybook_store::StoreError;
use daybook_store::items::{Due, Head, Reason, StoredMessage};
use daybook_store::keys::{DigestKey, DueKey};
use daybook_store::pending::{DueRow, parked, waiting};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use super::dates::stands_in;
use super::store;
use crate::app::App;

/// How many digests are read at once.
const AT_ONCE: usize = 16;
/// How many rows of each shard of the index are listed.
pub(super) const LISTED: i32 = 1_000;

/// A digest of which some texts do not stand in the CRM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// A hash of the digest's key, as logs show it.
    pub digest: String,
    /// The CRM.
    pub platform: String,
    /// The window.
    pub window: Window,
    /// The CRM's id of the activity, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_id: Option<LogId>,
    /// How many accepted texts are not delivered and not refused.
    pub texts: usize,
    /// How many texts the CRM refuses.
    pub refused: usize,
    /// Since when the oldest waits, in milliseconds since 1970: of those that are not refused,
    /// where there are such.
    pub since: i64,
    /// Why.
    pub reason: Option<Reason>,
    /// When it is tried again, in milliseconds since 1970; absent where a sign-in is waited for.
    pub retry_at: Option<i64>,
}

/// What waits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Backlog {
    /// The digests, the longest waiting first.
    pub digests: Vec<Waiting>,
    /// Whether there are more, which were not looked at.
    pub more: bool,
}

/// Everything that waits: what has a date, and what waits for a sign-in.
///
/// # Errors
/// [`StoreError`].
pub async fn list_pending(app: &App, deadline: Deadline) -> Result<Backlog, StoreError> {
    let clock = app.clock.as_ref();
    let mut rows = waiting(&app.table, clock, deadline, LISTED).await?;
    rows.extend(parked(&app.table, clock, deadline, LISTED).await?);
    let more = is_full(&rows);
    let digests = read(app, deadline, rows).await?;
    Ok(Backlog { digests, more })
}

/// Whether any shard of the index may hold more than these rows.
fn is_full(rows: &[DueRow]) -> bool {
    let mut shards = BTreeMap::<_, i32>::new();
    for row in rows {
        *shards.entry(&row.due.shard).or_default() += 1;
    }
    shards.values().any(|rows| *rows >= LISTED)
}

/// The digests that these rows lead to and of which texts wait, the longest waiting first.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn read(
    app: &App,
    deadline: Deadline,
    rows: Vec<DueRow>,
) -> Result<Vec<Waiting>, StoreError> {
    let found = stream::iter(rows)
        .map(|row| place(app, deadline, row.key))
        .buffered(AT_ONCE)
        .try_filter_map(async |place| Ok(place));
    let places: BTreeMap<_, _> = found.try_collect().await?;
    let read = stream::iter(places)
        .map(|((_, window), key)| one(app, deadline, key, window))
        .buffered(AT_ONCE)
        .try_filter_map(async |waiting| Ok(waiting));
    let mut waiting: Vec<_> = read.try_collect().await?;
    waiting.sort_by_key(|waiting| waiting.since);
    Ok(waiting)
}

type Place = ((String, Window), DigestKey);

/// The digest that a row leads to.
async fn place(app: &App, deadline: Deadline, key: DueKey) -> Result<Option<Place>, StoreError> {
    let (key, window) = match key {
        DueKey::Head(key, window) => (key, window),
        DueKey::Message(key, sk) => match store(app, &key, deadline).message(sk).await? {
            Some(message) => (key, message.window),
            None => return Ok(None),
        },
        DueKey::User(..) => return Ok(None),
    };
    Ok(Some(((key.pk().to_owned(), window), key)))
}

async fn one(
    app: &App,
    deadline: Deadline,
    key: DigestKey,
    window: Window,
) -> Result<Option<Waiting>, StoreError> {
    let store = store(app, &key, deadline);
    let head = store.head(&window).await?;
    let mut messages = store.messages(&window).await?;
    let head = head.as_ref();
    messages.retain(|message| !head.is_some_and(|head| stands_in(app, head, message)));
    let is_refused = |message: &&StoredMessage| {
        let print = Fingerprint::of(&message.entry.id);
        head.is_some_and(|head| head.refused.iter().any(|refused| refused.id == print))
    };
    let refused = messages.iter().filter(is_refused).count();
    let texts = messages.len() - refused;
    let oldest = messages
        .iter()
        .min_by_key(|message| (is_refused(message), message.accepted_at));
    let Some(oldest) = oldest else {
        return Ok(None);
    };
    let reason = match texts {
        0 => Some(Reason::Refused),
        _ => head.and_then(|head| head.claim.reason),
    };
    Ok(Some(Waiting {
        digest: key.short_hash(),
        platform: oldest.opening.platform.clone(),
        window,
        log_id: head.and_then(Head::log_id).cloned(),
        texts,
        refused,
        since: oldest.accepted_at,
        reason,
        retry_at: head.and_then(tried_at),
    }))
}

/// When a digest is tried again, unless that is after a sign-in.
fn tried_at(head: &Head) -> Option<i64> {
    let due = head.claim.due.as_ref().filter(|due| !due.is_parked());
    due.map(Due::millis).or(head.claim.retry_at)
}
