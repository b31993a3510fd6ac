//! The index of rolling windows, and the logs that digests take over.

use chrono::{TimeDelta, Utc};
use daybook_core::digest::{Span, Window};
use daybook_core::ids::LogId;
use daybook_store::items::RollingIndex;
use daybook_store::{Write, keys};

use super::{Bench, FAR, NOW, assert_done, head, in_the_way, key, tenant};

super::store_cases![
    the_index_of_rolling_windows_is_written_over_what_was_read,
    an_index_that_has_expired_is_absent_and_its_key_is_free,
    rolling_heads_come_with_their_index,
    a_log_is_taken_over_by_one_conversation,
];

fn at(hours: i64) -> chrono::DateTime<Utc> {
    chrono::DateTime::from_timestamp_millis(NOW).expect("a time") + TimeDelta::hours(hours)
}

fn index(rev: u64, hours: i64) -> RollingIndex {
    RollingIndex {
        rev,
        windows: vec![Span {
            id: Window::rolling(at(hours)),
            from: at(hours - 1),
            to: at(hours + 24),
        }],
        expires_at: FAR,
    }
}

async fn the_index_of_rolling_windows_is_written_over_what_was_read() {
    let bench = Bench::start().await;
    let store = bench.store();
    let (heads, none) = store.rolling_heads(at(-25)).await.expect("read");
    assert_eq!(heads, []);
    assert_eq!(none, Some(RollingIndex::default()), "there is none yet");
    assert_done(store.put_rolling_index(&index(1, 0), 0).await);
    let old = in_the_way(store.put_rolling_index(&index(1, 5), 0).await);
    assert_eq!(old, index(1, 0), "one is there");
    // An answer that was lost.
    assert_done(store.put_rolling_index(&index(1, 0), 0).await);
    let old = in_the_way(store.put_rolling_index(&index(3, 5), 2).await);
    assert_eq!(old, index(1, 0), "another revision");
    assert_done(store.put_rolling_index(&index(2, 5), 1).await);
    let old = in_the_way(store.put_rolling_index(&index(2, 9), 1).await);
    assert_eq!(old, index(2, 5));
}

async fn an_index_that_has_expired_is_absent_and_its_key_is_free() {
    let bench = Bench::start().await;
    let old = RollingIndex {
        expires_at: NOW / 1_000 + 60,
        ..index(4, 0)
    };
    assert_done(bench.store().put_rolling_index(&old, 0).await);
    bench.set(NOW + 61_000);
    let store = bench.store();
    let (_, none) = store.rolling_heads(at(-25)).await.expect("read");
    assert_eq!(none, Some(RollingIndex::default()));
    assert_done(store.put_rolling_index(&index(1, 5), 0).await);
    let (_, found) = store.rolling_heads(at(-25)).await.expect("read");
    assert_eq!(found, Some(index(1, 5)));
}

async fn rolling_heads_come_with_their_index() {
    let bench = Bench::start().await;
    let store = bench.store();
    for hours in [-48, 0, 48] {
        let window = Window::rolling(at(hours)).to_string();
        assert_done(store.claims().open(&head(&window)).await);
    }
    assert_done(store.claims().open(&head("2015-02-18")).await);
    assert_done(store.put_rolling_index(&index(1, 0), 0).await);
    let (heads, found) = store.rolling_heads(at(-25)).await.expect("read");
    let windows: Vec<_> = heads.iter().map(|head| head.window).collect();
    assert_eq!(windows, [0, 48].map(|hours| Window::rolling(at(hours))));
    assert_eq!(found, Some(index(1, 0)));
}

async fn a_log_is_taken_over_by_one_conversation() {
    let bench = Bench::start().await;
    let other = key("8");
    let log = LogId::parse("42").expect("an id");
    let adopt = async |key, day: &str| {
        let claims = bench.store_of(key).claims();
        let sk = keys::head(&Window::parse(day).expect("a window"));
        let adopted = claims.adopt("exampleCRM", &tenant(), &log, &sk).await;
        adopted.expect("an answer") == Write::Done
    };
    assert!(adopt(&bench.key, "2015-02-18").await);
    assert!(adopt(&bench.key, "2015-02-18").await, "again");
    assert!(
        !adopt(&bench.key, "2015-02-19").await,
        "it is another day's"
    );
    assert!(
        !adopt(&other, "2015-02-18").await,
        "it is another conversation's"
    );
    bench.set(NOW + 401 * 86_400_000);
    assert!(adopt(&other, "2015-02-18").await, "it was forgotten");
}
