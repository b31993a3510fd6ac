//! What every request passes: who asks, whether they may, and what it costs them.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::body::Body;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use http::request::Parts;
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;

use super::call::Call;
use super::limits::Cost;
use super::oauth;
use super::operations::{self, Operation};
use super::query::Query;
use super::refusal::{Refusal, at_the_door};
use super::state::Account;

/// In a request's extensions: this user does it at the CRM's own pages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hand(pub(super) u64);

/// What the server and its handle share.
#[derive(Debug)]
pub(super) struct Shared {
    account: Mutex<Account>,
    /// How far its clock is ahead of the machine's, in milliseconds.
    ahead: AtomicI64,
}

impl Shared {
    pub(super) fn new(account: Account) -> Arc<Self> {
        let (account, ahead) = (Mutex::new(account), AtomicI64::new(0));
        Arc::new(Self { account, ahead })
    }

    pub(super) fn account(&self) -> MutexGuard<'_, Account> {
        let account = self.account.lock();
        account.expect("no task panics holding this lock")
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::milliseconds(self.ahead.load(Ordering::Relaxed))
    }

    pub(super) fn advance(&self, by: TimeDelta) {
        let by = by.num_milliseconds();
        self.ahead.fetch_add(by, Ordering::Relaxed);
    }
}

/// Answers a request.
pub(super) async fn serve(
    State(shared): State<Arc<Shared>>,
    request: Request<Body>,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await;
    let body = body.map(http_body_util::Collected::to_bytes);
    let body = body.unwrap_or_default();
    let now = shared.now();
    let mut account = shared.account();
    match oauth::serve(&mut account, now, &parts, &body) {
        Some(answer) => answer,
        None => operate(&mut account, now, &parts, &body),
    }
}

fn operate(
    account: &mut Account,
    now: DateTime<Utc>,
    parts: &Parts,
    body: &[u8],
) -> Response<Body> {
    let path = parts.uri.path();
    let is_v2 = path.starts_with("/api/v2/");
    let Some((operation, id)) = operations::find(&parts.method, path) else {
        let refusal = Refusal::not_found("path");
        return json(refusal.status, &refusal.body(is_v2));
    };
    if let Some(Hand(user)) = parts.extensions.get() {
        return run(account, operation, *user, (now, id, parts, body));
    }
    let token = who_authorizes(&parts.headers, "Bearer").unwrap_or_default();
    let Some(grant) = account.grants.by_access_token(token, now) else {
        return refused(StatusCode::UNAUTHORIZED, "unauthorized access");
    };
    if !grant.allows(operation.scopes) {
        return refused(StatusCode::FORBIDDEN, "scopes and path do not match");
    }
    let user = grant.user;
    let company = account.companies.iter().find(|one| one.has_user(user));
    let cost = Cost {
        token,
        company: company.expect("users have companies").id,
        is_search: operation.is_search(),
        tokens: operation.tokens,
    };
    let mut answer = match account.limits.take(&cost, now) {
        true => {
            let used = format!("{} {}", operation.method, operation.path);
            account.usage.entry(used).or_default().add(operation.tokens);
            run(account, operation, user, (now, id, parts, body))
        }
        false => refused(StatusCode::TOO_MANY_REQUESTS, "request over limit"),
    };
    account.limits.tell(&cost, now, answer.headers_mut());
    answer
}

type Asked<'a> = (DateTime<Utc>, &'a str, &'a Parts, &'a [u8]);

fn run(
    account: &mut Account,
    operation: &Operation,
    user: u64,
    (now, id, parts, body): Asked<'_>,
) -> Response<Body> {
    let mut companies = account.companies.iter_mut();
    let company = companies.find(|one| one.has_user(user));
    let content_type = parts.headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let mut call = Call {
        company: company.expect("users have companies"),
        user,
        now,
        settings: &account.settings,
        id,
        query: Query::parse(parts.uri.query().unwrap_or_default()),
        content_type: content_type.unwrap_or_default(),
        body,
    };
    match (operation.run)(&mut call) {
        Ok((status, body)) => json(status, &body),
        Err(refusal) => {
            let is_v2 = operation.path.starts_with("/api/v2/");
            json(refusal.status, &refusal.body(is_v2))
        }
    }
}

/// What stands behind the scheme in the header `Authorization`.
pub(super) fn who_authorizes<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (used, credentials) = value.split_once(' ')?;
    used.eq_ignore_ascii_case(scheme).then_some(credentials)
}

fn refused(status: StatusCode, error: &str) -> Response<Body> {
    json(status, &at_the_door(status, error))
}

/// An answer of JSON.
pub(super) fn json(status: StatusCode, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let json = header::HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
