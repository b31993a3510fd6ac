//! Opening a digest, and taking its lease.

use daybook_core::digest::{Mark, Window};
use daybook_store::digest::DigestStore;
use daybook_store::items::{Head, Lease, Opening, Trace};
use daybook_store::{StoreError, Write};

use super::attempt::Attempt;
use crate::app::Random;

/// A digest that is not in the table yet. The log of another server that its opening names is its
/// own from now on, unless it is another digest's.
pub(crate) async fn new_head(
    store: &DigestStore<'_>,
    random: &Random,
    window: Window,
    opening: &Opening,
) -> Result<Head, StoreError> {
    let mut head = Head::new(window, opening.clone(), Mark::from_bits(random()));
    if let Some(log) = &opening.existing_log
        && store
            .adopt(&opening.platform, &opening.tenant, log, &window)
            .await?
    {
        head.parts[0].log_id = Some(log.clone());
    }
    Ok(head)
}

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
        opening: Option<&Opening>,
        head: Option<Head>,
    ) -> Result<Taken, StoreError> {
        let limits = self.engine.limits;
        let now = self.engine.millis();
        let seen = head.as_ref().map(|head| head.rev);
        let mut next = match (head, opening) {
            (Some(head), _) => head,
            (None, Some(opening)) => {
                new_head(&self.store, self.engine.random, window, opening).await?
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
