//! The kinds of item, each with its `schema` number.
//!
//! A reader understands the numbers up to its own; fields are added with a default and never
//! change their meaning. Times are milliseconds since 1970 unless they say seconds.

mod admin_settings;
mod adopted_log;
mod cached;
mod call;
mod claim;
mod data_key;
mod gate;
mod head;
mod message;
mod reason;
mod thread;
mod told;
mod user;

pub use admin_settings::AdminSettings;
pub use adopted_log::AdoptedLog;
pub use cached::Cached;
pub use call::{CallChange, CallLink, CallNote, CallOpening, Extension, RefusedChange};
pub use claim::{Claim, Claimed, Lease, Trace};
pub use data_key::DataKey;
pub use gate::Gate;
pub use head::{Head, NoteLimit, Part, RefusedMessage, RollingIndex, Standing};
pub use message::{Opening, StoredMessage};
pub use reason::Reason;
pub use thread::ThreadOwner;
pub use told::Told;
pub use user::{Refreshing, StoredGrant, StoredUser};

use daybook_core::user::UserKey;

/// In how many shards the index of waiting work is read.
pub const DUE_SHARDS: u64 = 8;

/// When waiting work is due: the key of the sparse index `due`.
///
/// # Shape
/// `dueShard` is `due#0` to `due#7`, or `check#0` to `check#7` where no text waits, and `dueAt` padded
/// milliseconds, so that text sorts as time; or `parked#0` to `parked#7` and
/// `<platform>#<tenant>#<user>#<milliseconds>` for work that waits until the user signs in.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Due {
    /// The index's partition key.
    #[serde(rename = "dueShard")]
    pub shard: String,
    /// The index's sort key.
    #[serde(rename = "dueAt")]
    pub at: String,
}

impl Due {
    /// Texts of the partition `pk` that are to be delivered at `at`.
    pub fn new(pk: &str, at: i64) -> Self {
        Self {
            shard: crate::keys::due_shard(crate::keys::hash_number(pk) % DUE_SHARDS),
            at: crate::keys::due_at(at),
        }
    }

    /// Something of the partition `pk` that is to be looked at again at `at`, for which no text
    /// waits.
    pub fn check(pk: &str, at: i64) -> Self {
        Self {
            shard: crate::keys::check_shard(crate::keys::hash_number(pk) % DUE_SHARDS),
            at: crate::keys::due_at(at),
        }
    }

    /// Work of the partition `pk` that waits, since `at`, until `user` signs in.
    pub fn parked(pk: &str, user: &UserKey, at: i64) -> Self {
        Self {
            shard: crate::keys::parked_shard(crate::keys::hash_number(pk) % DUE_SHARDS),
            at: crate::keys::parked_at(user, at),
        }
    }

    /// Whether no text waits for it.
    pub fn is_check(&self) -> bool {
        self.shard.starts_with(crate::keys::CHECK)
    }

    /// Whether it waits for a sign-in rather than for a time.
    pub fn is_parked(&self) -> bool {
        self.at.contains('#')
    }

    /// Whether it waits until `user` signs in.
    pub fn is_parked_for(&self, user: &UserKey) -> bool {
        self.at.starts_with(&crate::keys::parked_of(user))
    }

    /// Whether it is due at `now`.
    pub fn is_due(&self, now: i64) -> bool {
        !self.is_parked() && self.millis() <= now
    }

    /// When it is due, or since when it is parked.
    pub fn millis(&self) -> i64 {
        let (_, millis) = self.at.rsplit_once('#').unwrap_or(("", &self.at));
        millis.parse().unwrap_or_default()
    }
}

/// JSON as one text: what customers invent keeps its numbers, however large.
pub(crate) mod json_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _, ser::Error as _};
    use serde_json::{Map, Value};

    pub(crate) fn serialize<S: Serializer>(
        map: &Map<String, Value>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let text = serde_json::to_string(map).map_err(S::Error::custom)?;
        serializer.serialize_str(&text)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Map<String, Value>, D::Error> {
        let text = String::deserialize(deserializer)?;
        serde_json::from_str(&text).map_err(D::Error::custom)
    }
}
