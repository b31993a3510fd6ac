//! Which of the users who log a thread of a shared inbox has its log.

use daybook_core::ids::CrmUserId;
use serde::{Deserialize, Serialize};

/// `T`: the user in whose digests the one log of a thread is, so that all who answer from the inbox
/// share it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ThreadOwner {
    /// The form of this item.
    pub schema: u32,
    /// The partition key of the digests.
    pub owner: String,
    /// Whose they are.
    pub user: CrmUserId,
    /// When it may be forgotten, in seconds since 1970.
    pub expires_at: i64,
}

impl ThreadOwner {
    /// The form that this version writes.
    pub const SCHEMA: u32 = 1;
}
