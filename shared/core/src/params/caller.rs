//! Who asks, as most parameter objects say it.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::credentials::{AuthHeader, auth_header};
use super::wire::{WireUser, free_form, offset, user};
use crate::error::RequestError;
use crate::json::{self, Object};
use crate::limits::MAX_SUBMISSION_BYTES;
use crate::time::{WireScalar, Zone};
use crate::user::User;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireCaller {
    user: Option<Object<WireUser>>,
    auth_header: Option<String>,
    timezone_offset: Option<WireScalar>,
    additional_submission: Option<Map<String, Value>>,
}

/// Who asks, and with what.
pub(super) struct Caller {
    pub(super) user: User,
    pub(super) auth: Option<AuthHeader>,
    pub(super) zone: Option<Zone>,
    pub(super) additional_submission: Map<String, Value>,
}

impl Caller {
    pub(super) fn read(body: &[u8]) -> Result<Self, RequestError> {
        let wire: WireCaller = json::read(body)?;
        let user = user(wire.user)?;
        let offset = offset("timezoneOffset", wire.timezone_offset)?;
        let submission = wire.additional_submission;
        Ok(Self {
            zone: user.zone.or(offset),
            user,
            auth: auth_header(wire.auth_header)?,
            additional_submission: free_form(
                "additionalSubmission",
                submission,
                MAX_SUBMISSION_BYTES,
            )?,
        })
    }
}
