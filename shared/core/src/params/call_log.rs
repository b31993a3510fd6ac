//! The parameters of `createCallLog`, `updateCallLog`, `getCallLog` and `upsertCallDisposition`.
//!
//! One body is read several times, each time for the fields that belong together: who asks, whose
//! call it is, and what is told of it.

pub(super) mod record;
pub(super) mod shapes;

use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use self::record::{Room, WireRecord, WireWords, extension_number, link};
use self::shapes::{
    InCallLog, InExisting, WireCallLog, WireCreate, WireDispositions, WireExisting, WireExtension,
    WireGet, WireUpdate,
};
use super::caller::Caller;
use super::credentials::{AuthHeader, download};
use super::ringcentral_id::RingCentralId;
use super::wire::{contact, free_form, id_text};
use crate::call::{CallFields, Direction};
use crate::contact::Contact;
use crate::error::RequestError;
use crate::ids::{ContactId, LogId, SessionId, WireId};
use crate::json::{self, Object};
use crate::limits::MAX_SUBMISSION_BYTES;
use crate::phone::PhoneNumber;
use crate::time::Zone;
use crate::user::User;

type Result<T> = std::result::Result<T, RequestError>;

const EXISTING: &str = "existingCallLog";

/// Whose part in a session a log is about. `Debug` does not show it.
///
/// # Shape
/// Either part, both or none, as the request brings them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CallExtension {
    /// `extensionNumber`: its number within the account.
    pub number: Option<String>,
    /// `hashedExtensionId`: its id.
    pub id: Option<RingCentralId>,
}

/// Which log a request is about.
///
/// # Shape
/// At least one of `log` and `session` is there.
#[derive(Clone)]
pub struct ExistingCallLog {
    /// `thirdPartyLogId`: the CRM's id of it.
    pub log: Option<LogId>,
    /// `sessionId`: the call that it is about.
    pub session: Option<SessionId>,
    /// Whose part in that call.
    pub extension: CallExtension,
}

/// A request to log a call.
///
/// # Shape
/// `fields` holds the session's id too. A link that carries a person's token is not among them.
/// No part is larger than [`limits`](crate::limits) says. `Debug` shows no value.
///
/// # Source
/// App Connect's developer documents of createCallLog (read 2026-11-20).
#[derive(Clone)]
pub struct CreateCallLogParams {
    /// On whose behalf.
    pub user: User,
    /// With whom.
    pub contact: Contact,
    /// The credentials for the CRM, where the caller brings them.
    pub auth: Option<AuthHeader>,
    /// The clock by which times are shown, where the request says so.
    pub zone: Option<Zone>,
    /// Which call.
    pub session: SessionId,
    /// Whose part in it.
    pub extension: CallExtension,
    /// What is told of it.
    pub fields: CallFields,
    /// What the user filled in on the form that the manifest describes.
    pub additional_submission: Map<String, Value>,
    /// `callLog.recording.downloadUrl`: good within the request, and not for a note.
    pub recording_download: Option<SecretString>,
}

/// A request to change what the log of a call tells.
///
/// # Shape
/// What was absent, null or empty is `None` in `fields`: unchanged. `fields` holds the session's
/// id where the request brings it. `Debug` shows no value.
///
/// # Source
/// App Connect's developer documents of updateCallLog (read 2026-11-20).
#[derive(Clone)]
pub struct UpdateCallLogParams {
    /// On whose behalf.
    pub user: User,
    /// Which log.
    pub existing: ExistingCallLog,
    /// The credentials for the CRM, where the caller brings them.
    pub auth: Option<AuthHeader>,
    /// The clock by which times are shown, where the request says so.
    pub zone: Option<Zone>,
    /// What is told of the call.
    pub fields: CallFields,
    /// What the user filled in on the form that the manifest describes.
    pub additional_submission: Map<String, Value>,
    /// `recordingDownloadLink`: good within the request, and not for a note.
    pub recording_download: Option<SecretString>,
}

/// A request to read the log of a call. `Debug` shows no value.
///
/// # Source
/// App Connect's developer documents of getCallLog (read 2026-11-20).
#[derive(Clone)]
pub struct GetCallLogParams {
    /// On whose behalf.
    pub user: User,
    /// Which log.
    pub log: LogId,
    /// With whom, where the request says so.
    pub contact: Option<ContactId>,
    /// The credentials for the CRM, where the caller brings them.
    pub auth: Option<AuthHeader>,
}

/// A request to set what an agent chose for a call. `Debug` shows no value.
///
/// # Source
/// App Connect's developer documents of upsertCallDisposition (read 2026-11-20).
#[derive(Clone)]
pub struct UpsertCallDispositionParams {
    /// On whose behalf.
    pub user: User,
    /// Which log.
    pub existing: ExistingCallLog,
    /// The credentials for the CRM, where the caller brings them.
    pub auth: Option<AuthHeader>,
    /// What was chosen, by the field's name in the manifest.
    pub dispositions: Map<String, Value>,
}

impl CreateCallLogParams {
    /// Reads the parameter object.
    ///
    /// # Errors
    /// [`RequestError`], naming the field.
    pub fn parse(body: &[u8]) -> Result<Self> {
        let caller = Caller::read(body)?;
        let wire: WireCreate = json::read(body)?;
        let contact = contact(wire.contact_info)?;
        let call = NewCall::read::<CallLog>(body, contact.phone.clone())?;
        Ok(Self {
            user: caller.user,
            contact,
            auth: caller.auth,
            zone: caller.zone,
            session: call.session,
            extension: call.extension,
            fields: call.fields,
            additional_submission: caller.additional_submission,
            recording_download: call.recording_download,
        })
    }
}

/// The field of a body in which the record of a call stands.
pub(super) trait Holder {
    /// Its name.
    const FIELD: &'static str;
    /// The body with some fields of the record.
    type Body<T: DeserializeOwned>: DeserializeOwned;

    /// The record, if there is one.
    fn record<T: DeserializeOwned>(body: Self::Body<T>) -> Option<Object<T>>;
}

/// `callLog`, of createCallLog.
struct CallLog;

impl Holder for CallLog {
    const FIELD: &'static str = "callLog";
    type Body<T: DeserializeOwned> = InCallLog<T>;

    fn record<T: DeserializeOwned>(body: InCallLog<T>) -> Option<Object<T>> {
        body.call_log
    }
}

/// What a request to log a call tells of it.
pub(super) struct NewCall {
    pub(super) session: SessionId,
    pub(super) extension: CallExtension,
    pub(super) fields: CallFields,
    pub(super) recording_download: Option<SecretString>,
}

impl NewCall {
    /// Reads the record, and what stands beside it. `phone` is the contact's number, where the
    /// request says it.
    pub(super) fn read<H: Holder>(body: &[u8], phone: Option<PhoneNumber>) -> Result<Self> {
        let beside: WireExtension = json::read(body)?;
        let mut room = Room::new();
        let mut call = within::<H, _, _>(body, |log: WireCallLog| Self::of(log, &mut room))?;
        let within_record = within::<H, _, _>(body, WireExtension::parse)?;
        let record = within::<H, _, _>(body, |record: WireRecord| record.parse(&mut room))?;
        let told = json::read::<WireWords>(body)?.parse(&mut room, record)?;
        call.extension = beside.parse()?.or(within_record);
        call.fields = CallFields {
            session_id: call.fields.session_id,
            subject: call.fields.subject,
            contact_number: phone.or_else(|| number_of_other(&told)),
            recording: call.fields.recording,
            voicemail: told.voicemail.clone().or(call.fields.voicemail),
            ..told
        };
        Ok(call)
    }

    fn of(log: WireCallLog, room: &mut Room) -> Result<Self> {
        let session = session("sessionId", log.session_id)?;
        let Object(recording) = log.recording.unwrap_or_default();
        let Object(voicemail) = log.voicemail.unwrap_or_default();
        let download_url = recording.download_url;
        Ok(Self {
            fields: CallFields {
                session_id: Some(session.to_string()),
                subject: room.text("customSubject", log.custom_subject)?,
                recording: link("recording.link", recording.link)?,
                voicemail: link("voicemail.link", voicemail.link)?,
                ..CallFields::default()
            },
            session,
            extension: CallExtension::default(),
            recording_download: download("recording.downloadUrl", download_url)?,
        })
    }
}

/// The session's id, which must be there.
pub(super) fn session(field: &str, id: Option<WireId>) -> Result<SessionId> {
    let id = id_text(field, id)?;
    (id.as_deref().and_then(SessionId::parse)).ok_or_else(|| RequestError::missing(field))
}

impl UpdateCallLogParams {
    /// Reads the parameter object.
    ///
    /// # Errors
    /// [`RequestError`], naming the field.
    pub fn parse(body: &[u8]) -> Result<Self> {
        let caller = Caller::read(body)?;
        let existing = ExistingCallLog::read(body)?;
        let (fields, recording_download) = changed(body, existing.session.as_ref())?;
        Ok(Self {
            user: caller.user,
            existing,
            auth: caller.auth,
            zone: caller.zone,
            fields,
            additional_submission: caller.additional_submission,
            recording_download,
        })
    }
}

/// What a request tells of a call that is logged, and the link by which its recording is
/// downloaded.
pub(super) fn changed(
    body: &[u8],
    session: Option<&SessionId>,
) -> Result<(CallFields, Option<SecretString>)> {
    let wire: WireUpdate = json::read(body)?;
    let mut room = Room::new();
    let record = json::read::<WireRecord>(body)?.parse(&mut room)?;
    let told = json::read::<WireWords>(body)?.parse(&mut room, record)?;
    let fields = CallFields {
        session_id: session.map(SessionId::to_string),
        subject: room.text("subject", wire.subject)?,
        recording: link("recordingLink", wire.recording_link)?,
        ..told
    };
    let download = download("recordingDownloadLink", wire.recording_download_link)?;
    Ok((fields, download))
}

impl GetCallLogParams {
    /// Reads the parameter object.
    ///
    /// # Errors
    /// [`RequestError`], naming the field.
    pub fn parse(body: &[u8]) -> Result<Self> {
        let caller = Caller::read(body)?;
        let wire: WireGet = json::read(body)?;
        let log = id_text("callLogId", wire.call_log_id)?;
        let contact = id_text("contactId", wire.contact_id)?;
        Ok(Self {
            user: caller.user,
            log: (log.as_deref().and_then(LogId::parse))
                .ok_or_else(|| RequestError::missing("callLogId"))?,
            contact: contact.as_deref().and_then(ContactId::parse),
            auth: caller.auth,
        })
    }
}

impl UpsertCallDispositionParams {
    /// Reads the parameter object.
    ///
    /// # Errors
    /// [`RequestError`], naming the field.
    pub fn parse(body: &[u8]) -> Result<Self> {
        const FIELD: &str = "dispositions";
        let caller = Caller::read(body)?;
        let existing = ExistingCallLog::read(body)?;
        let wire: WireDispositions = json::read(body)?;
        let dispositions = (wire.dispositions).ok_or_else(|| RequestError::missing(FIELD))?;
        Ok(Self {
            user: caller.user,
            existing,
            auth: caller.auth,
            dispositions: free_form(FIELD, Some(dispositions), MAX_SUBMISSION_BYTES)?,
        })
    }
}

impl WireExtension {
    pub(super) fn parse(self) -> Result<CallExtension> {
        const ID: &str = "hashedExtensionId";
        let id = id_text(ID, self.hashed_extension_id)?.unwrap_or_default();
        Ok(CallExtension {
            number: extension_number(self.extension_number)?,
            id: RingCentralId::parse(ID, &id)?,
        })
    }
}

impl CallExtension {
    /// Its parts, else those of `other`.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            number: self.number.or(other.number),
            id: self.id.or(other.id),
        }
    }
}

impl ExistingCallLog {
    fn read(body: &[u8]) -> Result<Self> {
        let beside: WireExtension = json::read(body)?;
        let wire: InExisting = json::read(body)?;
        let Object(wire) =
            (wire.existing_call_log).ok_or_else(|| RequestError::missing(EXISTING))?;
        let existing = wire.parse().map_err(|error| error.below(EXISTING))?;
        Ok(Self {
            extension: beside.parse()?.or(existing.extension),
            ..existing
        })
    }
}

impl WireExisting {
    fn parse(self) -> Result<ExistingCallLog> {
        const LOG: &str = "thirdPartyLogId";
        let log = id_text(LOG, self.third_party_log_id)?;
        let session = id_text("sessionId", self.session_id)?;
        if log.is_none() && session.is_none() {
            return Err(RequestError::field(
                LOG,
                "is required where `existingCallLog.sessionId` is missing or empty",
            ));
        }
        let extension = WireExtension {
            extension_number: self.extension_number,
            hashed_extension_id: self.hashed_extension_id,
        };
        Ok(ExistingCallLog {
            log: log.as_deref().and_then(LogId::parse),
            session: session.as_deref().and_then(SessionId::parse),
            extension: extension.parse()?,
        })
    }
}

/// Reads some fields of the record of a call, which must be there.
fn within<H: Holder, T, U>(body: &[u8], parse: impl FnOnce(T) -> Result<U>) -> Result<U>
where
    T: DeserializeOwned,
{
    let record = H::record(json::read::<H::Body<T>>(body)?);
    let Object(record) = record.ok_or_else(|| RequestError::missing(H::FIELD))?;
    parse(record).map_err(|error| error.below(H::FIELD))
}

/// The number of the end of the call that is not the user's.
fn number_of_other(fields: &CallFields) -> Option<PhoneNumber> {
    let other = match fields.direction? {
        Direction::Inbound => &fields.from,
        Direction::Outbound => &fields.to,
    };
    other.as_ref()?.phone.clone()
}

// Numbers, names, and what people said.
crate::conceal!(
    CallExtension,
    ExistingCallLog,
    CreateCallLogParams,
    UpdateCallLogParams,
    GetCallLogParams,
    UpsertCallDispositionParams
);

#[cfg(test)]
mod tests;
