//! A conversation of a shared inbox: whose it is, and who wrote its messages. Beside the messages
//! the widget hands on the entries of the thread, which name their authors.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::message_log::WireNew;
use crate::digest::Inbox;
use crate::error::RequestError;
use crate::ids::{MessageId, WireId};
use crate::json::Object;
use crate::limits::{MAX_KNOWN, MAX_NAME_BYTES};
use crate::message::{Direction, Message, clean_text};
use crate::params::wire::{WireParty, direction, id_text, instant, line, present};
use crate::time::{WireScalar, parse_instant};

/// The object `owner`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Owner")]
pub(super) struct WireOwner {
    name: Option<String>,
    extension_type: Option<String>,
}

/// An item of `entities`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ThreadEntry")]
pub(super) struct WireEntity {
    record_type: Option<String>,
    id: Option<WireId>,
    creation_time: Option<WireScalar>,
    direction: Option<String>,
    author: Option<Object<WireParty>>,
    from: Option<Object<WireParty>>,
    text: Option<String>,
    subject: Option<String>,
}

/// The inbox of an owner who is named: without a name it is the user's own.
pub(super) fn inbox(owner: Option<Object<WireOwner>>) -> Result<Option<Inbox>, RequestError> {
    let Some(Object(owner)) = owner else {
        return Ok(None);
    };
    let name = line("owner.name", owner.name, MAX_NAME_BYTES)?;
    let is_department = owner.extension_type.as_deref() == Some("Department");
    Ok(name.map(|name| Inbox {
        is_queue: is_department || name.to_lowercase().contains("queue"),
        name,
    }))
}

/// Who wrote the messages of a thread.
#[derive(Default)]
pub(super) struct Authors {
    authors: Vec<Author>,
    /// Whether there is one for each message.
    are_paired: bool,
}

/// One message of a thread, by its entry.
struct Author {
    id: Option<MessageId>,
    at: Option<DateTime<Utc>>,
    direction: Option<Direction>,
    text: String,
    name: Option<String>,
    /// Whether one of the messages has its id.
    is_told: bool,
    is_used: bool,
}

impl Author {
    /// Whether it may be of a message that has not its id.
    fn is_free(&self) -> bool {
        !self.is_used && !self.is_told
    }
}

/// How far the times of a message and of its entry may be apart.
const APART: TimeDelta = TimeDelta::seconds(5);

impl Authors {
    /// Reads the entries that are messages, for the `messages` beside them. Notes, hints and kinds
    /// that are not known are not, and what cannot be read tells nothing.
    pub(super) fn read(entities: Option<Value>, messages: &[Object<WireNew>]) -> Self {
        let Some(Value::Array(entities)) = entities else {
            return Self::default();
        };
        let ids: HashSet<_> = messages
            .iter()
            .filter_map(|Object(message)| message.id.as_ref())
            .map(|WireId(id)| id.as_str())
            .collect();
        let authors: Vec<_> = entities
            .into_iter()
            .filter_map(|entity| serde_json::from_value::<Object<WireEntity>>(entity).ok())
            .filter(|Object(entity)| entity.record_type.as_deref() == Some("AliveMessage"))
            .filter_map(|Object(entity)| entity.read().ok())
            .map(|author| Author {
                is_told: (author.id.as_ref()).is_some_and(|id| ids.contains(id.as_str())),
                ..author
            })
            .take(MAX_KNOWN)
            .collect();
        Self {
            are_paired: authors.len() == messages.len(),
            authors,
        }
    }

    /// A message of which the entry alone tells when it was made and what it says: the one of the
    /// same id, else one that is near to it and says the same, else the next that is left where
    /// each message has one.
    pub(super) fn complete(&mut self, mut message: WireNew) -> WireNew {
        if message.creation_time.is_some() && message.direction.is_some() {
            return message;
        }
        let own = message.id.as_ref().map(|WireId(id)| id.as_str());
        let is_own = |author: &Author| author.id.as_ref().map(MessageId::as_str) == own;
        let known = (message.creation_time.as_ref()).or(message.last_modified_time.as_ref());
        let known = known.and_then(|WireScalar(time)| parse_instant(time).ok());
        let words = message.subject.as_deref().map(clean_text);
        let words = words.filter(|words| !words.is_empty());
        let is_near = |author: &Author| {
            author.is_free()
                && (author.at.zip(known)).is_some_and(|(one, other)| (one - other).abs() <= APART)
                && words.as_ref().is_none_or(|words| *words == author.text)
        };
        let is_next = |author: &Author| self.are_paired && author.is_free();
        let mut all = self.authors.iter();
        let at = (all.clone().position(is_own))
            .or_else(|| all.clone().position(is_near))
            .or_else(|| all.position(is_next));
        let Some(author) = at.and_then(|at| self.authors.get_mut(at)) else {
            return message;
        };
        let time = author
            .at
            .map(|at| WireScalar(at.timestamp_millis().to_string()));
        message.creation_time = message.creation_time.or(time);
        let named = author.direction.map(|direction| match direction {
            Direction::Inbound => "Inbound".to_owned(),
            Direction::Outbound => "Outbound".to_owned(),
        });
        message.direction = message.direction.or(named);
        message.subject = present(message.subject).or_else(|| Some(author.text.clone()));
        // It is this message's own from now on.
        author.is_used = true;
        author.id = message
            .id
            .as_ref()
            .and_then(|WireId(id)| MessageId::parse(id));
        message
    }

    /// Gives a message that was sent from the inbox its true author, as far as an entry names one:
    /// the one of the same id, else of the same words and time.
    pub(super) fn name(&mut self, message: &mut Message) {
        let is_own = |author: &Author| author.id.as_ref() == Some(&message.id);
        let is_same = |author: &Author| {
            author.is_free()
                && author.text == message.text
                && author
                    .direction
                    .is_none_or(|direction| direction == message.direction)
                && author.at.is_none_or(|at| (at - message.at).abs() <= APART)
        };
        let mut all = self.authors.iter();
        let at = (all.clone().position(is_own)).or_else(|| all.position(is_same));
        let Some(author) = at.and_then(|at| self.authors.get_mut(at)) else {
            return;
        };
        author.is_used = true;
        if message.direction == Direction::Outbound && author.name.is_some() {
            message.from.name.clone_from(&author.name);
        }
    }
}

impl WireEntity {
    fn read(self) -> Result<Author, RequestError> {
        let name = |field: &str, party: Option<Object<WireParty>>| {
            let party = party.map(|Object(party)| party.parse()).transpose();
            let party = party.map_err(|error: RequestError| error.below(field))?;
            Ok::<_, RequestError>(party.and_then(|party| party.name))
        };
        let author = name("author", self.author)?;
        let from = name("from", self.from)?;
        let text = present(self.text).or(self.subject);
        Ok(Author {
            id: id_text("id", self.id)?
                .as_deref()
                .and_then(MessageId::parse),
            at: instant("creationTime", self.creation_time)?,
            direction: direction(self.direction.as_deref())?,
            text: clean_text(&text.unwrap_or_default()),
            name: author.or(from),
            is_told: false,
            is_used: false,
        })
    }
}
