//! What a user was told of contacts.

use serde::{Deserialize, Serialize};

use crate::sealing::Sealed;

/// `P#<platform>#<tenant>#<user>#`, `F#<hash>` or `N#<hash>`: the contacts with a number, or the
/// one that was made, believed for a few minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// The form of this item.
    pub schema: u32,
    /// What was told; absent while the CRM is asked to make a contact, and of a number with which one
    /// was made a moment ago.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Sealed>,
    /// When it runs out, in seconds since 1970.
    pub expires_at: i64,
}

impl Told {
    /// The form that this version writes.
    pub const SCHEMA: u32 = 1;
}
