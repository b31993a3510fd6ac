//! Phone numbers as RingCentral and CRMs write them.

use serde::{Deserialize, Serialize};

/// A phone number in the text that its sender used, usually E.164.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// The number, or `None` where the text is blank.
    ///
    /// A `+` that an unencoded query turned into a space is put back.
    pub fn parse(text: &str) -> Option<Self> {
        let number = text.trim();
        if number.is_empty() {
            return None;
        }
        let lost_plus = text.starts_with(' ') && number.starts_with(|c: char| c.is_ascii_digit());
        Some(Self(match lost_plus {
            true => format!("+{number}"),
            false => number.to_owned(),
        }))
    }

    /// Its digits.
    pub fn digits(&self) -> String {
        self.0.chars().filter(char::is_ascii_digit).collect()
    }

    /// The digits behind the country's code; all of them where the number has none.
    ///
    /// # Shape
    /// A country's code is only known from the `+` before it (ITU-T E.164).
    pub fn national_digits(&self) -> String {
        let mut digits = self.digits();
        if self.0.trim_start().starts_with('+') {
            let rest = digits.split_off(country_code(&digits).min(digits.len()));
            return rest;
        }
        digits
    }

    /// Whether it is a number within an account: too short for one of the public network.
    pub fn is_extension(&self) -> bool {
        !self.0.starts_with('+') && self.digits().len() <= MAX_EXTENSION_DIGITS
    }

    /// The number as somebody writes it whose `format` has a `*` for each digit behind the
    /// country's code, such as `(***) ***-****`. `None` for a number of another length.
    pub fn in_format(&self, format: &str) -> Option<String> {
        let digits = self.national_digits();
        if format.matches('*').count() != digits.len() {
            return None;
        }
        let mut digits = digits.chars();
        let put = |c| match c {
            '*' => digits.next().unwrap_or(c),
            c => c,
        };
        Some(format.chars().map(put).collect())
    }

    /// The number as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The most digits of a number within an account.
const MAX_EXTENSION_DIGITS: usize = 6;

/// The countries whose code has two digits. `1` and `7` are codes of one digit; all others have
/// three.
///
/// # Source
/// ITU-T, list of E.164 assigned country codes (read 2026-11-21).
const TWO_DIGITS: [u8; 44] = [
    20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56,
    57, 58, 60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98,
];

/// How many digits the country's code has with which `digits` begin.
fn country_code(digits: &str) -> usize {
    match digits.as_bytes() {
        [b'1' | b'7', ..] => 1,
        [first, second, ..] => {
            let code = (first - b'0') * 10 + (second - b'0');
            if TWO_DIGITS.contains(&code) { 2 } else { 3 }
        }
        [_] | [] => 0,
    }
}

impl std::fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PhoneNumber(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> PhoneNumber {
        PhoneNumber::parse(text).expect("a number")
    }

    #[test]
    fn a_plus_that_became_a_space_is_put_back() {
        assert_eq!(number(" 16505553204").as_str(), "+16505553204");
        assert_eq!(number("16505553204 ").as_str(), "16505553204");
    }

    #[test]
    fn the_digits_behind_the_code_of_a_country_are_told() {
        for (text, national) in [
            ("+16505553204", "6505553204"),
            ("+1 (650) 555-3204", "6505553204"),
            ("+79161234567", "9161234567"),
            ("+442071838750", "2071838750"),
            ("+989121234567", "9121234567"),
            ("+3725551234", "5551234"),
            ("+85223456789", "23456789"),
            ("6505553204", "6505553204"),
            ("+1", ""),
            ("+3", "3"),
            ("+", ""),
        ] {
            assert_eq!(number(text).national_digits(), national, "{text}");
        }
    }

    #[test]
    fn a_number_is_written_as_the_user_writes_numbers() {
        let written = |format| number("+16505553204").in_format(format);
        assert_eq!(written("(***) ***-****").as_deref(), Some("(650) 555-3204"));
        assert_eq!(written("1-***-***-****").as_deref(), Some("1-650-555-3204"));
        assert_eq!(written("*** ****"), None);
        assert_eq!(written(""), None);
    }

    #[test]
    fn a_short_number_without_a_code_is_an_extension() {
        for (text, is_extension) in [("101", true), ("123456", true), ("1234567", false)] {
            assert_eq!(number(text).is_extension(), is_extension, "{text}");
        }
        assert!(!number("+12345").is_extension());
    }
}
