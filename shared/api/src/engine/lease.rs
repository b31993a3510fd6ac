//! Taking the lease of a log.

use daybook_store::items::{Claim, Claimed, Lease, Trace};
use daybook_store::{StoreError, Write};

use super::{Attempt, Log};

pub(super) enum Taken<T> {
    Lease(T, String),
    Lost(Option<T>),
}

impl Attempt<'_> {
    /// Takes the lease, and with the same write leaves the trace and turns the trace of a lease
    /// that has run out into doubt.
    pub(super) async fn take<L: Log>(
        &self,
        log: &L,
        item: Option<L::Item>,
    ) -> Result<Taken<L::Item>, StoreError> {
        let now = self.engine.millis();
        let seen = item.as_ref().map(|item| item.claim().rev);
        let mut next = match item {
            Some(item) => item,
            None => match log.begin().await? {
                Some(item) => item,
                None => return Ok(Taken::Lost(None)),
            },
        };
        let is_unmade = next.is_unmade();
        let owner = format!("{:016x}", (self.engine.random)());
        self.lease(next.claim_mut(), is_unmade, &owner, now);
        let claims = log.claims();
        let margin = self.engine.limits.clock_margin.num_milliseconds();
        let written = match seen {
            Some(seen) => claims.take(&next, seen, now, margin).await?,
            None => claims.open(&next).await?,
        };
        Ok(match written {
            Write::Done => Taken::Lease(next, owner),
            Write::Lost(other) => Taken::Lost(other),
        })
    }

    fn lease(&self, claim: &mut Claim, is_unmade: bool, owner: &str, now: i64) {
        let limits = self.engine.limits;
        if let Some(lost) = claim.lease.take() {
            let over = lost.until + self.quarantine();
            match lost.trace {
                Some(Trace::Create) => claim.doubt_until = claim.doubt_until.max(Some(over)),
                Some(Trace::Update) => claim.recheck_at = claim.recheck_at.max(Some(over)),
                Some(Trace::Look) | None => {}
            }
        }
        let trace = match claim.doubt_until {
            Some(until) if is_unmade && until > now => Trace::Look,
            Some(_) if is_unmade => {
                claim.fold_at = Some(now + limits.fold_after.num_milliseconds());
                Trace::Create
            }
            None if is_unmade => Trace::Create,
            Some(_) | None => Trace::Update,
        };
        claim.lease = Some(Lease {
            owner: owner.to_owned(),
            until: now + limits.lease.num_milliseconds(),
            trace: Some(trace),
        });
        claim.bad_auth = None;
        claim.rev += 1;
        claim.epoch += 1;
        claim.expires_at = now / 1_000 + Claim::KEPT_DAYS * 86_400;
    }

    /// How long a write stays in doubt, in milliseconds.
    pub(crate) fn quarantine(&self) -> i64 {
        let profile = self.engine.adapter.profile();
        let quarantine = self
            .engine
            .limits
            .quarantine
            .unwrap_or(profile.quarantine());
        quarantine.num_milliseconds()
    }
}
