//! Why the holder of a lease stopped, and what its release says about it.

use std::time::Duration;

use chrono::TimeDelta;
use daybook_adapters::{AdapterError, Applied, Cause, Entity};
use daybook_store::StoreError;
use daybook_store::items::{Claim, Reason};

use super::Attempt;

/// By how much dates are spread at the most, in milliseconds.
const MOST_SPREAD: i64 = 60_000;

/// Whom a failure of one log holds back besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HoldsBack {
    /// Everybody of the company: the CRM asks to slow down.
    Company,
    /// The user: the CRM is not reached, or asks to be left alone.
    User,
    /// The user, where another log fails too: it may be this one alone.
    UserIfAnother,
}

/// Why the holder of a lease stops before it has delivered.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The table failed. The lease runs out by itself.
    Store(StoreError),
    /// Somebody else holds the lease now.
    Superseded,
    /// A create was not answered, and its activity is not to be found yet.
    UnknownCreate {
        /// How long the CRM asks to wait.
        retry_after: Option<Duration>,
    },
    /// A create of an earlier lease is still in doubt.
    StillInDoubt,
    /// The last part is full, and an update of it is still in doubt.
    PartInDoubt {
        /// Until when.
        until: i64,
    },
    /// An update was not answered.
    UnknownUpdate {
        /// How it failed.
        cause: Cause,
        /// How long the CRM asks to wait.
        retry_after: Option<Duration>,
    },
    /// The CRM refused, or failed without having written.
    Failed(AdapterError),
    /// A refusal has been narrowed down as far as one request may.
    Narrowing,
    /// The CRM keeps less of a note than the least that can be written.
    Cut,
    /// The activity is too young to be missed.
    LogHidden,
    /// Too little time is left to write safely.
    OutOfTime,
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Stop {
    /// Whether the CRM removed a second activity. One that does not let us tidy up must not hold up
    /// what is to be delivered.
    pub(crate) fn is_removed(removed: Result<(), AdapterError>) -> Result<bool, Self> {
        match removed {
            Ok(()) => Ok(true),
            Err(
                AdapterError::Forbidden
                | AdapterError::NotFound(_)
                | AdapterError::Invalid { .. }
                | AdapterError::Rejected { .. },
            ) => Ok(false),
            Err(
                error @ (AdapterError::Unauthorized
                | AdapterError::RateLimited { .. }
                | AdapterError::Unavailable { .. }),
            ) => Err(Self::Failed(error)),
        }
    }

    /// Whether the CRM can be called all the same, for another activity.
    pub(crate) fn is_of_one_activity(&self) -> bool {
        match self {
            Self::StillInDoubt
            | Self::PartInDoubt { .. }
            | Self::Narrowing
            | Self::Cut
            | Self::LogHidden => true,
            Self::Failed(error) => match error {
                AdapterError::Forbidden
                | AdapterError::NotFound(_)
                | AdapterError::Invalid { .. }
                | AdapterError::Rejected { .. } => true,
                AdapterError::Unauthorized
                | AdapterError::RateLimited { .. }
                | AdapterError::Unavailable { .. } => false,
            },
            Self::Store(_)
            | Self::Superseded
            | Self::UnknownCreate { .. }
            | Self::UnknownUpdate { .. }
            | Self::OutOfTime => false,
        }
    }

    /// Whether the CRM is there and takes calls, whatever it said.
    pub(crate) fn is_answered(&self) -> bool {
        self.is_of_one_activity() || matches!(self, Self::Failed(AdapterError::Unauthorized))
    }

    /// Whether the lease is lost, or the table that it stands in.
    pub(crate) fn is_of_the_lease(&self) -> bool {
        match self {
            Self::Store(_) | Self::Superseded => true,
            Self::UnknownCreate { .. }
            | Self::StillInDoubt
            | Self::PartInDoubt { .. }
            | Self::UnknownUpdate { .. }
            | Self::Failed(_)
            | Self::Narrowing
            | Self::Cut
            | Self::LogHidden
            | Self::OutOfTime => false,
        }
    }

    /// A failed write to an activity that exists.
    pub(crate) fn of_update(error: AdapterError) -> Self {
        if let AdapterError::Unavailable {
            applied: Applied::Unknown,
            cause,
            retry_after,
        } = error
        {
            return Self::UnknownUpdate { cause, retry_after };
        }
        Self::Failed(error)
    }
}

impl Attempt<'_> {
    /// Writes into `claim` why it was stopped and when to try again. Says whom that holds back.
    pub(super) fn note(&self, claim: &mut Claim, stop: &Stop) -> Option<HoldsBack> {
        let now = self.engine.millis();
        let limits = self.engine.limits;
        let again = now + limits.look_again.num_milliseconds();
        match stop {
            Stop::Store(_) | Stop::Superseded => None,
            Stop::UnknownCreate { retry_after } => {
                claim.doubt_until = claim.doubt_until.max(Some(now + self.quarantine()));
                let asked = retry_after.map_or(0, millis);
                wait(claim, Reason::InDoubt, Some(again.max(now + asked)));
                retry_after.map(|_| HoldsBack::User)
            }
            Stop::PartInDoubt { until } => wait(claim, Reason::InDoubt, Some(until + 1)),
            Stop::StillInDoubt => wait(claim, Reason::InDoubt, Some(again)),
            Stop::UnknownUpdate { cause, retry_after } => {
                claim.recheck_at = claim.recheck_at.max(Some(now + self.quarantine()));
                match cause {
                    // The CRM is there: a repeat reads what has become of it.
                    Cause::Cut | Cause::Unreadable | Cause::TooLarge | Cause::NotConnected => {
                        wait(claim, Reason::InDoubt, None)
                    }
                    Cause::TimedOut | Cause::OutOfTime | Cause::Status(_) => {
                        let at = self.back_off(claim, *retry_after);
                        wait(claim, Reason::InDoubt, Some(at));
                        Some(of_user(*retry_after))
                    }
                }
            }
            Stop::Failed(error) => {
                let gate = self.note_failure(claim, error);
                if claim.doubt_until.is_some() || claim.recheck_at.is_some() {
                    claim.reason = claim.reason.map(still_in_doubt);
                }
                gate
            }
            Stop::Narrowing => wait(claim, Reason::Refused, None),
            Stop::Cut => {
                let at = self.back_off(claim, None);
                wait(claim, Reason::Rejected, Some(at))
            }
            // It may be the log that an earlier update was meant for.
            Stop::LogHidden if claim.recheck_at.is_some() => {
                wait(claim, Reason::InDoubt, Some(again))
            }
            Stop::LogHidden => wait(claim, Reason::LogHidden, Some(again)),
            Stop::OutOfTime => wait(claim, Reason::Busy, None),
        }
    }

    fn note_failure(&self, claim: &mut Claim, error: &AdapterError) -> Option<HoldsBack> {
        match error {
            AdapterError::Unauthorized | AdapterError::Forbidden => {
                claim.bad_auth = Some(self.auth_hash());
                let is_forbidden = *error == AdapterError::Forbidden;
                let reason = match is_forbidden {
                    true => Reason::Forbidden,
                    false => Reason::Unauthorized,
                };
                wait(claim, reason, None)
            }
            AdapterError::RateLimited { retry_after } => {
                let at = self.back_off(claim, *retry_after);
                wait(claim, Reason::RateLimited, Some(at));
                Some(HoldsBack::Company)
            }
            AdapterError::Unavailable {
                cause: Cause::OutOfTime,
                ..
            } => wait(claim, Reason::Busy, None),
            AdapterError::Unavailable {
                cause, retry_after, ..
            } => {
                let at = self.back_off(claim, *retry_after);
                wait(claim, Reason::Unavailable, Some(at));
                match cause {
                    // The CRM is there, and this activity alone cannot be read.
                    Cause::TooLarge | Cause::Unreadable => None,
                    Cause::NotConnected => Some(HoldsBack::User),
                    Cause::TimedOut | Cause::Cut | Cause::Status(_) | Cause::OutOfTime => {
                        Some(of_user(*retry_after))
                    }
                }
            }
            AdapterError::NotFound(Entity::Contact) => wait(claim, Reason::ContactGone, None),
            AdapterError::NotFound(Entity::Log) => {
                let again = self.engine.millis() + self.engine.limits.look_again.num_milliseconds();
                wait(claim, Reason::LogHidden, Some(again))
            }
            AdapterError::Invalid { .. } | AdapterError::Rejected { .. } => {
                let at = self.back_off(claim, None);
                wait(claim, Reason::Rejected, Some(at))
            }
        }
    }

    /// When to try again after one more failure: as the CRM asks, or later every time, spread so
    /// that logs do not come back together. What it asks for may be hours: a minute is spread enough.
    fn back_off(&self, claim: &mut Claim, asked: Option<Duration>) -> i64 {
        let backoff = &self.engine.limits.backoff;
        let step = usize::try_from(claim.attempts).unwrap_or(usize::MAX);
        claim.attempts = claim.attempts.saturating_add(1);
        let own = backoff[step.min(backoff.len() - 1)];
        let wait = asked.map_or(own.num_milliseconds(), millis);
        self.engine.millis() + wait + spread(wait, (self.engine.random)())
    }
}

/// Why messages wait of which an earlier write was not answered: whatever else fails now, they may
/// stand in the CRM. What somebody has to do about it comes first.
fn still_in_doubt(reason: Reason) -> Reason {
    match reason {
        Reason::Busy
        | Reason::InDoubt
        | Reason::LogHidden
        | Reason::Unavailable
        | Reason::RateLimited
        | Reason::Rejected => Reason::InDoubt,
        Reason::Unauthorized | Reason::Forbidden | Reason::ContactGone | Reason::Refused => reason,
    }
}

/// Whom a CRM holds back that fails, and says for how long where it does.
fn of_user(asked: Option<Duration>) -> HoldsBack {
    match asked {
        Some(_) => HoldsBack::User,
        None => HoldsBack::UserIfAnother,
    }
}

/// By how much a wait is lengthened by `chance`: a tenth of it at the most.
fn spread(wait: i64, chance: u64) -> i64 {
    let share = i64::try_from(chance % 1_024).unwrap_or(0);
    (wait * share / 10_240).min(MOST_SPREAD)
}

/// What a CRM asks for, in milliseconds: a day at the most.
pub(crate) fn millis(asked: Duration) -> i64 {
    TimeDelta::from_std(asked)
        .unwrap_or(TimeDelta::MAX)
        .min(TimeDelta::days(1))
        .num_milliseconds()
}

fn wait(claim: &mut Claim, reason: Reason, until: Option<i64>) -> Option<HoldsBack> {
    claim.reason = Some(reason);
    claim.retry_at = until;
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_spread_by_a_tenth_and_a_minute_at_the_most() {
        assert_eq!(spread(60_000, 0), 0);
        assert_eq!(spread(60_000, 1_023), 5_994);
        assert_eq!(spread(86_400_000, 1_023), 60_000);
    }
}
