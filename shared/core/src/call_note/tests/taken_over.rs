//! Notes of App Connect's server, of today and of earlier, go on being updated in place.

mod bodies;

use bodies::{HTML, MARKDOWN, OLD_HTML, OLD_PLAIN, PLAIN};

use super::world::{applied, call, link, only, seen, some};
use crate::call::{CallFields, Duration};
use crate::call_note::{Field, apply, read};
use crate::digest::Format;

const WHOLE: [(Format, &str); 3] = [
    (Format::Html, HTML),
    (Format::PlainText, PLAIN),
    (Format::Markdown, MARKDOWN),
];

fn note(text: &str) -> CallFields {
    CallFields {
        note: some(text),
        ..CallFields::default()
    }
}

#[test]
fn every_field_is_read() {
    for (format, body) in WHOLE {
        let ours = read(format, &applied(format, "", &call()).body).values;
        let theirs = read(format, body).values;
        for field in Field::ALL {
            let says = match field == Field::UserNumber {
                true => "+16505550199",
                false => &ours[&field],
            };
            assert_eq!(theirs[&field], says, "{format:?}");
        }
    }
}

#[test]
fn a_new_note_is_all_that_changes() {
    for (format, body) in WHOLE {
        let changed = applied(format, body, &note("New $& note"));
        let new = match format {
            Format::Html => "New $&amp; note",
            Format::PlainText => "New $& note",
            Format::Markdown => "New \\$\\& note",
        };
        let expected = body.replacen("Wants a quote.\nCall back on Friday.", new, 1);
        assert_eq!(seen(&changed.body), expected);
        assert_eq!(changed.note, "New $& note");
    }
}

#[test]
fn what_says_the_same_stays_byte_for_byte() {
    for (format, body) in WHOLE {
        let changed = applied(format, body, &call()).body;
        // That server writes no extension of the user's own.
        let number = match format {
            Format::Html | Format::PlainText => ": +16505550199 101 ",
            Format::Markdown => ": \\+16505550199 101 ",
        };
        let expected = body.replacen(": +16505550199 ", number, 1);
        assert_eq!(changed, expected);
    }
}

#[test]
fn each_field_is_replaced_at_its_place() {
    let mut newer = call();
    newer.note = some("n2\n\nn3");
    newer.session_id = some("77");
    newer.subject = some("s2");
    newer.started_at = crate::time::parse_instant("2026-03-05T00:00:00Z").ok();
    newer.duration = Some(Duration::seconds(7));
    newer.result = some("r2");
    newer.recording = link("https://r.example/2");
    newer.voicemail = link("https://v.example/2");
    newer.ai_note = some("a2\n\na3");
    newer.transcript = some("t2");
    newer.ring_sense.transcript = some("rt2");
    newer.ring_sense.summary = some("rs2");
    newer.ring_sense.score = some("9");
    newer.ring_sense.bulleted_summary = some("- b2\n- b3");
    newer.ring_sense.link = link("https://l.example/2");
    newer.legs.truncate(1);
    for (format, body) in WHOLE {
        let order = |body: &str| {
            let page = super::super::Page::read(format, body.to_owned());
            let fields = page.fields.iter().map(|found| found.field);
            fields.collect::<Vec<_>>()
        };
        let changed = applied(format, body, &newer).body;
        let values = read(format, &changed).values;
        let expected = read(format, &applied(format, "", &newer).body).values;
        assert!(values == expected, "{changed}");
        assert_eq!(order(&changed), Field::ALL, "{changed}");
        for old in [
            "Wants a",
            "Ann: Hello",
            "A: x",
            "One",
            "rec?id",
            "82",
            "Cara",
        ] {
            assert!(!changed.contains(old), "{old} in {changed}");
        }
    }
}

#[test]
fn a_recording_that_was_pending_is_replaced_in_place() {
    let pending = [
        (
            Format::Html,
            "<b>Agent notes</b><br>n<br><br><b>Call details</b><br><li><b>Summary</b>: s</li>\
             <li><b>Date/time</b>: 2026-03-04 02:05:09 PM</li><li><b>Duration</b>: 5 seconds</li>\
             <li><b>Result</b>: Call connected</li><li><b>Call recording link</b>: LINK</li>",
            "<a target=\"_blank\" href=\"https://media.example/rec?id=1\">open</a>",
        ),
        (
            Format::PlainText,
            "- Note: n\n- Summary: s\n- Date/Time: 2026-03-04 02:05:09 PM\n\
             - Duration: 5 seconds\n- Result: Call connected\n- Call recording link: LINK\n",
            "https://media.example/rec?id=1",
        ),
        (
            Format::Markdown,
            "## Agent notes\nn\n\n## Call details\n**Summary**: s\n\
             **Date/Time**: 2026-03-04 02:05:09 PM\n**Duration**: 5 seconds\n\
             **Result**: Call connected\n**Call recording link**: LINK\n",
            "<https://media.example/rec?id=1>",
        ),
    ];
    for (format, body, markup) in pending {
        let recording = only(Field::Recording, &call());
        let before = body.replace("LINK", "(pending...)");
        let after = applied(format, &before, &recording).body;
        assert_eq!(after, body.replace("LINK", markup));
        let pending = CallFields {
            recording: link("(pending...)"),
            ..CallFields::default()
        };
        assert!(!applied(format, &after, &pending).changed);
        assert!(!applied(format, &before, &pending).changed);
    }
}

#[test]
fn a_call_in_stages_keeps_its_order() {
    let stages = [
        (
            Format::Html,
            "<b>Agent notes</b><br>N<br><br><b>Call details</b><br>\
             <li><b>Summary</b>: Inbound Call from Ann Lee</li>\
             <li><b>Date/time</b>: 2026-03-04 02:05:09 PM</li>\
             <li><b>Duration</b>: 1 minute, 5 seconds</li><li><b>Result</b>: Call connected</li>\
             <div><b>AI Note</b><br>AI</div><br><li><b>Call recording link</b>: \
             <a target=\"_blank\" href=\"https://r\">open</a></li>\
             <div><b>Transcript</b><br>T</div><br>",
        ),
        (
            Format::PlainText,
            "- Note: N\n- Summary: Inbound Call from Ann Lee\n\
             - Date/Time: 2026-03-04 02:05:09 PM\n- Duration: 1 minute, 5 seconds\n\
             - Result: Call connected\n\n- AI Note:\nAI\n--- END\n\
             - Call recording link: https://r\n\n- Transcript:\nT\n--- END\n",
        ),
    ];
    for (format, body) in stages {
        let repeated = CallFields {
            note: some("N"),
            ai_note: some("AI"),
            transcript: some("T"),
            recording: link("https://r"),
            duration: Some(Duration::seconds(65)),
            ..CallFields::default()
        };
        assert!(!applied(format, body, &repeated).changed, "{body}");
        let newer = CallFields {
            ai_note: some("AI 2"),
            recording: link("https://r2"),
            ..CallFields::default()
        };
        let changed = applied(format, body, &newer).body;
        let expected = body.replace("AI<", "AI 2<").replace("AI\n", "AI 2\n");
        let expected = expected.replace("https://r", "https://r2/");
        assert_eq!(seen(&changed), expected);
        // What is missing comes to its place, wherever the others stand.
        let late = only(Field::Voicemail, &call());
        let changed = applied(format, body, &late).body;
        let at = |words: &str| changed.find(words).expect("it stands there");
        assert!(at("Call recording link") < at("Voicemail"), "{changed}");
        assert!(at("Voicemail") < at("Transcript"), "{changed}");
    }
    let markdown = "**Result**: Call connected\n### AI Note\nAI\n\n### Transcript\nT\n";
    let late = only(Field::Recording, &call());
    let changed = applied(Format::Markdown, markdown, &late).body;
    let expected = "**Result**: Call connected\n\
                    **Call recording link**: <https://media.example/rec?id=1>  \n\
                    ### AI Note\nAI\n\n### Transcript\nT\n";
    assert_eq!(changed, expected);
}

#[test]
fn scalar_lines_below_a_section_of_markdown_stay() {
    let both = CallFields {
        ai_note: some("new"),
        ..only(Field::Recording, &call())
    };
    let changed = applied(Format::Markdown, MARKDOWN, &both).body;
    for words in ["**Call score**: 82", "**ACE recording link**: https://ace"] {
        assert!(changed.contains(words), "{changed}");
    }
    let late = "### AI Note\nold\n**Call recording link**: (pending...)\n";
    let changed = applied(Format::Markdown, late, &both).body;
    let expected = "### AI Note\nnew\n\
                    **Call recording link**: <https://media.example/rec?id=1>\n";
    assert_eq!(seen(&changed), expected);
}

#[test]
fn the_older_layout_in_html_is_carried_on() {
    let parsed = read(Format::Html, OLD_HTML);
    assert_eq!(parsed.note.as_deref(), Some("old note"));
    assert_eq!(parsed.values[&Field::Duration], "5 seconds");
    assert_eq!(parsed.values[&Field::AiNote], "old AI");
    let recording = &parsed.values[&Field::Recording];
    assert_eq!(recording, "https://media.example/rec?id=1");
    let changed = applied(Format::Html, OLD_HTML, &call()).body;
    let ours = applied(Format::Html, "", &call()).body;
    assert!(read(Format::Html, &changed).values == read(Format::Html, &ours).values);
    assert_eq!(changed.matches("Call details").count(), 1, "{changed}");
    for words in ["old", "Missed", "5 seconds<li>"] {
        let around = changed.replace(", 5 seconds<li>", "");
        assert!(!around.contains(words), "{words}: {changed}");
    }
    // The first note of an old body comes above its heading.
    let (_, bare) = OLD_HTML.split_once("<br><br>").expect("a note");
    let changed = apply(Format::Html, &super::world::every(), bare, &note("first")).body;
    assert_eq!(
        seen(&changed),
        format!("<b>Agent notes</b><br>first<br><br>{bare}")
    );
}

#[test]
fn what_is_new_stands_beside_other_elements_and_not_in_them() {
    let list = "<b>Call details</b><ul><li><b>Result</b>: r<li></ul>";
    let changed = applied(Format::Html, list, &only(Field::AiNote, &call())).body;
    let below = changed.strip_prefix(list.trim_end_matches("<li></ul>"));
    assert!(below.is_some_and(|below| below.starts_with("<div><b>AI Note")));
    let list = "<b>Call details</b><ul><li><b>Result</b>: r</li></ul>";
    let changed = applied(Format::Html, list, &only(Field::AiNote, &call())).body;
    assert!(changed.starts_with(&format!("{list}<div>")), "{changed}");
    let late = applied(Format::Html, list, &only(Field::Duration, &call())).body;
    assert!(late.starts_with("<b>Call details</b><ul><li><b>Duration"));
    let noted = format!("<b>Agent notes</b><br>n<br><br>{list}");
    let late = applied(Format::Html, &noted, &only(Field::Duration, &call())).body;
    assert!(
        late.contains("<b>Call details</b><ul><li><b>Duration"),
        "{late}"
    );
    // A line that followed the section's directly would be of its last paragraph.
    let section = "### AI Note\nold\n";
    let changed = applied(Format::Markdown, section, &only(Field::AceScore, &call())).body;
    assert_eq!(changed, format!("{section}\n**Call score**: 82  \n"));
}

#[test]
fn the_older_plain_layout_and_labels_are_carried_on() {
    let parsed = read(Format::PlainText, OLD_PLAIN);
    assert_eq!(parsed.note.as_deref(), Some("old note"));
    assert_eq!(parsed.values[&Field::AceTranscript], "old words");
    let mut newer = only(Field::AceTranscript, &call());
    newer.note = some("new note");
    newer.ring_sense.link = link("https://ace.example/i/4");
    newer.ai_note = some("new AI");
    let changed = applied(Format::PlainText, OLD_PLAIN, &newer).body;
    let expected = OLD_PLAIN
        .replace("old words", "A: x\nB: y")
        .replace("old AI", "new AI")
        .replace("i/3", "i/4")
        .replace("old note", "new note");
    assert_eq!(seen(&changed), expected);
}

#[test]
fn of_an_older_and_a_newer_label_the_newer_one_counts() {
    for (format, older, newer) in [
        (
            Format::Html,
            "<div><b>RingSense transcript</b><br>old</div>",
            "<div><b>ACE transcript</b><br>new</div>",
        ),
        (
            Format::PlainText,
            "- RingSense transcript:\nold\n--- END\n",
            "- ACE transcript:\nnew\n--- END\n",
        ),
        (
            Format::Markdown,
            "### RingSense transcript\nold\n",
            "### ACE transcript\nnew\n",
        ),
    ] {
        let body = format!("{older}{newer}");
        assert_eq!(read(format, &body).values[&Field::AceTranscript], "new");
        assert_eq!(read(format, older).values[&Field::AceTranscript], "old");
        let changed = applied(format, &body, &only(Field::AceTranscript, &call())).body;
        assert!(changed.starts_with(older), "{changed}");
    }
}

#[test]
fn lines_of_a_plain_note_that_look_like_fields_are_the_notes() {
    let body = "- Note: one\n- Result: none yet\n- Word: two\n- Summary: s\n\
                - Result: Missed\n- Call recording link: (pending...)\n";
    let parsed = read(Format::PlainText, body);
    let own = "one\n- Result: none yet\n- Word: two";
    assert_eq!(parsed.note.as_deref(), Some(own));
    assert_eq!(parsed.values[&Field::Result], "Missed");
    let changed = applied(Format::PlainText, body, &only(Field::Result, &call())).body;
    assert_eq!(changed, body.replace("Missed", "Call connected"));
    assert!(!applied(Format::PlainText, body, &note(own)).changed);
}

#[test]
fn lines_of_a_plain_section_that_look_like_fields_are_the_sections() {
    let words = "one\n- Result: none yet\n\n- Summary: two";
    let body = format!("- Result: Missed\n\n- AI Note:\n{words}\n--- END\n");
    let parsed = read(Format::PlainText, &body);
    assert_eq!(parsed.values[&Field::AiNote], words);
    assert_eq!(parsed.subject, None);
    let changed = applied(Format::PlainText, &body, &only(Field::AiNote, &call())).body;
    let expected = body.replace(words, "Ann asked for a quote.\n- Send price list");
    assert_eq!(seen(&changed), expected);
}

#[test]
fn a_plain_body_that_lost_its_last_line_break_goes_on() {
    let body = "- Note: x";
    let changed = applied(Format::PlainText, body, &only(Field::Result, &call())).body;
    assert_eq!(changed, "- Note: x\n- Result: Call connected\n");
}
