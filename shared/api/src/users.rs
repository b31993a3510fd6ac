//! Users: signing in and out, what is known of them, and their credentials.
//!
//! Every change of a user is one conditional write of the whole item; one that loses against
//! another is made again on what stands there now. `sign_in` and `sign_out` begin and end a session,
//! [`access`] has the use of credentials and `refresh` their renewal, `credentials` how they are
//! sealed, and `held` gives them to what is delivered late. `told` has what users were told of contacts.

pub mod access;
mod credentials;
mod held;
mod refresh;
mod settings;
mod sign_in;
mod sign_out;
mod tenants;
pub(crate) mod told;

pub use settings::SettingsError;
pub use sign_in::{Proof, SignIn, SignInError};
pub use tenants::AllowedTenants;

use std::sync::Arc;

use chrono::Offset;
use daybook_adapters::http::Http;
use daybook_adapters::registry::Registry;
use daybook_adapters::{Ctx, Outbound, Profile, UserInfo};
use daybook_core::params::AuthHeader;
use daybook_core::time::{Clock, Deadline};
use daybook_core::user::User;
use daybook_store::items::StoredUser;
use daybook_store::sealing::Sealer;
use daybook_store::users::UserStore;
use daybook_store::{StoreError, Table, Write};

use crate::app::Random;
use crate::session::Session;

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

impl Users {
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

    /// Writes down what the CRM says of a user now. A host that came with the tokens stays: they are
    /// sent nowhere else.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn update_info(
        &self,
        profile: &Profile,
        mut user: StoredUser,
        info: &UserInfo,
        deadline: Deadline,
    ) -> Result<(), StoreError> {
        let store = self.store(deadline);
        loop {
            let seen = user.rev;
            user.rev += 1;
            let host = user.hostname.take().filter(|_| profile.own_hosts);
            self.describe(&mut user, info);
            user.hostname = host.or(user.hostname);
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

    fn kept_until(&self) -> i64 {
        self.clock.now().timestamp() + StoredUser::KEPT_DAYS * 86_400
    }

    fn millis(&self) -> i64 {
        self.clock.now().timestamp_millis()
    }
}
