//! The visible sign by which a log of ours is known again.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::block;
use super::lines::{Line, scan};
use super::render::Format;

/// Digits and letters without those that are mistaken for each other (i, l, o, u).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LETTERS: usize = 12;

/// 60 random bits, shown as `k7m2-9xqd-4tfa`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Mark(u64);

impl Mark {
    /// The mark of 60 random bits; the upper four of `bits` are not used.
    pub fn from_bits(bits: u64) -> Self {
        Self(bits & ((1 << 60) - 1))
    }

    /// Reads a mark, in either case, with or without its hyphens; `None` where it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bits = 0;
        let mut letters = 0;
        for byte in text.trim().bytes().filter(|byte| *byte != b'-') {
            let byte = byte.to_ascii_lowercase();
            let value = ALPHABET.iter().position(|letter| *letter == byte)?;
            bits = (bits << 5) | u64::try_from(value).ok()?;
            letters += 1;
            if letters > LETTERS {
                return None;
            }
        }
        (letters == LETTERS).then_some(Self(bits))
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in 0..LETTERS {
            if letter > 0 && letter % 4 == 0 {
                f.write_str("-")?;
            }
            let shift = 5 * (LETTERS - 1 - letter);
            let value = (self.0 >> shift) & 31;
            let byte = usize::try_from(value).ok().and_then(|at| ALPHABET.get(at));
            write!(f, "{}", char::from(*byte.unwrap_or(&b'0')))?;
        }
        Ok(())
    }
}

impl From<Mark> for String {
    fn from(mark: Mark) -> Self {
        mark.to_string()
    }
}

impl TryFrom<String> for Mark {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| "is not a mark such as `k7m2-9xqd-4tfa`".to_owned())
    }
}

/// Whether `body` carries `mark` in its footer.
///
/// What stands within the conversation does not count: a person can send any text.
pub fn contains_mark(format: Format, body: &str, mark: &Mark) -> bool {
    let wanted = format!("[{mark}]");
    let document = scan(format, body);
    let after = block::find(&document).map_or(0, |block| block.below);
    document.lines.get(after..).is_some_and(|lines| {
        lines
            .iter()
            .any(|line| block::is_footer(line) && line.key.contains(&wanted))
    })
}

/// Whether `body` holds a conversation, as digests do: ours, and those of App Connect's server.
pub fn holds_conversation(format: Format, body: &str) -> bool {
    block::find(&scan(format, body)).is_some_and(|block| block.counter.is_some())
}

/// The mark that a footer shows.
pub(crate) fn mark_of(footer: &Line) -> Option<Mark> {
    let (_, after) = footer.key.rsplit_once('[')?;
    Mark::parse(after.split_once(']')?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_twelve_letters_in_three_groups() {
        assert_eq!(Mark::from_bits(0).to_string(), "0000-0000-0000");
        assert_eq!(Mark::from_bits(u64::MAX).to_string(), "zzzz-zzzz-zzzz");
        let mark = Mark::parse("k7m2-9xqd-4tfa").expect("a mark");
        assert_eq!(mark.to_string(), "k7m2-9xqd-4tfa");
        assert_eq!(Mark::parse("K7M29XQD4TFA"), Some(mark));
        for text in [
            "",
            "k7m2-9xqd-4tf",
            "k7m2-9xqd-4tfaa",
            "k7m2-9xqd-4tfu",
            "é",
        ] {
            assert_eq!(Mark::parse(text), None, "{text}");
        }
        assert_eq!(Mark::try_from(String::from(mark)), Ok(mark));
    }
}
