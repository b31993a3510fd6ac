//! The JSON shapes of the parameter objects, before their rules are looked at.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::contact::Contact;
use crate::error::RequestError;
use crate::ids::{ContactId, ConversationId, CrmUserId, MessageId, WireId};
use crate::media::{Media, MediaKind, MediaLink};
use crate::message::{
    Direction, MAX_TEXT_BYTES, Message, MessageKind, Party, clean_line, clean_text,
};
use crate::phone::PhoneNumber;
use crate::time::{WireScalar, Zone, parse_instant};
use crate::user::User;

type Result<T> = std::result::Result<T, RequestError>;

/// A text that is neither absent, null nor blank.
pub(super) fn present(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

fn line(text: Option<String>) -> Option<String> {
    present(text.map(|text| clean_line(&text)))
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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireUser {
    id: Option<WireId>,
    hostname: Option<String>,
    name: Option<String>,
    timezone_name: Option<String>,
    timezone_offset: Option<WireScalar>,
    user_settings: Option<Map<String, Value>>,
}

impl WireUser {
    pub(super) fn parse(self) -> Result<User> {
        let named = present(self.timezone_name)
            .map(|name| Zone::from_name(name.trim()))
            .transpose()
            .map_err(|problem| RequestError::field("timezoneName", problem))?;
        let offset = offset("timezoneOffset", self.timezone_offset)?;
        Ok(User {
            id: self
                .id
                .and_then(|id| CrmUserId::parse(&id.0))
                .ok_or_else(|| RequestError::missing("id"))?,
            hostname: present(self.hostname).map(|host| host.trim().to_ascii_lowercase()),
            name: line(self.name),
            zone: named.or(offset),
            settings: self.user_settings.unwrap_or_default(),
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireContact {
    id: Option<WireId>,
    phone_number: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    name: Option<String>,
}

impl WireContact {
    pub(super) fn parse(self) -> Result<Contact> {
        Ok(Contact {
            id: self
                .id
                .and_then(|id| ContactId::parse(&id.0))
                .ok_or_else(|| RequestError::missing("id"))?,
            phone: self.phone_number.as_deref().and_then(PhoneNumber::parse),
            kind: line(self.kind),
            name: line(self.name),
        })
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireParty {
    phone_number: Option<String>,
    extension_number: Option<String>,
    name: Option<String>,
}

impl WireParty {
    pub(super) fn parse(self) -> Party {
        let number = present(self.phone_number).or(present(self.extension_number));
        Party {
            phone: number.as_deref().and_then(PhoneNumber::parse),
            name: line(self.name),
        }
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

#[derive(Deserialize)]
struct WireConversation {
    id: Option<WireId>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireMessage {
    id: Option<WireId>,
    conversation: Option<WireConversation>,
    conversation_id: Option<WireId>,
    creation_time: Option<WireScalar>,
    direction: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    subject: Option<String>,
    from: Option<WireParty>,
    to: Option<Vec<WireParty>>,
    recording_link: Option<String>,
    fax_doc_link: Option<String>,
    image_link: Option<String>,
    video_link: Option<String>,
}

impl WireMessage {
    pub(super) fn parse(self) -> Result<Message> {
        let id = self
            .id
            .and_then(|id| MessageId::parse(&id.0))
            .ok_or_else(|| RequestError::missing("id"))?;
        let direction = match self.direction.as_deref().map(str::trim) {
            Some("Inbound") => Direction::Inbound,
            Some("Outbound") => Direction::Outbound,
            None | Some("") => return Err(RequestError::missing("direction")),
            Some(_) => {
                return Err(RequestError::field(
                    "direction",
                    "is neither `Inbound` nor `Outbound`",
                ));
            }
        };
        let kind = match self.kind.as_deref().map(str::trim) {
            None | Some("" | "SMS" | "Text") => MessageKind::Sms,
            Some("Pager") => MessageKind::Pager,
            Some("VoiceMail") => MessageKind::VoiceMail,
            Some("Fax") => MessageKind::Fax,
            Some(_) => {
                return Err(RequestError::field(
                    "type",
                    "is none of `SMS`, `Text`, `Pager`, `VoiceMail` and `Fax`",
                ));
            }
        };
        let conversation = self
            .conversation
            .and_then(|conversation| conversation.id)
            .filter(|id| !id.0.is_empty())
            .or(self.conversation_id)
            .and_then(|id| ConversationId::parse(&id.0));
        let conversation = match (conversation, kind) {
            (Some(conversation), _) => conversation,
            // RingCentral gives voicemails and faxes no conversation: each is its own.
            (None, MessageKind::VoiceMail | MessageKind::Fax) => ConversationId::parse(id.as_str())
                .ok_or_else(|| RequestError::missing("conversationId"))?,
            (None, MessageKind::Sms | MessageKind::Pager) => {
                return Err(RequestError::missing("conversationId"));
            }
        };
        let at = match self.creation_time {
            Some(WireScalar(text)) if !text.is_empty() => parse_instant(&text)
                .map_err(|problem| RequestError::field("creationTime", problem))?,
            _ => return Err(RequestError::missing("creationTime")),
        };
        let text = clean_text(&self.subject.unwrap_or_default());
        if text.len() > MAX_TEXT_BYTES {
            return Err(RequestError::field(
                "subject",
                format!("is longer than {} KB", MAX_TEXT_BYTES / 1024),
            ));
        }
        Ok(Message {
            id,
            conversation,
            at,
            direction,
            kind,
            text,
            from: self.from.unwrap_or_default().parse(),
            to: self
                .to
                .unwrap_or_default()
                .into_iter()
                .map(WireParty::parse)
                .collect(),
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

/// Drops messages whose id came before: a repeat within a request says nothing new.
pub(super) fn without_repeats(messages: Vec<Message>) -> Vec<Message> {
    let mut seen = HashSet::new();
    messages
        .into_iter()
        .filter(|message| seen.insert(message.id.clone()))
        .collect()
}
