//! How a lease ends without a settle, and what its holder may still do.

use daybook_core::user::UserKey;
use daybook_store::claims::Claims;
use daybook_store::items::{Claim, Claimed, Due, Reason, Trace};
use daybook_store::{StoreError, Write};

use super::Attempt;
use super::failure::{HoldsBack, Stop};

/// What a lease came to.
pub(crate) struct Written<T> {
    /// The item as it stands.
    pub(crate) item: T,
    /// Why not all of it was delivered.
    pub(crate) reason: Option<Reason>,
    /// A deleted activity was replaced.
    pub(crate) made_anew: bool,
    /// The CRM is there and takes calls, whatever it said.
    pub(crate) is_answered: bool,
}

/// Whom a release holds back, each until when.
pub(crate) type Gates = Vec<(HoldsBack, i64)>;

impl Attempt<'_> {
    /// Ends the lease in `claim` because of `stop`, where `also` went wrong beside it. The date is
    /// for the caller to say.
    pub(crate) fn stopped(&self, claim: &mut Claim, stop: &Stop, also: Option<&Stop>) -> Gates {
        claim.lease = None;
        claim.rev += 1;
        let mut gates = Vec::new();
        for stop in also.into_iter().chain([stop]) {
            let gate = self.note(claim, stop);
            gates.extend(gate.zip(claim.retry_at));
        }
        gates
    }

    /// Writes an item that was [`stopped`](Self::stopped), and closes the gates.
    pub(crate) async fn release<T: Claimed>(
        &self,
        (claims, name): (&Claims<'_>, &str),
        mut item: T,
        owner: &str,
        stop: Stop,
        gates: Gates,
    ) -> Result<Written<T>, StoreError> {
        if let Stop::Failed(error) = &stop {
            tracing::warn!(log = name, error.kind = error.kind(), error.detail = %error, "a log waits");
        }
        let is_answered = stop.is_answered();
        let written = match stop {
            Stop::Superseded => Write::Lost(claims.read(item.sk()).await?),
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
            | Stop::OutOfTime => claims.release(&item, owner).await?,
        };
        for (holds_back, until) in gates {
            self.close_gate(holds_back, until, name).await?;
        }
        let mut reason = item.claim().reason;
        if let Write::Lost(other) = written {
            reason = Some(Reason::Busy);
            item = other.unwrap_or(item);
        }
        Ok(Written {
            item,
            reason,
            made_anew: false,
            is_answered,
        })
    }

    /// Writes the trace of a write that the lease did not name, before the write.
    pub(crate) async fn trace<T: Claimed>(
        &self,
        claims: &Claims<'_>,
        item: &mut T,
        owner: &str,
        trace: Trace,
    ) -> Result<(), Stop> {
        let claim = item.claim_mut();
        if let Some(lease) = &mut claim.lease {
            lease.trace = Some(trace);
        }
        claim.rev += 1;
        match claims.trace(item, owner).await? {
            Write::Done => Ok(()),
            Write::Lost(_) => Err(Stop::Superseded),
        }
    }

    /// No write begins that could outlast the lease.
    pub(crate) fn check_time(&self, claim: &Claim) -> Result<(), Stop> {
        let limits = self.engine.limits;
        let needed = (limits.write + limits.clock_margin).num_milliseconds();
        let until = claim.lease.as_ref().map_or(0, |lease| lease.until);
        match until - self.engine.millis() >= needed {
            true => Ok(()),
            false => Err(Stop::OutOfTime),
        }
    }

    /// Whether the scheduled function looks at a log: we hold the credentials that its lease was
    /// taken with, or those that gave it the date it has.
    pub(crate) fn is_dated(&self, claim: &Claim) -> bool {
        let due = claim.due.as_ref();
        self.keeps || due.is_some_and(|due| !due.is_parked())
    }

    /// When the scheduled function is to look at a log of the partition `pk`, which needs our own
    /// credentials of `user`.
    pub(crate) fn next_due(
        &self,
        claim: &Claim,
        pk: &str,
        user: &UserKey,
        open: &Open,
        now: i64,
    ) -> Option<Due> {
        let is_doubted = claim.recheck_at.is_some() || claim.fold_at.is_some();
        if !self.is_dated(claim) {
            // What waits for a sign-in goes on waiting.
            let is_left = open.tries || open.waits || is_doubted;
            return claim.due.clone().filter(|_| is_left);
        }
        // What the CRM refused to a caller's own credentials, ours may do.
        if open.tries && concerns_user(claim) && self.keeps {
            let parked = || Due::parked(pk, user, now);
            let own = date_besides(claim, now).map(|at| Due::new(pk, at));
            return (open.waits || is_doubted).then(|| own.unwrap_or_else(parked));
        }
        let at = [
            open.tries.then(|| claim.retry_at.unwrap_or(now)),
            claim.doubt_until.filter(|_| open.tries),
            claim.recheck_at,
            claim.fold_at,
            open.also,
        ];
        let at = at.into_iter().flatten().min()?;
        Some(match open.waits {
            true => Due::new(pk, at),
            false => Due::check(pk, at),
        })
    }
}

/// What is left to do for a log when its lease ends.
pub(crate) struct Open {
    /// Whether it is tried again: something waits, or the lease ended without a settle.
    pub(crate) tries: bool,
    /// Whether something waits that was accepted.
    pub(crate) waits: bool,
    /// When else it is looked at.
    pub(crate) also: Option<i64>,
}

/// Settles a claim: nothing failed.
pub(crate) fn settled(claim: &mut Claim, owner: &str) {
    claim.lease = None;
    claim.settled_by = Some(owner.to_owned());
    claim.rev += 1;
    claim.attempts = 0;
    claim.retry_at = None;
    claim.reason = None;
    claim.bad_auth = None;
}

/// Whether the lease in `claim` names a write.
pub(crate) fn traced(claim: &Claim, trace: Trace) -> bool {
    let lease = claim.lease.as_ref();
    lease.is_some_and(|lease| lease.trace == Some(trace))
}

/// When the activities that are there are looked after, although what waits concerns the user.
/// Credentials that are refused look after nothing.
fn date_besides(claim: &Claim, now: i64) -> Option<i64> {
    let dates = [claim.recheck_at, claim.fold_at];
    let ahead = dates.into_iter().flatten().filter(|at| *at > now);
    ahead
        .min()
        .filter(|_| claim.reason != Some(Reason::Unauthorized))
}

/// Whether what waits waits for the user: to sign in again, or for a right.
fn concerns_user(claim: &Claim) -> bool {
    matches!(
        claim.reason,
        Some(Reason::Unauthorized | Reason::Forbidden | Reason::ContactGone)
    )
}
