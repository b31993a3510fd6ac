//! Replies about a user, in forms of their own.

use daybook_core::ids::HashedId;
use daybook_core::settings::Settings;
use schemars::JsonSchema;
use serde::Serialize;

/// Whether a user has a license of the CRM.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct License {
    /// Whether there is one.
    pub is_license_valid: bool,
    /// The same in a word or two.
    pub license_status: &'static str,
    /// The same in a sentence.
    pub license_status_description: String,
}

/// RingCentral's ids, hashed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HashedIds {
    /// The account.
    pub account_id: HashedId,
    /// The extension.
    pub extension_id: HashedId,
}

/// A user's settings after a change.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdatedSettings {
    /// All that hold now, by id.
    pub user_settings: Settings,
}

/// The settings that an administrator made.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PreloadedSettings {
    /// Those settings, by id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_settings: Option<Settings>,
}
