//! What an app calls: tokens for a code, new tokens for a refresh token, and the end of a grant.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;
use url::form_urlencoded;

use super::client;
use crate::ExampleCrm;
use crate::auth::basic;
use crate::error::{ApiError, CHALLENGE};
use crate::form::{Form, Repeated};
use crate::grants::{Access, Grants, NewTokens};
use crate::store::Store;
use crate::token::{Token, TokenHash};

/// Why an app gets no token, by RFC 6749, section 5.2.
pub(super) enum TokenError {
    InvalidRequest(&'static str),
    InvalidClient,
    InvalidGrant(&'static str),
    UnsupportedGrantType,
    Failed(ApiError),
}

#[derive(Serialize)]
struct Answer<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: u64,
    refresh_token: &'a str,
    scope: &'a str,
}

/// The tokens of one answer.
struct Pair {
    access: Token,
    refresh: Token,
}

/// `POST /oauth/token`.
pub(super) async fn issue(
    State(crm): State<ExampleCrm>,
    headers: HeaderMap,
    form: Result<Form, ApiError>,
) -> Result<Response, TokenError> {
    let form = signed_in(&headers, form)?;
    match form.get("grant_type")? {
        Some("authorization_code") => by_code(&crm, &form).await,
        Some("refresh_token") => by_refresh_token(&crm, &form).await,
        Some(_) => Err(TokenError::UnsupportedGrantType),
        None => Err(TokenError::InvalidRequest("grant_type is missing.")),
    }
}

async fn by_code(crm: &ExampleCrm, form: &Form) -> Result<Response, TokenError> {
    const REFUSED: &str = "The code is unknown, used or late, or was given for another address.";
    let code = TokenHash::of(required(form, "code", "code is missing.")?);
    let redirect_uri = required(form, "redirect_uri", "redirect_uri is missing.")?.to_owned();
    give(crm, REFUSED, move |grants, tokens| {
        grants.redeem(&code, &redirect_uri, tokens)
    })
    .await
}

async fn by_refresh_token(crm: &ExampleCrm, form: &Form) -> Result<Response, TokenError> {
    const REFUSED: &str = "The refresh token is unknown, replaced or revoked.";
    let token = required(form, "refresh_token", "refresh_token is missing.")?;
    let token = TokenHash::of(token);
    give(crm, REFUSED, move |grants, tokens| {
        grants.refresh(&token, tokens)
    })
    .await
}

/// `POST /oauth/revoke`. A token that is not known has ended already.
pub(super) async fn revoke(
    State(store): State<Store>,
    headers: HeaderMap,
    form: Result<Form, ApiError>,
) -> Result<StatusCode, TokenError> {
    let form = signed_in(&headers, form)?;
    let token = TokenHash::of(required(&form, "token", "token is missing.")?);
    store
        .write(move |data, _| {
            data.grants.end_by_token(&token);
            Ok(())
        })
        .await
        .map_err(TokenError::Failed)?;
    Ok(StatusCode::OK)
}

/// Makes tokens and has `exchange` put them in place of what the app brought. It tells their scope.
async fn give(
    crm: &ExampleCrm,
    refused: &'static str,
    exchange: impl FnOnce(&mut Grants, NewTokens) -> Option<String> + Send + 'static,
) -> Result<Response, TokenError> {
    let life = crm.access_token_life;
    let pair = Pair {
        access: Token::random(),
        refresh: Token::random(),
    };
    let tokens = (pair.access.hash(), pair.refresh.hash());
    let scope = crm
        .store
        .write(move |data, now| {
            let (token, refresh) = tokens;
            let expires_at = now + life;
            let access = Access { token, expires_at };
            // A refusal is saved too: it may have ended a grant.
            Ok(exchange(&mut data.grants, NewTokens { refresh, access }))
        })
        .await
        .map_err(TokenError::Failed)?
        .ok_or(TokenError::InvalidGrant(refused))?;
    let answer = Answer {
        access_token: pair.access.expose(),
        token_type: "Bearer",
        expires_in: life.as_secs(),
        refresh_token: pair.refresh.expose(),
        scope: &scope,
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}

/// The form of an app that proves who it is: in the header, or in the form itself.
fn signed_in(headers: &HeaderMap, form: Result<Form, ApiError>) -> Result<Form, TokenError> {
    let unreadable = TokenError::InvalidRequest("The body could not be read as a form.");
    let form = form.map_err(|_| unreadable)?;
    let (id, secret) = (form.get("client_id")?, form.get("client_secret")?);
    let known = if headers.contains_key(header::AUTHORIZATION) {
        if secret.is_some() {
            let twice = "client_secret is given twice.";
            return Err(TokenError::InvalidRequest(twice));
        }
        basic(headers).is_some_and(|(user, password)| {
            let user = form_decoded(&user);
            id.is_none_or(|id| id == user) && client::signs_in(&user, &form_decoded(&password))
        })
    } else {
        client::signs_in(id.unwrap_or_default(), secret.unwrap_or_default())
    };
    known.then_some(form).ok_or(TokenError::InvalidClient)
}

/// RFC 6749, section 2.3.1: what stands in the header is form-encoded first.
fn form_decoded(text: &str) -> String {
    let pairs = form_urlencoded::parse(text.as_bytes());
    pairs.map(|(name, _)| name.into_owned()).collect()
}

fn required<'a>(form: &'a Form, name: &str, missing: &'static str) -> Result<&'a str, TokenError> {
    form.get(name)?.ok_or(TokenError::InvalidRequest(missing))
}

impl From<Repeated> for TokenError {
    fn from(_: Repeated) -> Self {
        Self::InvalidRequest("A parameter is given twice.")
    }
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        let (status, error, words) = match self {
            Self::InvalidRequest(words) => (StatusCode::BAD_REQUEST, "invalid_request", words),
            Self::InvalidClient => {
                let words = "The client_id or the client_secret is wrong.";
                (StatusCode::UNAUTHORIZED, "invalid_client", words)
            }
            Self::InvalidGrant(words) => (StatusCode::BAD_REQUEST, "invalid_grant", words),
            Self::UnsupportedGrantType => {
                let words = "grant_type must be authorization_code or refresh_token.";
                (StatusCode::BAD_REQUEST, "unsupported_grant_type", words)
            }
            Self::Failed(error) => return error.into_response(),
        };
        let headers = [(header::CACHE_CONTROL, "no-store")];
        let body = Json(json!({ "error": error, "error_description": words }));
        let mut response = (status, headers, body).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let headers = response.headers_mut();
            headers.insert(header::WWW_AUTHENTICATE, CHALLENGE);
        }
        response
    }
}
