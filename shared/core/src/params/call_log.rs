//! The parameters of `createCallLog`, `updateCallLog`, `getCallLog` and `upsertCallDisposition`.
//!
//! One body is read several times, each time for the fields that belong together: who asks, whose
//! call it is, and what is told of it.

mod new_call;
pub(super) mod record;
pub(super) mod shapes;

use secrecy::SecretString;
use serde_json::{Map, Value};

use self::new_call::CallLog;
pub(super) use self::new_call::{Holder, NewCall, session};
use self::record::{Room, WireRecord, WireWords, extension_number, link};
use self::shapes::{
    InExisting, WireCallLog, WireCreate, WireDispositions, WireExisting, WireExtension, WireGet,
    WireUpdate,
};
use super::caller::{Caller, WireCaller};
use super::credentials::{AuthHeader, download};
use super::ringcentral_id::RingCentralId;
use super::wire::{contact, free_form, id_text};
use crate::call::CallFields;
use crate::contact::Contact;
use crate::error::RequestError;
use crate::ids::{ContactId, LogId, SessionId};
use crate::json::{self, Object};
use crate::limits::MAX_SUBMISSION_BYTES;
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

/// All that `callLog` holds.
struct CallLogShape;

crate::described!(CallLogShape as "CallLog": WireCallLog, WireRecord, WireExtension; needs "sessionId");
crate::described!(
    CreateCallLogParams as "CreateCallLog": WireCaller, WireCreate, WireExtension, WireWords;
    with "callLog" as CallLogShape;
    needs "user", "contactInfo", "callLog"
);
crate::described!(
    UpdateCallLogParams as "UpdateCallLog":
        WireCaller, InExisting, WireExtension, WireUpdate, WireRecord, WireWords;
    needs "user", "existingCallLog"
);
crate::described!(GetCallLogParams as "GetCallLog": WireCaller, WireGet; needs "user", "callLogId");
crate::described!(
    UpsertCallDispositionParams as "UpsertCallDisposition":
        WireCaller, InExisting, WireExtension, WireDispositions;
    needs "user", "existingCallLog", "dispositions"
);

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
