//! Who may use the API: whoever sends the API key.
//!
//! `api` puts [`require_key`] before every route of its own, unknown paths included.

use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::error::ApiError;

/// The API key that the demo user signs in with, sent as `Authorization: Basic base64("KEY:")`.
pub const DEMO_KEY: &str = "demo-key";

/// Lets a request through when it carries the key.
pub(crate) async fn require_key(request: Request, next: Next) -> Result<Response, ApiError> {
    if carries_key(request.headers()) {
        Ok(next.run(request).await)
    } else {
        Err(ApiError::Unauthorized)
    }
}

fn carries_key(headers: &HeaderMap) -> bool {
    let key = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(basic_key);
    key.as_deref() == Some(DEMO_KEY)
}

/// The key in a `Basic` header: the user name, with an empty password.
fn basic_key(header: &str) -> Option<String> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = BASE64_STANDARD.decode(encoded.trim()).ok()?;
    let pair = String::from_utf8(decoded).ok()?;
    pair.strip_suffix(':').map(str::to_owned)
}
