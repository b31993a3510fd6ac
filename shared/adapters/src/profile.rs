//! How CRMs differ by degree.

use std::time::Duration;

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use daybook_core::digest::Format;

/// What distinguishes one CRM from another by degree. Handlers branch on these, never on an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// App Connect's name of the platform, as it stands in `/interfaces/{platform}/…`.
    pub id: &'static str,
    /// The name to show.
    pub display_name: &'static str,
    /// The format of a log's body.
    pub log_format: Format,
    /// The most bytes that a log's body may have, where there is a limit.
    pub max_note_bytes: Option<usize>,
    /// For how long after we stopped listening the CRM may still apply a write, in seconds.
    pub late_apply_secs: u32,
    /// For how long a new activity may not be found by its mark, in seconds.
    pub search_lag_secs: u32,
    /// Whether its fields for a call's start and duration hold whole minutes only.
    pub whole_minutes: bool,
    /// Whether each company has a host of its own, which comes with the tokens. Then a caller who
    /// brings credentials must say which, since ids are unique within a company only.
    pub own_hosts: bool,
}

impl Profile {
    /// How long a write that was not answered stays in doubt: an activity that is made at the last
    /// moment is not found at once.
    pub fn quarantine(&self) -> TimeDelta {
        let late = TimeDelta::seconds(i64::from(self.late_apply_secs));
        late + TimeDelta::seconds(i64::from(self.search_lag_secs))
    }

    /// When a call began, as the CRM can hold it.
    pub fn held_start(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        match self.whole_minutes {
            true => at.duration_trunc(TimeDelta::minutes(1)).unwrap_or(at),
            false => at,
        }
    }

    /// How long a call was, as the CRM can hold it: a minute that has begun counts whole. Others
    /// hold whole seconds.
    pub fn held_duration(&self, duration: Duration) -> Duration {
        match self.whole_minutes {
            true => {
                let seconds = duration.as_millis().div_ceil(60_000) * 60;
                Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX))
            }
            false => {
                let nearest = duration.saturating_add(Duration::from_millis(500));
                Duration::from_secs(nearest.as_secs())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crm_of_whole_minutes_holds_a_start_that_is_cut_and_a_duration_that_is_rounded_up() {
        let minutes = &crate::registry::pipedrive::PROFILE;
        let exact = &crate::registry::example_crm::PROFILE;
        let at = "2015-02-18T13:24:50.123Z".parse().expect("a time");
        assert_eq!(
            Some(minutes.held_start(at)),
            "2015-02-18T13:24:00Z".parse().ok()
        );
        assert_eq!(exact.held_start(at), at);
        for (secs, held) in [(0, 0), (1, 60), (60, 60), (61, 120), (3_599, 3_600)] {
            let told = Duration::from_secs(secs);
            assert_eq!(minutes.held_duration(told), Duration::from_secs(held));
            assert_eq!(exact.held_duration(told), told);
            let nearly = told + Duration::from_millis(499);
            assert_eq!(exact.held_duration(nearly), told);
        }
    }
}
