//! How a lease ends: settled or released, with the date of what is left to do.

use daybook_store::items::{Due, Head, Reason};
use daybook_store::{StoreError, Write};
use futures_util::{StreamExt, stream};

use super::AT_ONCE;
use super::failure::Stop;
use super::holder::Holder;

/// How long after it may be tried again the scheduled function tries a text that the CRM refuses,
/// in milliseconds: somebody may have made the CRM accept it.
const REFUSED_AGAIN: i64 = 86_400_000;

/// What a lease came to.
pub(super) struct Written {
    /// The head as it stands.
    pub(super) head: Head,
    /// Why not all of it was delivered.
    pub(super) reason: Option<Reason>,
    /// A deleted activity was replaced.
    pub(super) made_anew: bool,
    /// The CRM is there and takes calls, whatever it said.
    pub(super) is_answered: bool,
}

impl Holder<'_, '_> {
    pub(super) async fn settle(mut self) -> Result<Written, StoreError> {
        let now = self.now();
        let waits = self.waits();
        let close_at = self.closing_check(now);
        let head = &mut self.head;
        head.lease = None;
        head.settled_by = Some(self.owner.clone());
        head.rev += 1;
        head.attempts = 0;
        head.retry_at = None;
        head.reason = None;
        head.bad_auth = None;
        head.batch = head
            .batch
            .filter(|_| waits)
            .map(|batch| batch.saturating_mul(2));
        if head.recheck_at.is_some_and(|at| head.is_read_since(at)) {
            head.recheck_at = None;
        }
        head.refused.retain(|refused| refused.retry_at > now);
        head.close_at = close_at;
        self.head.due = self.next_due(waits, now);
        match self.attempt.store.settle(&self.head, &self.owner).await? {
            Write::Done => self.clear().await,
            Write::Lost(Some(other)) => self.head = other,
            Write::Lost(None) => {}
        }
        Ok(Written {
            reason: (waits && !self.head.refused.is_empty()).then_some(Reason::Refused),
            head: self.head,
            made_anew: self.made_anew,
            is_answered: true,
        })
    }

    /// Ends the lease because of `stop`, where `also` went wrong beside it.
    pub(super) async fn release(
        mut self,
        stop: Stop,
        also: Option<Stop>,
    ) -> Result<Written, StoreError> {
        let now = self.now();
        self.head.lease = None;
        self.head.rev += 1;
        let mut gates = Vec::new();
        for stop in also.iter().chain([&stop]) {
            let gate = self.attempt.note(&mut self.head, stop);
            gates.extend(gate.zip(self.head.retry_at));
        }
        self.head.due = self.next_due(true, now);
        if let Stop::Failed(error) = &stop {
            let digest = self.attempt.store.key.short_hash();
            tracing::warn!(digest, error.kind = error.kind(), error.detail = %error, "a digest waits");
        }
        let is_answered = stop.is_answered();
        let written = match stop {
            Stop::Superseded => Write::Lost(self.attempt.store.head(&self.head.window).await?),
            // The lease runs out by itself.
            Stop::Store(error) => return Err(error),
            Stop::UnknownCreate { .. }
            | Stop::StillInDoubt
            | Stop::PartInDoubt { .. }
            | Stop::UnknownUpdate { .. }
            | Stop::Failed(_)
            | Stop::Narrowing
            | Stop::Cut
            | Stop::LogHidden
            | Stop::OutOfTime => self.attempt.store.release(&self.head, &self.owner).await?,
        };
        for (holds_back, until) in gates {
            let window = &self.head.window;
            self.attempt.close_gate(holds_back, until, window).await?;
        }
        let mut reason = self.head.reason;
        if let Write::Lost(other) = written {
            reason = Some(Reason::Busy);
            self.head = other.unwrap_or(self.head);
        }
        Ok(Written {
            head: self.head,
            reason,
            made_anew: false,
            is_answered,
        })
    }

    /// Whether messages wait that are not refused.
    pub(super) fn waits(&self) -> bool {
        !self.waiting().is_empty()
    }

    /// When the finished digest is read for the last time: between one and four hours after its
    /// window, where we hold credentials for it.
    fn closing_check(&self, now: i64) -> Option<i64> {
        const HOUR: i64 = 3_600_000;
        if !self.is_dated() || self.head.parts.iter().all(|part| part.log_id.is_none()) {
            return None;
        }
        let end = self.head.window.end(self.head.opening.context.zone)?;
        let hash = daybook_store::keys::hash_number(self.attempt.store.key.pk());
        let spread = i64::try_from(hash % 10_800_000).unwrap_or(0);
        let at = end.timestamp_millis() + HOUR + spread;
        // What joins a window that is long over was read just now.
        (at > now).then_some(at)
    }

    /// Whether the scheduled function looks at this digest: we hold the credentials that this
    /// lease was taken with, or those that gave the digest the date it has.
    fn is_dated(&self) -> bool {
        let due = self.head.due.as_ref();
        self.attempt.keeps || due.is_some_and(|due| !due.is_parked())
    }

    /// When the scheduled function is to look at this digest, which needs our own credentials.
    fn next_due(&self, waits: bool, now: i64) -> Option<Due> {
        let head = &self.head;
        if !self.is_dated() {
            // What waits for a sign-in goes on waiting.
            let is_left = waits
                || !head.refused.is_empty()
                || head.recheck_at.is_some()
                || head.fold_at.is_some();
            return head.due.clone().filter(|_| is_left);
        }
        let concerns_user = matches!(
            head.reason,
            Some(Reason::Unauthorized | Reason::Forbidden | Reason::ContactGone)
        );
        // What the CRM refused to a caller's own credentials, ours may do.
        if waits && concerns_user && self.attempt.keeps {
            let is_left = self.waits()
                || !head.refused.is_empty()
                || head.recheck_at.is_some()
                || head.fold_at.is_some();
            if !is_left {
                return None;
            }
            let pk = self.attempt.store.key.pk();
            let own = self.date_besides(now).map(|at| Due::new(pk, at));
            return own.or_else(|| Some(Due::parked(pk, &head.opening.user_key(), now)));
        }
        let retry = waits.then(|| head.retry_at.unwrap_or(now));
        let refused = head.refused.iter().map(|refused| refused.retry_at).min();
        let at = [
            retry,
            refused.map(|at| at + REFUSED_AGAIN),
            head.doubt_until.filter(|_| waits),
            head.recheck_at,
            head.fold_at,
            head.close_at,
        ];
        let at = at.into_iter().flatten().min()?;
        let pk = self.attempt.store.key.pk();
        Some(match self.waits() || refused.is_some() {
            true => Due::new(pk, at),
            false => Due::check(pk, at),
        })
    }

    /// When the activities that are there are looked after, although the texts that wait concern
    /// the user. Credentials that are refused look after nothing.
    fn date_besides(&self, now: i64) -> Option<i64> {
        let dates = [self.head.recheck_at, self.head.fold_at];
        let ahead = dates.into_iter().flatten().filter(|at| *at > now);
        ahead
            .min()
            .filter(|_| self.head.reason != Some(Reason::Unauthorized))
    }

    /// Removes the guards of what is delivered, and has the texts forgotten in time. A guard that stays is looked at by the scheduled
    /// function.
    async fn clear(&self) {
        let kept = self.head.texts_until(self.attempt.engine.clock.now());
        let mut clears = Vec::new();
        for message in &self.messages {
            let is_cleared = message.due.is_none() && message.expires_at <= kept;
            if !is_cleared && self.attempt.engine.stands(&self.head, &message.entry) {
                clears.push(self.attempt.store.clear(&message.entry.id, kept));
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
