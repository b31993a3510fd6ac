//! How a lease ends: settled or released, with the date of what is left to do.

use daybook_store::items::{Due, Head, Reason};
use daybook_store::{StoreError, Write};
use futures_util::{StreamExt, stream};

use super::holder::Holder;
use crate::engine::{AT_ONCE, Log as _, Open, REFUSED_AGAIN, Stop, Written, settled};

impl Holder<'_, '_> {
    pub(super) async fn settle(mut self) -> Result<Written<Head>, StoreError> {
        let now = self.now();
        let waits = self.waits();
        let close_at = self.closing_check(now);
        let head = &mut self.head;
        settled(&mut head.claim, &self.owner);
        head.batch = head
            .batch
            .filter(|_| waits)
            .map(|batch| batch.saturating_mul(2));
        if head
            .claim
            .recheck_at
            .is_some_and(|at| head.is_read_since(at))
        {
            head.claim.recheck_at = None;
        }
        head.refused.retain(|refused| refused.retry_at > now);
        head.close_at = close_at;
        self.head.claim.due = self.next_due(waits, now);
        match self
            .log
            .store
            .claims()
            .settle(&self.head, &self.owner)
            .await?
        {
            Write::Done => self.clear().await,
            Write::Lost(Some(other)) => self.head = other,
            Write::Lost(None) => {}
        }
        Ok(Written {
            reason: (waits && !self.head.refused.is_empty()).then_some(Reason::Refused),
            item: self.head,
            made_anew: self.made_anew,
            is_answered: true,
        })
    }

    /// Ends the lease because of `stop`, where `also` went wrong beside it.
    pub(super) async fn release(
        mut self,
        stop: Stop,
        also: Option<Stop>,
    ) -> Result<Written<Head>, StoreError> {
        let now = self.now();
        let gates = self
            .attempt
            .stopped(&mut self.head.claim, &stop, also.as_ref());
        self.head.claim.due = self.next_due(true, now);
        let (claims, name) = (self.log.store.claims(), self.log.name());
        let place = (&claims, name.as_str());
        self.attempt
            .release(place, self.head, &self.owner, stop, gates)
            .await
    }

    /// Whether messages wait that are not refused.
    pub(super) fn waits(&self) -> bool {
        !self.waiting().is_empty()
    }

    /// When the finished digest is read for the last time: between one and four hours after its
    /// window, where we hold credentials for it.
    fn closing_check(&self, now: i64) -> Option<i64> {
        const HOUR: i64 = 3_600_000;
        if !self.attempt.is_dated(&self.head.claim)
            || self.head.parts.iter().all(|part| part.log_id.is_none())
        {
            return None;
        }
        let end = self.head.window.end(self.head.opening.context.zone)?;
        let hash = daybook_store::keys::hash_number(self.log.store.key.pk());
        let spread = i64::try_from(hash % 10_800_000).unwrap_or(0);
        let at = end.timestamp_millis() + HOUR + spread;
        // What joins a window that is long over was read just now.
        (at > now).then_some(at)
    }

    /// When the scheduled function is to look at this digest.
    fn next_due(&self, tries: bool, now: i64) -> Option<Due> {
        let head = &self.head;
        let refused = head.refused.iter().map(|refused| refused.retry_at).min();
        let also = [refused.map(|at| at + REFUSED_AGAIN), head.close_at];
        let open = Open {
            tries,
            waits: self.waits() || refused.is_some(),
            also: also.into_iter().flatten().min(),
        };
        let (pk, user) = (self.log.store.key.pk(), head.opening.user_key());
        self.attempt.next_due(&head.claim, pk, &user, &open, now)
    }

    /// Removes the guards of what is delivered, and has the texts forgotten in time. A guard that
    /// stays is looked at by the scheduled function.
    async fn clear(&self) {
        let kept = self.head.texts_until(self.attempt.engine.clock.now());
        let mut clears = Vec::new();
        for message in &self.messages {
            let is_cleared = message.due.is_none() && message.expires_at <= kept;
            if !is_cleared && self.attempt.engine.stands(&self.head, &message.entry) {
                clears.push(self.log.store.clear(&message.entry.id, kept));
            }
        }
        let failed = stream::iter(clears)
            .buffer_unordered(AT_ONCE)
            .filter(|cleared| std::future::ready(cleared.is_err()))
            .count()
            .await;
        if failed > 0 {
            tracing::warn!(
                error.kind = "store",
                failed,
                "guards stay for the next look"
            );
        }
    }
}
