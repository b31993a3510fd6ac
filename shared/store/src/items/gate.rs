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
}
