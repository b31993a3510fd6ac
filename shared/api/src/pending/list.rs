//! What waits, by log, without the texts: for `make pending`, and to be measured.

use std::collections::{BTreeMap, BTreeSet};

use daybook_core::digest::{Fingerprint, Window};
use daybook_core::ids::LogId;
use daybook_core::time::Deadline;
use daybook_store::StoreError;
use daybook_store::items::{CallChange, CallLink, Claim, Due, Head, Reason, StoredMessage};
use daybook_store::keys::{CallKey, DigestKey, DueKey};
use daybook_store::pending::{DueRow, parked, waiting};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use super::dates::stands_in;
use super::{Place, call_store, store};
use crate::app::App;

/// How many logs are read at once.
const AT_ONCE: usize = 16;
/// How many rows of each shard of the index are listed.
pub(super) const LISTED: i32 = 1_000;

/// A log of which something that was accepted does not stand in the CRM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// A hash of the log's key, as logs of the functions show it.
    pub log: String,
    /// The CRM.
    pub platform: String,
    /// The window of a digest; absent where it is the log of a call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// The CRM's id of the activity, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_id: Option<LogId>,
    /// How many accepted texts of a digest, or changes of a call, are not delivered and not
    /// refused.
    pub accepted: usize,
    /// How many the CRM refuses.
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
    /// The logs, the longest waiting first.
    pub logs: Vec<Waiting>,
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
    let logs = read(app, deadline, rows).await?;
    Ok(Backlog { logs, more })
}

/// Whether any shard of the index may hold more than these rows.
fn is_full(rows: &[DueRow]) -> bool {
    let mut shards = BTreeMap::<_, i32>::new();
    for row in rows {
        *shards.entry(&row.due.shard).or_default() += 1;
    }
    shards.values().any(|rows| *rows >= LISTED)
}

/// The logs that these rows lead to and of which something waits, the longest waiting first.
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
    let places: BTreeSet<_> = found.try_collect().await?;
    let read = stream::iter(places)
        .map(|place| one(app, deadline, place))
        .buffered(AT_ONCE)
        .try_filter_map(async |waiting| Ok(waiting));
    let mut waiting: Vec<_> = read.try_collect().await?;
    waiting.sort_by_key(|waiting| waiting.since);
    Ok(waiting)
}

/// The log that a row leads to.
async fn place(app: &App, deadline: Deadline, key: DueKey) -> Result<Option<Place>, StoreError> {
    Ok(match key {
        DueKey::Head(key, window) => Some(Place::Digest(key, window)),
        DueKey::Message(key, sk) => {
            let message = store(app, &key, deadline).message(sk).await?;
            message.map(|message| Place::Digest(key, message.window))
        }
        DueKey::CallLink(key, part) => Some(Place::Call(key, part)),
        DueKey::CallChange(key, sk) => {
            let change = call_store(app, &key, deadline).change(sk).await?;
            change.map(|change| Place::Call(key, change.part))
        }
        DueKey::User(..) => None,
    })
}

async fn one(app: &App, deadline: Deadline, place: Place) -> Result<Option<Waiting>, StoreError> {
    match place {
        Place::Digest(key, window) => digest(app, deadline, &key, window).await,
        Place::Call(key, part) => call(app, deadline, &key, &part).await,
    }
}

async fn digest(
    app: &App,
    deadline: Deadline,
    key: &DigestKey,
    window: Window,
) -> Result<Option<Waiting>, StoreError> {
    let store = store(app, key, deadline);
    let head = store.head(&window).await?;
    let mut messages = store.messages(&window).await?;
    let head = head.as_ref();
    messages.retain(|message| !head.is_some_and(|head| stands_in(app, head, message)));
    let is_refused = |message: &StoredMessage| {
        let print = Fingerprint::of(&message.entry.id);
        head.is_some_and(|head| head.refused.iter().any(|refused| refused.id == print))
    };
    let items = messages
        .iter()
        .map(|message| (is_refused(message), message.accepted_at));
    let waiting = Waiting::of(key.short_hash(), items, head.map(|head| &head.claim));
    Ok(waiting.map(|waiting| Waiting {
        platform: platform(messages.first().map(|message| &message.opening.platform)),
        window: Some(window),
        log_id: head.and_then(Head::log_id).cloned(),
        ..waiting
    }))
}

async fn call(
    app: &App,
    deadline: Deadline,
    key: &CallKey,
    part: &str,
) -> Result<Option<Waiting>, StoreError> {
    let store = call_store(app, key, deadline);
    let link = store.link(part).await?;
    let mut changes = store.changes(part).await?;
    let link = link.as_ref();
    changes.retain(|change| !link.is_some_and(|link| link.has(&change.id)));
    let is_refused = |change: &CallChange| {
        let is_it = |link: &CallLink| link.refused.iter().any(|refused| refused.id == change.id);
        link.is_some_and(is_it)
    };
    let items = changes
        .iter()
        .map(|change| (is_refused(change), change.accepted_at));
    let waiting = Waiting::of(key.short_hash(), items, link.map(|link| &link.claim));
    Ok(waiting.map(|waiting| Waiting {
        platform: platform(changes.first().map(|change| &change.opening.platform)),
        log_id: link.and_then(|link| link.log_id.clone()),
        ..waiting
    }))
}

fn platform(named: Option<&String>) -> String {
    named.cloned().unwrap_or_default()
}

impl Waiting {
    /// What waits of a log, of which `items` says whether each is refused and when it was
    /// accepted; `None` where there are none.
    fn of(
        log: String,
        items: impl Iterator<Item = (bool, i64)> + Clone,
        claim: Option<&Claim>,
    ) -> Option<Self> {
        let refused = items.clone().filter(|(is_refused, _)| *is_refused).count();
        let accepted = items.clone().count() - refused;
        let (_, since) = items.min()?;
        Some(Self {
            log,
            platform: String::new(),
            window: None,
            log_id: None,
            accepted,
            refused,
            since,
            reason: match accepted {
                0 => Some(Reason::Refused),
                _ => claim.and_then(|claim| claim.reason),
            },
            retry_at: claim.and_then(tried_at),
        })
    }

    /// Whether it is the log of a call.
    pub fn is_call(&self) -> bool {
        self.window.is_none()
    }
}

/// When a log is tried again, unless that is after a sign-in.
fn tried_at(claim: &Claim) -> Option<i64> {
    let due = claim.due.as_ref().filter(|due| !due.is_parked());
    due.map(Due::millis).or(claim.retry_at)
}
