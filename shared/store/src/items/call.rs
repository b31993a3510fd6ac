//! The log of a call: which activity it is, and the changes that wait for it.

use daybook_core::call::CallFields;
use daybook_core::call_note::Layout;
use daybook_core::contact::Contact;
use daybook_core::digest::Mark;
use daybook_core::ids::{CrmUserId, HashedId, LogId, TenantId};
use daybook_core::user::UserKey;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Claim, Claimed, Due, json_text};
use crate::keys;

/// Whose part in a call a log is about. `Debug` does not show it.
///
/// # Shape
/// Either part, both, or none where nobody has said.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// Its number within the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Its id, hashed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<HashedId>,
}

impl Extension {
    /// Whether nobody has said whose it is.
    pub fn is_unknown(&self) -> bool {
        self.number.is_none() && self.id.is_none()
    }

    /// Whether both are the same one; `None` where they do not say so of the same thing.
    pub fn is_same(&self, other: &Self) -> Option<bool> {
        let ids = self.id.as_ref().zip(other.id.as_ref());
        let numbers = self.number.as_ref().zip(other.number.as_ref());
        let by_id = ids.map(|(one, other)| one == other);
        by_id.or_else(|| numbers.map(|(one, other)| one == other))
    }
}

/// `L#<extension or ->`: a call and the activity that it is, read by session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallLink {
    /// The form of this item.
    pub schema: u32,
    /// The extension, or `-`, as it stands in the key.
    pub part: String,
    /// Whose part in the call it is about, as far as it is known.
    pub extension: Extension,
    /// On whose behalf, and with whom.
    pub opening: CallOpening,
    /// The CRM's id of the activity; none while it is to be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_id: Option<LogId>,
    /// Our visible sign in it, known before it is made.
    pub mark: Mark,
    /// When the log id became known.
    #[serde(default)]
    pub linked_at: i64,
    /// When the read began that the last write or comparison rests on.
    #[serde(default)]
    pub read_at: i64,
    /// Changes that the CRM refuses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<RefusedChange>,
    /// How many changes the next write may carry, while a refusal is being narrowed down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<usize>,
    /// When the last change was applied that carried a note of its own: a note that waited until
    /// then is older.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noted_at: Option<i64>,
    /// When the activity was found to be deleted in the CRM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone_at: Option<i64>,
    /// The changes that stand in the activity, in order: the newest, and those that are still in
    /// the table. This alone says "applied".
    #[serde(default)]
    pub applied: Vec<String>,
    /// Who is writing the activity, what is in doubt, and when it is tried again.
    #[serde(flatten)]
    pub claim: Claim,
}

/// A change that the CRM refuses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefusedChange {
    /// Which.
    pub id: String,
    /// Before when it is not tried again.
    pub retry_at: i64,
}

/// On whose behalf the log of a call is written, and with whom the call was.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallOpening {
    /// The platform.
    pub platform: String,
    /// The CRM's company.
    pub tenant: TenantId,
    /// On whose behalf.
    pub user: CrmUserId,
    /// The contact, where a request has said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    /// A log that another server made, to be taken over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub existing_log: Option<LogId>,
}

/// `U#<extension>#create`, or `U#<extension>#<milliseconds>-<random>`: what one request tells of a
/// call, until it stands in the activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallChange {
    /// The form of this item.
    pub schema: u32,
    /// The extension, or `-`, as it stands in the key of its link.
    pub part: String,
    /// Milliseconds and 64 random bits: how it is called once it is applied.
    pub id: String,
    /// Whether it is of the request that logs the call.
    pub creates: bool,
    /// What a link that it opens is made with.
    pub opening: CallOpening,
    /// Whose part in the call it is about.
    pub extension: Extension,
    /// What it tells.
    pub fields: CallFields,
    /// Whether its note is one that waited for the call.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub with_kept_note: bool,
    /// What the user wants to see of it.
    pub layout: Layout,
    /// What the user filled in on the form that the manifest describes.
    #[serde(default, with = "json_text", skip_serializing_if = "Map::is_empty")]
    pub additional_submission: Map<String, Value>,
    /// What an agent chose for the call.
    #[serde(default, with = "json_text", skip_serializing_if = "Map::is_empty")]
    pub dispositions: Map<String, Value>,
    /// When it was accepted.
    pub accepted_at: i64,
    /// The guard: until it is removed, the scheduled function looks whether this was applied.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    /// When it may be forgotten, in seconds since 1970.
    pub expires_at: i64,
}

/// `N`: what an agent wrote of a call, until a request that tells of the call brings it along.
/// `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallNote {
    /// The form of this item.
    pub schema: u32,
    /// Milliseconds and 64 random bits: which note it is.
    pub id: String,
    /// The note.
    pub note: String,
    /// When it may be forgotten, in seconds since 1970.
    pub expires_at: i64,
}

impl CallNote {
    /// The form that this version writes.
    pub const SCHEMA: u32 = 1;
    /// For how long a note waits for its call, in seconds: as long as on App Connect's server.
    pub const KEPT_SECONDS: i64 = 3_600;

    /// Whether it was kept after `noted_at`, in milliseconds.
    pub fn is_newer(&self, noted_at: Option<i64>) -> bool {
        let millis = self.id.split_once('-').map(|(millis, _)| millis);
        let kept_at = millis.and_then(|millis| millis.parse().ok());
        noted_at.is_none_or(|noted_at| kept_at.is_none_or(|kept_at: i64| kept_at > noted_at))
    }
}

impl std::fmt::Debug for CallNote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallNote")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl CallOpening {
    /// On whose behalf, with platform and company.
    pub fn user_key(&self) -> UserKey {
        UserKey {
            platform: self.platform.clone(),
            tenant: self.tenant.clone(),
            id: self.user.clone(),
        }
    }
}

impl CallLink {
    /// The form that this version writes.
    pub const SCHEMA: u32 = 1;
    /// How many applied changes are remembered at least.
    const REMEMBERED: usize = 64;

    /// A call that has no activity yet.
    pub fn new(part: String, extension: Extension, opening: CallOpening, mark: Mark) -> Self {
        Self {
            schema: Self::SCHEMA,
            part,
            extension,
            opening,
            log_id: None,
            mark,
            linked_at: 0,
            read_at: 0,
            refused: Vec::new(),
            batch: None,
            noted_at: None,
            gone_at: None,
            applied: Vec::new(),
            claim: Claim::default(),
        }
    }

    /// Whether a change stands in the activity.
    pub fn has(&self, change: &str) -> bool {
        self.applied.iter().any(|applied| applied == change)
    }

    /// The refusal of a change that is not to be tried at `now`.
    pub fn refusal(&self, change: &str, now: i64) -> Option<&RefusedChange> {
        self.refused
            .iter()
            .find(|refused| refused.id == change && refused.retry_at > now)
    }

    /// Forgets which changes were applied, but for the newest, those that were accepted after
    /// `since`, and those that are still in the table.
    pub fn forget_all_but(&mut self, changes: &[CallChange], since: i64) {
        let before = self.applied.len().saturating_sub(Self::REMEMBERED);
        let newest = self.applied.split_off(before);
        let since = format!("{since:013}");
        let is_there = |id: &String| *id >= since || changes.iter().any(|change| change.id == *id);
        self.applied.retain(is_there);
        self.applied.extend(newest);
    }
}

impl Claimed for CallLink {
    const NAME: &'static str = "CallLink";

    fn sk(&self) -> String {
        keys::call_link(&self.part)
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
        self.log_id.is_none()
    }
}

impl CallChange {
    /// The form that this version writes.
    pub const SCHEMA: u32 = 1;

    /// Whether it is of a request that logs the call. Not every such change `creates`: one that
    /// tells otherwise than the first stands beside it.
    pub fn logs_call(&self) -> bool {
        self.opening.contact.is_some()
    }

    /// Whether `other` tells all that this does.
    pub fn is_in(&self, other: &Self) -> bool {
        self.fields == other.fields
            && self.opening.contact == other.opening.contact
            && self.additional_submission == other.additional_submission
            && self.dispositions == other.dispositions
            && (self.extension.is_unknown() || !other.extension.is_unknown())
    }

    /// No more of it than what `told`, and the form and the choices of `others`, tell as well.
    #[must_use]
    pub fn limited_to(&self, told: &CallFields, others: &[&Self]) -> Self {
        let mut limited = self.clone();
        limited.fields = limited.fields.limited_to(told);
        (limited.additional_submission).retain(|name, _| {
            (others.iter()).any(|other| other.additional_submission.contains_key(name))
        });
        (limited.dispositions).retain(|name, _| {
            others
                .iter()
                .any(|other| other.dispositions.contains_key(name))
        });
        limited
    }

    /// Its sort key.
    pub fn sk(&self) -> String {
        match self.creates {
            true => keys::call_create(&self.part),
            false => keys::call_change(&self.part, &self.id),
        }
    }
}

// Numbers, names, and what people said.
daybook_core::conceal!(Extension, CallOpening);

#[cfg(test)]
mod tests {
    use super::*;

    fn extension(number: &str, id: &str) -> Extension {
        Extension {
            number: (!number.is_empty()).then(|| number.to_owned()),
            id: HashedId::parse(id),
        }
    }

    #[test]
    fn an_extension_is_known_by_its_id_else_by_its_number() {
        for (one, other, same) in [
            (("101", "a"), ("102", "a"), Some(true)),
            (("101", "a"), ("101", "b"), Some(false)),
            (("101", ""), ("101", "b"), Some(true)),
            (("101", ""), ("102", ""), Some(false)),
            (("101", ""), ("", "b"), None),
            (("", ""), ("101", "b"), None),
        ] {
            let [one, other] = [one, other].map(|(number, id)| extension(number, id));
            assert_eq!(one.is_same(&other), same);
            assert_eq!(other.is_same(&one), same);
        }
    }

    #[test]
    fn the_newest_changes_are_remembered_and_those_in_the_table() {
        let opening = CallOpening {
            platform: "exampleCRM".to_owned(),
            tenant: TenantId::parse("t").expect("an id"),
            user: CrmUserId::parse("u").expect("an id"),
            contact: None,
            existing_log: None,
        };
        let mark = Mark::from_bits(1);
        let mut link = CallLink::new("-".to_owned(), Extension::default(), opening.clone(), mark);
        let id = |number: i64| format!("{number:013}-0");
        link.applied = (0..68).map(id).collect();
        let first = CallChange {
            schema: CallChange::SCHEMA,
            part: "-".to_owned(),
            id: id(0),
            creates: false,
            opening,
            extension: Extension::default(),
            fields: CallFields::default(),
            with_kept_note: false,
            layout: Layout::default(),
            additional_submission: Map::new(),
            dispositions: Map::new(),
            accepted_at: 0,
            due: None,
            expires_at: 0,
        };
        link.forget_all_but(&[first], 3);
        let left: Vec<_> = (0..68).filter(|number| !link.has(&id(*number))).collect();
        assert_eq!(left, [1, 2]);
    }
}
