//! What a request is told, in the words that users read.

use std::ops::RangeInclusive;
use std::time::Duration;

use daybook_tests::world::Answered;
use serde_json::json;

use crate::expect::{failure, failure_of, success, waiting};

/// What the reply to one request says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// The text stands in the CRM since this request.
    Logged,
    /// It stood there before.
    Already,
    /// It may stand there or not.
    InDoubt(Wait),
    /// The CRM is down, and the text does not stand there.
    Unreachable(Wait),
    /// There are too many requests.
    TooMany(Wait),
    /// The CRM does not show the log.
    Hidden(Wait),
    /// The CRM did not save the log, and did not say why.
    Rejected(Wait),
    /// The CRM does not take what the text says.
    Refused(Wait),
    /// The credentials are no good.
    SignIn,
    /// They are not good enough.
    Permission,
    /// The contact is not there.
    ContactGone,
}

/// When to send a text again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// At once.
    No,
    /// In so many seconds, or up to a tenth more.
    Seconds(u64),
    /// At a time that has been asked for, which is rounded to seconds: this many, or one less.
    Until(u64),
    /// In so many minutes, or up to a tenth more.
    Minutes(u64),
}

impl Wait {
    /// The number that is named, and its unit.
    fn named(self) -> Option<(RangeInclusive<u64>, &'static str)> {
        match self {
            Self::No => None,
            Self::Seconds(seconds) => Some((seconds..=seconds + seconds / 10 + 1, "seconds")),
            Self::Until(seconds) => Some((seconds - 1..=seconds + 1, "seconds")),
            Self::Minutes(minutes) => Some((minutes..=minutes + minutes / 10 + 1, "minutes")),
        }
    }

    /// After how long it is over for certain.
    fn over(self) -> Duration {
        let seconds = match self.named() {
            None => 0,
            Some((range, "minutes")) => range.end() * 60,
            Some((range, _)) => *range.end(),
        };
        Duration::from_secs(seconds)
    }
}

impl Told {
    pub(super) fn is_logged(self) -> bool {
        matches!(self, Self::Logged | Self::Already)
    }

    /// Whether nobody calls the CRM until the time that is named.
    pub(super) fn holds_back(self) -> bool {
        self.wait() != Wait::No
    }

    /// After how long the text is sent again.
    pub(super) fn again_after(self) -> Duration {
        match self.wait() == Wait::Seconds(5) {
            // The usual wait of a doubt is never longer.
            true => Duration::from_millis(5_200),
            false => self.wait().over(),
        }
    }

    fn wait(self) -> Wait {
        match self {
            Self::InDoubt(wait)
            | Self::Unreachable(wait)
            | Self::TooMany(wait)
            | Self::Hidden(wait)
            | Self::Rejected(wait)
            | Self::Refused(wait) => wait,
            Self::Logged | Self::Already | Self::SignIn | Self::Permission | Self::ContactGone => {
                Wait::No
            }
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Logged => "Message logged",
            Self::Already => "Already logged",
            Self::InDoubt(_) => {
                "Example CRM did not answer, so the message may or may not be logged. Sending it \
                 again is safe: it is never logged twice."
            }
            Self::Unreachable(_) => "Example CRM cannot be reached. The message is not logged.",
            Self::TooMany(_) => {
                "Example CRM is receiving too many requests. The message is not logged."
            }
            Self::Hidden(_) => "The message is not logged yet: Example CRM does not show the log.",
            Self::Rejected(_) => "Example CRM refused to save the log.",
            Self::Refused(_) => "Example CRM does not accept what the message says.",
            Self::SignIn => {
                "Example CRM does not accept your sign-in. Connect your Example CRM account again."
            }
            Self::Permission => {
                "Your Example CRM account may not write this log. Ask your Example CRM \
                 administrator for permission to edit activities."
            }
            Self::ContactGone => {
                "The contact does not exist in Example CRM. It may have been deleted or merged."
            }
        }
    }

    /// The name of it in logs.
    pub(super) fn outcome(self) -> &'static str {
        match self {
            Self::Logged => "logged",
            Self::Already => "nothing_new",
            Self::InDoubt(_) => "in_doubt",
            Self::Unreachable(_) => "unavailable",
            Self::TooMany(_) => "rate_limited",
            Self::Hidden(_) => "log_hidden",
            Self::Rejected(_) => "rejected",
            Self::Refused(_) => "refused",
            Self::SignIn => "unauthorized",
            Self::Permission => "forbidden",
            Self::ContactGone => "contact_gone",
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::InDoubt(_) | Self::Unreachable(_) => "error",
            Self::Logged
            | Self::Already
            | Self::TooMany(_)
            | Self::Hidden(_)
            | Self::Rejected(_)
            | Self::Refused(_)
            | Self::SignIn
            | Self::Permission
            | Self::ContactGone => "warning",
        }
    }

    /// That `answered` says this and nothing else. `log_id` is the digest's activity, where it is
    /// known; the number of a wait may be lower where the text was sent `early`.
    pub(super) fn assert(self, answered: &Answered, log_id: Option<&str>, early: bool) {
        if self.is_logged() {
            assert_eq!(answered, &success("1", self.words()));
            return;
        }
        let mut answered = answered.clone();
        let mut words = self.words().to_owned();
        if let Some((range, unit)) = self.wait().named() {
            let (reply, number) = waiting(answered);
            let is_right = range.contains(&number) || (early && number < *range.start());
            assert!(is_right, "{number} for {self:?}");
            words.push_str(&format!(" Send it again in N {unit}."));
            answered = reply;
        } else if matches!(self, Self::InDoubt(_)) {
            words.push_str(" Send it again.");
        }
        let (status, mut expected) = match log_id {
            Some(log_id) => failure_of(log_id, self.kind(), &words),
            None => failure(self.kind(), &words),
        };
        if self == Self::ContactGone {
            expected["field"] = json!("contactInfo.id");
        }
        assert_eq!(answered, (status, expected));
    }
}
