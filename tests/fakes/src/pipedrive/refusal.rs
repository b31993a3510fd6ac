//! What the fake says where it refuses a request.
//!
//! v1 tells `error_info`, as its documents say. v2 tells a `code` in its place, as those say who
//! met it (2026-06); the words are our own.

use http::StatusCode;
use serde_json::{Value, json};

/// A refused request.
#[derive(Debug, PartialEq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    error: String,
    code: &'static str,
}

/// Where one may read on.
const INFO: &str = "See developers.pipedrive.com";

impl Refusal {
    /// A field or a parameter is not as it has to be.
    pub(super) fn field(name: &str, reason: &str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error: format!("{name}: {reason}"),
            code: "ERR_SCHEMA_VALIDATION_FAILED",
        }
    }

    /// The request as a whole makes no sense.
    pub(super) fn bad_request(error: &str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error: error.to_owned(),
            code: "ERR_BAD_REQUEST",
        }
    }

    /// There is no such record, or no such path.
    pub(super) fn not_found(what: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            error: format!("{what} not found"),
            code: "ERR_NOT_FOUND",
        }
    }

    /// The body of the answer.
    pub(super) fn body(&self, is_v2: bool) -> Value {
        match is_v2 {
            true => json!({"success": false, "error": self.error, "code": self.code}),
            false => json!({
                "success": false,
                "error": self.error,
                "error_info": INFO,
                "data": null,
                "additional_data": null,
            }),
        }
    }
}

/// What stands before both versions says.
pub(super) fn at_the_door(status: StatusCode, error: &str) -> Value {
    let mut body = json!({"success": false, "error": error, "errorCode": status.as_u16()});
    if status != StatusCode::UNAUTHORIZED {
        body["error_info"] = INFO.into();
    }
    body
}
