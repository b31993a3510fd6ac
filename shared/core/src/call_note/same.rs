//! Whether two bodies say the same to a reader.

use crate::digest::Format;
use crate::digest::elements::shown;
use crate::digest::lines::scan;

/// Whether two bodies say the same to a reader.
///
/// Their lines are compared without white space, tags, entities, invisible characters and emoji,
/// which not every CRM keeps; empty lines do not count. So are, in HTML, the pictures and frames,
/// and the addresses of links that do not stand there as text.
pub fn same_text(format: Format, a: &str, b: &str) -> bool {
    said(format, a) == said(format, b)
}

/// The lines of a body, and what it shows beside them.
fn said(format: Format, body: &str) -> (Vec<String>, Vec<String>) {
    let document = scan(format, body);
    let shown = shown(&document, body, 0..body.len());
    let keys = document.lines.into_iter().map(|line| line.key);
    (keys.filter(|key| !key.is_empty()).collect(), shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::tests::world::rewrites;

    #[test]
    fn what_a_crm_makes_of_a_body_says_the_same() {
        for (format, body) in [
            (
                Format::Html,
                "<b>Agent notes</b><br>Ann's \u{1f600} note<br><br>\u{2060}Result: x<br>\
                 <li><b>Call recording link</b>: <a href=https://r.example/1>open</a></li>",
            ),
            (
                Format::PlainText,
                "- Note: one\n\n\u{2060}- Result: x  \n- Duration: 5 seconds\n",
            ),
            (
                Format::Markdown,
                "## Agent notes\none  \n\n**Result**: x  \n",
            ),
        ] {
            for (name, rewrite) in rewrites(format) {
                assert!(
                    same_text(format, body, &rewrite(body)),
                    "{format:?}, {name}"
                );
                assert!(
                    same_text(format, &rewrite(body), body),
                    "{format:?}, {name}"
                );
            }
        }
        let bare = "a &amp; b\r\n\nc";
        assert!(same_text(Format::Html, "<p>a &#38; b</p><p>c</p>", bare));
        assert!(same_text(Format::PlainText, "", " \n\u{2060}"));
    }

    #[test]
    fn what_a_person_wrote_or_took_out_is_another_text() {
        for (format, a, b) in [
            (Format::PlainText, "one\ntwo", "one\ntwo\nthree"),
            (Format::PlainText, "one\ntwo", "one"),
            (Format::PlainText, "one\ntwo", "two\none"),
            (Format::PlainText, "one two", "one\ntwo"),
            (Format::PlainText, "a <b>", "a"),
            (Format::Html, "<p>one</p>", "<p>one</p><p>.</p>"),
            (Format::Html, "<p>one</p>", "<p>one</p><img src=\"x\">"),
            (
                Format::Html,
                "<p>see</p>",
                "<p><a href=\"https://x.example\">see</a></p>",
            ),
            (
                Format::Html,
                "<a href=\"https://x.example/1\">open</a>",
                "<a href=\"https://x.example/2\">open</a>",
            ),
            (Format::Markdown, "one", "one\\!"),
        ] {
            assert!(!same_text(format, a, b), "{a} / {b}");
            assert!(!same_text(format, b, a), "{b} / {a}");
        }
    }
}
