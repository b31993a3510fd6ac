//! What must hold of what was read, and of the words about what was not.

use std::fmt::Write;

use chrono::Datelike;
use daybook_core::digest::{Context, Entry, Format, Frame, Topic, Window, render};
use daybook_core::error::RequestError;
use daybook_core::limits::{
    MAX_AUTH_BYTES, MAX_ID_BYTES, MAX_MESSAGES, MAX_NAME_BYTES, MAX_PEOPLE, MAX_TEXT_BYTES,
};
use daybook_core::media::{Media, MediaKind};
use daybook_core::message::{Message, Party};
use daybook_core::params::MessageLogParams;
use daybook_core::phone::PhoneNumber;
use daybook_core::time::Zone;
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};

use super::draw::{Body, DIGITS, MARK, SECRET};

type Judgement = Result<(), String>;

fn must(holds: bool, why: impl FnOnce() -> String) -> Judgement {
    match holds {
        true => Ok(()),
        false => Err(why()),
    }
}

/// The fields that a path may begin with.
const FIELDS: [&str; 16] = [
    "user",
    "contactInfo",
    "authHeader",
    "message",
    "messages",
    "additionalSubmission",
    "recordingLink",
    "faxDocLink",
    "faxDownloadLink",
    "imageLink",
    "imageDownloadLink",
    "imageContentType",
    "videoLink",
    "timezoneOffset",
    "correspondents",
    "existingMessageLog",
];

/// The words about a request that was refused name its field and repeat nothing of it.
pub(super) fn refused(body: &Body, error: &RequestError) -> Judgement {
    let words = error.to_string();
    // Where it stands is no value.
    let told = words.split(" at line ").next().unwrap_or_default();
    for value in [MARK, SECRET, DIGITS, "xxxxx", "Europe/", "javascript"] {
        must(!told.contains(value), || {
            format!("it repeats a value: {words}")
        })?;
    }
    let is_json = serde_json::from_slice::<Map<String, Value>>(&body.bytes).is_ok();
    match error {
        RequestError::Field { field, problem } => {
            let first = field.split(['.', '[']).next().unwrap_or_default();
            must(FIELDS.contains(&first), || {
                format!("no field is called {field:?}: {words}")
            })?;
            must(!problem.is_empty(), || "it says nothing".to_owned())
        }
        RequestError::NotJson { .. } => must(!is_json, || format!("it is JSON: {words}")),
    }
}

/// What was read keeps what its types promise.
pub(super) fn accepted(body: &Body, params: &MessageLogParams) -> Judgement {
    must(!body.is_broken, || "it cannot be read, and was".to_owned())?;
    must(!format!("{params:?}").contains(MARK), || {
        "it shows a value where it is logged".to_owned()
    })?;
    let log = params.existing_log.as_ref().map(|log| log.as_str());
    let ids = [params.user.id.as_str(), params.contact.id.as_str()];
    for id in ids.into_iter().chain(log) {
        is_id(id)?;
    }
    let auth = params
        .auth
        .as_ref()
        .map_or("x", |auth| auth.expose_secret());
    must(
        (1..=MAX_AUTH_BYTES).contains(&auth.len())
            && auth.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
        || "no header can carry its credentials".to_owned(),
    )?;
    must(params.correspondents.len() <= MAX_PEOPLE, || {
        "it has too many people".to_owned()
    })?;
    let names = [
        &params.user.name,
        &params.contact.name,
        &params.contact.kind,
    ];
    let people = params.correspondents.iter().map(|party| &party.name);
    names.into_iter().chain(people).try_for_each(is_name)?;
    messages(body, &params.messages)?;
    renders(params)
}

fn is_id(id: &str) -> Judgement {
    let is_text = !id.trim().is_empty() && id.trim() == id && !id.chars().any(char::is_control);
    must(is_text && id.len() <= MAX_ID_BYTES, || {
        format!("{id:?} is no id")
    })
}

fn is_name(name: &Option<String>) -> Judgement {
    let Some(name) = name else { return Ok(()) };
    let is_line = !name.is_empty() && !name.chars().any(char::is_control);
    must(is_line && name.len() <= MAX_NAME_BYTES, || {
        format!("{name:?} is no name")
    })
}

fn messages(body: &Body, messages: &[Message]) -> Judgement {
    must((1..=MAX_MESSAGES + 1).contains(&messages.len()), || {
        format!("{} messages", messages.len())
    })?;
    must(messages.is_sorted_by(|a, b| a.order(b).is_lt()), || {
        "its messages are not in order, or one is there twice".to_owned()
    })?;
    for message in messages {
        is_id(message.id.as_str())?;
        is_id(message.conversation.as_str())?;
        must(message.conversation == messages[0].conversation, || {
            "it has two conversations".to_owned()
        })?;
        must((2000..2100).contains(&message.at.year()), || {
            format!("{} is no time of a message", message.at)
        })?;
        let typed = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
        must(
            message.text.len() <= MAX_TEXT_BYTES && message.text.chars().all(typed),
            || format!("{:?} is no text", message.text),
        )?;
        is_name(&message.from.name)?;
        must(message.to.len() <= MAX_PEOPLE, || {
            "too many people".to_owned()
        })?;
        for link in message.media.iter().filter_map(|media| media.link.as_ref()) {
            let link = link.as_str();
            let is_web = link.starts_with("http://") || link.starts_with("https://");
            // Of the drawn links only those without a token end in the secret as it is.
            let is_open = link == format!("https://v.example/i?id=1{SECRET}");
            let is_kept = link.contains(SECRET) && !body.is_damaged;
            must(is_web && (is_open || !is_kept), || format!("{link} stays"))?;
        }
    }
    Ok(())
}

/// Whatever was read can be written into a note of each format.
fn renders(params: &MessageLogParams) -> Judgement {
    let first = params.messages.first().ok_or("nothing to log")?;
    let zone = params
        .zone
        .unwrap_or_else(|| Zone::from_offset("0").expect("a zone"));
    let entries: Vec<_> = params.messages.iter().take(3).map(Entry::of).collect();
    let entries: Vec<_> = entries
        .iter()
        .filter(|entry| entry.text.len() < 2_000)
        .collect();
    for format in Format::ALL {
        let context = Context {
            contact: params.contact.clone(),
            user_name: params.user.name.clone(),
            zone,
            format,
            participants: Vec::new(),
            group: params.correspondents.len() > 1,
            inbox: None,
            topic: Topic::of(&entries),
            started_at: first.at,
        };
        let window = Window::day(zone, first.at);
        let frame = Frame {
            context: &context,
            window,
            part: 1,
            mark: None,
        };
        let counter = format!("Conversation({} messages)", entries.len());
        must(render(&frame, &entries).contains(&counter), || {
            format!("no note has the counter {counter}")
        })?;
        must(window.end(zone).is_some_and(|end| end > first.at), || {
            "its day ends before it".to_owned()
        })?;
    }
    Ok(())
}

/// All that was read, as text.
pub(super) fn told(params: &MessageLogParams) -> String {
    let mut told = String::new();
    let mut tell = |what: &str, value: String| {
        writeln!(told, "{what}: {value}").expect("a string takes it");
    };
    let user = &params.user;
    tell(
        "user",
        format!("{:?} {:?} {:?}", user.id, user.hostname, user.name),
    );
    tell("settings", json!(user.settings).to_string());
    let contact = &params.contact;
    let phone = contact.phone.as_ref().map(PhoneNumber::as_str);
    tell(
        "contact",
        format!(
            "{:?} {phone:?} {:?} {:?}",
            contact.id, contact.kind, contact.name
        ),
    );
    let secret = |secret: &Option<secrecy::SecretString>| {
        secret
            .as_ref()
            .map(|secret| secret.expose_secret().to_owned())
    };
    tell("auth", format!("{:?}", secret(&params.auth)));
    let downloads = &params.downloads;
    let (fax, image) = (secret(&downloads.fax), secret(&downloads.image));
    tell(
        "downloads",
        format!("{fax:?} {image:?} {:?}", downloads.image_content_type),
    );
    tell("zone", format!("{:?}", params.zone));
    tell(
        "submission",
        json!(params.additional_submission).to_string(),
    );
    tell(
        "correspondents",
        json!(people(&params.correspondents)).to_string(),
    );
    tell("log", format!("{:?}", params.existing_log));
    for message in &params.messages {
        tell("message", message_again(message).to_string());
    }
    told
}

fn people(parties: &[Party]) -> Vec<Value> {
    let person = |party: &Party| {
        let phone = party.phone.as_ref().map(PhoneNumber::as_str);
        json!({"name": party.name, "phoneNumber": phone})
    };
    parties.iter().map(person).collect()
}

fn message_again(message: &Message) -> Value {
    let mut again = json!({
        "id": message.id.as_str(),
        "conversationId": message.conversation.as_str(),
        "creationTime": message.at.to_rfc3339(),
        "direction": message.direction,
        "type": message.kind,
        "subject": message.text,
        "from": people(std::slice::from_ref(&message.from))[0],
        "to": people(&message.to),
    });
    for media in &message.media {
        let open = media.link.as_ref().map(|link| link.as_str().to_owned());
        let link = open.unwrap_or_else(|| "https://v.example/?token=x".to_owned());
        let links = &mut again[field_of(media)];
        *links = match links.as_str() {
            // One object cannot have two of them.
            Some(first) => json!([first, link]),
            None => json!(link),
        };
    }
    again
}

fn field_of(media: &Media) -> &'static str {
    match media.kind {
        MediaKind::Voicemail => "recordingLink",
        MediaKind::Fax => "faxDocLink",
        MediaKind::Image => "imageLink",
        MediaKind::Video => "videoLink",
        MediaKind::File => unreachable!("no field of a parameter object leads to one"),
    }
}

/// What was read as a request again, where one can say it.
pub(super) fn rewritten(params: &MessageLogParams) -> Option<Value> {
    let messages: Vec<_> = params.messages.iter().map(message_again).collect();
    let fields = ["recordingLink", "faxDocLink", "imageLink", "videoLink"];
    let is_sayable = |message: &Value| !fields.iter().any(|field| message[field].is_array());
    if messages.len() > MAX_MESSAGES || !messages.iter().all(is_sayable) {
        return None;
    }
    let secret = |secret: &Option<secrecy::SecretString>| {
        secret
            .as_ref()
            .map(|secret| secret.expose_secret().to_owned())
    };
    let (user, contact) = (&params.user, &params.contact);
    let mut again = json!({
        "user": {
            "id": user.id.as_str(), "hostname": user.hostname, "name": user.name,
            "userSettings": user.settings,
        },
        "contactInfo": {
            "id": contact.id.as_str(), "type": contact.kind, "name": contact.name,
            "phoneNumber": contact.phone.as_ref().map(PhoneNumber::as_str),
        },
        "authHeader": secret(&params.auth),
        "messages": messages,
        "additionalSubmission": params.additional_submission,
        "correspondents": people(&params.correspondents),
        "existingMessageLog": {"thirdPartyLogId": params.existing_log.as_ref().map(|log| log.as_str())},
        "faxDownloadLink": secret(&params.downloads.fax),
        "imageDownloadLink": secret(&params.downloads.image),
        "imageContentType": params.downloads.image_content_type,
    });
    match params.zone {
        Some(zone @ Zone::Named(_)) => again["user"]["timezoneName"] = json!(zone.to_string()),
        Some(zone @ Zone::Offset(_)) => again["timezoneOffset"] = json!(zone.to_string()),
        None => {}
    }
    Some(again)
}
