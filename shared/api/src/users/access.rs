//! The credentials of a user, fit to be used now.
//!
//! A refresh is made by one worker at a time, by a lease on the user's item; the others wait for
//! what it stores. What the CRM gives is always stored, also by a worker that was stalled past its
//! lease: tokens that rotate are good once, and the ones in the table would be worth nothing.
//!
//! The steps are boxed: put into one another, their futures would outgrow the stack of a thread.

use std::time::Duration;

use daybook_adapters::{AdapterError, AuthKind, CrmAdapter, Grant, OAuth, Outbound, UserInfo};
use daybook_core::params::AuthHeader;
use daybook_core::time::Deadline;
use daybook_core::user::UserKey;
use daybook_store::items::{Refreshing, StoredGrant, StoredUser};
use daybook_store::{StoreError, Write};
use secrecy::{ExposeSecret, SecretString};

use super::Users;
use super::credentials::{Credentials, auth_header};

/// For how long others wait for a worker that refreshes, in milliseconds.
const LEASE_MS: i64 = 15_000;
/// The least time in which a refresh is begun.
const LEAST: Duration = Duration::from_secs(4);
/// The time that is left for storing what a refresh gives.
const FOR_STORING: Duration = Duration::from_secs(2);
/// When a token endpoint that failed is asked again, where it does not say, in milliseconds.
const ASK_AGAIN_MS: i64 = 30_000;
/// The longest that a token endpoint may put us off, in milliseconds.
const MOST_MS: i64 = 3_600_000;
/// The least time for which an access token is used still that could not be refreshed, in
/// milliseconds.
const STILL_GOOD_MS: i64 = 20_000;
/// The first and the longest pause of a worker that waits for another.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(400));

/// What the credentials of a user are good for.
#[derive(Debug)]
pub enum Access {
    /// The value of the `Authorization` header.
    Ready(AuthHeader),
    /// The CRM's token endpoint does not answer; try again then, in milliseconds since 1970.
    Later {
        /// When.
        retry_at: i64,
    },
    /// The CRM has refused them for good.
    Dead,
    /// The user has signed out.
    SignedOut,
}

/// What came of asking the CRM about a user.
#[derive(Debug)]
pub enum Asked {
    /// What it says.
    Info(UserInfo),
    /// It could not be asked, or refuses this question only.
    Failed(AdapterError),
    /// The credentials are dead, or gone.
    Dead,
}

impl Users {
    /// Credentials to call the CRM with, refreshed where they are about to run out.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn access(
        &self,
        adapter: &dyn CrmAdapter,
        user: &StoredUser,
        deadline: Deadline,
    ) -> Result<Access, StoreError> {
        let now = self.millis();
        let Some(grant) = &user.grant else {
            return Ok(Access::SignedOut);
        };
        match adapter.auth() {
            AuthKind::OAuth(oauth) if grant.refresh_at.is_some_and(|at| at <= now) => {
                let refreshed = self.refresh(adapter, oauth, user.clone(), deadline);
                let refreshed = Box::pin(refreshed).await?;
                let is_good = grant.expires_at.is_some_and(|at| at > now + STILL_GOOD_MS);
                match refreshed {
                    Access::Later { .. } if is_good => {
                        self.usable(adapter, &user.key(), grant, deadline).await
                    }
                    Access::Ready(_) | Access::Later { .. } | Access::Dead | Access::SignedOut => {
                        Ok(refreshed)
                    }
                }
            }
            AuthKind::OAuth(_) | AuthKind::ApiKey(_) => {
                self.usable(adapter, &user.key(), grant, deadline).await
            }
        }
    }

    /// Other credentials, after the CRM has answered `refused` with 401: newer ones that are
    /// stored already, else refreshed ones. A key that the CRM does not know any more is dead.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn renewed(
        &self,
        adapter: &dyn CrmAdapter,
        key: &UserKey,
        refused: &AuthHeader,
        deadline: Deadline,
    ) -> Result<Access, StoreError> {
        let Some(user) = self.store(deadline).get(key).await? else {
            return Ok(Access::SignedOut);
        };
        let Some(grant) = &user.grant else {
            return Ok(Access::SignedOut);
        };
        let stored = self.usable(adapter, key, grant, deadline).await?;
        let Access::Ready(auth) = &stored else {
            return Ok(stored);
        };
        if auth.expose_secret() != refused.expose_secret() {
            return Ok(stored);
        }
        match adapter.auth() {
            AuthKind::OAuth(oauth) => Box::pin(self.refresh(adapter, oauth, user, deadline)).await,
            AuthKind::ApiKey(_) => {
                let asked = user.user();
                let ctx = self.ctx(&asked, refused, deadline);
                match adapter.get_user_info(&ctx).await {
                    Err(AdapterError::Unauthorized) => self.bury(adapter, user, deadline).await,
                    Ok(_) | Err(_) => Ok(stored),
                }
            }
        }
    }

    /// Asks the CRM about a user, with other credentials where it refuses the first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ask(
        &self,
        adapter: &dyn CrmAdapter,
        user: &StoredUser,
        deadline: Deadline,
    ) -> Result<Asked, StoreError> {
        let asked = user.user();
        let mut access = self.access(adapter, user, deadline).await?;
        let mut is_second = false;
        loop {
            let auth = match access {
                Access::Ready(auth) => auth,
                Access::Later { .. } => {
                    let cause = daybook_adapters::Cause::NotConnected;
                    return Ok(Asked::Failed(AdapterError::not_applied(cause)));
                }
                Access::Dead | Access::SignedOut => return Ok(Asked::Dead),
            };
            match adapter
                .get_user_info(&self.ctx(&asked, &auth, deadline))
                .await
            {
                Ok(info) => return Ok(Asked::Info(info)),
                Err(AdapterError::Unauthorized) if !is_second => {
                    access = self.renewed(adapter, &user.key(), &auth, deadline).await?;
                    is_second = true;
                }
                Err(error) => return Ok(Asked::Failed(error)),
            }
        }
    }

    /// A stored grant as a header. One that cannot be opened is as good as dead: the user has to
    /// sign in again.
    async fn usable(
        &self,
        adapter: &dyn CrmAdapter,
        key: &UserKey,
        grant: &StoredGrant,
        deadline: Deadline,
    ) -> Result<Access, StoreError> {
        match self.opened(key, grant, deadline).await {
            Ok(Some(credentials)) => Ok(Access::Ready(auth_header(adapter, &credentials.access))),
            Ok(None) => Ok(Access::Dead),
            Err(error @ StoreError::Sealing { .. }) => {
                tracing::error!(
                    error.kind = "sealing",
                    error.detail = %error,
                    "the credentials of a user cannot be opened: alarm"
                );
                Ok(Access::Dead)
            }
            Err(error) => Err(error),
        }
    }

    /// Refreshes the grant of `user`, or waits for the one that does.
    async fn refresh(
        &self,
        adapter: &dyn CrmAdapter,
        oauth: &dyn OAuth,
        mut user: StoredUser,
        deadline: Deadline,
    ) -> Result<Access, StoreError> {
        let store = self.store(deadline);
        let used = user.grant.as_ref().map(|grant| grant.version);
        let mut pause = PAUSES.0;
        loop {
            let Some(grant) = &user.grant else {
                return Ok(Access::SignedOut);
            };
            if grant.dead || Some(grant.version) != used {
                return self.usable(adapter, &user.key(), grant, deadline).await;
            }
            let now = self.millis();
            if deadline.remaining(self.clock.now()) < LEAST {
                return Ok(Access::Later { retry_at: now });
            }
            if let Some(retry_at) = user.refresh_after.filter(|at| *at > now) {
                return Ok(Access::Later { retry_at });
            }
            let held = user.refreshing.as_ref();
            if held.is_some_and(|refreshing| refreshing.until > now) {
                tokio::time::sleep(self.jitter(pause)).await;
                pause = (pause * 8 / 5).min(PAUSES.1);
                match store.get(&user.key()).await? {
                    Some(other) => user = other,
                    None => return Ok(Access::SignedOut),
                }
                continue;
            }
            let mut next = user.clone();
            next.rev += 1;
            next.refreshing = Some(Refreshing {
                owner: format!("{:016x}", (self.random)()),
                until: now + LEASE_MS,
            });
            match store.put(&next, Some(user.rev)).await? {
                Write::Done => {
                    return Box::pin(self.refresh_now(adapter, oauth, next, deadline)).await;
                }
                Write::Lost(Some(other)) => user = other,
                Write::Lost(None) => return Ok(Access::SignedOut),
            }
        }
    }

    /// Refreshes the grant of `user`, whose lease is ours.
    async fn refresh_now(
        &self,
        adapter: &dyn CrmAdapter,
        oauth: &dyn OAuth,
        user: StoredUser,
        deadline: Deadline,
    ) -> Result<Access, StoreError> {
        let Some(grant) = &user.grant else {
            return Ok(Access::SignedOut);
        };
        self.prepare_sealing(deadline).await?;
        let token = match self.opened(&user.key(), grant, deadline).await {
            Ok(credentials) => credentials.and_then(|credentials| credentials.refresh),
            Err(StoreError::Sealing { .. }) => return Ok(Access::Dead),
            Err(error) => return Err(error),
        };
        let Some(token) = token else {
            return self.bury(adapter, user, deadline).await;
        };
        match self.ask_for_tokens(oauth, &token, deadline).await {
            Ok(granted) => {
                let mut new = self.granted(granted);
                new.refresh = new.refresh.or(Some(token));
                Box::pin(self.store_refreshed(adapter, user, &new, deadline)).await
            }
            Err(AdapterError::Unauthorized) => self.bury(adapter, user, deadline).await,
            Err(error) => {
                let crm = adapter.profile().id;
                tracing::warn!(
                    crm,
                    error.kind = error.kind(),
                    error.detail = %error,
                    "credentials were not refreshed"
                );
                let retry_at = self.millis() + put_off(&error);
                self.end_lease(user, retry_at, deadline).await?;
                Ok(Access::Later { retry_at })
            }
        }
    }

    /// Asks the token endpoint, so that time is left to store what it gives.
    async fn ask_for_tokens(
        &self,
        oauth: &dyn OAuth,
        token: &SecretString,
        deadline: Deadline,
    ) -> Result<Grant, AdapterError> {
        let now = self.clock.now();
        let left = deadline.remaining(now).saturating_sub(FOR_STORING);
        let out = Outbound {
            deadline: Deadline::at(now + left),
            ..self.outbound(deadline)
        };
        oauth.app().refresh(&out, token).await
    }

    /// Stores what a refresh gave. Only a later sign-in, or a sign-out, makes it worthless.
    async fn store_refreshed(
        &self,
        adapter: &dyn CrmAdapter,
        mut user: StoredUser,
        new: &Credentials,
        deadline: Deadline,
    ) -> Result<Access, StoreError> {
        let key = user.key();
        let used = user.grant.as_ref().map(|grant| grant.version);
        let sealed = self.sealed(&key, new, deadline).await?;
        loop {
            let mut next = user.clone();
            next.rev += 1;
            next.grant = Some(StoredGrant {
                version: next.rev,
                ..sealed.clone()
            });
            next.refreshing = None;
            next.expires_at = self.kept_until();
            next.refresh_after = None;
            match self.store(deadline).put(&next, Some(user.rev)).await {
                Ok(Write::Done) => return Ok(Access::Ready(auth_header(adapter, &new.access))),
                Ok(Write::Lost(Some(other))) => user = other,
                Ok(Write::Lost(None)) => break,
                // The old tokens are worth nothing any more: these are stored while there is time.
                Err(StoreError::Failed { .. }) if self.has_time(deadline) => {
                    tokio::time::sleep(self.jitter(PAUSES.1)).await;
                    continue;
                }
                Err(error) => return Err(error),
            }
            match &user.grant {
                Some(grant) if Some(grant.version) == used => {}
                Some(grant) => return self.usable(adapter, &key, grant, deadline).await,
                None => break,
            }
        }
        self.give_back(adapter, new, deadline).await;
        Ok(Access::SignedOut)
    }

    /// Writes down that the CRM has refused the credentials of `user` for good, unless there are
    /// others by now.
    async fn bury(
        &self,
        adapter: &dyn CrmAdapter,
        mut user: StoredUser,
        deadline: Deadline,
    ) -> Result<Access, StoreError> {
        let used = user.grant.as_ref().map(|grant| grant.version);
        loop {
            let Some(grant) = user.grant.clone() else {
                return Ok(Access::SignedOut);
            };
            if Some(grant.version) != used {
                return self.usable(adapter, &user.key(), &grant, deadline).await;
            }
            let mut next = user.clone();
            next.rev += 1;
            next.refreshing = None;
            next.due = None;
            next.grant = Some(StoredGrant {
                dead: true,
                access: None,
                refresh: None,
                ..grant
            });
            match self.store(deadline).put(&next, Some(user.rev)).await? {
                Write::Done => return Ok(Access::Dead),
                Write::Lost(Some(other)) => user = other,
                Write::Lost(None) => return Ok(Access::SignedOut),
            }
        }
    }

    /// Lets another worker try from `retry_at` on. Where this is not written, the lease runs out.
    async fn end_lease(
        &self,
        user: StoredUser,
        retry_at: i64,
        deadline: Deadline,
    ) -> Result<(), StoreError> {
        let mut next = user.clone();
        next.rev += 1;
        next.refreshing = None;
        next.refresh_after = Some(retry_at);
        self.store(deadline).put(&next, Some(user.rev)).await?;
        Ok(())
    }

    fn has_time(&self, deadline: Deadline) -> bool {
        deadline.remaining(self.clock.now()) > PAUSES.1
    }

    /// Between half of `pause` and all of it.
    fn jitter(&self, pause: Duration) -> Duration {
        let share = u32::try_from((self.random)() % 512).unwrap_or(0);
        pause / 2 + pause * share / 1_024
    }
}

/// For how long a token endpoint that failed is left alone, in milliseconds.
fn put_off(error: &AdapterError) -> i64 {
    let asked = match error {
        AdapterError::RateLimited { retry_after }
        | AdapterError::Unavailable { retry_after, .. } => *retry_after,
        AdapterError::Unauthorized
        | AdapterError::Forbidden
        | AdapterError::NotFound(_)
        | AdapterError::Invalid { .. }
        | AdapterError::Rejected { .. } => None,
    };
    let asked = asked.and_then(|asked| i64::try_from(asked.as_millis()).ok());
    asked.unwrap_or(ASK_AGAIN_MS).min(MOST_MS)
}
