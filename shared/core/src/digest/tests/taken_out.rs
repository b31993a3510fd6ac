//! What tells that a person took a message out, and what does not.

use super::super::*;
use super::people::{started, without_beta};
use super::world::{Log, context, rewrites, text, times};

#[test]
fn a_message_that_was_taken_out_with_the_number_put_right_does_not_return() {
    for format in Format::ALL {
        let context = context(format);
        for (name, rewrite) in rewrites(format) {
            let mut log = started(&context);
            without_beta(&mut log);
            log.edit("(3 messages)", "(2 messages)");
            log.body = rewrite(&log.body);
            let merged = log.deliver(&[text(5, 20, "omega")]);
            assert_eq!(merged.removed, [text(2, 5, "beta").fingerprint()], "{name}");
            log.assert_count(3);
            log.assert_stable(name);
            log.deliver(&[text(7, 25, "last")]);
            log.assert_count(4);
            assert_eq!(times(&log.body, "beta"), 0, "{name}: {}", log.body);
        }
    }
}

#[test]
fn what_is_missing_at_the_end_was_not_taken_out_where_the_number_is_right() {
    for format in Format::ALL {
        let context = context(format);
        let mut log = started(&context);
        without_beta(&mut log);
        log.edit("(3 messages)", "(2 messages)");
        let old = log.body.clone();
        log.deliver(&[text(5, 20, "omega"), text(7, 2, "early")]);
        log.body = old;
        let merged = log.deliver(&[text(9, 30, "last")]);
        assert!(merged.removed.is_empty());
        log.assert_count(5);
        for words in ["alpha", "early", "gamma", "omega", "last"] {
            assert_eq!(times(&log.body, words), 1, "{words}: {}", log.body);
        }
        assert_eq!(times(&log.body, "beta"), 0);
    }
}

#[test]
fn while_an_update_may_still_land_nothing_counts_as_taken_out_where_the_number_is_right() {
    for format in Format::ALL {
        for own_words in [false, true] {
            let context = context(format);
            let mut log = started(&context);
            without_beta(&mut log);
            log.edit("(3 messages)", "(2 messages)");
            if own_words {
                let said = match format {
                    Format::Html => "gamma</b><br>As she said<b>",
                    Format::PlainText => "gamma\nAs she said",
                    Format::Markdown => "gamma  \n  As she said",
                };
                log.edit("gamma", said);
            }
            log.may_land = true;
            let merged = log.deliver(&[text(5, 20, "omega")]);
            assert!(merged.removed.is_empty(), "{}", log.body);
            assert_eq!(times(&log.body, "beta"), 1, "{}", log.body);
            log.assert_stable("back again");
        }
        // A number that is too large tells all the same.
        let context = context(format);
        let mut log = started(&context);
        without_beta(&mut log);
        log.may_land = true;
        let merged = log.deliver(&[text(5, 20, "omega")]);
        assert_eq!(merged.removed, [text(2, 5, "beta").fingerprint()]);
    }
}

#[test]
fn the_ledger_grows_by_what_stands_and_then_in_the_order_of_acceptance() {
    for format in Format::ALL {
        let context = context(format);
        let mut log = Log::new(&context);
        let prints = |texts: &[Entry]| texts.iter().map(Entry::fingerprint).collect::<Vec<_>>();
        let (one, two, three) = (text(1, 0, "one"), text(2, 5, "two"), text(3, 9, "three"));
        // The second one was accepted last, and a write that was not settled carried the third.
        let carried = [three.clone()];
        log.deliver(&carried);
        log.ledger.clear();
        log.stored = vec![one.clone(), three.clone(), two.clone()];
        let merged = log.merge(&prints(&[one.clone(), two.clone(), three.clone()]));
        assert_eq!(
            merged.delivered,
            prints(&[three.clone(), one.clone(), two.clone()])
        );
        log.body.clear();
        let merged = log.merge(&prints(&[one.clone(), two.clone(), three.clone()]));
        assert_eq!(merged.delivered, prints(&[one, three, two]));
    }
}
