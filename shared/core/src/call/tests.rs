//! What one request tells after another.

use super::*;
use crate::limits::MAX_TITLE_BYTES;

fn link(text: &str) -> Option<Link> {
    Link::parse(text).expect("a link")
}

fn duration(text: &str) -> Option<Duration> {
    Duration::parse(text).expect("a duration")
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn the_newer_of_each_field_wins_and_the_others_stay() {
    let first = CallFields {
        note: text("one"),
        subject: text("Call"),
        duration: duration("5"),
        ..CallFields::default()
    };
    let second = CallFields {
        note: text("two"),
        result: text("Missed"),
        ..CallFields::default()
    };
    let both = first.then(second);
    assert_eq!(both.note, text("two"));
    assert_eq!(both.subject, text("Call"));
    assert_eq!(both.result, text("Missed"));
    assert_eq!(both.duration, duration("5"));
}

#[test]
fn what_is_blank_or_pending_replaces_nothing() {
    let known = CallFields {
        note: text("n"),
        result: text("Call connected"),
        duration: duration("65"),
        recording: link("https://r.example/1"),
        voicemail: link("https://r.example/2"),
        from: Some(Party {
            name: text("Ann"),
            ..Party::default()
        }),
        legs: vec![Leg::default()],
        ring_sense: RingSense {
            score: text("82"),
            link: link("https://r.example/3"),
            ..RingSense::default()
        },
        ..CallFields::default()
    };
    let pending = CallFields {
        note: text(" \n"),
        result: text("pending"),
        duration: duration("pending"),
        recording: link("(pending...)"),
        voicemail: link("(pending...)"),
        from: Some(Party {
            name: text("(pending...)"),
            ..Party::default()
        }),
        ring_sense: RingSense {
            score: text(""),
            link: link("pending"),
            ..RingSense::default()
        },
        ..CallFields::default()
    };
    assert!(known.clone().then(pending.clone()) == known);
    assert!(pending.clone().then(known.clone()) == known);
    let nothing = CallFields::default();
    assert!(nothing.then(pending).recording == Some(Link::Pending));
}

#[test]
fn durations_are_seconds_or_pending() {
    for (given, is) in [
        ("", Ok(None)),
        (" ", Ok(None)),
        ("65", Ok(Some(Duration::seconds(65)))),
        ("0", Ok(Some(Duration::seconds(0)))),
        ("-5", Ok(Some(Duration::seconds(0)))),
        ("pending", Ok(Some(Duration::Pending))),
        ("(pending...)", Ok(Some(Duration::Pending))),
    ] {
        assert_eq!(Duration::parse(given), is, "{given}");
    }
    for given in ["soon", "1e40", "NaN", "inf", "1:05"] {
        assert!(Duration::parse(given).is_err(), "{given}");
    }
    let fraction = std::time::Duration::from_millis(61_500);
    assert_eq!(duration("61.5"), Some(Duration::Known(fraction)));
}

#[test]
fn links_are_addresses_without_a_token_or_pending() {
    assert!(link("").is_none());
    assert!(link("https://r.example/?access_token=x").is_none());
    assert!(link(" (pending...) ") == Some(Link::Pending));
    assert!(Link::parse("javascript:alert(1)").is_err());
    let Some(Link::To(to)) = link("https://r.example/1") else {
        panic!("no link");
    };
    assert_eq!(to.as_str(), "https://r.example/1");
}

#[test]
fn fields_survive_storage_and_are_not_shown() {
    let fields = CallFields {
        note: text("secret"),
        direction: Some(Direction::Inbound),
        duration: duration("61.5"),
        recording: link("https://r.example/secret"),
        legs: vec![Leg {
            duration_secs: Some(5),
            ..Leg::default()
        }],
        ..CallFields::default()
    };
    let stored = serde_json::to_string(&fields).expect("JSON");
    let read: CallFields = serde_json::from_str(&stored).expect("fields");
    assert!(read == fields, "{stored}");
    assert!(!format!("{fields:?} {:?}", fields.recording).contains("secret"));
    let empty: CallFields = serde_json::from_str("{}").expect("fields");
    assert!(empty == CallFields::default());
}

#[test]
fn a_call_of_which_anything_is_told_is_not_empty() {
    let blank = CallFields {
        note: text(" \n"),
        from: Some(Party {
            name: text(" "),
            ..Party::default()
        }),
        ..CallFields::default()
    };
    assert!(CallFields::default().is_empty());
    assert!(blank.is_empty());
    for told in [
        serde_json::json!({"note": "n"}),
        serde_json::json!({"sessionId": "1"}),
        serde_json::json!({"subject": "s"}),
        serde_json::json!({"direction": "Inbound"}),
        serde_json::json!({"from": {"name": "(pending...)"}}),
        serde_json::json!({"to": {"extension": "101"}}),
        serde_json::json!({"contactNumber": "+1"}),
        serde_json::json!({"startedAt": "2026-03-04T19:05:09Z"}),
        serde_json::json!({"duration": "pending"}),
        serde_json::json!({"result": "Missed"}),
        serde_json::json!({"recording": "pending"}),
        serde_json::json!({"voicemail": {"to": "https://v.example"}}),
        serde_json::json!({"aiNote": "a"}),
        serde_json::json!({"transcript": "t"}),
        serde_json::json!({"ringSense": {"transcript": "t"}}),
        serde_json::json!({"ringSense": {"summary": "s"}}),
        serde_json::json!({"ringSense": {"score": "0"}}),
        serde_json::json!({"ringSense": {"bulletedSummary": "b"}}),
        serde_json::json!({"ringSense": {"link": "pending"}}),
        serde_json::json!({"legs": [{}]}),
    ] {
        let fields: CallFields = serde_json::from_value(told.clone()).expect("fields");
        assert!(!fields.is_empty(), "{told}");
    }
}

#[test]
fn a_duration_is_known_once_it_is_not_pending() {
    let lasting = |text| CallFields {
        duration: duration(text),
        ..CallFields::default()
    };
    let known = lasting("61.5").known_duration();
    assert_eq!(known, Some(std::time::Duration::from_millis(61_500)));
    assert_eq!(lasting("pending").known_duration(), None);
    assert_eq!(lasting("").known_duration(), None);
}

#[test]
fn the_title_is_the_subject_that_was_told_or_says_who_called() {
    let titled = |told: &str, direction, number: &str, name| {
        let call = CallFields {
            subject: text(told),
            direction,
            contact_number: PhoneNumber::parse(number),
            ..CallFields::default()
        };
        subject(&call, name)
    };
    let (inbound, outbound) = (Some(Direction::Inbound), Some(Direction::Outbound));
    let ann = Some("Ann Lee");
    for (is, expected) in [
        (
            titled(" My\n title\u{7} ", inbound, "", ann),
            "My title\u{fffd}",
        ),
        (
            titled(" \u{2060}", inbound, "", ann),
            "Inbound Call from Ann Lee",
        ),
        (titled("", outbound, "+1", ann), "Outbound Call to Ann Lee"),
        (titled("", None, "", ann), "Call with Ann Lee"),
        (titled("", inbound, "+1", Some(" ")), "Inbound Call from +1"),
        (
            titled("", outbound, "+1", Some("(pending...)")),
            "Outbound Call to +1",
        ),
        (titled("", outbound, "", None), "Outbound Call"),
        (titled("", inbound, "", None), "Inbound Call"),
        (titled("", None, "", None), "Call"),
        (
            titled("", None, "", Some("A\n\u{202e}B")),
            "Call with A \u{202e}B\u{202c}",
        ),
    ] {
        assert_eq!(is, expected);
    }
}

#[test]
fn a_title_is_cut_where_it_is_too_long() {
    for (told, end) in [
        ("é".repeat(MAX_TITLE_BYTES), "é…"),
        (format!("{}x", "x ".repeat(MAX_TITLE_BYTES)), "x…"),
        ("a\u{202e}".repeat(MAX_TITLE_BYTES), "\u{202c}"),
    ] {
        let call = CallFields {
            subject: text(&told),
            ..CallFields::default()
        };
        let title = subject(&call, None);
        assert!(title.len() <= MAX_TITLE_BYTES, "{}", title.len());
        assert!(title.len() > MAX_TITLE_BYTES - 10, "{}", title.len());
        assert!(title.ends_with(end), "{title}");
    }
    let whole = "x".repeat(MAX_TITLE_BYTES);
    let call = CallFields {
        subject: text(&whole),
        ..CallFields::default()
    };
    assert_eq!(subject(&call, None), whole);
    let name = "n".repeat(MAX_TITLE_BYTES);
    let named = subject(&CallFields::default(), Some(&name));
    assert_eq!(named.len(), MAX_TITLE_BYTES);
}

#[test]
fn the_longest_text_is_cut_and_says_so() {
    let fields = CallFields {
        note: text(&"n".repeat(300)),
        transcript: text(&"t".repeat(1_000)),
        ..CallFields::default()
    };
    let cut_to = |bytes: usize| Some(format!("{}{CUT}", "t".repeat(bytes - CUT.len())));
    let shorter = fields.shortened(1_300, 1_200, 0).expect("shorter");
    assert_eq!(shorter.transcript, cut_to(899));
    assert_eq!(shorter.note, fields.note);
    // Markup made it five times as long.
    let shorter = fields.shortened(6_500, 6_000, 0).expect("shorter");
    assert_eq!(shorter.transcript, cut_to(899));
    let halved = fields.shortened(6_500, 10, 0).expect("shorter");
    assert_eq!(halved.transcript, cut_to(499));
    assert!(
        fields.shortened(1_300, 1_200, 1_000).is_none(),
        "it is spared"
    );
}

#[test]
fn texts_are_cut_until_nothing_is_left_to_be_cut() {
    let mut fields = CallFields {
        note: text(&"\u{1f469}".repeat(50)),
        ai_note: text("short"),
        ..CallFields::default()
    };
    let mut times = 0;
    while let Some(shorter) = fields.shortened(usize::from(u16::MAX), 0, 0) {
        fields = shorter;
        times += 1;
    }
    assert!((2..=5).contains(&times), "{times}");
    assert_eq!(fields.note.as_deref(), Some(CUT.trim_start()));
    assert_eq!(fields.ai_note, text("short"));
}
