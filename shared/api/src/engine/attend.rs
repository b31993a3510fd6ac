//! Attending to a log that is due, without a request.

use daybook_store::StoreError;
use daybook_store::items::{Claimed, Reason};

use super::lease::Taken;
use super::{Attempt, Log};
use crate::pending::postpone;

impl Attempt<'_> {
    /// Does what a log's date stands for, once: delivers what waits, and reads and mends what was
    /// in doubt. Says why something is left to do.
    pub(crate) async fn attend<L: Log>(
        &self,
        log: &L,
        item: L::Item,
    ) -> Result<Option<Reason>, StoreError> {
        let now = self.engine.millis();
        let margin = self.engine.limits.clock_margin.num_milliseconds();
        let claim = item.claim();
        if claim.is_leased(now, margin) {
            return Ok(Some(Reason::Busy));
        }
        if let Some((reason, until)) = self.held_back(Some(claim)) {
            postpone(&log.claims(), item, until).await?;
            return Ok(Some(reason));
        }
        if claim.lease.is_some() && self.clock_is_off() {
            return Ok(Some(Reason::Busy));
        }
        if !self.may_probe().await? {
            // The worker that tries is done by then, and the next run takes it up.
            let until = now + self.engine.limits.lease.num_milliseconds();
            postpone(&log.claims(), item, until).await?;
            return Ok(Some(Reason::Unavailable));
        }
        let Taken::Lease(leased, owner) = self.take(log, Some(item)).await? else {
            return Ok(Some(Reason::Busy));
        };
        let written = log.work(self, leased, owner).await?;
        if written.is_answered {
            self.open_gates().await;
        }
        Ok(written.reason)
    }
}
