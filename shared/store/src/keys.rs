//! The table's keys. Nothing else formats one.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use daybook_core::digest::Window;
use daybook_core::ids::{
    ContactId, ConversationId, CrmUserId, HashedId, LogId, MessageId, TenantId,
};
use daybook_core::user::UserKey;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

mod call;

pub(crate) use call::{CALL_CHANGES, CALLS};
pub use call::{
    CALL_LINKS, CALL_NOTE, CallKey, call_change, call_changes, call_create, call_link, call_part,
    calls_of, owning_call,
};

/// The partition key's attribute.
pub const PK: &str = "pk";
/// The sort key's attribute.
pub const SK: &str = "sk";
/// The attribute of the time to live, in seconds since 1970.
pub const EXPIRES_AT: &str = "expiresAt";

/// The longest part of a key; a longer one is hashed.
const MAX_PART_BYTES: usize = 200;

/// What stays readable in a key.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b':')
    .remove(b'+');

/// Which digests: all windows of a conversation of one user with one contact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DigestKey(String);

impl DigestKey {
    /// `D#<platform>#<tenant>#<CRM user>#<conversation>#<contact>`
    pub fn new(
        platform: &str,
        tenant: &TenantId,
        user: &CrmUserId,
        conversation: &ConversationId,
        contact: &ContactId,
    ) -> Self {
        let user = of_user(platform, tenant, user);
        let [conversation, contact] = [conversation.as_str(), contact.as_str()].map(part);
        Self(format!("{DIGESTS}{user}{conversation}#{contact}"))
    }

    /// The digests of a partition key, as the index gives it.
    pub fn from_pk(pk: String) -> Self {
        Self(pk)
    }

    /// A short name that identifies the digests in logs without naming anybody.
    pub fn short_hash(&self) -> String {
        hash(&self.0)[..12].to_owned()
    }

    /// The partition key.
    pub fn pk(&self) -> &str {
        &self.0
    }
}

/// The thread of a shared inbox with one contact, whoever logs it.
pub fn thread(
    platform: &str,
    tenant: &TenantId,
    conversation: &ConversationId,
    contact: &ContactId,
) -> String {
    let tenant = part(tenant.as_str());
    let [conversation, contact] = [conversation.as_str(), contact.as_str()].map(part);
    format!("T#{}#{tenant}#{conversation}#{contact}", part(platform))
}

/// The sort key of every thread.
pub const THREAD: &str = "T";

/// With what the partition keys of all digests begin.
const DIGESTS: &str = "D#";
/// With what the partition keys of all digests of a user begin.
pub fn digests_of(user: &UserKey) -> String {
    format!("{DIGESTS}{}", of_key(user))
}

/// A user as a part of keys. It ends with what ends the last part, so that no user's begins with
/// that of another.
fn of_user(platform: &str, tenant: &TenantId, id: &CrmUserId) -> String {
    let [platform, tenant, id] = [platform, tenant.as_str(), id.as_str()].map(part);
    format!("{platform}#{tenant}#{id}#")
}

fn of_key(user: &UserKey) -> String {
    of_user(&user.platform, &user.tenant, &user.id)
}

/// The head of a window.
pub fn head(window: &Window) -> String {
    format!("H#{window}")
}

/// The sort keys between which the heads of the days from `first` to `last` lie.
pub fn heads_between(first: NaiveDate, last: NaiveDate) -> (String, String) {
    // Later volumes of the last day have `~` and a number behind the date.
    (format!("H#{first}"), format!("H#{last}~~"))
}

/// The sort keys between which the heads of the days from `first` on lie, and those of the window
/// without an end, but not those of rolling windows.
pub fn heads_of_thread(first: NaiveDate) -> (String, String) {
    (format!("H#{first}"), format!("{}~~", head(&Window::ALL)))
}

/// The sort keys between which the heads of the rolling windows since `first` lie, and their
/// index.
pub fn rolling_heads_since(first: DateTime<Utc>) -> (String, String) {
    let from = head(&Window::rolling(first));
    (from, ROLLING_INDEX.to_owned())
}

/// The sort key of the index of rolling windows, behind that of every head.
pub const ROLLING_INDEX: &str = "H#~";

/// A message.
pub fn message(id: &MessageId) -> String {
    format!("{MESSAGES}{}", part(id.as_str()))
}

/// With what the sort key of every message begins.
pub const MESSAGES: &str = "M#";

/// The users of a platform who have an id: one item for each company that has such a user.
pub fn user(platform: &str, id: &CrmUserId) -> String {
    format!("{USERS}{}#{}", part(platform), part(id.as_str()))
}

/// The sort key of a user: the company.
pub fn of_tenant(tenant: &TenantId) -> String {
    format!("{USERS}{}", part(tenant.as_str()))
}

/// With what both keys of every user begin.
const USERS: &str = "U#";

/// The settings that an administrator made for a RingCentral account.
pub fn admin_settings(account: &HashedId) -> String {
    format!("A#{}", part(account.as_str()))
}

/// The sort key of an administrator's settings.
pub const ADMIN_SETTINGS: &str = "A";

/// The partition key of the data keys, with which credentials are sealed.
pub const DATA_KEYS: &str = "K";

/// The sort key of a data key.
pub fn data_key(id: &str) -> String {
    format!("{DATA_KEY}{}", part(id))
}

/// The id of a data key, by its sort key.
pub fn data_key_id(sk: &str) -> Option<&str> {
    sk.strip_prefix(DATA_KEY)
}

/// With what the sort key of every data key begins.
const DATA_KEY: &str = "K#";

/// The gate of a user, or with `None` that of the whole tenant.
pub fn gate(platform: &str, tenant: &TenantId, user: Option<&CrmUserId>) -> String {
    let user = user.map_or(Cow::Borrowed("*"), |user| part(user.as_str()));
    format!("G#{}#{}#{user}", part(platform), part(tenant.as_str()))
}

/// The sort key of every gate.
pub const GATE: &str = "G";

/// What is remembered for a company.
pub fn cache(platform: &str, tenant: &TenantId) -> String {
    format!("{CACHE}{}#{}", part(platform), part(tenant.as_str()))
}

/// The sort key of one thing that is remembered.
pub fn cached(name: &str) -> String {
    format!("{CACHE}{}", part(name))
}

/// With what both keys of everything that is remembered begin.
pub const CACHE: &str = "Q#";

/// What a user was told of contacts.
pub fn told(user: &UserKey) -> String {
    format!("{TOLD}{}", of_key(user))
}

/// The sort key of the contacts with a number, by the number's hash.
pub fn found(number: &HashedId) -> String {
    format!("F#{}", part(number.as_str()))
}

/// The sort key of a contact that was made, by the hash of what it was made of.
pub fn made(contact: &HashedId) -> String {
    format!("N#{}", part(contact.as_str()))
}

/// With what the partition keys of all that users were told begin.
const TOLD: &str = "P#";

/// A log that another server made.
pub fn adopted_log(platform: &str, tenant: &TenantId, log: &LogId) -> String {
    let [platform, tenant, log] = [platform, tenant.as_str(), log.as_str()].map(part);
    format!("X#{platform}#{tenant}#{log}")
}

/// The log that owns an activity: both keys of its item.
pub fn owner(pk: &str, sk: &str) -> String {
    format!("{pk}#{sk}")
}

/// The sort key of every adopted log.
pub const ADOPTED_LOG: &str = "X";

/// The index of waiting work.
pub const DUE_INDEX: &str = "due";
/// The partition key's attribute of the index.
pub const DUE_SHARD: &str = "dueShard";
/// The sort key's attribute of the index.
pub const DUE_AT: &str = "dueAt";

/// A partition of the index.
pub fn due_shard(number: u64) -> String {
    format!("due#{number}")
}

/// A partition of the index for what is looked at again though no text waits.
pub fn check_shard(number: u64) -> String {
    format!("{CHECK}{number}")
}

/// With what those partitions begin.
pub(crate) const CHECK: &str = "check#";

/// A partition of the index for work that waits for a sign-in.
pub fn parked_shard(number: u64) -> String {
    format!("parked#{number}")
}

/// The place in the index of work that waits, since `millis`, for a sign-in of a user.
pub fn parked_at(user: &UserKey, millis: i64) -> String {
    format!("{}{}", parked_of(user), due_at(millis))
}

/// With what the places of all work begin that waits for a sign-in of a user.
pub fn parked_of(user: &UserKey) -> String {
    of_key(user)
}

/// A time in the index, in milliseconds since 1970.
pub fn due_at(millis: i64) -> String {
    format!("{millis:013}")
}

/// What a row of the index is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum DueKey {
    /// A head.
    Head(DigestKey, Window),
    /// A message, by the rest of its sort key.
    Message(DigestKey, String),
    /// The log of a call, by its part of the call.
    CallLink(CallKey, String),
    /// A change of a call, by its sort key.
    CallChange(CallKey, String),
    /// A user who has signed in, by both keys of the item.
    User(String, String),
}

impl DueKey {
    /// Reads a row's keys; `None` for those of another kind of item.
    pub fn parse(pk: &str, sk: &str) -> Option<Self> {
        if pk.starts_with(USERS) {
            return Some(Self::User(pk.to_owned(), sk.to_owned()));
        }
        if pk.starts_with(CALLS) {
            let key = CallKey::from_pk(pk.to_owned());
            return match sk.strip_prefix(CALL_LINKS) {
                Some(part) => Some(Self::CallLink(key, part.to_owned())),
                None => {
                    (sk.starts_with(CALL_CHANGES)).then(|| Self::CallChange(key, sk.to_owned()))
                }
            };
        }
        let key = DigestKey::from_pk(pk.to_owned());
        if let Some(window) = sk.strip_prefix("H#") {
            return Some(Self::Head(key, Window::parse(window)?));
        }
        sk.starts_with(MESSAGES)
            .then(|| Self::Message(key, sk.to_owned()))
    }
}

/// A number that a text always hashes to.
pub fn hash_number(text: &str) -> u64 {
    let bytes = Sha256::digest(text);
    bytes
        .iter()
        .take(8)
        .fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

/// One part of a key: without `#`, and short.
fn part(text: &str) -> Cow<'_, str> {
    let encoded = Cow::from(utf8_percent_encode(text, PLAIN));
    if encoded.len() <= MAX_PART_BYTES {
        encoded
    } else {
        Cow::Owned(format!("~{}", hash(text)))
    }
}

fn hash(text: &str) -> String {
    Sha256::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(conversation: &str, contact: &str) -> DigestKey {
        DigestKey::new(
            "exampleCRM",
            &TenantId::parse("127.0.0.1:6066").expect("an id"),
            &CrmUserId::parse("1-exampleCRM").expect("an id"),
            &ConversationId::parse(conversation).expect("an id"),
            &ContactId::parse(contact).expect("an id"),
        )
    }

    #[test]
    fn keys_have_this_exact_text() {
        assert_eq!(
            key("5578984350117917661", "1001").pk(),
            "D#exampleCRM#127.0.0.1:6066#1-exampleCRM#5578984350117917661#1001"
        );
        let tenant = TenantId::parse("127.0.0.1:6066").expect("an id");
        let conversation = ConversationId::parse("a#b").expect("an id");
        let contact = ContactId::parse("1001").expect("an id");
        assert_eq!(
            thread("exampleCRM", &tenant, &conversation, &contact),
            "T#exampleCRM#127.0.0.1:6066#a%23b#1001"
        );
        let id = MessageId::parse("60279564004").expect("an id");
        assert_eq!(message(&id), "M#60279564004");
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        let window = Window::parse("2015-02-18").expect("a window");
        assert_eq!(head(&window), "H#2015-02-18");
        assert_eq!(
            heads_between(day("2015-02-17"), day("2015-02-19")),
            ("H#2015-02-17".to_owned(), "H#2015-02-19~~".to_owned())
        );
        let (from, to) = heads_of_thread(day("2015-02-17"));
        assert_eq!((from.as_str(), to.as_str()), ("H#2015-02-17", "H#all~~"));
        let window = |text: &str| head(&Window::parse(text).expect("a window"));
        for within in ["2015-02-17", "2026-11-21~3", "all", "all~2", "all~17"] {
            assert!((&from..=&to).contains(&&window(within)), "{within}");
        }
        for beyond in ["2015-02-16", "r1424265890000"] {
            assert!(!(&from..=&to).contains(&&window(beyond)), "{beyond}");
        }
        assert!(ROLLING_INDEX > to.as_str());
    }

    #[test]
    fn keys_of_users_have_this_exact_text() {
        let whose = |id: &str| UserKey {
            platform: "exampleCRM".to_owned(),
            tenant: TenantId::parse("a#b").expect("an id"),
            id: CrmUserId::parse(id).expect("an id"),
        };
        let key = whose("1-exampleCRM");
        assert_eq!(digests_of(&key), "D#exampleCRM#a%23b#1-exampleCRM#");
        assert_eq!(calls_of(&key), "C#exampleCRM#a%23b#1-exampleCRM#");
        assert_eq!(told(&key), "P#exampleCRM#a%23b#1-exampleCRM#");
        assert_eq!(
            parked_at(&key, 5),
            "exampleCRM#a%23b#1-exampleCRM#0000000000005"
        );
        assert_eq!(user(&key.platform, &key.id), "U#exampleCRM#1-exampleCRM");
        assert_eq!(of_tenant(&key.tenant), "U#a%23b");
        for other in ["1", "1-exampleCRMOAuth", "1-exampleCRM#7"] {
            let other = digests_of(&whose(other));
            assert!(!other.starts_with(&digests_of(&key)), "{other}");
            assert!(!digests_of(&key).starts_with(&other), "{other}");
        }
        assert_eq!(cache(&key.platform, &key.tenant), "Q#exampleCRM#a%23b");
        assert_eq!(cached("person#7"), "Q#person%237");
        let account = HashedId::parse(&"0a".repeat(32)).expect("an id");
        assert_eq!(admin_settings(&account), format!("A#{}", "0a".repeat(32)));
        assert_eq!(found(&account), format!("F#{}", "0a".repeat(32)));
        assert_eq!(made(&account), format!("N#{}", "0a".repeat(32)));
        assert_eq!(data_key("1-a"), "K#1-a");
        assert_eq!(data_key_id("K#1-a"), Some("1-a"));
        assert_eq!(data_key_id("H#1-a"), None);
    }

    #[test]
    fn a_digest_belongs_to_its_user() {
        let whose = UserKey {
            platform: "exampleCRM".to_owned(),
            tenant: TenantId::parse("127.0.0.1:6066").expect("an id"),
            id: CrmUserId::parse("1-exampleCRM").expect("an id"),
        };
        assert!(key("7", "1001").pk().starts_with(&digests_of(&whose)));
    }

    #[test]
    fn no_two_digests_share_a_key() {
        assert_eq!(
            key("a#b", "c").pk(),
            "D#exampleCRM#127.0.0.1:6066#1-exampleCRM#a%23b#c"
        );
        assert_ne!(key("a", "b#c"), key("a#b", "c"));
        assert_ne!(key(&"x".repeat(300), "1"), key(&"x".repeat(301), "1"));
        assert!(key(&"é".repeat(300), "1").pk().len() < 400);
        assert_ne!(
            key(&format!("~{}", hash(&"x".repeat(300))), "1"),
            key(&"x".repeat(300), "1")
        );
    }
}
