//! Taking a digest's lease.

use daybook_core::digest::{Mark, Window};
use daybook_core::ids::LogId;
use daybook_store::items::{Head, Lease, Opening, StoredMessage, Trace};
use daybook_store::{StoreError, Write};

use super::attempt::Attempt;

pub(super) enum Taken {
    Lease(Head, String),
    Lost(Option<Head>),
}

impl Attempt<'_> {
    /// Takes the lease, and with the same write leaves the trace and turns the trace of a lease
    /// that has run out into doubt.
    pub(super) async fn take(
        &self,
        window: Window,
        opening: Option<&StoredMessage>,
        head: Option<Head>,
    ) -> Result<Taken, StoreError> {
        let limits = self.engine.limits;
        let now = self.engine.millis();
        let seen = head.as_ref().map(|head| head.rev);
        let mut next = match (head, opening) {
            (Some(head), _) => head,
            (None, Some(message)) => {
                let mark = Mark::from_bits((self.engine.random)());
                let mut head = Head::new(window, message.opening.clone(), mark);
                head.parts[0].log_id = self.adopted(&window, &head.opening).await?;
                head
            }
            (None, None) => return Ok(Taken::Lost(None)),
        };
        if let Some(lost) = next.lease.take() {
            let over = lost.until + self.quarantine();
            match lost.trace {
                Some(Trace::Create) => next.doubt_until = next.doubt_until.max(Some(over)),
                Some(Trace::Update) => next.recheck_at = next.recheck_at.max(Some(over)),
                Some(Trace::Look) | None => {}
            }
        }
        let unmade = next.parts.last().is_none_or(|part| part.log_id.is_none());
        let trace = match next.doubt_until {
            Some(until) if unmade && until > now => Trace::Look,
            Some(_) if unmade => {
                next.fold_at = Some(now + limits.fold_after.num_milliseconds());
                Trace::Create
            }
            None if unmade => Trace::Create,
            Some(_) | None => Trace::Update,
        };
        let owner = format!("{:016x}", (self.engine.random)());
        next.lease = Some(Lease {
            owner: owner.clone(),
            until: now + limits.lease.num_milliseconds(),
            trace: Some(trace),
        });
        next.bad_auth = None;
        next.rev += 1;
        next.epoch += 1;
        next.expires_at = now / 1_000 + Head::KEPT_DAYS * 86_400;
        let margin = limits.clock_margin.num_milliseconds();
        let written = match seen {
            Some(seen) => self.store.take(&next, seen, now, margin).await?,
            None => self.store.open(&next).await?,
        };
        Ok(match written {
            Write::Done => Taken::Lease(next, owner),
            Write::Lost(other) => Taken::Lost(other),
        })
    }

    /// The log to take over, unless other digests own it.
    async fn adopted(
        &self,
        window: &Window,
        opening: &Opening,
    ) -> Result<Option<LogId>, StoreError> {
        let Some(log) = &self.adopt else {
            return Ok(None);
        };
        let profile = self.engine.adapter.profile();
        let tenant = &opening.tenant;
        let is_ours = self.store.adopt(profile.id, tenant, log, window).await?;
        Ok(is_ours.then(|| log.clone()))
    }

    /// How long a write stays in doubt, in milliseconds.
    pub(super) fn quarantine(&self) -> i64 {
        let profile = self.engine.adapter.profile();
        let quarantine = self
            .engine
            .limits
            .quarantine
            .unwrap_or(profile.quarantine());
        quarantine.num_milliseconds()
    }
}
