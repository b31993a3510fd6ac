//! What is answered, and the only words that users read.
//!
//! Errors become a `returnMessage` here, in matches without a catch-all: a new error does not
//! compile until it has words. Nothing that a CRM or a library said is repeated to a user.

use daybook_adapters::{AdapterError, Applied};
use daybook_core::error::RequestError;
use daybook_core::ids::LogId;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use url::Url;

use crate::openapi::Page;
use crate::session::Token;
use crate::users::SignInError;

/// How the extension shows a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
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
    /// What it says.
    pub body: ReplyBody,
    /// A short name of what happened, for logs.
    pub outcome: &'static str,
    /// A newer token of the session, for the header `x-refreshed-jwt-token`.
    pub token: Option<Token>,
    /// What is counted of it.
    pub counted: Option<Counted>,
}

/// What is counted of a reply, for logs and metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// What became of how many texts.
    Texts(Texts),
    /// What is told of a call does not stand in the CRM: the metric that counts it.
    MissedCall(&'static str),
}

/// What a reply says, in the form that the extension reads.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum ReplyBody {
    /// Whether it was done, and words for the user.
    Envelope(Box<Envelope>),
    /// Other JSON.
    Json(Box<Value>),
    /// Bare text.
    Text(Box<str>),
    /// A page, in HTML.
    Page(&'static str),
    /// A page that was made for the request.
    Document(Box<Page>),
    /// The address of what is asked for.
    Moved(Box<Url>),
}

impl std::fmt::Debug for ReplyBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Envelope(envelope) => envelope.fmt(f),
            // Settings and hosts are somebody's.
            Self::Json(_) => f.write_str("Json(…)"),
            Self::Text(_) => f.write_str("Text(…)"),
            Self::Page(_) => f.write_str("Page(…)"),
            Self::Document(_) => f.write_str("Document(…)"),
            Self::Moved(_) => f.write_str("Moved(…)"),
        }
    }
}

/// App Connect's envelope. What does not apply is absent: `logId` where there is no log, `field`
/// where none is at fault, `errorCode` where the extension has nothing to do by itself, `jwtToken`
/// and `name` but after a sign-in, `logIds` but for `POST /messageLog`, `updatedNote` and `callLogInfo` but for calls. `Debug` shows
/// neither names nor notes.
#[derive(Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Envelope {
    /// Whether what was asked for is done.
    pub successful: bool,
    /// The token of a new session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwt_token: Option<Token>,
    /// The user's name in the CRM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The CRM's id of the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_id: Option<LogId>,
    /// What the extension calls the messages that were logged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_ids: Option<Vec<String>>,
    /// The whole note of a call as it stands in the CRM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_note: Option<String>,
    /// What stands in the log of a call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_log_info: Option<CallLogInfo>,
    /// What a question about people or lists was answered with.
    #[serde(flatten)]
    pub found: Option<Found>,
    /// The path of the field at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What the extension reacts to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<&'static str>,
    /// What to tell the user.
    pub return_message: ReturnMessage,
}

impl std::fmt::Debug for Envelope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Envelope")
            .field("successful", &self.successful)
            .field("log_id", &self.log_id)
            .field("field", &self.field)
            .field("return_message", &self.return_message)
            .finish_non_exhaustive()
    }
}

mod calls;
mod client_calls;
mod client_contacts;
mod contacts;
mod manifest;
mod messages;
mod server;
mod sign_in;
mod users;
mod waiting;

pub use calls::CallLogInfo;
pub use client_calls::CallLogs;
pub use client_contacts::{ClientContact, ClientContacts};
pub use contacts::{Found, Match, NewMatch};
pub use manifest::Manifest;
pub use messages::Texts;
pub use server::{ImplementedInterfaces, ReleaseNotes, ServerVersion};
pub use sign_in::SignInKind;
pub use users::{HashedIds, License, PreloadedSettings, UpdatedSettings};

/// For how long good news is shown, in milliseconds.
const SHORT_MS: u32 = 2_000;
/// For how long is shown what somebody has to read, in milliseconds.
const LONG_MS: u32 = 30_000;

impl Reply {
    fn success(outcome: &'static str, message: impl Into<String>) -> Self {
        let mut reply = Self::failure(200, outcome, MessageType::Success, message);
        if let Some(envelope) = reply.envelope() {
            envelope.successful = true;
            envelope.return_message.ttl = SHORT_MS;
        }
        reply
    }

    fn failure(
        status: u16,
        outcome: &'static str,
        message_type: MessageType,
        message: impl Into<String>,
    ) -> Self {
        let envelope = Envelope {
            successful: false,
            jwt_token: None,
            name: None,
            log_id: None,
            log_ids: None,
            updated_note: None,
            call_log_info: None,
            found: None,
            field: None,
            error_code: None,
            return_message: ReturnMessage {
                message: message.into(),
                message_type,
                ttl: LONG_MS,
            },
        };
        Self::new(status, outcome, ReplyBody::Envelope(Box::new(envelope)))
    }

    fn new(status: u16, outcome: &'static str, body: ReplyBody) -> Self {
        Self {
            status,
            body,
            outcome,
            token: None,
            counted: None,
        }
    }

    fn envelope(&mut self) -> Option<&mut Envelope> {
        match &mut self.body {
            ReplyBody::Envelope(envelope) => Some(envelope),
            ReplyBody::Json(_)
            | ReplyBody::Text(_)
            | ReplyBody::Page(_)
            | ReplyBody::Document(_)
            | ReplyBody::Moved(_) => None,
        }
    }

    fn at_field(mut self, field: impl Into<String>) -> Self {
        if let Some(envelope) = self.envelope() {
            envelope.field = Some(field.into());
        }
        self
    }

    /// The path of the field at fault, for logs.
    pub fn field(&self) -> Option<&str> {
        match &self.body {
            ReplyBody::Envelope(envelope) => envelope.field.as_deref(),
            ReplyBody::Json(_)
            | ReplyBody::Text(_)
            | ReplyBody::Page(_)
            | ReplyBody::Document(_)
            | ReplyBody::Moved(_) => None,
        }
    }

    /// JSON that is not App Connect's envelope.
    pub fn json(json: Value) -> Self {
        Self::new(200, "told", ReplyBody::Json(Box::new(json)))
    }

    /// Bare text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(200, "told", ReplyBody::Text(text.into().into_boxed_str()))
    }

    /// A page that was made for the request.
    pub fn document(page: Page) -> Self {
        Self::new(200, "told", ReplyBody::Document(Box::new(page)))
    }

    /// The same with a newer token of the session beside it.
    pub fn with_token(self, token: Option<Token>) -> Self {
        Self { token, ..self }
    }

    /// A server that stops, and takes no more work.
    pub fn stopping() -> Self {
        Self::failure(
            503,
            "stopping",
            MessageType::Error,
            "Daybook is stopping. Send the request again when it runs.",
        )
    }

    /// A page of another origin, or a foreign name for this machine.
    pub fn foreign_origin() -> Self {
        Self::failure(
            403,
            "foreign_origin",
            MessageType::Error,
            "Only programs and pages of this machine are answered here: \
             the request comes from a page elsewhere, or names another host.",
        )
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

    /// A method other than `right`, the one that the route takes.
    pub fn wrong_method(right: &str) -> Self {
        Self::failure(
            405,
            "wrong_method",
            MessageType::Error,
            format!("This address does not take that HTTP method; it is called with {right}."),
        )
    }

    /// A query that is longer than any that the extension sends.
    pub fn long_query() -> Self {
        Self::failure(
            414,
            "long_query",
            MessageType::Warning,
            "The address of the request is too long.",
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
        Self::unknown_platform_in("platform", offered)
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
