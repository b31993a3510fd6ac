//! How users sign in to a CRM, and what it says about them.
//!
//! The code grant itself is in [`oauth`](crate::oauth); an adapter says which of the two ways its
//! CRM takes, and where.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use daybook_core::limits::{MAX_HOST_BYTES, MAX_ID_BYTES, MAX_NAME_BYTES};
use daybook_core::message::clean_line;
use daybook_core::params::AuthHeader;
use daybook_core::time::Zone;
use secrecy::SecretString;
use serde_json::{Map, Value};
use url::Url;

use crate::oauth::OAuthApp;
use crate::{AdapterError, Cause, Ctx, Result};

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

    /// Where users find their key, in one sentence.
    fn help(&self) -> &'static str;
}

/// Where the extension sends its users to allow us to act for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    /// The CRM's page for that.
    pub url: Url,
    /// What is asked for, in the words of the CRM, where it has to be named.
    pub scopes: &'static [&'static str],
}

/// Signing in with OAuth 2.0.
pub trait OAuth: Send + Sync {
    /// Our registration at the CRM.
    fn app(&self) -> &OAuthApp;

    /// Where a sign-in begins.
    fn authorization(&self) -> Authorization;

    /// The host of the user's CRM, from the answer of the token endpoint, in a CRM that says it
    /// there. `answer` holds the fields beside those of RFC 6749.
    ///
    /// # Errors
    /// [`AdapterError::Unavailable`] where it names none that credentials may be sent to.
    fn hostname(&self, answer: &Map<String, Value>) -> Result<Option<String>>;
}

/// A page of ours at which a sign-in begins and ends, for a CRM that App Connect has one for.
pub trait RedirectPage: Send + Sync {
    /// Its path, as App Connect names it.
    fn path(&self) -> &'static str;

    /// Where a visitor is sent who brings no code: to allow us to act for them.
    fn authorize_url(&self) -> Url;

    /// Reads the CRM's word that a user has removed the app, with the `Authorization` header that
    /// it came with.
    ///
    /// # Errors
    /// [`AdapterError::Unauthorized`] where it is not the CRM that says so;
    /// [`AdapterError::Invalid`] where it cannot be read.
    fn removed(&self, authorization: Option<&str>, body: &[u8]) -> Result<Removal>;
}

/// Who has removed the app.
#[derive(Clone, PartialEq, Eq)]
pub struct Removal {
    /// The CRM's id of the user, without the platform.
    pub user: String,
    /// The CRM's id of the company.
    pub company: String,
    /// When, where the CRM says so.
    pub at: Option<DateTime<Utc>>,
}

/// What a CRM lacks that logs are written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// A type of activity for texts.
    TypeOfTexts,
    /// A type of activity for calls.
    TypeOfCalls,
    /// The type of activity that somebody has named for texts.
    NamedTypeOfTexts,
    /// The type of activity that somebody has named for calls.
    NamedTypeOfCalls,
    /// The permission to say what there is.
    Permission,
}

/// A look at a CRM when somebody has signed in, so that what is missing is told then.
#[async_trait]
pub trait CheckUp: Send + Sync {
    /// What the CRM lacks. What else was told is remembered.
    ///
    /// # Errors
    /// [`AdapterError`].
    async fn lacks(&self, ctx: &Ctx<'_>) -> Result<Vec<Lack>>;
}

daybook_core::conceal!(Removal);

/// What a user has granted: the tokens of one answer of the token endpoint.
#[derive(Clone)]
pub struct Grant {
    /// What goes into the `Authorization` header, as [`bearer`](crate::oauth::bearer) makes it.
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
    /// The CRM's id of the company, where it tells that users are removed by it.
    pub company: Option<String>,
}

impl UserInfo {
    /// What a CRM answered, checked.
    ///
    /// # Shape
    /// The name is on one line, and absent where it is blank or longer than
    /// [`MAX_NAME_BYTES`]. The host is a DNS name in lower case; a blank one is absent.
    ///
    /// # Errors
    /// [`AdapterError::Unavailable`] where the id is none or the host is none: by these the user
    /// is told from all others.
    pub fn checked(
        id: &str,
        name: Option<&str>,
        hostname: Option<&str>,
        zone: Option<Zone>,
    ) -> Result<Self> {
        let unreadable = || AdapterError::not_applied(Cause::Unreadable);
        let id = id.trim();
        if id.is_empty() || id.len() > MAX_ID_BYTES || id.chars().any(char::is_control) {
            return Err(unreadable());
        }
        let name = name
            .map(clean_line)
            .filter(|name| !name.is_empty() && name.len() <= MAX_NAME_BYTES);
        let hostname = hostname
            .filter(|host| !host.trim().is_empty())
            .map(|host| dns_name(host).ok_or_else(unreadable))
            .transpose()?;
        Ok(Self {
            id: id.to_owned(),
            name,
            hostname,
            zone,
            company: None,
        })
    }
}

impl fmt::Debug for UserInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserInfo").finish_non_exhaustive()
    }
}

/// A DNS name in lower case: labels of letters, digits and hyphens, without a dot at its end, and
/// with neither a scheme nor a port.
pub(crate) fn dns_name(text: &str) -> Option<String> {
    let is_label = |label: &str| {
        let usable = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(usable)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let text = text.trim();
    (text.len() <= MAX_HOST_BYTES && text.split('.').all(is_label))
        .then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(id: &str, name: &str, hostname: &str) -> Result<UserInfo> {
        UserInfo::checked(id, Some(name), Some(hostname), None)
    }

    #[test]
    fn a_user_has_an_id_a_name_on_one_line_and_a_plain_host() {
        let info = checked(" 12 ", " Demo\n\tRep ", "Acme.CRM.example ").expect("a user");
        assert_eq!(info.id, "12");
        assert_eq!(info.name.as_deref(), Some("Demo Rep"));
        assert_eq!(info.hostname.as_deref(), Some("acme.crm.example"));
        let long = "x".repeat(MAX_NAME_BYTES + 1);
        for name in ["", " \n", &long] {
            assert_eq!(checked("12", name, "a.example").expect("a user").name, None);
        }
        assert_eq!(checked("12", "Rep", " ").expect("a user").hostname, None);
    }

    #[test]
    fn a_user_without_an_id_or_with_an_odd_host_is_not_read() {
        let unreadable = AdapterError::not_applied(Cause::Unreadable);
        for id in ["", " ", "a\nb", &"1".repeat(MAX_ID_BYTES + 1)] {
            assert_eq!(
                checked(id, "Rep", "a.example"),
                Err(unreadable.clone()),
                "{id:?}"
            );
        }
        let label = "x".repeat(64);
        let long = ["x"; 128].join(".");
        for host in [
            "https://a.example",
            "a.example:80",
            "a.example/",
            "a.example.",
            ".example",
            "a..example",
            "rep@a.example",
            "-a.example",
            "a-.example",
            "a_b.example",
            "a b.example",
            "ä.example",
            "[::1]",
            &label,
            &long,
        ] {
            assert_eq!(
                checked("12", "Rep", host),
                Err(unreadable.clone()),
                "{host}"
            );
        }
        assert!(checked(&"1".repeat(MAX_ID_BYTES), "Rep", &"x".repeat(63)).is_ok());
    }
}
