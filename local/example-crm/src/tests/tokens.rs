//! Tokens for codes and refresh tokens, and their end.

use std::error::Error;
use std::time::Duration;

use axum::http::Method;
use serde_json::json;
use tempfile::TempDir;

use super::app::{AUTHORIZE, App, BACK, REVOKE, TOKEN, Tokens, answer, is_refused, request_with};
use super::{Client, ROBIN, basic};
use crate::{ExampleCrm, OAUTH_CLIENT_ID, OAUTH_CLIENT_SECRET};

#[tokio::test]
async fn a_code_gives_tokens_that_stand_for_the_user() {
    let app = App::new();
    for (user, name) in [
        ("1-1", "Demo Rep"),
        ("1-2", "Second Rep"),
        ("2-1", "Other Rep"),
    ] {
        let code = app.allowed(user).await;
        let reply = app.redeem(&code).await;
        assert_eq!(reply.headers["cache-control"], "no-store");
        assert_eq!(reply.headers["content-type"], "application/json");
        let tokens = Tokens::of(&reply);
        let answer = json!({
            "access_token": tokens.access,
            "token_type": "Bearer",
            "expires_in": 600,
            "refresh_token": tokens.refresh,
            "scope": "api",
        });
        assert_eq!(reply.json(), answer);
        assert_eq!((tokens.access.len(), tokens.refresh.len()), (43, 43));
        assert_eq!(app.who(&tokens.access).await.as_deref(), Some(name));
        assert_eq!(app.who(&tokens.refresh).await, None);
        assert_eq!(app.who(&code).await, None);
    }
}

#[tokio::test]
async fn an_app_works_in_the_company_of_its_user() {
    let app = App::new();
    let tokens = app.connect("2-1").await;
    let mut client = app.browser.clone();
    client.authorization = Some(format!("bearer {}", tokens.access));
    assert_eq!(client.list("/crm/api/contacts", "id").await, [ROBIN]);
    client.log(ROBIN, "by the app", "").await;
    let reply = client.get("/crm/api/contacts/1001").await;
    reply.is_refused(404, "not_found", None);
}

#[tokio::test]
async fn the_scope_is_the_one_asked_for() {
    let app = App::new();
    let mut pairs = request_with("scope", "contacts activities:write");
    pairs.extend([("user", "1-1"), ("decision", "allow")]);
    let reply = app.browser.form(AUTHORIZE, &pairs).await;
    let code = answer(&reply.headers, "code").expect("a code");
    let first = app.redeem(&code).await;
    let tokens = Tokens::of(&first);
    for reply in [first, app.refresh(&tokens.refresh).await] {
        assert_eq!(reply.json()["scope"], "contacts activities:write");
    }
}

#[tokio::test]
async fn the_app_proves_who_it_is_in_the_header_or_in_the_form() {
    let app = App::new();
    let tokens = app.connect("1-1").await;
    let refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens.refresh.as_str()),
    ];
    let mut client = app.client.clone();
    let with = |more: &[(&'static str, &'static str)]| [&refresh[..], more].concat();
    let right = format!("{OAUTH_CLIENT_ID}:{OAUTH_CLIENT_SECRET}");
    for (authorization, pairs) in [
        (None, with(&[])),
        (None, with(&[("client_id", OAUTH_CLIENT_ID)])),
        (None, with(&[("client_secret", OAUTH_CLIENT_SECRET)])),
        (
            None,
            with(&[("client_id", OAUTH_CLIENT_ID), ("client_secret", "x")]),
        ),
        (
            None,
            with(&[("client_id", "x"), ("client_secret", OAUTH_CLIENT_SECRET)]),
        ),
        (Some(basic("example-crm-client:")), with(&[])),
        (Some(basic("example-crm-client:x")), with(&[])),
        (Some(basic("x:example-crm-secret")), with(&[])),
        (Some(basic("demo-key:")), with(&[])),
        (Some("Basic %%%".to_owned()), with(&[])),
        (Some(format!("Bearer {}", tokens.access)), with(&[])),
        (Some(basic(&right)), with(&[("client_id", "x")])),
    ] {
        client.authorization = authorization;
        for path in [TOKEN, REVOKE] {
            let reply = client.form(path, &pairs).await;
            is_refused(&reply, 401, "invalid_client");
            assert!(reply.headers.contains_key("www-authenticate"));
        }
    }
    assert!(app.who(&tokens.access).await.is_some());

    let both = [
        ("client_id", OAUTH_CLIENT_ID),
        ("client_secret", OAUTH_CLIENT_SECRET),
    ];
    client.authorization = Some(basic(&right));
    let reply = client.form(TOKEN, &with(&both)).await;
    is_refused(&reply, 400, "invalid_request");

    client.authorization = None;
    let tokens = Tokens::of(&client.form(TOKEN, &with(&both)).await);
    client.authorization = Some(basic("example%2Dcrm%2Dclient:example%2Dcrm%2Dsecret"));
    let pairs = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens.refresh.as_str()),
        ("client_id", OAUTH_CLIENT_ID),
    ];
    Tokens::of(&client.form(TOKEN, &pairs).await);
}

#[tokio::test]
async fn a_request_that_cannot_be_read_is_refused() {
    let app = App::new();
    let code = app.allowed("1-1").await;
    let code = code.as_str();
    for (error, pairs) in [
        ("invalid_request", vec![]),
        ("invalid_request", vec![("grant_type", "")]),
        ("unsupported_grant_type", vec![("grant_type", "password")]),
        (
            "invalid_request",
            vec![("grant_type", "authorization_code"), ("code", code)],
        ),
        (
            "invalid_request",
            vec![("grant_type", "authorization_code"), ("redirect_uri", BACK)],
        ),
        ("invalid_request", vec![("grant_type", "refresh_token")]),
        (
            "invalid_request",
            vec![
                ("grant_type", "authorization_code"),
                ("code", code),
                ("code", code),
                ("redirect_uri", BACK),
            ],
        ),
    ] {
        is_refused(&app.client.form(TOKEN, &pairs).await, 400, error);
    }
    let reply = app.client.form(REVOKE, &[]).await;
    is_refused(&reply, 400, "invalid_request");
    let body = format!("grant_type=authorization_code&code={code}&redirect_uri={BACK}");
    let reply = app.client.send(Method::POST, TOKEN, body).await;
    is_refused(&reply, 400, "invalid_request");
    Tokens::of(&app.redeem(code).await);
}

#[tokio::test]
async fn other_methods_are_refused_in_json() {
    let app = App::new();
    for path in [TOKEN, REVOKE] {
        let reply = app.client.get(path).await;
        reply.is_refused(405, "method_not_allowed", None);
    }
}

#[tokio::test]
async fn a_code_is_good_for_its_own_address_alone() {
    let app = App::new();
    let code = app.allowed("1-1").await;
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", "http://127.0.0.1:6066/oauth-callback"),
    ];
    is_refused(&app.client.form(TOKEN, &pairs).await, 400, "invalid_grant");
    is_refused(&app.redeem("unknown").await, 400, "invalid_grant");
    Tokens::of(&app.redeem(&code).await);
}

#[tokio::test]
async fn a_code_used_twice_ends_what_it_gave() {
    let app = App::new();
    let other = app.connect("1-1").await;
    let code = app.allowed("1-1").await;
    let first = Tokens::of(&app.redeem(&code).await);
    let newest = Tokens::of(&app.refresh(&first.refresh).await);
    is_refused(&app.redeem(&code).await, 400, "invalid_grant");
    assert_eq!(app.who(&newest.access).await, None);
    let reply = app.refresh(&newest.refresh).await;
    is_refused(&reply, 400, "invalid_grant");
    assert!(
        app.who(&other.access).await.is_some(),
        "another grant stays"
    );
}

#[tokio::test]
async fn a_code_lives_a_minute() {
    let app = App::new();
    let (code, late) = (app.allowed("1-1").await, app.allowed("1-1").await);
    app.clock.forward(59);
    Tokens::of(&app.redeem(&code).await);
    app.clock.forward(1);
    is_refused(&app.redeem(&late).await, 400, "invalid_grant");
}

#[tokio::test]
async fn an_access_token_lives_ten_minutes_unless_told() {
    let app = App::new();
    let minute = ExampleCrm::in_memory().with_access_token_life(Duration::from_secs(60));
    for (app, life) in [(app, 600), (App::of(minute), 60)] {
        let code = app.allowed("1-1").await;
        let reply = app.redeem(&code).await;
        assert_eq!(reply.json()["expires_in"], life);
        let tokens = Tokens::of(&reply);
        app.clock.forward(life - 1);
        assert!(app.who(&tokens.access).await.is_some());
        app.clock.forward(1);
        assert_eq!(app.who(&tokens.access).await, None);
        app.clock.forward(1_000_000);
        let tokens = Tokens::of(&app.refresh(&tokens.refresh).await);
        assert!(app.who(&tokens.access).await.is_some());
    }
}

#[tokio::test]
async fn a_refresh_ends_both_tokens_and_an_old_one_harms_nothing() {
    let app = App::new();
    let first = app.connect("1-1").await;
    let second = Tokens::of(&app.refresh(&first.refresh).await);
    assert_eq!(app.who(&first.access).await, None);
    for old in [&first.refresh, &first.access, &second.access] {
        is_refused(&app.refresh(old).await, 400, "invalid_grant");
    }
    assert!(app.who(&second.access).await.is_some());
    let third = Tokens::of(&app.refresh(&second.refresh).await);
    assert!(app.who(&third.access).await.is_some());
}

#[tokio::test]
async fn of_refreshes_that_race_one_wins() -> Result<(), Box<dyn Error>> {
    // A write to a disk takes long enough to be raced with.
    let dir = TempDir::new()?;
    let app = App::of(ExampleCrm::open(dir.path())?);
    let mut tokens = app.connect("1-1").await;
    for _ in 0..10 {
        let racing: Vec<_> = (0..8)
            .map(|_| {
                let (app, old) = (app.clone(), tokens.refresh.clone());
                tokio::spawn(async move { app.refresh(&old).await })
            })
            .collect();
        let mut winners = Vec::new();
        for reply in racing {
            let reply = reply.await?;
            if reply.status.as_u16() == 200 {
                winners.push(Tokens::of(&reply));
            } else {
                is_refused(&reply, 400, "invalid_grant");
            }
        }
        assert_eq!(winners.len(), 1);
        tokens = winners.remove(0);
        assert!(app.who(&tokens.access).await.is_some());
    }
    Ok(())
}

#[tokio::test]
async fn either_token_revokes_the_whole_grant() {
    let app = App::new();
    let other = app.connect("1-1").await;
    for by_refresh in [true, false] {
        let tokens = app.connect("1-1").await;
        let token = if by_refresh {
            &tokens.refresh
        } else {
            &tokens.access
        };
        // The second time it is not known any more.
        for _ in 0..2 {
            let reply = app.revoke(token).await;
            assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, ""));
            assert_eq!(app.who(&tokens.access).await, None);
            let reply = app.refresh(&tokens.refresh).await;
            is_refused(&reply, 400, "invalid_grant");
        }
    }
    assert!(
        app.who(&other.access).await.is_some(),
        "another grant stays"
    );
}

#[tokio::test]
async fn a_key_is_no_token_and_a_token_no_key() {
    let app = App::new();
    let tokens = app.connect("1-1").await;
    assert_eq!(app.who(crate::DEMO_KEY).await, None);
    let mut client: Client = app.browser.clone();
    client.authorization = Some(basic(&format!("{}:", tokens.access)));
    let reply = client.get("/crm/api/me").await;
    reply.is_refused(401, "unauthorized", None);
}
