//! Looking after a digest besides its messages: second activities, updates that may have been
//! applied late, and the last look at a finished digest.

use daybook_adapters::AdapterError;
use daybook_store::items::Trace;

use super::holder::Holder;
use crate::engine::Stop;

impl Holder<'_, '_> {
    /// Folds where that is due, and reads each activity that was not read since it was to be.
    pub(super) async fn look_after(&mut self) -> Result<(), Stop> {
        let now = self.now();
        if self.head.claim.fold_at.is_some_and(|at| at <= now) {
            self.fold().await?;
        }
        let dates = [self.head.claim.recheck_at, self.head.close_at];
        let due = dates.into_iter().flatten().filter(|at| *at <= now);
        let Some(since) = due.max() else {
            return Ok(());
        };
        for index in 0..self.head.parts.len() {
            let part = &self.head.parts[index];
            if part.log_id.is_some() && part.read_at <= since {
                self.make_whole(index).await?;
            }
        }
        Ok(())
    }

    /// Reads an activity, and writes to it what its ledger names and it does not hold.
    async fn make_whole(&mut self, index: usize) -> Result<(), Stop> {
        let part = &self.head.parts[index];
        let Some(id) = part.log_id.clone() else {
            return Ok(());
        };
        let limits = self.attempt.engine.limits;
        let read_from = self.now();
        let is_young = read_from - part.linked_at < limits.log_visible_after.num_milliseconds();
        let (adapter, ctx) = (self.attempt.engine.adapter, &self.attempt.ctx);
        let log = match adapter.get_message_log(ctx, &id).await {
            Ok(log) => log,
            Err(AdapterError::NotFound(_)) if is_young => return Err(Stop::LogHidden),
            // Without a text to deliver, nothing is made in place of what a person deleted.
            Err(AdapterError::NotFound(_)) => {
                self.head.parts[index].read_at = read_from;
                return Ok(());
            }
            Err(error) => return Err(Stop::Failed(error)),
        };
        let mended = self.mended(index, &log.body);
        let is_torn = mended.is_some();
        let body = mended.unwrap_or(log.body);
        let merged = self
            .plan_of(index, &body, &self.known_to(index), &[])
            .merged;
        if merged.changed || is_torn {
            self.check_time()?;
            if !self.traced(Trace::Update) {
                self.trace(Trace::Update).await?;
            }
            let written = adapter.update_message_log(ctx, &id, &merged.body).await;
            match written {
                Ok(written) if self.is_cut(&merged.body, &written.body) => {
                    let ctx = self.ctx_after(1)?;
                    let as_it_was = adapter.update_message_log(&ctx, &id, &body).await;
                    as_it_was.map_err(Stop::of_update)?;
                    self.head.parts[index].read_at = read_from;
                    return Ok(());
                }
                Ok(_) => {}
                // There is nothing less to write than this.
                Err(AdapterError::Invalid { .. }) => {
                    let digest = self.log.store.key.short_hash();
                    tracing::warn!(digest, "the CRM refuses to have a digest made whole");
                }
                Err(error) => return Err(Stop::of_update(error)),
            }
        }
        let part = &mut self.head.parts[index];
        part.read_at = read_from;
        part.ids.extend(merged.delivered);
        part.removed.extend(merged.removed);
        Ok(())
    }
}
