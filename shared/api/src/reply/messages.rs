//! Replies about texts: logged, kept, to be sent again, or refused.

use daybook_core::message::Message;
use daybook_core::params::client::NewMessages;
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
        reply.counting(outcome)
    }

    /// The same with what became of a request's messages, to be counted.
    pub fn counting(self, outcome: &Outcome) -> Self {
        Self {
            counted: Some(Counted::Texts(outcome.into())),
            ..self
        }
    }

    /// The same for the extension: with the ids of what was logged or kept, oldest first, as it
    /// calls them. It shows the words only where there are such.
    ///
    /// Where the CRM refuses some and not others, that is a success with a warning: the extension
    /// sends all of them again with the next one in any case. What waits for a contact to come back
    /// is not named: after a success the extension goes on with that contact unasked.
    pub fn of_conversation(outcome: &Outcome, new: &NewMessages, crm: &str, now: i64) -> Self {
        let is_gone = outcome.reason == Some(Reason::ContactGone);
        let is_in_hand = |message: &&Message| {
            let is_kept = !is_gone && outcome.kept.contains(&message.id);
            is_kept || outcome.logged.contains(&message.id)
        };
        let in_hand = new.params.messages.iter().filter(is_in_hand);
        let ids = new.ids.of(in_hand.map(|message| &message.id));
        let mut reply = Self::of_messages(outcome, crm, now);
        if let Some(envelope) = reply.envelope() {
            envelope.log_id = None;
            envelope.successful = (envelope.successful && !is_gone) || !ids.is_empty();
            envelope.field = None;
        }
        reply.with_log_ids(ids)
    }

    /// A conversation of somebody whose grant is over, with what is kept of it until the next
    /// sign-in.
    pub fn of_ended_grant(outcome: &Outcome, crm: &str) -> Self {
        let reply = match outcome.kept.is_empty() {
            true => Self::session_revoked(crm),
            false => Self::kept_until_sign_in(What::Message, crm),
        };
        reply.counting(outcome)
    }

    /// What is kept for somebody whose grant is over.
    pub(super) fn kept_until_sign_in(what: What, crm: &str) -> Self {
        let mut reply = Self::session_revoked(crm);
        if let Some(envelope) = reply.envelope() {
            let kept = kept_words(what, Reason::Unauthorized, crm);
            envelope.return_message.message = format!("{crm} has ended your sign-in. {kept}");
        }
        reply
    }

    /// A conversation for which no contact was chosen.
    pub fn no_contact() -> Self {
        let words = "No contact was chosen, so nothing was logged. \
                     Choose a contact, or create one, and log the conversation again.";
        let reply = Self::failure(200, "no_contact", MessageType::Warning, words);
        reply.with_log_ids(Vec::new())
    }

    /// A conversation without a message.
    pub fn no_messages() -> Self {
        let words = "There is no message to log. Open the conversation and log it again.";
        let reply = Self::failure(200, "no_messages", MessageType::Warning, words);
        reply.with_log_ids(Vec::new())
    }

    fn with_log_ids(mut self, ids: Vec<String>) -> Self {
        if let Some(envelope) = self.envelope() {
            envelope.log_ids = Some(ids);
        }
        self
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
