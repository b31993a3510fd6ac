//! What can go wrong with a CRM, cut by what somebody can do about it.

use std::time::Duration;

/// Whether a write that failed has taken effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// Nothing was written.
    No,
    /// It may have been written, or may yet be.
    Unknown,
}

/// The thing of the CRM that a call was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entity {
    /// An activity that we wrote.
    Log,
    /// A contact.
    Contact,
}

/// How a call failed on its way, for logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// Too little time was left to begin the call.
    #[error("too little time was left")]
    OutOfTime,
    /// No connection came about.
    #[error("the connection was refused")]
    NotConnected,
    /// No answer came in time.
    #[error("no answer came in time")]
    TimedOut,
    /// The connection broke before the answer was whole.
    #[error("the connection broke")]
    Cut,
    /// The answer was larger than we read.
    #[error("the answer was too large")]
    TooLarge,
    /// The answer was not in the form that was expected.
    #[error("the answer was not readable")]
    Unreadable,
    /// The CRM answered with a status of 408 or 5xx, or what stands before it with a 403.
    #[error("the answer was HTTP {0}")]
    Status(u16),
}

/// A call to a CRM that did not give what was asked.
///
/// `Debug` and `Display` hold nothing that a person typed, so that both may be logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdapterError {
    /// The credentials are not accepted.
    #[error("the CRM does not accept the credentials")]
    Unauthorized,
    /// The credentials are good, but not for this.
    #[error("the CRM does not permit this")]
    Forbidden,
    /// What the call was about is not there.
    #[error("the CRM has no such {0:?}")]
    NotFound(Entity),
    /// The CRM refuses what it was sent: HTTP 400, 413 or 422.
    #[error("the CRM refuses the request with HTTP {status}")]
    Invalid {
        /// The HTTP status.
        status: u16,
        /// The field that it names, where it does.
        field: Option<String>,
    },
    /// Too many requests were sent.
    #[error("the CRM asks to slow down")]
    RateLimited {
        /// How long to wait, where the CRM says so.
        retry_after: Option<Duration>,
    },
    /// The CRM did not answer, or not with an answer.
    #[error("the CRM is unavailable: {cause}")]
    Unavailable {
        /// Whether what was to be written is written.
        applied: Applied,
        /// How it failed.
        cause: Cause,
        /// How long to wait, where the CRM says so.
        retry_after: Option<Duration>,
    },
    /// The CRM refused for a reason that is none of the above, such as a conflict.
    #[error("the CRM refuses the request with HTTP {status}")]
    Rejected {
        /// The HTTP status.
        status: u16,
    },
}

impl AdapterError {
    /// A call that was not begun, or that cannot have written anything.
    pub fn not_applied(cause: Cause) -> Self {
        Self::Unavailable {
            applied: Applied::No,
            cause,
            retry_after: None,
        }
    }

    /// A call of which nobody knows whether it was carried out.
    pub fn unknown(cause: Cause) -> Self {
        Self::Unavailable {
            applied: Applied::Unknown,
            cause,
            retry_after: None,
        }
    }

    /// A short name for logs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound(_) => "not_found",
            Self::Invalid { .. } => "invalid",
            Self::RateLimited { .. } => "rate_limited",
            Self::Unavailable {
                applied: Applied::No,
                ..
            } => "unavailable",
            Self::Unavailable {
                applied: Applied::Unknown,
                ..
            } => "unknown",
            Self::Rejected { .. } => "rejected",
        }
    }
}
