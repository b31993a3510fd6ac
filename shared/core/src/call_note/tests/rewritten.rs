//! CRMs that store a note in another form than it was written in.

use super::world::{applied, call, every, mark, only, some, starts};
use crate::call_note::{Field, apply, mark_of, read};
use crate::digest::Format;
use crate::digest::tests::world::{Rewrite, rewrites};

/// What CRMs do to the elements of a call note.
const OF_CALLS: [Rewrite; 10] = [
    ("list put around", |body| {
        let body = body.replacen("<li>", "<ul><li>", 1);
        body.replacen("</li><div>", "</li></ul><div>", 1)
    }),
    ("items to lines", |body| {
        body.replace("<li>", "").replace("</li>", "<br />")
    }),
    ("items to paragraphs", |body| {
        body.replace("<li>", "<p>").replace("</li>", "</p>\n")
    }),
    ("sections to lines", |body| {
        body.replace("<div>", "").replace("</div>", "<br>")
    }),
    ("sections to paragraphs", |body| {
        body.replace("<div>", "<p class=x>")
            .replace("</div>", "</p>")
    }),
    ("attributes dropped", |body| {
        body.replace(" target=\"_blank\"", "")
    }),
    ("attributes added", |body| {
        body.replace("<a ", "<a rel='noopener' class=\"x > y\" ")
            .replace("<div>", "<div dir=\"auto\">")
    }),
    ("colon in bold", |body| body.replace("</b>: ", ":</b> ")),
    ("entities", |body| {
        body.replace('\'', "&#39;")
            .replace(": ", "&#58;&nbsp;")
            .replace('+', "&plus;")
    }),
    ("a document", |body| {
        format!("<html><body>\n{body}\n</body></html>\n")
    }),
];

/// Without tags and entities: what is left is text.
fn no_tags(body: &str) -> String {
    let body = body
        .replace("<br>", "\n")
        .replace("</li>", "\n")
        .replace("</div>", "\n");
    let mut out = String::new();
    let mut within = false;
    for c in body.chars() {
        match c {
            '<' => within = true,
            '>' => within = false,
            c if !within => out.push(c),
            _ => {}
        }
    }
    out.replace("\u{2060}", "")
}

/// With one kind of space.
fn spaced(text: &str) -> String {
    text.replace('\u{a0}', " ")
}

fn all(format: Format) -> Vec<Rewrite> {
    // What is within tags is not what a CRM rewrites as text.
    let mut all = rewrites(format).to_vec();
    all.retain(|(name, _)| format != Format::Html || *name != "entities");
    if format == Format::Html {
        all.extend(OF_CALLS);
    }
    all
}

fn with_starts(format: Format) -> [(Format, String); 2] {
    starts(format).map(|start| (format, start))
}

#[test]
fn every_field_is_read_in_whatever_form() {
    for (format, start) in Format::ALL.into_iter().flat_map(with_starts) {
        let body = apply(format, &every(), &start, &call()).body;
        let values = read(format, &body).values;
        for (name, rewrite) in all(format) {
            let rewritten = rewrite(&body);
            let is_marked = (!start.is_empty()).then(mark);
            assert_eq!(mark_of(format, &rewritten), is_marked, "{format:?}, {name}");
            let read = read(format, &rewritten).values;
            for field in Field::ALL {
                let (is, was) = (
                    read.get(&field).map(|text| spaced(text)),
                    values.get(&field).map(|text| spaced(text)),
                );
                assert_eq!(is, was, "{format:?}, {name}, {field:?}: {rewritten}");
            }
            let again = applied(format, &rewritten, &call());
            assert!(!again.changed, "{format:?}, {name}: {}", again.body);
        }
    }
}

#[test]
fn each_field_is_changed_in_place_in_whatever_form() {
    let mut other = call();
    for text in [
        &mut other.note,
        &mut other.session_id,
        &mut other.subject,
        &mut other.result,
        &mut other.ai_note,
        &mut other.transcript,
        &mut other.ring_sense.transcript,
        &mut other.ring_sense.summary,
        &mut other.ring_sense.score,
        &mut other.ring_sense.bulleted_summary,
    ] {
        *text = some("other words");
    }
    for (format, start) in Format::ALL.into_iter().flat_map(with_starts) {
        let body = apply(format, &every(), &start, &call()).body;
        let expected = read(format, &apply(format, &every(), "", &other).body).values;
        for (name, rewrite) in all(format) {
            let mut body = rewrite(&body);
            for field in Field::ALL {
                body = applied(format, &body, &only(field, &other)).body;
                body = rewrite_once_more(name, rewrite, &body);
            }
            for field in Field::ALL {
                let is = read(format, &body)
                    .values
                    .get(&field)
                    .map(|text| spaced(text));
                let expected = expected.get(&field).map(|text| spaced(text));
                assert_eq!(is, expected, "{format:?}, {name}: {body}");
            }
            for old in ["Wants a", "Ann: Hello", "A: x", "One", ": 82"] {
                assert!(!body.contains(old), "{format:?}, {name}, {old}: {body}");
            }
        }
    }
}

#[test]
fn a_note_that_grows_is_whole_in_whatever_form() {
    for (format, start) in Format::ALL.into_iter().flat_map(with_starts) {
        let expected = read(format, &apply(format, &every(), "", &call()).body).values;
        for (name, rewrite) in all(format) {
            for forth in [true, false] {
                let mut fields = Field::ALL.to_vec();
                if !forth {
                    fields.reverse();
                }
                let mut body = start.clone();
                for field in fields {
                    body = applied(format, &body, &only(field, &call())).body;
                    body = rewrite_once_more(name, rewrite, &body);
                }
                for field in Field::ALL {
                    let is = read(format, &body)
                        .values
                        .get(&field)
                        .map(|text| spaced(text));
                    let expected = expected.get(&field).map(|text| spaced(text));
                    assert_eq!(is, expected, "{format:?}, {name}, {forth}: {body}");
                }
            }
        }
    }
}

/// A CRM does to a whole note what it does, but does not wrap it again and again.
fn rewrite_once_more(name: &str, rewrite: fn(&str) -> String, body: &str) -> String {
    match name {
        "wrapped" | "a document" if body.starts_with("<div><p>") => body.to_owned(),
        "a document" if body.starts_with("<html>") => body.to_owned(),
        "list put around" if body.contains("<ul>") => body.to_owned(),
        "attributes added" | "newlines between tags" | "newlines" | "xhtml" => body.to_owned(),
        _ => rewrite(body),
    }
}

#[test]
fn html_without_any_tags_is_read_and_gets_them_back() {
    for start in starts(Format::Html) {
        let body = no_tags(&apply(Format::Html, &every(), &start, &call()).body);
        assert!(!body.contains('<'), "{body}");
        let values = read(Format::Html, &body).values;
        let expected = read(
            Format::Html,
            &apply(Format::Html, &every(), "", &call()).body,
        );
        for field in Field::ALL {
            // The addresses are gone with the tags.
            let is_link = matches!(field, Field::Recording | Field::Voicemail | Field::AceLink);
            if !is_link {
                assert_eq!(values[&field], expected.values[&field], "{body}");
            }
        }
        let changed = applied(Format::Html, &body, &call()).body;
        assert!(
            read(Format::Html, &changed).values == expected.values,
            "{changed}"
        );
        let mut first = call();
        first.note = None;
        first.result = None;
        let body = no_tags(&apply(Format::Html, &every(), &start, &first).body);
        let changed = applied(Format::Html, &body, &call()).body;
        assert!(
            read(Format::Html, &changed).values == expected.values,
            "{changed}"
        );
        assert_eq!(
            mark_of(Format::Html, &changed),
            (!start.is_empty()).then(mark)
        );
    }
}
