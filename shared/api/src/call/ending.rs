//! How the lease of a call ends: settled or released, with the date of what is left to do.

use daybook_store::items::{CallLink, Due, Reason};
use daybook_store::{StoreError, Write};
use futures_util::{StreamExt, stream};

use super::holder::Holder;
use crate::engine::{AT_ONCE, Log as _, Open, REFUSED_AGAIN, Stop, Written, settled};

/// For how long a request may ask whether its change was applied, in milliseconds.
const ASKED_FOR: i64 = 60_000;

impl Holder<'_, '_> {
    pub(super) async fn settle(mut self) -> Result<Written<CallLink>, StoreError> {
        let now = self.now();
        let waits = self.is_deliverable();
        let is_refused = !self.waiting().is_empty() && !self.link.refused.is_empty();
        let link = &mut self.link;
        settled(&mut link.claim, &self.owner);
        link.batch = link
            .batch
            .filter(|_| waits)
            .map(|batch| batch.saturating_mul(2));
        let read_at = link.read_at;
        link.claim.recheck_at = link.claim.recheck_at.filter(|at| *at >= read_at);
        link.refused.retain(|refused| refused.retry_at > now);
        link.forget_all_but(&self.changes, now - ASKED_FOR);
        self.link.claim.due = self.next_due(waits, now);
        let claims = self.log.store.claims();
        match claims.settle(&self.link, &self.owner).await? {
            Write::Done => self.clear().await,
            Write::Lost(Some(other)) => self.link = other,
            Write::Lost(None) => {}
        }
        Ok(Written {
            reason: is_refused.then_some(Reason::Refused),
            item: self.link,
            made_anew: self.made_anew,
            is_answered: true,
        })
    }

    /// Ends the lease because of `stop`, where `also` went wrong beside it.
    pub(super) async fn release(
        mut self,
        stop: Stop,
        also: Option<Stop>,
    ) -> Result<Written<CallLink>, StoreError> {
        let now = self.now();
        let gates = self
            .attempt
            .stopped(&mut self.link.claim, &stop, also.as_ref());
        self.link.claim.due = self.next_due(true, now);
        let (claims, name) = (self.log.store.claims(), self.log.name());
        let place = (&claims, name.as_str());
        self.attempt
            .release(place, self.link, &self.owner, stop, gates)
            .await
    }

    /// When the scheduled function is to look at this call.
    fn next_due(&self, tries: bool, now: i64) -> Option<Due> {
        let refused = self.link.refused.iter().map(|refused| refused.retry_at);
        let refused = refused.min();
        let open = Open {
            tries,
            waits: !self.waiting().is_empty() || refused.is_some(),
            also: refused.map(|at| at + REFUSED_AGAIN),
        };
        let (pk, user) = (self.log.store.key.pk(), self.link.opening.user_key());
        self.attempt
            .next_due(&self.link.claim, pk, &user, &open, now)
    }

    /// Removes the changes that stand in the activity, unless a write that is in doubt may yet undo
    /// them, or one that was told before is still to come. One that stays is removed by the next
    /// holder, or by the scheduled function.
    async fn clear(&self) {
        let claim = &self.link.claim;
        if claim.recheck_at.is_some() || claim.fold_at.is_some() {
            return;
        }
        let stand = (self.changes.iter()).take_while(|change| self.link.has(&change.id));
        let removals: Vec<_> = stand.map(|change| self.log.store.remove(change)).collect();
        let failed = stream::iter(removals)
            .buffer_unordered(AT_ONCE)
            .filter(|removed| std::future::ready(removed.is_err()))
            .count()
            .await;
        if failed > 0 {
            tracing::warn!(
                error.kind = "store",
                failed,
                "changes of a call stay for the next look"
            );
        }
    }
}
