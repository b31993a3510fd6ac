//! Replies about texts: logged, kept, to be sent again, or refused.

use daybook_store::items::Reason;

use super::{LONG_MS, MessageType, Reply};
use crate::digest::Outcome;

/// What became of a request's texts, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Texts {
    /// Stand in the CRM since the request.
    pub logged: usize,
    /// Will be delivered without another request.
    pub kept: usize,
    /// Do not stand there, and are not kept.
    pub not_logged: usize,
    /// Are refused by the CRM.
    pub refused: usize,
}

impl From<&Outcome> for Texts {
    fn from(outcome: &Outcome) -> Self {
        Self {
            logged: outcome.logged.len(),
            kept: outcome.kept.len(),
            not_logged: outcome.waiting.len(),
            refused: outcome.refused.len(),
        }
    }
}

impl Reply {
    /// What became of a request's messages. `crm` is the CRM's name, `now` in milliseconds since
    /// 1970.
    pub fn of_messages(outcome: &Outcome, crm: &str, now: i64) -> Self {
        let missing = outcome.kept.len() + outcome.waiting.len() + outcome.refused.len();
        let reply = match missing {
            0 => Self::all_logged(outcome, crm),
            missing => Self::some_missing(outcome, missing, crm, now),
        };
        Self {
            texts: Some(outcome.into()),
            ..reply
        }
    }

    fn some_missing(outcome: &Outcome, missing: usize, crm: &str, now: i64) -> Self {
        let reason = outcome.reason.unwrap_or(Reason::Busy);
        let wait = outcome.retry_at.map(|at| (at - now).max(0) / 1_000 + 1);
        let is_kept = outcome.kept.len() == missing;
        let mut message = match is_kept {
            true => kept_words(reason, crm),
            false => waiting_words(reason, crm, wait),
        };
        if !outcome.logged.is_empty() {
            let logged = outcome.logged.len();
            message = format!(
                "{logged} of {} messages logged. {message}",
                logged + missing
            );
        }
        let is_broken = matches!(reason, Reason::Unavailable | Reason::InDoubt);
        let message_type = match is_broken && !is_kept {
            true => MessageType::Error,
            false => MessageType::Warning,
        };
        let mut reply = Self::failure(200, reason.as_str(), message_type, message);
        if let Some(envelope) = reply.envelope() {
            envelope.successful = is_kept;
            envelope.log_id = outcome.log_id.clone();
        }
        if reason == Reason::ContactGone {
            return reply.at_field("contactInfo.id");
        }
        reply
    }

    fn all_logged(outcome: &Outcome, crm: &str) -> Self {
        let (name, message) = match outcome.logged.len() {
            0 => ("nothing_new", "Already logged".to_owned()),
            1 => ("logged", "Message logged".to_owned()),
            logged => ("logged", format!("{logged} messages logged")),
        };
        let mut reply = Self::success(name, message);
        let Some(envelope) = reply.envelope() else {
            return reply;
        };
        envelope.log_id = outcome.log_id.clone();
        if outcome.made_anew {
            let shown = &mut envelope.return_message;
            shown.message_type = MessageType::Warning;
            shown.ttl = LONG_MS;
            shown.message = format!(
                "{}. The log had been deleted in {crm}, so a new one was made.",
                shown.message
            );
        }
        reply
    }
}

/// The words for messages that will be delivered without anybody's doing.
fn kept_words(reason: Reason, crm: &str) -> String {
    let kept = "The message is kept and will be logged";
    match reason {
        Reason::Busy | Reason::InDoubt | Reason::LogHidden => format!("{kept} in a moment."),
        Reason::Unavailable => {
            format!("{crm} cannot be reached. {kept} when it is back.")
        }
        Reason::RateLimited => {
            format!("{crm} is receiving too many requests. {kept} when it takes more.")
        }
        Reason::Unauthorized => {
            format!("{kept} once you connect your {crm} account again.")
        }
        Reason::Forbidden => format!(
            "Your {crm} account may not write this log. {kept} once your {crm} administrator \
             lets you edit activities."
        ),
        Reason::ContactGone => format!(
            "The contact does not exist in {crm}. {kept} if it comes back; else log it to \
             another contact."
        ),
        Reason::Refused | Reason::Rejected => {
            format!("{crm} refuses the log for now. {kept} as soon as it is accepted.")
        }
    }
}

/// The words for messages that somebody has to send again. `wait` is in seconds.
fn waiting_words(reason: Reason, crm: &str, wait: Option<i64>) -> String {
    let again = match wait {
        None | Some(..=1) => "Send it again.".to_owned(),
        Some(seconds @ 2..=90) => format!("Send it again in {seconds} seconds."),
        Some(seconds @ 91..=5_400) => {
            format!("Send it again in {} minutes.", (seconds + 59) / 60)
        }
        Some(seconds) => format!("Send it again in {} hours.", (seconds + 3_599) / 3_600),
    };
    match reason {
        Reason::Busy => {
            format!("The message is not logged yet: other messages are being written. {again}")
        }
        Reason::InDoubt => format!(
            "{crm} did not answer, so the message may or may not be logged. Sending it again is \
             safe: it is never logged twice. {again}"
        ),
        Reason::LogHidden => {
            format!("The message is not logged yet: {crm} does not show the log. {again}")
        }
        Reason::Unavailable => {
            format!("{crm} cannot be reached. The message is not logged. {again}")
        }
        Reason::RateLimited => {
            format!("{crm} is receiving too many requests. The message is not logged. {again}")
        }
        Reason::Unauthorized => {
            format!("{crm} does not accept your sign-in. Connect your {crm} account again.")
        }
        Reason::Forbidden => format!(
            "Your {crm} account may not write this log. \
             Ask your {crm} administrator for permission to edit activities."
        ),
        Reason::ContactGone => {
            format!("The contact does not exist in {crm}. It may have been deleted or merged.")
        }
        Reason::Refused => format!("{crm} does not accept what the message says. {again}"),
        Reason::Rejected => format!("{crm} refused to save the log. {again}"),
    }
}
