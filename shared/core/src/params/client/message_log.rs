//! The body of `POST /messageLog`: a conversation as the extension knows it, again and again.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::attachments::{WireAttachment, media};
use super::shared_inbox::{Authors, WireOwner, inbox};
use crate::contact::Contact;
use crate::digest::Inbox;
use crate::error::RequestError;
use crate::ids::{ContactId, ConversationId, MessageId, WireId};
use crate::json::{self, Object};
use crate::limits::{MAX_KNOWN, MAX_NAME_BYTES, MAX_SUBMISSION_BYTES, MAX_TYPE_BYTES};
use crate::message::{Direction, Message, Party};
use crate::params::message_log::{Downloads, MessageLogParams};
use crate::params::wire::{
    WireConversation, WireMessage, WireParty, free_form, id_text, line, people, present,
    without_repeats,
};
use crate::phone::PhoneNumber;
use crate::time::WireScalar;
use crate::user::User;

/// What the extension asks to be logged.
///
/// # Shape
/// `rcAccessToken` and `overridingFormat` are not read. `Debug` shows no value.
///
/// # Source
/// The extension of App Connect, 1.6.6, and the OpenAPI description of its server (read
/// 2026-11-21).
#[derive(Debug, Clone)]
pub enum MessageLog {
    /// Messages.
    New(Box<NewMessages>),
    /// Nothing: the list of messages is empty.
    Empty,
    /// Messages without a contact to log them to.
    NoContact,
}

/// Messages of a conversation with a contact.
#[derive(Debug, Clone)]
pub struct NewMessages {
    /// What is to be logged, and where.
    pub params: MessageLogParams,
    /// What the extension calls what was logged.
    pub ids: LogIds,
}

/// What the ids of logged messages are called in a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogIds {
    /// Each message by its own id.
    OfMessages,
    /// Each message by its own id and the contact's: several people are in the conversation, and
    /// each may have a log.
    OfMessagesWith(ContactId),
    /// All of them by this id of the whole conversation.
    OfThread(String),
}

impl LogIds {
    /// The ids for a reply, of messages that were logged.
    pub fn of<'a>(&self, logged: impl Iterator<Item = &'a MessageId>) -> Vec<String> {
        let mut logged = logged.peekable();
        match self {
            Self::OfMessages => logged.map(MessageId::to_string).collect(),
            Self::OfMessagesWith(contact) => logged.map(|id| format!("{id}-{contact}")).collect(),
            Self::OfThread(thread) => logged.peek().map(|_| thread.clone()).into_iter().collect(),
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Wire {
    log_info: Option<Object<WireLog>>,
    contact_id: Option<WireId>,
    contact_type: Option<String>,
    contact_name: Option<String>,
    additional_submission: Option<Map<String, Value>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "KnownConversation")]
struct WireLog {
    conversation_log_id: Option<WireId>,
    conversation_id: Option<WireId>,
    #[serde(rename = "type")]
    kind: Option<String>,
    messages: Option<Vec<Object<WireNew>>>,
    correspondents: Option<Vec<Option<Object<WireParty>>>>,
    owner: Option<Object<WireOwner>>,
    entities: Option<Value>,
}

/// A message of RingCentral's message store, as the widget hands it on.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "StoredMessage")]
pub(super) struct WireNew {
    pub(super) id: Option<WireId>,
    conversation: Option<Object<WireConversation>>,
    conversation_id: Option<WireId>,
    pub(super) creation_time: Option<WireScalar>,
    pub(super) last_modified_time: Option<WireScalar>,
    pub(super) direction: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    pub(super) subject: Option<String>,
    from: Option<Object<WireParty>>,
    to: Option<Vec<Option<Object<WireParty>>>>,
    author: Option<Object<WireParty>>,
    attachments: Option<Vec<Option<Object<WireAttachment>>>>,
    availability: Option<String>,
}

impl MessageLog {
    /// Reads the body. `user` is who the session names.
    ///
    /// # Errors
    /// [`RequestError`], naming the field.
    pub fn parse(body: &[u8], user: User) -> Result<Self, RequestError> {
        let wire: Wire = json::read(body)?;
        let Object(log) = (wire.log_info).ok_or_else(|| RequestError::missing("logInfo"))?;
        if log.messages.as_ref().is_none_or(Vec::is_empty) {
            return Ok(Self::Empty);
        }
        let Some(contact) = chosen(wire.contact_id)? else {
            return Ok(Self::NoContact);
        };
        let name = line("contactName", wire.contact_name, MAX_NAME_BYTES)?;
        let kind = line("contactType", wire.contact_type, MAX_TYPE_BYTES)?;
        let submission = wire.additional_submission;
        let submission = free_form("additionalSubmission", submission, MAX_SUBMISSION_BYTES)?;
        let within = |error: RequestError| error.below("logInfo");
        let read = log.read().map_err(within)?;
        if read.messages.is_empty() {
            return Ok(Self::Empty);
        }
        let contact = Contact {
            phone: phone_of(&read.correspondents, name.as_deref()),
            id: contact,
            kind,
            name,
        };
        let ids = match (&read.inbox, read.correspondents.len()) {
            (Some(_), _) => LogIds::OfThread(read.thread),
            (None, 0 | 1) => LogIds::OfMessages,
            (None, _) => LogIds::OfMessagesWith(contact.id.clone()),
        };
        let params = MessageLogParams {
            user,
            contact,
            auth: None,
            messages: read.messages,
            zone: None,
            additional_submission: submission,
            correspondents: read.correspondents,
            inbox: read.inbox,
            existing_log: None,
            downloads: Downloads::default(),
        };
        Ok(Self::New(Box::new(NewMessages { params, ids })))
    }
}

/// The contact that was chosen: a match of a number carries words in place of an id where there is
/// none yet.
fn chosen(id: Option<WireId>) -> Result<Option<ContactId>, RequestError> {
    const CHOICES: [&str; 2] = ["createNewContact", "searchContact"];
    let id = id_text("contactId", id)?.filter(|id| !CHOICES.contains(&id.as_str()));
    Ok(id.as_deref().and_then(ContactId::parse))
}

/// The number of the contact: that of the only correspondent, and among several that of the one
/// who has the contact's name. Nobody else's texts may stand under that name.
fn phone_of(correspondents: &[Party], name: Option<&str>) -> Option<PhoneNumber> {
    let is_named = |party: &&Party| name.is_some() && party.name.as_deref() == name;
    let party = match correspondents {
        [only] => Some(only),
        several => several.iter().find(is_named),
    };
    party.and_then(|party| party.phone.clone())
}

/// A conversation as it was read.
struct Read {
    messages: Vec<Message>,
    correspondents: Vec<Party>,
    inbox: Option<Inbox>,
    /// What the extension calls the conversation.
    thread: String,
}

impl WireLog {
    fn read(self) -> Result<Read, RequestError> {
        let correspondents = people("correspondents", self.correspondents)?;
        let inbox = inbox(self.owner)?;
        let list = self.messages.unwrap_or_default();
        let conversation = id_text("conversationId", self.conversation_id)?;
        let whole = Whole {
            kind: self.kind,
            conversation: conversation.as_deref().and_then(ConversationId::parse),
        };
        let authors = match inbox {
            Some(_) => Authors::read(self.entities, &list),
            None => Authors::default(),
        };
        let messages = whole.messages(list, authors)?;
        let thread = id_text("conversationLogId", self.conversation_log_id)?;
        let own = messages.first().map(|first| first.conversation.to_string());
        Ok(Read {
            thread: thread.or(own).unwrap_or_default(),
            messages,
            correspondents,
            inbox,
        })
    }
}

/// What a conversation says of all its messages.
struct Whole {
    kind: Option<String>,
    conversation: Option<ConversationId>,
}

impl Whole {
    /// The messages that are there still, oldest first, each once. Of too many the newest.
    fn messages(
        &self,
        list: Vec<Object<WireNew>>,
        mut authors: Authors,
    ) -> Result<Vec<Message>, RequestError> {
        let mut messages: Vec<Message> = Vec::with_capacity(list.len());
        for (index, Object(wire)) in list.into_iter().enumerate() {
            if wire.is_gone() {
                continue;
            }
            let below = |error: RequestError| error.below(&format!("messages[{index}]"));
            let wire = authors.complete(wire);
            let mut message = wire.read(self).map_err(below)?;
            authors.name(&mut message);
            let first = messages.first();
            if first.is_some_and(|first| first.conversation != message.conversation) {
                let problem = "is another conversation than that of the message before it";
                return Err(below(RequestError::field("conversationId", problem)));
            }
            messages.push(message);
        }
        let mut messages = without_repeats(messages);
        messages.sort_by(Message::order);
        Ok(messages.split_off(messages.len().saturating_sub(MAX_KNOWN)))
    }
}

impl WireNew {
    /// Whether a person has deleted it.
    fn is_gone(&self) -> bool {
        matches!(self.availability.as_deref(), Some("Deleted" | "Purged"))
    }

    /// Reads the message, with what the `whole` conversation says where it is silent itself.
    fn read(self, whole: &Whole) -> Result<Message, RequestError> {
        let conversation = whole.conversation.as_ref();
        let kind = present(self.kind).or_else(|| whole.kind.clone());
        // A picture message is a text to RingCentral's message store.
        let kind = kind.map(|kind| match kind.trim() {
            "MMS" => "SMS".to_owned(),
            _ => kind,
        });
        let author = self.author.map(|Object(author)| author.parse()).transpose();
        let author = author.map_err(|error| error.below("author"))?;
        let carried = media(self.attachments)?;
        let message = WireMessage {
            id: self.id,
            conversation: self.conversation,
            conversation_id: match conversation {
                Some(id) => Some(WireId(id.to_string())),
                None => self.conversation_id,
            },
            creation_time: self.creation_time.or(self.last_modified_time),
            direction: self.direction,
            kind,
            subject: self.subject,
            from: self.from,
            to: self.to,
            recording_link: None,
            fax_doc_link: None,
            image_link: None,
            video_link: None,
        };
        let mut message = message.parse()?;
        message.media.extend(carried);
        if let Some(conversation) = conversation {
            message.conversation = conversation.clone();
        }
        if message.direction == Direction::Outbound
            && let Some(name) = author.and_then(|author| author.name)
        {
            message.from.name = Some(name);
        }
        Ok(message)
    }
}

#[cfg(test)]
mod tests;
