//! What people typed, made harmless for each format.
//!
//! Nothing that is typed can become markup, and no typed line can be taken for one of ours:
//! - HTML: `&`, `<` and `>` are entities.
//! - Markdown: every punctuation character that can begin or end a construct has a backslash;
//!   white space at the start of a line becomes no-break spaces.
//! - All formats: a line that would read as a marker, the footer or the first line of an entry
//!   gets a WORD JOINER before it, which people do not see and the reader of bodies does.
//! - All formats: directional overrides, embeddings and isolates that a line leaves open are
//!   closed at its end.

use super::block::is_marker_key;
use super::lines::{GUARD, key_of};
use super::render::Format;
use crate::limits::MAX_TITLE_BYTES;
use crate::message::{clean_line, clean_text};

/// A typed text as escaped lines, without their line breaks.
pub(super) fn text_lines(format: Format, text: &str) -> Vec<String> {
    typed_lines(text)
        .map(|line| guarded_line(format, &line, is_marker_key))
        .collect()
}

/// The lines of a typed text, cleaned, with the directions closed that they leave open.
pub(crate) fn typed_lines(text: &str) -> impl Iterator<Item = String> {
    let lines: Vec<_> = clean_text(text)
        .split(['\n', '\u{2028}', '\u{2029}'])
        .map(close_bidi)
        .collect();
    lines.into_iter()
}

/// A typed name, which is a line of its own in the body.
pub(super) fn name_line(format: Format, name: &str) -> String {
    guarded_line(format, &typed_name(name), is_marker_key)
}

/// A typed name within a line of ours.
pub(crate) fn name_within(format: Format, name: &str) -> String {
    escape(format, &typed_name(name))
}

/// A typed name on one line, cleaned, with the directions closed that it leaves open.
pub(crate) fn typed_name(name: &str) -> String {
    close_bidi(&flat(name))
}

/// The title of an activity: one line, cleaned, and cut where it is too long.
pub(crate) fn title(text: &str) -> String {
    const CUT: char = '\u{2026}';
    let line = flat(text);
    let mut whole = close_bidi(&line);
    let mut most = MAX_TITLE_BYTES;
    while whole.len() > MAX_TITLE_BYTES {
        most = most.saturating_sub(CUT.len_utf8());
        let (kept, _) = line.split_at(line.floor_char_boundary(most));
        whole = close_bidi(&format!("{}{CUT}", kept.trim_end()));
    }
    whole
}

/// A name on one line. It begins lines of ours, which our sign before typed lines must not.
fn flat(name: &str) -> String {
    clean_line(
        &name
            .replace(['\u{2028}', '\u{2029}'], " ")
            .replace(GUARD, ""),
    )
}

/// A line of a typed text, escaped; with the guard before it where its key could be one of ours.
pub(crate) fn guarded_line(format: Format, line: &str, is_ours: impl Fn(&str) -> bool) -> String {
    let guard = match is_ours(&key_of(format, line.chars())) {
        true => GUARD.to_string(),
        false => String::new(),
    };
    guard + &escape(format, line)
}

fn escape(format: Format, line: &str) -> String {
    match format {
        Format::Html => html_escape::encode_text(line).into_owned(),
        Format::PlainText => line.to_owned(),
        Format::Markdown => markdown(line),
    }
}

fn markdown(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + line.len() / 8);
    let mut leading = true;
    for c in line.chars() {
        leading &= c == ' ' || c == '\t';
        match c {
            ' ' | '\t' if leading => out.push('\u{a0}'),
            ',' | '\'' | '"' | '?' | ';' | '%' => out.push(c),
            c if c.is_ascii_punctuation() => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    // Trailing spaces would be a line break of ours.
    let bare = out.trim_end_matches([' ', '\t']).len();
    let trailing = out.len() - bare;
    out.truncate(bare);
    out.extend(std::iter::repeat_n('\u{a0}', trailing));
    out
}

/// Closes what the line's directional controls leave open.
fn close_bidi(line: &str) -> String {
    const POP_EMBEDDING: char = '\u{202c}';
    const POP_ISOLATE: char = '\u{2069}';
    let mut open = Vec::new();
    let mut isolates = 0_usize;
    for c in line.chars() {
        match c {
            '\u{202a}' | '\u{202b}' | '\u{202d}' | '\u{202e}' => open.push(POP_EMBEDDING),
            '\u{2066}'..='\u{2068}' => {
                isolates += 1;
                open.push(POP_ISOLATE);
            }
            POP_EMBEDDING if open.last() == Some(&POP_EMBEDDING) => {
                open.pop();
            }
            // Without an open one there is nothing to look for, however much is open.
            POP_ISOLATE if isolates > 0 => {
                isolates -= 1;
                while open.pop().is_some_and(|pop| pop != POP_ISOLATE) {}
            }
            _ => {}
        }
    }
    line.chars().chain(open.into_iter().rev()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_typed_is_markup() {
        for (format, text, escaped) in [
            (
                Format::Html,
                "<b>&lt; \"x\"</b>",
                "&lt;b&gt;&amp;lt; \"x\"&lt;/b&gt;",
            ),
            (Format::PlainText, "<b> $& {{x}}", "<b> $& {{x}}"),
            (
                Format::Markdown,
                "# a *b* [c](d)",
                "\\# a \\*b\\* \\[c\\]\\(d\\)",
            ),
            (Format::Markdown, "    code", "\u{a0}\u{a0}\u{a0}\u{a0}code"),
            (Format::Markdown, "1. x  ", "1\\. x\u{a0}\u{a0}"),
            (Format::Markdown, "https://x.y", "https\\:\\/\\/x\\.y"),
        ] {
            assert_eq!(text_lines(format, text), [escaped], "{text}");
        }
    }

    #[test]
    fn a_line_that_looks_like_ours_is_guarded() {
        for format in Format::ALL {
            for text in [
                "END",
                " BEGIN ",
                "------------",
                "Conversation(3 messages)",
                "Ada 05:24 AM",
                "--- Created via RingCentral App Connect [x]",
                "E\u{200b}ND",
            ] {
                assert!(text_lines(format, text)[0].starts_with(GUARD), "{text}");
            }
            for text in ["the END", "99 messages)", "--", "at 05:24 AM sharp", ""] {
                assert!(!text_lines(format, text)[0].starts_with(GUARD), "{text}");
            }
        }
        assert!(text_lines(Format::Markdown, "**END**")[0].starts_with(GUARD));
    }

    #[test]
    fn open_directions_are_closed_in_order() {
        for (text, closed) in [
            ("\u{202e}abc", "\u{202e}abc\u{202c}"),
            ("\u{2066}\u{202b}x", "\u{2066}\u{202b}x\u{202c}\u{2069}"),
            ("\u{202e}a\u{202c}", "\u{202e}a\u{202c}"),
            ("\u{2067}\u{202e}a\u{2069}", "\u{2067}\u{202e}a\u{2069}"),
            ("\u{202c}a", "\u{202c}a"),
        ] {
            assert_eq!(close_bidi(text), closed);
        }
    }
}
