//! The credentials of a user, fit to be used now.
//!
//! The steps are boxed: put into one another, their futures would outgrow the stack of a thread.

use daybook_adapters::{AdapterError, AuthKind, CrmAdapter, UserInfo};
use daybook_core::params::AuthHeader;
use daybook_core::time::Deadline;
use daybook_core::user::UserKey;
use daybook_store::items::{StoredGrant, StoredUser};
use daybook_store::{StoreError, Write};
use secrecy::ExposeSecret;

use super::Users;
use super::credentials::auth_header;

/// The least time for which an access token is used still that could not be refreshed, in
/// milliseconds.
const STILL_GOOD_MS: i64 = 20_000;

/// What the credentials of a user are good for.
#[derive(Debug)]
pub enum Access {
    /// These.
    Ready(Usable),
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

/// Credentials that can be used now.
#[derive(Debug)]
pub struct Usable {
    /// The value of the `Authorization` header.
    pub auth: AuthHeader,
    /// The host that they are for, which may have come with them.
    pub hostname: Option<String>,
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
                        self.usable(adapter, user, grant, deadline).await
                    }
                    Access::Ready(_) | Access::Later { .. } | Access::Dead | Access::SignedOut => {
                        Ok(refreshed)
                    }
                }
            }
            AuthKind::OAuth(_) | AuthKind::ApiKey(_) => {
                self.usable(adapter, user, grant, deadline).await
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
        let stored = self.usable(adapter, &user, grant, deadline).await?;
        let Access::Ready(Usable { auth, .. }) = &stored else {
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
        let mut asked = user.user();
        let mut access = self.access(adapter, user, deadline).await?;
        let mut is_second = false;
        loop {
            let auth = match access {
                Access::Ready(access) => {
                    asked.hostname = access.hostname;
                    access.auth
                }
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
    pub(super) async fn usable(
        &self,
        adapter: &dyn CrmAdapter,
        user: &StoredUser,
        grant: &StoredGrant,
        deadline: Deadline,
    ) -> Result<Access, StoreError> {
        match self.opened(&user.key(), grant, deadline).await {
            Ok(Some(credentials)) => Ok(Access::Ready(Usable {
                auth: auth_header(adapter, &credentials.access),
                hostname: user.hostname.clone(),
            })),
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

    /// Writes down that the CRM has refused the credentials of `user` for good, unless there are
    /// others by now.
    pub(super) async fn bury(
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
                return self.usable(adapter, &user, &grant, deadline).await;
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
}
