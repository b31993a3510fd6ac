//! The JSON shapes of the parameter objects, and the rules that each field has to keep.
//!
//! An object within an object is an [`Object`], since a list must not be read as one.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::contact::Contact;
use crate::error::RequestError;
use crate::ids::{ContactId, ConversationId, CrmUserId, MessageId, WireId};
use crate::json::Object;
use crate::limits::{
    MAX_HOST_BYTES, MAX_ID_BYTES, MAX_NAME_BYTES, MAX_PEOPLE, MAX_PHONE_BYTES, MAX_SETTINGS_BYTES,
    MAX_TEXT_BYTES, MAX_TYPE_BYTES, too_long,
};
use crate::media::{Media, MediaKind, MediaLink};
use crate::message::{Direction, Message, MessageKind, Party, clean_line, clean_text};
use crate::phone::PhoneNumber;
use crate::time::{WireScalar, Zone, parse_instant};
use crate::user::User;

type Result<T> = std::result::Result<T, RequestError>;

/// A text that is neither absent, null nor blank.
pub(super) fn present(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

/// A text of at most `most` bytes, on one line, that is not blank.
pub(super) fn line(field: &str, text: Option<String>, most: usize) -> Result<Option<String>> {
    let text = present(text.map(|text| clean_line(&text)));
    match text {
        Some(text) if text.len() > most => Err(RequestError::field(field, too_long(most))),
        text => Ok(text),
    }
}

/// The text of an id; `None` for one that is absent or blank.
pub(super) fn id_text(field: &str, id: Option<WireId>) -> Result<Option<String>> {
    let Some(WireId(id)) = id.filter(|id| !id.0.is_empty()) else {
        return Ok(None);
    };
    if id.len() > MAX_ID_BYTES {
        return Err(RequestError::field(field, too_long(MAX_ID_BYTES)));
    }
    match id.chars().any(char::is_control) {
        true => Err(RequestError::field(field, "holds control characters")),
        false => Ok(Some(id)),
    }
}

/// An id that must be there.
fn required<T>(id: Option<WireId>, parse: impl Fn(&str) -> Option<T>) -> Result<T> {
    id_text("id", id)?
        .and_then(|id| parse(&id))
        .ok_or_else(|| RequestError::missing("id"))
}

pub(super) fn phone(field: &str, number: Option<&str>) -> Result<Option<PhoneNumber>> {
    match number.and_then(PhoneNumber::parse) {
        Some(number) if number.as_str().len() > MAX_PHONE_BYTES => {
            Err(RequestError::field(field, too_long(MAX_PHONE_BYTES)))
        }
        number => Ok(number),
    }
}

/// What customers may invent, of at most `most` bytes as JSON.
pub(super) fn free_form(
    field: &str,
    map: Option<Map<String, Value>>,
    most: usize,
) -> Result<Map<String, Value>> {
    let map = map.unwrap_or_default();
    let size = serde_json::to_string(&map).map_or(usize::MAX, |text| text.len());
    match size > most {
        true => Err(RequestError::field(field, too_long(most))),
        false => Ok(map),
    }
}

/// The people of a list; an item that is null says nothing.
pub(super) fn people(
    field: &str,
    list: Option<Vec<Option<Object<WireParty>>>>,
) -> Result<Vec<Party>> {
    let list = list.unwrap_or_default();
    if list.len() > MAX_PEOPLE {
        let problem = format!("has more than {MAX_PEOPLE} items");
        return Err(RequestError::field(field, problem));
    }
    let each = list.into_iter().enumerate();
    each.filter_map(|(index, party)| party.map(|party| (index, party)))
        .map(|(index, Object(party))| {
            let below = |error: RequestError| error.below(&format!("{field}[{index}]"));
            party.parse().map_err(below)
        })
        .collect()
}

/// The zone that `field` names, if it names one.
pub(super) fn offset(field: &str, offset: Option<WireScalar>) -> Result<Option<Zone>> {
    match offset {
        Some(WireScalar(text)) if !text.is_empty() => Zone::from_offset(&text)
            .map(Some)
            .map_err(|problem| RequestError::field(field, problem)),
        _ => Ok(None),
    }
}

/// The instant that `field` names, if it names one.
pub(super) fn instant(field: &str, time: Option<WireScalar>) -> Result<Option<DateTime<Utc>>> {
    match time {
        Some(WireScalar(text)) if !text.is_empty() => parse_instant(&text)
            .map(Some)
            .map_err(|problem| RequestError::field(field, problem)),
        _ => Ok(None),
    }
}

/// The object `user`, which must be there.
pub(super) fn user(user: Option<Object<WireUser>>) -> Result<User> {
    let Object(user) = user.ok_or_else(|| RequestError::missing("user"))?;
    user.parse().map_err(|error| error.below("user"))
}

/// The object `contactInfo`, which must be there.
pub(super) fn contact(contact: Option<Object<WireContact>>) -> Result<Contact> {
    let Object(contact) = contact.ok_or_else(|| RequestError::missing("contactInfo"))?;
    contact.parse().map_err(|error| error.below("contactInfo"))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "User")]
pub(super) struct WireUser {
    id: Option<WireId>,
    hostname: Option<String>,
    name: Option<String>,
    timezone_name: Option<String>,
    timezone_offset: Option<WireScalar>,
    user_settings: Option<Map<String, Value>>,
}

impl WireUser {
    fn parse(self) -> Result<User> {
        let named = present(self.timezone_name)
            .map(|name| Zone::from_name(name.trim()))
            .transpose()
            .map_err(|problem| RequestError::field("timezoneName", problem))?;
        let offset = offset("timezoneOffset", self.timezone_offset)?;
        Ok(User {
            id: required(self.id, CrmUserId::parse)?,
            hostname: line("hostname", self.hostname, MAX_HOST_BYTES)?
                .map(|host| host.to_ascii_lowercase()),
            name: line("name", self.name, MAX_NAME_BYTES)?,
            zone: named.or(offset),
            settings: free_form("userSettings", self.user_settings, MAX_SETTINGS_BYTES)?,
        })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ContactInfo")]
pub(super) struct WireContact {
    id: Option<WireId>,
    phone_number: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    name: Option<String>,
}

impl WireContact {
    fn parse(self) -> Result<Contact> {
        Ok(Contact {
            id: required(self.id, ContactId::parse)?,
            phone: phone("phoneNumber", self.phone_number.as_deref())?,
            kind: line("type", self.kind, MAX_TYPE_BYTES)?,
            name: line("name", self.name, MAX_NAME_BYTES)?,
        })
    }
}

#[derive(Deserialize, Default, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Person")]
pub(super) struct WireParty {
    phone_number: Option<String>,
    extension_number: Option<WireId>,
    name: Option<String>,
}

impl WireParty {
    pub(super) fn parse(self) -> Result<Party> {
        let number = phone("phoneNumber", self.phone_number.as_deref())?;
        let extension = self.extension_number.map(|WireId(extension)| extension);
        let extension = phone("extensionNumber", extension.as_deref())?;
        Ok(Party {
            phone: number.or(extension),
            name: line("name", self.name, MAX_NAME_BYTES)?,
        })
    }
}

/// The links that stand beside a message, or within an item of `messages`.
pub(super) struct WireLinks {
    pub(super) recording: Option<String>,
    pub(super) fax: Option<String>,
    pub(super) image: Option<String>,
    pub(super) video: Option<String>,
}

impl WireLinks {
    pub(super) fn parse(self) -> Result<Vec<Media>> {
        let mut media = Vec::new();
        for (field, kind, link) in [
            ("recordingLink", MediaKind::Voicemail, self.recording),
            ("faxDocLink", MediaKind::Fax, self.fax),
            ("imageLink", MediaKind::Image, self.image),
            ("videoLink", MediaKind::Video, self.video),
        ] {
            if let Some(link) = present(link) {
                let link = MediaLink::parse(&link)
                    .map_err(|problem| RequestError::field(field, problem))?;
                media.push(Media { kind, link });
            }
        }
        Ok(media)
    }
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Conversation")]
pub(super) struct WireConversation {
    id: Option<WireId>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Message")]
pub(super) struct WireMessage {
    pub(super) id: Option<WireId>,
    pub(super) conversation: Option<Object<WireConversation>>,
    pub(super) conversation_id: Option<WireId>,
    pub(super) creation_time: Option<WireScalar>,
    pub(super) direction: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) from: Option<Object<WireParty>>,
    pub(super) to: Option<Vec<Option<Object<WireParty>>>>,
    pub(super) recording_link: Option<String>,
    pub(super) fax_doc_link: Option<String>,
    pub(super) image_link: Option<String>,
    pub(super) video_link: Option<String>,
}

impl WireMessage {
    pub(super) fn parse(self) -> Result<Message> {
        let id = required(self.id, MessageId::parse)?;
        let direction = direction(self.direction.as_deref())?
            .ok_or_else(|| RequestError::missing("direction"))?;
        let kind = kind(self.kind.as_deref())?;
        let at = instant("creationTime", self.creation_time)?
            .ok_or_else(|| RequestError::missing("creationTime"))?;
        let text = clean_text(&self.subject.unwrap_or_default());
        if text.len() > MAX_TEXT_BYTES {
            return Err(RequestError::field("subject", too_long(MAX_TEXT_BYTES)));
        }
        let inner = self.conversation.and_then(|Object(inner)| inner.id);
        Ok(Message {
            conversation: conversation(inner, self.conversation_id, kind, &id)?,
            id,
            at,
            direction,
            kind,
            text,
            from: (self.from.unwrap_or_default().0.parse()).map_err(|error| error.below("from"))?,
            to: people("to", self.to)?,
            media: WireLinks {
                recording: self.recording_link,
                fax: self.fax_doc_link,
                image: self.image_link,
                video: self.video_link,
            }
            .parse()?,
        })
    }
}

/// The direction; `None` for one that is absent or blank.
pub(super) fn direction(text: Option<&str>) -> Result<Option<Direction>> {
    match text.map(str::trim) {
        Some("Inbound") => Ok(Some(Direction::Inbound)),
        Some("Outbound") => Ok(Some(Direction::Outbound)),
        None | Some("") => Ok(None),
        Some(_) => Err(RequestError::field(
            "direction",
            "is neither `Inbound` nor `Outbound`",
        )),
    }
}

fn kind(text: Option<&str>) -> Result<MessageKind> {
    match text.map(str::trim) {
        None | Some("" | "SMS" | "Text") => Ok(MessageKind::Sms),
        Some("Pager") => Ok(MessageKind::Pager),
        Some("VoiceMail") => Ok(MessageKind::VoiceMail),
        Some("Fax") => Ok(MessageKind::Fax),
        Some(_) => Err(RequestError::field(
            "type",
            "is none of `SMS`, `Text`, `Pager`, `VoiceMail` and `Fax`",
        )),
    }
}

/// The conversation, by its id in `conversation` or else by `conversationId`.
fn conversation(
    inner: Option<WireId>,
    beside: Option<WireId>,
    kind: MessageKind,
    message: &MessageId,
) -> Result<ConversationId> {
    let id = match id_text("conversation.id", inner)? {
        Some(id) => Some(id),
        None => id_text("conversationId", beside)?,
    };
    let own = match kind {
        // RingCentral gives voicemails and faxes no conversation: each is its own.
        MessageKind::VoiceMail | MessageKind::Fax => Some(message.as_str()),
        MessageKind::Sms | MessageKind::Pager => None,
    };
    (id.as_deref().or(own))
        .and_then(ConversationId::parse)
        .ok_or_else(|| RequestError::missing("conversationId"))
}

/// Drops messages whose id came before: a repeat within a request says nothing new.
pub(super) fn without_repeats(messages: Vec<Message>) -> Vec<Message> {
    let mut seen = HashSet::new();
    messages
        .into_iter()
        .filter(|message| seen.insert(message.id.clone()))
        .collect()
}
