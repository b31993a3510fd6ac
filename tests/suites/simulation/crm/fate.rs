//! What becomes of a call to the CRM.

use std::time::Duration;

/// When a write that was not answered is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// Right away.
    Now,
    /// After we stopped listening.
    Late(Duration),
    /// Not at all.
    Never,
}

/// What the caller sees of a call that was not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Nothing, until it gives up.
    Silence,
    /// A connection that breaks.
    Cut,
    /// HTTP 503.
    Unavailable,
}

/// The fate of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallFate {
    /// It is carried out and answered.
    Fine,
    /// No connection comes about.
    NotConnected,
    /// It is refused with a status below 500.
    Refused(u16),
    /// It is refused with 429, and a `Retry-After` of so long.
    Limited(Duration),
    /// Nobody knows. A read is never carried out then.
    Unknown(When, Shown),
}

/// For how long and how the CRM does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outage {
    pub(crate) from: Duration,
    pub(crate) to: Duration,
    pub(crate) kind: OutageKind,
}

/// How the CRM does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutageKind {
    /// It is not reached.
    Unreachable,
    /// It answers 503 and does nothing.
    Unavailable,
    /// It asks everybody to slow down.
    Busy,
    /// It does not accept the credentials.
    SignedOut,
}

impl OutageKind {
    pub(super) fn fate(self) -> CallFate {
        match self {
            Self::Unreachable => CallFate::NotConnected,
            Self::Unavailable => CallFate::Unknown(When::Never, Shown::Unavailable),
            Self::Busy => CallFate::Refused(429),
            Self::SignedOut => CallFate::Refused(401),
        }
    }
}

/// How likely faults are, and how long a call takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct CrmFaults {
    /// How likely a write's outcome is unknown.
    pub(crate) unknown: f64,
    /// How likely an unknown write is applied late, rather than now or never.
    pub(crate) late: f64,
    /// How likely a call is refused, or no connection comes about.
    pub(crate) refused: f64,
    /// How long a call takes: at least and at most.
    pub(crate) takes: (Duration, Duration),
    /// How likely a call takes seconds.
    pub(crate) slow: f64,
    /// The longest that a new activity is not found.
    pub(crate) search_lag: Duration,
    /// Whether every new activity is not found for as long.
    pub(crate) shows_late: bool,
    /// The longest that a write is applied after we stopped listening.
    pub(crate) longest_late: Duration,
}

impl CrmFaults {
    /// Nothing goes wrong; a call takes 20 ms.
    pub(crate) const NONE: Self = Self {
        unknown: 0.0,
        late: 0.0,
        refused: 0.0,
        takes: (Duration::from_millis(20), Duration::from_millis(20)),
        slow: 0.0,
        search_lag: Duration::ZERO,
        shows_late: false,
        longest_late: Duration::from_secs(50),
    };

    pub(super) fn draw(&self, random: &mut fastrand::Rng, writes: bool) -> CallFate {
        let chance = random.f64();
        if chance < self.refused {
            return match random.u8(..3) {
                0 => CallFate::NotConnected,
                1 => CallFate::Refused(429),
                _ if writes => CallFate::NotConnected,
                _ => CallFate::Unknown(When::Never, Shown::Unavailable),
            };
        }
        if chance < self.refused + self.unknown {
            let shown = match random.u8(..3) {
                0 => Shown::Silence,
                1 => Shown::Cut,
                _ => Shown::Unavailable,
            };
            let when = if random.f64() < self.late {
                let longest = u64::try_from(self.longest_late.as_millis()).unwrap_or(u64::MAX);
                When::Late(Duration::from_millis(random.u64(..=longest)))
            } else if random.bool() {
                When::Now
            } else {
                When::Never
            };
            return CallFate::Unknown(when, shown);
        }
        CallFate::Fine
    }

    pub(super) fn time(&self, random: &mut fastrand::Rng) -> Duration {
        if random.f64() < self.slow {
            return Duration::from_millis(random.u64(500..7_000));
        }
        let (least, most) = self.takes;
        let spread = u64::try_from((most - least).as_micros()).unwrap_or_default();
        least + Duration::from_micros(random.u64(..=spread))
    }
}
