//! The keys of calls.

use daybook_core::ids::{HashedId, LogId, SessionId};
use daybook_core::user::UserKey;

use super::{hash, of_key, part};
use crate::items::Extension;

/// Which logs: those of all parts that a user has in the session of a phone call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallKey(String);

impl CallKey {
    /// `C#<platform>#<tenant>#<CRM user>#<session>`
    pub fn new(user: &UserKey, session: &SessionId) -> Self {
        let session = part(session.as_str());
        Self(format!("{CALLS}{}{session}", of_key(user)))
    }

    /// The logs of a call of which nothing is known but the CRM's id of one:
    /// `C#<platform>#<tenant>#<CRM user>#@<log id>`. No session is called so, since `@` is encoded.
    pub fn of_log(user: &UserKey, log: &LogId) -> Self {
        let log = part(log.as_str());
        Self(format!("{CALLS}{}@{log}", of_key(user)))
    }

    /// The logs of a partition key, as the index gives it.
    pub fn from_pk(pk: String) -> Self {
        Self(pk)
    }

    /// A short name that identifies the call in logs without naming anybody.
    pub fn short_hash(&self) -> String {
        hash(&self.0)[..12].to_owned()
    }

    /// Whether it is of this user's calls.
    pub fn is_of(&self, user: &UserKey) -> bool {
        self.0.starts_with(&calls_of(user))
    }

    /// The partition key.
    pub fn pk(&self) -> &str {
        &self.0
    }
}

/// With what the partition keys of all calls begin.
pub(crate) const CALLS: &str = "C#";

/// With what the partition keys of all calls of a user begin.
pub fn calls_of(user: &UserKey) -> String {
    format!("{CALLS}{}", of_key(user))
}

/// The part of a call that an extension has, in keys: by the extension's id, else its number.
pub fn call_part(extension: &Extension) -> String {
    let id = extension.id.as_ref().map(HashedId::as_str);
    match id.or(extension.number.as_deref()) {
        Some(extension) => part(extension).into_owned(),
        None => UNKNOWN_PART.to_owned(),
    }
}

/// The part of a call that nobody has said whose it is.
const UNKNOWN_PART: &str = "-";

/// The link of a part of a call.
pub fn call_link(part: &str) -> String {
    format!("{CALL_LINKS}{part}")
}

/// With what the sort key of every link of a call begins.
pub const CALL_LINKS: &str = "L#";

/// The note that waits for its call to be logged. It stands between links and changes.
pub const CALL_NOTE: &str = "N";

/// What the request that logs a call tells of it.
pub fn call_create(part: &str) -> String {
    format!("{}create", call_changes(part))
}

/// What another request tells of a call.
pub fn call_change(part: &str, id: &str) -> String {
    format!("{}{id}", call_changes(part))
}

/// With what the sort keys of all changes of a part of a call begin.
pub fn call_changes(part: &str) -> String {
    format!("{CALL_CHANGES}{part}#")
}

/// With what the sort key of every change of a call begins.
pub(crate) const CALL_CHANGES: &str = "U#";

/// The call, and the part of it, that own an activity; `None` where a digest does.
pub fn owning_call(owner: &str) -> Option<(CallKey, &str)> {
    let (pk, part) = owner.rsplit_once("#L#")?;
    pk.starts_with(CALLS)
        .then(|| (CallKey::from_pk(pk.to_owned()), part))
}

#[cfg(test)]
mod tests {
    use daybook_core::ids::{CrmUserId, TenantId};

    use super::*;
    use crate::keys::{DueKey, owner};

    fn whose() -> UserKey {
        UserKey {
            platform: "exampleCRM".to_owned(),
            tenant: TenantId::parse("a#b").expect("an id"),
            id: CrmUserId::parse("1-exampleCRM").expect("an id"),
        }
    }

    fn key(session: &str) -> CallKey {
        CallKey::new(&whose(), &SessionId::parse(session).expect("an id"))
    }

    fn extension(number: Option<&str>, id: Option<&str>) -> Extension {
        Extension {
            number: number.map(str::to_owned),
            id: id.and_then(HashedId::parse),
        }
    }

    #[test]
    fn keys_of_calls_have_this_exact_text() {
        assert_eq!(key("28463").pk(), "C#exampleCRM#a%23b#1-exampleCRM#28463");
        assert!(key("28463").pk().starts_with(&calls_of(&whose())));
        let log = LogId::parse("7").expect("an id");
        let of_log = CallKey::of_log(&whose(), &log);
        assert_eq!(of_log.pk(), "C#exampleCRM#a%23b#1-exampleCRM#@7");
        assert_ne!(of_log, key("@7"), "no session is called so");
        assert_eq!(call_part(&extension(None, None)), "-");
        assert_eq!(call_part(&extension(Some("101"), None)), "101");
        assert_eq!(call_part(&extension(Some("101"), Some("0a"))), "0a");
        assert_eq!(call_link("101"), "L#101");
        assert_eq!(call_create("-"), "U#-#create");
        assert_eq!(call_change("-", "5-0a"), "U#-#5-0a");
        assert!(CALL_LINKS < CALL_NOTE && CALL_NOTE < CALL_CHANGES);
    }

    #[test]
    fn the_owner_of_an_activity_is_read_back() {
        let owned = owner(key("28463").pk(), &call_link("101"));
        assert_eq!(owning_call(&owned), Some((key("28463"), "101")));
        assert_eq!(owning_call("D#exampleCRM#t#u#7#1001#H#2015-02-18"), None);
    }

    #[test]
    fn rows_of_the_index_lead_to_links_and_changes() {
        let pk = key("28463").pk().to_owned();
        assert_eq!(
            DueKey::parse(&pk, "L#101"),
            Some(DueKey::CallLink(key("28463"), "101".to_owned()))
        );
        assert_eq!(
            DueKey::parse(&pk, "U#-#create"),
            Some(DueKey::CallChange(key("28463"), "U#-#create".to_owned()))
        );
        assert_eq!(DueKey::parse(&pk, "M#1"), None);
    }
}
