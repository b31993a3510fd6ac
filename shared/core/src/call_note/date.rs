//! Dates in the tokens of moment.js, in English.

use chrono::{DateTime, FixedOffset};

/// Each token, longer ones before those that they begin with, and what stands for it in the
/// patterns of chrono.
const TOKENS: [(&str, &str); 22] = [
    ("YYYY", "%Y"),
    ("YY", "%y"),
    ("MMMM", "%B"),
    ("MMM", "%b"),
    ("MM", "%m"),
    ("M", "%-m"),
    ("DD", "%d"),
    ("D", "%-d"),
    ("dddd", "%A"),
    ("ddd", "%a"),
    ("HH", "%H"),
    ("H", "%-H"),
    ("hh", "%I"),
    ("h", "%-I"),
    ("mm", "%M"),
    ("m", "%-M"),
    ("ss", "%S"),
    ("s", "%-S"),
    ("A", "%p"),
    ("a", "%P"),
    ("ZZ", "%z"),
    ("Z", "%:z"),
];

/// `at` by the pattern. What is within `[…]`, and what is no token, stands as it is.
pub(super) fn format(pattern: &str, at: DateTime<FixedOffset>) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let literal = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let token = TOKENS.iter().find(|(token, _)| rest.starts_with(token));
        rest = match (literal, token) {
            (Some((literal, rest)), _) => {
                out.push_str(literal);
                rest
            }
            (None, Some((token, pattern))) => {
                out.push_str(&at.format(pattern).to_string());
                &rest[token.len()..]
            }
            (None, None) => {
                out.push(c);
                &rest[c.len_utf8()..]
            }
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{Zone, parse_instant};

    fn at(zone: &str) -> DateTime<FixedOffset> {
        let at = parse_instant("2026-03-04T19:05:09.000Z").expect("a time");
        Zone::from_name(zone).expect("a zone").local(at)
    }

    #[test]
    fn the_patterns_that_app_connect_offers_are_read() {
        for (pattern, text) in [
            ("YYYY-MM-DD hh:mm:ss A", "2026-03-04 02:05:09 PM"),
            ("YYYY-MM-DD HH:mm:ss", "2026-03-04 14:05:09"),
            ("MM/DD/YYYY hh:mm:ss A", "03/04/2026 02:05:09 PM"),
            ("MM/DD/YYYY HH:mm:ss", "03/04/2026 14:05:09"),
            ("DD/MM/YYYY hh:mm:ss A", "04/03/2026 02:05:09 PM"),
            ("DD/MM/YYYY HH:mm:ss", "04/03/2026 14:05:09"),
        ] {
            assert_eq!(format(pattern, at("America/New_York")), text);
        }
    }

    #[test]
    fn every_token_has_its_meaning_and_all_else_stands_as_it_is() {
        for (pattern, text) in [
            ("YY M D H h m s a", "26 3 4 14 2 5 9 pm"),
            ("dddd ddd, MMMM MMM DD", "Wednesday Wed, March Mar 04"),
            ("Z ZZ", "-05:00 -0500"),
            ("[at] HH[h]mm", "at 14h05"),
            ("YYYY年M月D日", "2026年3月4日"),
            ("[<b>$&]]", "<b>$&]"),
            ("Q [open] HH [x", "Q open 14 [x"),
            ("100% %YY%", "100% %26%"),
            ("", ""),
        ] {
            assert_eq!(format(pattern, at("America/New_York")), text);
        }
    }

    #[test]
    fn midnight_and_noon_are_twelve_and_the_clock_changes_with_the_zone() {
        let at = |text: &str| parse_instant(text).expect("a time");
        let new_york = Zone::from_name("America/New_York").expect("a zone");
        for (instant, text) in [
            ("2026-03-08T05:00:00Z", "12:00 AM -05:00"),
            ("2026-03-08T16:00:00Z", "12:00 PM -04:00"),
        ] {
            assert_eq!(format("hh:mm A Z", new_york.local(at(instant))), text);
        }
        assert_eq!(
            format("hh A", Zone::UTC.local(at("2026-01-01T00:00:00Z"))),
            "12 AM"
        );
    }
}
