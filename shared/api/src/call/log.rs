//! A call as a log that workers take turns at.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use daybook_core::digest::Mark;
use daybook_store::calls::CallStore;
use daybook_store::claims::Claims;
use daybook_store::items::{CallChange, CallLink, Reason};
use daybook_store::{StoreError, keys};

use super::holder::Holder;
use crate::app::Random;
use crate::engine::{Attempt, Engine, Log, MOST_NARROWINGS, Written};

/// The log of a part of a call, and the change that is to stand in it.
pub(crate) struct CallWork<'a> {
    pub(super) engine: Engine<'a>,
    pub(super) store: CallStore<'a>,
    pub(super) part: String,
    change: Option<&'a CallChange>,
    /// How many writes there were from the first that the CRM refused.
    narrowings: AtomicU32,
    /// The note as this worker has seen it last.
    note: Mutex<Option<String>>,
}

impl<'a> CallWork<'a> {
    /// The log of a part of a call; without a change, as it is to be attended to without a request.
    pub(crate) fn new(
        engine: Engine<'a>,
        store: CallStore<'a>,
        part: String,
        change: Option<&'a CallChange>,
    ) -> Self {
        Self {
            engine,
            store,
            part,
            change,
            narrowings: AtomicU32::new(0),
            note: Mutex::new(None),
        }
    }

    /// The note as this worker has seen it last.
    pub(super) fn into_note(self) -> Option<String> {
        self.note.into_inner().ok().flatten()
    }

    pub(super) fn saw(&self, note: &str) {
        if let Ok(mut seen) = self.note.lock() {
            *seen = Some(note.to_owned());
        }
    }

    /// Counts a write that the CRM refused. Says whether this request may try another.
    pub(super) fn may_narrow_on(&self) -> bool {
        self.narrowings.fetch_add(1, Ordering::Relaxed) + 1 < MOST_NARROWINGS
    }
}

/// A link that is not in the table yet. The log of another server that its opening names is its
/// own.
pub(crate) fn new_link(random: &Random, change: &CallChange) -> CallLink {
    let (part, opening) = (change.part.clone(), change.opening.clone());
    let mark = Mark::from_bits(random());
    let existing_log = opening.existing_log.clone();
    let mut link = CallLink::new(part, change.extension.clone(), opening, mark);
    link.log_id = existing_log;
    link
}

#[async_trait]
impl Log for CallWork<'_> {
    type Item = CallLink;

    fn claims(&self) -> Claims<'_> {
        self.store.claims()
    }

    fn sk(&self) -> String {
        keys::call_link(&self.part)
    }

    fn name(&self) -> String {
        self.store.key.short_hash()
    }

    async fn begin(&self) -> Result<Option<CallLink>, StoreError> {
        Ok(self
            .change
            .map(|change| new_link(self.engine.random, change)))
    }

    fn is_done(&self, link: &CallLink) -> bool {
        let now = self.engine.millis();
        self.change
            .is_some_and(|change| link.has(&change.id) || link.refusal(&change.id, now).is_some())
    }

    fn is_worth_another(&self, reason: Option<Reason>) -> bool {
        let narrowed = self.narrowings.load(Ordering::Relaxed);
        let is_short = matches!(reason, None | Some(Reason::Busy));
        // A refusal that is being narrowed down is, too.
        let is_narrowed = narrowed > 0 && reason == Some(Reason::Refused);
        narrowed < MOST_NARROWINGS && (is_short || is_narrowed)
    }

    async fn work(
        &self,
        attempt: &Attempt<'_>,
        link: CallLink,
        owner: String,
    ) -> Result<Written<CallLink>, StoreError> {
        Holder::new(attempt, self, link, owner).run().await
    }
}
