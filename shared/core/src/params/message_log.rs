//! The parameters of `createMessageLog`, its older name `addMessageLog`, and `updateMessageLog`.

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use super::wire::{
    WireContact, WireLinks, WireMessage, WireParty, WireUser, offset, present, without_repeats,
};
use crate::contact::Contact;
use crate::error::RequestError;
use crate::ids::{LogId, WireId};
use crate::json;
use crate::message::{Message, Party, clean_line};
use crate::time::{WireScalar, Zone};
use crate::user::User;

/// The most messages that one request may carry.
pub const MAX_MESSAGES: usize = 500;

/// The value of the `Authorization` header to send to the CRM.
pub type AuthHeader = SecretString;

/// Addresses from which content can be fetched with the user's RingCentral token.
///
/// They are good within the request and are neither stored, logged nor written into a note.
#[derive(Debug, Clone, Default)]
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
/// `messages` is not empty, sorted oldest first, without a repeated id, and of one conversation.
///
/// # Source
/// App Connect's developer documents of createMessageLog and updateMessageLog (read 2026-11-20).
#[derive(Debug, Clone)]
pub struct MessageLogParams {
    /// On whose behalf.
    pub user: User,
    /// With whom.
    pub contact: Contact,
    /// The credentials for the CRM.
    pub auth: AuthHeader,
    /// What to log.
    pub messages: Vec<Message>,
    /// Where the user's day begins and ends.
    pub zone: Zone,
    /// What the user filled in on the form that the manifest describes.
    pub additional_submission: Map<String, Value>,
    /// Everybody else in a group conversation.
    pub correspondents: Vec<Party>,
    /// The log that the caller believes to hold this conversation's day.
    pub existing_log: Option<LogId>,
    /// What can be fetched within this request.
    pub downloads: Downloads,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    user: Option<WireUser>,
    contact_info: Option<WireContact>,
    auth_header: Option<String>,
    message: Option<WireMessage>,
    messages: Option<Vec<WireMessage>>,
    additional_submission: Option<Map<String, Value>>,
    recording_link: Option<String>,
    fax_doc_link: Option<String>,
    fax_download_link: Option<String>,
    image_link: Option<String>,
    image_download_link: Option<String>,
    image_content_type: Option<String>,
    video_link: Option<String>,
    timezone_offset: Option<WireScalar>,
    correspondents: Option<Vec<WireParty>>,
    existing_message_log: Option<WireExistingLog>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
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
        let user = wire
            .user
            .ok_or_else(|| RequestError::missing("user"))?
            .parse()
            .map_err(|error| error.below("user"))?;
        let contact = wire
            .contact_info
            .ok_or_else(|| RequestError::missing("contactInfo"))?
            .parse()
            .map_err(|error| error.below("contactInfo"))?;
        let auth = auth_header(wire.auth_header)?;
        let links = WireLinks {
            recording: wire.recording_link,
            fax: wire.fax_doc_link,
            image: wire.image_link,
            video: wire.video_link,
        };
        let messages = read_messages(wire.message, wire.messages, links)?;
        let offset = offset("timezoneOffset", wire.timezone_offset)?;
        Ok(Self {
            zone: user.zone.or(offset).unwrap_or(Zone::UTC),
            user,
            contact,
            auth,
            messages,
            additional_submission: wire.additional_submission.unwrap_or_default(),
            correspondents: wire
                .correspondents
                .unwrap_or_default()
                .into_iter()
                .map(WireParty::parse)
                .collect(),
            existing_log: wire
                .existing_message_log
                .and_then(|log| log.third_party_log_id)
                .and_then(|id| LogId::parse(&id.0)),
            downloads: Downloads {
                fax: download("faxDownloadLink", wire.fax_download_link)?,
                image: download("imageDownloadLink", wire.image_download_link)?,
                image_content_type: present(wire.image_content_type)
                    .map(|content_type| clean_line(&content_type)),
            },
        })
    }
}

/// The header's value, which must be one that HTTP can carry.
fn auth_header(header: Option<String>) -> Result<AuthHeader, RequestError> {
    let header = present(header).ok_or_else(|| RequestError::missing("authHeader"))?;
    let header = header.trim();
    if !header.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Err(RequestError::field(
            "authHeader",
            "holds characters that an HTTP header cannot carry",
        ));
    }
    Ok(SecretString::from(header))
}

fn download(field: &str, link: Option<String>) -> Result<Option<SecretString>, RequestError> {
    let Some(link) = present(link) else {
        return Ok(None);
    };
    match Url::parse(link.trim()) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => {
            Ok(Some(SecretString::from(String::from(url))))
        }
        _ => Err(RequestError::field(
            field,
            "is not an http or https address",
        )),
    }
}

/// `message` and `messages` as one list, oldest first. `links` belong to `message`.
fn read_messages(
    message: Option<WireMessage>,
    list: Option<Vec<WireMessage>>,
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
        Some(wire) => {
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
    for (index, wire) in list.into_iter().enumerate() {
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
    messages.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
    Ok(messages)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use serde_json::json;

    use super::*;
    use crate::media::MediaKind;
    use crate::message::{Direction, MessageKind};

    /// The example of App Connect's page about createMessageLog, with what stands around it.
    fn example() -> Value {
        json!({
            "user": {"id": "1-exampleCRM", "timezoneName": "America/Los_Angeles"},
            "contactInfo": {"id": 1001, "phoneNumber": "+16505553204", "type": "Contact", "name": "Daisy"},
            "authHeader": "Basic ZGVtby1rZXk6",
            "message": {
                "id": 60279564004u64,
                "to": [{"phoneNumber": "+16505553204", "location": "San Mateo, CA"}],
                "from": {"phoneNumber": "+18885550052"},
                "type": "SMS",
                "creationTime": "2015-02-18T13:24:50.000Z",
                "direction": "Outbound",
                "subject": "Flight information",
                "conversationId": 5578984350117917661u64
            }
        })
    }

    fn with(path: &str, value: Value) -> Value {
        let mut params = example();
        let pointer = format!("/{}", path.replace('.', "/"));
        if let Some(place) = params.pointer_mut(&pointer) {
            *place = value;
        } else {
            let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
            params.pointer_mut(parent).expect("the parent is there")[name] = value;
        }
        params
    }

    fn parse(params: &Value) -> Result<MessageLogParams, RequestError> {
        MessageLogParams::parse(params.to_string().as_bytes())
    }

    fn field(params: &Value) -> String {
        match parse(params).expect_err("refused") {
            RequestError::Field { field, .. } => field,
            RequestError::NotJson { reason } => panic!("{reason}"),
        }
    }

    #[test]
    fn the_documented_example_is_read() {
        let params = parse(&example()).expect("readable");
        assert_eq!(params.user.id.as_str(), "1-exampleCRM");
        assert_eq!(params.contact.id.as_str(), "1001");
        assert_eq!(params.auth.expose_secret(), "Basic ZGVtby1rZXk6");
        assert_eq!(
            params.zone,
            Zone::from_name("America/Los_Angeles").expect("a zone")
        );
        let [message] = &params.messages[..] else {
            panic!("one message")
        };
        assert_eq!(message.id.as_str(), "60279564004");
        assert_eq!(message.conversation.as_str(), "5578984350117917661");
        assert_eq!(message.at.timestamp_millis(), 1_424_265_890_000);
        assert_eq!(message.direction, Direction::Outbound);
        assert_eq!(message.kind, MessageKind::Sms);
        assert_eq!(message.text, "Flight information");
        assert_eq!(
            message.from.phone.as_ref().expect("a number").as_str(),
            "+18885550052"
        );
    }

    #[test]
    fn ids_are_exact_as_number_and_as_text() {
        for id in [
            json!(6_288_356_833_283_647_895u64),
            json!("6288356833283647895"),
        ] {
            let params = parse(&with("message.conversationId", id)).expect("readable");
            assert_eq!(
                params.messages[0].conversation.as_str(),
                "6288356833283647895"
            );
        }
        let params = parse(&with("message.conversation", json!({"id": "77"}))).expect("readable");
        assert_eq!(params.messages[0].conversation.as_str(), "77");
        assert_eq!(field(&with("message.id", json!(1.5e300))), "message.id");
    }

    #[test]
    fn every_required_field_is_named() {
        for path in [
            "user",
            "user.id",
            "contactInfo",
            "contactInfo.id",
            "authHeader",
            "message",
            "message.id",
            "message.creationTime",
            "message.direction",
            "message.conversationId",
        ] {
            assert_eq!(field(&with(path, Value::Null)), path);
            if !matches!(path, "user" | "contactInfo" | "message") {
                assert_eq!(field(&with(path, json!(" "))), path);
            }
        }
    }

    #[test]
    fn what_a_field_cannot_hold_is_named() {
        for (path, value) in [
            ("message.creationTime", json!("yesterday")),
            ("message.creationTime", json!(1_424_265_890)),
            ("message.direction", json!("Sideways")),
            ("message.type", json!("Telegram")),
            ("message.subject", json!(5)),
            ("user.timezoneName", json!("Mars/Olympus")),
            ("user.timezoneOffset", json!("+25:00")),
            ("timezoneOffset", json!(100_000)),
            ("recordingLink", json!("javascript:alert(1)")),
            ("faxDownloadLink", json!("nowhere")),
            ("authHeader", json!("Basic a\r\nX-Evil: 1")),
            ("additionalSubmission", json!([1])),
            ("contactInfo", json!("Daisy")),
        ] {
            assert_eq!(field(&with(path, value)), path);
        }
        assert_eq!(
            field(&with("message.subject", json!("x".repeat(MAX_TEXT + 1)))),
            "message.subject"
        );
    }
    const MAX_TEXT: usize = crate::message::MAX_TEXT_BYTES;

    #[test]
    fn the_zone_comes_from_the_first_field_that_names_one() {
        let zone = |params: &Value| parse(params).expect("readable").zone.to_string();
        let mut params = example();
        params["user"]["timezoneOffset"] = json!("+05:30");
        params["timezoneOffset"] = json!(-480);
        assert_eq!(zone(&params), "America/Los_Angeles");
        params["user"]["timezoneName"] = json!("");
        assert_eq!(zone(&params), "+05:30");
        params["user"]["timezoneOffset"] = Value::Null;
        assert_eq!(zone(&params), "-08:00");
        params["timezoneOffset"] = Value::Null;
        assert_eq!(zone(&params), "UTC");
    }

    #[test]
    fn messages_are_sorted_without_repeats_and_of_one_conversation() {
        let message = |id: u64, time: u64| {
            json!({"id": id, "conversationId": "5578984350117917661", "direction": "Inbound",
                   "creationTime": time})
        };
        let mut params = example();
        params["messages"] = json!([
            message(3, 1_424_265_900_000),
            message(2, 1_424_265_880_000),
            message(60_279_564_004, 1_424_265_890_000),
        ]);
        let ids: Vec<_> = parse(&params)
            .expect("readable")
            .messages
            .iter()
            .map(|message| message.id.to_string())
            .collect();
        assert_eq!(ids, ["2", "60279564004", "3"]);
        params["messages"][1]["conversationId"] = json!("1");
        assert_eq!(field(&params), "messages[1].conversationId");
        params["messages"] = Value::Array(vec![message(1, 1_424_265_900_000); MAX_MESSAGES + 1]);
        assert_eq!(field(&params), "messages");
    }

    #[test]
    fn links_belong_to_the_message_and_never_carry_a_token() {
        let mut params = with("message.type", json!("VoiceMail"));
        params["recordingLink"] = json!("https://v.ringcentral.com/r/1");
        params["imageLink"] = json!("https://m.ringcentral.com/1?access_token=secret");
        let message = parse(&params).expect("readable").messages.remove(0);
        assert_eq!(message.media[0].kind, MediaKind::Voicemail);
        assert!(message.media[0].link.is_some());
        assert!(message.media[1].link.is_none());
        params["messages"] = json!([params["message"]]);
        params["message"] = Value::Null;
        assert_eq!(field(&params), "message");
    }

    #[test]
    fn a_voicemail_without_a_conversation_is_its_own() {
        let mut params = with("message.type", json!("VoiceMail"));
        params["message"]["conversationId"] = Value::Null;
        let message = parse(&params).expect("readable").messages.remove(0);
        assert_eq!(message.conversation.as_str(), message.id.as_str());
    }

    #[test]
    fn nothing_personal_is_debug_printed() {
        let printed = format!("{:?}", parse(&example()).expect("readable"));
        for secret in ["Daisy", "6505553204", "Flight", "ZGVtby1rZXk6"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
}
