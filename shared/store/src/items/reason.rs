//! Why messages wait.

use serde::{Deserialize, Serialize};

/// Why a message does not stand in the CRM yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Reason {
    /// Another request is writing the same digest, or time ran out.
    Busy,
    /// The CRM does not answer, or not with an answer.
    Unavailable,
    /// The CRM asks to slow down.
    RateLimited,
    /// An activity may have been made without our hearing of it.
    InDoubt,
    /// The credentials are not accepted.
    Unauthorized,
    /// The credentials are good, but not for this.
    Forbidden,
    /// The contact is not there.
    ContactGone,
    /// The activity was made a moment ago and is not there yet.
    LogHidden,
    /// The CRM refuses what the message makes of the activity.
    Refused,
    /// The CRM refuses for a reason of its own.
    Rejected,
}

impl Reason {
    /// A short name for logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Unavailable => "unavailable",
            Self::RateLimited => "rate_limited",
            Self::InDoubt => "in_doubt",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::ContactGone => "contact_gone",
            Self::LogHidden => "log_hidden",
            Self::Refused => "refused",
            Self::Rejected => "rejected",
        }
    }
}
