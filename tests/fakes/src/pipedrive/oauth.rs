//! `https://oauth.pipedrive.com`: asking a person, giving tokens, ending them.

use axum::body::Body;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::request::Parts;
use http::{HeaderMap, Method, Response, StatusCode, header};
use serde_json::{Value, json};

use super::FakePipedrive;
use super::door::{json as answer, who_authorizes};
use super::grants::{ACCESS_SECS, Grant};
use super::query::Query;
use super::state::Account;

/// The answer to a path below `/oauth/`; `None` where there is no such path.
pub(super) fn serve(
    account: &mut Account,
    now: chrono::DateTime<chrono::Utc>,
    parts: &Parts,
    body: &[u8],
) -> Option<Response<Body>> {
    let served = match (&parts.method, parts.uri.path()) {
        (&Method::GET, "/oauth/authorize") => ask(parts),
        (&Method::POST, "/oauth/token" | "/oauth/token/") => form(&parts.headers, body)
            .and_then(|form| token(account, now, &form))
            .unwrap_or_else(refusal),
        (&Method::POST, "/oauth/revoke") => form(&parts.headers, body)
            .and_then(|form| revoke(account, &form))
            .unwrap_or_else(refusal),
        _ => return None,
    };
    Some(served)
}

/// The page on which a person decides. What they decide is done by hand.
fn ask(parts: &Parts) -> Response<Body> {
    let query = Query::parse(parts.uri.query().unwrap_or_default());
    let is_ours = query.text("client_id") == Some(FakePipedrive::CLIENT_ID);
    let (status, page) = match is_ours && query.text("redirect_uri").is_some() {
        true => (StatusCode::OK, "<h1>Allow and install</h1>"),
        false => (StatusCode::BAD_REQUEST, "<h1>No such app</h1>"),
    };
    let mut response = Response::new(Body::from(page));
    *response.status_mut() = status;
    let html = header::HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    response
}

/// The status, the error of RFC 6749, and what it says.
type Refused = (StatusCode, &'static str, String);

fn refusal((status, error, message): Refused) -> Response<Body> {
    let body = json!({"success": false, "message": message, "error": error});
    answer(status, &body)
}

/// The fields of a form that the app itself sends.
fn form(headers: &HeaderMap, body: &[u8]) -> Result<Query, Refused> {
    let pair = format!(
        "{}:{}",
        FakePipedrive::CLIENT_ID,
        FakePipedrive::CLIENT_SECRET
    );
    if who_authorizes(headers, "Basic") != Some(&BASE64_STANDARD.encode(pair)) {
        let message = "the client is not known".to_owned();
        return Err((StatusCode::UNAUTHORIZED, "invalid_client", message));
    }
    let content_type = headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let is_form = content_type
        .and_then(|value| value.split(';').next())
        .is_some_and(|media_type| media_type == "application/x-www-form-urlencoded");
    let text = std::str::from_utf8(body).ok().filter(|_| is_form);
    let text = text.ok_or_else(|| bad_request("the body is no form"))?;
    let form = Query::parse(text);
    let known: &[&str] = &[
        "grant_type",
        "code",
        "redirect_uri",
        "refresh_token",
        "token",
        "token_type_hint",
    ];
    match form.allow(&[known]) {
        Ok(()) => Ok(form),
        Err(_) => Err(bad_request("the form has a field too much")),
    }
}

fn bad_request(message: &str) -> Refused {
    (
        StatusCode::BAD_REQUEST,
        "invalid_request",
        message.to_owned(),
    )
}

fn field<'a>(form: &'a Query, name: &str) -> Result<&'a str, Refused> {
    let value = form.text(name);
    value.ok_or_else(|| bad_request(&format!("{name} is missing")))
}

fn token(
    account: &mut Account,
    now: chrono::DateTime<chrono::Utc>,
    form: &Query,
) -> Result<Response<Body>, Refused> {
    let granted = match field(form, "grant_type")? {
        "authorization_code" => {
            let (code, redirect) = (field(form, "code")?, field(form, "redirect_uri")?);
            account.grants.exchange(code, redirect, now)
        }
        "refresh_token" => {
            let tokens = account.settings.refresh_tokens;
            let token = field(form, "refresh_token")?;
            account.grants.refresh(token, tokens, now)
        }
        _ => return Err(bad_request("grant_type is not known")),
    };
    let refused = || {
        let message = "it is not good".to_owned();
        (StatusCode::BAD_REQUEST, "invalid_grant", message)
    };
    let granted = granted.ok_or_else(refused)?;
    let body = told(&granted, &account.settings.api_domain);
    Ok(answer(StatusCode::OK, &body))
}

fn told(grant: &Grant, api_domain: &str) -> Value {
    json!({
        "access_token": grant.access_token(),
        "token_type": "Bearer",
        "refresh_token": grant.refresh,
        "scope": grant.scopes,
        "expires_in": ACCESS_SECS,
        "api_domain": api_domain,
    })
}

/// Answers 200 to what it does not know too (RFC 7009).
fn revoke(account: &mut Account, form: &Query) -> Result<Response<Body>, Refused> {
    account.grants.revoke(field(form, "token")?);
    Ok(answer(StatusCode::OK, &json!({"success": true})))
}
