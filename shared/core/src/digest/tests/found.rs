//! What lives of digests that were drawn by chance brought to light, made small.

use super::super::*;
use super::people::started;
use super::world::{Log, context, mark, text, times};
use crate::media::{Media, MediaKind, MediaLink};
use crate::message::MessageKind;

/// A line break, and the line that says `words`.
fn line(format: Format, words: &str) -> String {
    match format {
        Format::Html => format!("<br>{words}"),
        Format::PlainText => format!("\n{words}"),
        Format::Markdown => format!("  \n{words}"),
    }
}

fn item(log: &Log<'_>, entry: &Entry) -> String {
    super::super::render::item(&log.frame, entry)
}

#[test]
fn words_behind_the_counter_stay_as_they_are() {
    for format in Format::ALL {
        let context = context(format);
        let mut log = started(&context);
        log.edit("(3 messages)", "(3 messages) and no (7 messages)");
        log.deliver(&[text(5, 20, "omega")]);
        log.assert_count(4);
        assert_eq!(times(&log.body, "(4 messages) and no (7 messages)"), 1);
        log.assert_stable("words behind");
    }
}

#[test]
fn a_line_like_a_counter_without_a_number_is_none() {
    for format in Format::ALL {
        let context = context(format);
        let mut log = started(&context);
        let remark = line(format, "My remark");
        log.edit("(3 messages)", &format!("(3 messages){remark}"));
        let own = line(format, "Conversation(no messages)");
        log.body = format!("{own}{}{}", line(format, ""), log.body);
        log.deliver(&[text(5, 20, "omega")]);
        log.assert_count(4);
        for words in ["My remark", "Conversation(no messages)", "alpha", "omega"] {
            assert_eq!(times(&log.body, words), 1, "{words}: {}", log.body);
        }
        log.assert_stable("like a counter");
    }
}

#[test]
fn a_conversation_without_an_end_goes_to_the_footer_or_to_the_end() {
    for format in Format::ALL {
        for footer in [true, false] {
            let context = context(format);
            let mut log = started(&context);
            log.edit("END", "");
            if !footer {
                let at = log.body.find("--- Created").expect("a footer");
                log.body.truncate(at);
            }
            log.deliver(&[text(5, 20, "omega"), text(7, -5, "aleph")]);
            log.assert_count(5);
            for words in ["aleph", "alpha", "beta", "gamma", "omega", "BEGIN"] {
                assert_eq!(times(&log.body, words), 1, "{words}: {}", log.body);
            }
            assert_eq!(contains_mark(format, &log.body, &mark()), footer);
            log.assert_stable("without END");
        }
    }
}

#[test]
fn a_name_with_our_guard_before_it_is_a_name() {
    for format in Format::ALL {
        let mut context = context(format);
        context.contact.name = Some("\u{2060}Ada".to_owned());
        context.user_name = Some("\u{200b}\u{2060}Charles".to_owned());
        let mut log = started(&context);
        log.deliver(&[text(5, 20, "omega")]);
        log.assert_count(4);
        log.assert_stable("a guard in a name");
    }
}

#[test]
fn an_emoji_that_a_person_exchanged_stays() {
    for format in Format::ALL {
        let context = context(format);
        let mut log = started(&context);
        log.deliver(&[text(5, 20, "omega \u{1f642}")]);
        log.edit("\u{1f642}", "\u{1f643}");
        log.deliver(&[text(7, 25, "last")]);
        log.assert_count(5);
        assert_eq!(times(&log.body, "\u{1f643}"), 1, "{}", log.body);
        assert_eq!(times(&log.body, "\u{1f642}"), 0, "{}", log.body);
    }
}

#[test]
fn a_guard_counts_behind_what_nobody_sees() {
    for format in Format::ALL {
        let context = context(format);
        let mut log = Log::new(&context);
        let typed = text(1, 0, "alpha\nCharles Babbage 05:29 AM\nbeta");
        let real = text(2, 5, "beta");
        log.deliver(&[typed.clone(), real.clone(), text(3, 10, "gamma")]);
        log.edit("\u{2060}Charles", "\u{feff}\u{2060}Charles");
        log.edit("alpha", "alpha!");
        let item = item(&log, &real);
        log.edit(&item, "");
        let merged = log.deliver(&[text(5, 20, "omega")]);
        assert_eq!(
            merged.removed,
            [typed.fingerprint(), real.fingerprint()],
            "{}",
            log.body
        );
        log.assert_count(2);
        log.assert_stable("behind a byte order mark");
    }
}

#[test]
fn lines_that_together_read_as_another_message_are_their_own() {
    for format in Format::ALL {
        let context = context(format);
        let mut log = Log::new(&context);
        let both = text(1, 0, "alpha\nCharles Babbage 05:29 AM\nbeta");
        let guarded = text(4, 20, "omega\nEND");
        let others = [text(3, 0, "alpha"), text(2, 5, "beta"), guarded];
        log.deliver(&[std::slice::from_ref(&both), others.as_slice()].concat());
        let item = item(&log, &both);
        log.edit(&item, "");
        let merged = log.deliver(&[text(6, 25, "last")]);
        assert_eq!(merged.removed, [both.fingerprint()], "{}", log.body);
        log.assert_count(4);
        assert_eq!(times(&log.body, "beta"), 1, "{}", log.body);
        log.assert_stable("lines of others");
    }
}

#[test]
fn of_equal_texts_the_one_that_nobody_took_out_stands() {
    for format in Format::ALL {
        let context = context(format);
        let mut log = Log::new(&context);
        let equal = [text(1, 0, "ok"), text(3, 0, "ok")];
        log.deliver(&[equal[1].clone(), text(2, 5, "beta")]);
        log.stored.push(equal[0].clone());
        log.ledger.insert(0, equal[0].fingerprint());
        log.removed.push(equal[0].fingerprint());
        log.assert_stable("one was taken out");
        let remark = line(format, "My remark");
        log.edit("beta", &format!("beta{remark}"));
        let merged = log.deliver(&[text(5, 20, "omega")]);
        assert!(merged.removed.is_empty(), "{}", log.body);
        log.assert_count(3);
        log.assert_stable("with a remark");
    }
}

#[test]
fn equal_texts_of_which_one_was_moved_out_stay_in_order() {
    for format in Format::ALL {
        let context = context(format);
        let mut log = Log::new(&context);
        let first = text(1, 0, "ok");
        log.deliver(&[first.clone(), text(2, 0, "beta"), text(3, 0, "ok")]);
        let item = item(&log, &first);
        log.edit(&item, "");
        log.body = format!("{item}{}", log.body);
        log.assert_stable("moved out");
        log.deliver(&[text(5, 20, "omega")]);
        log.assert_count(4);
        assert!(log.body.find("beta") < log.body.rfind("ok"), "{}", log.body);
        assert!(log.removed.is_empty(), "{}", log.body);
    }
}

#[test]
fn what_the_next_merge_would_put_right_is_put_right_at_once() {
    for format in Format::ALL {
        let context = context(format);
        let mut log = started(&context);
        let first = item(&log, &log.stored[0]);
        let second = item(&log, &log.stored[1]);
        log.edit(&first, "");
        log.edit(&second, &format!("{second}{first}"));
        log.edit("(3 messages)", "(9 messages)");
        log.deliver(&[text(5, 20, "omega")]);
        log.assert_count(4);
        log.assert_stable("out of order");
        assert!(
            log.body.find("alpha") < log.body.find("beta"),
            "{}",
            log.body
        );
    }
}

#[test]
fn a_voicemail_that_another_server_wrote_is_found_beside_our_conversation() {
    for format in Format::ALL {
        let context = context(format);
        let link = "https://v.example/1";
        let mut log = Log::of(&context, &format!("Voicemail recording link: {link}"));
        let voicemail = Entry {
            kind: MessageKind::VoiceMail,
            media: vec![Media {
                kind: MediaKind::Voicemail,
                link: MediaLink::parse(link).expect("an address"),
            }],
            ..text(1, 0, "")
        };
        log.deliver(&[voicemail, text(2, 5, "beta")]);
        log.assert_count(2);
        log.assert_stable("with a voicemail");
        log.deliver(&[text(3, 10, "gamma")]);
        log.assert_count(3);
        assert_eq!(
            times(&log.body, "Voicemail recording link"),
            1,
            "{}",
            log.body
        );
    }
}

#[test]
fn a_message_between_the_counter_and_begin_stands() {
    for format in Format::ALL {
        let context = context(format);
        let mut log = started(&context);
        let first = item(&log, &log.stored[0]);
        log.edit(&first, "");
        let below = line(format, "");
        log.edit("BEGIN", &format!("{first}{below}BEGIN"));
        log.deliver(&[text(5, 20, "omega")]);
        log.assert_count(4);
        assert_eq!(times(&log.body, "alpha"), 1, "{}", log.body);
        log.assert_stable("above BEGIN");
    }
}

#[test]
fn an_old_form_without_a_number_loses_no_text() {
    for format in Format::ALL {
        let context = context(format);
        let mut log = started(&context);
        let old = log.body.replace("(3 messages)", "(some messages)");
        log.deliver(&[text(5, 20, "omega")]);
        log.body = old;
        let merged = log.deliver(&[text(7, 25, "last")]);
        assert!(merged.removed.is_empty(), "{}", log.body);
        log.assert_count(5);
        assert_eq!(times(&log.body, "omega"), 1, "{}", log.body);
    }
}

#[test]
fn a_message_above_one_that_stands_was_taken_out_whatever_the_number_says() {
    for format in Format::ALL {
        for number in ["0", "1", "some"] {
            let context = context(format);
            let mut log = started(&context);
            let second = item(&log, &log.stored[1]);
            log.edit(&second, "");
            log.edit("(3 messages)", &format!("({number} messages)"));
            let merged = log.deliver(&[text(5, 20, "omega")]);
            assert_eq!(
                merged.removed,
                [text(2, 5, "beta").fingerprint()],
                "{number}"
            );
            log.assert_count(3);
            assert_eq!(times(&log.body, "beta"), 0, "{}", log.body);
        }
    }
}
