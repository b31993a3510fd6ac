//! The head of a digest: which activity it is, and which messages stand in it.

use daybook_core::digest::{Context, Fingerprint, Mark, Window};
use daybook_core::ids::LogId;
use serde::{Deserialize, Serialize};

/// `H#<window>`: a digest, read by conversation and contact.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    /// The form of this item.
    pub schema: u32,
    /// Counts the writes of this item.
    pub rev: u64,
    /// What the digest covers.
    pub window: Window,
    /// The activities that hold it, in order; more than one where the CRM limits a note.
    pub parts: Vec<Part>,
    /// What every rendering of it depends on, as at its first message.
    pub context: Context,
    /// When it may be forgotten, in seconds since 1970.
    pub expires_at: i64,
}

/// One activity of a digest.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// The CRM's id of the activity.
    pub log_id: LogId,
    /// Our visible sign in it.
    pub mark: Mark,
    /// The ledger: the messages that stand in it, in order of delivery. It alone says "delivered".
    pub ids: Vec<Fingerprint>,
    /// Messages that a person took out of it. They do not return.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<Fingerprint>,
}

impl Head {
    /// The form that this version writes.
    pub const SCHEMA: u32 = 1;
    /// For how long a head is kept after its last write, in days: clients send 90 days again.
    pub const KEPT_DAYS: i64 = 400;

    /// The part in which a message stands or from which a person took it.
    pub fn part_with(&self, message: &Fingerprint) -> Option<&Part> {
        self.parts
            .iter()
            .find(|part| part.ids.contains(message) || part.removed.contains(message))
    }
}
