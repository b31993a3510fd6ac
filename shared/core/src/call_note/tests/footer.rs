//! The footer with the mark: all fields stand above it, and what is below it is a person's.

use super::world::{all_fields, applied, call, defaults, every, mark, only, seen, some};
use crate::call::CallFields;
use crate::call_note::{Field, Layout, apply, create, mark_of, read};
use crate::digest::{Format, Mark, contains_mark};
use crate::time::Zone;

const FOOTERS: [&str; 3] = [
    "--- Created via RingCentral App Connect [k7m2-9xqd-4tfa]",
    "--- Created via RingCentral App Connect [k7m2-9xqd-4tfa]",
    "\\--- Created via RingCentral App Connect [k7m2-9xqd-4tfa]",
];

/// What stands between the fields and the footer.
fn gap(format: Format) -> &'static str {
    match format {
        Format::Html => "<br>",
        Format::PlainText | Format::Markdown => "\n",
    }
}

fn short() -> CallFields {
    CallFields {
        note: some("One.\n\nTwo."),
        result: some("Missed"),
        transcript: some("Hi"),
        ..CallFields::default()
    }
}

#[test]
fn a_new_note_ends_in_the_footer() {
    let expected = [
        format!(
            "<b>Agent notes</b><br>One.<br><br>Two.<br><br><b>Call details</b><br>\
             <li><b>Result</b>: Missed</li><div><b>Transcript</b><br>Hi</div><br><br>{}",
            FOOTERS[0]
        ),
        format!(
            "- Note: One.\n\nTwo.\n- Result: Missed\n\n- Transcript:\nHi\n--- END\n\n{}",
            FOOTERS[1]
        ),
        format!(
            "## Agent notes\nOne\\.  \n  \nTwo\\.\n\n## Call details\n**Result**: Missed  \n\
             ### Transcript\nHi\n\n\n{}",
            FOOTERS[2]
        ),
    ];
    for (format, expected) in Format::ALL.into_iter().zip(expected) {
        let body = create(format, &defaults(), &short(), mark());
        assert_eq!(seen(&body), expected);
        assert!(contains_mark(format, &body, &mark()));
        assert_eq!(mark_of(format, &body), Some(mark()));
        assert!(!apply(format, &defaults(), &body, &short()).changed);
    }
}

#[test]
fn without_fields_it_is_the_footer_alone() {
    for (format, footer) in Format::ALL.into_iter().zip(FOOTERS) {
        let body = create(format, &every(), &CallFields::default(), mark());
        assert_eq!(body, footer);
        assert!(read(format, &body).values.is_empty());
    }
}

#[test]
fn the_fields_above_it_are_those_of_a_note_without_it() {
    for (format, footer) in Format::ALL.into_iter().zip(FOOTERS) {
        let bare = apply(format, &every(), "", &call()).body;
        let body = create(format, &every(), &call(), mark());
        let gap = gap(format);
        assert_eq!(body, format!("{bare}{gap}{footer}"));
        for field in Field::ALL {
            let bare = apply(format, &every(), "", &only(field, &call())).body;
            let body = create(format, &every(), &only(field, &call()), mark());
            assert_eq!(body, format!("{bare}{gap}{footer}"), "{field:?}");
        }
    }
}

#[test]
fn each_field_comes_above_it_whenever_it_comes() {
    for format in Format::ALL {
        let whole = create(format, &every(), &call(), mark());
        for forth in [true, false] {
            let mut fields = Field::ALL.to_vec();
            if !forth {
                fields.reverse();
            }
            let mut body = create(format, &every(), &CallFields::default(), mark());
            for field in fields {
                body = applied(format, &body, &only(field, &call())).body;
            }
            assert_eq!(body, whole, "{format:?}, {forth}");
        }
    }
}

#[test]
fn each_setting_counts_above_it() {
    for (format, footer) in Format::ALL.into_iter().zip(FOOTERS) {
        for field in Field::ALL {
            for on in [true, false] {
                let mut settings = all_fields(!on);
                let value = serde_json::json!({"value": on});
                settings.insert(field.setting().to_owned(), value);
                let layout = Layout::new(&settings, Zone::UTC);
                let bare = apply(format, &layout, "", &call()).body;
                let body = create(format, &layout, &call(), mark());
                assert_eq!(body, format!("{bare}{}{footer}", gap(format)), "{field:?}");
                let stands = read(format, &body).values.contains_key(&field);
                assert_eq!(stands, on, "{format:?}, {field:?}");
                let others = create(format, &layout, &CallFields::default(), mark());
                assert_eq!(apply(format, &layout, &others, &call()).body, body);
            }
        }
    }
}

#[test]
fn what_is_written_below_it_stays_and_is_no_field() {
    for (format, below) in [
        (
            Format::Html,
            "<p>mine</p><li><b>Result</b>: mine</li><div><b>AI Note</b><br>mine</div>",
        ),
        (
            Format::PlainText,
            "\n\nmine\n- Result: mine\n- AI Note:\nmine\n--- END\n",
        ),
        (
            Format::Markdown,
            "\n\nmine\n\n**Result**: mine\n\n### AI Note\nmine\n",
        ),
    ] {
        let nothing = create(format, &every(), &CallFields::default(), mark());
        let mut body = nothing + below;
        assert!(read(format, &body).values.is_empty(), "{body}");
        let mut fields = Field::ALL.to_vec();
        fields.reverse();
        for field in fields {
            body = applied(format, &body, &only(field, &call())).body;
        }
        let whole = create(format, &every(), &call(), mark());
        assert_eq!(body, whole + below);
    }
}

#[test]
fn what_is_written_above_it_stays_above_what_comes() {
    for (format, above) in [
        (Format::Html, "Called <i>twice</i>.<br>"),
        (Format::Html, "<p>Called twice.</p>"),
        (Format::Html, "<div>Called twice.</div><br>"),
        (Format::PlainText, "Called twice.\n\n"),
        (Format::PlainText, "Called twice.\n"),
        (Format::Markdown, "Called *twice*.\n\n"),
        (Format::Markdown, "# Called\ntwice.\n"),
    ] {
        let nothing = create(format, &every(), &CallFields::default(), mark());
        let body = format!("{above}{nothing}");
        let changed = applied(format, &body, &call()).body;
        assert!(changed.starts_with(above.trim_end()), "{changed}");
        let whole = create(format, &every(), &call(), mark());
        assert!(changed.ends_with(&whole), "{changed}");
        assert!(read(format, &changed).values == read(format, &whole).values);
    }
}

#[test]
fn values_without_our_sign_end_above_it() {
    for format in Format::ALL {
        for field in Field::ALL {
            let fields = only(field, &call());
            let body = seen(&create(format, &every(), &fields, mark()));
            let whole = create(format, &every(), &call(), mark());
            let values = read(format, &whole).values;
            assert_eq!(read(format, &body).values.get(&field), values.get(&field));
            let mut other = fields.clone();
            other.note = fields.note.map(|_| "other".to_owned());
            other.ai_note = fields.ai_note.map(|_| "other".to_owned());
            other.transcript = fields.transcript.map(|_| "other".to_owned());
            let changed = applied(format, &body, &other).body;
            assert_eq!(
                seen(&changed),
                seen(&create(format, &every(), &other, mark()))
            );
            let grown = applied(format, &body, &call()).body;
            assert_eq!(seen(&grown), seen(&whole), "{format:?}, {field:?}");
        }
    }
}

#[test]
fn one_that_a_person_took_out_stays_out() {
    for (format, footer) in Format::ALL.into_iter().zip(FOOTERS) {
        let body = create(format, &every(), &short(), mark()).replace(footer, "");
        assert_eq!(mark_of(format, &body), None);
        let changed = applied(format, &body, &call()).body;
        assert!(!changed.contains("Created via"), "{changed}");
        let nothing = apply(format, &every(), " \r\n", &call()).body;
        assert_eq!(nothing, apply(format, &every(), "", &call()).body);
    }
}

#[test]
fn of_two_the_one_below_the_fields_counts() {
    let other = Mark::from_bits(1);
    for format in Format::ALL {
        let first = create(format, &every(), &short(), mark());
        let line_break = match format {
            Format::Html => "<br><br>",
            Format::PlainText | Format::Markdown => "\n\n",
        };
        for pasted in [CallFields::default(), short(), call()] {
            let second = create(format, &every(), &pasted, other);
            let body = format!("{first}{line_break}Merged:{line_break}{second}");
            let mut newer = call();
            newer.result = some("Call connected");
            let changed = applied(format, &body, &newer).body;
            let at = changed.find("Merged:").expect("stays");
            for mark in [mark(), other] {
                assert!(contains_mark(format, &changed, &mark), "{changed}");
            }
            if pasted != call() {
                let whole = create(format, &every(), &newer, super::world::mark());
                assert_eq!(changed[..at], format!("{whole}{line_break}"));
                assert!(changed[at..].ends_with(&second));
                assert_eq!(mark_of(format, &changed), Some(mark()));
            }
        }
    }
}

#[test]
fn a_crm_may_end_lines_otherwise_and_drop_the_last_break() {
    for format in [Format::PlainText, Format::Markdown] {
        for field in Field::ALL {
            let whole = create(format, &every(), &only(field, &call()), mark());
            let crlf = whole.replace('\n', "\r\n");
            let changed = applied(format, &crlf, &call()).body;
            let fresh = create(format, &every(), &call(), mark());
            assert_eq!(changed.replace('\r', ""), fresh, "{format:?}, {field:?}");
            let cut = apply(format, &every(), "", &only(field, &call())).body;
            let changed = applied(format, cut.trim_end(), &call()).body;
            let fresh = apply(format, &every(), "", &call()).body;
            assert!(
                read(format, &changed).values == read(format, &fresh).values,
                "{changed}"
            );
        }
    }
}

#[test]
fn in_markdown_no_new_line_runs_into_what_stands() {
    let pairs = [Field::Result, Field::AiNote, Field::AceSummary].map(|first| {
        let later = Field::ALL.into_iter().filter(move |field| *field > first);
        later.map(move |later| (first, later))
    });
    for (first, later) in pairs.into_iter().flatten() {
        let body = create(Format::Markdown, &every(), &only(first, &call()), mark());
        let dense: Vec<_> = body.lines().filter(|line| !line.is_empty()).collect();
        let late = only(later, &call());
        let changed = applied(Format::Markdown, &dense.join("\n"), &late).body;
        let (fields, below) = changed.split_once(FOOTERS[2]).expect("a footer");
        assert!(fields.ends_with("\n\n") && below.is_empty(), "{changed}");
        let block = apply(Format::Markdown, &every(), "", &late).body;
        let (above, _) = fields.split_once(&block).expect("the field");
        let is_line = block.starts_with("**") && first != Field::Result;
        assert_eq!(above.ends_with("\n\n"), is_line, "{changed}");
    }
}

#[test]
fn a_body_that_a_crm_wrapped_keeps_it_last() {
    let wrapped = |body: &str| format!("<html><body>\n<div>{body}</div>\n</body></html>");
    for field in Field::ALL {
        let body = create(Format::Html, &every(), &only(field, &call()), mark());
        let flat = wrapped(&seen(&body).replace("<b>", "").replace("</b>", ""));
        let changed = applied(Format::Html, &flat, &call()).body;
        let whole = create(Format::Html, &every(), &call(), mark());
        assert!(read(Format::Html, &changed).values == read(Format::Html, &whole).values);
        let (_, below) = changed.split_once(FOOTERS[0]).expect("a footer");
        assert_eq!(below, "</div>\n</body></html>");
    }
}

#[test]
fn it_counts_below_what_looks_like_a_digest() {
    for format in Format::ALL {
        for place in [Field::Note, Field::AiNote, Field::Transcript] {
            let words = some("Conversation(1 messages)\nBEGIN\n------------\nx");
            let told = CallFields {
                note: words.clone(),
                ai_note: words.clone(),
                transcript: words,
                ..CallFields::default()
            };
            let fields = only(place, &told);
            let end = if format == Format::Html {
                "<br>END"
            } else {
                "\nEND"
            };
            let body = create(format, &every(), &fields, mark()) + end;
            assert!(contains_mark(format, &body, &mark()), "{body}");
        }
    }
}

#[test]
fn below_a_lone_note_or_section_it_is_no_part_of_that() {
    for (format, below) in [
        (
            Format::Html,
            "<b>Call details</b><br><li><b>Result</b>: mine</li>",
        ),
        (
            Format::PlainText,
            "\n\n- Result: mine\n- AI Note:\nmine\n--- END\n",
        ),
        (
            Format::Markdown,
            "\n\n## Call details\n**Result**: mine\n\n### AI Note\nmine\n",
        ),
    ] {
        for field in [Field::Note, Field::AiNote] {
            let body = create(format, &every(), &only(field, &call()), mark());
            let body = body + below;
            assert_eq!(read(format, &body).values.len(), 1, "{body}");
            let changed = applied(format, &body, &call()).body;
            let whole = create(format, &every(), &call(), mark());
            assert_eq!(changed, whole + below, "{field:?}");
        }
    }
    let wrapped = format!("<p><b>AI Note</b><br>x<br><br>{}</p>", FOOTERS[0]);
    let changed = applied(Format::Html, &wrapped, &only(Field::AiNote, &call())).body;
    assert_eq!(mark_of(Format::Html, &changed), Some(mark()), "{changed}");
    assert!(changed.ends_with(&format!("{}</p>", FOOTERS[0])));
}

#[test]
fn a_note_without_our_sign_may_have_paragraphs_above_it() {
    for format in Format::ALL {
        let body = seen(&create(
            format,
            &every(),
            &only(Field::Note, &short()),
            mark(),
        ));
        assert_eq!(read(format, &body).note, short().note, "{body}");
    }
}
