//! An activity in the CRM that a log of ours owns: one that another server made and that was taken
//! over, or that of a call.

use serde::{Deserialize, Serialize};

/// `X`: which log of ours owns an activity, so that no two write the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AdoptedLog {
    /// The form of this item.
    pub schema: u32,
    /// The keys of the owner.
    pub owner: String,
    /// When it may be forgotten, in seconds since 1970.
    pub expires_at: i64,
}

impl AdoptedLog {
    /// The form that this version writes.
    pub const SCHEMA: u32 = 1;
}
