//! The id of a RingCentral account or extension, as clients send it.

use std::fmt;

use crate::error::RequestError;
use crate::ids::HashedId;
use crate::limits::MAX_RINGCENTRAL_ID_DIGITS;

/// The length of a hash in hexadecimal digits.
const HASH_DIGITS: usize = 64;

/// The id of a RingCentral account or extension. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub enum RingCentralId {
    /// As RingCentral gives it: digits.
    Raw(String),
    /// As `/userInfoHash` gave it.
    Hashed(HashedId),
}

impl RingCentralId {
    /// Reads an id; `None` for one that is blank.
    ///
    /// # Errors
    /// [`RequestError`], naming `field`, for what is neither an id nor a hash.
    pub fn parse(field: &str, text: &str) -> Result<Option<Self>, RequestError> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        let consists_of = |digit: fn(&u8) -> bool| text.bytes().all(|byte| digit(&byte));
        if text.len() == HASH_DIGITS && consists_of(u8::is_ascii_hexdigit) {
            return Ok(HashedId::parse(&text.to_ascii_lowercase()).map(Self::Hashed));
        }
        if text.len() <= MAX_RINGCENTRAL_ID_DIGITS && consists_of(u8::is_ascii_digit) {
            return Ok(Some(Self::Raw(text.to_owned())));
        }
        Err(RequestError::field(
            field,
            format!(
                "is neither a RingCentral id of at most {MAX_RINGCENTRAL_ID_DIGITS} digits \
                 nor the hash of one"
            ),
        ))
    }
}

impl fmt::Debug for RingCentralId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Raw(_) => "Raw(…)",
            Self::Hashed(_) => "Hashed(…)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_an_id_and_64_hexadecimal_digits_a_hash() {
        let read = |text: &str| RingCentralId::parse("rcAccountId", text).expect("readable");
        let raw = |text: &str| Some(RingCentralId::Raw(text.to_owned()));
        let hashed = |text: &str| HashedId::parse(text).map(RingCentralId::Hashed);
        for (text, id) in [
            ("", None),
            (" ", None),
            ("400012345678", raw("400012345678")),
            (&"9".repeat(32), raw(&"9".repeat(32))),
            (&"0a".repeat(32), hashed(&"0a".repeat(32))),
            (&"0A".repeat(32), hashed(&"0a".repeat(32))),
            (&"1".repeat(64), hashed(&"1".repeat(64))),
        ] {
            assert_eq!(read(text), id, "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_by_its_field() {
        for text in [
            "~",
            "-1",
            "1.0",
            "1e3",
            "12a",
            "1 2",
            "1\r\n2",
            "../1",
            "\u{661}\u{662}",
            &"9".repeat(33),
            &"0a".repeat(31),
            &"0g".repeat(32),
            &"0a".repeat(33),
        ] {
            let error = RingCentralId::parse("rcAccountId", text).expect_err(text);
            assert!(
                matches!(&error, RequestError::Field { field, .. } if field == "rcAccountId"),
                "{text}"
            );
            assert!(text.len() < 3 || !error.to_string().contains(text));
        }
        let shown = RingCentralId::parse("rcAccountId", "400012345678");
        assert!(!format!("{shown:?}").contains("400012345678"));
    }
}
