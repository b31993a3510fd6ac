//! Replies about calls: logged, changed, read, kept, to be sent again, or refused.

use daybook_adapters::{AdapterError, CallLog};
use daybook_core::digest::Format;
use daybook_store::items::Reason;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::waiting::{What, kept_words, seconds, waiting_words};
use super::{Counted, LONG_MS, MessageType, Reply};
use crate::call::{CallOutcome, CallState, ToldOfCall};
use crate::interface::Interface;

/// App Connect's `callLogInfo`.
#[derive(Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CallLogInfo {
    /// The title.
    pub subject: String,
    /// What the agent wrote; empty where there is nothing.
    pub note: String,
    /// The whole note.
    pub full_body: String,
    /// All that the CRM told of the log.
    pub full_log_response: Value,
    /// The contact's name, where the CRM tells it with the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_name: Option<String>,
    /// What the agent chose, by the field's name in the manifest.
    pub dispositions: Map<String, Value>,
}

impl Reply {
    /// What became of a request about the log of a call. `crm` is the CRM's name, `now` in
    /// milliseconds since 1970.
    pub fn of_call(outcome: &CallOutcome, interface: Interface, crm: &str, now: i64) -> Self {
        let is_new = interface == Interface::CreateCallLog;
        let what = match is_new {
            true => What::Call,
            false => What::Change,
        };
        let mut reply = match outcome.state {
            CallState::Kept | CallState::Waiting | CallState::Refused => {
                Self::waiting_call(outcome, what, crm, now)
            }
            CallState::Logged if outcome.made_anew => made_anew(crm),
            CallState::Logged if is_new => Self::success("logged", "Call logged"),
            CallState::Logged => Self::success("updated", "Call log updated"),
            CallState::Already => Self::success("nothing_new", "Already logged"),
            CallState::Gone => gone(crm),
            CallState::NotLogged => {
                let words = "This call has not been logged yet. Log it first.";
                Self::failure(200, "not_logged", MessageType::Warning, words)
            }
            CallState::Ambiguous => {
                let words = "This call has several logs, one for each extension. \
                             Name the extension, or the log.";
                let reply = Self::failure(200, "ambiguous", MessageType::Warning, words);
                reply.at_field("existingCallLog.extensionNumber")
            }
            CallState::NotACall => {
                let words = "This log holds messages, not a call.";
                let reply = Self::failure(200, "not_a_call", MessageType::Warning, words);
                reply.at_field("existingCallLog.thirdPartyLogId")
            }
        };
        let missed = match outcome.state {
            CallState::Kept => Some("CallsKept"),
            CallState::Waiting => Some("CallsNotLogged"),
            CallState::Refused => Some("CallsRefused"),
            CallState::Logged
            | CallState::Already
            | CallState::Gone
            | CallState::NotLogged
            | CallState::Ambiguous
            | CallState::NotACall => None,
        };
        reply.counted = missed.map(Counted::MissedCall);
        if let Some(envelope) = reply.envelope() {
            envelope.log_id = outcome.log_id.clone();
            let note = outcome.note.clone();
            envelope.updated_note = note.filter(|_| interface == Interface::UpdateCallLog);
        }
        let is_waiting = matches!(outcome.state, CallState::Waiting | CallState::Kept);
        match outcome.reason == Some(Reason::ContactGone) && is_new && is_waiting {
            true => reply.at_field("contactInfo.id"),
            false => reply,
        }
    }

    fn waiting_call(outcome: &CallOutcome, what: What, crm: &str, now: i64) -> Self {
        let reason = outcome.reason.unwrap_or(Reason::Busy);
        if outcome.state == CallState::Kept {
            let words = kept_words(what, reason, crm);
            let mut kept = Self::failure(200, reason.as_str(), MessageType::Warning, words);
            if let Some(envelope) = kept.envelope() {
                envelope.successful = true;
            }
            return kept;
        }
        let shown = match matches!(reason, Reason::Unavailable | Reason::InDoubt) {
            true => MessageType::Error,
            false => MessageType::Warning,
        };
        let wait = outcome.retry_at.map(|at| seconds(at, now));
        let words = waiting_words(what, reason, crm, wait);
        Self::failure(200, reason.as_str(), shown, words)
    }

    /// The log of a call, as it was read.
    pub fn of_call_log(log: CallLog, format: Format) -> Self {
        let mut reply = Self::success("read", "Call log loaded");
        if let Some(envelope) = reply.envelope() {
            envelope.call_log_info = Some(ToldOfCall::of(log, format).into());
        }
        reply
    }

    /// The log of a call that could not be read.
    pub fn no_call_log(error: &AdapterError, crm: &str) -> Self {
        let (shown, words) = unread_words(error, crm);
        Self::failure(200, error.kind(), shown, words)
    }
}

/// The words for a log that could not be read.
pub(super) fn unread_words(error: &AdapterError, crm: &str) -> (MessageType, String) {
    match error {
        AdapterError::NotFound(_) => (
            MessageType::Warning,
            format!("There is no such log in {crm}. It may have been deleted."),
        ),
        AdapterError::Unauthorized => (
            MessageType::Warning,
            format!("{crm} does not accept your sign-in. Connect your {crm} account again."),
        ),
        AdapterError::Forbidden => (
            MessageType::Warning,
            format!(
                "Your {crm} account may not read this log. \
                     Ask your {crm} administrator for permission to see activities."
            ),
        ),
        AdapterError::RateLimited { .. } => (
            MessageType::Warning,
            format!("{crm} is receiving too many requests. Try again in a minute."),
        ),
        AdapterError::Unavailable { .. } => (
            MessageType::Error,
            format!("{crm} cannot be reached. Try again later."),
        ),
        AdapterError::Invalid { .. } | AdapterError::Rejected { .. } => (
            MessageType::Warning,
            format!("{crm} refused to show the log. Try again later."),
        ),
    }
}

impl From<ToldOfCall> for CallLogInfo {
    fn from(told: ToldOfCall) -> Self {
        Self {
            subject: told.subject,
            note: told.note,
            full_body: told.body,
            full_log_response: told.response,
            contact_name: told.contact_name,
            dispositions: told.dispositions,
        }
    }
}

fn gone(crm: &str) -> Reply {
    let words = format!("The log of this call was deleted in {crm}.");
    Reply::failure(200, "log_gone", MessageType::Warning, words)
}

fn made_anew(crm: &str) -> Reply {
    let words = format!("Call logged. The log had been deleted in {crm}, so a new one was made.");
    let mut reply = Reply::success("logged", words);
    if let Some(envelope) = reply.envelope() {
        envelope.return_message.message_type = MessageType::Warning;
        envelope.return_message.ttl = LONG_MS;
    }
    reply
}
