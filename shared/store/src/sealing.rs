//! Envelope encryption: nothing that a user entrusted to us reaches the table in clear.
//!
//! A secret is sealed with a data key (AES-256-GCM), the data key is wrapped by a master key and
//! kept in the table. On AWS the master key is in KMS and never leaves it; on one machine it comes
//! from a variable. Data keys are replaced by age; each sealed secret names the one it needs.
//!
//! The master keys are in `master`, the data keys and their cache in `data_keys`, the cipher in
//! `cipher`.

mod cipher;
mod config;
mod data_keys;
mod master;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

pub use config::SealingConfig;
use data_keys::DataKeys;
use master::Master;

use crate::{Result, StoreError, Table};

/// What was being done when it failed.
const SEALED: &str = "sealed";
/// What was being done when it failed.
const OPENED: &str = "opened";

/// A sealed secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// The data key.
    pub key: String,
    /// Nonce, secret and tag, in Base64.
    pub text: String,
}

/// Seals and opens secrets. Clones share the data keys that were unwrapped.
#[derive(Clone)]
pub struct Sealer {
    keys: Arc<DataKeys>,
}

impl Sealer {
    /// Seals for `table`. KMS, where it has the master key, is reached as `sdk` says.
    pub fn new(config: &SealingConfig, sdk: &SdkConfig, table: &Table) -> Self {
        Self {
            keys: Arc::new(DataKeys::new(Master::new(config, sdk), table.clone())),
        }
    }

    /// Seals `secret`. It opens again only with the same `purpose`: whose secret it is, and which.
    ///
    /// # Errors
    /// [`StoreError::OutOfTime`], [`StoreError::Failed`] where the table does, and
    /// [`StoreError::Sealing`] where there is no data key to be had.
    pub async fn seal(
        &self,
        left: Duration,
        now_millis: i64,
        purpose: &str,
        secret: &SecretString,
    ) -> Result<Sealed> {
        let (id, key) = within(left, self.keys.newest(left, now_millis)).await?;
        let context = [purpose, &id];
        let text = key
            .key
            .seal(&context, secret.expose_secret().as_bytes())
            .ok_or_else(|| StoreError::sealing(SEALED, "the cipher failed"))?;
        Ok(Sealed { key: id, text })
    }

    /// Opens what was sealed.
    ///
    /// # Errors
    /// [`StoreError::OutOfTime`], [`StoreError::Failed`] where the table does, and
    /// [`StoreError::Sealing`] where the text was changed or sealed for another purpose, and where
    /// its data key or the master key of that is gone.
    pub async fn open(
        &self,
        left: Duration,
        purpose: &str,
        sealed: &Sealed,
    ) -> Result<SecretString> {
        let key = within(left, self.keys.of_id(left, &sealed.key)).await?;
        let context = [purpose, &sealed.key];
        let bytes = key.key.open(&context, &sealed.text).ok_or_else(|| {
            StoreError::sealing(OPENED, "it was changed, or sealed for another purpose")
        })?;
        std::str::from_utf8(bytes.expose_secret())
            .map(SecretString::from)
            .map_err(|_| StoreError::sealing(OPENED, "it is not text"))
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").finish_non_exhaustive()
    }
}

/// What `work` gives within `left`. What is known already is given however little that is.
async fn within<T>(left: Duration, work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(left, work)
        .await
        .unwrap_or(Err(StoreError::OutOfTime))
}
