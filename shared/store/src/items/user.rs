//! A user who has signed in, or had.

use daybook_core::ids::{CrmUserId, HashedId, TenantId};
use daybook_core::time::Zone;
use daybook_core::user::{User, UserKey};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Due, json_text};
use crate::sealing::Sealed;

/// `U#<platform>#<user>`, `U#<tenant>`: a user, with the credentials as long as they are good.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredUser {
    /// The form of this item.
    pub schema: u32,
    /// How often it was written. Each write expects the one that it has seen.
    pub rev: u64,
    /// The platform.
    pub platform: String,
    /// The CRM's company.
    pub tenant: TenantId,
    /// App Connect's id of the user.
    pub id: CrmUserId,
    /// The name to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The host of the user's CRM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// The user's zone, as of the last sign-in or refresh.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
    /// How far the zone was east of UTC then, in minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone_offset_minutes: Option<i32>,
    /// The CRM's id of the company, where users are removed by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// The user's own settings by id, as `{value, …}`.
    #[serde(default, with = "json_text", skip_serializing_if = "Map::is_empty")]
    pub settings: Map<String, Value>,
    /// The RingCentral account that the user signed in with, hashed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<HashedId>,
    /// The RingCentral extension that the user signed in with, hashed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<HashedId>,
    /// The credentials; absent while the user is signed out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<StoredGrant>,
    /// What the tokens of the user's sessions carry; absent while there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Who is refreshing the credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refreshing: Option<Refreshing>,
    /// Before when a refresh that failed is not tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_after: Option<i64>,
    /// When the user signed in last.
    pub signed_in_at: i64,
    /// When what is parked for the user is looked for: after a sign-in.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    /// When it may be forgotten, in seconds since 1970.
    pub expires_at: i64,
}

/// The credentials of a user.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredGrant {
    /// How often credentials were stored for the user: which ones these are.
    pub version: u64,
    /// The API key or access token; absent once it is dead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Sealed>,
    /// The refresh token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh: Option<Sealed>,
    /// Until when the access token is good, in milliseconds since 1970; absent where it does not
    /// run out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
    /// From when on they are refreshed before they are used: some time before they run out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_at: Option<i64>,
    /// Whether the CRM has refused them for good.
    #[serde(default)]
    pub dead: bool,
}

/// The one refresh of a user's credentials that is going on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refreshing {
    /// Who does it: random for each try.
    pub owner: String,
    /// Until when the others wait for it.
    pub until: i64,
}

impl StoredUser {
    /// The form that this version writes.
    pub const SCHEMA: u32 = 1;
    /// For how long a user is kept after the last write, in days.
    pub const KEPT_DAYS: i64 = 400;

    /// Who it is.
    pub fn key(&self) -> UserKey {
        UserKey {
            platform: self.platform.clone(),
            tenant: self.tenant.clone(),
            id: self.id.clone(),
        }
    }

    /// The user as an interface sees one.
    pub fn user(&self) -> User {
        User {
            id: self.id.clone(),
            hostname: self.hostname.clone(),
            name: self.name.clone(),
            zone: self.zone,
            settings: self.settings.clone(),
        }
    }
}

impl std::fmt::Debug for StoredUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredUser")
            .field("platform", &self.platform)
            .field("rev", &self.rev)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for StoredGrant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredGrant")
            .field("version", &self.version)
            .field("dead", &self.dead)
            .finish_non_exhaustive()
    }
}
