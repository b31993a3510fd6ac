//! OAuth 2.0 for apps: the authorization code grant of RFC 6749, and revocation by RFC 7009.
//!
//! A person allows an app in `authorize`; the app gets and ends its tokens in `tokens`. The one app
//! there is stands in `client`. What a grant lives through is told in [`crate::grants`].

mod authorize;
mod client;
mod consent;
mod tokens;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

pub use self::client::{OAUTH_CLIENT_ID, OAUTH_CLIENT_SECRET, OAUTH_REDIRECT_URIS};

pub(crate) use self::client::APP_NAME;

use crate::ExampleCrm;
use crate::error::ApiError;
use crate::fields::MAX_BODY_BYTES;

/// What a person's browser is sent to, with its full path.
pub(crate) fn pages() -> Router<ExampleCrm> {
    Router::new()
        .route(authorize::PATH, get(authorize::ask).post(authorize::decide))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
}

/// What the app calls, relative to where the API is mounted. The app signs in by itself here.
pub(crate) fn endpoints() -> Router<ExampleCrm> {
    Router::new()
        .route("/oauth/token", post(tokens::issue))
        .route("/oauth/revoke", post(tokens::revoke))
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
}
