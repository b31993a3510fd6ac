//! Whose credentials a call carries, and what becomes of those that are refused.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::time::Duration;

use daybook_adapters::oauth::bearer;
use daybook_adapters::{AdapterError, Applied, AuthKind, Cause};
use daybook_core::params::AuthHeader;
use daybook_fakes::{Fault, Rule};
use daybook_tests::adapters::{Fixture, user};
use secrecy::{ExposeSecret, SecretString};

use crate::failures::page;
use crate::mark;
use crate::ways::{Logs, creates, deletions, reads, searches, updates};

pub(crate) async fn user_info_is_of_the_user_whose_credentials_are_sent(fixture: &Fixture) {
    let users = fixture.fake.users();
    let mut keys = BTreeSet::new();
    // The first comes again, after the others.
    for known in users.iter().chain(&users[..1]) {
        let auth = fixture.auth_of(known).await;
        fixture.crm().clear_journal();
        let info = fixture.adapter.get_user_info(&fixture.ctx_as(&auth)).await;
        let info = info.expect("a user");
        assert!(info == *known, "it is their own: {}", known.id);
        let sent = (fixture.crm().journal().len(), fixture.crm().writes());
        assert_eq!(sent, (1, 0), "one call, a read");
        let user = user(fixture.adapter.profile().id, &info);
        keys.insert((fixture.adapter.tenant(&user), user.id));
    }
    assert_eq!(keys.len(), users.len(), "each user is told from all others");
}

pub(crate) async fn refused_credentials_are_unauthorized_and_nothing_else(fixture: &Fixture) {
    let logs = Logs::of(fixture).await;
    let stand = async || {
        let (adapter, ctx, mark) = (&fixture.adapter, fixture.ctx(), mark());
        let messages = adapter.find_message_logs_by_mark(&ctx, fixture.contact(), &mark);
        let messages = messages.await.expect("a list").len();
        let calls = adapter.find_call_logs_by_mark(&ctx, fixture.contact(), &mark);
        let calls = calls.await.expect("a list").len();
        let message = fixture.fake.activity(&logs.message).await;
        let call = fixture.fake.activity(&logs.call).await;
        (message, call, messages, calls)
    };
    let before = stand().await;
    let auth = refused(fixture);
    let ctx = fixture.ctx_as(&auth);
    fixture.crm().clear_journal();
    let told = fixture.adapter.get_user_info(&ctx).await;
    assert_eq!(told, Err(AdapterError::Unauthorized), "no user is told");
    assert_eq!(fixture.crm().journal().len(), 1, "it is sent once");
    fixture.crm().clear_journal();
    let refused = AdapterError::Unauthorized;
    let said = reads(fixture, &ctx, &logs).await;
    said.is(&refused, fixture, &"reads");
    let said = searches(fixture, &ctx).await;
    said.is(&refused, fixture, &"searches");
    let said = creates(fixture, &ctx).await;
    said.is(&refused, fixture, &"creates");
    let said = updates(fixture, &ctx, &logs).await;
    said.is(&refused, fixture, &"updates");
    let said = deletions(fixture, &ctx, &logs).await;
    said.is(&refused, fixture, &"deletions");
    assert_eq!(stand().await, before, "nothing is written or made");
}

pub(crate) async fn a_user_who_cannot_be_read_is_not_signed_out(fixture: &Fixture) {
    let unavailable = |cause| AdapterError::not_applied(cause);
    let wait = Some(Duration::from_secs(7));
    for (fault, expected) in [
        (Fault::status(401), AdapterError::Unauthorized),
        (page(401), AdapterError::Unauthorized),
        (Fault::status(403), AdapterError::Forbidden),
        (page(403), unavailable(Cause::Status(403))),
        (Fault::status(404), AdapterError::Rejected { status: 404 }),
        (
            Fault::rate_limited("7"),
            AdapterError::RateLimited { retry_after: wait },
        ),
        (
            Fault::status_with(503, &[("retry-after", "7")], ""),
            AdapterError::Unavailable {
                applied: Applied::No,
                cause: Cause::Status(503),
                retry_after: wait,
            },
        ),
        (Fault::DropBefore, unavailable(Cause::Cut)),
        (
            Fault::Hang(Duration::from_secs(3)),
            unavailable(Cause::TimedOut),
        ),
        (
            Fault::html(200, "<h1>Hi</h1>"),
            unavailable(Cause::Unreadable),
        ),
        (
            Fault::json(200, &serde_json::json!({})),
            unavailable(Cause::Unreadable),
        ),
    ] {
        fixture.crm().clear_journal();
        fixture.crm().clear_plan();
        fixture.crm().plan(Rule::new(fault.clone()));
        let info = fixture.adapter.get_user_info(&fixture.ctx()).await;
        assert_eq!(info, Err(expected), "{fault:?}");
        assert_eq!(fixture.crm().journal().len(), 1, "{fault:?}: sent once");
    }
}

pub(crate) async fn no_secret_is_shown(fixture: &Fixture) {
    let first = fixture.user_info();
    let marked = SecretString::from("marked-secret");
    let (mut shown, mut secrets) = (Vec::new(), Vec::new());
    let mut show = |value: &dyn Debug| shown.push(format!("{value:?} {value:#?}"));
    match fixture.adapter.auth() {
        AuthKind::ApiKey(kind) => {
            let key = fixture.fake.credentials(&first, None).await;
            show(&kind.auth_header(&key));
            secrets.push(key);
        }
        AuthKind::OAuth(oauth) => {
            let grant = fixture.grant_of(&first).await;
            let (app, out) = (oauth.app(), fixture.ctx().outbound());
            let redirect = &app.redirect_urls[0];
            show(&app);
            show(&grant);
            show(&app.exchange(&out, &marked, redirect).await);
            show(&app.refresh(&out, &marked).await);
            secrets.push(app.client_secret.clone());
            secrets.push(grant.access_token);
            secrets.extend(grant.refresh_token);
        }
    }
    let ctx = fixture.ctx();
    let refused = refused(fixture);
    show(&fixture.adapter);
    show(&fixture.adapter.auth());
    show(&ctx);
    show(&fixture.adapter.get_user_info(&ctx).await);
    let refusal = fixture
        .adapter
        .get_user_info(&fixture.ctx_as(&refused))
        .await;
    show(&refusal);
    secrets.extend([marked, ctx.auth.clone(), refused]);
    secrets.extend(first.name.map(SecretString::from));
    for (secret, text) in secrets
        .iter()
        .flat_map(|secret| shown.iter().map(move |text| (secret, text)))
    {
        assert!(!text.contains(secret.expose_secret()), "{text}");
    }
}

/// Credentials of nobody.
fn refused(fixture: &Fixture) -> AuthHeader {
    let nobodys = SecretString::from("marked-refused");
    match fixture.adapter.auth() {
        AuthKind::ApiKey(kind) => kind.auth_header(&nobodys),
        AuthKind::OAuth(_) => bearer(&nobodys),
    }
}
