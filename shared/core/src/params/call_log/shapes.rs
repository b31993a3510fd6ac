//! The JSON shapes of the parameter objects about calls, each of the fields that belong together.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::ids::WireId;
use crate::json::Object;
use crate::params::wire::WireContact;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireExtension {
    pub(super) extension_number: Option<WireId>,
    pub(super) hashed_extension_id: Option<WireId>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireCreate {
    pub(super) contact_info: Option<Object<WireContact>>,
    /// Described with all that is read from it.
    #[schemars(skip)]
    pub(super) call_log: Option<Object<WireCallLog>>,
}

/// What `callLog` holds beside what a [`WireRecord`](super::record::WireRecord) does.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireCallLog {
    pub(super) session_id: Option<WireId>,
    pub(super) custom_subject: Option<String>,
    pub(super) recording: Option<Object<WireRecording>>,
    pub(super) voicemail: Option<Object<WireVoicemail>>,
}

#[derive(Deserialize, Default, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Recording")]
pub(super) struct WireRecording {
    pub(super) link: Option<String>,
    pub(super) download_url: Option<String>,
}

#[derive(Deserialize, Default, JsonSchema)]
#[schemars(rename = "Voicemail")]
pub(super) struct WireVoicemail {
    pub(super) link: Option<String>,
}

/// Other fields of `callLog`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound = "T: Deserialize<'de>")]
pub(super) struct InCallLog<T> {
    pub(super) call_log: Option<Object<T>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireUpdate {
    pub(super) subject: Option<String>,
    pub(super) recording_link: Option<String>,
    pub(super) recording_download_link: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct InExisting {
    pub(super) existing_call_log: Option<Object<WireExisting>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ExistingCallLog")]
pub(super) struct WireExisting {
    pub(super) third_party_log_id: Option<WireId>,
    pub(super) session_id: Option<WireId>,
    pub(super) extension_number: Option<WireId>,
    pub(super) hashed_extension_id: Option<WireId>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireGet {
    pub(super) call_log_id: Option<WireId>,
    pub(super) contact_id: Option<WireId>,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct WireDispositions {
    pub(super) dispositions: Option<Map<String, Value>>,
}
