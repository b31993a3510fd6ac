//! The page where a person allows the app, and where it sends the person.

use axum::http::StatusCode;

use super::app::{AUTHORIZE, App, BACK, answer, location, page, request, request_with};
use crate::{OAUTH_CLIENT_ID, OAUTH_REDIRECT_URIS};

#[tokio::test]
async fn the_page_names_the_app_and_offers_every_user() {
    let app = App::new();
    let reply = app.browser.get(&page(&request())).await;
    assert_eq!(reply.status, StatusCode::OK);
    for text in [
        "Allow App Connect?",
        "value=\"1-1\" checked>",
        "Demo Rep",
        "value=\"1-2\">",
        "Second Rep",
        "value=\"2-1\">",
        "Other Rep",
        "Second Company",
        "value=\"allow\"",
        "value=\"deny\"",
        "method=\"post\"",
        "action=\"/crm/oauth/authorize\"",
    ] {
        assert!(reply.body.contains(text), "{text}");
    }
}

#[tokio::test]
async fn the_page_may_be_sent_to_itself_and_on_to_the_app_alone() {
    let app = App::new();
    for (redirect_uri, origin) in [
        (OAUTH_REDIRECT_URIS[0], "https://ringcentral.github.io"),
        (OAUTH_REDIRECT_URIS[1], "http://127.0.0.1:6066"),
        ("http://127.0.0.1:81/oauth-callback", "http://127.0.0.1:81"),
    ] {
        let path = page(&request_with("redirect_uri", redirect_uri));
        let headers = app.browser.get(&path).await.headers;
        let policy = format!(
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self' {origin}; \
             frame-ancestors 'none'"
        );
        assert_eq!(headers["content-security-policy"], policy);
        assert_eq!(headers["referrer-policy"], "same-origin");
        assert_eq!(headers["cache-control"], "no-store");
    }
}

#[tokio::test]
async fn an_app_or_address_that_is_not_registered_gets_a_page_and_never_a_redirect() {
    let app = App::new();
    let twice = |name, value| {
        let mut pairs = request();
        pairs.push((name, value));
        pairs
    };
    for pairs in [
        request_with("client_id", ""),
        request_with("client_id", "other"),
        request_with("redirect_uri", ""),
        request_with("redirect_uri", "https://elsewhere.example/"),
        request_with("redirect_uri", "//elsewhere.example/"),
        twice("client_id", OAUTH_CLIENT_ID),
        twice("redirect_uri", "https://elsewhere.example/"),
        twice("redirect_uri", BACK),
    ] {
        let mut answered = pairs.clone();
        answered.extend([("user", "1-1"), ("decision", "deny")]);
        for reply in [
            app.browser.get(&page(&pairs)).await,
            app.browser.form(AUTHORIZE, &answered).await,
        ] {
            assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{pairs:?}");
            assert!(!reply.headers.contains_key("location"));
            assert!(reply.body.contains("This app cannot be connected"));
            assert!(!reply.body.contains("elsewhere"));
        }
    }
}

#[tokio::test]
async fn what_else_is_wrong_is_told_to_the_app() {
    let app = App::new();
    let mut twice = request();
    twice.push(("scope", "a"));
    twice.push(("scope", "b"));
    for (pairs, error) in [
        (
            request_with("response_type", "token"),
            "unsupported_response_type",
        ),
        (request_with("response_type", ""), "invalid_request"),
        (request_with("scope", "a  b"), "invalid_scope"),
        (request_with("scope", "\"a\""), "invalid_scope"),
        (twice, "invalid_request"),
    ] {
        let mut answered = pairs.clone();
        answered.extend([("user", "1-1"), ("decision", "allow")]);
        for reply in [
            app.browser.get(&page(&pairs)).await,
            app.browser.form(AUTHORIZE, &answered).await,
        ] {
            assert_eq!(reply.status, StatusCode::SEE_OTHER);
            let location = location(&reply.headers).expect("an address");
            assert!(location.as_str().starts_with(BACK));
            assert_eq!(answer(&reply.headers, "error").as_deref(), Some(error));
            assert_eq!(answer(&reply.headers, "state").as_deref(), Some("s 1&2"));
            assert_eq!(answer(&reply.headers, "code"), None);
        }
    }
}

#[tokio::test]
async fn a_person_who_allows_it_is_sent_back_with_a_code() {
    let app = App::new();
    let reply = app.decide("1-1", "allow").await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    assert_eq!(reply.headers["cache-control"], "no-store");
    let code = answer(&reply.headers, "code").expect("a code");
    assert_eq!(code.len(), 43, "32 bytes");
    let expected = format!("{BACK}?code={code}&state=s+1%262");
    assert_eq!(reply.headers["location"], expected);
    assert_ne!(app.allowed("1-1").await, code);
}

#[tokio::test]
async fn a_person_who_cancels_is_sent_back_without_one() {
    let app = App::new();
    let reply = app.decide("1-1", "deny").await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    let expected = format!("{BACK}?error=access_denied&state=s+1%262");
    assert_eq!(reply.headers["location"], expected);
}

#[tokio::test]
async fn without_a_state_none_is_sent_back() {
    let app = App::new();
    let mut pairs = request_with("state", "");
    pairs.extend([("user", "1-1"), ("decision", "deny")]);
    let reply = app.browser.form(AUTHORIZE, &pairs).await;
    let expected = format!("{BACK}?error=access_denied");
    assert_eq!(reply.headers["location"], expected);
}

#[tokio::test]
async fn an_answer_that_the_page_does_not_offer_is_refused() {
    let app = App::new();
    for (user, decision) in [
        ("9-1", "allow"),
        ("1-3", "allow"),
        ("2-2", "allow"),
        ("1", "allow"),
        ("", "allow"),
        ("1-1", ""),
        ("1-1", "maybe"),
    ] {
        let reply = app.decide(user, decision).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{user} {decision}");
        assert!(!reply.headers.contains_key("location"));
    }
    let reply = app.browser.post(AUTHORIZE, serde_json::json!({})).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_an_app_sends_is_escaped() {
    let app = App::new();
    let bad = "\"><script>alert(1)</script>";
    let reply = app.browser.get(&page(&request_with("state", bad))).await;
    assert_eq!(reply.status, StatusCode::OK);
    let escaped = "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;";
    assert!(reply.body.contains(&format!("value=\"{escaped}\"")));
    assert!(!reply.body.contains("<script"));

    let reply = app
        .browser
        .get(&page(&request_with("scope", "'><b>")))
        .await;
    assert!(reply.body.contains("value=\"'&gt;&lt;b&gt;\""));

    for name in ["client_id", "redirect_uri", "response_type", "scope"] {
        let reply = app.browser.get(&page(&request_with(name, bad))).await;
        assert!(!reply.body.contains("script"), "{name}");
    }
}
