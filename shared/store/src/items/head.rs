//! The head of a digest: which activities it is, what stands in them, who is writing, and what is
//! in doubt.

use chrono::{DateTime, Utc};
use daybook_core::digest::{Fingerprint, Mark, Span, Window};
use daybook_core::ids::LogId;
use daybook_core::user::UserKey;
use serde::{Deserialize, Serialize};

use super::{Claim, Claimed, Opening, StoredMessage};
use crate::keys;

/// `H#<window>`: a digest, read by conversation and contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    /// The form of this item.
    pub schema: u32,
    /// What the digest covers.
    pub window: Window,
    /// What opened it: every rendering depends on this and the messages alone.
    pub opening: Opening,
    /// The activities that hold it, in order; more than one where the CRM limits a note. The last
    /// has no log id while it is to be made.
    #[serde(default)]
    pub parts: Vec<Part>,
    /// When the activities of the finished digest are read for the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_at: Option<i64>,
    /// Messages that the CRM refuses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<RefusedMessage>,
    /// How many new messages the next write may carry, while a refusal is being narrowed down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<u32>,
    /// How little of a note the CRM has shown to keep, in the order in which that was learned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub note_limits: Vec<NoteLimit>,
    /// Who is writing the activities, what is in doubt, and when they are tried again.
    #[serde(flatten)]
    pub claim: Claim,
}

/// `H#~`: the rolling windows of a conversation and contact, read with their heads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RollingIndex {
    /// Counts the writes of this item; 0 where there is none yet.
    pub rev: u64,
    /// The newest windows.
    pub windows: Vec<Span>,
    /// When it may be forgotten, in seconds since 1970.
    pub expires_at: i64,
}

/// One activity of a digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// The CRM's id of the activity; none while it is to be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_id: Option<LogId>,
    /// Our visible sign in it, known before it is made.
    pub mark: Mark,
    /// The ledger: the messages that stand in it, in order of delivery. It alone says "delivered".
    #[serde(default)]
    pub ids: Vec<Fingerprint>,
    /// Messages that a person took out of it. They do not return.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<Fingerprint>,
    /// When the log id became known.
    #[serde(default)]
    pub linked_at: i64,
    /// When the read began that the last write or comparison rests on.
    #[serde(default)]
    pub read_at: i64,
}

impl Part {
    /// A part that is to be made.
    pub fn unmade(mark: Mark) -> Self {
        Self {
            log_id: None,
            mark,
            ids: Vec::new(),
            removed: Vec::new(),
            linked_at: 0,
            read_at: 0,
        }
    }
}

/// A message that the CRM refuses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefusedMessage {
    /// Which.
    pub id: Fingerprint,
    /// Before when it is not tried again.
    pub retry_at: i64,
}

/// A limit of notes that no profile names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NoteLimit {
    /// The most bytes of a note.
    pub bytes: usize,
    /// What stood when it was learned and would be split otherwise under it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub standing: Vec<Standing>,
}

/// A message of which something stood before a limit was learned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// Which.
    pub id: Fingerprint,
    /// How many of its pieces stood, from the first.
    pub pieces: usize,
}

impl Head {
    /// The form that this version writes.
    pub const SCHEMA: u32 = 1;
    /// A digest that has no activity yet.
    pub fn new(window: Window, opening: Opening, mark: Mark) -> Self {
        Self {
            schema: Self::SCHEMA,
            window,
            opening,
            parts: vec![Part::unmade(mark)],
            close_at: None,
            refused: Vec::new(),
            batch: None,
            note_limits: Vec::new(),
            claim: Claim::default(),
        }
    }

    /// Whether a message stands in the digest, or a person took it out.
    pub fn has(&self, message: &Fingerprint) -> bool {
        self.part_with(message).is_some()
    }

    /// How many messages its ledgers name.
    pub fn count(&self) -> usize {
        self.parts
            .iter()
            .map(|part| part.ids.len() + part.removed.len())
            .sum()
    }

    /// The part in which a message stands or from which a person took it.
    pub fn part_with(&self, message: &Fingerprint) -> Option<&Part> {
        self.parts
            .iter()
            .find(|part| part.ids.contains(message) || part.removed.contains(message))
    }

    /// The refusal of a message that is not to be tried at `now`.
    pub fn refusal(&self, message: &Fingerprint, now: i64) -> Option<&RefusedMessage> {
        self.refused
            .iter()
            .find(|refused| refused.id == *message && refused.retry_at > now)
    }

    /// The most bytes of a note, as far as it is known: `known` is what the CRM says.
    pub fn note_limit(&self, known: Option<usize>) -> Option<usize> {
        let learned = self.note_limits.last().map(|limit| limit.bytes);
        known.into_iter().chain(learned).min()
    }

    /// Until when the texts of what was delivered by `now` are kept, in seconds since 1970.
    pub fn texts_until(&self, now: DateTime<Utc>) -> i64 {
        let end = self.window.end(self.opening.context.zone);
        end.map_or(now, |end| end.max(now)).timestamp()
            + StoredMessage::KEPT_HOURS_DELIVERED * 3_600
    }

    /// Whether each of its activities was read after `at`.
    pub fn is_read_since(&self, at: i64) -> bool {
        let mut made = self.parts.iter().filter(|part| part.log_id.is_some());
        made.all(|part| part.read_at > at)
    }

    /// The activity to name in a reply: that of the newest part.
    pub fn log_id(&self) -> Option<&LogId> {
        self.parts
            .iter()
            .rev()
            .find_map(|part| part.log_id.as_ref())
    }
}

impl Claimed for Head {
    const NAME: &'static str = "Head";

    fn sk(&self) -> String {
        keys::head(&self.window)
    }

    fn claim(&self) -> &Claim {
        &self.claim
    }

    fn claim_mut(&mut self) -> &mut Claim {
        &mut self.claim
    }

    fn user_key(&self) -> UserKey {
        self.opening.user_key()
    }

    fn is_unmade(&self) -> bool {
        self.parts.last().is_none_or(|part| part.log_id.is_none())
    }
}
