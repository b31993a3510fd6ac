//! Shows a note: plain text as it stands, HTML in a frame that it cannot get out of.
//!
//! The frame has no scripts, forms or origin. Its links work, and open apart from the page.

use maud::{Markup, html};

const FRAME_HEAD: &str = "<!doctype html><meta charset=\"utf-8\"><base target=\"_blank\">\
    <style>body{margin:0;color:#24292f;font:16px/1.55 system-ui,sans-serif;overflow-wrap:anywhere}\
    a{color:#2f6f62}table{border-collapse:collapse}td,th{padding:.2rem .6rem .2rem 0;\
    text-align:left;vertical-align:top}</style>";

const LINE_PX: usize = 26;
const CHARS_PER_LINE: usize = 60;
const MIN_LINES: usize = 2;
const MAX_LINES: usize = 80;

/// The note as a part of a page; nothing for a blank one.
pub(crate) fn render(note: &str) -> Markup {
    if note.trim().is_empty() {
        html! {}
    } else if is_html(note) {
        frame(note)
    } else {
        html! { div.note { (note.trim()) } }
    }
}

fn frame(note: &str) -> Markup {
    let height_px = estimated_lines(note).clamp(MIN_LINES, MAX_LINES) * LINE_PX + LINE_PX;
    html! {
        iframe.note
            title="Note"
            loading="lazy"
            sandbox="allow-popups allow-popups-to-escape-sandbox"
            style={ "height:" (height_px) "px" }
            srcdoc={ (FRAME_HEAD) (note) } {}
    }
}

/// A `<` that begins a tag, with a `>` somewhere after it. A wrong guess looks odd, no more.
fn is_html(note: &str) -> bool {
    note.match_indices('<').any(|(at, _)| {
        let rest = &note[at + 1..];
        rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!')
            && rest.contains('>')
    })
}

/// How tall the note is, in lines: a frame cannot grow with what it holds.
fn estimated_lines(html: &str) -> usize {
    let html = html.to_ascii_lowercase();
    let (mut lines, mut chars) = (0, 0);
    for piece in html.split('<') {
        let (tag, text) = piece.split_once('>').unwrap_or(("", piece));
        if starts_line(tag) {
            // A break ends a line that may be empty; a block begins one where text came before.
            let least = usize::from(tag.starts_with("br"));
            lines += usize::div_ceil(chars, CHARS_PER_LINE).max(least);
            chars = 0;
        }
        chars += text.trim().chars().count();
    }
    let margins = html.matches("<p").count() / 2
        + html.matches("<ul").count() * 2
        + html.matches("<ol").count() * 2;
    lines + chars.div_ceil(CHARS_PER_LINE) + margins
}

fn starts_line(tag: &str) -> bool {
    let name = tag
        .split(|c: char| !c.is_ascii_alphanumeric())
        .next()
        .unwrap_or_default();
    let blocks = [
        "p",
        "br",
        "div",
        "li",
        "tr",
        "hr",
        "ul",
        "ol",
        "table",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "pre",
        "blockquote",
        "section",
        "summary",
        "dt",
        "dd",
    ];
    blocks.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::{estimated_lines, is_html, render};

    #[test]
    fn only_tags_make_html() {
        assert!(is_html("<p>Hello</p>"));
        assert!(is_html("one<br/>two"));
        assert!(!is_html("1 < 2 and 3 > 2, <3"));
        assert!(!is_html("an end: <b"));
    }

    #[test]
    fn plain_text_is_escaped_and_keeps_its_lines() {
        let page = render("one & two\n  <three").into_string();
        assert_eq!(page, "<div class=\"note\">one &amp; two\n  &lt;three</div>");
    }

    #[test]
    fn html_cannot_leave_its_frame() {
        let page = render("<b>x</b>\"></iframe><script>alert('1')</script>").into_string();
        assert_eq!(page.matches("<iframe").count(), 1);
        assert_eq!(page.matches("</iframe>").count(), 1);
        assert!(!page.contains("<script"));
        assert!(page.contains("&lt;b&gt;x&lt;/b&gt;&quot;&gt;&lt;/iframe&gt;&lt;script&gt;"));
        assert!(page.contains("sandbox=\"allow-popups allow-popups-to-escape-sandbox\""));
    }

    #[test]
    fn a_blank_note_shows_nothing() {
        assert_eq!(render(" \n").into_string(), "");
    }

    #[test]
    fn longer_notes_get_taller_frames() {
        assert_eq!(estimated_lines("<ul><li>a</li><li>b</li></ul>"), 2 + 2);
        assert_eq!(estimated_lines("a<br><br>b<br>"), 3, "an empty line is one");
        assert_eq!(estimated_lines(&"a ".repeat(100)), 4);
    }
}
