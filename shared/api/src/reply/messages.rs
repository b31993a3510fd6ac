//! Replies about texts: logged, kept, to be sent again, or refused.

use daybook_store::items::Reason;

use super::waiting::{What, kept_words, seconds, waiting_words};
use super::{Counted, LONG_MS, MessageType, Reply};
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
            counted: Some(Counted::Texts(outcome.into())),
            ..reply
        }
    }

    fn some_missing(outcome: &Outcome, missing: usize, crm: &str, now: i64) -> Self {
        let reason = outcome.reason.unwrap_or(Reason::Busy);
        let wait = outcome.retry_at.map(|at| seconds(at, now));
        let is_kept = outcome.kept.len() == missing;
        let mut message = match is_kept {
            true => kept_words(What::Message, reason, crm),
            false => waiting_words(What::Message, reason, crm, wait),
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
