//! What can go wrong in a request, and the one JSON shape in which the API says so.
//!
//! Messages name fields and limits, never what a field held.

use std::io;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// How a caller without a key or token is told to sign in.
pub(crate) const CHALLENGE: HeaderValue = HeaderValue::from_static("Basic realm=\"Example CRM\"");

/// Why a request was refused or failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    #[error(
        "Send an API key as Authorization: Basic base64(\"KEY:\"), or an access token as \
         Authorization: Bearer TOKEN."
    )]
    Unauthorized,
    #[error("There is no such {entity}.")]
    NotFound { entity: &'static str },
    #[error("This path does not take that method.")]
    MethodNotAllowed,
    #[error("The body is not JSON (line {line}, column {column}).")]
    NotJson { line: usize, column: usize },
    #[error("The body must be a JSON object.")]
    NotAnObject,
    #[error("The request could not be read.")]
    Unreadable,
    #[error("The body is larger than {max_bytes} bytes.")]
    TooLarge { max_bytes: usize },
    #[error("{field} {reason}.")]
    Invalid { field: String, reason: String },
    /// The change was not made: what is in memory still matches the disk.
    #[error("The change could not be saved.")]
    NotSaved(#[source] io::Error),
    #[error("Something went wrong.")]
    Panicked,
}

impl ApiError {
    /// `reason` finishes the sentence that `field` begins: "is missing".
    pub(crate) fn invalid(field: &str, reason: impl Into<String>) -> Self {
        Self::Invalid {
            field: field.to_owned(),
            reason: reason.into(),
        }
    }

    /// Logs what whoever runs the CRM should look at.
    pub(crate) fn report(&self) {
        if let Self::NotSaved(source) = self {
            tracing::error!(error = %source, "the Example CRM could not save its data");
        }
    }

    fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized"),
            Self::NotFound { .. } => (StatusCode::NOT_FOUND, "not_found"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::NotJson { .. } | Self::NotAnObject => (StatusCode::BAD_REQUEST, "not_json"),
            Self::Unreadable => (StatusCode::BAD_REQUEST, "unreadable"),
            Self::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Self::Invalid { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            Self::NotSaved(_) | Self::Panicked => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        }
    }

    fn field(&self) -> Option<&str> {
        if let Self::Invalid { field, .. } = self {
            Some(field)
        } else {
            None
        }
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: Details<'a>,
}

#[derive(Serialize)]
struct Details<'a> {
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.report();
        let (status, code) = self.status_and_code();
        let error = Details {
            code,
            message: self.to_string(),
            field: self.field(),
        };
        let mut response = (status, Json(Envelope { error })).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let headers = response.headers_mut();
            headers.insert(header::WWW_AUTHENTICATE, CHALLENGE);
        }
        response
    }
}
