//! The JSON shapes of the parameter objects about calls, each of the fields that belong together.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::ids::WireId;
use crate::json::Object;
use crate::params::wire::WireContact;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::params) struct WireExtension {
    pub(in crate::params) extension_number: Option<WireId>,
    pub(in crate::params) hashed_extension_id: Option<WireId>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::params) struct WireCreate {
    pub(in crate::params) contact_info: Option<Object<WireContact>>,
}

/// What the record of a call holds beside what a [`WireRecord`](super::record::WireRecord) does.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::params) struct WireCallLog {
    pub(in crate::params) session_id: Option<WireId>,
    pub(in crate::params) custom_subject: Option<String>,
    pub(in crate::params) recording: Option<Object<WireRecording>>,
    pub(in crate::params) voicemail: Option<Object<WireVoicemail>>,
}

#[derive(Deserialize, Default, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Recording")]
pub(in crate::params) struct WireRecording {
    pub(in crate::params) link: Option<String>,
    pub(in crate::params) download_url: Option<String>,
}

#[derive(Deserialize, Default, JsonSchema)]
#[schemars(rename = "Voicemail")]
pub(in crate::params) struct WireVoicemail {
    pub(in crate::params) link: Option<String>,
}

/// Some fields of `callLog`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound = "T: Deserialize<'de>")]
pub(in crate::params) struct InCallLog<T> {
    pub(in crate::params) call_log: Option<Object<T>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::params) struct WireUpdate {
    pub(in crate::params) subject: Option<String>,
    pub(in crate::params) recording_link: Option<String>,
    pub(in crate::params) recording_download_link: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::params) struct InExisting {
    pub(in crate::params) existing_call_log: Option<Object<WireExisting>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ExistingCallLog")]
pub(in crate::params) struct WireExisting {
    pub(in crate::params) third_party_log_id: Option<WireId>,
    pub(in crate::params) session_id: Option<WireId>,
    pub(in crate::params) extension_number: Option<WireId>,
    pub(in crate::params) hashed_extension_id: Option<WireId>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::params) struct WireGet {
    pub(in crate::params) call_log_id: Option<WireId>,
    pub(in crate::params) contact_id: Option<WireId>,
}

#[derive(Deserialize, JsonSchema)]
pub(in crate::params) struct WireDispositions {
    pub(in crate::params) dispositions: Option<Map<String, Value>>,
}
