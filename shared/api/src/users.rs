//! Users: signing in and out, what is known of them, and their credentials.
//!
//! Every change of a user is one conditional write of the whole item; one that loses against
//! another is made again on what stands there now. [`access`] has the use of credentials and their
//! refresh, `credentials` how they are sealed, `held` gives them to what is delivered late.

pub mod access;
mod credentials;
mod held;
mod settings;
mod tenants;

pub use settings::SettingsError;
pub use tenants::AllowedTenants;

use std::sync::Arc;

use chrono::Offset;
use daybook_adapters::http::Http;
use daybook_adapters::registry::Registry;
use daybook_adapters::{
    AdapterError, AuthKind, CrmAdapter, Ctx, Grant, Lack, OAuth, Outbound, Removal, UserInfo,
};
use daybook_core::ids::{CrmUserId, HashedId};
use daybook_core::params::AuthHeader;
use daybook_core::time::{Clock, Deadline};
use daybook_core::user::{User, UserKey};
use daybook_store::items::{Due, StoredGrant, StoredUser};
use daybook_store::sealing::Sealer;
use daybook_store::users::UserStore;
use daybook_store::{StoreError, Table, Write};
use secrecy::SecretString;
use serde_json::Map;
use url::Url;

use crate::app::Random;
use crate::session::Session;
use credentials::{Credentials, auth_header};

/// The users of this deployment.
#[derive(Clone)]
pub struct Users {
    /// The CRMs on offer.
    pub registry: Registry,
    /// The table.
    pub table: Table,
    /// The way to the CRMs.
    pub http: Arc<Http>,
    /// The source of the present time.
    pub clock: Arc<dyn Clock>,
    /// The source of chance.
    pub random: Random,
    /// What makes credentials unreadable in the table.
    pub sealer: Sealer,
    /// Who may sign in.
    pub allowed: AllowedTenants,
}

impl std::fmt::Debug for Users {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Users").finish_non_exhaustive()
    }
}

/// What somebody signs in with.
#[derive(Debug)]
pub struct SignIn {
    /// The proof.
    pub proof: Proof,
    /// The host of the CRM, as the browser saw it.
    pub hostname: Option<String>,
    /// The RingCentral account.
    pub account: Option<HashedId>,
    /// The RingCentral extension.
    pub extension: Option<HashedId>,
}

/// The proof of who signs in.
#[derive(Debug)]
pub enum Proof {
    /// A key that the CRM showed its user.
    ApiKey(SecretString),
    /// A code of the authorisation code grant, and the addresses that the CRM may have sent it to,
    /// the likeliest first.
    Code(SecretString, Vec<Url>),
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The CRM refused, or failed.
    #[error(transparent)]
    Crm(#[from] AdapterError),
    /// The user's company may not sign in here.
    #[error("the company is not allowed")]
    Tenant,
    /// The access is for another company than the one that the browser has open, or for a host
    /// that is none of the CRM's.
    #[error("the host is another")]
    Host,
    /// The CRM takes another kind of sign-in.
    #[error("the CRM takes another kind of sign-in")]
    Kind,
}

impl Users {
    /// Signs somebody in: asks the CRM who it is, and keeps the credentials. Tells what the CRM
    /// lacks besides.
    ///
    /// # Errors
    /// [`SignInError`]. Nothing is stored then.
    pub async fn sign_in(
        &self,
        adapter: &dyn CrmAdapter,
        sign_in: SignIn,
        deadline: Deadline,
    ) -> Result<(StoredUser, Vec<Lack>), SignInError> {
        let out = self.outbound(deadline);
        let mut told = None;
        self.prepare_sealing(deadline).await?;
        let credentials = match (&sign_in.proof, adapter.auth()) {
            (Proof::ApiKey(key), AuthKind::ApiKey(_)) => Credentials {
                access: key.clone(),
                refresh: None,
                expires_at: None,
                refresh_at: None,
            },
            (Proof::Code(code, redirects), AuthKind::OAuth(oauth)) => {
                let grant = exchange(oauth, &out, code, redirects).await?;
                told = oauth.hostname(&grant.answer)?;
                self.granted(grant)
            }
            (Proof::ApiKey(_), AuthKind::OAuth(_)) | (Proof::Code(..), AuthKind::ApiKey(_)) => {
                return Err(SignInError::Kind);
            }
        };
        let hostname = host(adapter, told.clone(), sign_in.hostname.clone())?;
        let auth = auth_header(adapter, &credentials.access);
        let stranger = User {
            id: CrmUserId::parse("-").expect("it is not blank"),
            hostname,
            name: None,
            zone: None,
            settings: Map::new(),
        };
        let ctx = self.ctx(&stranger, &auth, deadline);
        let mut info = adapter.get_user_info(&ctx).await?;
        info.hostname = told.or(info.hostname);
        let profile = adapter.profile();
        let user = User {
            id: CrmUserId::parse(&format!("{}-{}", info.id, profile.id)).expect("it is not blank"),
            hostname: info.hostname.clone(),
            ..stranger
        };
        let tenant = adapter.tenant(&user);
        if !self.allowed.allow(&tenant) {
            self.give_back(adapter, &credentials, deadline).await;
            return Err(SignInError::Tenant);
        }
        let key = UserKey {
            platform: profile.id.to_owned(),
            tenant,
            id: user.id.clone(),
        };
        let ctx = self.ctx(&user, &auth, deadline);
        let (user, lacks) = futures_util::join!(
            self.keep(key, &info, &credentials, &sign_in, deadline),
            lacks(adapter, &ctx)
        );
        Ok((user?, lacks))
    }

    /// Forgets the credentials of a user who has removed the app at the CRM, unless they have
    /// signed in since.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn removed(
        &self,
        platform: &str,
        removal: &Removal,
        deadline: Deadline,
    ) -> Result<(), StoreError> {
        let Some(id) = CrmUserId::parse(&format!("{}-{platform}", removal.user)) else {
            return Ok(());
        };
        let at = removal.at.map(|at| at.timestamp_millis());
        for user in self.store(deadline).of_id(platform, &id).await? {
            let company = user.company.as_ref();
            let is_theirs = company.is_none_or(|company| *company == removal.company);
            let is_later = at.is_some_and(|at| at < user.signed_in_at);
            if is_theirs && !is_later {
                self.end(user, deadline).await?;
            }
        }
        Ok(())
    }

    /// Writes down who has signed in. What is parked for the user is due from now on.
    async fn keep(
        &self,
        key: UserKey,
        info: &UserInfo,
        credentials: &Credentials,
        sign_in: &SignIn,
        deadline: Deadline,
    ) -> Result<StoredUser, StoreError> {
        let store = self.store(deadline);
        let sealed = self.sealed(&key, credentials, deadline).await?;
        let mut seen = store.get(&key).await?;
        loop {
            let now = self.millis();
            let rev = seen.as_ref().map(|user| user.rev);
            let mut next = seen.unwrap_or_else(|| new_user(&key));
            let alive = next.grant.as_ref().is_some_and(|grant| !grant.dead);
            next.rev += 1;
            next.grant = Some(StoredGrant {
                version: next.rev,
                ..sealed.clone()
            });
            // Another device of the user stays signed in, unless the session was ended.
            next.session = (next.session.filter(|_| alive)).or_else(|| Some(self.new_session()));
            next.refreshing = None;
            next.refresh_after = None;
            next.signed_in_at = now;
            next.account = sign_in.account.clone().or(next.account);
            next.extension = sign_in.extension.clone().or(next.extension);
            self.describe(&mut next, info);
            next.due = Some(Due::check(&user_partition(&key), now));
            match store.put(&next, rev).await? {
                Write::Done => return Ok(next),
                Write::Lost(other) => seen = other,
            }
        }
    }

    /// The user of a session, if the session has not ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_session(
        &self,
        session: &Session,
        deadline: Deadline,
    ) -> Result<Option<StoredUser>, StoreError> {
        let user = self.store(deadline).get(&session.user).await?;
        Ok(user.filter(|user| user.session.as_ref() == Some(&session.id)))
    }

    /// Signs a user out: the session ends and the credentials go, whatever the CRM says. Says
    /// whether the CRM has taken its grant back.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sign_out(
        &self,
        adapter: &dyn CrmAdapter,
        user: StoredUser,
        deadline: Deadline,
    ) -> Result<bool, StoreError> {
        match self.end(user, deadline).await? {
            Some((key, grant)) => Ok(self.revoke(adapter, &key, &grant, deadline).await),
            None => Ok(true),
        }
    }

    /// Ends the session of `user` and takes the credentials out of the table. What was signed in to
    /// since is another session, and stays.
    async fn end(
        &self,
        mut user: StoredUser,
        deadline: Deadline,
    ) -> Result<Option<(UserKey, StoredGrant)>, StoreError> {
        let store = self.store(deadline);
        let session = user.session.clone();
        loop {
            let Some(grant) = user.grant.clone().filter(|_| user.session == session) else {
                return Ok(None);
            };
            let mut next = user.clone();
            next.rev += 1;
            next.grant = None;
            next.session = None;
            next.refreshing = None;
            next.due = None;
            next.expires_at = self.kept_until();
            match store.put(&next, Some(user.rev)).await? {
                Write::Done => return Ok(Some((next.key(), grant))),
                Write::Lost(Some(other)) => user = other,
                Write::Lost(None) => return Ok(None),
            }
        }
    }

    /// Gives a stored grant back to the CRM. Says whether that went well, or was not needed.
    async fn revoke(
        &self,
        adapter: &dyn CrmAdapter,
        key: &UserKey,
        grant: &StoredGrant,
        deadline: Deadline,
    ) -> bool {
        match self.opened(key, grant, deadline).await {
            Ok(Some(credentials)) => self.give_back(adapter, &credentials, deadline).await,
            Ok(None) => true,
            Err(error) => {
                tracing::warn!(error.kind = "sealing", error.detail = %error, "a grant stays");
                false
            }
        }
    }

    async fn give_back(
        &self,
        adapter: &dyn CrmAdapter,
        credentials: &Credentials,
        deadline: Deadline,
    ) -> bool {
        let AuthKind::OAuth(oauth) = adapter.auth() else {
            return true;
        };
        let token = credentials.refresh.as_ref().unwrap_or(&credentials.access);
        let revoked = oauth.app().revoke(&self.outbound(deadline), token).await;
        if let Err(error) = &revoked {
            let crm = adapter.profile().id;
            tracing::warn!(crm, error.kind = error.kind(), error.detail = %error, "a grant stays");
        }
        revoked.is_ok()
    }

    /// Writes down what the CRM says of a user now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn update_info(
        &self,
        mut user: StoredUser,
        info: &UserInfo,
        deadline: Deadline,
    ) -> Result<(), StoreError> {
        let store = self.store(deadline);
        loop {
            let seen = user.rev;
            user.rev += 1;
            self.describe(&mut user, info);
            match store.put(&user, Some(seen)).await? {
                Write::Done | Write::Lost(None) => return Ok(()),
                Write::Lost(Some(other)) => user = other,
            }
        }
    }

    fn describe(&self, user: &mut StoredUser, info: &UserInfo) {
        user.name = info.name.clone();
        user.hostname = info.hostname.clone();
        user.zone = info.zone;
        user.company = info.company.clone().or(user.company.take());
        let seconds =
            |local: chrono::DateTime<chrono::FixedOffset>| local.offset().fix().local_minus_utc();
        user.zone_offset_minutes = info
            .zone
            .map(|zone| seconds(zone.local(self.clock.now())) / 60);
        user.expires_at = self.kept_until();
    }

    /// Keeps a user whose session is used, though nothing else is written of them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn touch(&self, user: &StoredUser, deadline: Deadline) -> Result<(), StoreError> {
        let mut next = user.clone();
        next.rev += 1;
        next.expires_at = self.kept_until();
        // Whoever else writes the user keeps them too.
        self.store(deadline).put(&next, Some(user.rev)).await?;
        Ok(())
    }

    /// The users of the table.
    pub fn store(&self, deadline: Deadline) -> UserStore<'_> {
        UserStore {
            table: &self.table,
            clock: self.clock.as_ref(),
            deadline,
        }
    }

    fn ctx<'a>(&'a self, user: &'a User, auth: &'a AuthHeader, deadline: Deadline) -> Ctx<'a> {
        Ctx {
            user,
            auth,
            http: &self.http,
            cache: &self.table,
            clock: self.clock.as_ref(),
            deadline,
        }
    }

    fn outbound(&self, deadline: Deadline) -> Outbound<'_> {
        Outbound {
            http: &self.http,
            clock: self.clock.as_ref(),
            deadline,
        }
    }

    fn new_session(&self) -> String {
        format!("{:016x}{:016x}", (self.random)(), (self.random)())
    }

    fn kept_until(&self) -> i64 {
        self.clock.now().timestamp() + StoredUser::KEPT_DAYS * 86_400
    }

    fn millis(&self) -> i64 {
        self.clock.now().timestamp_millis()
    }
}

/// What a code is good for. The CRM takes it with the address only that it was sent to.
async fn exchange(
    oauth: &dyn OAuth,
    out: &Outbound<'_>,
    code: &SecretString,
    redirects: &[Url],
) -> Result<Grant, AdapterError> {
    let mut answer = Err(AdapterError::Unauthorized);
    for redirect in redirects {
        answer = oauth.app().exchange(out, code, redirect).await;
        if !matches!(answer, Err(AdapterError::Unauthorized)) {
            break;
        }
    }
    answer
}

/// The host that a user's CRM is asked at: the one that it told itself, with which the one that the
/// browser saw is only compared, else that.
fn host(
    adapter: &dyn CrmAdapter,
    told: Option<String>,
    seen: Option<String>,
) -> Result<Option<String>, SignInError> {
    match (told, seen) {
        (Some(told), Some(seen)) if told != seen => Err(SignInError::Host),
        (None, Some(seen)) if !adapter.is_host(&seen) => Err(SignInError::Host),
        (told, seen) => Ok(told.or(seen)),
    }
}

/// What the CRM lacks. A sign-in does not fail where it cannot be found out.
async fn lacks(adapter: &dyn CrmAdapter, ctx: &Ctx<'_>) -> Vec<Lack> {
    let Some(check_up) = adapter.check_up() else {
        return Vec::new();
    };
    check_up.lacks(ctx).await.unwrap_or_else(|error| {
        let crm = adapter.profile().id;
        tracing::warn!(crm, error.kind = error.kind(), error.detail = %error, "nobody looked");
        Vec::new()
    })
}

fn user_partition(key: &UserKey) -> String {
    daybook_store::keys::user(&key.platform, &key.id)
}

fn new_user(key: &UserKey) -> StoredUser {
    StoredUser {
        schema: StoredUser::SCHEMA,
        rev: 0,
        platform: key.platform.clone(),
        tenant: key.tenant.clone(),
        id: key.id.clone(),
        name: None,
        hostname: None,
        zone: None,
        zone_offset_minutes: None,
        company: None,
        settings: Map::new(),
        account: None,
        extension: None,
        grant: None,
        session: None,
        refreshing: None,
        refresh_after: None,
        signed_in_at: 0,
        due: None,
        expires_at: 0,
    }
}
