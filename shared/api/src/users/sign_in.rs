//! From a proof that a CRM gave to a user in the table.

use daybook_adapters::{
    AdapterError, AuthKind, CrmAdapter, Grant, Lack, OAuth, Outbound, UserInfo,
};
use daybook_core::ids::{CrmUserId, HashedId};
use daybook_core::params::AuthHeader;
use daybook_core::settings::{self, Settings};
use daybook_core::time::Deadline;
use daybook_core::user::{User, UserKey};
use daybook_store::items::{Due, StoredGrant, StoredUser};
use daybook_store::{StoreError, Write};
use secrecy::SecretString;
use serde_json::Map;
use url::Url;

use super::Users;
use super::credentials::{Credentials, auth_header};

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
    /// [`SignInError`]. Nothing is stored then. A grant is given back only of a company that may not
    /// sign in: at some CRMs this ends all grants of the user, and one of them may be in use here.
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
        let kept = self.keep(key, &info, &credentials, &sign_in, deadline);
        let kept = kept.await?;
        let lacks = self.lacks(adapter, &kept, &auth, deadline).await;
        Ok((kept, lacks))
    }

    /// What the CRM lacks for a user with their settings. A sign-in does not fail where that cannot
    /// be found out.
    async fn lacks(
        &self,
        adapter: &dyn CrmAdapter,
        kept: &StoredUser,
        auth: &AuthHeader,
        deadline: Deadline,
    ) -> Vec<Lack> {
        let Some(check_up) = adapter.check_up() else {
            return Vec::new();
        };
        let crm = adapter.profile().id;
        let admin = self.admin_settings(kept.account.as_ref(), deadline).await;
        let admin = admin.unwrap_or_else(|error| {
            tracing::warn!(crm, error.kind = "store", error.detail = %error, "settings are not read");
            Settings::new()
        });
        let mut user = kept.user();
        user.settings = settings::effective(&user.settings, &admin);
        let lacks = check_up.lacks(&self.ctx(&user, auth, deadline)).await;
        lacks.unwrap_or_else(|error| {
            if error == AdapterError::Forbidden {
                return vec![Lack::Permission];
            }
            tracing::warn!(crm, error.kind = error.kind(), error.detail = %error, "nobody looked");
            Vec::new()
        })
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

    fn new_session(&self) -> String {
        format!("{:016x}{:016x}", (self.random)(), (self.random)())
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
