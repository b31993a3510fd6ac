//! The page at which a sign-in begins and ends, and the word that a user has removed the app.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Utc};
use daybook_core::time::parse_instant;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::users::Registration;
use crate::{AdapterError, RedirectPage, Removal, Result};

/// What Pipedrive sends where a user has removed the app.
///
/// # Source
/// Pipedrive's documents on uninstallation (facts read 2026-11-20).
#[derive(Deserialize)]
struct Removed {
    client_id: String,
    company_id: u64,
    user_id: u64,
    #[serde(default)]
    timestamp: Value,
}

impl RedirectPage for Registration {
    fn path(&self) -> &'static str {
        "/pipedrive-redirect"
    }

    fn authorize_url(&self) -> Url {
        let mut url = self.authorize.clone();
        url.query_pairs_mut()
            .append_pair("client_id", &self.app.client_id)
            .append_pair("redirect_uri", self.app.redirect_urls[0].as_str());
        url
    }

    fn removed(&self, authorization: Option<&str>, body: &[u8]) -> Result<Removal> {
        let refused = AdapterError::Unauthorized;
        if !authorization.is_some_and(|header| self.is_pipedrive(header)) {
            return Err(refused);
        }
        let unreadable = |_| AdapterError::Invalid {
            status: 400,
            field: None,
        };
        let removed: Removed = serde_json::from_slice(body).map_err(unreadable)?;
        match removed.client_id == self.app.client_id {
            true => Ok(Removal {
                user: removed.user_id.to_string(),
                company: removed.company_id.to_string(),
                at: instant(&removed.timestamp),
            }),
            false => Err(refused),
        }
    }
}

impl Registration {
    /// Whether a header of HTTP Basic carries our own credentials, which Pipedrive alone has too.
    fn is_pipedrive(&self, header: &str) -> bool {
        let secret = self.app.client_secret.expose_secret();
        let pair = format!("{}:{secret}", self.app.client_id);
        let sent = header
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
        let sent = sent.and_then(|(_, sent)| BASE64_STANDARD.decode(sent.trim()).ok());
        sent.is_some_and(|sent| is_same(&sent, pair.as_bytes()))
    }
}

/// In the same time wherever they differ.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let differences = one.iter().zip(other).fold(0, |all, (a, b)| all | (a ^ b));
    one.len() == other.len() && differences == 0
}

fn instant(timestamp: &Value) -> Option<DateTime<Utc>> {
    match timestamp {
        Value::String(text) => parse_instant(text).ok(),
        Value::Number(number) => parse_instant(&number.to_string()).ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;
    use serde_json::json;

    use super::*;
    use crate::oauth::OAuthApp;

    fn registration() -> Registration {
        let url = |text: &str| Url::parse(text).expect("an address");
        Registration {
            app: OAuthApp {
                client_id: "client".to_owned(),
                client_secret: SecretString::from("secret"),
                token_url: url("https://oauth.pipedrive.com/oauth/token"),
                revoke_url: None,
                redirect_urls: vec![url("https://a.example/pipedrive-redirect")],
            },
            authorize: url("https://oauth.pipedrive.com/oauth/authorize"),
            api: None,
        }
    }

    #[test]
    fn a_visitor_is_sent_to_allow_us_to_act() {
        assert_eq!(
            registration().authorize_url().as_str(),
            "https://oauth.pipedrive.com/oauth/authorize?client_id=client\
             &redirect_uri=https%3A%2F%2Fa.example%2Fpipedrive-redirect"
        );
    }

    #[test]
    fn pipedrive_alone_says_that_a_user_removed_the_app() {
        let basic = |pair: &str| format!("Basic {}", BASE64_STANDARD.encode(pair));
        let said = |client: &str| {
            json!({
                "client_id": client,
                "company_id": 5,
                "user_id": 7,
                "timestamp": "2026-11-21T10:00:00Z",
            })
            .to_string()
        };
        let removed =
            |header: Option<&str>, body: &str| registration().removed(header, body.as_bytes());
        let ours = basic("client:secret");
        let removal = removed(Some(&ours), &said("client")).expect("it is Pipedrive");
        assert_eq!(
            (removal.user.as_str(), removal.company.as_str()),
            ("7", "5")
        );
        assert!(removal.at.is_some());
        let refused = Some(AdapterError::Unauthorized);
        for header in [
            None,
            Some("Basic !"),
            Some("Bearer client:secret"),
            Some(&*basic("client:secre")),
            Some(&*basic("client:secret2")),
            Some(&*basic(":")),
            Some(""),
        ] {
            assert_eq!(
                removed(header, &said("client")).err(),
                refused,
                "{header:?}"
            );
        }
        assert_eq!(removed(Some(&ours), &said("another")).err(), refused);
        assert!(removed(Some(&ours), "{}").is_err());
    }
}
