//! The master keys, which wrap data keys: in KMS, or here.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_lc_rs::rand;
use aws_sdk_kms::Client;
use aws_sdk_kms::config::retry::RetryConfig;
use aws_sdk_kms::config::timeout::TimeoutConfig;
use aws_sdk_kms::error::SdkError;
use aws_sdk_kms::operation::decrypt::DecryptError;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::DataKeySpec;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, ExposeSecretMut, SecretBox};

use super::SEALED;
use super::cipher::{KEY_BYTES, Key};
use super::config::{MasterConfig, SealingConfig};
use crate::dynamo::failed;
use crate::{Result, StoreError};

/// What every wrapped key is bound to beside its id. The table's name is no part of it, because a
/// table that was restored from a backup has another.
const PURPOSE: &str = "data key";

/// A data key in clear.
#[derive(Debug)]
pub(super) struct Unwrapped {
    pub(super) key: Key,
    /// Whether the master key that wraps new ones wrapped it.
    pub(super) up_to_date: bool,
}

impl Unwrapped {
    fn new(bytes: &[u8], up_to_date: bool) -> Option<Self> {
        Key::new(bytes).map(|key| Self { key, up_to_date })
    }
}

/// The master keys.
#[derive(Debug)]
pub(super) enum Master {
    Kms(Box<Kms>),
    Local(Arc<[Key]>),
}

impl Master {
    pub(super) fn new(config: &SealingConfig, sdk: &SdkConfig) -> Self {
        match &config.0 {
            MasterConfig::Local(keys) => Self::Local(keys.clone()),
            MasterConfig::Kms(key) => Self::Kms(Box::new(Kms {
                key: key.clone(),
                sdk: sdk.clone(),
                client: OnceLock::new(),
            })),
        }
    }

    /// A new data key, and the same wrapped. It unwraps again only by the same `id`.
    pub(super) async fn generate(&self, id: &str) -> Result<(Unwrapped, String)> {
        match self {
            Self::Kms(kms) => kms.generate(id).await,
            Self::Local(keys) => generate(keys, id),
        }
    }

    /// A data key that was wrapped; `None` where none of the master keys that we have did.
    pub(super) async fn unwrap(&self, id: &str, wrapped: &str) -> Result<Option<Unwrapped>> {
        match self {
            Self::Kms(kms) => kms.unwrap(id, wrapped).await,
            Self::Local(keys) => Ok(unwrap(keys, id, wrapped)),
        }
    }
}

fn generate(keys: &[Key], id: &str) -> Result<(Unwrapped, String)> {
    let unmade = || StoreError::sealing(SEALED, "no data key could be made");
    let mut bytes = SecretBox::new(Box::new([0; KEY_BYTES]));
    rand::fill(bytes.expose_secret_mut()).map_err(|_| unmade())?;
    let bytes = bytes.expose_secret();
    let wrapped = keys
        .first()
        .and_then(|key| key.seal(&[PURPOSE, id], bytes))
        .ok_or_else(unmade)?;
    let key = Unwrapped::new(bytes, true).ok_or_else(unmade)?;
    Ok((key, wrapped))
}

fn unwrap(keys: &[Key], id: &str, wrapped: &str) -> Option<Unwrapped> {
    keys.iter().enumerate().find_map(|(index, key)| {
        let bytes = key.open(&[PURPOSE, id], wrapped)?;
        Unwrapped::new(bytes.expose_secret(), index == 0)
    })
}

/// The master key in KMS. The client is built when it is first needed.
pub(super) struct Kms {
    key: String,
    sdk: SdkConfig,
    client: OnceLock<Client>,
}

impl Kms {
    fn client(&self) -> &Client {
        self.client.get_or_init(|| {
            let kms = aws_sdk_kms::config::Builder::from(&self.sdk)
                .retry_config(RetryConfig::standard().with_max_attempts(2))
                .timeout_config(
                    TimeoutConfig::builder()
                        .connect_timeout(Duration::from_secs(1))
                        .operation_attempt_timeout(Duration::from_secs(2))
                        .build(),
                )
                .build();
            Client::from_conf(kms)
        })
    }

    async fn generate(&self, id: &str) -> Result<(Unwrapped, String)> {
        let made = self
            .client()
            .generate_data_key()
            .key_id(&self.key)
            .key_spec(DataKeySpec::Aes256)
            .encryption_context("purpose", PURPOSE)
            .encryption_context("dataKey", id)
            .send()
            .await
            .map_err(|error| failed("kms:GenerateDataKey", &error))?;
        let key = made.plaintext;
        let key = key.and_then(|bytes| Unwrapped::new(bytes.as_ref(), true));
        let wrapped = made.ciphertext_blob.map(|blob| STANDARD.encode(blob));
        key.zip(wrapped)
            .ok_or_else(|| StoreError::sealing(SEALED, "KMS gave no data key"))
    }

    /// KMS finds its key by what is wrapped, so that data keys outlive a change of
    /// `SEALING_KMS_KEY`; which keys may be used is for the function's role to say.
    async fn unwrap(&self, id: &str, wrapped: &str) -> Result<Option<Unwrapped>> {
        let Ok(blob) = STANDARD.decode(wrapped) else {
            return Ok(None);
        };
        let sent = self
            .client()
            .decrypt()
            .ciphertext_blob(Blob::new(blob))
            .encryption_context("purpose", PURPOSE)
            .encryption_context("dataKey", id)
            .send()
            .await;
        let answer = match sent {
            Ok(answer) => answer,
            Err(error) if is_gone(&error) => return Ok(None),
            Err(error) => return Err(failed("kms:Decrypt", &error)),
        };
        let up_to_date = may_be(&self.key, answer.key_id.as_deref());
        let bytes = answer.plaintext;
        Ok(bytes.and_then(|bytes| Unwrapped::new(bytes.as_ref(), up_to_date)))
    }
}

impl fmt::Debug for Kms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kms").finish_non_exhaustive()
    }
}

/// Whether the `configured` key may be the one that KMS used. What cannot be compared, may be.
fn may_be(configured: &str, used: Option<&str>) -> bool {
    let ids = key_id(configured).zip(used.and_then(key_id));
    ids.is_none_or(|(configured, used)| configured == used)
}

/// The id in the id or the ARN of a key. An alias has none.
fn key_id(name: &str) -> Option<&str> {
    match name.rsplit_once(":key/") {
        Some((_, id)) => Some(id),
        None => (!name.contains([':', '/'])).then_some(name),
    }
}

/// Whether KMS has no key, and never will, for what was to be unwrapped.
fn is_gone<R>(error: &SdkError<DecryptError, R>) -> bool {
    error.as_service_error().is_some_and(|error| {
        error.is_invalid_ciphertext_exception()
            || error.is_incorrect_key_exception()
            || error.is_not_found_exception()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_compared_by_their_ids() {
        let arn = |id: &str| format!("arn:aws:kms:eu-central-1:111122223333:key/{id}");
        let alias = "arn:aws:kms:eu-central-1:111122223333:alias/daybook";
        for (configured, used, may) in [
            ("1234-ab", Some(arn("1234-ab")), true),
            (&*arn("1234-ab"), Some(arn("1234-ab")), true),
            ("1234-ab", Some(arn("1234-ac")), false),
            (&*arn("1234-ab"), Some(arn("1234-ac")), false),
            ("alias/daybook", Some(arn("1234-ac")), true),
            (alias, Some(arn("1234-ac")), true),
            ("1234-ab", None, true),
        ] {
            assert_eq!(may_be(configured, used.as_deref()), may, "{configured}");
        }
    }
}
