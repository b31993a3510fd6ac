//! What is answered, and the only words that users read.
//!
//! Errors become a `returnMessage` here, in matches without a catch-all: a new error does not
//! compile until it has words. Nothing that a CRM or a library said is repeated to a user.

use daybook_adapters::{AdapterError, Applied, Entity};
use daybook_core::error::RequestError;
use daybook_core::ids::LogId;
use daybook_store::StoreError;
use serde::Serialize;

use crate::digest::{DigestError, Outcome};

/// How the extension shows a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MessageType {
    /// It worked.
    Success,
    /// Somebody has to do something.
    Warning,
    /// Something is broken.
    Error,
}

/// App Connect's `returnMessage`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReturnMessage {
    /// The words.
    pub message: String,
    /// How they are shown.
    pub message_type: MessageType,
    /// For how long they are shown, in milliseconds.
    pub ttl: u32,
}

/// A reply, before a door gives it its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The JSON.
    pub body: ReplyBody,
    /// A short name of what happened, for logs.
    pub outcome: &'static str,
}

/// The JSON of a reply. `logId` is absent where there is no log, `field` where none is at fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplyBody {
    /// Whether what was asked for is done.
    pub successful: bool,
    /// The CRM's id of the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_id: Option<LogId>,
    /// The path of the field at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What to tell the user.
    pub return_message: ReturnMessage,
}

/// For how long good news is shown, in milliseconds.
const SHORT_MS: u32 = 2_000;
/// For how long is shown what somebody has to read, in milliseconds.
const LONG_MS: u32 = 30_000;

impl Reply {
    fn success(log_id: LogId, outcome: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: 200,
            outcome,
            body: ReplyBody {
                successful: true,
                log_id: Some(log_id),
                field: None,
                return_message: ReturnMessage {
                    message: message.into(),
                    message_type: MessageType::Success,
                    ttl: SHORT_MS,
                },
            },
        }
    }

    fn failure(
        status: u16,
        outcome: &'static str,
        message_type: MessageType,
        message: impl Into<String>,
    ) -> Self {
        Self {
            status,
            outcome,
            body: ReplyBody {
                successful: false,
                log_id: None,
                field: None,
                return_message: ReturnMessage {
                    message: message.into(),
                    message_type,
                    ttl: LONG_MS,
                },
            },
        }
    }

    fn warning(outcome: &'static str, message: impl Into<String>) -> Self {
        Self::failure(200, outcome, MessageType::Warning, message)
    }

    fn at_field(mut self, field: impl Into<String>) -> Self {
        self.body.field = Some(field.into());
        self
    }

    /// A path or payload that names an interface which is not there.
    pub fn no_such_interface() -> Self {
        Self::failure(
            404,
            "no_such_interface",
            MessageType::Error,
            "There is no such interface. \
             One is called with POST /interfaces/{platform}/{interface}.",
        )
    }

    /// A method other than the one that the route takes.
    pub fn wrong_method() -> Self {
        Self::failure(
            405,
            "wrong_method",
            MessageType::Error,
            "This address does not take that HTTP method; an interface is called with POST.",
        )
    }

    /// A body over the limit, which is `most` bytes.
    pub fn too_large(most: usize) -> Self {
        Self::failure(
            413,
            "too_large",
            MessageType::Warning,
            format!(
                "The request is larger than {} MiB. Send fewer messages at once.",
                most >> 20
            ),
        )
    }

    /// A platform that is not on offer. `offered` are those that are.
    pub fn unknown_platform<'a>(offered: impl Iterator<Item = &'a str>) -> Self {
        let offered = offered.collect::<Vec<_>>().join(", ");
        let problem = format!("names a CRM that is not offered here; offered: {offered}");
        Self::from(&RequestError::field("platform", problem))
    }

    /// Our own fault. `request_id` finds it in the logs.
    pub fn fault(request_id: &str) -> Self {
        Self::failure(
            500,
            "fault",
            MessageType::Error,
            format!(
                "Something went wrong in Daybook. Try again; if it stays, \
                 give your administrator this id: {request_id}"
            ),
        )
    }

    /// The reply to a digest that could not be written.
    pub fn not_logged(error: &DigestError, crm: &str, request_id: &str) -> Self {
        match error {
            DigestError::Crm(error) => Self::from_crm(error, crm),
            DigestError::Store(StoreError::Changed { .. }) => Self::failure(
                200,
                "changed",
                MessageType::Error,
                "Another request was writing the same log. Send the message again.",
            ),
            DigestError::Store(
                StoreError::OutOfTime | StoreError::Failed { .. } | StoreError::Unreadable { .. },
            ) => Self::fault(request_id),
        }
    }

    /// The words for a CRM's refusal or silence. `crm` is its name.
    fn from_crm(error: &AdapterError, crm: &str) -> Self {
        let outcome = error.kind();
        match error {
            AdapterError::Unauthorized => Self::warning(
                outcome,
                format!("{crm} does not accept your sign-in. Connect your {crm} account again."),
            ),
            AdapterError::Forbidden => Self::warning(
                outcome,
                format!(
                    "Your {crm} account may not write this log. \
                     Ask your {crm} administrator for permission to edit activities."
                ),
            ),
            AdapterError::NotFound(Entity::Log) => Self::warning(
                outcome,
                format!("The log no longer exists in {crm}. It may have been deleted there."),
            ),
            AdapterError::NotFound(Entity::Contact) => Self::warning(
                outcome,
                format!("The contact does not exist in {crm}. It may have been deleted or merged."),
            )
            .at_field("contactInfo.id"),
            AdapterError::Invalid { .. } => {
                Self::warning(outcome, format!("{crm} does not accept the log's content."))
            }
            AdapterError::RateLimited { retry_after } => Self::warning(
                outcome,
                match retry_after {
                    Some(wait) => format!(
                        "{crm} is receiving too many requests. Try again in {} seconds.",
                        wait.as_secs().max(1)
                    ),
                    None => format!("{crm} is receiving too many requests. Try again in a minute."),
                },
            ),
            AdapterError::Unavailable {
                applied: Applied::No,
                ..
            } => Self::failure(
                200,
                outcome,
                MessageType::Error,
                format!("{crm} cannot be reached. Nothing was saved; try again."),
            ),
            AdapterError::Unavailable {
                applied: Applied::Unknown,
                ..
            } => Self::failure(
                200,
                outcome,
                MessageType::Error,
                format!("{crm} did not answer. The message may have been saved; look there first."),
            ),
            AdapterError::Rejected { .. } => Self::warning(
                outcome,
                format!("{crm} refused to save the log. Try again later."),
            ),
        }
    }
}

impl From<&RequestError> for Reply {
    fn from(error: &RequestError) -> Self {
        let reply = Self::failure(400, "bad_request", MessageType::Warning, error.to_string());
        match error {
            RequestError::Field { field, .. } => reply.at_field(field),
            RequestError::NotJson { .. } => reply,
        }
    }
}

impl From<Outcome> for Reply {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Logged {
                log_id,
                messages: 1,
            } => Self::success(log_id, "logged", "Message logged"),
            Outcome::Logged { log_id, messages } => {
                Self::success(log_id, "logged", format!("{messages} messages logged"))
            }
            Outcome::NothingNew { log_id } => {
                Self::success(log_id, "nothing_new", "Already logged")
            }
        }
    }
}
