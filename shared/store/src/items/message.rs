//! A message that was accepted for a digest.

use daybook_core::digest::{Context, Entry, Window};
use daybook_core::ids::{CrmUserId, LogId, TenantId};
use daybook_core::user::UserKey;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Due, json_text};

/// `M#<message id>`: a message, read with all others of its conversation and contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredMessage {
    /// The form of this item.
    pub schema: u32,
    /// The digest that it belongs to.
    pub window: Window,
    /// The message as the digest shows it.
    pub entry: Entry,
    /// What a digest that this message opens is made with.
    pub opening: Opening,
    /// When it was accepted.
    pub accepted_at: i64,
    /// The guard: until it is removed, the scheduled function looks whether this message was
    /// delivered.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    /// When it may be forgotten, in seconds since 1970.
    pub expires_at: i64,
}

impl StoredMessage {
    /// The form that this version writes.
    pub const SCHEMA: u32 = 1;
    /// For how long one that was delivered is kept beyond its window, in hours.
    pub const KEPT_HOURS_DELIVERED: i64 = 48;
}

/// What a digest is opened with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Opening {
    /// The platform.
    pub platform: String,
    /// The CRM's company.
    pub tenant: TenantId,
    /// On whose behalf.
    pub user: CrmUserId,
    /// The host of the user's CRM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// What every rendering depends on.
    pub context: Context,
    /// A log that another server made, for a digest that has none to take over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub existing_log: Option<LogId>,
    /// What the user filled in on the form that the manifest describes.
    #[serde(default, with = "json_text", skip_serializing_if = "Map::is_empty")]
    pub additional_submission: Map<String, Value>,
}

impl Opening {
    /// On whose behalf, with platform and company.
    pub fn user_key(&self) -> UserKey {
        UserKey {
            platform: self.platform.clone(),
            tenant: self.tenant.clone(),
            id: self.user.clone(),
        }
    }
}

impl std::fmt::Debug for Opening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opening")
            .field("platform", &self.platform)
            .finish_non_exhaustive()
    }
}
