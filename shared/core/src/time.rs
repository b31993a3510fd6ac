//! Instants, the user's zone, and the local day that a digest covers.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::json::{NEEDS_SCALAR, whole};

/// The source of the present time. Nothing reads the system's clock but through one.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The present time.
    fn now(&self) -> DateTime<Utc>;
}

/// The instant by which a request must have been answered.
///
/// Every call that a request makes takes its time from this one, so that none outlives the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline(DateTime<Utc>);

impl Deadline {
    /// A deadline at `at`.
    pub const fn at(at: DateTime<Utc>) -> Self {
        Self(at)
    }

    /// What is left of it at `now`; zero once it has passed.
    pub fn remaining(&self, now: DateTime<Utc>) -> Duration {
        (self.0 - now).to_std().unwrap_or_default()
    }
}

/// The zone in which a user's day begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Zone {
    /// An IANA zone, which knows daylight saving time.
    Named(Tz),
    /// A fixed distance east of UTC.
    Offset(FixedOffset),
}

impl Zone {
    /// Coordinated Universal Time.
    pub const UTC: Self = Self::Named(Tz::UTC);

    /// Reads an IANA name such as `America/Los_Angeles`.
    ///
    /// # Errors
    /// The problem, to be read after the field's name.
    pub fn from_name(name: &str) -> Result<Self, String> {
        name.parse()
            .map(Self::Named)
            .map_err(|_| "is not an IANA time zone such as `America/Los_Angeles`".to_owned())
    }

    /// Reads `+HH:MM`, `-HH:MM`, or whole minutes east of UTC such as `-480`.
    ///
    /// # Errors
    /// The problem, to be read after the field's name.
    pub fn from_offset(text: &str) -> Result<Self, String> {
        const PROBLEM: &str = "is not an offset from UTC: `+HH:MM` or minutes east of UTC, \
                               between -12:00 and +14:00, is needed";
        let number = |digits: &str| {
            (digits.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| digits.parse::<i32>().ok())
                .flatten()
        };
        // A minus sign may be the hyphen of keyboards or the sign of typesetters.
        let (sign, rest) = match text.strip_prefix(['-', '\u{2212}']) {
            Some(rest) => (-1, rest),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let minutes = match rest.split_once(':') {
            Some((hours, minutes)) if rest != text && hours.len() == 2 && minutes.len() == 2 => {
                let minutes = number(minutes).filter(|minutes| *minutes < 60);
                number(hours).zip(minutes).map(|(h, m)| h * 60 + m)
            }
            // `+5` may be meant as hours.
            None if !text.starts_with('+') => number(rest),
            Some(_) | None => None,
        };
        let minutes = sign * minutes.ok_or_else(|| PROBLEM.to_owned())?;
        if !(-12 * 60..=14 * 60).contains(&minutes) {
            return Err(PROBLEM.to_owned());
        }
        FixedOffset::east_opt(minutes * 60)
            .map(Self::Offset)
            .ok_or_else(|| PROBLEM.to_owned())
    }

    /// `at` on the user's clock.
    pub fn local(&self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        match self {
            Self::Named(tz) => at.with_timezone(&at.with_timezone(tz).offset().fix()),
            Self::Offset(offset) => at.with_timezone(offset),
        }
    }

    /// The user's date at `at`.
    pub fn day(&self, at: DateTime<Utc>) -> NaiveDate {
        self.local(at).date_naive()
    }

    /// The instant at which `day` is over for the user.
    ///
    /// Where midnight is left out by a change of the clock, the first instant after it counts.
    pub fn end_of(&self, day: NaiveDate) -> DateTime<Utc> {
        let next = day.succ_opt().unwrap_or(NaiveDate::MAX);
        let mut midnight = next.and_time(chrono::NaiveTime::MIN);
        // No zone has ever jumped over more than a day.
        for _ in 0..=24 * 4 {
            let found = match self {
                Self::Named(tz) => tz
                    .from_local_datetime(&midnight)
                    .earliest()
                    .map(|at| at.with_timezone(&Utc)),
                Self::Offset(offset) => offset
                    .from_local_datetime(&midnight)
                    .earliest()
                    .map(|at| at.with_timezone(&Utc)),
            };
            if let Some(at) = found {
                return at;
            }
            midnight += chrono::TimeDelta::minutes(15);
        }
        midnight.and_utc()
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(tz) => f.write_str(tz.name()),
            Self::Offset(offset) => write!(f, "{offset}"),
        }
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.to_string()
    }
}

impl TryFrom<String> for Zone {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::from_offset(&text).or_else(|_| Self::from_name(&text))
    }
}

/// Reads ISO 8601 text with a zone, or milliseconds since 1970 as a number or as text.
///
/// Only times from 2000 to 2099 are taken: seconds given for milliseconds land in 1970.
///
/// # Errors
/// The problem, to be read after the field's name.
pub fn parse_instant(text: &str) -> Result<DateTime<Utc>, String> {
    let at = if let Ok(millis) = text.parse::<i64>() {
        DateTime::from_timestamp_millis(millis)
    } else {
        DateTime::parse_from_rfc3339(text)
            .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
            .map(|at| at.with_timezone(&Utc))
            .ok()
    };
    match at {
        Some(at) if (2000..2100).contains(&at.year()) => Ok(at),
        Some(_) => Err("is a time before 2000 or after 2099; \
                        a number is read as milliseconds since 1970"
            .to_owned()),
        None => Err(
            "is not a time: ISO 8601 text such as `2015-02-18T13:24:50.000Z`, \
                     or milliseconds since 1970, is needed"
                .to_owned(),
        ),
    }
}

/// A number of milliseconds or an ISO text, not yet read as a time or an offset.
pub(crate) struct WireScalar(pub(crate) String);

crate::describe::scalar!(WireScalar, "string", "integer");

impl<'de> Deserialize<'de> for WireScalar {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = WireScalar;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(NEEDS_SCALAR)
            }
            fn visit_u64<E>(self, number: u64) -> Result<WireScalar, E> {
                Ok(WireScalar(number.to_string()))
            }
            fn visit_i64<E>(self, number: i64) -> Result<WireScalar, E> {
                Ok(WireScalar(number.to_string()))
            }
            fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<WireScalar, E> {
                match whole(number) {
                    Some(number) => Ok(WireScalar(number.to_string())),
                    None => Err(E::invalid_type(serde::de::Unexpected::Float(number), &self)),
                }
            }
            fn visit_str<E>(self, text: &str) -> Result<WireScalar, E> {
                Ok(WireScalar(text.trim().to_owned()))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        parse_instant(text).expect("a time")
    }

    #[test]
    fn iso_text_and_milliseconds_are_the_same_instant() {
        assert_eq!(at("2015-02-18T13:24:50.000Z"), at("1424265890000"));
        assert_eq!(at("2015-02-18T05:24:50-08:00"), at("1424265890000"));
        assert_eq!(at("2015-02-18T05:24:50.000-0800"), at("1424265890000"));
    }

    #[test]
    fn nonsense_times_are_refused() {
        for text in [
            "",
            "yesterday",
            "2015-13-01T00:00:00Z",
            "2015-02-18",
            "1424265890",
            "-1",
            "99999999999999999999",
            "2015-02-18T13:24:50",
        ] {
            assert!(parse_instant(text).is_err(), "{text}");
        }
    }

    #[test]
    fn offsets_are_hours_and_minutes_or_minutes() {
        for (text, seconds) in [
            ("+05:30", 19_800),
            ("-08:00", -28_800),
            ("-480", -28_800),
            ("0", 0),
            ("+00:00", 0),
            ("840", 50_400),
            ("\u{2212}08:00", -28_800),
            ("\u{2212}480", -28_800),
        ] {
            let Ok(Zone::Offset(offset)) = Zone::from_offset(text) else {
                panic!("{text}")
            };
            assert_eq!(offset.local_minus_utc(), seconds, "{text}");
        }
        for text in [
            "",
            "+15:00",
            "+5:30",
            "05:30",
            "+05:60",
            "841",
            "-721",
            "PST",
            "+0a:00",
            "é:00",
            ":",
            "+5",
            "+480",
            "--5",
            "-",
            "+",
            "-+05:00",
            "99999999999",
        ] {
            assert!(Zone::from_offset(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_day_is_the_users() {
        let los_angeles = Zone::from_name("America/Los_Angeles").expect("a zone");
        let late = at("2026-03-08T07:59:59Z");
        assert_eq!(los_angeles.day(late).to_string(), "2026-03-07");
        assert_eq!(
            los_angeles
                .day(late + chrono::TimeDelta::seconds(1))
                .to_string(),
            "2026-03-08"
        );
        let tokyo = Zone::from_offset("+09:00").expect("a zone");
        assert_eq!(tokyo.day(late).to_string(), "2026-03-08");
    }

    #[test]
    fn a_day_with_a_change_of_the_clock_ends_at_local_midnight() {
        let los_angeles = Zone::from_name("America/Los_Angeles").expect("a zone");
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        assert_eq!(
            los_angeles.end_of(day("2026-03-08")),
            at("2026-03-09T07:00:00Z")
        );
        assert_eq!(
            los_angeles.end_of(day("2026-11-01")),
            at("2026-11-02T08:00:00Z")
        );
        // Chile's clocks go from 24:00 to 01:00: the new day begins at 01:00.
        let santiago = Zone::from_name("America/Santiago").expect("a zone");
        assert_eq!(
            santiago.end_of(day("2026-09-05")),
            at("2026-09-06T04:00:00Z")
        );
    }

    #[test]
    fn a_zone_survives_storage() {
        for zone in [
            Zone::UTC,
            Zone::from_name("Asia/Kathmandu").expect("a zone"),
            Zone::from_offset("-09:30").expect("a zone"),
        ] {
            assert_eq!(Zone::try_from(String::from(zone)), Ok(zone));
        }
    }
}
