//! A RingCentral message.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::{ConversationId, MessageId};
use crate::media::Media;
use crate::phone::PhoneNumber;

/// Who sent a message, seen from the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Direction {
    /// From the contact to the user.
    Inbound,
    /// From the user to the contact.
    Outbound,
}

/// What kind of message RingCentral says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MessageKind {
    /// A text or picture message.
    #[serde(rename = "SMS")]
    Sms,
    /// A message between extensions.
    Pager,
    /// A spoken message.
    VoiceMail,
    /// A fax.
    Fax,
}

/// One end of a message.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Party {
    /// The number.
    pub phone: Option<PhoneNumber>,
    /// The name that RingCentral knows.
    pub name: Option<String>,
}

/// One message of a conversation.
///
/// # Source
/// RingCentral API reference, Message Store, `GetMessageInfoResponse` (read 2026-11-20).
#[derive(Clone)]
pub struct Message {
    /// RingCentral's id.
    pub id: MessageId,
    /// The conversation that it belongs to.
    pub conversation: ConversationId,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// Who sent it.
    pub direction: Direction,
    /// What it is.
    pub kind: MessageKind,
    /// What it says; empty where it only carries media. Free of control characters but tab
    /// and newline.
    pub text: String,
    /// Who it is from.
    pub from: Party,
    /// Who it is to.
    pub to: Vec<Party>,
    /// What it carries.
    pub media: Vec<Media>,
}

impl Message {
    /// The order of a conversation: by time, then by id.
    pub fn order(&self, other: &Self) -> Ordering {
        let time = self.at.cmp(&other.at);
        time.then_with(|| self.id.order(&other.id))
    }
}

impl std::fmt::Debug for Party {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Party(…)")
    }
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("direction", &self.direction)
            .finish_non_exhaustive()
    }
}

/// `text` with one kind of line break, and U+FFFD for every other control character but tab.
pub fn clean_text(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            '\r' => '\n',
            c if c.is_control() || is_noncharacter(c) => '\u{fffd}',
            c => c,
        })
        .collect()
}

/// `text` on one line, for names: control characters and line breaks become spaces.
pub fn clean_line(text: &str) -> String {
    clean_text(text)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// Code points that Unicode keeps for internal use, and that XML and some CRMs refuse.
fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || (u32::from(c) & 0xfffe) == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_replaced_and_line_breaks_are_one_kind() {
        assert_eq!(
            clean_text("a\r\nb\rc\n\td\0\u{7}\u{85}"),
            "a\nb\nc\n\td\u{fffd}\u{fffd}\u{fffd}"
        );
        assert_eq!(
            clean_text("\u{ffff}\u{1fffe}😀\u{202e}"),
            "\u{fffd}\u{fffd}😀\u{202e}"
        );
        assert_eq!(clean_line("  Ada\n Lovelace\t"), "Ada Lovelace");
    }
}
