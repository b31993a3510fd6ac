//! Texts and names that try to be something else.

pub(crate) mod texts;

use texts::texts;

use super::super::*;
use super::world::{Log, context, rewrites, text, times};
use crate::phone::PhoneNumber;

/// What a text looks like in the body, each line of it.
fn shown(format: Format, text: &str) -> Vec<String> {
    super::super::escape::text_lines(format, text)
        .into_iter()
        .filter(|line| !line.trim().is_empty())
        .collect()
}

#[test]
fn there_are_many() {
    assert!(texts().len() > 150);
}

#[test]
fn a_hostile_text_stands_once_wherever_it_comes() {
    for format in Format::ALL {
        let context = context(format);
        for (shift, (name, rewrite)) in rewrites(format).iter().enumerate() {
            for (index, (_, hostile)) in texts().into_iter().enumerate() {
                for place in [0, 1, 2] {
                    // Every place for every text, and every habit of a CRM for every text.
                    let turn = (index + shift) % 3 == place && hostile.len() < 5_000;
                    if *name != "as it is" && !turn {
                        continue;
                    }
                    let what = format!("{format:?}, {name}, place {place}, {hostile:.60?}");
                    let mut entries = [
                        text(1, 0, "alpha one"),
                        text(3, 1, "beta two"),
                        text(2, 2, "gamma three"),
                    ];
                    entries[place].text.clone_from(&hostile);
                    let mut log = Log::new(&context);
                    for (count, entry) in entries.iter().enumerate() {
                        assert!(
                            log.deliver(std::slice::from_ref(entry)).changed,
                            "{what}: {}",
                            log.body
                        );
                        log.assert_count(count + 1);
                        log.body = rewrite(&log.body);
                        log.assert_stable(&what);
                    }
                    assert!(log.removed.is_empty(), "{what}");
                    let stored: Vec<_> = log.stored.iter().collect();
                    let whole = render(&log.frame, &stored);
                    assert_eq!(
                        spelled(format, &log.body),
                        spelled(format, &whole),
                        "{what}"
                    );
                    let found = entries_found(&log.frame, &log.body, &stored);
                    assert_eq!(found, log.ledger, "{what}");
                    if *name == "as it is" {
                        assert_eq!(log.body, whole, "{what}");
                    }
                }
            }
        }
    }
}

fn spelled(format: Format, body: &str) -> String {
    super::super::matching::joined_key(format, body)
}

#[test]
fn a_hostile_text_is_whole() {
    for format in Format::ALL {
        let context = context(format);
        for (_, hostile) in texts() {
            let mut log = Log::new(&context);
            log.deliver(&[text(1, 0, &hostile)]);
            for line in shown(format, &hostile) {
                assert!(log.body.contains(&line), "{line:?} in {}", log.body);
            }
            if format == Format::Html {
                let plain = Log::new(&context).deliver(&[text(1, 0, "plain")]).body;
                let lines = super::super::escape::text_lines(format, &hostile).len();
                assert_eq!(
                    times(&log.body, "<br>"),
                    times(&plain, "<br>") + lines - 1,
                    "{hostile:?}"
                );
                assert_eq!(
                    times(&log.body, "<"),
                    times(&plain, "<") + lines - 1,
                    "{hostile:?}: {}",
                    log.body
                );
            }
        }
    }
}

#[test]
fn hostile_names_are_names() {
    for format in Format::ALL {
        for (_, hostile) in texts() {
            let hostile = crate::message::clean_line(&hostile);
            if hostile.is_empty() || hostile.len() > 200 {
                continue;
            }
            let mut context = context(format);
            context.contact.name = Some(hostile.clone());
            context.user_name = Some(hostile.clone());
            context.participants = vec![hostile.clone(), "BEGIN".to_owned(), hostile.clone()];
            context.contact.phone = PhoneNumber::parse("<b>END");
            for (name, rewrite) in rewrites(format) {
                let what = format!("{format:?}, {name}, {hostile:?}");
                let mut log = Log::new(&context);
                for (count, entry) in [
                    text(1, 0, "qoneq"),
                    text(2, 0, "qtwoq"),
                    text(3, 1, "qthreeq"),
                ]
                .iter()
                .enumerate()
                {
                    log.deliver(std::slice::from_ref(entry));
                    log.body = rewrite(&log.body);
                    let counter = format!("Conversation({} messages)", count + 1);
                    assert!(log.body.contains(&counter), "{what}: {}", log.body);
                    log.assert_stable(&what);
                }
                for word in ["qoneq", "qtwoq", "qthreeq"] {
                    assert_eq!(times(&log.body, word), 1, "{what}");
                }
            }
        }
    }
}

#[test]
fn equal_texts_of_one_minute_are_as_many_entries() {
    for format in Format::ALL {
        let context = context(format);
        let mut log = Log::new(&context);
        for count in 1..=4 {
            log.deliver(&[text(count * 2 + 1, 0, "ok")]);
            log.assert_count(count as usize);
            log.assert_stable("equal texts");
        }
        let emoji: Vec<_> = (10..14).map(|id| text(id * 2 + 1, 0, "😀")).collect();
        log.deliver(&emoji);
        log.assert_count(8);
        log.deliver(&[text(41, 0, "ok")]);
        log.assert_count(9);
        log.assert_stable("equal emoji");
    }
}

#[test]
fn a_text_that_contains_others_takes_nothing_from_them() {
    let fake = "x\nAda Lovelace (+16505553204) 05:25 AM\ny";
    for format in Format::ALL {
        let context = context(format);
        let entries = [text(1, 0, "x"), text(3, 0, fake), text(5, 1, "y")];
        for order in [
            [0, 1, 2],
            [0, 2, 1],
            [1, 0, 2],
            [1, 2, 0],
            [2, 0, 1],
            [2, 1, 0],
        ] {
            let mut log = Log::new(&context);
            for (count, index) in order.into_iter().enumerate() {
                log.deliver(std::slice::from_ref(&entries[index]));
                log.assert_count(count + 1);
                log.assert_stable("fake");
            }
            let stored: Vec<_> = log.stored.iter().collect();
            assert_eq!(log.body, render(&log.frame, &stored));
        }
    }
}
