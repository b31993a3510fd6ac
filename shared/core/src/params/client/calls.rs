//! The bodies of `POST` and `PATCH /callLog`, `POST /callLog/cacheNote` and `PUT
//! /callDisposition`, and the query of `GET /callLog`.
//!
//! The extension and RingCentral's hosted call logger send the same bodies. The logger names the
//! extension by `rcExtensionId`, and gives a time in milliseconds; what it does not know yet it
//! calls pending, the agent's note too.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::contact::Contact;
use crate::error::RequestError;
use crate::ids::{ContactId, SessionId, WireId};
use crate::json::{self, Object};
use crate::limits::{
    MAX_NAME_BYTES, MAX_SESSIONS, MAX_SUBMISSION_BYTES, MAX_TEXT_BYTES, MAX_TYPE_BYTES, too_long,
};
use crate::message::clean_text;
use crate::params::call_log::record::extension_number;
use crate::params::call_log::shapes::WireExtension;
use crate::params::call_log::{Holder, NewCall, changed, session};
use crate::params::wire::{free_form, id_text, line, present};
use crate::params::{
    CallExtension, CreateCallLogParams, ExistingCallLog, RingCentralId, UpdateCallLogParams,
    UpsertCallDispositionParams,
};
use crate::user::User;

type Result<T> = std::result::Result<T, RequestError>;

const SESSION_ID: &str = "sessionId";
const SESSION_IDS: &str = "sessionIds";
const SUBMISSION: &str = "additionalSubmission";

/// What a form of the extension sends in place of a contact's id: a choice that was not made.
const NO_CONTACTS: [&str; 3] = ["createNewContact", "searchContact", "0"];

/// The hosted call logger's note on a call of which it has no note yet.
const NO_NOTE: &str = "From auto logging (Pending)";

/// `logInfo`, of `POST /callLog`.
struct LogInfo;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound = "T: Deserialize<'de>")]
struct InLogInfo<T> {
    log_info: Option<Object<T>>,
}

impl Holder for LogInfo {
    const FIELD: &'static str = "logInfo";
    type Body<T: DeserializeOwned> = InLogInfo<T>;

    fn record<T: DeserializeOwned>(body: InLogInfo<T>) -> Option<Object<T>> {
        body.log_info
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireContact {
    contact_id: Option<WireId>,
    contact_type: Option<String>,
    contact_name: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireForm {
    rc_extension_id: Option<WireId>,
    additional_submission: Option<Map<String, Value>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireSession {
    session_id: Option<WireId>,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct WireDispositions {
    dispositions: Option<Map<String, Value>>,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct WireNote {
    note: Option<String>,
}

impl CreateCallLogParams {
    /// Reads the body of a user's `POST /callLog`; `None` where it names no contact.
    ///
    /// # Errors
    /// [`RequestError`], naming the field.
    ///
    /// # Source
    /// The OpenAPI description of App Connect's server, `/callLog` (read 2026-11-21).
    pub fn by_client(body: &[u8], user: User) -> Result<Option<Self>> {
        let wire: WireContact = json::read(body)?;
        let form = Form::read(body)?;
        let mut call = NewCall::read::<LogInfo>(body, None)?;
        call.fields.note = call.fields.note.filter(|note| !says_nothing(note));
        let phone = call.fields.contact_number.clone();
        let contact = wire.parse()?.map(|contact| Contact { phone, ..contact });
        Ok(contact.map(|contact| Self {
            user,
            contact,
            auth: None,
            zone: None,
            session: call.session,
            extension: form.extension(call.extension),
            fields: call.fields,
            additional_submission: form.submission,
            recording_download: call.recording_download,
        }))
    }
}

impl UpdateCallLogParams {
    /// Reads the body of a user's `PATCH /callLog`.
    ///
    /// # Errors
    /// [`RequestError`], naming the field.
    ///
    /// # Source
    /// The OpenAPI description of App Connect's server, `/callLog` (read 2026-11-21).
    pub fn by_client(body: &[u8], user: User) -> Result<Self> {
        let form = Form::read(body)?;
        let existing = existing(body, &form)?;
        let (mut fields, recording_download) = changed(body, existing.session.as_ref())?;
        fields.note = fields.note.filter(|note| !says_nothing(note));
        Ok(Self {
            user,
            existing,
            auth: None,
            zone: None,
            fields,
            additional_submission: form.submission,
            recording_download,
        })
    }
}

/// The body of a user's `PUT /callDisposition`.
///
/// # Shape
/// `note` is what the agent wrote: the extension sends it among the dispositions, where no field of
/// the form is called so. `Debug` shows no value.
///
/// # Source
/// The OpenAPI description of App Connect's server, `/callDisposition`; its extension, 1.6.6 (read
/// 2026-11-21).
#[derive(Clone)]
pub struct ClientDispositions {
    /// Which log, and what was chosen.
    pub params: UpsertCallDispositionParams,
    /// `dispositions.note`.
    pub note: Option<String>,
}

impl ClientDispositions {
    /// Reads the body.
    ///
    /// # Errors
    /// [`RequestError`], naming the field.
    pub fn parse(body: &[u8], user: User) -> Result<Self> {
        const FIELD: &str = "dispositions";
        const NOTE: &str = "dispositions.note";
        let form = Form::read(body)?;
        let existing = existing(body, &form)?;
        let wire: WireDispositions = json::read(body)?;
        let mut dispositions = wire.dispositions.unwrap_or_default();
        let note = match dispositions.remove("note") {
            None | Some(Value::Null) => None,
            Some(Value::String(note)) => text(NOTE, Some(note))?,
            Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                return Err(RequestError::field(NOTE, "is not text"));
            }
        };
        let note = note.filter(|note| !says_nothing(note));
        Ok(Self {
            params: UpsertCallDispositionParams {
                user,
                existing,
                auth: None,
                dispositions: free_form(FIELD, Some(dispositions), MAX_SUBMISSION_BYTES)?,
            },
            note,
        })
    }

    /// Whether nothing was chosen, and no note is told.
    pub fn is_empty(&self) -> bool {
        self.note.is_none() && self.params.dispositions.is_empty()
    }
}

/// The body of `POST /callLog/cacheNote`. `Debug` shows no value.
///
/// # Source
/// The OpenAPI description of App Connect's server, `/callLog/cacheNote` (read 2026-11-21).
#[derive(Clone)]
pub struct CallNoteParams {
    /// Which call.
    pub session: SessionId,
    /// What the agent wrote.
    pub note: String,
}

impl CallNoteParams {
    /// Reads the body.
    ///
    /// # Errors
    /// [`RequestError`], naming the field.
    pub fn parse(body: &[u8]) -> Result<Self> {
        const NOTE: &str = "note";
        let wire: WireSession = json::read(body)?;
        let WireNote { note } = json::read(body)?;
        Ok(Self {
            session: session(SESSION_ID, wire.session_id)?,
            note: text(NOTE, note)?.ok_or_else(|| RequestError::missing(NOTE))?,
        })
    }
}

/// The query of `GET /callLog`. `Debug` shows no value.
///
/// # Shape
/// 1 to [`MAX_SESSIONS`] sessions, each once, in the order in which they are asked.
///
/// # Source
/// The OpenAPI description of App Connect's server, `/callLog`; its extension, 1.6.6 (read
/// 2026-11-21).
#[derive(Clone)]
pub struct CallQuery {
    /// `sessionIds`: which calls.
    pub sessions: Vec<SessionId>,
    /// `extensionNumber` and `hashedExtensionId`: whose part in them.
    pub extension: CallExtension,
    /// `requireDetails`: whether the CRM is asked what their logs say.
    pub details: bool,
}

impl CallQuery {
    /// Reads the query, still percent-encoded.
    ///
    /// # Errors
    /// [`RequestError`], naming the parameter.
    pub fn parse(query: &str) -> Result<Self> {
        const NUMBER: &str = "extensionNumber";
        const ID: &str = "hashedExtensionId";
        let number = value(query, NUMBER).map(WireId);
        let id = value(query, ID).unwrap_or_default();
        let details = value(query, "requireDetails");
        Ok(Self {
            sessions: sessions(query)?,
            extension: CallExtension {
                number: extension_number(number)?,
                id: RingCentralId::parse(ID, &id)?,
            },
            details: details.is_some_and(|flag| flag.eq_ignore_ascii_case("true")),
        })
    }
}

fn sessions(query: &str) -> Result<Vec<SessionId>> {
    let mut seen = HashSet::new();
    let mut sessions = Vec::new();
    for list in values(query, SESSION_IDS) {
        for id in list.split(',') {
            let id = id_text(SESSION_IDS, Some(WireId(id.trim().to_owned())))?;
            let session = id.as_deref().and_then(SessionId::parse);
            sessions.extend(session.filter(|session| seen.insert(session.clone())));
        }
    }
    match sessions.len() {
        0 => Err(RequestError::missing(SESSION_IDS)),
        1..=MAX_SESSIONS => Ok(sessions),
        _ => {
            let problem = format!("has more than {MAX_SESSIONS} ids");
            Err(RequestError::field(SESSION_IDS, problem))
        }
    }
}

fn values<'a>(query: &'a str, name: &'a str) -> impl Iterator<Item = String> + 'a {
    form_urlencoded::parse(query.as_bytes())
        .filter(move |(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// A parameter that is not blank. What a browser makes of a value that is not there is none.
fn value(query: &str, name: &str) -> Option<String> {
    let is_value = |value: &String| !["", "null", "undefined"].contains(&value.trim());
    values(query, name)
        .find(is_value)
        .map(|value| value.trim().to_owned())
}

/// What stands beside the record in every body.
struct Form {
    beside: CallExtension,
    submission: Map<String, Value>,
}

impl Form {
    fn read(body: &[u8]) -> Result<Self> {
        const ID: &str = "rcExtensionId";
        let beside = json::read::<WireExtension>(body)?.parse()?;
        let wire: WireForm = json::read(body)?;
        let id = id_text(ID, wire.rc_extension_id)?.unwrap_or_default();
        let raw = CallExtension {
            number: None,
            id: RingCentralId::parse(ID, &id)?,
        };
        let submission = wire.additional_submission;
        Ok(Self {
            beside: beside.or(raw),
            submission: free_form(SUBMISSION, submission, MAX_SUBMISSION_BYTES)?,
        })
    }

    /// Whose part in the call it is, as the body says it, else as `within` does.
    fn extension(&self, within: CallExtension) -> CallExtension {
        self.beside.clone().or(within)
    }
}

/// Which log a body is about: by the call alone.
fn existing(body: &[u8], form: &Form) -> Result<ExistingCallLog> {
    let wire: WireSession = json::read(body)?;
    Ok(ExistingCallLog {
        log: None,
        session: Some(session(SESSION_ID, wire.session_id)?),
        extension: form.extension(CallExtension::default()),
    })
}

impl WireContact {
    /// The contact, but for its number; `None` where nobody was chosen.
    fn parse(self) -> Result<Option<Contact>> {
        let id = id_text("contactId", self.contact_id)?;
        let id = id.filter(|id| !NO_CONTACTS.contains(&id.as_str()));
        let Some(id) = id.as_deref().and_then(ContactId::parse) else {
            return Ok(None);
        };
        Ok(Some(Contact {
            id,
            phone: None,
            kind: line("contactType", self.contact_type, MAX_TYPE_BYTES)?,
            name: line("contactName", self.contact_name, MAX_NAME_BYTES)?,
        }))
    }
}

/// A text with its line breaks; `None` for one that is absent or blank.
fn text(field: &str, text: Option<String>) -> Result<Option<String>> {
    match present(text.map(|text| clean_text(&text))) {
        Some(text) if text.len() > MAX_TEXT_BYTES => {
            Err(RequestError::field(field, too_long(MAX_TEXT_BYTES)))
        }
        text => Ok(text),
    }
}

fn says_nothing(note: &str) -> bool {
    note.trim().eq_ignore_ascii_case(NO_NOTE)
}

// Numbers, names, and what people said.
crate::conceal!(ClientDispositions, CallNoteParams, CallQuery);

#[cfg(test)]
mod tests;
