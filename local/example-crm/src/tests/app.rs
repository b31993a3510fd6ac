//! An app and a person at a browser, for the tests of the sign-in.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::http::{HeaderMap, header};
use chrono::{DateTime, Utc};
use url::{Url, form_urlencoded};

use super::{Client, Reply, basic};
use crate::{ExampleCrm, OAUTH_CLIENT_ID, OAUTH_CLIENT_SECRET, OAUTH_REDIRECT_URIS};

pub(super) const AUTHORIZE: &str = "/crm/oauth/authorize";
pub(super) const TOKEN: &str = "/crm/api/oauth/token";
pub(super) const REVOKE: &str = "/crm/api/oauth/revoke";
pub(super) const BACK: &str = OAUTH_REDIRECT_URIS[0];

/// A clock that stands until it is moved.
#[derive(Clone)]
pub(super) struct Clock(Arc<AtomicI64>);

impl Clock {
    pub(super) fn new() -> Self {
        Self(Arc::new(AtomicI64::new(1_741_000_000)))
    }

    pub(super) fn forward(&self, secs: i64) {
        self.0.fetch_add(secs, Ordering::SeqCst);
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        let secs = self.0.load(Ordering::SeqCst);
        DateTime::from_timestamp(secs, 0).expect("a time")
    }
}

/// What an app was given.
#[derive(Clone)]
pub(super) struct Tokens {
    pub(super) access: String,
    pub(super) refresh: String,
}

impl Tokens {
    pub(super) fn of(reply: &Reply) -> Self {
        assert_eq!(reply.status.as_u16(), 200, "{}", reply.body);
        let answer = reply.json();
        let token = |name: &str| answer[name].as_str().expect("a token").to_owned();
        Self {
            access: token("access_token"),
            refresh: token("refresh_token"),
        }
    }
}

/// The registered app, and the browser of whoever uses it.
#[derive(Clone)]
pub(super) struct App {
    /// Signs in as the app.
    pub(super) client: Client,
    /// Signs in as nobody.
    pub(super) browser: Client,
    pub(super) clock: Clock,
}

impl App {
    pub(super) fn new() -> Self {
        Self::of(ExampleCrm::in_memory())
    }

    pub(super) fn of(crm: ExampleCrm) -> Self {
        Self::by(crm, Clock::new())
    }

    pub(super) fn by(crm: ExampleCrm, clock: Clock) -> Self {
        let tell = clock.clone();
        let crm = crm.with_clock(move || tell.now());
        let mut client = Client::new(&crm);
        client.authorization = Some(basic(&format!("{OAUTH_CLIENT_ID}:{OAUTH_CLIENT_SECRET}")));
        let mut browser = client.clone();
        browser.authorization = None;
        Self {
            client,
            browser,
            clock,
        }
    }

    /// What a person answers on the page.
    pub(super) async fn decide(&self, user: &str, decision: &str) -> Reply {
        let mut pairs = request();
        pairs.extend([("user", user), ("decision", decision)]);
        self.browser.form(AUTHORIZE, &pairs).await
    }

    /// Has a user allow the app; answers the code.
    pub(super) async fn allowed(&self, user: &str) -> String {
        let reply = self.decide(user, "allow").await;
        answer(&reply.headers, "code").expect("a code")
    }

    /// Asks for the tokens of a code.
    pub(super) async fn redeem(&self, code: &str) -> Reply {
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", BACK),
        ];
        self.client.form(TOKEN, &pairs).await
    }

    /// Connects the app with a user.
    pub(super) async fn connect(&self, user: &str) -> Tokens {
        let code = self.allowed(user).await;
        Tokens::of(&self.redeem(&code).await)
    }

    pub(super) async fn refresh(&self, token: &str) -> Reply {
        let pairs = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.client.form(TOKEN, &pairs).await
    }

    pub(super) async fn revoke(&self, token: &str) -> Reply {
        self.client.form(REVOKE, &[("token", token)]).await
    }

    /// Calls the API with an access token: the name of the user, or nothing where it is refused.
    pub(super) async fn who(&self, access: &str) -> Option<String> {
        let mut client = self.browser.clone();
        client.authorization = Some(format!("Bearer {access}"));
        let reply = client.get("/crm/api/me").await;
        if reply.status.as_u16() == 401 {
            reply.is_refused(401, "unauthorized", None);
            assert!(reply.headers.contains_key("www-authenticate"));
            return None;
        }
        reply.json()["name"].as_str().map(str::to_owned)
    }
}

/// What an app sends a person's browser with.
pub(super) fn request() -> Vec<(&'static str, &'static str)> {
    vec![
        ("response_type", "code"),
        ("client_id", OAUTH_CLIENT_ID),
        ("redirect_uri", BACK),
        ("state", "s 1&2"),
    ]
}

/// The request with one parameter changed, added or, for an empty value, left out.
pub(super) fn request_with(
    name: &'static str,
    value: &'static str,
) -> Vec<(&'static str, &'static str)> {
    let mut pairs = request();
    pairs.retain(|(other, _)| *other != name);
    if !value.is_empty() {
        pairs.push((name, value));
    }
    pairs
}

/// The address of the page for a request.
pub(super) fn page(pairs: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    format!("{AUTHORIZE}?{query}")
}

/// Where a browser is sent.
pub(super) fn location(headers: &HeaderMap) -> Option<Url> {
    let location = headers.get(header::LOCATION)?.to_str().ok()?;
    Url::parse(location).ok()
}

/// A parameter of the address that a browser is sent to.
pub(super) fn answer(headers: &HeaderMap, name: &str) -> Option<String> {
    let location = location(headers)?;
    let mut pairs = location.query_pairs();
    let value = pairs.find(|(other, _)| other == name)?.1.into_owned();
    Some(value)
}

/// Checks that a request for tokens was refused.
pub(super) fn is_refused(reply: &Reply, status: u16, error: &str) {
    assert_eq!(reply.status.as_u16(), status, "{}", reply.body);
    let body = reply.json();
    assert_eq!(body["error"], error);
    let words = body["error_description"].as_str();
    assert!(words.is_some_and(|words| words.ends_with('.')));
    assert_eq!(reply.headers["cache-control"], "no-store");
}
