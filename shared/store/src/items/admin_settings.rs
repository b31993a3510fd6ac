//! The settings that an administrator made for everybody.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::json_text;

/// `A#<account>`, `A`: the settings of a RingCentral account. They do not expire.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AdminSettings {
    /// The form of this item.
    pub schema: u32,
    /// How often it was written. Each write expects the one that it has seen.
    pub rev: u64,
    /// The settings by id, as `{value, customizable, …}`.
    #[serde(default, with = "json_text")]
    pub settings: Map<String, Value>,
}

impl AdminSettings {
    /// The form that this version writes.
    pub const SCHEMA: u32 = 1;
}

impl std::fmt::Debug for AdminSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AdminSettings")
            .field("rev", &self.rev)
            .finish_non_exhaustive()
    }
}
