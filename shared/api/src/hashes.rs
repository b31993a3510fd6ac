//! RingCentral's ids of accounts and extensions, hashed: the raw ones are never stored.

use aws_lc_rs::hmac;
use daybook_core::config::{ConfigError, Vars};
use daybook_core::ids::HashedId;
use daybook_core::params::RingCentralId;
use secrecy::ExposeSecret;

use crate::session::secret;

/// Hashes ids with the key of the deployment, so that nobody else can try out all numbers.
#[derive(Clone)]
pub struct Hashes(hmac::Key);

impl Hashes {
    /// Reads `HASH_KEY`.
    ///
    /// # Errors
    /// [`ConfigError`] where it is not set or too short.
    pub fn from_vars(vars: &Vars<'_>) -> Result<Self, ConfigError> {
        const KEY: &str = "HASH_KEY";
        let key = secret(KEY, vars.required(KEY)?)?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose_secret().as_bytes());
        Ok(Self(key))
    }

    /// A RingCentral account.
    pub fn account(&self, id: &str) -> HashedId {
        self.hash("account", id)
    }

    /// A RingCentral extension.
    pub fn extension(&self, id: &str) -> HashedId {
        self.hash("extension", id)
    }

    /// An account that is named by its id or by its hash.
    pub fn of_account(&self, id: &RingCentralId) -> HashedId {
        match id {
            RingCentralId::Raw(id) => self.account(id),
            RingCentralId::Hashed(id) => id.clone(),
        }
    }

    /// An extension that is named by its id or by its hash.
    pub fn of_extension(&self, id: &RingCentralId) -> HashedId {
        match id {
            RingCentralId::Raw(id) => self.extension(id),
            RingCentralId::Hashed(id) => id.clone(),
        }
    }

    /// Contacts by what they are looked for, or made of.
    pub fn contacts(&self, of: &str) -> HashedId {
        self.hash("contacts", of)
    }

    fn hash(&self, what: &str, id: &str) -> HashedId {
        let tag = hmac::sign(&self.0, format!("{what}:{id}").as_bytes());
        let digits: String = tag.as_ref().iter().map(|b| format!("{b:02x}")).collect();
        HashedId::parse(&digits).expect("digits are not blank")
    }
}

impl std::fmt::Debug for Hashes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hashes(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(key: &str) -> Result<Hashes, ConfigError> {
        let find = |name: &str| (name == "HASH_KEY").then(|| key.to_owned());
        Hashes::from_vars(&Vars::new(&find))
    }

    #[test]
    fn a_hash_depends_on_the_id_its_kind_and_the_key() {
        let ours = hashes(&"k".repeat(32)).expect("long enough");
        let hash = ours.account("37439510");
        assert_eq!(hash.as_str().len(), 64);
        assert_eq!(hash, ours.account("37439510"));
        assert_ne!(hash, ours.account("37439511"));
        assert_ne!(hash, ours.extension("37439510"));
        let theirs = hashes(&"l".repeat(32)).expect("long enough");
        assert_ne!(hash, theirs.account("37439510"));
    }

    #[test]
    fn a_short_key_is_refused() {
        let error = hashes("short").expect_err("refused");
        assert_eq!(error.variable, "HASH_KEY");
        assert!(!error.to_string().contains("short,"));
    }
}
