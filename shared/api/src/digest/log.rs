//! A digest as a log that workers take turns at.

use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use daybook_core::digest::{Mark, Window};
use daybook_store::claims::Claims;
use daybook_store::digest::DigestStore;
use daybook_store::items::{Claimed as _, Head, Opening, Reason, StoredMessage};
use daybook_store::{StoreError, Write, keys};

use super::holder::Holder;
use crate::app::Random;
use crate::engine::{Attempt, Engine, Log, MOST_NARROWINGS, Written};

/// The digest of a window, and the messages that are to stand in it.
pub(crate) struct DigestLog<'a> {
    pub(super) engine: Engine<'a>,
    pub(super) store: DigestStore<'a>,
    window: Window,
    messages: &'a [StoredMessage],
    /// How many writes there were from the first that the CRM refused.
    narrowings: AtomicU32,
}

impl<'a> DigestLog<'a> {
    /// The digest of `window`; without `messages`, as it is to be attended to without a request.
    pub(crate) fn new(
        engine: Engine<'a>,
        store: DigestStore<'a>,
        window: Window,
        messages: &'a [StoredMessage],
    ) -> Self {
        Self {
            engine,
            store,
            window,
            messages,
            narrowings: AtomicU32::new(0),
        }
    }

    /// Counts a write that the CRM refused. Says whether this request may try another.
    pub(super) fn may_narrow_on(&self) -> bool {
        self.narrowings.fetch_add(1, Ordering::Relaxed) + 1 < MOST_NARROWINGS
    }

    /// Counts a write that the CRM took, where it refused one before.
    pub(super) fn count_write(&self) {
        if self.narrowed() > 0 {
            self.narrowings.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn narrowed(&self) -> u32 {
        self.narrowings.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Log for DigestLog<'_> {
    type Item = Head;

    fn claims(&self) -> Claims<'_> {
        self.store.claims()
    }

    fn sk(&self) -> String {
        keys::head(&self.window)
    }

    fn name(&self) -> String {
        format!("{} {}", self.store.key.short_hash(), self.window)
    }

    async fn begin(&self) -> Result<Option<Head>, StoreError> {
        match opening_of(self.messages) {
            Some(opening) => new_head(&self.store, self.engine.random, self.window, &opening)
                .await
                .map(Some),
            None => Ok(None),
        }
    }

    fn is_done(&self, head: &Head) -> bool {
        let now = self.engine.millis();
        self.messages.iter().all(|message| {
            self.engine.stands(head, &message.entry)
                || head.refusal(&message.entry.fingerprint(), now).is_some()
        })
    }

    fn is_worth_another(&self, reason: Option<Reason>) -> bool {
        // A refusal that is being narrowed down is, too.
        self.narrowed() < MOST_NARROWINGS
            && matches!(reason, None | Some(Reason::Busy | Reason::Refused))
    }

    async fn work(
        &self,
        attempt: &Attempt<'_>,
        head: Head,
        owner: String,
    ) -> Result<Written<Head>, StoreError> {
        Holder::new(attempt, self, head, owner).run().await
    }
}

/// A digest that is not in the table yet. The log of another server that its opening names is its
/// own from now on, unless it is another digest's.
pub(crate) async fn new_head(
    store: &DigestStore<'_>,
    random: &Random,
    window: Window,
    opening: &Opening,
) -> Result<Head, StoreError> {
    let mut head = Head::new(window, opening.clone(), Mark::from_bits(random()));
    if let Some(log) = &opening.existing_log {
        let claims = store.claims();
        let adopted = claims
            .adopt(&opening.platform, &opening.tenant, log, &head.sk())
            .await?;
        if adopted == Write::Done {
            head.parts[0].log_id = Some(log.clone());
        }
    }
    Ok(head)
}

/// What a digest is opened with: what its oldest message says, and the log that any of them names.
fn opening_of(messages: &[StoredMessage]) -> Option<Opening> {
    let oldest = messages
        .iter()
        .min_by(|one, other| one.entry.order(&other.entry))?;
    let logs = messages
        .iter()
        .find_map(|message| message.opening.existing_log.clone());
    Some(Opening {
        existing_log: logs,
        ..oldest.opening.clone()
    })
}
