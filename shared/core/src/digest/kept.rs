//! What a CRM kept of a note that it was given, by the note that it answers with.

use super::lines::{Document, Line, key_of, scan};
use super::render::Format;

/// What a CRM kept of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// All of it, however it is formatted.
    Whole,
    /// Its last line, and not every line above.
    Gaps,
    /// Only the beginning.
    Cut {
        /// How many bytes of what was written are kept.
        bytes: usize,
    },
}

/// With what the words of every footer begin, as a key.
const FOOTER_WORDS: &str = "CreatedviaRingCentral";

/// Compares what a CRM answered with what was written, as lines of plain text: other tags,
/// entities and white space are no loss, and neither is what the CRM adds.
///
/// # Shape
/// An answer without visible text says nothing: the answers of some CRMs do not carry the note.
pub fn kept(format: Format, written: &str, answered: &str) -> Kept {
    if answered == written {
        return Kept::Whole;
    }
    let mut given = scan(format, written);
    let shown: String = (scan(format, answered).lines.iter())
        .map(|line| line.key.as_str())
        .collect();
    if shown.is_empty() {
        return Kept::Whole;
    }
    // What stands before the words of the footer is an ornament.
    if let Some(footer) = given.lines.last_mut()
        && let Some(words) = footer.key.find(FOOTER_WORDS)
    {
        footer.key.drain(..words);
    }
    let (torn, rest, gaps) = match begins_alike(&given.lines, &shown) {
        Some((torn, rest)) => (Some(torn), rest, true),
        None => lost_lines(&given.lines, &shown),
    };
    match torn {
        Some(torn) => Kept::Cut {
            bytes: kept_bytes(format, &given, torn, rest).min(answered.len()),
        },
        None if gaps => Kept::Gaps,
        None => Kept::Whole,
    }
}

/// The first line that is not whole in `shown`, and what is there of it, where `shown` is nothing
/// but the beginning of the lines, and perhaps a sign that there was more.
fn begins_alike<'a>(lines: &[Line], shown: &'a str) -> Option<(usize, &'a str)> {
    let mut rest = shown;
    for (at, line) in lines.iter().enumerate() {
        match rest.strip_prefix(line.key.as_str()) {
            Some(after) => rest = after,
            None => return begins(&line.key, rest).then_some((at, rest)),
        }
    }
    None
}

/// The first of the last lines that `shown` does not have, if the very last one is among them, what
/// is left of `shown` there, and whether any line is missing.
fn lost_lines<'a>(lines: &[Line], shown: &'a str) -> (Option<usize>, &'a str, bool) {
    let mut rest = shown;
    let mut torn = None;
    let mut gaps = false;
    for (at, line) in lines
        .iter()
        .enumerate()
        .filter(|(_, line)| !line.key.is_empty())
    {
        match rest.split_once(line.key.as_str()) {
            Some((_, after)) => {
                rest = after;
                torn = None;
            }
            None => {
                torn = torn.or(Some(at));
                gaps = true;
            }
        }
    }
    (torn, rest, gaps)
}

/// Whether `torn` is a beginning of `whole`, and perhaps half a tag or entity, or a sign that there
/// was more.
pub(super) fn begins(whole: &str, torn: &str) -> bool {
    const LONGEST_ENTITY: usize = 34;
    let same = same(whole, torn);
    let left = torn.get(same..).unwrap_or_default();
    // The sign itself may stand in both.
    let from = torn[..same].trim_end_matches(['&', '<']).len();
    let marked = torn.get(from..).unwrap_or_default();
    let half_entity = |rest: &str| {
        rest.len() < LONGEST_ENTITY
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'#')
    };
    let half_tag = |rest: &str| {
        !rest.contains('>')
            && !rest.contains(FOOTER_WORDS)
            && (rest.is_empty() || rest.starts_with(|c: char| c == '/' || c.is_ascii_alphabetic()))
    };
    marked.strip_prefix('&').is_some_and(half_entity)
        || marked.strip_prefix('<').is_some_and(half_tag)
        || (left.len() <= 16 && !left.contains(char::is_alphanumeric))
}

/// For how many bytes two texts are the same.
fn same(one: &str, other: &str) -> usize {
    let pairs = one.chars().zip(other.chars());
    let same = pairs.take_while(|(one, other)| one == other);
    same.map(|(c, _)| c.len_utf8()).sum()
}

/// Where in the raw text the last character stands that was kept: `rest` is what is left of the
/// line at `torn`.
fn kept_bytes(format: Format, given: &Document, torn: usize, rest: &str) -> usize {
    let Some(line) = given.lines.get(torn) else {
        return 0;
    };
    let same = line.key[..same(&line.key, rest)].chars().count();
    let told = |c: char| !key_of(format, std::iter::once(c)).is_empty();
    let ends = told_ends(line, told);
    match same.checked_sub(1).and_then(|last| ends.get(last)) {
        Some(end) => *end,
        None => line.start,
    }
}

/// Where each character of a line ends that its key tells.
fn told_ends(line: &Line, told: impl Fn(char) -> bool) -> Vec<usize> {
    let glyphs = line.glyphs.iter().filter(|glyph| told(glyph.c));
    glyphs.map(|glyph| glyph.end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: &str = "<br><b>Ann</b><ul><li>one<br>two &amp; three</li></ul>END<br>the footer";

    fn html(answered: &str) -> Kept {
        kept(Format::Html, NOTE, answered)
    }

    #[test]
    fn a_note_that_is_only_formatted_anew_is_whole() {
        let formatted =
            "<P><SPAN>Ann</SPAN></P>\n<p>one<br/>two &#38; thr&#101;e</p> END<p>the footer";
        for answered in [
            NOTE,
            "",
            "<p></p>",
            formatted,
            &format!("{NOTE}<p>added by the CRM</p>"),
        ] {
            assert_eq!(html(answered), Kept::Whole, "{answered}");
        }
    }

    #[test]
    fn a_note_of_which_only_the_beginning_is_left_is_cut() {
        // A beginning without visible text is an answer that does not carry the note.
        for end in "<br><b>A".len()..NOTE.len() {
            let Kept::Cut { bytes } = html(&NOTE[..end]) else {
                panic!("{} is cut", &NOTE[..end]);
            };
            assert!(bytes <= end, "{bytes} of {end}");
            // A tag or an entity that is torn does not count.
            assert!(bytes + 15 >= end, "{bytes} of {end}");
        }
        let Kept::Cut { bytes } = html(&format!("{}...", &NOTE[..NOTE.len() - 4])) else {
            panic!("an ellipsis is no footer");
        };
        assert_eq!(bytes, NOTE.len() - 4);
    }

    #[test]
    fn what_is_kept_is_measured_in_what_was_written() {
        let written = format!("<p>{}</p><p>end</p>", "\"".repeat(100));
        let answered = format!("<p class=\"wide\">{}", "&quot;".repeat(50));
        let bytes = "<p>".len() + 50;
        assert_eq!(kept(Format::Html, &written, &answered), Kept::Cut { bytes });
    }

    #[test]
    fn a_line_that_is_missing_above_the_last_is_a_gap() {
        assert_eq!(html("<b>Ann</b><p>one</p>END<br>the footer"), Kept::Gaps);
        let cut = html("<b>Ann</b><p>one</p>END<br>the foo");
        assert!(matches!(cut, Kept::Cut { .. }), "{cut:?}");
    }

    #[test]
    fn a_last_line_that_stands_in_a_torn_one_is_missing_all_the_same() {
        for format in Format::ALL {
            let written = "Ann\n\none ok and more of it\n\nok";
            let cut = kept(format, written, "Ann\n\none ok and m");
            assert!(matches!(cut, Kept::Cut { .. }), "{cut:?}");
            assert_eq!(kept(format, written, written), Kept::Whole);
        }
    }
}
