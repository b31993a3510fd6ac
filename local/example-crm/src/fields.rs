//! Reads the fields of a body or a query one by one, and refuses what nobody asked for.
//!
//! A field can be missing, `null` or a value; only some fields may be `null`, which clears them.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde_json::{Map, Value};
use tokio::time::timeout;

use crate::error::ApiError;

/// The largest body that is read.
pub(crate) const MAX_BODY_BYTES: usize = 1024 * 1024;
/// How long a body may take.
const BODY_WITHIN: Duration = Duration::from_secs(10);

/// The fields of a JSON body, as an extractor.
pub(crate) struct Body(pub(crate) Fields);

/// The parameters of a query, as an extractor. Every value is text.
pub(crate) struct Params(pub(crate) Fields);

/// The id in a path, as an extractor. What is no number names no record.
pub(crate) struct Id(pub(crate) u64);

/// Fields not yet taken.
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    /// `Some(None)` is an explicit `null`.
    pub(crate) fn take_nullable<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(Value) -> Result<T, &'static str>,
    ) -> Result<Option<Option<T>>, ApiError> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(None)),
            Some(value) => {
                let value = read(value).map_err(|reason| ApiError::invalid(name, reason))?;
                Ok(Some(Some(value)))
            }
        }
    }

    /// A field that cannot be cleared.
    pub(crate) fn take<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(Value) -> Result<T, &'static str>,
    ) -> Result<Option<T>, ApiError> {
        match self.take_nullable(name, read)? {
            None => Ok(None),
            Some(None) => Err(ApiError::invalid(name, "must not be null")),
            Some(Some(value)) => Ok(Some(value)),
        }
    }

    /// A text of at most `max_bytes`.
    pub(crate) fn take_text(
        &mut self,
        name: &str,
        max_bytes: usize,
    ) -> Result<Option<String>, ApiError> {
        let text = self.take(name, text)?;
        if text.as_ref().is_some_and(|text| text.len() > max_bytes) {
            let reason = format!("is longer than {max_bytes} bytes");
            return Err(ApiError::invalid(name, reason));
        }
        Ok(text)
    }

    /// Ends the reading: whatever is left has no meaning here.
    pub(crate) fn finish(self) -> Result<(), ApiError> {
        match self.0.keys().next() {
            Some(name) => Err(ApiError::invalid(name, "is not a known field")),
            None => Ok(()),
        }
    }
}

fn text(value: Value) -> Result<String, &'static str> {
    if let Value::String(text) = value {
        Ok(text)
    } else {
        Err("must be a text")
    }
}

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = read_body(request, state).await?;
        let value: Value = serde_json::from_slice(&bytes).map_err(|e| ApiError::NotJson {
            line: e.line(),
            column: e.column(),
        })?;
        if let Value::Object(fields) = value {
            Ok(Self(Fields(fields)))
        } else {
            Err(ApiError::NotAnObject)
        }
    }
}

/// The whole body, within its limits.
pub(crate) async fn read_body<S: Send + Sync>(
    request: Request,
    state: &S,
) -> Result<Bytes, ApiError> {
    timeout(BODY_WITHIN, Bytes::from_request(request, state))
        .await
        .map_err(|_| ApiError::Unreadable)?
        .map_err(|rejection| unreadable(&rejection))
}

fn unreadable(rejection: &BytesRejection) -> ApiError {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let max_bytes = MAX_BODY_BYTES;
        ApiError::TooLarge { max_bytes }
    } else {
        ApiError::Unreadable
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Query(pairs) = Query::<Vec<(String, String)>>::from_request_parts(parts, state)
            .await
            .map_err(|_| ApiError::Unreadable)?;
        let mut fields = Map::new();
        for (name, value) in pairs {
            if fields.contains_key(&name) {
                return Err(ApiError::invalid(&name, "is given twice"));
            }
            fields.insert(name, Value::String(value));
        }
        Ok(Self(Fields(fields)))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(_) => Err(ApiError::NotFound { entity: "record" }),
        }
    }
}
