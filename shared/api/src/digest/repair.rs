//! Mending what is wrong in the CRM: a second activity of the same digest, and one that is gone.

use daybook_adapters::MessageLog;
use daybook_core::digest::{FOOTER, Mark, emptied_note, holds_only_ours};
use daybook_core::ids::LogId;
use daybook_store::items::{Part, Trace};

use super::holder::Holder;
use crate::engine::Stop;

impl Holder<'_, '_> {
    /// Deletes, or empties, every activity that carries the mark of a part and is not that part:
    /// a create was applied twice. One that a person wrote in stays, and is reported.
    pub(super) async fn fold(&mut self) -> Result<(), Stop> {
        let known: Vec<_> = self
            .messages
            .iter()
            .map(|message| message.entry.clone())
            .collect();
        let pieces: Vec<_> = known
            .iter()
            .flat_map(|entry| self.attempt.engine.pieces(&self.head, entry))
            .collect();
        let pieces: Vec<_> = pieces.iter().collect();
        let contact = &self.head.opening.context.contact;
        let adapter = self.attempt.engine.adapter;
        for (index, part) in self.head.parts.iter().enumerate() {
            let Some(own) = &part.log_id else { continue };
            let found = adapter
                .find_message_logs_by_mark(&self.attempt.ctx, contact, &part.mark)
                .await
                .map_err(Stop::Failed)?;
            let frame = self.frame_of(index);
            for second in found.iter().filter(|log| log.id != *own) {
                if holds_only_ours(&frame, &second.body, &pieces) {
                    self.remove(&second.id, own).await?;
                } else {
                    self.report(&second.id, "a person wrote in it");
                }
            }
        }
        // A part whose create is in doubt may come to have a second activity yet.
        let fold_after = self.attempt.engine.limits.fold_after.num_milliseconds();
        self.head.claim.fold_at = self.head.claim.doubt_until.map(|until| until + fold_after);
        Ok(())
    }

    /// Whether a log that is to be taken over carries the mark of another digest of ours.
    pub(super) fn is_anothers(&self, log: &MessageLog) -> bool {
        let part = self.part();
        let is_new_here = part.linked_at == 0 && part.ids.is_empty();
        is_new_here
            && log.body.split(FOOTER).skip(1).any(|rest| {
                let mark = rest.trim_start().strip_prefix('[');
                let mark = mark.and_then(|rest| rest.split_once(']'));
                mark.and_then(|(mark, _)| Mark::parse(mark))
                    .is_some_and(|mark| mark != part.mark)
            })
    }

    async fn remove(&self, second: &LogId, first: &LogId) -> Result<(), Stop> {
        self.check_time()?;
        let adapter = self.attempt.engine.adapter;
        let ctx = &self.attempt.ctx;
        let removed = match adapter.log_deletion() {
            Some(deletion) => deletion.delete_message_log(ctx, second).await,
            None => {
                let note = emptied_note(adapter.profile().log_format, first);
                adapter
                    .update_message_log(ctx, second, &note)
                    .await
                    .map(drop)
            }
        };
        if !Stop::is_removed(removed)? {
            self.report(second, "the CRM refuses to remove it");
        }
        Ok(())
    }

    fn report(&self, second: &LogId, why: &str) {
        let digest = self.log.store.key.short_hash();
        let id = second.as_str();
        tracing::warn!(
            digest,
            log.id = id,
            "a second activity of a digest stays: {why}"
        );
    }

    /// The activity of the last part is not where it was: the one that carries its mark now, or a
    /// part to be made anew where messages wait.
    pub(super) async fn find_lost_log(&mut self) -> Result<Option<MessageLog>, Stop> {
        let limits = self.attempt.engine.limits;
        if self.now() - self.part().linked_at < limits.log_visible_after.num_milliseconds() {
            return Err(Stop::LogHidden);
        }
        if let Some(found) = self.look().await.map_err(Stop::Failed)? {
            let removed = self.part().removed.clone();
            let found = self.link(found);
            self.part_mut().removed = removed;
            return Ok(Some(found));
        }
        if !self.waits() {
            return Ok(None);
        }
        let removed = self.part().removed.clone();
        let mark = Mark::from_bits((self.attempt.engine.random)());
        *self.part_mut() = Part {
            removed,
            ..Part::unmade(mark)
        };
        self.trace(Trace::Create).await?;
        self.made_anew = true;
        Ok(None)
    }
}
