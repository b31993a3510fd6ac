//! New tokens for a refresh token.
//!
//! A refresh is made by one worker at a time, by a lease on the user's item; the others wait for
//! what it stores. What the CRM gives is always stored, also by a worker that was stalled past its
//! lease: tokens that rotate are good once, and the ones in the table would be worth nothing. A host
//! that the CRM names with them is where it is called from then on.

use std::time::Duration;

use daybook_adapters::{AdapterError, CrmAdapter, Grant, OAuth, Outbound};
use daybook_core::time::Deadline;
use daybook_store::items::{Refreshing, StoredGrant, StoredUser};
use daybook_store::{StoreError, Write};
use secrecy::SecretString;

use super::Users;
use super::access::{Access, Usable};
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
/// The first and the longest pause of a worker that waits for another.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(400));

impl Users {
    /// Refreshes the grant of `user`, or waits for the one that does.
    pub(super) async fn refresh(
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
                return self.usable(adapter, &user, grant, deadline).await;
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
                let told = hostname(adapter, oauth, &granted);
                let mut new = self.granted(granted);
                new.refresh = new.refresh.or(Some(token));
                Box::pin(self.store_refreshed(adapter, user, (&new, told), deadline)).await
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
        (new, told): (&Credentials, Option<String>),
        deadline: Deadline,
    ) -> Result<Access, StoreError> {
        let key = user.key();
        let used = user.grant.as_ref().map(|grant| grant.version);
        let sealed = self.sealed(&key, new, deadline).await?;
        loop {
            let mut next = user.clone();
            next.hostname = told.clone().or(next.hostname);
            next.rev += 1;
            next.grant = Some(StoredGrant {
                version: next.rev,
                ..sealed.clone()
            });
            next.refreshing = None;
            next.expires_at = self.kept_until();
            next.refresh_after = None;
            match self.store(deadline).put(&next, Some(user.rev)).await {
                Ok(Write::Done) => {
                    return Ok(Access::Ready(Usable {
                        auth: auth_header(adapter, &new.access),
                        hostname: next.hostname,
                    }));
                }
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
                Some(grant) => return self.usable(adapter, &user, grant, deadline).await,
                None => break,
            }
        }
        self.give_back(adapter, new, deadline).await;
        Ok(Access::SignedOut)
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

/// The host that the CRM names with new tokens. One that is none of the CRM's changes nothing: the
/// tokens go where the user's CRM was before.
fn hostname(adapter: &dyn CrmAdapter, oauth: &dyn OAuth, granted: &Grant) -> Option<String> {
    oauth.hostname(&granted.answer).unwrap_or_else(|error| {
        let crm = adapter.profile().id;
        tracing::warn!(
            crm,
            error.kind = error.kind(),
            "a refresh names no host of the CRM"
        );
        None
    })
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
