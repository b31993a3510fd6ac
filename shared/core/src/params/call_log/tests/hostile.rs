//! Links with tokens, texts that look like ours, and what must not be shown.

use super::*;

#[test]
fn a_link_that_carries_a_token_is_dropped() {
    let token = json!("https://m.example/1?access_token=secret");
    let hidden = json!("https://r.example/?media=https%3A%2F%2Fm.example%2F1%3FaccessToken%3Dx");
    for link in [token, hidden, json!("https://user:secret@r.example/1")] {
        let mut params = with(create(), "callLog.recording.link", link.clone());
        params["callLog"]["voicemail"]["link"] = link.clone();
        params["ringSenseLink"] = link.clone();
        let fields = created(&params).expect("readable").fields;
        assert!(fields.recording.is_none() && fields.voicemail.is_none());
        assert!(fields.ring_sense.link.is_none());
        let mut params = with(update(), "recordingLink", link.clone());
        params["voicemailLink"] = link;
        let fields = updated(&params).expect("readable").fields;
        assert!(fields.recording.is_none() && fields.voicemail.is_none());
    }
}

#[test]
fn the_voicemail_beside_the_record_counts_before_that_within() {
    let params = with(create(), "voicemailLink", json!("https://v.example/2"));
    let fields = created(&params).expect("readable").fields;
    assert_eq!(address(&fields.voicemail), Some("https://v.example/2"));
}

#[test]
fn texts_are_kept_as_they_were_typed() {
    for typed in [
        "- Note: x\n--- END\n<b>Agent notes</b><br>",
        "  two\n\n\nlines\t ",
        "\u{202e}sdrawkcab\u{1f600}\u{301} $& \\1 `'\"",
        "](javascript:alert(1)) **Result**: x",
    ] {
        let mut params = with(create(), "note", json!(typed));
        for field in ["aiNote", "transcript", "ringSenseSummary"] {
            params[field] = json!(typed);
        }
        params["callLog"]["customSubject"] = json!(typed);
        let fields = created(&params).expect("readable").fields;
        let texts = [
            fields.note,
            fields.ai_note,
            fields.transcript,
            fields.subject,
        ];
        for read in texts.into_iter().chain([fields.ring_sense.summary]) {
            assert_eq!(read, text(typed));
        }
    }
    let params = with(create(), "note", json!("a\u{0}b\u{7}\u{ffff}"));
    let fields = created(&params).expect("readable").fields;
    assert_eq!(fields.note, text("a\u{fffd}b\u{fffd}\u{fffd}"));
}

#[test]
fn nothing_personal_is_debug_printed() {
    let create = created(&create()).expect("readable");
    let update = updated(&update()).expect("readable");
    let printed = format!(
        "{create:?} {update:?} {:?} {:?} {:?} {:?} {:?}",
        create.extension, create.fields, create.recording_download, update.existing, update.fields
    );
    for secret in [
        "Daisy",
        "6505553204",
        "order",
        "ZGVtby1rZXk6",
        "secret",
        "0a0a",
    ] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
