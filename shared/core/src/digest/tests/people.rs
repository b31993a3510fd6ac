//! What people do to a note, and what is left of it.

use super::super::*;
use super::world::{Log, context, rewrites, text, times};

pub(super) fn started(context: &Context) -> Log<'_> {
    let mut log = Log::new(context);
    log.deliver(&[
        text(1, 0, "alpha"),
        text(2, 5, "beta"),
        text(3, 10, "gamma"),
    ]);
    log
}

/// How a line that a person adds looks.
fn own(format: Format, words: &str) -> String {
    match format {
        Format::Html => format!("<p>{words}</p>"),
        Format::PlainText => format!("{words}\n"),
        Format::Markdown => format!("{words}  \n"),
    }
}

#[test]
fn words_around_the_conversation_stay() {
    for format in Format::ALL {
        let context = context(format);
        for (name, rewrite) in rewrites(format) {
            let mut log = started(&context);
            log.body = format!(
                "{}{}{}",
                own(format, "Above it."),
                log.body,
                own(format, "\nBelow it, END")
            );
            log.body = rewrite(&log.body);
            log.assert_stable(name);
            log.deliver(&[text(5, 7, "between")]);
            log.assert_count(4);
            let body = &log.body;
            for words in [
                "Above it.",
                "Below it, END",
                "alpha",
                "beta",
                "between",
                "gamma",
            ] {
                assert_eq!(times(body, words), 1, "{name}, {words}: {body}");
            }
            assert!(body.find("beta") < body.find("between"), "{body}");
            assert!(body.find("between") < body.find("gamma"), "{body}");
            log.assert_stable(name);
        }
    }
}

#[test]
fn words_within_the_conversation_stay() {
    for format in Format::ALL {
        let context = context(format);
        for (name, rewrite) in rewrites(format) {
            let mut log = started(&context);
            log.edit(
                "beta",
                match format {
                    Format::Html => "beta</b><br>She means the <i>other</i> one<b>",
                    Format::PlainText => "beta\nShe means the other one",
                    Format::Markdown => "beta  \n  She means the *other* one",
                },
            );
            log.body = rewrite(&log.body);
            log.assert_stable(name);
            log.deliver(&[
                text(5, 7, "between"),
                text(7, 20, "omega"),
                text(9, -5, "aleph"),
            ]);
            log.assert_count(6);
            let body = &log.body;
            let order = [
                "aleph",
                "alpha",
                "beta",
                "She means",
                "between",
                "gamma",
                "omega",
                "--- Created",
            ];
            let places: Vec<_> = order
                .iter()
                .map(|words| body.find(words).expect(words))
                .collect();
            assert!(places.is_sorted(), "{name}: {body}");
            assert!(log.removed.is_empty());
            log.assert_stable(name);
            if format == Format::Html && !body.contains("<LI") {
                assert_eq!(times(body, "<li"), times(body, "</li>"), "{body}");
                assert_eq!(times(body, "<ul"), times(body, "</ul>"), "{body}");
            }
        }
    }
}

pub(super) fn without_beta(log: &mut Log<'_>) {
    let beta = match log.frame.context.format {
        Format::Html => "<li>Charles Babbage 05:29 AM<br><b>beta</b></li>",
        Format::PlainText => "Charles Babbage 05:29 AM\nbeta\n\n",
        Format::Markdown => "- Charles Babbage 05:29 AM  \n  beta\n",
    };
    log.edit(beta, "");
}

#[test]
fn a_message_that_was_taken_out_does_not_return() {
    for format in Format::ALL {
        let context = context(format);
        let mut log = started(&context);
        without_beta(&mut log);
        let merged = log.deliver(&[text(5, 20, "omega")]);
        assert_eq!(merged.removed, [text(2, 5, "beta").fingerprint()]);
        log.assert_count(3);
        log.assert_stable("removed");
        log.deliver(&[text(7, 25, "last")]);
        log.assert_count(4);
        assert_eq!(times(&log.body, "beta"), 0, "{}", log.body);
        // Not even if the same text is handed over again.
        let beta = log.merge(&[text(2, 5, "beta").fingerprint()]);
        assert!(!beta.changed);
    }
}

#[test]
fn a_message_that_was_rewritten_stays_as_it_was_rewritten() {
    for format in Format::ALL {
        let context = context(format);
        let mut log = started(&context);
        log.edit("beta", "never mind");
        let merged = log.deliver(&[text(5, 20, "omega")]);
        assert_eq!(merged.removed, [text(2, 5, "beta").fingerprint()]);
        assert_eq!(times(&log.body, "never mind"), 1);
        assert_eq!(times(&log.body, "beta"), 0);
        log.assert_count(3);
        log.assert_stable("rewritten");
    }
}

#[test]
fn a_counter_that_was_changed_is_put_right() {
    for counter in [
        "Conversation(7 messages)",
        "Conversation(1 messages)",
        "Conversation(many messages)",
        "Conversation( messages)",
        "Conversation(NaN messages)",
    ] {
        for format in Format::ALL {
            let context = context(format);
            let mut log = started(&context);
            log.edit("Conversation(3 messages)", counter);
            log.deliver(&[text(5, 20, "omega")]);
            log.assert_count(4);
            assert!(log.removed.is_empty());
            log.assert_stable(counter);
        }
    }
}

#[test]
fn a_note_that_was_emptied_is_made_anew() {
    for format in Format::ALL {
        let context = context(format);
        for empty in ["", " \n ", "<p><br></p>"] {
            if format != Format::Html && empty.contains('<') {
                continue;
            }
            let mut log = started(&context);
            log.body = empty.to_owned();
            log.deliver(&[text(5, 20, "omega")]);
            log.assert_count(4);
            assert!(log.body.contains("alpha"));
            log.assert_stable("emptied");
        }
    }
}

#[test]
fn a_conversation_of_which_every_line_was_taken_out_starts_over() {
    for format in Format::ALL {
        let context = context(format);
        let mut log = started(&context);
        let stored: Vec<_> = log.stored.iter().collect();
        let (whole, empty) = (render(&log.frame, &stored), render(&log.frame, &[]));
        assert_eq!(log.body, whole);
        log.body = empty.replace("(0 messages)", "(3 messages)");
        let merged = log.deliver(&[text(5, 20, "omega")]);
        assert_eq!(merged.removed.len(), 3);
        log.assert_count(1);
        assert_eq!(times(&log.body, "alpha"), 0);
        assert_eq!(times(&log.body, "omega"), 1);
        log.assert_stable("every line");
    }
}

#[test]
fn one_of_two_equal_texts_can_be_taken_out() {
    for format in Format::ALL {
        let context = context(format);
        let mut log = Log::new(&context);
        log.deliver(&[text(1, 0, "ok")]);
        let item = super::super::render::item(&log.frame, &log.stored[0]);
        log.deliver(&[text(3, 0, "ok")]);
        log.edit(&item, "");
        let merged = log.deliver(&[text(5, 20, "omega")]);
        assert_eq!(merged.removed, [text(3, 0, "ok").fingerprint()]);
        log.assert_count(2);
        assert_eq!(times(&log.body, &item), 1);
        log.assert_stable("one of two");
        log.deliver(&[text(7, 0, "ok")]);
        assert_eq!(times(&log.body, &item), 2);
        log.assert_count(3);
    }
}

#[test]
fn a_note_without_the_conversation_gets_one_below() {
    for format in Format::ALL {
        let context = context(format);
        for footer in [false, true] {
            let mut log = started(&context);
            log.body = own(format, "Only this is left.");
            if footer {
                log.body += "--- Created via RingCentral App Connect [k7m2-9xqd-4tfa]";
            }
            log.deliver(&[text(5, 20, "omega")]);
            log.assert_count(4);
            for words in [
                "Only this is left.",
                "alpha",
                "omega",
                "[k7m2-9xqd-4tfa]",
                "BEGIN",
            ] {
                assert_eq!(times(&log.body, words), 1, "{}", log.body);
            }
            assert!(
                contains_mark(format, &log.body, &super::world::mark()),
                "{}",
                log.body
            );
            log.assert_stable("appended");
            log.deliver(&[text(7, 25, "last")]);
            log.assert_count(5);
        }
    }
}

#[test]
fn an_old_form_saved_over_newer_texts_is_undone() {
    for format in Format::ALL {
        let context = context(format);
        for edited in [false, true] {
            let mut log = started(&context);
            let old = log.body.clone();
            log.deliver(&[text(5, 20, "omega"), text(7, 2, "early")]);
            log.body = match edited {
                // The person also wrote something into the old form.
                true => old.replacen("gamma", "gamma!!", 1).replacen(
                    "alpha",
                    &match format {
                        Format::Html => "alpha</b><br>mine<b>".to_owned(),
                        Format::PlainText => "alpha\nmine".to_owned(),
                        Format::Markdown => "alpha  \n  mine".to_owned(),
                    },
                    1,
                ),
                false => old,
            };
            let merged = log.deliver(&[text(9, 30, "last")]);
            assert_eq!(merged.removed.len(), usize::from(edited), "{}", log.body);
            log.assert_count(if edited { 5 } else { 6 });
            for words in ["alpha", "beta", "omega", "early", "last"] {
                assert_eq!(times(&log.body, words), 1, "{words}: {}", log.body);
            }
            log.assert_stable("old form");
        }
    }
}

#[test]
fn an_old_form_from_before_a_removal_does_not_bring_it_back() {
    let context = context(Format::Html);
    let mut log = started(&context);
    let old = log.body.clone();
    without_beta(&mut log);
    log.deliver(&[text(5, 20, "omega")]);
    log.body = old;
    let merged = log.deliver(&[]);
    assert!(merged.changed && merged.removed.is_empty());
    log.assert_count(3);
    assert_eq!(times(&log.body, "beta"), 0);
    assert_eq!(times(&log.body, "omega"), 1);
}

#[test]
fn a_late_write_of_an_older_body_is_undone() {
    for format in Format::ALL {
        let context = context(format);
        let mut log = Log::new(&context);
        log.deliver(&[text(1, 0, "one")]);
        let late = log.body.clone();
        log.deliver(&[text(2, 0, "two")]);
        let whole = log.body.clone();
        log.body = late;
        assert!(log.deliver(&[]).changed);
        assert_eq!(log.body, whole);
    }
}

#[test]
fn a_write_that_was_applied_but_not_settled_is_found() {
    for format in Format::ALL {
        let context = context(format);
        let mut log = started(&context);
        let (stored, ledger) = (log.stored.clone(), log.ledger.clone());
        log.deliver(&[text(5, 20, "omega")]);
        (log.ledger, log.stored) = (ledger, stored);
        log.stored.push(text(5, 20, "omega"));
        let merged = log.merge(&[text(5, 20, "omega").fingerprint()]);
        assert!(!merged.changed);
        assert_eq!(
            (merged.count, merged.delivered),
            (4, vec![text(5, 20, "omega").fingerprint()])
        );
    }
}

#[test]
fn texts_that_have_expired_keep_their_lines_and_are_counted() {
    for format in Format::ALL {
        let context = context(format);
        for (name, rewrite) in rewrites(format) {
            let mut log = started(&context);
            log.stored.clear();
            log.body = rewrite(&log.body);
            log.deliver(&[text(5, 7, "between")]);
            log.assert_count(4);
            let body = &log.body;
            let places: Vec<_> = ["alpha", "beta", "between", "gamma"]
                .iter()
                .map(|words| body.find(words))
                .collect();
            assert!(
                places.is_sorted() && !places.contains(&None),
                "{name}: {body}"
            );
            assert!(log.removed.is_empty());
            log.assert_stable(name);
        }
    }
}

#[test]
fn a_conversation_whose_markers_are_damaged_is_still_found() {
    let context = context(Format::Html);
    for (from, to) in [
        ("Conversation(3 messages)<br>", ""),
        ("BEGIN<br>------------", "BEGIN"),
        ("</ul>------------<br>END", "</ul>END"),
        (
            "Conversation(3 messages)<br>",
            "Conversation(3 messages)<br>My remark<br>",
        ),
        (
            "Conversation(3 messages)<br>",
            "Conv<i>ersation(</i><b>3</b> <u>messages</u>)<br>",
        ),
        (
            "--- Created via RingCentral App Connect [k7m2-9xqd-4tfa]",
            "",
        ),
    ] {
        let mut log = started(&context);
        log.edit(from, to);
        log.deliver(&[text(5, 20, "omega")]);
        for words in ["alpha", "beta", "gamma", "omega"] {
            assert_eq!(times(&log.body, words), 1, "{from} -> {to}: {}", log.body);
        }
        assert_eq!(times(&log.body, "BEGIN"), 1);
        log.assert_stable(from);
    }
}
