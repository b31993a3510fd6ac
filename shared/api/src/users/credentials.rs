//! What somebody proved to have: unsealed for a call of the CRM, and sealed for the table.

use chrono::TimeDelta;
use daybook_adapters::{AuthKind, CrmAdapter, Grant};
use daybook_core::params::AuthHeader;
use daybook_core::time::Deadline;
use daybook_core::user::UserKey;
use daybook_store::StoreError;
use daybook_store::items::StoredGrant;
use secrecy::{ExposeSecret, SecretString};

use super::Users;

/// How long before its end an access token is refreshed, but at most half of its life.
const REFRESHED_BEFORE: TimeDelta = TimeDelta::minutes(1);

/// The longest life of an access token that is believed.
const LONGEST_LIFE: TimeDelta = TimeDelta::days(365);

/// What somebody proved to have, before it is sealed.
pub(super) struct Credentials {
    pub(super) access: SecretString,
    pub(super) refresh: Option<SecretString>,
    /// In milliseconds since 1970, as all times of a stored grant.
    pub(super) expires_at: Option<i64>,
    pub(super) refresh_at: Option<i64>,
}

impl Users {
    pub(super) fn granted(&self, grant: Grant) -> Credentials {
        let life = grant.expires_in.map(|life| {
            let life = TimeDelta::from_std(life).unwrap_or(LONGEST_LIFE);
            life.min(LONGEST_LIFE)
        });
        let now = self.clock.now();
        let after = |life: TimeDelta| (now + life).timestamp_millis();
        Credentials {
            access: grant.access_token,
            refresh: grant.refresh_token,
            expires_at: life.map(after),
            refresh_at: life.map(|life| after(life - REFRESHED_BEFORE.min(life / 2))),
        }
    }

    pub(super) async fn sealed(
        &self,
        key: &UserKey,
        credentials: &Credentials,
        deadline: Deadline,
    ) -> Result<StoredGrant, StoreError> {
        let seal = async |what, secret: &SecretString| {
            let purpose = purpose(key, what);
            let left = deadline.remaining(self.clock.now());
            self.sealer
                .seal(left, self.millis(), &purpose, secret)
                .await
        };
        Ok(StoredGrant {
            version: 0,
            access: Some(seal(ACCESS, &credentials.access).await?),
            refresh: match &credentials.refresh {
                Some(token) => Some(seal(REFRESH, token).await?),
                None => None,
            },
            expires_at: credentials.expires_at,
            refresh_at: credentials.refresh_at,
            dead: false,
        })
    }

    /// Has what seals at hand, before the CRM gives what is good once.
    pub(super) async fn prepare_sealing(&self, deadline: Deadline) -> Result<(), StoreError> {
        let left = deadline.remaining(self.clock.now());
        let nothing = SecretString::default();
        let sealed = self.sealer.seal(left, self.millis(), "", &nothing).await;
        sealed.map(drop)
    }

    /// The credentials of a grant; `None` for one that is dead.
    pub(super) async fn opened(
        &self,
        key: &UserKey,
        grant: &StoredGrant,
        deadline: Deadline,
    ) -> Result<Option<Credentials>, StoreError> {
        let open = async |what, sealed| {
            let left = deadline.remaining(self.clock.now());
            self.sealer.open(left, &purpose(key, what), sealed).await
        };
        let Some(access) = grant.access.as_ref().filter(|_| !grant.dead) else {
            return Ok(None);
        };
        Ok(Some(Credentials {
            access: open(ACCESS, access).await?,
            refresh: match &grant.refresh {
                Some(token) => Some(open(REFRESH, token).await?),
                None => None,
            },
            expires_at: grant.expires_at,
            refresh_at: grant.refresh_at,
        }))
    }
}

const ACCESS: &str = "access";
const REFRESH: &str = "refresh";

/// What a secret of a user is sealed for.
pub(super) fn purpose(key: &UserKey, what: &str) -> String {
    format!("{}\n{}\n{}\n{what}", key.platform, key.tenant, key.id)
}

/// The value of the `Authorization` header for an API key or an access token.
pub(super) fn auth_header(adapter: &dyn CrmAdapter, access: &SecretString) -> AuthHeader {
    match adapter.auth() {
        AuthKind::ApiKey(kind) => kind.auth_header(access),
        AuthKind::OAuth(_) => AuthHeader::from(format!("Bearer {}", access.expose_secret())),
    }
}
