//! Doing something on behalf of the user whom parameters name: with the credentials that they
//! bring, else with those of the user who signed in, and once more with renewed ones where the CRM
//! refuses them.

use async_trait::async_trait;
use daybook_adapters::{AdapterError, Cause, CrmAdapter, Ctx};
use daybook_core::error::RequestError;
use daybook_core::params::AuthHeader;
use daybook_core::settings::{self, Settings};
use daybook_core::time::{Deadline, Zone};
use daybook_core::user::{User, UserKey};
use daybook_store::StoreError;
use daybook_store::items::{Reason, StoredUser};
use secrecy::ExposeSecret;

use crate::app::App;
use crate::engine::{Caller, Credentials, Engine};
use crate::users::access::Access;

/// What is done on somebody's behalf.
#[async_trait]
pub(super) trait Errand: Send + Sync {
    /// What it comes to.
    type Outcome: Send;

    /// Does it.
    async fn run(&self, caller: &Caller<'_>) -> Result<Self::Outcome, StoreError>;

    /// Whether the CRM refused the credentials.
    fn is_unauthorized(outcome: &Self::Outcome) -> bool;

    /// What it came to, where it was done once more after the first time.
    fn then(first: Self::Outcome, second: Self::Outcome) -> Self::Outcome;
}

/// Whom parameters name, and what they bring.
#[derive(Clone, Copy)]
pub(super) struct OnBehalf<'a> {
    pub(super) app: &'a App,
    pub(super) adapter: &'a dyn CrmAdapter,
    pub(super) deadline: Deadline,
    /// The user that is named.
    pub(super) user: &'a User,
    /// The credentials, where the caller brings them.
    pub(super) auth: Option<&'a AuthHeader>,
    /// The zone that the request says.
    pub(super) zone: Option<Zone>,
}

impl OnBehalf<'_> {
    /// Does an errand; else says what is wrong with the request.
    pub(super) async fn run<E: Errand>(
        &self,
        errand: &E,
    ) -> Result<Result<E::Outcome, RequestError>, StoreError> {
        let host = self.user.hostname.as_deref();
        if !host.is_none_or(|host| self.adapter.is_host(host)) {
            let problem = "is not a host of this CRM";
            return Ok(Err(RequestError::field("user.hostname", problem)));
        }
        let Some(auth) = self.auth else {
            return match self.stored_user().await? {
                Ok(stored) => match self.run_as(&stored, errand).await? {
                    Some(outcome) => Ok(Ok(outcome)),
                    None => Ok(Err(not_signed_in())),
                },
                Err(error) => Ok(Err(error)),
            };
        };
        if host.is_none() && self.adapter.profile().own_hosts {
            let problem = "is needed where `authHeader` is sent: it says which company is meant";
            return Ok(Err(RequestError::field("user.hostname", problem)));
        }
        let caller = Caller {
            tenant: self.adapter.tenant(self.user),
            user: self.user,
            zone: self.zone.unwrap_or(Zone::UTC),
            credentials: Credentials::Brought(auth),
        };
        errand.run(&caller).await.map(Ok)
    }

    /// Does an errand with the credentials of a user who has signed in, and where the CRM does not
    /// accept them, once more with other ones. `None` for a user who has signed out.
    pub(super) async fn run_as<E: Errand>(
        &self,
        stored: &StoredUser,
        errand: &E,
    ) -> Result<Option<E::Outcome>, StoreError> {
        let users = &self.app.users;
        let (adapter, deadline) = (self.adapter, self.deadline);
        let (access, admin) = futures_util::try_join!(
            users.access(adapter, stored, deadline),
            users.admin_settings(stored.account.as_ref(), deadline)
        )?;
        let mut stored = stored.clone();
        let first = self.with_access(&mut stored, &admin, &access, errand);
        let Some(first) = Box::pin(first).await? else {
            return Ok(None);
        };
        let Access::Ready(used) = access else {
            return Ok(Some(first));
        };
        if !E::is_unauthorized(&first) {
            return Ok(Some(first));
        }
        let renewed = users
            .renewed(adapter, &stored.key(), &used.auth, deadline)
            .await?;
        let is_other = match &renewed {
            Access::Ready(other) => !is_same(&other.auth, &used.auth),
            // That there are none for now is not the user's doing.
            Access::Later { .. } => true,
            Access::Dead | Access::SignedOut => false,
        };
        if !is_other {
            return Ok(Some(first));
        }
        let second = self.with_access(&mut stored, &admin, &renewed, errand);
        let second = Box::pin(second).await?;
        Ok(second.map(|second| E::then(first, second)))
    }

    /// Does an errand with what there is of credentials, at the host that they are for. `None` for a
    /// user who has signed out.
    async fn with_access<E: Errand>(
        &self,
        stored: &mut StoredUser,
        admin: &Settings,
        access: &Access,
        errand: &E,
    ) -> Result<Option<E::Outcome>, StoreError> {
        let credentials = match access {
            Access::Ready(usable) => {
                stored.hostname.clone_from(&usable.hostname);
                Credentials::Held(&usable.auth)
            }
            Access::Later { retry_at } => Credentials::Later {
                retry_at: *retry_at,
            },
            Access::Dead => Credentials::Dead,
            Access::SignedOut => return Ok(None),
        };
        let done = self.with(stored, admin, credentials, errand);
        Box::pin(done).await.map(Some)
    }

    async fn with<E: Errand>(
        &self,
        stored: &StoredUser,
        admin: &Settings,
        credentials: Credentials<'_>,
        errand: &E,
    ) -> Result<E::Outcome, StoreError> {
        let known = stored.user();
        let own = match self.user.settings.is_empty() {
            true => &known.settings,
            false => &self.user.settings,
        };
        let user = User {
            name: self.user.name.clone().or(known.name),
            settings: settings::effective(own, admin),
            ..known
        };
        let caller = Caller {
            tenant: stored.tenant.clone(),
            user: &user,
            zone: self.zone.or(user.zone).unwrap_or(Zone::UTC),
            credentials,
        };
        errand.run(&caller).await
    }

    /// The user who signed in and whom the caller names, with the host of the CRM where that tells
    /// which company is meant: ids are unique within one only.
    async fn stored_user(&self) -> Result<Result<StoredUser, RequestError>, StoreError> {
        let platform = self.adapter.profile().id;
        let store = self.app.users.store(self.deadline);
        let key = UserKey {
            platform: platform.to_owned(),
            tenant: self.adapter.tenant(self.user),
            id: self.user.id.clone(),
        };
        if let Some(user) = store.get(&key).await? {
            return Ok(Ok(user));
        }
        let mut others = store.of_id(platform, &self.user.id).await?;
        let Some(host) = self.user.hostname.as_deref() else {
            return Ok(Err(match others.is_empty() {
                true => not_signed_in(),
                false => {
                    let problem = "is needed: a user of this id signed in, at another host";
                    RequestError::field("user.hostname", problem)
                }
            }));
        };
        // A company whose host has changed since is still the same one.
        let is_there = |user: &StoredUser| user.hostname.as_deref() == Some(host);
        let moved = others.iter().position(is_there);
        Ok(moved
            .map(|index| others.swap_remove(index))
            .ok_or_else(not_signed_in))
    }
}

/// What the CRM is asked with on a caller's behalf; else why it cannot be asked.
pub(super) fn ctx<'a>(engine: &Engine<'a>, caller: &Caller<'a>) -> Result<Ctx<'a>, AdapterError> {
    let auth =
        caller
            .credentials
            .auth()
            .map_err(|(reason, _)| match reason == Reason::Unauthorized {
                true => AdapterError::Unauthorized,
                false => AdapterError::not_applied(Cause::NotConnected),
            })?;
    Ok(Ctx {
        user: caller.user,
        auth,
        http: engine.http,
        cache: engine.table,
        clock: engine.clock,
        deadline: engine.deadline,
    })
}

fn is_same(one: &AuthHeader, other: &AuthHeader) -> bool {
    one.expose_secret() == other.expose_secret()
}

fn not_signed_in() -> RequestError {
    let problem = "is required, since the user has not signed in here";
    RequestError::field("authHeader", problem)
}
