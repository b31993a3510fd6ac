//! Who may use the API: a user of the CRM, who sends an API key, or an app, which sends an
//! access token that a user allowed it to have.
//!
//! `api` puts [`require_user`] before every route of its own, unknown paths included.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::error::ApiError;
use crate::people::User;
use crate::store::Store;
use crate::token::TokenHash;

/// The user who asks, as an extractor behind [`require_user`].
#[derive(Clone, Copy)]
pub(crate) struct Caller(pub(crate) &'static User);

/// Lets a request of a user through, and says whose it is.
pub(crate) async fn require_user(
    State(store): State<Store>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let user = user(request.headers(), &store).ok_or(ApiError::Unauthorized)?;
    request.extensions_mut().insert(Caller(user));
    Ok(next.run(request).await)
}

fn user(headers: &HeaderMap, store: &Store) -> Option<&'static User> {
    if let Some(token) = credentials(headers, "bearer") {
        let token = TokenHash::of(token);
        return store.snapshot().grants.user_of(&token, store.now());
    }
    let (key, password) = basic(headers)?;
    User::by_key(&key).filter(|_| password.is_empty())
}

/// The user name and the password of a `Basic` header.
pub(crate) fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let encoded = credentials(headers, "basic")?;
    let decoded = BASE64_STANDARD.decode(encoded).ok()?;
    let pair = String::from_utf8(decoded).ok()?;
    let (name, password) = pair.split_once(':')?;
    Some((name.to_owned(), password.to_owned()))
}

/// What follows the scheme in the `Authorization` header, where it has that scheme.
fn credentials<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let header = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (found, credentials) = header.split_once(' ')?;
    found
        .eq_ignore_ascii_case(scheme)
        .then_some(credentials.trim())
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let caller = parts.extensions.get().copied();
        caller.ok_or(ApiError::Unauthorized)
    }
}
