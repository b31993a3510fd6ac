//! What a digest is made of: the messages, and what is known of the conversation.

use std::cmp::Ordering;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::render::Format;
use crate::contact::Contact;
use crate::ids::MessageId;
use crate::media::Media;
use crate::message::{Direction, Message, MessageKind};
use crate::phone::PhoneNumber;
use crate::time::Zone;

/// One message as a digest shows it.
///
/// # Shape
/// What the table keeps of a message. `Debug` shows no text, name or number.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// RingCentral's id.
    pub id: MessageId,
    /// When the message was made.
    pub at: DateTime<Utc>,
    /// Who sent it.
    pub direction: Direction,
    /// What it is.
    pub kind: MessageKind,
    /// The name of the true sender, if RingCentral knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender_name: Option<String>,
    /// The number of the true sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender_number: Option<PhoneNumber>,
    /// What it says.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// What it carries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Media>,
    /// Whether several people were on the contact's side when it came: a conversation may become a
    /// group after its digest began.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_group: bool,
    /// Which piece of a text too large for one note this is, from 1, and of how many.
    /// Stored entries are whole: `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub piece: Option<(u16, u16)>,
}

impl Entry {
    /// What the digest shows of `message`.
    pub fn of(message: &Message) -> Self {
        Self {
            id: message.id.clone(),
            at: message.at,
            direction: message.direction,
            kind: message.kind,
            sender_name: message.from.name.clone(),
            sender_number: message.from.phone.clone(),
            text: message.text.clone(),
            media: message.media.clone(),
            in_group: false,
            piece: None,
        }
    }

    /// The entry of the ledger that says that this message stands in the CRM.
    ///
    /// A first or only piece has the fingerprint of its message.
    pub fn fingerprint(&self) -> Fingerprint {
        match self.piece {
            Some((piece, _)) if piece > 1 => {
                Fingerprint::cut(&format!("{}\n{piece}", self.id.as_str()))
            }
            Some(_) | None => Fingerprint::of(&self.id),
        }
    }

    /// Whether the counter counts it: the later pieces of a text are not messages.
    pub fn counts(&self) -> bool {
        self.piece.is_none_or(|(piece, _)| piece <= 1)
    }

    /// The order of a digest: by time, then by id, then by piece.
    ///
    /// Messages are in the order of [`Message::order`].
    pub fn order(&self, other: &Self) -> Ordering {
        let time = self.at.cmp(&other.at);
        time.then_with(|| self.id.order(&other.id))
            .then_with(|| self.piece.cmp(&other.piece))
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("id", &self.id)
            .field("at", &self.at)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// What a conversation consisted of when its digest began; it makes the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Topic {
    /// Texts, or different things.
    Texts,
    /// Voicemail alone.
    Voicemail,
    /// Faxes from the contact alone.
    FaxFrom,
    /// Faxes to the contact alone.
    FaxTo,
}

impl Topic {
    /// The topic of a digest that begins with `entries`.
    pub fn of(entries: &[&Entry]) -> Self {
        let each = |entry: &Entry| match (entry.kind, entry.direction) {
            (MessageKind::Sms | MessageKind::Pager, _) => Self::Texts,
            (MessageKind::VoiceMail, _) => Self::Voicemail,
            (MessageKind::Fax, Direction::Inbound) => Self::FaxFrom,
            (MessageKind::Fax, Direction::Outbound) => Self::FaxTo,
        };
        match entries.split_first() {
            Some((first, rest)) if rest.iter().all(|entry| each(entry) == each(first)) => {
                each(first)
            }
            Some(_) | None => Self::Texts,
        }
    }
}

/// An inbox from which several people answer.
///
/// # Shape
/// `Debug` shows no name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Inbox {
    /// Whose it is: a queue's name or a person's.
    pub name: String,
    /// Whether it is a call queue's.
    #[serde(default)]
    pub is_queue: bool,
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox")
            .field("is_queue", &self.is_queue)
            .finish_non_exhaustive()
    }
}

/// What every rendering of a digest depends on beside its entries, as at the first text.
///
/// # Shape
/// Kept on the digest's head, so that any two workers render alike. `Debug` shows no name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Context {
    /// With whom.
    pub contact: Contact,
    /// The name of the user, shown as the sender of outbound messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// The zone of dates and times.
    pub zone: Zone,
    /// What kind of text the CRM's note is.
    pub format: Format,
    /// The names of everybody but the user and the contact.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub participants: Vec<String>,
    /// Whether several people write on the contact's side: each line then names its sender.
    #[serde(default)]
    pub group: bool,
    /// The inbox that the conversation is in, where several people answer from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inbox: Option<Inbox>,
    /// What the conversation consists of.
    pub topic: Topic,
    /// The time of the first text; dates a digest whose window is not a day.
    pub started_at: DateTime<Utc>,
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("zone", &self.zone)
            .field("format", &self.format)
            .field("topic", &self.topic)
            .finish_non_exhaustive()
    }
}

/// An entry of the ledger: the first 16 bytes of the SHA-256 of a message's id.
///
/// # Shape
/// Serialised as bytes; JSON shows them as a list of numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// The fingerprint of a message.
    pub fn of(id: &MessageId) -> Self {
        Self::cut(id.as_str())
    }

    fn cut(text: &str) -> Self {
        let hash = Sha256::digest(text.as_bytes());
        let mut bytes = [0; 16];
        for (byte, hashed) in bytes.iter_mut().zip(hash) {
            *byte = hashed;
        }
        Self(bytes)
    }

    /// The fingerprint whose bytes are `bytes`, as a table gives them back.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(")?;
        for byte in self.0.iter().take(4) {
            write!(f, "{byte:02x}")?;
        }
        f.write_str("…)")
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Fingerprint;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("16 bytes")
            }
            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Fingerprint, E> {
                <[u8; 16]>::try_from(bytes)
                    .map(Fingerprint)
                    .map_err(|_| E::invalid_length(bytes.len(), &self))
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut list: A,
            ) -> Result<Fingerprint, A::Error> {
                let mut bytes = Vec::with_capacity(16);
                while let Some(byte) = list.next_element::<u8>()? {
                    bytes.push(byte);
                }
                self.visit_bytes(&bytes)
            }
        }
        deserializer.deserialize_bytes(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_sixteen_bytes_of_the_hash_and_survives_storage() {
        let id = MessageId::parse("60279564004").expect("an id");
        let print = Fingerprint::of(&id);
        assert_eq!(Fingerprint::from_bytes(*print.as_bytes()), print);
        let json = serde_json::to_string(&print).expect("JSON");
        assert_eq!(
            serde_json::from_str::<Fingerprint>(&json).expect("the same"),
            print
        );
        assert!(serde_json::from_str::<Fingerprint>("[1,2]").is_err());
    }
}
