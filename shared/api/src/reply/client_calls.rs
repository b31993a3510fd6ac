//! Replies about calls as the extension reads them.

use daybook_core::ids::{ContactId, LogId, SessionId};
use daybook_store::items::Reason;
use schemars::JsonSchema;
use serde::Serialize;

use super::calls::unread_words;
use super::waiting::What;
use super::{CallLogInfo, Counted, LONG_MS, MessageType, Reply, ReplyBody, ReturnMessage};
use crate::call::{CallOutcome, CallState, FoundCall, Logged, ReadCall};
use crate::interface::Interface;

/// For how long App Connect's server has the extension show that a call is logged already, in
/// milliseconds.
const EXISTING_MS: u32 = 3_000;

/// The body of `GET /callLog`. Without words nothing is shown to the user.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CallLogs {
    /// Always.
    successful: bool,
    /// Each call that was asked for, in that order.
    logs: Vec<Item>,
    /// Why something could not be read in the CRM.
    #[serde(skip_serializing_if = "Option::is_none")]
    return_message: Option<ReturnMessage>,
}

/// What is told of one call that was asked for.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CallLogOfSession")]
struct Item {
    /// Which call.
    session_id: SessionId,
    /// Whether it is logged.
    matched: bool,
    /// The CRM's id of the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    log_id: Option<LogId>,
    /// With whom it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<ItemContact>,
    /// What stands in the log, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    log_data: Option<CallLogInfo>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ContactOfCall")]
struct ItemContact {
    /// The CRM's id.
    id: ContactId,
}

impl Reply {
    /// What became of what the extension tells of a call. `crm` is the CRM's name, `now` in
    /// milliseconds since 1970.
    ///
    /// A call that is logged already is told as no success, as on App Connect's server: then the
    /// extension looks for the log and sends it the note that it holds. What is kept of somebody
    /// whose grant is over is told so with that.
    pub fn of_client_call(
        outcome: &CallOutcome,
        interface: Interface,
        crm: &str,
        now: i64,
    ) -> Self {
        if outcome.state == CallState::Already {
            return existing();
        }
        let is_kept = outcome.state == CallState::Kept;
        if is_kept && outcome.reason == Some(Reason::Unauthorized) {
            let what = match interface == Interface::CreateCallLog {
                true => What::Call,
                false => What::Change,
            };
            let mut reply = Self::kept_until_sign_in(what, crm);
            reply.counted = Some(Counted::MissedCall("CallsKept"));
            return reply;
        }
        let mut reply = Self::of_call(outcome, interface, crm, now);
        if let Some(envelope) = reply.envelope() {
            match outcome.state {
                CallState::Gone => envelope.return_message.message = gone_words(crm).1,
                CallState::Ambiguous => envelope.return_message.message = several_words(crm),
                CallState::Already
                | CallState::Kept
                | CallState::Logged
                | CallState::NotACall
                | CallState::NotLogged
                | CallState::Refused
                | CallState::Waiting => {}
            }
            // What waits for a contact to come back is no log to the extension, which offers the
            // call to be logged once more.
            envelope.successful &= outcome.reason != Some(Reason::ContactGone);
            let field = envelope.field.as_deref().map(client_field);
            envelope.field = field.map(str::to_owned);
        }
        reply
    }

    /// A call that is not logged, since nobody has said to whom.
    pub fn no_contact_chosen() -> Self {
        let words = "The call is not logged: no contact is chosen. \
                     Choose a contact, or create one, and log the call again.";
        Self::failure(200, "no_contact", MessageType::Warning, words).at_field("contactId")
    }

    /// A request to set what an agent chose, where that is nothing.
    pub fn nothing_chosen() -> Self {
        Self::success("nothing_chosen", "Nothing was chosen for the call.")
    }

    /// A note that waits for its call.
    pub fn note_kept() -> Self {
        let words =
            "The note is kept for an hour, and joins the log with what is told of the call next.";
        Self::success("note_kept", words)
    }

    /// Which calls are logged, and what was read of them. `crm` is the CRM's name.
    pub fn of_calls(found: Vec<(FoundCall, Option<ReadCall>)>, crm: &str) -> Self {
        let words = found.iter().find_map(|(_, read)| match read {
            Some(ReadCall::Gone) => Some(gone_words(crm)),
            Some(ReadCall::Failed(error)) => Some(unread_words(error, crm)),
            Some(ReadCall::Told(_)) | None => None,
        });
        let outcome = words.as_ref().map_or("read", |_| "not_all_read");
        let body = CallLogs {
            successful: true,
            logs: found.into_iter().map(Item::from).collect(),
            return_message: words.map(|(message_type, message)| ReturnMessage {
                message,
                message_type,
                ttl: LONG_MS,
            }),
        };
        let json = serde_json::to_value(body).unwrap_or_default();
        Self::new(200, outcome, ReplyBody::Json(Box::new(json)))
    }
}

impl From<(FoundCall, Option<ReadCall>)> for Item {
    fn from((found, read): (FoundCall, Option<ReadCall>)) -> Self {
        let unmatched = |session_id| Self {
            session_id,
            matched: false,
            log_id: None,
            contact: None,
            log_data: None,
        };
        let log_id = match found.logged {
            Logged::As(log) => Some(log),
            Logged::Kept => None,
            Logged::No => return unmatched(found.session),
        };
        let log_data = match read {
            Some(ReadCall::Told(told)) => Some((*told).into()),
            Some(ReadCall::Gone) => return unmatched(found.session),
            Some(ReadCall::Failed(_)) | None => None,
        };
        Self {
            session_id: found.session,
            matched: true,
            log_id,
            contact: found.contact.map(|id| ItemContact { id }),
            log_data,
        }
    }
}

fn existing() -> Reply {
    let words = "This call is logged already. Open its log to change it.";
    let mut reply = Reply::failure(200, "existing", MessageType::Warning, words);
    if let Some(envelope) = reply.envelope() {
        envelope.return_message.ttl = EXISTING_MS;
    }
    reply
}

fn several_words(crm: &str) -> String {
    format!(
        "This call has several logs, and nothing tells which one is yours. \
         Open the log in {crm} to change it."
    )
}

fn gone_words(crm: &str) -> (MessageType, String) {
    let words = format!("The log of this call was deleted in {crm}. Log the call again.");
    (MessageType::Warning, words)
}

/// What the extension calls a field of an interface.
fn client_field(field: &str) -> &str {
    match field {
        "contactInfo.id" => "contactId",
        "existingCallLog.extensionNumber" => "extensionNumber",
        field => field,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_interfaces_are_named_as_the_extension_sends_them() {
        assert_eq!(client_field("contactInfo.id"), "contactId");
        let extension = client_field("existingCallLog.extensionNumber");
        assert_eq!(extension, "extensionNumber");
    }
}
