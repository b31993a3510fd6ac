//! The user's account: whether we hold credentials, and what becomes of them when the CRM refuses
//! them.

use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use chrono::TimeDelta;
use daybook_api::engine::{Held, HeldCredentials, Holding};
use daybook_core::ids::{CrmUserId, TenantId};
use daybook_core::params::AuthHeader;
use daybook_core::time::{Clock, Deadline};
use daybook_core::user::{User, UserKey};
use daybook_store::items::{Due, StoredGrant, StoredUser};
use daybook_store::keys;
use daybook_store::sealing::Sealed;
use daybook_store::users::UserStore;
use daybook_store::{StoreError, Table, Write};
use serde_json::Map;

use crate::clock::Time;
use crate::crm::SimCrm;

/// What the user signs in with.
const KEY: &str = "Basic c2lt";

/// What we hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grant {
    /// Nothing yet.
    Never,
    /// Credentials.
    Live(&'static str),
    /// Credentials, from so many milliseconds since 1970 on.
    From(i64, &'static str),
    /// Credentials that the CRM has refused for good.
    Dead,
}

#[derive(Debug)]
struct State {
    grant: Grant,
    /// What the next refusal is answered with.
    renewal: Option<Grant>,
    /// How often that was asked for.
    renewals: usize,
}

/// The account of the one user.
#[derive(Debug)]
pub(crate) struct Account {
    crm: Arc<SimCrm>,
    time: Time,
    state: Mutex<State>,
}

/// Who the user is.
pub(crate) fn user_key() -> UserKey {
    UserKey {
        platform: "simCRM".to_owned(),
        tenant: TenantId::parse("tenant").expect("it is not blank"),
        id: CrmUserId::parse("1-simCRM").expect("it is not blank"),
    }
}

impl Account {
    pub(crate) fn new(crm: &Arc<SimCrm>, time: Time, held: bool) -> Arc<Self> {
        let grant = match held {
            true => Grant::Live(KEY),
            false => Grant::Never,
        };
        Arc::new(Self {
            crm: crm.clone(),
            time,
            state: Mutex::new(State {
                grant,
                renewal: None,
                renewals: 0,
            }),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics with it")
    }

    /// Whether the user has ever signed in.
    pub(crate) fn signed_in_ever(&self) -> bool {
        self.state().grant != Grant::Never
    }

    /// Replaces what we hold, and what a refusal of it is answered with.
    pub(crate) fn set(&self, grant: Grant, renewal: Option<Grant>) {
        let mut state = self.state();
        state.grant = grant;
        state.renewal = renewal;
    }

    /// How often other credentials were asked for.
    pub(crate) fn renewals(&self) -> usize {
        self.state().renewals
    }

    /// What we hold of a user: of everybody the same.
    fn holding(&self, user: &CrmUserId) -> Holding {
        let now = self.time.now().timestamp_millis();
        let auth = match self.state().grant {
            Grant::Never | Grant::Dead => return Holding::None,
            Grant::From(at, _) if at > now => return Holding::Later { retry_at: at },
            Grant::Live(auth) | Grant::From(_, auth) => auth,
        };
        Holding::Ready(Held {
            auth: AuthHeader::from(auth),
            user: User {
                id: user.clone(),
                hostname: None,
                name: Some("Demo Rep".to_owned()),
                zone: None,
                settings: Map::new(),
            },
        })
    }

    /// Writes the user as a sign-in does. `false` where the table failed.
    pub(crate) async fn sign_in(&self, table: &Table, clock: &dyn Clock) -> bool {
        let deadline = Deadline::at(clock.now() + TimeDelta::seconds(12));
        let users = UserStore {
            table,
            clock,
            deadline,
        };
        let key = user_key();
        let Ok(before) = users.get(&key).await else {
            return false;
        };
        let seen = before.map(|user| user.rev);
        let now = clock.now();
        let millis = now.timestamp_millis();
        let user = StoredUser {
            schema: StoredUser::SCHEMA,
            rev: seen.unwrap_or_default() + 1,
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
            grant: Some(StoredGrant {
                version: 1,
                access: Some(Sealed {
                    key: "1".to_owned(),
                    text: "sealed".to_owned(),
                }),
                refresh: None,
                expires_at: None,
                refresh_at: None,
                dead: false,
            }),
            session: None,
            refreshing: None,
            refresh_after: None,
            signed_in_at: millis,
            due: Some(Due::new(&keys::user(&key.platform, &key.id), millis)),
            expires_at: now.timestamp() + StoredUser::KEPT_DAYS * 86_400,
        };
        let written = users.put(&user, seen).await;
        let is_done = matches!(written, Ok(Write::Done));
        if is_done {
            self.set(Grant::Live(KEY), None);
        }
        is_done
    }
}

#[async_trait]
impl HeldCredentials for Account {
    async fn of(&self, key: &UserKey, _: Deadline) -> Result<Holding, StoreError> {
        Ok(self.holding(&key.id))
    }

    async fn renewed(
        &self,
        key: &UserKey,
        _: &AuthHeader,
        _: Deadline,
    ) -> Result<Holding, StoreError> {
        {
            let mut state = self.state();
            state.renewals += 1;
            if self.crm.is_signed_out() {
                state.grant = Grant::Dead;
            } else if let Some(grant) = state.renewal.take() {
                state.grant = grant;
            }
        }
        Ok(self.holding(&key.id))
    }
}
