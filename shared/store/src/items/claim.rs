//! What a log of ours has whatever it holds: who is writing it, what is in doubt about it, and when
//! it is tried again.

use daybook_core::user::UserKey;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Due, Reason};

/// The part of an item by which workers take turns at the activity that it stands for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// Counts the writes of the item.
    pub rev: u64,
    /// Counts the leases of the item.
    pub epoch: u64,
    /// Who may write the activity now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<Lease>,
    /// The owner of the lease that settled last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_by: Option<String>,
    /// Until when a create may be applied late: before, nobody creates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt_until: Option<i64>,
    /// When a second activity with our mark is looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fold_at: Option<i64>,
    /// When an update can no longer be applied late, and the activity is to be read once more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recheck_at: Option<i64>,
    /// How often delivering has failed since it last went well.
    #[serde(default)]
    pub attempts: u32,
    /// Before when nobody tries again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<i64>,
    /// Why something waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// A hash of the credentials that were refused last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bad_auth: Option<String>,
    /// When the scheduled function is to look at it.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    /// When it may be forgotten, in seconds since 1970.
    pub expires_at: i64,
}

/// The right to write an activity, for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Random for every attempt.
    pub owner: String,
    /// When it ends; it is never renewed.
    pub until: i64,
    /// What its holder is about to do in the CRM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<Trace>,
}

/// What a lease's holder may have done in the CRM when it is heard of no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trace {
    /// Made an activity.
    Create,
    /// Written to one.
    Update,
    /// Nothing but read.
    Look,
}

/// An item that carries a claim.
pub trait Claimed: Serialize + DeserializeOwned + PartialEq + Clone + Send + Sync {
    /// The name of its kind, for errors.
    const NAME: &'static str;

    /// Its sort key.
    fn sk(&self) -> String;

    /// Its claim.
    fn claim(&self) -> &Claim;

    /// Its claim, to change it.
    fn claim_mut(&mut self) -> &mut Claim;

    /// On whose behalf it is written.
    fn user_key(&self) -> UserKey;

    /// Whether the activity that is written next is yet to be made.
    fn is_unmade(&self) -> bool;
}

impl Claim {
    /// For how long an item is kept after its last write, in days: clients send 90 days again.
    pub const KEPT_DAYS: i64 = 400;
    /// For how long what is accepted and not delivered is kept, in days, where we hold credentials.
    pub const KEPT_DAYS_WAITING: i64 = 90;
    /// For how long it is kept where we hold none, in days.
    pub const KEPT_DAYS_WITHOUT_CREDENTIALS: i64 = 7;

    /// Whether somebody may still be writing at `now`. `margin` allows for clocks that differ.
    pub fn is_leased(&self, now: i64, margin: i64) -> bool {
        self.lease
            .as_ref()
            .is_some_and(|lease| lease.until.saturating_add(margin) >= now)
    }

    /// Counts a write of an item that nobody holds, and gives back the revision before it. A holder
    /// whose lease has run out can no longer settle what it read before.
    pub fn supersede(&mut self) -> u64 {
        let seen = self.rev;
        self.rev += 1;
        if self.lease.is_some() {
            self.epoch += 1;
        }
        seen
    }

    /// Whether the scheduled function is to look at it at `now`.
    pub fn is_due(&self, now: i64) -> bool {
        self.due.as_ref().is_some_and(|due| due.is_due(now))
    }
}
