//! The JSON shapes of the parameter objects about calls, each of the fields that belong together.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::ids::WireId;
use crate::json::Object;
use crate::params::wire::WireContact;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireExtension {
    pub(super) extension_number: Option<WireId>,
    pub(super) hashed_extension_id: Option<WireId>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireCreate {
    pub(super) contact_info: Option<Object<WireContact>>,
    pub(super) call_log: Option<Object<WireCallLog>>,
}

/// What `callLog` holds beside what a [`WireRecord`](super::record::WireRecord) does.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireCallLog {
    pub(super) session_id: Option<WireId>,
    pub(super) custom_subject: Option<String>,
    pub(super) recording: Option<Object<WireRecording>>,
    pub(super) voicemail: Option<Object<WireVoicemail>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireRecording {
    pub(super) link: Option<String>,
    pub(super) download_url: Option<String>,
}

#[derive(Deserialize, Default)]
pub(super) struct WireVoicemail {
    pub(super) link: Option<String>,
}

/// Other fields of `callLog`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound = "T: Deserialize<'de>")]
pub(super) struct InCallLog<T> {
    pub(super) call_log: Option<Object<T>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireUpdate {
    pub(super) subject: Option<String>,
    pub(super) recording_link: Option<String>,
    pub(super) recording_download_link: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InExisting {
    pub(super) existing_call_log: Option<Object<WireExisting>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireExisting {
    pub(super) third_party_log_id: Option<WireId>,
    pub(super) session_id: Option<WireId>,
    pub(super) extension_number: Option<WireId>,
    pub(super) hashed_extension_id: Option<WireId>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireGet {
    pub(super) call_log_id: Option<WireId>,
    pub(super) contact_id: Option<WireId>,
}

#[derive(Deserialize)]
pub(super) struct WireDispositions {
    pub(super) dispositions: Option<Map<String, Value>>,
}
