//! A log that another server made and that a digest of ours took over.

use serde::{Deserialize, Serialize};

/// `X`: which digest owns a log, so that no two take over the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AdoptedLog {
    /// The form of this item.
    pub schema: u32,
    /// The keys of the digest's head.
    pub owner: String,
    /// When it may be forgotten, in seconds since 1970.
    pub expires_at: i64,
}

impl AdoptedLog {
    /// The form that this version writes.
    pub const SCHEMA: u32 = 1;
}
