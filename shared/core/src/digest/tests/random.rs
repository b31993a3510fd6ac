//! Seeded random lives of a digest: texts in any order, repeats, rewriting CRMs, late writes,
//! and a person who writes beside and between the lines.

use super::super::*;
use super::world::{Log, context, frame, rewrites, text, times};

struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((x ^ (x >> 31)) >> 33).expect("31 bits") % limit
    }
}

fn remark(format: Format, number: usize) -> String {
    match format {
        Format::Html => format!("<p>remark{number}.</p>"),
        Format::PlainText | Format::Markdown => format!("\nremark{number}.\n"),
    }
}

/// A person's line below the last line of some message, if that is easily found.
fn remark_within(log: &mut Log<'_>, words: &str, number: usize) -> bool {
    let Some(at) = log.body.find(words).map(|at| at + words.len()) else {
        return false;
    };
    let line = match log.frame.context.format {
        Format::Html => format!("<br>remark{number}."),
        Format::PlainText => format!("\nremark{number}."),
        Format::Markdown => format!("  \n  remark{number}."),
    };
    log.body.insert_str(at, &line);
    true
}

#[test]
fn whatever_happens_each_text_and_each_remark_stands_once() {
    for seed in 0..400 {
        let mut chance = Chance(seed);
        let format = Format::ALL[chance.below(3)];
        let context = context(format);
        let rewrite = rewrites(format)[chance.below(rewrites(format).len())];
        let entries: Vec<_> = (1..=12)
            .map(|id| text(id, (chance.below(6) * 3) as i64, &format!("<w{id}> w{id}e")))
            .collect();
        let mut log = Log::new(&context);
        let mut remarks = Vec::new();
        let mut before = String::new();
        for step in 0..20 {
            let what = format!("seed {seed}, step {step}, {format:?}, {}", rewrite.0);
            match chance.below(8) {
                0 => log.body = rewrite.1(&log.body),
                // A late write puts an older body back; remarks made since are lost with it.
                1 if remarks.is_empty() && !before.is_empty() => log.body.clone_from(&before),
                2 if !log.body.is_empty() => {
                    log.body += &remark(format, step);
                    remarks.push(step);
                }
                3 | 4 => {
                    let id = entries[chance.below(12)]
                        .text
                        .split(' ')
                        .next_back()
                        .expect("a word")
                        .to_owned();
                    if remark_within(&mut log, &id, step) {
                        remarks.push(step);
                    }
                }
                _ => {
                    before.clone_from(&log.body);
                    let from = chance.below(12);
                    let to = (from + 1 + chance.below(3)).min(12);
                    let fresh: Vec<_> = entries[from..to]
                        .iter()
                        .filter(|entry| !log.ledger.contains(&entry.fingerprint()))
                        .cloned()
                        .collect();
                    log.deliver(&fresh);
                    log.assert_stable(&what);
                    check(&log, &remarks, &what);
                }
            }
        }
        log.deliver(&[]);
        check(
            &log,
            &remarks,
            &format!("seed {seed}, {format:?}, {}", rewrite.0),
        );
    }
}

fn check(log: &Log<'_>, remarks: &[usize], what: &str) {
    assert!(log.removed.is_empty(), "{what}: {}", log.body);
    if log.ledger.is_empty() {
        return;
    }
    log.assert_count(log.ledger.len());
    for entry in &log.stored {
        let word = entry.text.split(' ').next_back().expect("a word");
        assert_eq!(
            times(&log.body, &format!(" {word}")),
            1,
            "{what}, {word}: {}",
            log.body
        );
    }
    for number in remarks {
        assert_eq!(
            times(&log.body, &format!("remark{number}.")),
            1,
            "{what}, {number}: {}",
            log.body
        );
    }
}

#[test]
fn a_second_log_in_which_nobody_wrote_is_known() {
    for format in Format::ALL {
        let context = context(format);
        let entries = [text(1, 0, "one <b>"), text(2, 5, "two"), text(3, 6, "END")];
        let all: Vec<_> = entries.iter().collect();
        let body = render(&frame(&context), &all[..2]);
        for (name, rewrite) in rewrites(format) {
            let body = rewrite(&body);
            assert!(
                holds_only_ours(&frame(&context), &body, &all),
                "{name}: {body}"
            );
            assert!(!holds_only_ours(
                &frame(&context),
                &(remark(format, 1) + &body),
                &all
            ));
            assert!(!holds_only_ours(
                &frame(&context),
                &body.replace("two", "two!"),
                &all
            ));
        }
        assert!(!holds_only_ours(&frame(&context), "something else", &all));
    }
}
