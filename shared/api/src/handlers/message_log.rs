//! `createMessageLog`, `addMessageLog` and `updateMessageLog`.
//!
//! They are one: whether a digest exists is for the table to say, not for the caller. A caller who
//! brings no credentials has those of the user who signed in.

use daybook_adapters::CrmAdapter;
use daybook_core::error::RequestError;
use daybook_core::params::{AuthHeader, MessageLogParams};
use daybook_core::time::{Deadline, Zone};
use daybook_core::user::{User, UserKey};
use daybook_store::StoreError;
use daybook_store::items::{Reason, StoredUser};
use secrecy::ExposeSecret;

use crate::app::App;
use crate::digest::Outcome;
use crate::engine::{Caller, Credentials};
use crate::reply::Reply;
use crate::users::access::Access;

pub(super) async fn handle(
    app: &App,
    adapter: &dyn CrmAdapter,
    parameters: &[u8],
    deadline: Deadline,
) -> Result<Reply, StoreError> {
    let params = match MessageLogParams::parse(parameters) {
        Ok(params) => params,
        Err(error) => return Ok(Reply::from(&error)),
    };
    let outcome = match &params.auth {
        Some(auth) => {
            let caller = Caller {
                tenant: adapter.tenant(&params.user),
                user: &params.user,
                zone: params.zone.unwrap_or(Zone::UTC),
                credentials: Credentials::Brought(auth),
            };
            app.engine(adapter, deadline)
                .deliver(&params, &caller)
                .await?
        }
        None => match stored_user(app, adapter, &params.user, deadline).await? {
            Ok(stored) => {
                let held = Stored {
                    app,
                    adapter,
                    stored: &stored,
                    deadline,
                };
                match held.deliver(&params).await? {
                    Some(outcome) => outcome,
                    None => return Ok(Reply::from(&not_signed_in())),
                }
            }
            Err(error) => return Ok(Reply::from(&error)),
        },
    };
    let now = app.clock.now().timestamp_millis();
    let crm = adapter.profile().display_name;
    Ok(Reply::of_messages(&outcome, crm, now))
}

/// A delivery with the credentials of a user who has signed in.
struct Stored<'a> {
    app: &'a App,
    adapter: &'a dyn CrmAdapter,
    stored: &'a StoredUser,
    deadline: Deadline,
}

impl Stored<'_> {
    /// Delivers, and where the CRM does not accept the credentials, once more with other ones.
    /// `None` for a user who has signed out.
    async fn deliver(&self, params: &MessageLogParams) -> Result<Option<Outcome>, StoreError> {
        let users = &self.app.users;
        let access = users
            .access(self.adapter, self.stored, self.deadline)
            .await?;
        let auth = match access {
            Access::Ready(auth) => auth,
            Access::Later { retry_at } => {
                let later = Credentials::Later { retry_at };
                return self.deliver_with(params, later).await.map(Some);
            }
            Access::Dead => {
                return self.deliver_with(params, Credentials::Dead).await.map(Some);
            }
            Access::SignedOut => return Ok(None),
        };
        let first = self.deliver_with(params, Credentials::Held(&auth)).await?;
        if first.reason != Some(Reason::Unauthorized) {
            return Ok(Some(first));
        }
        let key = self.stored.key();
        let renewed = users
            .renewed(self.adapter, &key, &auth, self.deadline)
            .await?;
        match renewed {
            Access::Ready(other) if !is_same(&other, &auth) => {
                let second = self.deliver_with(params, Credentials::Held(&other)).await?;
                Ok(Some(first.then(second)))
            }
            Access::Ready(_) | Access::Later { .. } | Access::Dead | Access::SignedOut => {
                Ok(Some(first))
            }
        }
    }

    async fn deliver_with(
        &self,
        params: &MessageLogParams,
        credentials: Credentials<'_>,
    ) -> Result<Outcome, StoreError> {
        let named = &params.user;
        let stored = self.stored.user();
        let user = User {
            name: named.name.clone().or(stored.name),
            settings: match named.settings.is_empty() {
                true => stored.settings,
                false => named.settings.clone(),
            },
            ..stored
        };
        let caller = Caller {
            tenant: self.stored.tenant.clone(),
            user: &user,
            zone: params.zone.or(user.zone).unwrap_or(Zone::UTC),
            credentials,
        };
        self.app
            .engine(self.adapter, self.deadline)
            .deliver(params, &caller)
            .await
    }
}

fn is_same(one: &AuthHeader, other: &AuthHeader) -> bool {
    one.expose_secret() == other.expose_secret()
}

/// The user who signed in and whom the caller names, with the host of the CRM where that tells
/// which company is meant: ids are unique within one only.
async fn stored_user(
    app: &App,
    adapter: &dyn CrmAdapter,
    named: &User,
    deadline: Deadline,
) -> Result<Result<StoredUser, RequestError>, StoreError> {
    let platform = adapter.profile().id;
    let store = app.users.store(deadline);
    let key = UserKey {
        platform: platform.to_owned(),
        tenant: adapter.tenant(named),
        id: named.id.clone(),
    };
    if let Some(user) = store.get(&key).await? {
        return Ok(Ok(user));
    }
    let elsewhere = named.hostname.is_none() && !store.of_id(platform, &named.id).await?.is_empty();
    Ok(Err(match elsewhere {
        true => {
            let problem = "is needed: a user of this id signed in, at another host";
            RequestError::field("user.hostname", problem)
        }
        false => not_signed_in(),
    }))
}

fn not_signed_in() -> RequestError {
    let problem = "is required, since the user has not signed in here";
    RequestError::field("authHeader", problem)
}
