//! The Example CRM: contacts and activities behind a small REST API, and a page to look at them.
//!
//! It stands in for a real CRM when Daybook runs on one machine, and knows nothing of Daybook.
//! The API is in `api`, what it keeps in `records` and `store`, the read-only page in `page`.

mod api;
mod auth;
mod error;
mod fields;
mod file;
mod note;
mod page;
mod records;
mod requests;
mod store;
#[cfg(test)]
mod tests;
mod time;

use std::fmt;
use std::path::Path;

use axum::Router;

pub use crate::auth::DEMO_KEY;
pub use crate::file::OpenError;

use crate::store::Store;

/// The Example CRM, as something to mount in a server. Clones share the same data.
///
/// Nobody signs in to look at its page, so it belongs on a local address and with made-up data.
#[derive(Clone)]
pub struct ExampleCrm {
    store: Store,
}

impl ExampleCrm {
    /// Opens the data kept in `example-crm.json` in `dir`; makes both, with three demo contacts,
    /// where they are missing. Reads the disk before it returns.
    ///
    /// One process at a time may have a folder open: each writes the whole file.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when the file cannot be read or first written, or holds something else than
    /// this CRM's data. A damaged file is left as it is.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        let store = Store::open(dir)?;
        Ok(Self { store })
    }

    /// A new CRM with the demo contacts, forgotten with its last clone.
    #[must_use]
    pub fn in_memory() -> Self {
        let store = Store::in_memory();
        Self { store }
    }

    /// Every route: the API under `/crm/api` and the page under `/crm`.
    ///
    /// It has no fallback of its own outside `/crm/api`, so it merges with other routers. Handlers
    /// need a Tokio runtime.
    pub fn router(&self) -> Router {
        Router::new()
            .merge(api::routes())
            .merge(page::routes())
            .with_state(self.store.clone())
    }
}

impl fmt::Debug for ExampleCrm {
    // Names, numbers and notes stay out of whatever prints this.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExampleCrm").finish_non_exhaustive()
    }
}
