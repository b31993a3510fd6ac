//! Digests that App Connect's server began.

use super::super::*;
use super::world::{HTML, Log, context, text, times};
use crate::media::{Media, MediaKind, MediaLink};
use crate::message::MessageKind;

/// A digest as App Connect's server writes it: unescaped, without a mark.
fn theirs(items: &[(&str, &str, &str)]) -> String {
    let list: String = items
        .iter()
        .map(|(who, when, what)| format!("<li>{who} {when}<br><b>{what}</b></li>"))
        .collect();
    format!(
        "<br><b>SMS conversation with Ada Lovelace - 15/02/18</b><br><b>Conversation summary</b><br>\
         Wednesday, February 18, 2015<br>Participants<br><ul><li><b>Charlie B.</b><br></li>\
         <li><b>Ada Lovelace</b></li></ul><br>Conversation({} messages)<br>BEGIN<br>------------<br>\
         <ul>{list}</ul>------------<br>END<br><br>--- Created via RingCentral App Connect",
        items.len()
    )
}

const ADA: &str = "Ada Lovelace (+16505553204)";

#[test]
fn its_lines_are_not_repeated() {
    let context = context(Format::Html);
    let body = theirs(&[
        (ADA, "05:24 AM", "hello <3 & <b>you</b>"),
        ("Charlie B.", "05:29 AM", "line one\nline two"),
        (ADA, "05:29 AM", "line one\nline two"),
        (ADA, "05:30 AM", "before our time"),
    ]);
    for (name, rewrite) in HTML {
        let mut log = Log::of(&context, &rewrite(&body));
        log.deliver(&[
            text(1, 0, "hello <3 & <b>you</b>"),
            text(2, 5, "line one\nline two"),
            text(3, 5, "line one\nline two"),
            text(5, 9, "new"),
        ]);
        log.assert_count(5);
        let body = &log.body;
        for (words, count) in [
            ("hello", 1),
            ("one", 2),
            ("before our time", 1),
            ("<b>new</b>", 1),
            ("BEGIN", 1),
        ] {
            assert_eq!(times(body, words), count, "{name}, {words}: {body}");
        }
        assert_eq!(log.ledger.len(), 4, "{name}");
        log.assert_stable(name);
        log.deliver(&[text(7, 60, "newer")]);
        log.assert_count(6);
        log.assert_stable(name);
    }
}

#[test]
fn a_digest_of_which_all_is_known_becomes_ours() {
    let context = context(Format::Html);
    let body = theirs(&[
        (ADA, "05:24 AM", "hello"),
        ("Charles Babbage", "05:29 AM", "hi"),
    ]);
    let mut log = Log::of(&context, &body);
    assert!(
        !log.deliver(&[text(1, 0, "hello"), text(2, 5, "hi")])
            .changed
    );
    assert_eq!(log.ledger.len(), 2);
    log.deliver(&[text(3, 10, "more")]);
    log.assert_count(3);
}

#[test]
fn direction_tells_equal_texts_apart() {
    let context = context(Format::Html);
    let mut log = Log::of(&context, &theirs(&[("Somebody Else", "05:24 AM", "ok")]));
    let merged = log.deliver(&[text(1, 0, "ok"), text(2, 0, "ok")]);
    assert!(merged.changed);
    log.assert_count(2);
    assert_eq!(times(&log.body, "<b>ok</b>"), 2, "{}", log.body);
}

#[test]
fn plain_text_of_app_connect_is_taken_over() {
    let context = context(Format::PlainText);
    let body = "\nConversation summary\nWednesday, February 18, 2015\nParticipants\n    Charlie\n    Ada Lovelace\n\n\
        Conversation(2 messages)\nBEGIN\n------------\nAda Lovelace (+16505553204) 05:24 AM\nhello\n\n\
        Charlie 05:29 AM\nhi\n\n------------\nEND\n\n--- Created via RingCentral App Connect";
    let mut log = Log::of(&context, body);
    log.deliver(&[text(1, 0, "hello"), text(2, 5, "hi"), text(3, 2, "new")]);
    log.assert_count(3);
    assert_eq!(
        log.body,
        body.replace("(2 messages)", "(3 messages)").replace(
            "hello\n\n",
            "hello\n\nAda Lovelace (+16505553204) 05:26 AM\nnew\n\n"
        )
    );
    log.assert_stable("plain");
}

#[test]
fn a_voicemail_or_fax_of_app_connect_is_not_repeated() {
    let context = context(Format::Html);
    let media = |kind| {
        vec![Media {
            kind,
            link: MediaLink::parse("https://v.ringcentral.com/i?id=1&x=2").expect("a link"),
        }]
    };
    for (kind, carried, words) in [
        (
            MessageKind::VoiceMail,
            MediaKind::Voicemail,
            "Voicemail recording link",
        ),
        (MessageKind::Fax, MediaKind::Fax, "Fax document link"),
    ] {
        let body = format!(
            "<br><b>Left by Ada</b><br>{words}: https://v.ringcentral.com/i?id=1&x=2 \
             <br><br>--- Created via RingCentral App Connect"
        );
        let mut log = Log::of(&context, &body);
        let first = Entry {
            kind,
            media: media(carried),
            ..text(1, 0, "")
        };
        assert!(!log.deliver(&[first]).changed);
        assert_eq!(log.ledger.len(), 1);
        log.deliver(&[text(3, 5, "call me")]);
        assert_eq!(times(&log.body, "ringcentral.com/i"), 1, "{}", log.body);
        log.assert_count(2);
    }
}
