//! Replies about this server itself: what it offers, and which version it is.

use std::collections::BTreeMap;

use daybook_adapters::{AuthKind, CrmAdapter};
use daybook_core::error::RequestError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{MessageType, Reply};
use crate::interface::Interface;

/// What is new, in a file that a person writes.
const RELEASE_NOTES: &str = include_str!("../../../../docs/release-notes.json");

/// What App Connect asks of CRMs and nobody has here: the trait has no part for it.
///
/// # Source
/// The OpenAPI description of App Connect's server, `/implementedInterfaces` (read 2026-11-21).
const UNKNOWN: [&str; 7] = [
    "listAppointments",
    "createAppointment",
    "updateAppointment",
    "refreshAppointment",
    "confirmAppointment",
    "cancelAppointment",
    "getManagedAuthOptions",
];

/// What is new in each version, for everybody (`global`) and for the users of a CRM.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ReleaseNotes(BTreeMap<String, BTreeMap<String, Vec<ReleaseNote>>>);

/// Something new.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ReleaseNote {
    /// Under which heading it is shown.
    #[serde(rename = "type")]
    kind: NoteKind,
    description: String,
}

#[derive(Serialize, Deserialize, JsonSchema)]
enum NoteKind {
    New,
    Better,
    Fix,
}

/// Which version this server is.
#[derive(Serialize, JsonSchema)]
pub struct ServerVersion {
    version: &'static str,
}

/// What there is for a CRM, by App Connect's names.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
pub struct ImplementedInterfaces(BTreeMap<&'static str, bool>);

impl ImplementedInterfaces {
    /// What `adapter` can do, as its trait says it.
    pub fn of(adapter: &dyn CrmAdapter) -> Self {
        let interfaces = Interface::ALL.into_iter().filter_map(|interface| {
            offered(interface, adapter).map(|offered| (interface.name(), offered))
        });
        let sign_in = match adapter.auth() {
            AuthKind::OAuth(_) => "getOauthInfo",
            AuthKind::ApiKey(_) => "getBasicAuth",
        };
        // What the trait requires.
        let required = ["getAuthType", "getUserInfo", "getLogFormatType", sign_in];
        let deletes = adapter.log_deletion().is_some();
        let deletions = ["deleteCallLog", "deleteMessageLog"].map(|name| (name, deletes));
        let all = interfaces
            .chain(required.map(|name| (name, true)))
            .chain(UNKNOWN.map(|name| (name, false)));
        Self(all.chain(deletions).collect())
    }
}

/// Whether a CRM has an interface; `None` for one that is not the CRM's but this server's.
fn offered(interface: Interface, adapter: &dyn CrmAdapter) -> Option<bool> {
    match interface {
        Interface::CreateMessageLog
        | Interface::UpdateMessageLog
        | Interface::CreateCallLog
        | Interface::UpdateCallLog
        | Interface::GetCallLog
        | Interface::UpsertCallDisposition
        | Interface::FindContact
        | Interface::CreateContact
        | Interface::UnAuthorize
        | Interface::AuthValidation
        | Interface::LicenseStatus
        | Interface::RefreshUserInfo
        | Interface::CacheCallNote => Some(true),
        Interface::FindContactWithName => Some(adapter.name_search().is_some()),
        Interface::GetUserList => Some(adapter.user_list().is_some()),
        Interface::GetAccountData => Some(adapter.account_data().is_some()),
        Interface::OauthCallback
        | Interface::ApiKeyLogin
        | Interface::RedirectPage
        | Interface::AppRemoved
        | Interface::Hostname
        | Interface::UserInfoHash
        | Interface::GetUserSettings
        | Interface::UpdateUserSettings
        | Interface::PreloadSettings
        | Interface::GetAdminSettings
        | Interface::CrmManifest
        | Interface::ImplementedInterfaces
        | Interface::ReleaseNotes
        | Interface::ServerVersionInfo
        | Interface::IsAlive
        | Interface::OpenApi
        | Interface::Docs => None,
    }
}

impl Reply {
    /// What there is for a CRM.
    pub fn implemented(adapter: &dyn CrmAdapter) -> Self {
        Self::json(json!(ImplementedInterfaces::of(adapter)))
    }

    /// What is new in each version.
    pub fn release_notes() -> Self {
        let notes: ReleaseNotes =
            serde_json::from_str(RELEASE_NOTES).expect("a test reads this file");
        Self::json(json!(notes))
    }

    /// Which version this server is.
    pub fn server_version() -> Self {
        Self::json(json!(ServerVersion {
            version: env!("CARGO_PKG_VERSION"),
        }))
    }

    /// A server that answers.
    pub fn alive() -> Self {
        Self::text("OK")
    }

    /// Somebody who is no administrator: nobody is one yet, and the extension takes any success
    /// for the word that its user is.
    pub fn not_an_administrator() -> Self {
        let words = "This server has no administrators yet.";
        Self::failure(403, "no_administrator", MessageType::Warning, words)
    }

    /// A parameter that names no platform on offer. `offered` are those that are.
    pub fn unknown_platform_in<'a>(field: &str, offered: impl Iterator<Item = &'a str>) -> Self {
        let offered = offered.collect::<Vec<_>>().join(", ");
        let problem = format!("names a CRM that is not offered here; offered: {offered}");
        Self::from(&RequestError::field(field, problem))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notes_tell_of_this_version() {
        let ReleaseNotes(notes) = serde_json::from_str(RELEASE_NOTES).expect("readable");
        let this = &notes[env!("CARGO_PKG_VERSION")];
        assert!(!this["global"].is_empty());
        let is_version = |version: &String| {
            let parts: Vec<_> = version.split('.').collect();
            parts.len() == 3 && parts.iter().all(|part| part.parse::<u32>().is_ok())
        };
        assert!(notes.keys().all(is_version));
    }
}
