//! The parameters of `createMessageLog`, its older name `addMessageLog`, and `updateMessageLog`.

use std::fmt;

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::credentials::{AuthHeader, auth_header, download};
use super::wire::{
    WireContact, WireLinks, WireMessage, WireParty, WireUser, contact, free_form, id_text, line,
    offset, people, user, without_repeats,
};
use crate::contact::Contact;
use crate::digest::Inbox;
use crate::error::RequestError;
use crate::ids::{LogId, WireId};
use crate::json::{self, Object};
use crate::limits::{MAX_MESSAGES, MAX_SUBMISSION_BYTES, MAX_TYPE_BYTES};
use crate::message::{Message, Party};
use crate::time::{WireScalar, Zone};
use crate::user::User;

/// Addresses from which content can be fetched with the user's RingCentral token.
///
/// They are good within the request and are neither stored, logged nor written into a note.
#[derive(Clone, Default)]
pub struct Downloads {
    /// `faxDownloadLink`.
    pub fax: Option<SecretString>,
    /// `imageDownloadLink`.
    pub image: Option<SecretString>,
    /// `imageContentType`, such as `image/jpeg`.
    pub image_content_type: Option<String>,
}

/// A request to log messages of one conversation with one contact.
///
/// # Shape
/// `messages` is not empty, in the order of [`Message::order`], without a repeated id, and of one
/// conversation. No part is larger than [`limits`](crate::limits) says. `Debug` shows no value.
///
/// # Source
/// App Connect's developer documents of createMessageLog and updateMessageLog (read 2026-11-20).
#[derive(Clone)]
pub struct MessageLogParams {
    /// On whose behalf.
    pub user: User,
    /// With whom.
    pub contact: Contact,
    /// The credentials for the CRM, where the caller brings them.
    pub auth: Option<AuthHeader>,
    /// What to log.
    pub messages: Vec<Message>,
    /// Where the user's day begins and ends, where the request says so.
    pub zone: Option<Zone>,
    /// What the user filled in on the form that the manifest describes.
    pub additional_submission: Map<String, Value>,
    /// Everybody else in a group conversation.
    pub correspondents: Vec<Party>,
    /// The inbox that the conversation is in, where several people answer from one: it has one log
    /// for good, not one for each day.
    pub inbox: Option<Inbox>,
    /// The log that the caller believes to hold this conversation's day.
    pub existing_log: Option<LogId>,
    /// What can be fetched within this request.
    pub downloads: Downloads,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Wire {
    user: Option<Object<WireUser>>,
    contact_info: Option<Object<WireContact>>,
    auth_header: Option<String>,
    message: Option<Object<WireMessage>>,
    messages: Option<Vec<Object<WireMessage>>>,
    additional_submission: Option<Map<String, Value>>,
    recording_link: Option<String>,
    fax_doc_link: Option<String>,
    fax_download_link: Option<String>,
    image_link: Option<String>,
    image_download_link: Option<String>,
    image_content_type: Option<String>,
    video_link: Option<String>,
    timezone_offset: Option<WireScalar>,
    correspondents: Option<Vec<Option<Object<WireParty>>>>,
    existing_message_log: Option<Object<WireExistingLog>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ExistingMessageLog")]
struct WireExistingLog {
    third_party_log_id: Option<WireId>,
}

impl MessageLogParams {
    /// Reads the parameter object.
    ///
    /// # Errors
    /// [`RequestError`], naming the field.
    pub fn parse(body: &[u8]) -> Result<Self, RequestError> {
        let wire: Wire = json::read(body)?;
        let user = user(wire.user)?;
        let contact = contact(wire.contact_info)?;
        let auth = auth_header(wire.auth_header)?;
        let links = WireLinks {
            recording: wire.recording_link,
            fax: wire.fax_doc_link,
            image: wire.image_link,
            video: wire.video_link,
        };
        let messages = read_messages(wire.message, wire.messages, links)?;
        let offset = offset("timezoneOffset", wire.timezone_offset)?;
        let submission = wire.additional_submission;
        Ok(Self {
            zone: user.zone.or(offset),
            user,
            contact,
            auth,
            messages,
            additional_submission: free_form(
                "additionalSubmission",
                submission,
                MAX_SUBMISSION_BYTES,
            )?,
            correspondents: people("correspondents", wire.correspondents)?,
            inbox: None,
            existing_log: existing_log(wire.existing_message_log)?,
            downloads: Downloads {
                fax: download("faxDownloadLink", wire.fax_download_link)?,
                image: download("imageDownloadLink", wire.image_download_link)?,
                image_content_type: line(
                    "imageContentType",
                    wire.image_content_type,
                    MAX_TYPE_BYTES,
                )?,
            },
        })
    }
}

crate::described!(MessageLogParams as "MessageLog": Wire; needs "user", "contactInfo");

impl fmt::Debug for MessageLogParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageLogParams")
            .field("messages", &self.messages.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Downloads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Downloads(…)")
    }
}

fn existing_log(log: Option<Object<WireExistingLog>>) -> Result<Option<LogId>, RequestError> {
    let id = log.and_then(|Object(log)| log.third_party_log_id);
    let id = id_text("existingMessageLog.thirdPartyLogId", id)?;
    Ok(id.as_deref().and_then(LogId::parse))
}

/// `message` and `messages` as one list, oldest first. `links` belong to `message`.
fn read_messages(
    message: Option<Object<WireMessage>>,
    list: Option<Vec<Object<WireMessage>>>,
    links: WireLinks,
) -> Result<Vec<Message>, RequestError> {
    let list = list.unwrap_or_default();
    if list.len() > MAX_MESSAGES {
        return Err(RequestError::field(
            "messages",
            format!("has more than {MAX_MESSAGES} messages"),
        ));
    }
    let links = links.parse()?;
    let mut messages = Vec::with_capacity(list.len() + 1);
    match message {
        Some(Object(wire)) => {
            let mut message = wire.parse().map_err(|error| error.below("message"))?;
            for media in links {
                if !message.media.contains(&media) {
                    message.media.push(media);
                }
            }
            messages.push(message);
        }
        None if !links.is_empty() => {
            return Err(RequestError::field(
                "message",
                "is required beside a link; an item of `messages` carries its links itself",
            ));
        }
        None if list.is_empty() => return Err(RequestError::missing("message")),
        None => {}
    }
    for (index, Object(wire)) in list.into_iter().enumerate() {
        let message = wire
            .parse()
            .map_err(|error| error.below(&format!("messages[{index}]")))?;
        if let Some(first) = messages.first()
            && first.conversation != message.conversation
        {
            return Err(RequestError::field(
                format!("messages[{index}].conversationId"),
                "is another conversation than that of the message before it; \
                 one request is about one conversation",
            ));
        }
        messages.push(message);
    }
    let mut messages = without_repeats(messages);
    messages.sort_by(Message::order);
    Ok(messages)
}

#[cfg(test)]
mod tests;
