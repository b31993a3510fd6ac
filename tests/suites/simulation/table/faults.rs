//! What goes wrong between a worker and the table.

use std::time::Duration;

use daybook_tests::table_proxy::{Step, Times};

/// The fate of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is applied and answered.
    Fine,
    /// It never arrives; the client sees a cut line.
    LostRequest,
    /// It is applied; the client sees a cut line.
    LostAnswer,
    /// It is applied; no answer ever comes.
    Hang,
    /// It is applied when the client has given up waiting.
    Late(Duration),
    /// It is refused for now.
    Throttled,
    /// A query of the index is answered as the last time.
    StaleIndex,
}

/// How likely faults are, and how long a request takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Faults {
    /// For requests: the sum of the likelihoods of all fates but the fine one, in equal parts.
    pub(crate) share: f64,
    /// How likely a query of the index shows what it showed before.
    pub(crate) stale_index: f64,
    /// How likely a request is slow.
    pub(crate) slow: f64,
    /// How long one way takes at most, where it is not slow. Zero takes no time at all.
    pub(crate) way: Duration,
    /// Whether every way takes as long as the longest.
    pub(crate) steady: bool,
}

impl Faults {
    /// Nothing goes wrong.
    pub(crate) const NONE: Self = Self {
        share: 0.0,
        stale_index: 0.0,
        slow: 0.0,
        way: Duration::from_millis(4),
        steady: false,
    };

    /// Draws a fate, and how long the ways there and back take.
    pub(super) fn draw(
        &self,
        random: &mut fastrand::Rng,
        index: bool,
    ) -> (Fate, Duration, Duration) {
        let fate = if index && random.f64() < self.stale_index {
            Fate::StaleIndex
        } else if random.f64() < self.share {
            match random.u8(..5) {
                0 => Fate::LostRequest,
                1 => Fate::LostAnswer,
                2 => Fate::Hang,
                3 => Fate::Late(Duration::from_millis(random.u64(3_000..9_000))),
                _ => Fate::Throttled,
            }
        } else {
            Fate::Fine
        };
        let mut way = || {
            let longest = u64::try_from(self.way.as_micros()).unwrap_or(u64::MAX);
            if self.steady {
                self.way
            } else if random.f64() < self.slow {
                Duration::from_micros(random.u64(50_000..900_000))
            } else {
                Duration::from_micros(random.u64(..=longest))
            }
        };
        (fate, way(), way())
    }
}

/// What happens to the requests of a step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scripted {
    step: Step,
    fate: Fate,
    times: Times,
    pub(super) struck: usize,
}

impl Scripted {
    /// A fate that falls on a step.
    pub(crate) fn of(step: Step, fate: Fate, times: Times) -> Self {
        Self {
            step,
            fate,
            times,
            struck: 0,
        }
    }

    /// The fate of a request of `step`.
    pub(super) fn strike(&mut self, step: Step) -> Option<Fate> {
        let strikes = step == self.step && (self.times == Times::Always || self.struck == 0);
        strikes.then(|| {
            self.struck += 1;
            self.fate
        })
    }
}
