//! Bodies of which only the beginning is left, wherever they are torn.

use super::super::*;
use super::world::{context, frame, text};

const LONG: &str = "one ok & two <three>\nfour\nEND of it, and more of the same";

fn merged(frame: &Frame<'_>, existing: &str, entries: &[&Entry], ledger: &[Fingerprint]) -> Merged {
    let delivery: Vec<_> = entries.iter().map(|entry| entry.fingerprint()).collect();
    merge(
        frame,
        &Request {
            existing,
            stored: entries,
            ledger,
            removed: &[],
            delivery: &delivery,
            may_land: true,
        },
    )
}

/// Where a body can be torn.
fn places(body: &str) -> impl Iterator<Item = usize> {
    // Of less nothing is to be said.
    (4..body.len()).filter(|end| body.is_char_boundary(*end))
}

#[test]
fn a_body_torn_anywhere_is_made_whole_again() {
    for format in Format::ALL {
        let context = context(format);
        let frame = frame(&context);
        let entries = [text(1, 0, "first"), text(2, 1, LONG), text(3, 2, "third")];
        let all: Vec<_> = entries.iter().collect();
        let whole = render(&frame, &all);
        // The first and the last stood before the one between them was brought in.
        let ledger = [entries[0].fingerprint(), entries[2].fingerprint()];
        for end in places(&whole) {
            let torn = &whole[..end];
            let mended = mended(&frame, torn, &all, &[]).unwrap_or_else(|| torn.to_owned());
            let merged = merged(&frame, &mended, &all, &ledger);
            assert_eq!(merged.removed, [], "{torn:?}");
            let kept = kept(format, &whole, &merged.body);
            assert_eq!(kept, Kept::Whole, "{torn:?}, {}", merged.body);
            let found = entries_found(&frame, &merged.body, &all);
            assert_eq!(found.len(), 3, "{torn:?}, {}", merged.body);
            assert!(
                holds_only_ours(&frame, &merged.body, &all),
                "{}",
                merged.body
            );
        }
    }
}

#[test]
fn what_a_person_wrote_before_the_torn_place_stays() {
    for format in Format::ALL {
        let context = context(format);
        let frame = frame(&context);
        let entries = [text(1, 0, "first"), text(2, 1, LONG)];
        let all: Vec<_> = entries.iter().collect();
        let whole = render(&frame, &all);
        let (words, whole) = match format {
            Format::Html => {
                let whole = whole.replacen("<li>Ada", "<li>Call her back</li><li>Ada", 1);
                ("Call her back", format!("<p>VIP</p>{whole}"))
            }
            Format::PlainText | Format::Markdown => ("VIP", format!("VIP\n\n{whole}")),
        };
        let begun = whole.find("first").expect("a text");
        for end in places(&whole).filter(|end| *end >= begun) {
            let torn = &whole[..end];
            let mended = mended(&frame, torn, &all, &[]).unwrap_or_else(|| panic!("{torn:?}"));
            let merged = merged(&frame, &mended, &all, &[]);
            for words in ["VIP", words, "first", "of the same"] {
                let times = merged.body.matches(words).count();
                assert_eq!(times, 1, "{words}, {torn:?}, {}", merged.body);
            }
            let counted = merged.body.contains("Conversation(2 messages)");
            assert!(counted, "{torn:?}, {}", merged.body);
        }
    }
}

#[test]
fn a_body_that_has_its_end_is_not_torn() {
    for format in Format::ALL {
        let context = context(format);
        let frame = frame(&context);
        let entry = text(1, 0, "first");
        let whole = render(&frame, &[&entry]);
        for body in [
            whole.clone(),
            format!("{whole}\n\nCall her"),
            "Call her on Monday".to_owned(),
        ] {
            assert_eq!(mended(&frame, &body, &[&entry], &[]), None, "{body}");
        }
        // Without an end it gets one, and what a person wrote stays in it.
        let edited = whole.replace("first", "something else that is longer");
        let place = edited.find(" is longer").expect("it is there");
        let mended = mended(&frame, &edited[..place], &[&entry], &[]).expect("it has no end");
        assert!(mended.contains("something else that"), "{mended}");
        let ends = mended.matches("END").count();
        assert_eq!(ends, 1, "{mended}");
        assert!(mended.contains("Conversation(0 messages)"), "{mended}");
    }
}

#[test]
fn a_crm_that_writes_entities_into_a_note_or_changes_its_footer_cuts_nothing() {
    for (typed, from, to) in [
        (
            "don't go, it is a long text that stands there wholly",
            "'",
            "&#39;",
        ),
        (
            "5 < 6 and that is all there is to say about it",
            "<",
            "&lt;",
        ),
        ("say \"hi\" to all of them", "\"", "&quot;"),
        (
            "call \u{2764} & go to the place of the day before",
            "\u{2764}",
            "",
        ),
        ("we \u{263a} <3 it", "\u{263a}", ""),
        ("say \"hi\" to all of them", "\"", "&amp;quot;"),
        ("as ever", "--- C", "\u{2014} C"),
    ] {
        for format in Format::ALL {
            let context = context(format);
            let whole = render(&frame(&context), &[&text(1, 0, typed)]);
            let answered = whole.replace(from, to);
            let kept = kept(format, &whole, &answered);
            assert!(!matches!(kept, Kept::Cut { .. }), "{kept:?} of {answered}");
        }
    }
}

#[test]
fn what_a_person_writes_in_place_of_a_note_or_its_end_is_not_torn() {
    for format in Format::ALL {
        let context = context(format);
        let frame = frame(&context);
        let entries = [text(1, 0, "first"), text(2, 1, "second")];
        let all: Vec<_> = entries.iter().collect();
        let whole = render(&frame, &all);
        let footer = whole
            .find("--- Created")
            .or_else(|| whole.find("\\--- Created"));
        let footer = footer.expect("a footer");
        let head = whole.find("Conversation(").expect("a counter");
        for words in [
            "& the lawyer wants to hear of this by Monday at the latest",
            "<- ask Tom about all of this before the end of the week",
            "Call Tom by Monday",
            "call Bob",
        ] {
            let words = match format {
                Format::Html => words.replace('&', "&amp;").replace('<', "&lt;"),
                Format::PlainText | Format::Markdown => words.to_owned(),
            };
            for above in ["", &whole[..head], &whole[..footer]] {
                let body = format!("{above}{words}");
                let mended = mended(&frame, &body, &all, &[]);
                let stays = mended.as_ref().is_none_or(|mended| mended.contains(&words));
                assert!(stays, "{format:?} {body:?}: {mended:?}");
            }
        }
    }
}
