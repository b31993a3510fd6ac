//! How users sign in to a CRM, and what it says about them.
//!
//! The code grant itself is in [`oauth`](crate::oauth); an adapter says which of the two ways its
//! CRM takes, and where.

use std::fmt;
use std::time::Duration;

use daybook_core::params::AuthHeader;
use daybook_core::time::Zone;
use secrecy::SecretString;
use serde_json::{Map, Value};

use crate::oauth::OAuthApp;

/// The way in which users sign in.
#[derive(Clone, Copy)]
pub enum AuthKind<'a> {
    /// With a key that the CRM shows them.
    ApiKey(&'a dyn ApiKey),
    /// With the authorisation code grant of OAuth 2.0.
    OAuth(&'a dyn OAuth),
}

impl fmt::Debug for AuthKind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ApiKey(_) => "ApiKey",
            Self::OAuth(_) => "OAuth",
        })
    }
}

/// Signing in with an API key.
pub trait ApiKey: Send + Sync {
    /// The value of the `Authorization` header that carries `key`.
    fn auth_header(&self, key: &SecretString) -> AuthHeader;
}

/// Signing in with OAuth 2.0.
pub trait OAuth: Send + Sync {
    /// Our registration at the CRM.
    fn app(&self) -> &OAuthApp;

    /// The host of the user's CRM, from the answer of the token endpoint, in a CRM that says it
    /// there. `answer` holds the fields beside those of RFC 6749.
    fn hostname(&self, answer: &Map<String, Value>) -> Option<String>;
}

/// What a user has granted: the tokens of one answer of the token endpoint.
#[derive(Clone)]
pub struct Grant {
    /// What goes into the `Authorization` header.
    pub access_token: SecretString,
    /// With what the next access token is asked for; absent where the CRM gave none with this
    /// answer.
    pub refresh_token: Option<SecretString>,
    /// How long the access token is good; absent where the CRM does not say.
    pub expires_in: Option<Duration>,
    /// The fields of the answer beside those of RFC 6749.
    pub answer: Map<String, Value>,
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grant")
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

/// What the CRM says about the user whose credentials a call carries.
#[derive(Clone, PartialEq, Eq)]
pub struct UserInfo {
    /// The CRM's id of the user, without the platform.
    pub id: String,
    /// The name to show.
    pub name: Option<String>,
    /// The host of the user's CRM, without a scheme.
    pub hostname: Option<String>,
    /// The user's zone, where the CRM knows it.
    pub zone: Option<Zone>,
}

impl fmt::Debug for UserInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserInfo").finish_non_exhaustive()
    }
}
