//! What people write around and between our fields stays where they wrote it.

use super::world::{applied, call, every, only, seen, some};
use crate::call::CallFields;
use crate::call_note::{Field, apply, read};
use crate::digest::Format;

/// A person's paragraph.
fn remark(format: Format, words: &str) -> String {
    match format {
        Format::Html => format!("<p>{words}</p>"),
        Format::PlainText | Format::Markdown => format!("{words}\n\n"),
    }
}

/// A call of which everything is other than in [`call`].
fn other() -> CallFields {
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
        *text = some("other\n\nwords");
    }
    other.legs.truncate(1);
    other
}

#[test]
fn what_is_written_between_two_fields_stays_there() {
    for format in Format::ALL {
        let body = apply(format, &every(), "", &call()).body;
        let page = super::super::Page::read(format, body.clone());
        let starts: Vec<_> = (page.fields.iter().skip(1))
            .map(|found| match format {
                // The tags of the line or section begin right before its label.
                Format::Html => found.label.start - "<li><b>".len(),
                Format::PlainText | Format::Markdown => page.document.lines[found.head].start,
            })
            .collect();
        for (index, at) in starts.iter().enumerate() {
            let above = Field::ALL[index];
            let mut edited = body.clone();
            let at = match edited[*at..].starts_with("div>") {
                true => *at - 1,
                false => *at,
            };
            edited.insert_str(at, &remark(format, "My own remark."));
            let changed = applied(format, &edited, &other()).body;
            let what = format!("{format:?}, below {above:?}: {changed}");
            assert_eq!(changed.matches("My own remark.").count(), 1, "{what}");
            let fresh = apply(format, &every(), "", &other()).body;
            let without = changed.replacen(&remark(format, "My own remark."), "", 1);
            assert_eq!(without, fresh, "{what}");
        }
    }
}

#[test]
fn what_is_written_below_the_note_is_no_part_of_it() {
    for (format, below) in [
        (Format::Html, "<br>below<br><br>and more"),
        (Format::PlainText, "\nbelow\n\nand more"),
        (Format::Markdown, "  \nbelow\n\nand more"),
    ] {
        for field in [Field::Note, Field::AiNote] {
            let mut fields = call();
            fields.note = some("note");
            fields.ai_note = some("answer");
            let body = apply(format, &every(), "", &fields).body;
            let word = if field == Field::Note {
                "note"
            } else {
                "answer"
            };
            let signed = format!("{word}\u{2060}");
            let edited = body.replacen(&signed, &format!("{signed}{below}"), 1);
            assert_ne!(edited, body);
            let values = read(format, &edited).values;
            assert_eq!(values[&field], word, "{format:?}");
            fields.note = some("first\n\nsecond");
            fields.ai_note = some("third\n\nfourth");
            let changed = applied(format, &edited, &fields).body;
            assert_eq!(changed.matches(below).count(), 1, "{changed}");
            assert!(read(format, &changed).values[&field].contains("\n\n"));
        }
    }
}

#[test]
fn what_is_written_below_a_section_of_another_server_stays() {
    for (format, body) in [
        (
            Format::Html,
            "<div><b>AI Note</b><br>old<br><br>words</div><br><p>person</p>wrote this\
             <li><b>Call score</b>: 5</li>",
        ),
        (
            Format::PlainText,
            "- AI Note:\nold\n\nwords\n--- END\nperson\n\nwrote this\n- Call score: 5\n",
        ),
    ] {
        let old = read(format, body).values;
        assert_eq!(old[&Field::AiNote], "old\n\nwords");
        let newer = CallFields {
            ai_note: some("new"),
            ..CallFields::default()
        };
        let changed = applied(format, body, &newer).body;
        let expected = body
            .replace("old<br><br>words", "new")
            .replace("old\n\nwords", "new");
        assert_eq!(seen(&changed), expected);
    }
}

#[test]
fn a_section_whose_end_a_person_took_out_goes_to_the_next_one() {
    let body = "- AI Note:\nold\n\n- Transcript:\nt\n--- END\n";
    let changed = applied(Format::PlainText, body, &only(Field::AiNote, &other())).body;
    assert_eq!(seen(&changed), body.replace("old", "other\n\nwords"));
}

#[test]
fn what_is_written_below_a_plain_note_of_another_server_stays() {
    let body = "- Note: hello\n\nperson wrote this\n";
    let newer = CallFields {
        note: some("N2"),
        ..CallFields::default()
    };
    let changed = applied(Format::PlainText, body, &newer).body;
    assert_eq!(seen(&changed), "- Note: N2\n\nperson wrote this\n");
}

#[test]
fn a_persons_changes_of_the_note_are_read_and_then_replaced() {
    for format in Format::ALL {
        let mut fields = call();
        fields.note = some("one two");
        let body = apply(format, &every(), "", &fields).body;
        let edited = body.replacen("one two", "one 2 two", 1);
        assert_eq!(read(format, &edited).note, some("one 2 two"));
        let late = only(Field::Recording, &fields);
        assert_eq!(applied(format, &edited, &late).note, "one 2 two");
        fields.note = some("three");
        let changed = applied(format, &edited, &fields).body;
        let fresh = apply(format, &every(), "", &fields).body;
        assert_eq!(changed, fresh);
    }
}

#[test]
fn a_body_of_a_person_alone_is_kept_above() {
    for (format, body) in [
        (Format::Html, "<p>Called <b>twice</b>.</p>"),
        (Format::Html, "Called twice."),
        (Format::PlainText, "Called twice."),
        (Format::Markdown, "Called *twice*.\n"),
    ] {
        let changed = applied(format, body, &call()).body;
        assert!(changed.starts_with(body.trim_end()), "{changed}");
        let fresh = apply(format, &every(), "", &call()).body;
        let values = read(format, &changed).values;
        assert!(values == read(format, &fresh).values, "{changed}");
        assert!(changed.ends_with(&fresh), "{changed}");
    }
}

#[test]
fn a_field_that_a_person_took_out_comes_back_only_with_its_value() {
    for format in Format::ALL {
        let body = apply(format, &every(), "", &call()).body;
        let result = apply(format, &every(), "", &only(Field::Result, &call())).body;
        let edited = body.replacen(&result, "", 1);
        assert!(!read(format, &edited).values.contains_key(&Field::Result));
        let late = only(Field::Duration, &call());
        assert!(!applied(format, &edited, &late).changed);
        let again = applied(format, &edited, &only(Field::Result, &call())).body;
        assert_eq!(again, body);
    }
}

#[test]
fn words_like_a_label_that_are_not_bold_are_a_persons() {
    let own = "<p>Result: sold it</p><p>Transcript</p>";
    let body = format!("{own}<li><b>Summary</b>: s</li><li><b>Duration</b>: 1 second</li>");
    let fields = CallFields {
        transcript: some("t"),
        ..only(Field::Result, &call())
    };
    let changed = applied(Format::Html, &body, &fields).body;
    assert!(changed.starts_with(own), "{changed}");
    let values = read(Format::Html, &changed).values;
    assert_eq!(values[&Field::Result], "Call connected");
    assert_eq!(values[&Field::Transcript], "t");
}
