//! The Example CRM: contacts and activities of a few companies behind a small REST API, OAuth 2.0
//! for apps, and pages to look at it all.
//!
//! It stands in for a real CRM when Daybook runs on one machine, and knows nothing of Daybook.
//! The API is in `api`, the sign-in of apps in `oauth`, what it keeps in `records`, `grants` and
//! `store`, the pages in `page`, the companies and users in `people`.

mod api;
mod auth;
mod error;
mod fields;
mod file;
mod form;
mod grants;
mod note;
mod oauth;
mod page;
mod people;
mod records;
mod requests;
mod store;
#[cfg(test)]
mod tests;
mod time;
mod token;

use std::fmt;
use std::path::Path;
use std::time::Duration;

use axum::Router;
use axum::extract::FromRef;
use chrono::{DateTime, Utc};

pub use crate::file::OpenError;
pub use crate::oauth::{OAUTH_CLIENT_ID, OAUTH_CLIENT_SECRET, OAUTH_REDIRECT_URIS};
pub use crate::people::{DEMO_KEY, SECOND_COMPANY_KEY, SECOND_REP_KEY};

use crate::store::Store;
use crate::time::Clock;

const ACCESS_TOKEN_LIFE: Duration = Duration::from_mins(10);

/// The Example CRM, as something to mount in a server. Clones share the same data.
///
/// Nobody signs in to look at its pages, so it belongs on a local address and with made-up data.
#[derive(Clone)]
pub struct ExampleCrm {
    store: Store,
    access_token_life: Duration,
}

impl ExampleCrm {
    /// Opens the data kept in `example-crm.json` in `dir`; makes both, with the demo contacts, where
    /// they are missing. Reads the disk before it returns.
    ///
    /// One process at a time may have a folder open: each writes the whole file.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when the file cannot be read or first written, or holds something else than
    /// this CRM's data. A damaged file is left as it is.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        let store = Store::open(dir)?;
        Ok(Self::new(store))
    }

    /// A new CRM with the demo contacts, forgotten with its last clone.
    #[must_use]
    pub fn in_memory() -> Self {
        let store = Store::in_memory();
        Self::new(store)
    }

    fn new(store: Store) -> Self {
        let access_token_life = ACCESS_TOKEN_LIFE;
        Self {
            store,
            access_token_life,
        }
    }

    /// The same CRM whose access tokens, from now on, can be used for `life`; it is ten minutes
    /// otherwise. Apps are told the whole seconds of it.
    #[must_use]
    pub fn with_access_token_life(mut self, life: Duration) -> Self {
        self.access_token_life = life;
        self
    }

    /// The same CRM by another clock than the machine's: by it records are stamped, and codes and
    /// tokens expire.
    #[must_use]
    pub fn with_clock(mut self, tell: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        self.store = self.store.with_clock(Clock::new(tell));
        self
    }

    /// Every route: the API under `/crm/api` and the pages under `/crm`.
    ///
    /// It has no fallback of its own outside `/crm/api`, so it merges with other routers. Handlers
    /// need a Tokio runtime.
    pub fn router(&self) -> Router {
        Router::new()
            .merge(api::routes(&self.store))
            .merge(oauth::pages())
            .merge(page::routes())
            .with_state(self.clone())
    }
}

impl FromRef<ExampleCrm> for Store {
    fn from_ref(crm: &ExampleCrm) -> Self {
        crm.store.clone()
    }
}

impl fmt::Debug for ExampleCrm {
    // Names, numbers and notes stay out of whatever prints this.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExampleCrm").finish_non_exhaustive()
    }
}
