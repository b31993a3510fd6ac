//! Mending a second activity of the same call: a create was applied twice.

use daybook_adapters::{CallLog, CallLogChanges};
use daybook_core::call::CallFields;
use daybook_core::call_note::same_text;
use daybook_core::digest::emptied_note;
use daybook_core::ids::LogId;
use serde_json::Map;

use super::holder::Holder;
use crate::engine::Stop;

impl Holder<'_, '_> {
    /// Deletes, or empties, every activity that carries the mark of the call and is not its own,
    /// where that is due. One that a person wrote in stays, and is reported.
    pub(super) async fn fold_if_due(&mut self) -> Result<(), Stop> {
        let now = self.now();
        if self.link.claim.fold_at.is_none_or(|at| at > now) {
            return Ok(());
        }
        if let (Some(own), Some(contact)) = (&self.link.log_id, &self.link.opening.contact) {
            let adapter = self.attempt.engine.adapter;
            let found = adapter
                .find_call_logs_by_mark(&self.attempt.ctx, contact, &self.link.mark)
                .await
                .map_err(Stop::Failed)?;
            for second in found.iter().filter(|log| log.id != *own) {
                match self.is_only_ours(second) {
                    true => self.remove(&second.id, own).await?,
                    false => self.report(&second.id, "a person wrote in it"),
                }
            }
        }
        // A create that is in doubt may come to have a second activity yet.
        let fold_after = self.attempt.engine.limits.fold_after.num_milliseconds();
        let doubt_until = self.link.claim.doubt_until;
        self.link.claim.fold_at = doubt_until.map(|until| until + fold_after);
        Ok(())
    }

    /// Whether a second activity says what one of our creates has written, and no more.
    fn is_only_ours(&self, second: &CallLog) -> bool {
        let format = self.attempt.engine.adapter.profile().log_format;
        let changes: Vec<_> = self.changes.iter().collect();
        (1..=changes.len()).any(|several| {
            let made = self.new_note(changes.get(..several).unwrap_or_default());
            same_text(format, &made, &second.body)
        })
    }

    async fn remove(&self, second: &LogId, first: &LogId) -> Result<(), Stop> {
        self.attempt.check_time(&self.link.claim)?;
        let adapter = self.attempt.engine.adapter;
        let ctx = &self.attempt.ctx;
        let removed = match adapter.log_deletion() {
            Some(deletion) => deletion.delete_call_log(ctx, second).await,
            None => {
                let note = emptied_note(adapter.profile().log_format, first);
                let changes = CallLogChanges {
                    subject: None,
                    body: Some(&note),
                    call: &CallFields::default(),
                    additional_submission: &Map::new(),
                };
                let written = adapter.update_call_log(ctx, second, &changes).await;
                written.map(drop)
            }
        };
        if !Stop::is_removed(removed)? {
            self.report(second, "the CRM refuses to remove it");
        }
        Ok(())
    }

    fn report(&self, second: &LogId, why: &str) {
        let log = self.log.store.key.short_hash();
        let id = second.as_str();
        tracing::warn!(log, log.id = id, "a second activity of a call stays: {why}");
    }
}
