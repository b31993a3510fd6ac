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

    /// The number as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PhoneNumber(…)")
    }
}
