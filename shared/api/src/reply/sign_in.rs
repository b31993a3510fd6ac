//! Replies about signing in and out, and about a user's sign-in that the CRM has ended.

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

impl Reply {
    /// A request without a valid session: App Connect's own words, as bare text.
    ///
    /// # Source
    /// The server of App Connect, 1.7.42 (read 2026-11-21): the extension looks for this status.
    pub fn no_session() -> Self {
        let words = "Please go to Settings and authorize CRM platform";
        Self::new(400, "no_session", ReplyBody::Text(words.to_owned()))
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
    pub fn signed_in(token: Token, name: Option<String>, crm: &str) -> Self {
        let message = format!("Connected to {crm}.");
        let mut reply = Self::success("signed_in", message);
        if let Some(envelope) = reply.envelope() {
            envelope.jwt_token = Some(token);
            envelope.name = name;
        }
        reply
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
            AdapterError::RateLimited { .. } => (
                MessageType::Warning,
                format!("{crm} is receiving too many requests. Try again in a minute."),
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
