//! A hostile body takes about as long as a harmless one of its size.

use std::time::{Duration, Instant};

use super::super::*;
use super::world::{context, frame, text};

/// How large the bodies are, in bytes.
const SIZE: usize = 120_000;

/// Whether `hostile` takes less than 30 times as long as `harmless`, which is as large; work that
/// grows with the square of that size takes hundreds of times as long. Another process that takes
/// the machine away does so for a moment only, so one measurement of several is enough.
fn is_even(work: impl Fn(&str) -> Duration, hostile: &str, harmless: &str) -> bool {
    (0..5).any(|_| work(hostile) < work(harmless) * 30)
}

/// The time of a merge into `body`.
fn time(body: &str) -> Duration {
    let context = context(Format::Html);
    let entries = [text(1, 0, "alpha"), text(2, 5, "beta"), text(3, 9, "gamma")];
    let stored: Vec<_> = entries.iter().collect();
    let prints: Vec<_> = entries.iter().map(Entry::fingerprint).collect();
    let request = Request {
        existing: body,
        stored: &stored,
        ledger: &prints[..2],
        removed: &[],
        delivery: &prints[2..],
        may_land: false,
    };
    let begun = Instant::now();
    let merged = merge(&frame(&context), &request);
    let took = begun.elapsed();
    assert!(merged.delivered.len() <= 1);
    took
}

#[test]
fn no_body_takes_much_longer_than_others_of_its_size() {
    let context = context(Format::Html);
    let ours = render(
        &frame(&context),
        &[&text(1, 0, "alpha"), &text(2, 5, "beta")],
    );
    let within = |hostile: &str| ours.replace("alpha", &format!("alpha {hostile}"));
    let cases: [(&str, &dyn Fn(usize) -> String); 14] = [
        ("quotes left open", &|n| "<a href=\"".repeat(n)),
        ("the same in ours", &|n| within(&"<a href=\"".repeat(n))),
        ("quotes of two kinds", &|n| {
            format!("{}<a b=\">", "<a b='".repeat(n))
        }),
        ("comments", &|n| "<!--".repeat(n)),
        ("END", &|n| "END<br>".repeat(n)),
        ("BEGIN", &|n| "BEGIN<br>".repeat(n)),
        ("counters", &|n| "Conversation(1 messages)<br>".repeat(n)),
        ("blank lines", &|n| "<br>".repeat(n) + "BEGIN"),
        ("dashes", &|n| within(&"<br>------------".repeat(n))),
        ("times", &|n| "05:24 AM".repeat(n)),
        ("times in ours", &|n| within(&"05:24 AM".repeat(n))),
        ("first lines in ours", &|n| {
            within(&"<br>Ada Lovelace (+16505553204) 05:24 AM".repeat(n))
        }),
        ("tags that close nothing", &|n| {
            within(&("<b>".repeat(n) + &"</i>".repeat(n)))
        }),
        ("links", &|n| within(&"<a href=x>x".repeat(n))),
    ];
    let harmless = within(&"harmless ".repeat(SIZE / 9));
    for (name, body) in cases {
        let hostile = body(SIZE * 1_000 / body(1_000).len());
        assert!(is_even(time, &hostile, &harmless), "{name}");
    }
}

#[test]
fn directions_that_are_left_open_take_no_longer_than_letters() {
    let time = |line: &str| {
        let begun = Instant::now();
        super::super::escape::text_lines(Format::Html, line);
        begun.elapsed()
    };
    let half = SIZE / 6;
    let hostile = "\u{202a}".repeat(half) + &"\u{2069}".repeat(half);
    assert!(is_even(time, &hostile, &"é ".repeat(SIZE / 3)));
}
