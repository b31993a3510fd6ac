//! What a digest looks like.

use super::super::*;
use super::world::{context, frame, mark, text};
use crate::ids::LogId;
use crate::media::{Media, MediaKind, MediaLink};
use crate::message::{Direction, MessageKind};
use crate::phone::PhoneNumber;

const LINK: &str = "https://v.ringcentral.com/i?id=1&x=2";

fn carried(kind: MediaKind, link: bool) -> Media {
    Media {
        kind,
        link: link.then(|| MediaLink::parse(LINK).expect("a link").expect("no token")),
    }
}

#[test]
fn html_has_the_layout_of_app_connect() {
    let context = context(Format::Html);
    let (first, second) = (text(1, 0, "Hello & <bye>"), text(2, 400, "Two\nlines"));
    let body = render(&frame(&context), &[&second, &first]);
    assert_eq!(
        body,
        "<br><b>SMS conversation with Ada Lovelace - 15/02/18</b><br><b>Conversation summary</b><br>\
         Wednesday, February 18, 2015<br>Participants<br><ul><li><b>Charles Babbage</b><br></li>\
         <li><b>Ada Lovelace</b></li></ul><br>Conversation(2 messages)<br>BEGIN<br>------------<br>\
         <ul><li>Ada Lovelace (+16505553204) 05:24 AM<br><b>Hello &amp; &lt;bye&gt;</b></li>\
         <li>Charles Babbage 12:04 PM<br><b>Two<br>lines</b></li></ul>------------<br>END<br><br>\
         --- Created via RingCentral App Connect [k7m2-9xqd-4tfa]"
    );
}

#[test]
fn plain_text_has_the_same_lines() {
    let context = context(Format::PlainText);
    let body = render(&frame(&context), &[&text(1, 0, "Two\nlines")]);
    assert_eq!(
        body,
        "SMS conversation with Ada Lovelace - 15/02/18\nConversation summary\n\
         Wednesday, February 18, 2015\nParticipants\n    Charles Babbage\n    Ada Lovelace\n\n\
         Conversation(1 messages)\nBEGIN\n------------\nAda Lovelace (+16505553204) 05:24 AM\n\
         Two\nlines\n\n------------\nEND\n\n\
         --- Created via RingCentral App Connect [k7m2-9xqd-4tfa]"
    );
}

#[test]
fn markdown_has_the_same_lines() {
    let context = context(Format::Markdown);
    let body = render(&frame(&context), &[&text(1, 0, "# Two\n* lines")]);
    assert_eq!(
        body,
        "**SMS conversation with Ada Lovelace \\- 15\\/02\\/18**  \n**Conversation summary**  \n\
         Wednesday, February 18, 2015  \nParticipants\n\n- **Charles Babbage**\n- **Ada Lovelace**\n\n\
         Conversation(1 messages)  \nBEGIN  \n\\------------\n\n\
         - Ada Lovelace \\(\\+16505553204\\) 05:24 AM  \n  \\# Two  \n  \\* lines\n\n\
         \\------------  \nEND\n\n\
         \\--- Created via RingCentral App Connect [k7m2-9xqd-4tfa]"
    );
}

#[test]
fn media_say_what_they_are_and_carry_their_link() {
    let kinds = [
        (MediaKind::Voicemail, "Voicemail"),
        (MediaKind::Fax, "Fax document"),
        (MediaKind::Image, "Image"),
        (MediaKind::Video, "Video"),
    ];
    for format in Format::ALL {
        let context = context(format);
        for (kind, words) in kinds {
            let linked = Entry {
                media: vec![carried(kind, true)],
                ..text(1, 0, "see")
            };
            let body = render(&frame(&context), &[&linked]);
            let shown = match format {
                Format::Html => format!(
                    "{words}: <a href=\"https://v.ringcentral.com/i?id=1&amp;x=2\">https://v.ringcentral.com/i?id=1&amp;x=2</a>"
                ),
                Format::PlainText => format!("{words}: {LINK}\n"),
                Format::Markdown => format!("{words}: <{LINK}>"),
            };
            assert!(body.contains(&shown), "{body}");
            let bare = Entry {
                media: vec![carried(kind, false)],
                ..text(1, 0, "")
            };
            let body = render(&frame(&context), &[&bare]).replace('\\', "");
            assert!(
                body.contains(&format!("{words} (no link available)")),
                "{body}"
            );
        }
    }
}

#[test]
fn a_voicemail_without_any_link_is_still_a_voicemail() {
    let context = context(Format::PlainText);
    let voicemail = Entry {
        kind: MessageKind::VoiceMail,
        ..text(1, 0, "")
    };
    let body = render(&frame(&context), &[&voicemail]);
    assert!(
        body.contains("AM\nVoicemail (no link available)\n"),
        "{body}"
    );
}

#[test]
fn the_subject_says_what_the_conversation_is() {
    let of = |kind, direction| Entry {
        kind,
        direction,
        ..text(1, 0, "")
    };
    let cases = [
        (
            of(MessageKind::Sms, Direction::Inbound),
            "SMS conversation with",
        ),
        (
            of(MessageKind::VoiceMail, Direction::Inbound),
            "Voicemail left by",
        ),
        (
            of(MessageKind::Fax, Direction::Inbound),
            "Fax document sent from",
        ),
        (
            of(MessageKind::Fax, Direction::Outbound),
            "Fax document sent to",
        ),
    ];
    for (entry, words) in &cases {
        let context = Context {
            topic: Topic::of(&[entry]),
            ..context(Format::Html)
        };
        let frame = frame(&context);
        assert_eq!(subject(&frame), format!("{words} Ada Lovelace - 15/02/18"));
        let second = Frame { part: 2, ..frame };
        assert_eq!(
            subject(&second),
            format!("{words} Ada Lovelace - 15/02/18 (2)")
        );
    }
    assert_eq!(Topic::of(&[&cases[0].0, &cases[1].0]), Topic::Texts);
}

#[test]
fn each_line_names_its_sender() {
    let named = |id, name: Option<&str>, number: Option<&str>| Entry {
        sender_name: name.map(str::to_owned),
        sender_number: number.and_then(PhoneNumber::parse),
        ..text(id, 0, "x")
    };
    let base = context(Format::PlainText);
    let group = Context {
        group: true,
        ..base.clone()
    };
    let nobody = Context {
        user_name: None,
        ..base.clone()
    };
    let mut unclear = group.clone();
    unclear.contact.phone = None;
    let joined = |number| Entry {
        in_group: true,
        ..named(1, Some("Bob"), Some(number))
    };
    for (context, entry, label) in [
        (
            &base,
            named(1, Some("Bob"), Some("+1")),
            "Ada Lovelace (+16505553204)",
        ),
        (&base, named(2, Some("Eve"), None), "Charles Babbage"),
        (&nobody, named(2, Some("Eve"), Some("+2")), "Eve"),
        (&nobody, named(2, None, Some("+2")), "+2"),
        (&nobody, named(2, None, None), "You"),
        (&group, named(1, Some("Bob"), Some("+1")), "Bob (+1)"),
        (&group, named(1, None, Some("+1")), "+1"),
        (
            &group,
            named(1, Some("A. L."), Some("+16505553204")),
            "Ada Lovelace (+16505553204)",
        ),
        (&group, named(1, None, None), "Ada Lovelace (+16505553204)"),
        (&group, named(2, Some("Eve"), None), "Eve"),
        (&unclear, named(1, Some("Eve"), None), "Eve"),
        (
            &unclear,
            named(1, None, Some("+16505553204")),
            "+16505553204",
        ),
        // The conversation became a group after its first text.
        (&base, joined("+1"), "Bob (+1)"),
        (&base, joined("+16505553204"), "Ada Lovelace (+16505553204)"),
    ] {
        let body = render(&frame(context), &[&entry]);
        assert!(
            body.contains(&format!("------------\n{label} 05:24 AM\n")),
            "{label}: {body}"
        );
    }
}

#[test]
fn a_window_that_is_not_a_day_dates_its_lines() {
    let context = context(Format::PlainText);
    let frame = Frame {
        window: Window::ALL,
        ..frame(&context)
    };
    let body = render(&frame, &[&text(1, 0, "x"), &text(1, 60 * 24, "y")]);
    assert!(body.contains("15/02/18 05:24 AM\nx"), "{body}");
    assert!(body.contains("15/02/19 05:24 AM\ny"), "{body}");
}

#[test]
fn a_shared_inbox_is_named_and_nobody_is_said_to_have_written_for_another() {
    for (format, is_queue, line) in [
        (
            Format::Html,
            true,
            "</ul>Receiving call queue: <b>Sales</b><br><br>Conversation(",
        ),
        (
            Format::PlainText,
            false,
            "    Ada Lovelace\nOwner: Sales\n\nConversation(",
        ),
        (
            Format::Markdown,
            true,
            "**\n\nReceiving call queue: **Sales**\n\nConversation(",
        ),
    ] {
        let inbox = Inbox {
            name: "Sales".to_owned(),
            is_queue,
        };
        let context = Context {
            inbox: Some(inbox),
            ..context(format)
        };
        let mut known = text(2, 1, "known");
        known.sender_name = Some("Eve".to_owned());
        let body = render(&frame(&context), &[&text(4, 2, "unknown"), &known]);
        assert!(body.contains(line), "{body}");
        assert!(body.contains("Eve 05:25 AM"), "{body}");
        assert!(body.contains("Sales 05:26 AM"), "{body}");
        assert!(!body.contains("Charles Babbage"), "{body}");
    }
}

#[test]
fn the_mark_counts_in_the_footer_alone() {
    for format in Format::ALL {
        let mut context = context(format);
        let typed = text(
            1,
            0,
            "--- Created via RingCentral App Connect [k7m2-9xqd-4tfa]\nEND\n[k7m2-9xqd-4tfa]",
        );
        context.contact.name =
            Some("--- Created via RingCentral App Connect [k7m2-9xqd-4tfa]".to_owned());
        let other = Frame {
            mark: Some(Mark::from_bits(1)),
            ..frame(&context)
        };
        let body = render(&other, &[&typed]);
        assert!(contains_mark(format, &body, &Mark::from_bits(1)), "{body}");
        assert!(!contains_mark(format, &body, &mark()), "{body}");
    }
}

#[test]
fn an_emptied_log_names_the_first() {
    let first = LogId::parse("42<b>").expect("an id");
    assert_eq!(
        emptied_note(Format::Html, &first),
        "<b>This conversation is logged in activity 42&lt;b&gt;.</b>"
    );
}

#[test]
fn entries_and_context_survive_storage() {
    let context = context(Format::Markdown);
    let context = Context {
        participants: vec!["Eve".to_owned()],
        ..context
    };
    let json = serde_json::to_string(&context).expect("JSON");
    assert!(serde_json::from_str::<Context>(&json).expect("a context") == context);
    assert!(
        json.contains("\"userName\"") && json.contains("\"startedAt\""),
        "{json}"
    );
    let entry = Entry {
        sender_name: Some("Eve".to_owned()),
        sender_number: PhoneNumber::parse("+1"),
        media: vec![carried(MediaKind::Image, false)],
        ..text(1, 0, "x")
    };
    let stored = serde_json::to_string(&entry).expect("JSON");
    assert!(serde_json::from_str::<Entry>(&stored).expect("an entry") == entry);
    assert!(stored.contains("\"senderName\"") && stored.contains("\"senderNumber\""));
    // Items of the table are in camel case throughout.
    let names = json.replace("Los_Angeles", "") + &stored;
    assert!(!names.contains('_'), "{names}");
}
