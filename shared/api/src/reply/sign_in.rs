//! Replies about signing in and out, and about a user's sign-in that the CRM has ended.

use std::time::Duration;

use daybook_adapters::Lack;
use url::Url;

use super::waiting::in_time;
use super::*;

/// How somebody signs in. The extension shows the words of a failed OAuth sign-in only with a
/// status of success, and takes any success of the other kind for a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInKind {
    /// With a code of the CRM.
    OAuth,
    /// With an API key.
    ApiKey,
}

/// What a person sees where the extension is not there to go on.
const REDIRECT_PAGE: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
<title>Signing in</title></head><body><main id=\"rc-stepper\"><h1>Signing in</h1>\
<p>App Connect goes on by itself. If nothing happens, open the extension and sign in from there.</p>\
</main></body></html>";

fn named_type_lacks(crm: &str, what: &str) -> String {
    format!(
        "{crm} does not have the activity type that is named for {what}: \
         another is taken until the settings name one that there is."
    )
}

impl Reply {
    /// A request without a valid session: App Connect's own words, as bare text.
    ///
    /// # Source
    /// The server of App Connect, 1.7.42 (read 2026-11-21): the extension looks for this status.
    pub fn no_session() -> Self {
        let words = "Please go to Settings and authorize CRM platform";
        Self::new(400, "no_session", ReplyBody::Text(words.into()))
    }

    /// The CRM has ended the user's sign-in for good.
    pub fn session_revoked(crm: &str) -> Self {
        let mut reply = Self::failure(
            401,
            "session_revoked",
            MessageType::Warning,
            format!("{crm} has ended your sign-in. Connect your {crm} account again."),
        );
        if let Some(envelope) = reply.envelope() {
            envelope.error_code = Some("CRM_SESSION_REVOKED");
        }
        reply
    }

    /// A new session.
    /// `lacks` is what the CRM has not, and needs for logs.
    pub fn signed_in(token: Token, name: Option<String>, crm: &str, lacks: &[Lack]) -> Self {
        let mut message = format!("Connected to {crm}.");
        for lack in lacks {
            message.push(' ');
            message.push_str(&match lack {
                Lack::TypeOfTexts => {
                    format!("{crm} has no activity type for texts: add one with SMS in its name.")
                }
                Lack::TypeOfCalls => {
                    format!("{crm} has no activity type for calls: add one with Call in its name.")
                }
                Lack::NamedTypeOfTexts => named_type_lacks(crm, "texts"),
                Lack::NamedTypeOfCalls => named_type_lacks(crm, "calls"),
                Lack::Permission => format!(
                    "The app may not use activities in {crm}: \
                     ask the administrator of this server for its scopes."
                ),
            });
        }
        let mut reply = Self::success("signed_in", message);
        if let Some(envelope) = reply.envelope() {
            envelope.jwt_token = Some(token);
            envelope.name = name;
            if !lacks.is_empty() {
                envelope.return_message.message_type = MessageType::Warning;
                envelope.return_message.ttl = LONG_MS;
            }
        }
        reply
    }

    /// The page to which a CRM sends a browser with a code. The extension takes the code from its
    /// address.
    ///
    /// # Source
    /// The extension of App Connect, 1.6.6: it looks for an element `rc-stepper` (read 2026-11-20).
    pub fn redirect_page() -> Self {
        Self {
            body: ReplyBody::Page(REDIRECT_PAGE),
            outcome: "redirect_page",
            ..Self::text("")
        }
    }

    /// A visitor who is sent to another address.
    pub fn moved(url: Url) -> Self {
        Self {
            status: 302,
            body: ReplyBody::Moved(Box::new(url)),
            outcome: "moved",
            ..Self::text("")
        }
    }

    /// The word that a user has removed the app, which is not followed.
    pub fn not_removed(is_foreign: bool) -> Self {
        let (status, words) = match is_foreign {
            true => (401, "These are not the credentials of this app."),
            false => (400, "This cannot be read."),
        };
        Self::failure(status, "not_removed", MessageType::Warning, words)
    }

    /// Somebody who refused to sign in, at the CRM.
    pub fn sign_in_denied(crm: &str) -> Self {
        let message = format!("{crm} was not connected: the access was not granted.");
        Self::failure(200, "denied", MessageType::Warning, message)
    }

    /// A sign-in that failed.
    pub fn of_sign_in(kind: SignInKind, error: &SignInError, crm: &str) -> Self {
        let status = match kind {
            SignInKind::OAuth => 200,
            SignInKind::ApiKey => 400,
        };
        let warning = |outcome, message: String| {
            Self::failure(status, outcome, MessageType::Warning, message)
        };
        match error {
            SignInError::Crm(AdapterError::Unauthorized) => warning(
                "not_accepted",
                match kind {
                    SignInKind::OAuth => {
                        format!("{crm} does not confirm the sign-in. Start it again.")
                    }
                    SignInKind::ApiKey => {
                        format!("{crm} does not accept this API key. Check it and try again.")
                    }
                },
            ),
            SignInError::Crm(error) => Self {
                status,
                ..Self::of_failure(error, crm)
            },
            SignInError::Tenant => warning(
                "tenant_not_allowed",
                format!(
                    "Users of your company in {crm} may not sign in here. \
                     Ask the administrator of this server."
                ),
            ),
            SignInError::Host => warning(
                "other_host",
                format!(
                    "The access was granted for another company in {crm} than the one that is \
                     open in the browser. Open the right one and start again."
                ),
            ),
            SignInError::Kind => {
                let problem = "names a CRM that takes another kind of sign-in";
                Self::from(&RequestError::field("platform", problem))
            }
            SignInError::Store(_) => warning("fault", "Something went wrong.".to_owned()),
        }
    }

    /// The end of a session. `revoked` says whether the CRM has taken its grant back.
    pub fn signed_out(crm: &str, revoked: bool) -> Self {
        let mut message = format!("Disconnected from {crm}.");
        if !revoked {
            message.push_str(&format!(
                " {crm} could not be told: remove the app in your {crm} settings too."
            ));
        }
        let mut reply = Self::success("signed_out", message);
        if let Some(envelope) = reply.envelope().filter(|_| !revoked) {
            envelope.return_message.message_type = MessageType::Warning;
            envelope.return_message.ttl = LONG_MS;
        }
        reply
    }

    /// Something that was asked for and is done.
    pub fn done(message: impl Into<String>) -> Self {
        Self::success("done", message)
    }

    /// A question that the CRM did not answer.
    pub fn of_failure(error: &AdapterError, crm: &str) -> Self {
        let (kind, message) = match error {
            AdapterError::Unauthorized => (
                MessageType::Warning,
                format!("{crm} does not accept your sign-in. Connect your {crm} account again."),
            ),
            AdapterError::Forbidden => (
                MessageType::Warning,
                format!("Your {crm} account lacks a permission. Ask your {crm} administrator."),
            ),
            AdapterError::NotFound(_) => (
                MessageType::Warning,
                format!("{crm} does not find what was asked for."),
            ),
            AdapterError::RateLimited { retry_after } => (
                MessageType::Warning,
                format!(
                    "{crm} is receiving too many requests. Try again {}.",
                    when(*retry_after)
                ),
            ),
            AdapterError::Unavailable {
                applied: Applied::No | Applied::Unknown,
                ..
            } => (
                MessageType::Error,
                format!("{crm} cannot be reached. Try again in a minute."),
            ),
            AdapterError::Invalid { .. } | AdapterError::Rejected { .. } => (
                MessageType::Warning,
                format!("{crm} refuses the request. Ask the administrator of this server."),
            ),
        };
        Self::failure(200, error.kind(), kind, message)
    }
}

/// When a CRM takes requests again: as it says, where that is more than a minute.
fn when(retry_after: Option<Duration>) -> String {
    let asked = retry_after.and_then(|asked| i64::try_from(asked.as_secs()).ok());
    match asked.filter(|seconds| *seconds > 60) {
        Some(seconds) => in_time(seconds),
        None => "in a minute".to_owned(),
    }
}
