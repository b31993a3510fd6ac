//! Digests without an end: most of their texts have expired.

use super::super::*;
use super::world::{Log, context, rewrites, text};

const DAY: i64 = 24 * 60;

#[test]
fn texts_of_other_days_join_where_they_belong_though_the_others_have_expired() {
    for format in Format::ALL {
        let context = context(format);
        for (name, rewrite) in rewrites(format) {
            let mut log = Log::new(&context);
            log.frame.window = Window::ALL;
            // The later days have the earlier times of day.
            log.deliver(&[
                text(1, 9, "alpha"),
                text(2, DAY + 6, "beta"),
                text(3, 40 * DAY + 3, "gamma"),
            ]);
            log.stored.clear();
            log.body = rewrite(&log.body);
            log.deliver(&[text(4, 2 * DAY, "between"), text(5, 41 * DAY, "omega")]);
            log.assert_count(5);
            let body = &log.body;
            let places: Vec<_> = ["alpha", "beta", "between", "gamma", "omega"]
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
