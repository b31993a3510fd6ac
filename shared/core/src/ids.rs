//! Identifiers, each of its own type so that two cannot be swapped.
//!
//! On the wire an id is a number or a text; inside it is text, exact at any size.

use std::cmp::Ordering;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::json::{NEEDS_ID, whole};

/// An id as JSON carries it: text, or a whole number.
///
/// A number with a fraction or above 2^64 has lost digits on its way and is refused.
#[derive(Debug)]
pub(crate) struct WireId(pub(crate) String);

crate::describe::scalar!(WireId, "string", "integer");

impl<'de> Deserialize<'de> for WireId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = WireId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(NEEDS_ID)
            }
            fn visit_u64<E>(self, id: u64) -> Result<WireId, E> {
                Ok(WireId(id.to_string()))
            }
            fn visit_i64<E>(self, id: i64) -> Result<WireId, E> {
                Ok(WireId(id.to_string()))
            }
            fn visit_f64<E: serde::de::Error>(self, id: f64) -> Result<WireId, E> {
                match whole(id) {
                    Some(id) => Ok(WireId(id.to_string())),
                    None => Err(E::invalid_type(serde::de::Unexpected::Float(id), &self)),
                }
            }
            fn visit_str<E>(self, id: &str) -> Result<WireId, E> {
                Ok(WireId(id.trim().to_owned()))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The id, or `None` where the text is blank.
            pub fn parse(text: &str) -> Option<Self> {
                let text = text.trim();
                (!text.is_empty()).then(|| Self(text.to_owned()))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id! {
    /// RingCentral's id of a conversation; for a message that has none, the message's own.
    ConversationId
}
id! {
    /// RingCentral's id of a message.
    MessageId
}

impl MessageId {
    /// The order in which RingCentral gave the ids: they are numbers that grow, so that a longer
    /// one is the later one.
    pub fn order(&self, other: &Self) -> Ordering {
        let length = self.0.len().cmp(&other.0.len());
        length.then_with(|| self.cmp(other))
    }
}

id! {
    /// RingCentral's id of the session of a phone call.
    SessionId
}
id! {
    /// The CRM's id of a contact.
    ContactId
}
id! {
    /// The CRM's id of an activity that we wrote: App Connect's `logId`.
    LogId
}
id! {
    /// The user on whose behalf a log is written, as App Connect names one: `<crm user id>-<platform>`.
    CrmUserId
}
id! {
    /// The CRM's own company id, else its host.
    TenantId
}
id! {
    /// A RingCentral account or extension, as `/userInfoHash` gives its id: 64 hexadecimal digits,
    /// from which nobody without the deployment's key finds the id.
    HashedId
}
