//! A gate: while it is closed, nobody calls the CRM for a user or for a whole tenant.

use serde::{Deserialize, Serialize};

use super::Reason;

/// `G`: kept while a CRM refuses or is silent, and removed by the first call that goes well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Gate {
    /// The form of this item.
    pub schema: u32,
    /// Before when nobody calls.
    pub not_before: i64,
    /// Why.
    pub reason: Reason,
    /// The digest of the user that failed last; none where the gate is a whole tenant's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// Until when one worker is trying whether the CRM is back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe_until: Option<i64>,
    /// When it may be forgotten, in seconds since 1970.
    pub expires_at: i64,
}

impl Gate {
    /// The form that this version writes.
    pub const SCHEMA: u32 = 1;
    /// For how long a gate is kept after it opens, in hours.
    pub const KEPT_HOURS: i64 = 24;

    /// A gate that is closed until `not_before`, because of a digest that `failed` where it is a
    /// user's.
    pub fn new(not_before: i64, reason: Reason, failed: Option<&str>) -> Self {
        Self {
            schema: Self::SCHEMA,
            not_before,
            reason,
            failed: failed.map(str::to_owned),
            probe_until: None,
            expires_at: not_before / 1_000 + Self::KEPT_HOURS * 3_600,
        }
    }
}
