//! Codes and tokens: random texts, of which only a hash is kept.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

const RANDOM_BYTES: usize = 32;

/// A secret that an app holds. It has no `Debug`, and nothing stores it.
pub(crate) struct Token(String);

/// What is kept of a [`Token`]: its SHA-256.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct TokenHash(String);

impl Token {
    pub(crate) fn random() -> Self {
        let mut bytes = [0; RANDOM_BYTES];
        rand::fill(&mut bytes).expect("the system gives random bytes");
        Self(BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The secret itself, to answer with.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn hash(&self) -> TokenHash {
        TokenHash::of(&self.0)
    }
}

impl TokenHash {
    /// The hash of what a request brings.
    pub(crate) fn of(token: &str) -> Self {
        let hash = digest(&SHA256, token.as_bytes());
        Self(BASE64_URL_SAFE_NO_PAD.encode(hash))
    }
}
