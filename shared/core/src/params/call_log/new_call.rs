//! What a request to log a call tells of it, whatever the field is called in which its record
//! stands.

use secrecy::SecretString;
use serde::de::DeserializeOwned;

use super::record::{Room, WireRecord, WireWords, link};
use super::shapes::{InCallLog, WireCallLog, WireExtension};
use super::{CallExtension, Result};
use crate::call::{CallFields, Direction};
use crate::error::RequestError;
use crate::ids::{SessionId, WireId};
use crate::json::{self, Object};
use crate::params::credentials::download;
use crate::params::wire::id_text;
use crate::phone::PhoneNumber;

/// The field of a body in which the record of a call stands.
pub(in crate::params) trait Holder {
    /// Its name.
    const FIELD: &'static str;
    /// The body with some fields of the record.
    type Body<T: DeserializeOwned>: DeserializeOwned;

    /// The record, if there is one.
    fn record<T: DeserializeOwned>(body: Self::Body<T>) -> Option<Object<T>>;
}

/// `callLog`, of createCallLog.
pub(super) struct CallLog;

impl Holder for CallLog {
    const FIELD: &'static str = "callLog";
    type Body<T: DeserializeOwned> = InCallLog<T>;

    fn record<T: DeserializeOwned>(body: InCallLog<T>) -> Option<Object<T>> {
        body.call_log
    }
}

/// What a request to log a call tells of it.
pub(in crate::params) struct NewCall {
    pub(in crate::params) session: SessionId,
    pub(in crate::params) extension: CallExtension,
    pub(in crate::params) fields: CallFields,
    pub(in crate::params) recording_download: Option<SecretString>,
}

impl NewCall {
    /// Reads the record, and what stands beside it. `phone` is the contact's number, where the
    /// request says it.
    pub(in crate::params) fn read<H: Holder>(
        body: &[u8],
        phone: Option<PhoneNumber>,
    ) -> Result<Self> {
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
pub(in crate::params) fn session(field: &str, id: Option<WireId>) -> Result<SessionId> {
    let id = id_text(field, id)?;
    (id.as_deref().and_then(SessionId::parse)).ok_or_else(|| RequestError::missing(field))
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
