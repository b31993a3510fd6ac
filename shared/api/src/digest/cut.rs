//! A CRM that keeps only the beginning of a long note, and says nothing.

use chrono::TimeDelta;
use daybook_adapters::Ctx;
use daybook_core::digest::{Entry, Fingerprint, Kept, Plan, Request, fits, kept, mended, merge};
use daybook_core::time::Deadline;
use daybook_store::items::{Claim, Due, NoteLimit, Standing};

use super::holder::Holder;
use crate::engine::Stop;

/// How often what is to be written is laid out anew, until something has to leave the activity.
const MOST_CUTS: u32 = 3;

/// What is written in place of what was cut, and what has to leave the part for it.
pub(super) struct Less {
    pub(super) plan: Plan,
    pub(super) dropped: Vec<Fingerprint>,
}

impl<'a> Holder<'a, '_> {
    /// What a write is made with. One in place of a write that was cut may begin late, and is not
    /// waited for longer than the lease lasts.
    pub(super) fn ctx_after(&self, cuts: u32) -> Result<Ctx<'a>, Stop> {
        if cuts == 0 {
            self.check_time()?;
            return Ok(self.attempt.ctx);
        }
        let margin = self.attempt.engine.limits.clock_margin;
        let until = self
            .head
            .claim
            .lease
            .as_ref()
            .map_or(0, |lease| lease.until);
        let left = TimeDelta::milliseconds(until - self.now()) - margin;
        let left = left.min(TimeDelta::from_std(self.attempt.left()).unwrap_or_default());
        Ok(Ctx {
            deadline: Deadline::at(self.attempt.engine.clock.now() + left),
            ..self.attempt.ctx
        })
    }
}

impl Holder<'_, '_> {
    /// The most bytes of a note, as far as it is known.
    pub(super) fn note_limit(&self) -> Option<usize> {
        let known = self.attempt.engine.adapter.profile().max_note_bytes;
        self.head.note_limit(known)
    }

    /// The body of the part at `index` as it is without what the CRM has cut, where a write that
    /// may have been cut was not followed by another. Else what is torn would be taken for a
    /// person's words.
    pub(super) fn mended(&mut self, index: usize, body: &str) -> Option<String> {
        if self.head.note_limits.is_empty() && self.head.claim.recheck_at.is_none() {
            return None;
        }
        // A log of another server has no mark in its footer, and is as whole as that server left it.
        let log = self.head.parts[index].log_id.as_ref();
        if log.is_some() && log == self.head.opening.existing_log.as_ref() {
            return None;
        }
        let pieces = self.known_to(index);
        let pieces: Vec<_> = pieces.iter().collect();
        let whole: Vec<_> = (self.messages.iter())
            .map(|message| &message.entry)
            .collect();
        let frame = self.frame_of(index);
        let mended =
            mended(&frame, body, &pieces, &whole).or_else(|| mended(&frame, body, &whole, &pieces));
        self.is_torn |= mended.is_some();
        mended
    }

    /// Whether a body may lack messages that no person took out.
    pub(super) fn may_land(&self) -> bool {
        self.head.claim.recheck_at.is_some() || self.is_torn
    }

    /// The last part as it is to be written, after so many writes that were cut.
    pub(super) fn laid_out(&self, body: &str, delivery: &[Entry], cuts: u32) -> Result<Less, Stop> {
        let known = self.known_to(self.last());
        match cuts {
            0..MOST_CUTS => Ok(Less {
                plan: self.plan(body, &known, delivery),
                dropped: Vec::new(),
            }),
            MOST_CUTS => self.with_less(body, &known, delivery).ok_or(Stop::Cut),
            _ => Err(Stop::Cut),
        }
    }

    /// The last part without as many of its last messages as it takes for it to fit: the CRM does
    /// not even keep what it gave back. They go into the next part with all that waits.
    fn with_less(&self, body: &str, known: &[Entry], delivery: &[Entry]) -> Option<Less> {
        let part = self.part();
        let mut standing: Vec<_> = (known.iter())
            .filter(|entry| part.ids.contains(&entry.fingerprint()))
            .collect();
        standing.sort_by(|one, other| other.order(one));
        let prints: Vec<_> = standing.iter().map(|entry| entry.fingerprint()).collect();
        let stored: Vec<_> = known.iter().collect();
        let without = |dropped: usize| {
            let dropped = prints.get(..dropped).unwrap_or_default();
            let request = Request {
                existing: body,
                stored: &stored,
                ledger: &part.ids,
                removed: &[&part.removed, dropped].concat(),
                delivery: &[],
                may_land: self.may_land(),
            };
            merge(&self.frame(), &request)
        };
        let is_enough = |dropped| fits(&without(dropped).body, self.note_limit());
        let (mut low, mut high) = (1, prints.len() + 1);
        while low < high {
            let middle = usize::midpoint(low, high);
            match is_enough(middle) {
                true => high = middle,
                false => low = middle + 1,
            }
        }
        let dropped = prints.get(..low)?.to_vec();
        let waits = delivery.iter().map(Entry::fingerprint);
        Some(Less {
            plan: Plan {
                merged: without(low),
                rest: dropped.iter().copied().chain(waits).collect(),
            },
            dropped,
        })
    }

    /// Guards what is about to leave the last part as a new text is guarded: somebody else may have
    /// to see to it that it stands again.
    pub(super) async fn guard_dropped(&self, dropped: &[Fingerprint]) -> Result<(), Stop> {
        if dropped.is_empty() {
            return Ok(());
        }
        let attempt = self.attempt;
        let (pk, now) = (self.log.store.key.pk(), self.now());
        for message in &self.messages {
            let pieces = attempt.engine.pieces(&self.head, &message.entry);
            let leaves = |piece: &Entry| dropped.contains(&piece.fingerprint());
            if message.due.is_some() || !pieces.iter().any(leaves) {
                continue;
            }
            let (due, days) = match attempt.keeps {
                true => {
                    let guard = attempt.engine.limits.guard.num_milliseconds();
                    (Due::new(pk, now + guard), Claim::KEPT_DAYS_WAITING)
                }
                false => {
                    let user = message.opening.user_key();
                    (
                        Due::parked(pk, &user, now),
                        Claim::KEPT_DAYS_WITHOUT_CREDENTIALS,
                    )
                }
            };
            let until = now / 1_000 + days * 86_400;
            self.log.store.guard(message, &due, until).await?;
        }
        Ok(())
    }

    /// Whether the CRM has kept only the beginning of what was written, by what it answered. Then
    /// the digest's further notes are no larger than that.
    pub(super) fn is_cut(&mut self, written: &str, answered: &str) -> bool {
        let digest = self.log.store.key.short_hash();
        match kept(self.head.opening.context.format, written, answered) {
            Kept::Whole => false,
            Kept::Gaps => {
                tracing::warn!(digest, "the CRM does not keep every line of a note");
                false
            }
            Kept::Cut { bytes } => {
                tracing::warn!(digest, note.bytes = bytes, "the CRM cuts notes");
                self.learn(bytes);
                true
            }
        }
    }

    fn learn(&mut self, bytes: usize) {
        if self.note_limit().is_some_and(|limit| limit <= bytes) {
            return;
        }
        let before = self.pieces_of_all();
        let learned = NoteLimit {
            bytes,
            standing: Vec::new(),
        };
        self.head.note_limits.push(learned);
        let after = self.pieces_of_all();
        let standing: Vec<_> = (before.iter().zip(&after))
            .filter(|(before, after)| before != after)
            .filter_map(|(before, _)| self.standing(before))
            .collect();
        // Without anything to tell apart, it takes the place of the limit before it.
        if standing.is_empty() && self.head.note_limits.len() > 1 {
            self.head.note_limits.pop();
        }
        if let Some(last) = self.head.note_limits.last_mut() {
            last.bytes = bytes;
            last.standing.extend(standing);
        }
    }

    /// How many pieces of a message stand, if any does.
    fn standing(&self, pieces: &[Entry]) -> Option<Standing> {
        let stands = |piece: &&Entry| self.head.has(&piece.fingerprint());
        let id = Fingerprint::of(&pieces.first()?.id);
        let pieces = pieces.iter().take_while(stands).count();
        (pieces > 0).then_some(Standing { id, pieces })
    }

    fn pieces_of_all(&self) -> Vec<Vec<Entry>> {
        let entries = self.messages.iter().map(|message| &message.entry);
        entries
            .map(|entry| self.attempt.engine.pieces(&self.head, entry))
            .collect()
    }
}
