//! Attending to a digest that is due, without a request.

use daybook_store::StoreError;
use daybook_store::items::{Head, Reason};

use super::attempt::Attempt;
use super::holder::Holder;
use super::lease::Taken;
use crate::pending::postpone;

impl Attempt<'_> {
    /// Does what a digest's date stands for, once: delivers what waits, and reads and mends what
    /// was in doubt. Says why something is left to do.
    pub(crate) async fn attend(&self, head: Head) -> Result<Option<Reason>, StoreError> {
        let now = self.engine.millis();
        let margin = self.engine.limits.clock_margin.num_milliseconds();
        if head.is_leased(now, margin) {
            return Ok(Some(Reason::Busy));
        }
        if let Some((reason, until)) = self.held_back(Some(&head)) {
            postpone(&self.store, head, until).await?;
            return Ok(Some(reason));
        }
        if head.lease.is_some() && self.clock_is_off() {
            return Ok(Some(Reason::Busy));
        }
        if !self.may_probe().await? {
            // The worker that tries is done by then, and the next run takes it up.
            let until = now + self.engine.limits.lease.num_milliseconds();
            postpone(&self.store, head, until).await?;
            return Ok(Some(Reason::Unavailable));
        }
        let Taken::Lease(leased, owner) = self.take(head.window, None, Some(head)).await? else {
            return Ok(Some(Reason::Busy));
        };
        let written = Holder::new(self, leased, owner).run().await?;
        if written.is_answered {
            self.open_gates().await;
        }
        Ok(written.reason)
    }
}
