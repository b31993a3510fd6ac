//! A message that was accepted for a digest.

use daybook_core::digest::{Entry, Window};
use serde::{Deserialize, Serialize};

/// `M#<message id>`: a message, read with all others of its conversation and contact.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredMessage {
    /// The form of this item.
    pub schema: u32,
    /// The digest that it belongs to.
    pub window: Window,
    /// The message as the digest shows it.
    pub entry: Entry,
    /// When it was accepted, in milliseconds since 1970.
    pub accepted_at: i64,
    /// When it may be forgotten, in seconds since 1970.
    pub expires_at: i64,
}

impl StoredMessage {
    /// The form that this version writes.
    pub const SCHEMA: u32 = 1;
}
