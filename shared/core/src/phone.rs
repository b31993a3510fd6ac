//! Phone numbers as RingCentral and CRMs write them.
//!
//! A text stays as it was written. What countries know of their numbers is a library's, and is
//! asked only where a number is compared with others.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::limits::MAX_PHONE_BYTES;

/// A phone number in the text that its sender used, usually E.164.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

    /// The digits behind the country's code, without an extension; all of them where the number
    /// has no code, or is none that any country has.
    ///
    /// # Shape
    /// A country's code is only known from the `+` before it (ITU-T E.164). Letters stand for the
    /// digits on their keys.
    pub fn national_digits(&self) -> String {
        match self.parsed() {
            Some(number) => number.national().to_string(),
            None => self.digits(),
        }
    }

    /// One text for all ways to write the number: `+`, the country's code and the digits behind
    /// it. The text as it is, where the country is not known.
    pub fn normal(&self) -> String {
        match self.parsed() {
            Some(number) => format!("+{}{}", number.country().code(), number.national()),
            None => self.0.trim().to_owned(),
        }
    }

    /// The number as the library reads it. There is no country that it is taken for without a
    /// code: users of one company call from several.
    fn parsed(&self) -> Option<phonenumber::PhoneNumber> {
        let (number, _) = self.bare().split_once(';').unwrap_or((self.bare(), ""));
        let is_whole = number.starts_with('+') && number.len() <= MAX_PHONE_BYTES;
        is_whole.then(|| phonenumber::parse(None, number).ok())?
    }

    /// Whether it is a number within an account: too short for one of the public network.
    pub fn is_extension(&self) -> bool {
        !self.bare().starts_with('+') && self.digits().len() <= MAX_EXTENSION_DIGITS
    }

    /// The number without the scheme of an address.
    fn bare(&self) -> &str {
        let text = self.0.trim();
        match text.get(..TEL.len()) {
            Some(scheme) if scheme.eq_ignore_ascii_case(TEL) => &text[TEL.len()..],
            Some(_) | None => text,
        }
    }

    /// The number as somebody writes it whose `format` has a `*` or a `#` for each digit behind the
    /// country's code, such as `(***) ***-****`. `None` for a number of another length.
    pub fn in_format(&self, format: &str) -> Option<String> {
        let digits = self.national_digits();
        if format.matches(PLACES).count() != digits.len() {
            return None;
        }
        let mut digits = digits.chars();
        let put = |c| match PLACES.contains(&c) {
            true => digits.next().unwrap_or(c),
            false => c,
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

/// What stands for a digit in a format.
const PLACES: [char; 2] = ['*', '#'];
/// What an address of a number begins with (RFC 3966).
const TEL: &str = "tel:";

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
            ("tel:+1-650-555-3204", "6505553204"),
            ("TEL:+1-650-555-3204;ext=12", "6505553204"),
            ("+16505553204 x12", "6505553204"),
            ("+16505553204,,12", "6505553204"),
            ("+1-800-FLOWERS", "8003569377"),
            ("+79161234567", "9161234567"),
            ("+442071838750", "2071838750"),
            ("+44 (0)20 7183 8750", "2071838750"),
            ("+44 20 7183 8750 ext. 7", "2071838750"),
            ("+4930123456", "30123456"),
            ("+49 (0) 30 123456 x99", "30123456"),
            ("+61255501234", "255501234"),
            ("+61 2 5550 1234 x5", "255501234"),
            ("+61255501234;ext=5", "255501234"),
            ("+390612345678", "0612345678"),
            ("+989121234567", "9121234567"),
            ("+3725551234", "5551234"),
            ("+85223456789", "23456789"),
        ] {
            assert_eq!(number(text).national_digits(), national, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_parsed_works_as_text() {
        let long = format!("+1{}", "6".repeat(100_000));
        for (text, digits) in [
            ("6505553204", "6505553204"),
            ("(650) 555-3204", "6505553204"),
            ("0049 30 123456", "004930123456"),
            ("+1", "1"),
            ("+", ""),
            ("+999123456789", "999123456789"),
            ("anonymous", ""),
            ("1-800-FLOWERS", "1800"),
            (&long, &long[1..]),
        ] {
            assert_eq!(number(text).national_digits(), digits, "{text}");
            assert_eq!(number(text).normal(), text);
        }
        assert_eq!(PhoneNumber::parse(" "), None);
    }

    #[test]
    fn one_number_has_one_normal_form() {
        for text in [
            "+16505553204",
            " 1 650 555 3204",
            "tel:+1(650)555-3204;ext=1",
        ] {
            assert_eq!(number(text).normal(), "+16505553204", "{text}");
        }
        assert_eq!(number("+39 06 1234 5678").normal(), "+390612345678");
    }

    #[test]
    fn a_number_is_written_as_the_user_writes_numbers() {
        let written = |format| number("+16505553204").in_format(format);
        assert_eq!(written("(***) ***-****").as_deref(), Some("(650) 555-3204"));
        assert_eq!(written("1-***-***-****").as_deref(), Some("1-650-555-3204"));
        assert_eq!(written("(###) ###-####").as_deref(), Some("(650) 555-3204"));
        assert_eq!(written("*** ****"), None);
        assert_eq!(written(""), None);
    }

    #[test]
    fn a_short_number_without_a_code_is_an_extension() {
        for (text, is_extension) in [("101", true), ("123456", true), ("1234567", false)] {
            assert_eq!(number(text).is_extension(), is_extension, "{text}");
        }
        for whole in ["+12345", "tel:+12345"] {
            assert!(!number(whole).is_extension(), "{whole}");
        }
    }
}
