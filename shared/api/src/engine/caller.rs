//! On whose behalf messages are delivered, and with which credentials.

use std::fmt;

use async_trait::async_trait;
use daybook_core::ids::TenantId;
use daybook_core::params::AuthHeader;
use daybook_core::time::{Deadline, Zone};
use daybook_core::user::{User, UserKey};
use daybook_store::StoreError;
use daybook_store::items::{Claim, Due, Reason};

use super::Engine;

/// Who a request is from.
#[derive(Clone)]
pub struct Caller<'a> {
    /// The CRM's company.
    pub tenant: TenantId,
    /// The user.
    pub user: &'a User,
    /// Where the user's day begins and ends.
    pub zone: Zone,
    /// What the CRM is called with.
    pub credentials: Credentials<'a>,
}

impl fmt::Debug for Caller<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").finish_non_exhaustive()
    }
}

/// What the CRM is called with for a request.
#[derive(Debug, Clone, Copy)]
pub enum Credentials<'a> {
    /// The request brought them. What the CRM does not take waits for the next request.
    Brought(&'a AuthHeader),
    /// We hold them. What the CRM does not take is kept, and delivered without another request.
    Held(&'a AuthHeader),
    /// We hold some, and the CRM cannot be asked for an access token now. Messages are kept.
    Later {
        /// When to ask again, in milliseconds since 1970.
        retry_at: i64,
    },
    /// The CRM has refused those that we hold for good. Messages are kept until the user signs in
    /// again.
    Dead,
}

impl<'a> Credentials<'a> {
    /// The value of the `Authorization` header; else why there is none, and before when a repeat
    /// does not help.
    pub(crate) fn auth(self) -> Result<&'a AuthHeader, (Reason, Option<i64>)> {
        match self {
            Self::Brought(auth) | Self::Held(auth) => Ok(auth),
            Self::Later { retry_at } => Err((Reason::Unavailable, Some(retry_at))),
            Self::Dead => Err((Reason::Unauthorized, None)),
        }
    }

    /// Whether what is not delivered is told to be kept.
    pub(crate) fn keep(self) -> bool {
        match self {
            Self::Held(_) | Self::Later { .. } | Self::Dead => true,
            Self::Brought(_) => false,
        }
    }
}

impl Credentials<'_> {
    /// For how long what is accepted with them is kept until it is delivered, in days.
    pub(crate) fn kept_days(self) -> i64 {
        match self.keep() {
            true => Claim::KEPT_DAYS_WAITING,
            false => Claim::KEPT_DAYS_WITHOUT_CREDENTIALS,
        }
    }
}

impl Engine<'_> {
    /// When the scheduled function looks whether what is accepted now was delivered: at a time,
    /// where it has credentials then, else after a sign-in.
    pub(crate) fn guard(&self, credentials: Credentials<'_>, pk: &str, user: &UserKey) -> Due {
        let now = self.millis();
        match credentials {
            Credentials::Held(_) | Credentials::Later { .. } => {
                Due::new(pk, now + self.limits.guard.num_milliseconds())
            }
            Credentials::Brought(_) | Credentials::Dead => Due::parked(pk, user, now),
        }
    }
}

/// Whether nothing leads the scheduled function to what was accepted before and has the guard
/// `seen`: neither that nor the `date` of its log. `due` is the guard that it would have now, and
/// `is_kept_long` whether it stays as long as what we promise to deliver.
pub(crate) fn is_unguarded(
    seen: Option<&Due>,
    is_kept_long: bool,
    date: Option<&Due>,
    due: &Due,
) -> bool {
    let is_dated = date.is_some_and(|date| !date.is_parked() || due.is_parked());
    match seen {
        None => !is_dated,
        Some(seen) if seen.is_parked() => !(due.is_parked() && is_kept_long),
        Some(_) => false,
    }
}

/// The credentials of a user that we hold, to deliver when no request brings any.
#[derive(Debug)]
pub struct Held {
    /// The value of the `Authorization` header.
    pub auth: AuthHeader,
    /// The user.
    pub user: User,
}

/// What we hold of a user's credentials.
#[derive(Debug)]
pub enum Holding {
    /// Credentials to call the CRM with.
    Ready(Held),
    /// There are some, and the CRM cannot be asked for an access token now.
    Later {
        /// When to ask again, in milliseconds since 1970.
        retry_at: i64,
    },
    /// None: the user signed out or never in, or the CRM has refused them for good.
    None,
}

/// Where credentials are held.
#[async_trait]
pub trait HeldCredentials: Send + Sync + fmt::Debug {
    /// The credentials of a user.
    ///
    /// # Errors
    /// [`StoreError`], where the table failed.
    async fn of(&self, key: &UserKey, deadline: Deadline) -> Result<Holding, StoreError>;

    /// Those to try in place of `refused`, which the CRM has just refused.
    ///
    /// # Errors
    /// [`StoreError`], where the table failed.
    async fn renewed(
        &self,
        key: &UserKey,
        refused: &AuthHeader,
        deadline: Deadline,
    ) -> Result<Holding, StoreError>;
}
