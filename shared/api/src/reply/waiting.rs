//! The words for what does not stand in the CRM yet.

use daybook_store::items::Reason;

/// What waits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// A text.
    Message,
    /// A call that is to be logged.
    Call,
    /// What is told of a call that was logged.
    Change,
}

impl What {
    /// At the beginning of a sentence.
    fn name(self) -> &'static str {
        match self {
            Self::Message => "The message",
            Self::Call => "The call",
            Self::Change => "The change",
        }
    }

    /// What is done with it.
    fn logged(self) -> &'static str {
        match self {
            Self::Message | Self::Call => "logged",
            Self::Change => "saved",
        }
    }
}

/// In how many seconds `at` is, of milliseconds since 1970.
pub(super) fn seconds(at: i64, now: i64) -> i64 {
    (at - now).max(0) / 1_000 + 1
}

/// When it is, in so many seconds: `in 5 minutes`.
pub(super) fn in_time(seconds: i64) -> String {
    match seconds {
        ..=90 => format!("in {seconds} seconds"),
        91..=5_400 => format!("in {} minutes", (seconds + 59) / 60),
        5_401.. => format!("in {} hours", (seconds + 3_599) / 3_600),
    }
}

/// The words for what will be delivered without anybody's doing.
pub(super) fn kept_words(what: What, reason: Reason, crm: &str) -> String {
    let (name, logged) = (what.name(), what.logged());
    let kept = format!("{name} is kept and will be {logged}");
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

/// The words for what somebody has to send again. `wait` is in seconds.
pub(super) fn waiting_words(what: What, reason: Reason, crm: &str, wait: Option<i64>) -> String {
    let again = match wait {
        None | Some(..=1) => "Send it again.".to_owned(),
        Some(seconds) => format!("Send it again {}.", in_time(seconds)),
    };
    let (name, logged) = (what.name(), what.logged());
    match reason {
        Reason::Busy => {
            let others = match what {
                What::Message => "other messages are being written",
                What::Call | What::Change => "the log is being written",
            };
            format!("{name} is not {logged} yet: {others}. {again}")
        }
        Reason::InDoubt => format!(
            "{crm} did not answer, so {} may or may not be {logged}. Sending it again is \
             safe: it is never {logged} twice. {again}",
            name.to_lowercase()
        ),
        Reason::LogHidden => {
            format!("{name} is not {logged} yet: {crm} does not show the log. {again}")
        }
        Reason::Unavailable => {
            format!("{crm} cannot be reached. {name} is not {logged}. {again}")
        }
        Reason::RateLimited => {
            format!("{crm} is receiving too many requests. {name} is not {logged}. {again}")
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
        Reason::Refused => {
            let told = match what {
                What::Message => "what the message says",
                What::Call | What::Change => "what is told of the call",
            };
            format!("{crm} does not accept {told}. {again}")
        }
        Reason::Rejected => format!("{crm} refused to save the log. {again}"),
    }
}
