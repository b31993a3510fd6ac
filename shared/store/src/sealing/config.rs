//! Where the master key is.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use daybook_core::config::{ConfigError, Vars};
use secrecy::{ExposeSecret, SecretSlice};

use super::cipher::{KEY_BYTES, Key};

const KMS_KEY: &str = "SEALING_KMS_KEY";
const KEYS: &str = "SEALING_KEYS";

/// KMS has no longer name of a key: an ARN with an alias of 256 bytes.
const MAX_KMS_KEY_BYTES: usize = 2_048;

/// Where the master key is. `Debug` shows no key.
#[derive(Clone)]
pub struct SealingConfig(pub(super) MasterConfig);

#[derive(Clone)]
pub(super) enum MasterConfig {
    /// In KMS, by id, ARN or alias.
    Kms(String),
    /// Here: the first wraps, all unwrap.
    Local(Arc<[Key]>),
}

impl SealingConfig {
    /// Reads `SEALING_KMS_KEY` or `SEALING_KEYS`, of which exactly one is set.
    ///
    /// # Shape
    /// `SEALING_KMS_KEY` is the id, ARN or alias of a symmetric KMS key. `SEALING_KEYS` is one or
    /// more keys of 32 bytes in Base64, separated by commas. The first wraps new data keys, each
    /// unwraps those that it wrapped. Put a new key behind the others first and in front of them
    /// once every process knows it. An old one is needed as long as anything is sealed below it.
    ///
    /// # Errors
    /// [`ConfigError`], naming the variable and never repeating its value.
    pub fn from_vars(vars: &Vars<'_>) -> Result<Self, ConfigError> {
        match (vars.get(KMS_KEY), vars.get(KEYS)) {
            (Some(_), Some(_)) => Err(ConfigError::new(
                KEYS,
                format!("is set beside {KMS_KEY}; exactly one of them is needed"),
            )),
            (None, None) => Err(ConfigError::new(
                KMS_KEY,
                format!("is not set, and neither is {KEYS}; exactly one of them is needed"),
            )),
            (Some(name), None) => kms_key(name.trim()).map(|name| Self(MasterConfig::Kms(name))),
            (None, Some(list)) => local_keys(&list).map(|keys| Self(MasterConfig::Local(keys))),
        }
    }
}

impl fmt::Debug for SealingConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            MasterConfig::Kms(_) => "SealingConfig(KMS)",
            MasterConfig::Local(_) => "SealingConfig(local)",
        })
    }
}

fn kms_key(name: &str) -> Result<String, ConfigError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_/:".contains(&byte);
    match name.len() <= MAX_KMS_KEY_BYTES && name.bytes().all(allowed) {
        true => Ok(name.to_owned()),
        false => Err(ConfigError::new(
            KMS_KEY,
            "is not the id, the ARN or the alias of a KMS key",
        )),
    }
}

fn local_keys(list: &str) -> Result<Arc<[Key]>, ConfigError> {
    list.split(',')
        .map(|text| {
            let bytes = STANDARD.decode(text.trim()).map(SecretSlice::from).ok()?;
            Key::new(bytes.expose_secret())
        })
        .collect::<Option<_>>()
        .ok_or_else(|| {
            ConfigError::new(
                KEYS,
                format!("does not hold keys of {KEY_BYTES} bytes in Base64, separated by commas"),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kms: Option<&str>, keys: Option<&str>) -> Result<SealingConfig, ConfigError> {
        let source = |name: &str| {
            let value = match name {
                KMS_KEY => kms,
                KEYS => keys,
                other => panic!("{other} is read"),
            };
            value.map(str::to_owned)
        };
        SealingConfig::from_vars(&Vars::new(&source))
    }

    fn key(byte: u8) -> String {
        STANDARD.encode([byte; KEY_BYTES])
    }

    #[test]
    fn one_of_both_variables_is_needed_and_no_value_is_repeated() {
        let (one, long) = (key(1), "x".repeat(MAX_KMS_KEY_BYTES + 1));
        let short = STANDARD.encode([7; 31]);
        let broken = format!("{one},{}", &one[1..]);
        for (kms, keys, named) in [
            (None, None, KMS_KEY),
            (Some(" "), Some(""), KMS_KEY),
            (Some("alias/daybook"), Some(&*one), KEYS),
            (Some("alias/day book"), None, KMS_KEY),
            (Some("alias/\u{e9}"), None, KMS_KEY),
            (Some(&*long), None, KMS_KEY),
            (None, Some("Daisy"), KEYS),
            (None, Some(&*short), KEYS),
            (None, Some(&*broken), KEYS),
            (None, Some(","), KEYS),
            (None, Some(&*format!("{one},")), KEYS),
        ] {
            let error = read(kms, keys).expect_err("refused");
            assert_eq!(error.variable, named);
            for value in [kms, keys].into_iter().flatten() {
                let secret = value.trim();
                assert!(
                    secret.len() < 2 || !error.to_string().contains(secret),
                    "{error}"
                );
            }
        }
    }

    #[test]
    fn a_kms_key_and_local_keys_are_read_and_never_shown() {
        for name in [
            " alias/daybook ",
            "mrk-1234abcd12ab34cd56ef1234567890ab",
            "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        ] {
            let config = read(Some(name), None).expect("read");
            assert!(matches!(&config.0, MasterConfig::Kms(read) if read == name.trim()));
            assert_eq!(format!("{config:?}"), "SealingConfig(KMS)");
        }
        let list = format!(" {} , {}\n", key(1), key(2));
        let config = read(None, Some(&list)).expect("read");
        assert!(matches!(&config.0, MasterConfig::Local(keys) if keys.len() == 2));
        assert_eq!(format!("{config:?}"), "SealingConfig(local)");
    }
}
