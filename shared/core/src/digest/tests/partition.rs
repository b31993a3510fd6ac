//! Notes that are limited in size.

use super::super::*;
use super::world::{context, frame, text};

#[test]
fn a_note_is_filled_to_nine_tenths() {
    assert!(fits(&"x".repeat(90), Some(100)));
    assert!(!fits(&"x".repeat(91), Some(100)));
    assert!(fits(&"x".repeat(1_000_000), None));
}

/// Delivers to as many parts as are needed; returns their bodies and ledgers.
fn deliver(context: &Context, entries: &[Entry], limit: usize) -> Vec<(String, Vec<Fingerprint>)> {
    let whole: Vec<_> = entries.iter().collect();
    let expanded = expand(&frame(context), &whole, Some(limit));
    let mut delivery: Vec<_> = expanded.iter().map(Entry::fingerprint).collect();
    let mut parts = Vec::new();
    while !delivery.is_empty() {
        let frame = Frame {
            part: parts.len() + 1,
            ..frame(context)
        };
        let stored: Vec<_> = expanded
            .iter()
            .filter(|entry| delivery.contains(&entry.fingerprint()))
            .collect();
        let request = Request {
            existing: "",
            stored: &stored,
            ledger: &[],
            removed: &[],
            delivery: &delivery,
            may_land: false,
        };
        let plan = plan(&frame, &request, Some(limit));
        assert!(
            fits(&plan.merged.body, Some(limit)),
            "{} bytes",
            plan.merged.body.len()
        );
        delivery = plan.rest;
        parts.push((plan.merged.body, plan.merged.delivered));
    }
    parts
}

#[test]
fn a_day_that_is_too_large_makes_parts() {
    for format in Format::ALL {
        let context = context(format);
        let entries: Vec<_> = (1..60)
            .map(|id| {
                text(
                    id,
                    i64::from(id),
                    &format!("<text {id:03}> {}", "x".repeat(100)),
                )
            })
            .collect();
        let parts = deliver(&context, &entries, 3_000);
        assert!(parts.len() > 3 && parts.len() < 20, "{}", parts.len());
        let delivered: Vec<_> = parts
            .iter()
            .flat_map(|(_, delivered)| delivered.clone())
            .collect();
        let all: Vec<_> = entries.iter().map(Entry::fingerprint).collect();
        assert_eq!(delivered, all);
        for (body, delivered) in &parts {
            assert!(
                body.contains(&format!("Conversation({} messages)", delivered.len())),
                "{body}"
            );
        }
        assert!(parts[1].0.replace('\\', "").contains("- 15/02/18 (2)"));
    }
}

#[test]
fn a_part_takes_what_fits_and_leaves_the_rest() {
    let context = context(Format::PlainText);
    let frame = frame(&context);
    let first = text(1, 0, &"a".repeat(500));
    let existing = render(&frame, &[&first]);
    let (second, third) = (text(2, 1, &"b".repeat(500)), text(3, 2, &"c".repeat(500)));
    let stored = [&first, &second, &third];
    let ledger = [first.fingerprint()];
    let delivery = [third.fingerprint(), second.fingerprint()];
    let request = Request {
        existing: &existing,
        stored: &stored,
        ledger: &ledger,
        removed: &[],
        delivery: &delivery,
        may_land: false,
    };
    let limit = (existing.len() + 600) * 10 / 9;
    let some = plan(&frame, &request, Some(limit));
    assert_eq!(
        (some.merged.delivered.as_slice(), some.rest.as_slice()),
        (&delivery[1..], &delivery[..1])
    );
    assert!(plan(&frame, &request, None).rest.is_empty());
    let none = plan(&frame, &request, Some(existing.len()));
    assert!(!none.merged.changed && none.merged.delivered.is_empty());
    assert_eq!(none.rest, [second.fingerprint(), third.fingerprint()]);
}

#[test]
fn a_text_larger_than_a_note_is_split_and_counted_once() {
    for format in Format::ALL {
        let context = context(format);
        for unit in ["x", "<&", "😀", "*_\n", "\n", "END\n"] {
            let long = text(1, 0, &unit.repeat(12_000 / unit.len()));
            let pieces = split_entry(&frame(&context), &long, Some(4_000));
            assert!(pieces.len() > 2, "{format:?} {unit:?}: {}", pieces.len());
            let joined: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
            assert_eq!(joined, long.text);
            assert_eq!(pieces.iter().filter(|piece| piece.counts()).count(), 1);
            assert_eq!(pieces[0].fingerprint(), long.fingerprint());
            let parts = deliver(
                &context,
                &[text(3, -1, "before"), long, text(5, 1, "after")],
                4_000,
            );
            let counted: usize = parts
                .iter()
                .map(|(body, _)| {
                    let (_, rest) = body.split_once("Conversation(").expect("a counter");
                    rest.split(' ')
                        .next()
                        .and_then(|count| count.parse::<usize>().ok())
                        .expect("a number")
                })
                .sum();
            assert_eq!(counted, 3, "{format:?} {unit:?}");
        }
    }
}

#[test]
fn a_text_that_fits_is_not_split() {
    let context = context(Format::Html);
    let short = text(1, 0, "short");
    assert!(split_entry(&frame(&context), &short, Some(2_000)) == [short.clone()]);
    assert!(split_entry(&frame(&context), &short, None) == [short.clone()]);
}

#[test]
fn what_an_unsettled_write_put_into_a_part_does_not_start_another() {
    let context = context(Format::Html);
    let frame = frame(&context);
    let (first, applied, early) = (
        text(1, 0, "first"),
        text(3, 5, "applied"),
        text(5, 2, "early"),
    );
    let existing = render(&frame, &[&first, &applied]);
    let delivery = [early.fingerprint(), applied.fingerprint()];
    let request = Request {
        existing: &existing,
        stored: &[&first, &applied, &early],
        ledger: &[first.fingerprint()],
        removed: &[],
        delivery: &delivery,
        may_land: false,
    };
    let plan = plan(&frame, &request, Some(existing.len() * 10 / 9 + 2));
    assert!(!plan.merged.changed);
    assert_eq!(plan.merged.delivered, [applied.fingerprint()]);
    assert_eq!(plan.rest, [early.fingerprint()]);
}
