//! Which digest a message is in: the day, the rolling 24 hours, or one without an end.

use std::fmt;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::time::Zone;

/// What a window covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Cover {
    Day(NaiveDate),
    /// In milliseconds since 1970.
    Rolling(i64),
    All,
}

/// The window of a digest.
///
/// # Shape
/// As text `2015-02-18`, `r1424265890000` (milliseconds, 13 digits, so that text sorts as time)
/// or `all`; the second and later volume of a window that is full has `~2`, `~3`, … behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Window {
    cover: Cover,
    volume: u32,
}

impl Window {
    /// The window without an end, of a shared inbox.
    pub const ALL: Self = Self {
        cover: Cover::All,
        volume: 1,
    };

    /// The user's day at `at`.
    pub fn day(zone: Zone, at: DateTime<Utc>) -> Self {
        Self {
            cover: Cover::Day(zone.day(at)),
            volume: 1,
        }
    }

    /// The rolling window that the message of `at` opened.
    pub fn rolling(at: DateTime<Utc>) -> Self {
        Self {
            cover: Cover::Rolling(at.timestamp_millis()),
            volume: 1,
        }
    }

    /// Reads the text of a window; `None` where it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (cover, volume) = match text.split_once('~') {
            Some((cover, volume)) => (cover, volume.parse().ok().filter(|volume| *volume > 1)?),
            None => (text, 1),
        };
        let cover = match (cover, cover.strip_prefix('r')) {
            ("all", _) => Cover::All,
            (_, Some(millis)) if millis.bytes().all(|byte| byte.is_ascii_digit()) => {
                Cover::Rolling(millis.parse().ok()?)
            }
            _ => Cover::Day(NaiveDate::parse_from_str(cover, "%Y-%m-%d").ok()?),
        };
        let window = Self { cover, volume };
        (window.to_string() == text).then_some(window)
    }

    /// When the message came that opened this window, if it is a rolling one.
    pub fn opened_at(self) -> Option<DateTime<Utc>> {
        match self.cover {
            Cover::Rolling(millis) => DateTime::from_timestamp_millis(millis),
            Cover::Day(_) | Cover::All => None,
        }
    }

    /// The same time in the next volume, for when this one is full.
    pub fn next_volume(self) -> Self {
        Self {
            volume: self.volume + 1,
            ..self
        }
    }

    /// Which volume of its time this is, from 1.
    pub fn volume(self) -> u32 {
        self.volume
    }

    /// The local date, if this window is a day.
    pub fn date(self) -> Option<NaiveDate> {
        match self.cover {
            Cover::Day(day) => Some(day),
            Cover::Rolling(_) | Cover::All => None,
        }
    }

    /// When no further text belongs here; `None` for a window without an end.
    ///
    /// A rolling window may end earlier, at its neighbour.
    pub fn end(self, zone: Zone) -> Option<DateTime<Utc>> {
        match self.cover {
            Cover::Day(day) => Some(zone.end_of(day)),
            Cover::Rolling(millis) => {
                DateTime::from_timestamp_millis(millis).map(|at| at + TimeDelta::hours(24))
            }
            Cover::All => None,
        }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cover {
            Cover::Day(day) => write!(f, "{}", day.format("%Y-%m-%d"))?,
            Cover::Rolling(millis) => write!(f, "r{millis:013}")?,
            Cover::All => f.write_str("all")?,
        }
        match self.volume {
            1 => Ok(()),
            volume => write!(f, "~{volume}"),
        }
    }
}

impl From<Window> for String {
    fn from(window: Window) -> Self {
        window.to_string()
    }
}

impl TryFrom<String> for Window {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is not a window"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::parse_instant;

    #[test]
    fn a_window_is_its_text() {
        for text in [
            "2015-02-18",
            "r1424265890000",
            "all",
            "all~2",
            "2015-02-18~3",
        ] {
            let window = Window::parse(text).expect(text);
            assert_eq!(window.to_string(), text);
            assert_eq!(Window::try_from(String::from(window)), Ok(window));
        }
        for text in [
            "",
            "2015-2-18",
            "2015-02-30",
            "r1",
            "r-424265890000",
            "all~1",
            "all~",
            "al",
        ] {
            assert_eq!(Window::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_day_is_the_users_and_ends_at_their_midnight() {
        let zone = Zone::from_name("America/Los_Angeles").expect("a zone");
        let at = parse_instant("2026-03-08T07:59:59Z").expect("a time");
        let before = Window::day(zone, at);
        let after = Window::day(zone, at + TimeDelta::seconds(1));
        assert_eq!(
            (before.to_string(), after.to_string()),
            ("2026-03-07".into(), "2026-03-08".into())
        );
        // The day on which the clock jumps has 23 hours.
        assert_eq!(
            before.end(zone).expect("an end"),
            at + TimeDelta::seconds(1)
        );
        assert_eq!(
            after.end(zone).expect("an end"),
            at + TimeDelta::seconds(1) + TimeDelta::hours(23)
        );
        assert_eq!(Window::ALL.end(zone), None);
        assert_eq!(
            Window::rolling(at).end(zone),
            Some(at + TimeDelta::hours(24))
        );
    }

    #[test]
    fn volumes_follow_each_other() {
        let second = Window::ALL.next_volume();
        assert_eq!((second.to_string().as_str(), second.volume()), ("all~2", 2));
    }
}
