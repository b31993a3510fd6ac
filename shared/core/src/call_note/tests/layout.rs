//! Every field, in every format, alone and among the others, on and off.

use super::world::{all_fields, applied, call, defaults, every, link, only, seen, some};
use crate::call::{CallFields, Direction, Duration};
use crate::call_note::{DATE_FORMAT_SETTING, Field, Layout, apply, read};
use crate::digest::Format;
use crate::time::Zone;

/// Each field of [`call`]: what it says, and how it stands in HTML, plain text and Markdown.
const TABLE: [(Field, &str, [&str; 3]); 19] = [
    (
        Field::Note,
        "Wants a quote.\nCall back on Friday.",
        [
            "<b>Agent notes</b><br>Wants a quote.<br>Call back on Friday.<br><br>\
             <b>Call details</b><br>",
            "- Note: Wants a quote.\nCall back on Friday.\n",
            "## Agent notes\nWants a quote\\.  \nCall back on Friday\\.\n\n## Call details\n",
        ],
    ),
    (
        Field::SessionId,
        "2846329107050",
        [
            "<li><b>Session Id</b>: 2846329107050</li>",
            "- Session Id: 2846329107050\n",
            "**Session Id**: 2846329107050  \n",
        ],
    ),
    (
        Field::UserName,
        "Bob Ray",
        [
            "<li><b>RingCentral user name</b>: Bob Ray</li>",
            "- RingCentral user name: Bob Ray\n",
            "**RingCentral user name**: Bob Ray  \n",
        ],
    ),
    (
        Field::UserNumber,
        "+16505550199 101",
        [
            "<li><b>RingCentral number and extension</b>: +16505550199 101</li>",
            "- RingCentral number and extension: +16505550199 101\n",
            "**RingCentral number and extension**: \\+16505550199 101  \n",
        ],
    ),
    (
        Field::Subject,
        "Inbound Call from Ann Lee",
        [
            "<li><b>Summary</b>: Inbound Call from Ann Lee</li>",
            "- Summary: Inbound Call from Ann Lee\n",
            "**Summary**: Inbound Call from Ann Lee  \n",
        ],
    ),
    (
        Field::ContactNumber,
        "+14155550100",
        [
            "<li><b>Caller phone number</b>: +14155550100</li>",
            "- Contact Number: +14155550100\n",
            "**Contact Number**: \\+14155550100  \n",
        ],
    ),
    (
        Field::DateTime,
        "2026-03-04 02:05:09 PM",
        [
            "<li><b>Date/time</b>: 2026-03-04 02:05:09 PM</li>",
            "- Date/Time: 2026-03-04 02:05:09 PM\n",
            "**Date/Time**: 2026\\-03\\-04 02\\:05\\:09 PM  \n",
        ],
    ),
    (
        Field::Duration,
        "1 hour, 2 minutes, 5 seconds",
        [
            "<li><b>Duration</b>: 1 hour, 2 minutes, 5 seconds</li>",
            "- Duration: 1 hour, 2 minutes, 5 seconds\n",
            "**Duration**: 1 hour, 2 minutes, 5 seconds  \n",
        ],
    ),
    (
        Field::Result,
        "Call connected",
        [
            "<li><b>Result</b>: Call connected</li>",
            "- Result: Call connected\n",
            "**Result**: Call connected  \n",
        ],
    ),
    (
        Field::Recording,
        "https://media.example/rec?id=1",
        [
            "<li><b>Call recording link</b>: \
             <a target=\"_blank\" href=\"https://media.example/rec?id=1\">open</a></li>",
            "- Call recording link: https://media.example/rec?id=1\n",
            "**Call recording link**: <https://media.example/rec?id=1>  \n",
        ],
    ),
    (
        Field::Voicemail,
        "https://media.example/vm?id=2",
        [
            "<li><b>Voicemail recording link</b>: \
             <a target=\"_blank\" href=\"https://media.example/vm?id=2\">open</a></li>",
            "- Voicemail recording link: https://media.example/vm?id=2\n",
            "**Voicemail recording link**: <https://media.example/vm?id=2>  \n",
        ],
    ),
    (
        Field::AiNote,
        "Ann asked for a quote.\n- Send price list",
        [
            "<div><b>AI Note</b><br>Ann asked for a quote.<br>- Send price list</div><br>",
            "- AI Note:\nAnn asked for a quote.\n- Send price list\n--- END\n",
            "### AI Note\nAnn asked for a quote\\.  \n\\- Send price list\n\n",
        ],
    ),
    (
        Field::Transcript,
        "Ann: Hello\nBob: Hi",
        [
            "<div><b>Transcript</b><br>Ann: Hello<br>Bob: Hi</div><br>",
            "- Transcript:\nAnn: Hello\nBob: Hi\n--- END\n",
            "### Transcript\nAnn\\: Hello  \nBob\\: Hi\n\n",
        ],
    ),
    (
        Field::AceTranscript,
        "A: x\nB: y",
        [
            "<div><b>ACE transcript</b><br>A: x<br>B: y</div>",
            "- ACE transcript:\nA: x\nB: y\n--- END\n",
            "### ACE transcript\nA\\: x  \nB\\: y\n\n",
        ],
    ),
    (
        Field::AceSummary,
        "One.\nTwo.",
        [
            "<div><b>ACE summary</b><br>One.<br>Two.</div>",
            "- ACE summary:\nOne.\nTwo.\n--- END\n",
            "### ACE summary\nOne\\.  \nTwo\\.\n\n",
        ],
    ),
    (
        Field::AceScore,
        "82",
        [
            "<li><b>Call score</b>: 82</li>",
            "- Call score: 82\n",
            "**Call score**: 82  \n",
        ],
    ),
    (
        Field::AceBulletedSummary,
        "- One\n- Two",
        [
            "<div><b>ACE bulleted summary</b><br>- One<br>- Two</div>",
            "- ACE bulleted summary:\n- One\n- Two\n--- END\n",
            "### ACE bulleted summary\n\\- One  \n\\- Two\n\n",
        ],
    ),
    (
        Field::AceLink,
        "https://ace.example/i/3",
        [
            "<li><b>ACE recording link</b>: \
             <a target=\"_blank\" href=\"https://ace.example/i/3\">open</a></li>",
            "- ACE recording link: https://ace.example/i/3\n",
            "**ACE recording link**: <https://ace.example/i/3>  \n",
        ],
    ),
    (
        Field::Legs,
        "Received call at Main IVR, +16505550000\n\
         Transferred to Bob Ray, +16505550199, ext 101, duration: 1 second\n\
         Transferred to Cara, ext 102, duration: 55 seconds",
        [
            "<div><b>Call journey</b><br>Received call at Main IVR, +16505550000<br>\
             Transferred to Bob Ray, +16505550199, ext 101, duration: 1 second<br>\
             Transferred to Cara, ext 102, duration: 55 seconds</div>",
            "- Call journey:\nReceived call at Main IVR, +16505550000\n\
             Transferred to Bob Ray, +16505550199, ext 101, duration: 1 second\n\
             Transferred to Cara, ext 102, duration: 55 seconds\n--- JOURNEY END\n",
            "### Call journey\nReceived call at Main IVR, \\+16505550000  \n\
             Transferred to Bob Ray, \\+16505550199, ext 101, duration\\: 1 second  \n\
             Transferred to Cara, ext 102, duration\\: 55 seconds\n\n",
        ],
    ),
];

#[test]
fn each_field_has_its_layout_and_obeys_its_setting() {
    for ((field, says, bodies), expected) in TABLE.into_iter().zip(Field::ALL) {
        assert_eq!(field, expected, "the table is in order");
        for (format, body) in Format::ALL.into_iter().zip(bodies) {
            let mut settings = all_fields(false);
            let off = Layout::new(&settings, Zone::UTC);
            let fields = only(field, &call());
            assert!(!apply(format, &off, "", &fields).changed, "{field:?}");
            settings.insert(
                field.setting().to_owned(),
                serde_json::json!({"value": true}),
            );
            let zone = Zone::from_name("America/New_York").expect("a zone");
            let on = Layout::new(&settings, zone);
            let applied = apply(format, &on, "", &fields);
            assert_eq!(seen(&applied.body), body, "{field:?}");
            let parsed = read(format, &applied.body);
            assert_eq!(parsed.values.len(), 1, "{field:?}");
            assert_eq!(parsed.values[&field], says, "{format:?}");
        }
    }
}

#[test]
fn a_whole_note_is_its_fields_in_order() {
    for (index, format) in Format::ALL.into_iter().enumerate() {
        let body = applied(format, "", &call()).body;
        let blank_before = |field: Field| {
            let sections = [Field::AiNote, Field::Transcript, Field::AceTranscript];
            format == Format::PlainText
                && (sections.contains(&field)
                    || [Field::AceSummary, Field::AceBulletedSummary].contains(&field))
        };
        let expected: String = (TABLE.iter())
            .map(|(field, _, bodies)| match blank_before(*field) {
                true => format!("\n{}", bodies[index]),
                false => bodies[index].to_owned(),
            })
            .collect();
        assert_eq!(seen(&body), expected);
        let parsed = read(format, &body);
        assert_eq!(parsed.values.len(), Field::ALL.len());
        for (field, says, _) in TABLE {
            assert_eq!(parsed.values[&field], says, "{format:?}, {field:?}");
        }
        assert_eq!(parsed.note.as_deref(), Some(TABLE[0].1));
        assert_eq!(parsed.subject.as_deref(), Some(TABLE[4].1));
    }
}

#[test]
fn without_settings_the_fields_of_app_connect_are_on() {
    for format in Format::ALL {
        let body = apply(format, &defaults(), "", &call()).body;
        let stands = read(format, &body).values;
        for field in Field::ALL {
            let on = stands.contains_key(&field);
            let is_off = matches!(
                field,
                Field::SessionId | Field::UserName | Field::UserNumber | Field::ContactNumber
            );
            assert_eq!(on, !is_off, "{field:?}");
        }
    }
}

#[test]
fn a_field_that_is_turned_off_stays_as_it_stands() {
    for format in Format::ALL {
        let body = applied(format, "", &call()).body;
        let off = Layout::new(&all_fields(false), Zone::UTC);
        let mut newer = call();
        newer.note = some("other");
        newer.result = some("Missed");
        let applied = apply(format, &off, &body, &newer);
        assert!(!applied.changed);
        assert_eq!(applied.body, body);
        assert_eq!(applied.note, "Wants a quote.\nCall back on Friday.");
    }
}

#[test]
fn each_field_comes_to_its_place_whenever_it_comes() {
    for format in Format::ALL {
        let whole = applied(format, "", &call()).body;
        for late in Field::ALL {
            let mut body = String::new();
            for field in Field::ALL.into_iter().filter(|field| *field != late) {
                body = apply(format, &every(), &body, &only(field, &call())).body;
            }
            body = applied(format, &body, &only(late, &call())).body;
            assert_eq!(body, whole, "{format:?}, {late:?}");
        }
        let mut body = String::new();
        for field in Field::ALL.into_iter().rev() {
            body = applied(format, &body, &only(field, &call())).body;
        }
        assert_eq!(body, whole, "{format:?}, from the last to the first");
    }
}

#[test]
fn what_is_pending_is_replaced_and_replaces_nothing() {
    let pending = CallFields {
        duration: Some(Duration::Pending),
        recording: link("(pending...)"),
        voicemail: link("(pending...)"),
        result: some("pending"),
        ..CallFields::default()
    };
    let known = CallFields {
        duration: Some(Duration::seconds(65)),
        recording: link("https://r.example/1"),
        voicemail: link("https://r.example/2"),
        result: some("Call connected"),
        ..CallFields::default()
    };
    for format in Format::ALL {
        let first = applied(format, "", &pending).body;
        let parsed = read(format, &first).values;
        assert_eq!(parsed[&Field::Duration], "pending");
        assert_eq!(parsed[&Field::Recording], "(pending...)");
        let then = applied(format, &first, &known).body;
        assert_eq!(then, applied(format, "", &known).body);
        assert!(!applied(format, &then, &pending).changed);
        assert!(!applied(format, &first, &pending).changed);
        assert!(!applied(format, &first, &CallFields::default()).changed);
    }
}

#[test]
fn what_is_blank_changes_nothing() {
    let blank = CallFields {
        note: some(" \n\u{2060}"),
        subject: some(""),
        result: some(" "),
        ai_note: some("\n\n"),
        ..CallFields::default()
    };
    for format in Format::ALL {
        let body = applied(format, "", &call()).body;
        assert!(!applied(format, &body, &blank).changed);
        assert_eq!(applied(format, "", &blank).body, "");
        assert!(!apply(format, &every(), " \n", &blank).changed);
        assert!(!applied(format, &body, &CallFields::default()).changed);
    }
}

#[test]
fn dates_look_as_the_user_wants_them() {
    let zone = Zone::from_name("America/New_York").expect("a zone");
    for (pattern, text) in [
        ("DD/MM/YYYY HH:mm:ss", "04/03/2026 14:05:09"),
        ("[<b>]HH[\n- Result: x]", "&lt;b&gt;14 - Result: x"),
        ("", "2026-03-04 02:05:09 PM"),
        ("  ", "2026-03-04 02:05:09 PM"),
        (&"Y".repeat(101), "2026-03-04 02:05:09 PM"),
    ] {
        let setting = serde_json::json!({"value": pattern});
        let settings = [(DATE_FORMAT_SETTING.to_owned(), setting)];
        let layout = Layout::new(&settings.into_iter().collect(), zone);
        let fields = only(Field::DateTime, &call());
        let body = apply(Format::Html, &layout, "", &fields).body;
        assert_eq!(body, format!("<li><b>Date/time</b>: {text}</li>"));
        assert!(!apply(Format::Html, &layout, &body, &fields).changed);
    }
}

#[test]
fn whose_number_it_is_follows_the_direction() {
    let outbound = CallFields {
        direction: Some(Direction::Outbound),
        ..call()
    };
    let body = applied(Format::Html, "", &outbound).body;
    let recipient = "<li><b>Recipient phone number</b>: +14155550100</li>";
    assert!(body.contains(recipient), "{body}");
    assert!(body.contains("user name</b>: Ann Lee</li>"), "{body}");
    let unknown = CallFields {
        direction: None,
        ..call()
    };
    let first = applied(Format::Html, "", &unknown).body;
    assert!(first.contains("<b>Caller phone number</b>: +14155550100"));
    assert!(!first.contains("user name"), "nobody says who is who");
    assert_eq!(applied(Format::Html, &first, &outbound).body, body);
}
