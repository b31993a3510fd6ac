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
    /// window, or after a day without a text where that has no end. Only where we hold credentials
    /// for it.
    fn closing_check(&self, now: i64) -> Option<i64> {
        if !self.attempt.is_dated(&self.head.claim)
            || self.head.parts.iter().all(|part| part.log_id.is_none())
        {
            return None;
        }
        let end = self.head.window.end(self.head.opening.context.zone);
        let hash = daybook_store::keys::hash_number(self.log.store.key.pk());
        let spread = i64::try_from(hash % 10_800_000).unwrap_or(0);
        let end = end.map(|end| end.timestamp_millis());
        closed_at(end, self.head.close_at, now, spread)
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

const HOUR: i64 = 3_600_000;

/// When a digest whose window ends at `end` is read for the last time, where that was to be at
/// `before`. What is read just now, after that time, is read no more.
fn closed_at(end: Option<i64>, before: Option<i64>, now: i64, spread: i64) -> Option<i64> {
    match end {
        Some(end) => Some(end + HOUR + spread).filter(|at| *at > now),
        None if before.is_some_and(|at| at <= now) => None,
        None => Some(now + 25 * HOUR + spread),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_for_the_last_time_after_its_end_or_after_a_quiet_day() {
        let day = Some(24 * HOUR);
        assert_eq!(closed_at(day, None, 0, 7), Some(25 * HOUR + 7));
        assert_eq!(closed_at(day, Some(25 * HOUR), 25 * HOUR, 0), None);
        // Each text of a thread puts it off; the look itself does not.
        assert_eq!(closed_at(None, None, 0, 7), Some(25 * HOUR + 7));
        assert_eq!(closed_at(None, Some(25 * HOUR), HOUR, 0), Some(26 * HOUR));
        assert_eq!(closed_at(None, Some(26 * HOUR), 26 * HOUR, 0), None);
    }
}
