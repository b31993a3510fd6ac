//! Virtual time: tokio's paused clock, and what each worker believes of it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use daybook_core::time::Clock;
use tokio::time::Instant;

/// The true time of one schedule.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Time {
    start: Instant,
    base: DateTime<Utc>,
}

impl Time {
    /// Time that starts now at `base`. Within a runtime whose clock is paused.
    pub(crate) fn starting_at(base: DateTime<Utc>) -> Self {
        Self {
            start: Instant::now(),
            base,
        }
    }

    /// The true time.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        let gone = TimeDelta::from_std(self.start.elapsed()).unwrap_or_default();
        self.base + gone
    }

    /// What has gone by since the start.
    pub(crate) fn gone(&self) -> Duration {
        self.start.elapsed()
    }

    /// Waits until `after` has gone by since the start.
    pub(crate) async fn until(&self, after: Duration) {
        tokio::time::sleep_until(self.start + after).await;
    }

    /// A clock that is off by `skew`.
    pub(crate) fn clock(&self, skew: TimeDelta) -> SimClock {
        SimClock { time: *self, skew }
    }
}

/// The clock of one worker.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SimClock {
    time: Time,
    skew: TimeDelta,
}

impl Clock for SimClock {
    fn now(&self) -> DateTime<Utc> {
        self.time.now() + self.skew
    }
}
