//! What one request tells after another.

use super::*;

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
