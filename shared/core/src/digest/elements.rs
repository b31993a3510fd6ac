//! What a person sees in HTML beside its text: pictures, rules, frames, tables, links.
//!
//! What we write is text and its shape. A CRM that reformats a note adds nothing else than more
//! shape, and links on addresses that stand there as text. Everything else is a person's.

use std::ops::Range;

use super::insert::tags_within;
use super::lines::{Document, TagKind, key_of};
use super::render::Format;

/// The elements that only give text its shape, or are not seen. An unknown one may be seen.
const SHAPING: [&str; 78] = [
    "abbr",
    "acronym",
    "address",
    "article",
    "aside",
    "b",
    "base",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "body",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "html",
    "i",
    "ins",
    "kbd",
    "li",
    "link",
    "main",
    "mark",
    "meta",
    "nav",
    "nobr",
    // Office writes `<o:p>`.
    "o",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "script",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "style",
    "sub",
    "sup",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "title",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "wbr",
];

/// Whether `range` of the body shows something that its text does not tell.
pub(super) fn shows_more(document: &Document, body: &str, range: Range<usize>) -> bool {
    !shown(document, body, range).is_empty()
}

/// What `range` of the body shows that its text does not tell: the names of elements, and for a
/// link its address.
pub(crate) fn shown(document: &Document, body: &str, range: Range<usize>) -> Vec<String> {
    let mut glyphs = (document.lines.iter())
        .flat_map(|line| &line.glyphs)
        .peekable();
    let mut spelled = |range: Range<usize>| {
        while glyphs.next_if(|glyph| glyph.start < range.start).is_some() {}
        let text = std::iter::from_fn(|| glyphs.next_if(|glyph| glyph.start < range.end));
        key_of(Format::Html, text.map(|glyph| glyph.c))
    };
    // Links are never within each other: the next one ends the one before.
    let mut link: Option<(usize, String)> = None;
    let mut shown = Vec::new();
    for tag in tags_within(document, range) {
        if tag.name == "a" {
            if let Some((from, address)) = link.take()
                && !is_spelled(&spelled(from..tag.start), &address)
            {
                shown.push(address);
            }
            if tag.kind == TagKind::Open {
                link = body
                    .get(tag.start..tag.end)
                    .and_then(address)
                    .map(|address| (tag.end, address));
            }
        } else if tag.kind != TagKind::Close && !SHAPING.contains(&tag.name.as_str()) {
            shown.push(tag.name.clone());
        }
    }
    shown.extend(link.map(|(_, address)| address));
    shown
}

/// Whether a link's text is its address, as in our links and those that CRMs make of addresses.
fn is_spelled(text: &str, address: &str) -> bool {
    const SCHEMES: [&str; 5] = ["", "http://", "https://", "mailto:", "tel:"];
    let text = text.trim_end_matches('/');
    let address = address.trim_end_matches('/');
    !text.is_empty()
        && SCHEMES
            .iter()
            .filter_map(|scheme| address.strip_prefix(scheme))
            .any(|rest| rest.eq_ignore_ascii_case(text))
}

/// What a link's address is compared by, from the text of its tag; `None` where it has none.
fn address(tag: &str) -> Option<String> {
    href(tag).map(|address| key_of(Format::Html, address.chars()))
}

/// The address of a link, from the text of its tag; `None` where it has none.
pub(crate) fn href(tag: &str) -> Option<String> {
    let is_end = |c: char| c.is_whitespace() || matches!(c, '/' | '>');
    let mut rest = tag.get(2..)?;
    loop {
        rest = rest.trim_start_matches(is_end);
        let name = rest.find(|c| is_end(c) || c == '=')?;
        let (name, after) = rest.split_at(name);
        let Some(value) = after.trim_start().strip_prefix('=') else {
            rest = after;
            continue;
        };
        let value = value.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, after) = match quote {
            Some(quote) => value.get(1..)?.split_once(quote)?,
            None => value.split_at(value.find(|c: char| c.is_whitespace() || c == '>')?),
        };
        if name.eq_ignore_ascii_case("href") {
            return Some(html_escape::decode_html_entities(value).into_owned());
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::super::lines::scan;
    use super::*;

    fn shows(body: &str) -> bool {
        shows_more(&scan(Format::Html, body), body, 0..body.len())
    }

    #[test]
    fn shaped_text_shows_no_more_than_its_text() {
        for body in [
            "",
            "text",
            "<p><br></p>",
            "<div class=\"a\"><b>x</b><o:p></o:p></div>",
            "<a name=\"x\">x</a>",
            "<!-- <img> -->",
            "<a href=\"https://x.example/?a=1&amp;b=2\">https://x.example/?a=1&amp;b=2</a>",
            "<a target=_blank HREF='http://www.x.example/' rel=\"noopener\">www.x.example</a>",
            "<a href=mailto:a@x.example>a@x.example</a> <a href=\"tel:+16505553204\">+16505553204</a>",
        ] {
            assert!(!shows(body), "{body}");
        }
    }

    #[test]
    fn pictures_and_links_show_more() {
        for body in [
            "<img src=\"x\">",
            "<IMG src=x />",
            "<p><hr></p>",
            "<iframe src=x></iframe>",
            "<table><tr><td></td></tr></table>",
            "<oembed url=x></oembed>",
            "<a href=\"https://x.example\">see here</a>",
            "<a href=\"https://x.example\">y.example</a>",
            "<a href=\"https://x.example\"></a>",
            "<a href=\"https://x.example\">x.example",
            "<a name=x><a title='>' href=https://x.example>see</a>",
        ] {
            assert!(shows(body), "{body}");
        }
    }

    #[test]
    fn only_the_range_counts() {
        let body = "<img><b>x</b><img>";
        let document = scan(Format::Html, body);
        assert!(!shows_more(&document, body, 5..13));
        assert!(shows_more(&document, body, 5..18));
    }
}
