//! What a CRM told and is believed for a while.

use serde::{Deserialize, Serialize};

/// `Q#<platform>#<tenant>`, `Q#<name>`: kept until it runs out, and read by the adapter alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cached {
    /// The form of this item.
    pub schema: u32,
    /// JSON, whatever the adapter made of it.
    pub value: String,
    /// When it runs out, in seconds since 1970.
    pub expires_at: i64,
}

impl Cached {
    /// The form that this version writes.
    pub const SCHEMA: u32 = 1;
}
