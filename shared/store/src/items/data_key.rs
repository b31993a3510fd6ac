//! A data key, with which credentials are sealed.

use serde::{Deserialize, Serialize};

/// `K`, `K#<id>`: a data key, wrapped by a master key that is not in the table. It is kept as long
/// as anything may be sealed with it: for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataKey {
    /// The form of this item.
    pub schema: u32,
    /// The key as the master key wrapped it, in Base64.
    pub wrapped: String,
    /// When it was made.
    pub created_at: i64,
}

impl DataKey {
    /// The form that this version writes.
    pub const SCHEMA: u32 = 1;
}
