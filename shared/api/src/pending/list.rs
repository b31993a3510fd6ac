//! Everything that waits, for `make pending`.

use std::collections::BTreeMap;

use daybook_core::digest::Window;
use daybook_core::time::Deadline;
use daybook_store::StoreError;
use daybook_store::items::{Reason, StoredMessage};
use daybook_store::keys::DueKey;
use daybook_store::pending::{due, parked};
use serde::Serialize;

use super::{ROWS_PER_SHARD, store};
use crate::app::App;

/// A digest that waits, without its texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// A hash of the digest's key, as logs show it.
    pub digest: String,
    /// The CRM.
    pub platform: String,
    /// The window.
    pub window: Window,
    /// How many accepted messages are not delivered.
    pub messages: usize,
    /// Since when the oldest of them waits, in milliseconds since 1970.
    pub since: Option<i64>,
    /// Why.
    pub reason: Option<Reason>,
    /// When it is tried again, in milliseconds since 1970; absent where a sign-in is waited for.
    pub retry_at: Option<i64>,
    /// How many messages the CRM refuses.
    pub refused: usize,
}

/// Everything that waits, by digest, the longest waiting first.
///
/// # Errors
/// [`StoreError`].
pub async fn list_pending(app: &App, deadline: Deadline) -> Result<Vec<Waiting>, StoreError> {
    let clock = app.clock.as_ref();
    let ever = i64::MAX / 1_000_000;
    let mut rows = due(&app.table, clock, deadline, ever, ROWS_PER_SHARD).await?;
    rows.extend(parked(&app.table, clock, deadline, ROWS_PER_SHARD).await?);
    let mut digests = BTreeMap::new();
    for row in rows {
        let (key, window) = match row.key {
            DueKey::Head(key, window) => (key, window),
            DueKey::Message(key, sk) => match store(app, &key, deadline).message(sk).await? {
                Some(message) => (key, message.window),
                None => continue,
            },
            DueKey::User(..) => continue,
        };
        digests.insert((key.pk().to_owned(), window), key);
    }
    let mut waiting = Vec::new();
    for ((_, window), key) in digests {
        let store = store(app, &key, deadline);
        let head = store.head(&window).await?;
        let messages = store.messages(&window).await?;
        let stands = |message: &&StoredMessage| {
            head.as_ref()
                .is_none_or(|head| !head.has(&message.entry.fingerprint()))
        };
        let missing: Vec<_> = messages.iter().filter(stands).collect();
        if missing.is_empty() {
            continue;
        }
        waiting.push(Waiting {
            digest: key.short_hash(),
            platform: missing[0].opening.platform.clone(),
            window,
            messages: missing.len(),
            since: missing.iter().map(|message| message.accepted_at).min(),
            reason: head.as_ref().and_then(|head| head.reason),
            retry_at: head.as_ref().and_then(|head| head.retry_at),
            refused: head.as_ref().map_or(0, |head| head.refused.len()),
        });
    }
    waiting.sort_by_key(|waiting| waiting.since);
    Ok(waiting)
}
