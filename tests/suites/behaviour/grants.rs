//! How codes and refresh tokens become access tokens, and how a grant ends.

use std::time::Duration;

use daybook_adapters::oauth::{OAuthApp, bearer};
use daybook_adapters::{AdapterError, Applied, AuthKind, Cause, Grant, Outbound, UserInfo};
use daybook_fakes::{Fault, Rule};
use daybook_tests::adapters::Fixture;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use crate::failures::page;

/// Our registration and the way to the CRM, where users sign in with OAuth. Where they do not, no
/// token is asked for.
async fn oauth(fixture: &Fixture) -> Option<(&OAuthApp, Outbound<'_>)> {
    match fixture.adapter.auth() {
        AuthKind::OAuth(oauth) => Some((oauth.app(), fixture.ctx().outbound())),
        AuthKind::ApiKey(_) => {
            no_token_is_asked_for(fixture).await;
            None
        }
    }
}

/// A key is sent as it is: each call is one request, with the credentials it was given.
async fn no_token_is_asked_for(fixture: &Fixture) {
    let ctx = fixture.ctx();
    let info = fixture.adapter.get_user_info(&ctx).await.expect("a user");
    fixture.auth_of(&info).await;
    let log = crate::created(fixture).await;
    let read = fixture.adapter.get_message_log(&ctx, &log.id).await;
    assert_eq!(read.expect("read").id, log.id);
    let journal = fixture.crm().journal();
    assert_eq!(journal.len(), 3, "no call but those that were asked for");
    for exchange in journal {
        let sent = exchange.headers["authorization"].to_str();
        assert_eq!(sent.ok(), Some(ctx.auth.expose_secret()));
        assert!(!exchange.path.contains("token"), "{}", exchange.path);
    }
}

/// A code of the first user.
async fn code(fixture: &Fixture, redirect: &Url) -> SecretString {
    let user = fixture.user_info();
    fixture.fake.credentials(&user, Some(redirect)).await
}

async fn who(fixture: &Fixture, grant: &Grant) -> Result<UserInfo, AdapterError> {
    let auth = bearer(&grant.access_token);
    fixture.adapter.get_user_info(&fixture.ctx_as(&auth)).await
}

fn refresh_token(grant: &Grant) -> &SecretString {
    grant.refresh_token.as_ref().expect("a refresh token")
}

fn dead<T>(answered: Result<T, AdapterError>) {
    assert_eq!(answered.err(), Some(AdapterError::Unauthorized));
}

pub(crate) async fn a_code_is_good_once(fixture: &Fixture) {
    let Some((app, out)) = oauth(fixture).await else {
        return;
    };
    for redirect in &app.redirect_urls {
        let code = code(fixture, redirect).await;
        fixture.crm().clear_journal();
        let grant = app.exchange(&out, &code, redirect).await.expect("a grant");
        assert_eq!(fixture.crm().journal().len(), 1, "one call");
        assert!(who(fixture, &grant).await == Ok(fixture.user_info()));
        dead(app.exchange(&out, &code, redirect).await);
        assert_eq!(fixture.crm().journal().len(), 3, "each is sent once");
    }
}

pub(crate) async fn a_refresh_gives_tokens_that_work(fixture: &Fixture) {
    let Some((app, out)) = oauth(fixture).await else {
        return;
    };
    let mut grant = fixture.grant_of(&fixture.user_info()).await;
    for _ in 0..3 {
        let before = fixture.crm().journal().len();
        let token = refresh_token(&grant).clone();
        let mut next = app.refresh(&out, &token).await.expect("a grant");
        assert_eq!(fixture.crm().journal().len(), before + 1, "one call");
        assert!(who(fixture, &next).await == Ok(fixture.user_info()));
        assert!(
            next.access_token.expose_secret() != grant.access_token.expose_secret(),
            "the token is another"
        );
        next.refresh_token.get_or_insert(token);
        grant = next;
    }
}

pub(crate) async fn a_dead_grant_is_unauthorized(fixture: &Fixture) {
    let Some((app, out)) = oauth(fixture).await else {
        return;
    };
    let unknown = SecretString::from("never-given");
    let redirect = &app.redirect_urls[0];
    fixture.crm().clear_journal();
    dead(app.exchange(&out, &unknown, redirect).await);
    dead(app.refresh(&out, &unknown).await);
    assert_eq!(fixture.crm().journal().len(), 2, "each is sent once");
    let code = code(fixture, redirect).await;
    let elsewhere = Url::parse("https://elsewhere.example/back").expect("an address");
    dead(app.exchange(&out, &code, &elsewhere).await);
    let grant = fixture.grant_of(&fixture.user_info()).await;
    // An access token is no refresh token.
    dead(app.refresh(&out, &grant.access_token).await);
}

pub(crate) async fn an_unknown_client_is_rejected(fixture: &Fixture) {
    let Some((app, out)) = oauth(fixture).await else {
        return;
    };
    let redirect = &app.redirect_urls[0];
    let grant = fixture.grant_of(&fixture.user_info()).await;
    let other_id = OAuthApp {
        client_id: "somebody else".to_owned(),
        ..app.clone()
    };
    let other_secret = OAuthApp {
        client_secret: SecretString::from("another:secret"),
        ..app.clone()
    };
    let rejected = |error| matches!(error, Some(AdapterError::Rejected { status: 400..=403 }));
    for unknown in [other_id, other_secret] {
        let code = code(fixture, redirect).await;
        fixture.crm().clear_journal();
        let exchanged = unknown.exchange(&out, &code, redirect).await;
        assert!(rejected(exchanged.err()));
        let refreshed = unknown.refresh(&out, refresh_token(&grant)).await;
        assert!(rejected(refreshed.err()));
        let revoked = unknown.revoke(&out, refresh_token(&grant)).await;
        assert!(rejected(revoked.err()));
        assert_eq!(fixture.crm().journal().len(), 3, "each is sent once");
    }
    let alive = who(fixture, &grant).await;
    assert!(alive == Ok(fixture.user_info()), "the grant is untouched");
}

pub(crate) async fn a_token_call_without_an_answer_is_unknown(fixture: &Fixture) {
    let Some((app, out)) = oauth(fixture).await else {
        return;
    };
    let token = SecretString::from("any");
    let redirect = &app.redirect_urls[0];
    let long = Duration::from_secs(3);
    let wait = Some(Duration::from_secs(7));
    let elsewhere = [("location", fixture.fake.elsewhere())];
    for (fault, expected) in [
        (Fault::DropBefore, AdapterError::unknown(Cause::Cut)),
        (Fault::DropAfter, AdapterError::unknown(Cause::Cut)),
        (Fault::Hang(long), AdapterError::unknown(Cause::TimedOut)),
        (
            Fault::DelayAnswer(long),
            AdapterError::unknown(Cause::TimedOut),
        ),
        (
            Fault::status_with(200, &[], "x".repeat(300 << 10)),
            AdapterError::unknown(Cause::TooLarge),
        ),
        (
            Fault::status(500),
            AdapterError::unknown(Cause::Status(500)),
        ),
        (
            Fault::status(408),
            AdapterError::unknown(Cause::Status(408)),
        ),
        (
            Fault::status_with(503, &[("retry-after", "7")], ""),
            AdapterError::Unavailable {
                applied: Applied::Unknown,
                cause: Cause::Status(503),
                retry_after: wait,
            },
        ),
        (
            Fault::rate_limited("7"),
            AdapterError::RateLimited { retry_after: wait },
        ),
        (page(403), AdapterError::not_applied(Cause::Status(403))),
        (page(401), AdapterError::Rejected { status: 401 }),
        (
            Fault::status_with(307, &elsewhere, ""),
            AdapterError::Rejected { status: 307 },
        ),
    ] {
        fixture.crm().clear_journal();
        fixture.crm().clear_plan();
        fixture.crm().plan(Rule::new(fault.clone()));
        let out = fixture.ctx().outbound();
        let exchanged = app.exchange(&out, &token, redirect).await;
        assert_eq!(exchanged.err().as_ref(), Some(&expected), "{fault:?}");
        let refreshed = app.refresh(&out, &token).await;
        assert_eq!(refreshed.err().as_ref(), Some(&expected), "{fault:?}");
        let revoked = app.revoke(&out, &token).await;
        assert_eq!(revoked.err().as_ref(), Some(&expected), "{fault:?}");
        assert_eq!(fixture.crm().journal().len(), 3, "{fault:?}: sent once");
    }
    fixture.crm().clear_plan();
    fixture
        .crm()
        .plan(Rule::new(Fault::html(200, "<h1>Welcome</h1>")));
    let unreadable = Some(AdapterError::unknown(Cause::Unreadable));
    let exchanged = app.exchange(&out, &token, redirect).await;
    assert_eq!(exchanged.err(), unreadable);
    assert_eq!(app.refresh(&out, &token).await.err(), unreadable);
    fixture.crm().clear_journal();
    let late = fixture.ctx_with(Duration::from_millis(90)).outbound();
    let refreshed = app.refresh(&late, &token).await;
    let out_of_time = AdapterError::not_applied(Cause::OutOfTime);
    assert_eq!(refreshed.err(), Some(out_of_time));
    assert!(fixture.crm().journal().is_empty());
}

pub(crate) async fn a_grant_that_was_given_back_is_over(fixture: &Fixture) {
    let Some((app, out)) = oauth(fixture).await else {
        return;
    };
    let mut users = fixture.fake.users();
    let other = users.swap_remove(1);
    let kept = fixture.grant_of(&other).await;
    let grant = fixture.grant_of(&fixture.user_info()).await;
    fixture.crm().clear_journal();
    for _ in 0..2 {
        assert_eq!(app.revoke(&out, refresh_token(&grant)).await, Ok(()));
    }
    assert_eq!(fixture.crm().journal().len(), 2, "each is sent once");
    dead(who(fixture, &grant).await);
    dead(app.refresh(&out, refresh_token(&grant)).await);
    let grant = fixture.grant_of(&fixture.user_info()).await;
    assert_eq!(app.revoke(&out, &grant.access_token).await, Ok(()));
    dead(who(fixture, &grant).await);
    let alive = who(fixture, &kept).await;
    assert!(alive == Ok(other), "the grant of another user is untouched");
}
