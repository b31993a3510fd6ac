//! Envelope encryption: nothing that a user entrusted to us reaches the table in clear.
//!
//! A secret is sealed with a data key (AES-256-GCM), the data key is wrapped by a master key and
//! kept in the table. On AWS the master key is in KMS and never leaves it; on one machine it comes
//! from a variable. Data keys are replaced by age; each sealed secret names the one it needs.

use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use daybook_core::config::{ConfigError, Vars};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{Result, Table};

/// A sealed secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// The data key.
    pub key: String,
    /// Nonce, secret and tag, in Base64.
    pub text: String,
}

/// Where the master key is.
#[derive(Debug, Clone)]
pub struct SealingConfig {}

impl SealingConfig {
    /// Reads `SEALING_KMS_KEY` or `SEALING_KEYS`.
    ///
    /// # Errors
    /// [`ConfigError`], naming the variable.
    pub fn from_vars(_vars: &Vars<'_>) -> std::result::Result<Self, ConfigError> {
        todo!()
    }
}

/// Seals and opens secrets. Clones share the data keys that were unwrapped.
#[derive(Debug, Clone)]
pub struct Sealer {
    _inner: Arc<()>,
}

impl Sealer {
    /// Seals for `table`.
    pub fn new(_config: &SealingConfig, _sdk: &SdkConfig, _table: &Table) -> Self {
        todo!()
    }

    /// Seals `secret`. It opens again only with the same `purpose`: whose secret it is, and which.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn seal(
        &self,
        _left: Duration,
        _now_millis: i64,
        _purpose: &str,
        _secret: &SecretString,
    ) -> Result<Sealed> {
        todo!()
    }

    /// Opens what was sealed.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn open(
        &self,
        _left: Duration,
        _purpose: &str,
        _sealed: &Sealed,
    ) -> Result<SecretString> {
        todo!()
    }
}
