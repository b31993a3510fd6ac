//! The footer with the mark: all fields stand above it, and what is below it is a person's.

use super::world::{applied, call, defaults, every, mark, only, seen, some};
use crate::call::CallFields;
use crate::call_note::{Field, apply, create, mark_of, read};
use crate::digest::{Format, contains_mark};

const FOOTERS: [&str; 3] = [
    "--- Created via RingCentral App Connect [k7m2-9xqd-4tfa]",
    "--- Created via RingCentral App Connect [k7m2-9xqd-4tfa]",
    "\\--- Created via RingCentral App Connect [k7m2-9xqd-4tfa]",
];

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
        let gap = match format {
            Format::Html => "<br>",
            Format::PlainText | Format::Markdown => "\n",
        };
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
