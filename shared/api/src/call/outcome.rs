//! What became of what a request told of a call.

use daybook_core::ids::LogId;
use daybook_store::items::{CallLink, Reason};

/// What became of what a request told of a call. `Debug` shows no note.
#[derive(Clone, PartialEq, Eq)]
pub struct CallOutcome {
    /// How it stands.
    pub state: CallState,
    /// The activity, where there is one.
    pub log_id: Option<LogId>,
    /// The whole note as it stands in the CRM, where this request has written or read it.
    pub note: Option<String>,
    /// Why it is kept, waiting or refused.
    pub reason: Option<Reason>,
    /// Before when a repeat does not help, in milliseconds since 1970.
    pub retry_at: Option<i64>,
    /// The activity was deleted in the CRM, and a new one was made.
    pub made_anew: bool,
}

/// How it stands with what a request told of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallState {
    /// It stands in the CRM.
    Logged,
    /// The call was logged before.
    Already,
    /// It will be brought to the CRM without another request.
    Kept,
    /// It is not there; the next request of the call brings it too, and sending it again is safe.
    Waiting,
    /// The CRM refuses it.
    Refused,
    /// The activity was deleted in the CRM.
    Gone,
    /// Nobody has logged the call.
    NotLogged,
    /// The call has several logs, and the request does not say whose is meant.
    Ambiguous,
    /// The log that is named is one of messages.
    NotACall,
}

impl CallOutcome {
    pub(super) fn of(state: CallState) -> Self {
        Self {
            state,
            log_id: None,
            note: None,
            reason: None,
            retry_at: None,
            made_anew: false,
        }
    }

    pub(super) fn already(link: &CallLink) -> Self {
        Self {
            log_id: link.log_id.clone(),
            ..Self::of(CallState::Already)
        }
    }
}

impl std::fmt::Debug for CallOutcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallOutcome")
            .field("state", &self.state)
            .field("log_id", &self.log_id)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}
