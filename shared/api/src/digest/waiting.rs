//! What the holder of a lease has before it: which messages wait, and which a part may hold.

use std::collections::HashSet;

use daybook_core::digest::{Entry, Fingerprint};
use daybook_store::items::RefusedMessage;

use super::holder::Holder;
use crate::engine::Stop;

impl Holder<'_, '_> {
    /// After a refusal: the next write carries the older half; a message that is refused alone
    /// is set aside.
    pub(super) fn narrow(&mut self, delivery: &[Entry]) -> Result<(), Stop> {
        if let [only] = delivery {
            let refused = RefusedMessage {
                id: Fingerprint::of(&only.id),
                retry_at: self.now() + self.attempt.engine.limits.refused_for.num_milliseconds(),
            };
            self.head.refused.retain(|other| other.id != refused.id);
            self.head.refused.push(refused);
            self.head.batch = None;
        } else {
            self.head.batch = u32::try_from(delivery.len() / 2).ok();
        }
        match self.log.may_narrow_on() {
            true => Ok(()),
            false => Err(Stop::Narrowing),
        }
    }

    /// The messages that wait, as pieces, oldest first; the older ones of them while a refusal is
    /// being narrowed down.
    pub(super) fn deliverable(&self) -> Vec<Entry> {
        let mut waiting = self.waiting();
        if let Some(batch) = self.head.batch {
            waiting.truncate(usize::try_from(batch).unwrap_or(usize::MAX).max(1));
        }
        waiting
    }

    /// The messages that stand in no part and are not refused, as pieces, oldest first.
    pub(super) fn waiting(&self) -> Vec<Entry> {
        let now = self.now();
        let mut waiting: Vec<_> = self
            .messages
            .iter()
            .map(|message| &message.entry)
            .filter(|entry| {
                self.head
                    .refusal(&Fingerprint::of(&entry.id), now)
                    .is_none()
            })
            .flat_map(|entry| self.attempt.engine.pieces(&self.head, entry))
            .filter(|piece| !self.head.has(&piece.fingerprint()))
            .collect();
        waiting.sort_by(Entry::order);
        waiting
    }

    /// Everything that may stand in the part at `index`: all pieces but those of other parts.
    pub(super) fn known_to(&self, index: usize) -> Vec<Entry> {
        let parts = self.head.parts.iter().enumerate();
        let elsewhere: HashSet<_> = parts
            .filter(|(other, _)| *other != index)
            .flat_map(|(_, part)| part.ids.iter().chain(&part.removed))
            .collect();
        self.messages
            .iter()
            .flat_map(|message| self.attempt.engine.pieces(&self.head, &message.entry))
            .filter(|piece| !elsewhere.contains(&piece.fingerprint()))
            .collect()
    }
}
