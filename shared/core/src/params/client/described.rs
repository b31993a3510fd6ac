//! What the bodies of the extension look like, for the description of the routes. They are read into
//! the same types as the parameters of interfaces, which look otherwise.

use super::calls::{WireContact, WireDispositions, WireForm, WireNote, WireSession};
use super::contacts::WireSubmission;
use super::message_log::Wire;
use crate::params::call_log::record::{WireRecord, WireWords};
use crate::params::call_log::shapes::{WireCallLog, WireExtension, WireUpdate};
use crate::params::contacts::WireNew;

/// The body of `POST /messageLog`.
#[derive(Debug)]
pub struct ConversationBody;

/// The body of `POST /callLog`.
#[derive(Debug)]
pub struct NewCallBody;

/// All that `logInfo` of `POST /callLog` holds.
struct CallRecord;

/// The body of `PATCH /callLog`.
#[derive(Debug)]
pub struct CallChangeBody;

/// The body of `POST /callLog/cacheNote`.
#[derive(Debug)]
pub struct CallNoteBody;

/// The body of `PUT /callDisposition`.
#[derive(Debug)]
pub struct DispositionBody;

/// The body of `POST /contact`.
#[derive(Debug)]
pub struct NewContactBody;

crate::described!(ConversationBody as "ConversationOfClient": Wire; needs "logInfo");
crate::described!(CallRecord as "CallRecord": WireCallLog, WireRecord, WireExtension; needs "sessionId");
crate::described!(
    NewCallBody as "CallOfClient": WireContact, WireForm, WireExtension, WireWords;
    with "logInfo" as CallRecord;
    needs "logInfo"
);
crate::described!(
    CallChangeBody as "CallChangeOfClient":
        WireSession, WireForm, WireExtension, WireUpdate, WireRecord, WireWords;
    needs "sessionId"
);
crate::described!(CallNoteBody as "CallNoteOfClient": WireSession, WireNote; needs "sessionId", "note");
crate::described!(
    DispositionBody as "DispositionsOfClient":
        WireSession, WireForm, WireExtension, WireDispositions;
    needs "sessionId"
);
crate::described!(
    NewContactBody as "ContactOfClient": WireNew, WireSubmission;
    needs "phoneNumber", "newContactName"
);
