//! What became of a request's messages.

use chrono::{DateTime, Utc};
use daybook_core::digest::Fingerprint;
use daybook_core::ids::{LogId, MessageId};
use daybook_store::items::{Head, Reason, StoredMessage};

use crate::engine::{Engine, Left};

/// What became of a request's messages. Each is in one of the lists, or stood in the CRM before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The activity of the newest message, where there is one.
    pub log_id: Option<LogId>,
    /// They stand in the CRM since this request, or another at the same time.
    pub logged: Vec<MessageId>,
    /// They do not stand there yet and will be delivered without another request.
    pub kept: Vec<MessageId>,
    /// They do not stand there; the next request of the digest delivers them too, and sending
    /// them again is safe.
    pub waiting: Vec<MessageId>,
    /// The CRM refuses them.
    pub refused: Vec<MessageId>,
    /// Why some are kept, waiting or refused.
    pub reason: Option<Reason>,
    /// Before when a repeat does not help, in milliseconds since 1970.
    pub retry_at: Option<i64>,
    /// An activity was deleted in the CRM, and a new one was made.
    pub made_anew: bool,
    /// The time of the message whose activity `log_id` is.
    named_at: Option<DateTime<Utc>>,
}

impl Outcome {
    /// Names the activity of a message of `at`, unless that of a newer one is named already.
    pub(super) fn name(&mut self, at: DateTime<Utc>, log_id: Option<&LogId>) {
        if let Some(log_id) = log_id
            && self.named_at.is_none_or(|named| named <= at)
        {
            self.named_at = Some(at);
            self.log_id = Some(log_id.clone());
        }
    }

    /// What became of a request's messages that were delivered twice in turn, as with other
    /// credentials.
    #[must_use]
    pub fn then(self, second: Self) -> Self {
        let open = [&second.kept, &second.waiting, &second.refused];
        let is_open = |id: &MessageId| open.iter().any(|list| list.contains(id));
        let mut logged = self.logged;
        logged.retain(|id| !is_open(id) && !second.logged.contains(id));
        logged.extend(second.logged);
        let is_newer = second.log_id.is_some() && self.named_at <= second.named_at;
        let (log_id, named_at) = match is_newer {
            true => (second.log_id, second.named_at),
            false => (self.log_id, self.named_at),
        };
        Self {
            log_id,
            logged,
            made_anew: self.made_anew || second.made_anew,
            named_at,
            ..second
        }
    }
}

impl Engine<'_> {
    /// Adds to `outcome` what became of `messages`, which are kept where they were not delivered,
    /// or wait for another request.
    pub(super) fn tell(
        &self,
        keeps: bool,
        left: &Left<Head>,
        messages: &[StoredMessage],
        outcome: &mut Outcome,
    ) {
        let now = self.millis();
        for message in messages {
            let id = message.entry.id.clone();
            let head = left.item.as_ref();
            let refused = head.and_then(|head| head.refusal(&Fingerprint::of(&id), now));
            if head.is_some_and(|head| self.stands(head, &message.entry)) {
                outcome.logged.push(id);
            } else if let Some(refused) = refused {
                outcome.refused.push(id);
                outcome.reason = Some(Reason::Refused);
                outcome.retry_at = Some(refused.retry_at);
            } else {
                outcome.reason = left.reason.or(Some(Reason::Busy));
                outcome.retry_at = left.retry_at;
                match keeps {
                    true => outcome.kept.push(id),
                    false => outcome.waiting.push(id),
                }
            }
        }
        outcome.made_anew |= left.made_anew;
        if let Some(newest) = messages.iter().map(|message| message.entry.at).max() {
            outcome.name(newest, left.item.as_ref().and_then(Head::log_id));
        }
    }
}
