//! Accepting messages, reading them, and clearing their guards.

use chrono::TimeDelta;
use daybook_api::app::SystemClock;
use daybook_core::time::{Clock, Deadline};
use daybook_local::table::EmbeddedTable;
use daybook_store::StoreError;
use daybook_store::digest::DigestStore;
use daybook_store::items::{Due, StoredMessage};
use daybook_store::keys;
use daybook_tests::local_server::folder;
use daybook_tests::world::embedded;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use super::{
    Bench, FAR, MARGIN, NOW, SetClock, assert_done, in_the_way, message, table, table_by, window,
};

super::store_cases![
    a_message_is_accepted_once,
    a_message_that_has_expired_is_absent_and_its_key_is_free,
    a_guard_is_removed_and_its_message_expires_sooner,
    a_message_that_is_gone_needs_no_clearing,
    a_guard_takes_the_place_of_the_one_that_was_seen,
    messages_are_those_of_their_window,
    a_query_reads_every_page,
    a_table_on_file_survives_a_restart,
    a_table_on_file_is_swept,
    a_call_ends_with_the_request,
    a_clock_that_is_off_is_noticed,
];

async fn a_message_is_accepted_once() {
    let bench = Bench::start().await;
    let store = bench.store();
    assert_done(store.accept(&message("1", "first")).await);
    let before = in_the_way(store.accept(&message("1", "changed")).await);
    assert_eq!(before, message("1", "first"), "the first version stands");
    let all = store.messages(&window("2015-02-18")).await;
    assert_eq!(all.expect("messages"), [message("1", "first")]);
}

async fn a_message_that_has_expired_is_absent_and_its_key_is_free() {
    let bench = Bench::start().await;
    let store = bench.store();
    let expires_at = NOW / 1_000 + 60;
    let old = StoredMessage {
        expires_at,
        ..message("1", "old")
    };
    assert_done(store.accept(&old).await);
    let sk = keys::message(&old.entry.id);
    bench.set(expires_at * 1_000);
    let still = bench.store().message(sk.clone()).await;
    assert_eq!(still.expect("read"), Some(old.clone()));
    assert_eq!(
        in_the_way(bench.store().accept(&message("1", "new")).await),
        old
    );
    bench.set(expires_at * 1_000 + 1_000);
    let store = bench.store();
    assert_eq!(store.message(sk.clone()).await.expect("read"), None);
    let all = store.messages(&window("2015-02-18")).await;
    assert_eq!(all.expect("messages"), []);
    assert_done(store.accept(&message("1", "new")).await);
    let found = store.message(sk).await.expect("read");
    assert_eq!(found.expect("it is there").entry.text, "new");
}

async fn a_guard_is_removed_and_its_message_expires_sooner() {
    let bench = Bench::start().await;
    let store = bench.store();
    let guarded = StoredMessage {
        due: Some(Due::new(bench.key.pk(), NOW + 30_000)),
        ..message("1", "x")
    };
    assert_done(store.accept(&guarded).await);
    let sk = keys::message(&guarded.entry.id);
    assert_eq!(
        store.message(sk.clone()).await.expect("read"),
        Some(guarded.clone())
    );
    let unguarded = store.unguard(&guarded.entry.id).await;
    unguarded.expect("removed");
    let found = store.message(sk.clone()).await.expect("read");
    assert_eq!(found, Some(message("1", "x")), "it expires as before");
    store
        .clear(&guarded.entry.id, FAR - 1)
        .await
        .expect("cleared");
    let found = store.message(sk).await.expect("read").expect("it is there");
    assert_eq!((found.due, found.expires_at), (None, FAR - 1));
}

async fn a_message_that_is_gone_needs_no_clearing() {
    let bench = Bench::start().await;
    let store = bench.store();
    let gone = message("1", "x").entry.id;
    store.clear(&gone, FAR).await.expect("nothing to do");
    store.unguard(&gone).await.expect("nothing to do");
    let found = store.message(keys::message(&gone)).await;
    assert_eq!(found.expect("read"), None, "nothing is made of it");
}

async fn a_guard_takes_the_place_of_the_one_that_was_seen() {
    let bench = Bench::start().await;
    let store = bench.store();
    let at = |millis| Due::new(bench.key.pk(), millis);
    let guard = async |seen: &StoredMessage, millis| {
        let guarded = store.guard(seen, &at(millis), FAR + 1).await;
        guarded.expect("the table answers")
    };
    let bare = message("1", "x");
    assert!(!guard(&bare, NOW).await, "it is not there");
    let sk = keys::message(&bare.entry.id);
    assert_eq!(store.message(sk.clone()).await.expect("read"), None);
    assert_done(store.accept(&bare).await);
    assert!(guard(&bare, NOW).await);
    let found = store.message(sk.clone()).await.expect("read");
    let guarded = StoredMessage {
        due: Some(at(NOW)),
        expires_at: FAR + 1,
        ..bare.clone()
    };
    assert_eq!(found.as_ref(), Some(&guarded));
    assert!(!guard(&bare, NOW + 1).await, "it has a guard by now");
    assert!(guard(&guarded, NOW + 2).await);
    assert!(!guard(&guarded, NOW + 3).await, "it has another one");
    let found = store.message(sk).await.expect("read").expect("it is there");
    assert_eq!(found.due, Some(at(NOW + 2)));
}

async fn messages_are_those_of_their_window() {
    let bench = Bench::start().await;
    let store = bench.store();
    let elsewhere = StoredMessage {
        window: window("2015-02-19"),
        ..message("2", "x")
    };
    assert_done(store.accept(&message("1", "x")).await);
    assert_done(store.accept(&elsewhere).await);
    let other = super::key("8");
    assert_done(bench.store_of(&other).accept(&message("3", "x")).await);
    for (day, expected) in [
        ("2015-02-18", vec![message("1", "x")]),
        ("2015-02-19", vec![elsewhere]),
        ("2015-02-20", vec![]),
    ] {
        let found = store.messages(&window(day)).await;
        assert_eq!(found.expect("messages"), expected, "{day}");
    }
}

async fn a_query_reads_every_page() {
    let bench = Bench::start().await;
    let store = bench.store();
    // A page of DynamoDB holds 1 MB.
    let text = "x".repeat(90 << 10);
    for id in 0..30 {
        assert_done(store.accept(&message(&id.to_string(), &text)).await);
    }
    let trips = bench.table.trips();
    let all = store.messages(&window("2015-02-18")).await;
    assert_eq!(all.expect("messages").len(), 30);
    assert!(bench.table.trips() - trips >= 3, "a trip for each page");
}

async fn a_table_on_file_survives_a_restart() {
    let folder = folder();
    let file = folder.path().join("table.db");
    let bench = Bench::start().await;
    for run in 0..2 {
        let embedded = embedded(Some(&file)).await;
        let table = table(&embedded);
        let store = DigestStore {
            table: &table,
            ..bench.store()
        };
        let accepted = store.accept(&message("1", "x")).await;
        match run {
            0 => assert_done(accepted),
            _ => assert_eq!(in_the_way(accepted), message("1", "x")),
        }
        embedded.stop().await;
    }
}

async fn a_table_on_file_is_swept() {
    let folder = folder();
    let file = folder.path().join("table.db");
    let bench = Bench::start().await;
    let running = embedded(Some(&file)).await;
    let accepting = table(&running);
    let store = DigestStore {
        table: &accepting,
        ..bench.store()
    };
    let past = StoredMessage {
        expires_at: SystemClock.now().timestamp() - 60,
        ..message("1", "x")
    };
    assert_done(store.accept(&past).await);
    assert_done(store.accept(&message("2", "x")).await);
    running.stop().await;
    // A table is swept when it starts, and every minute.
    let running = embedded(Some(&file)).await;
    for _ in 0..200 {
        if items(&running).await == 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} items stay", items(&running).await);
}

async fn items(table: &EmbeddedTable) -> i32 {
    let client = aws_sdk_dynamodb::Client::new(&table.sdk_config());
    let name = daybook_local::table::TABLE_NAME;
    let all = client.scan().table_name(name).send().await;
    all.expect("a scan").count()
}

async fn a_call_ends_with_the_request() {
    let bench = Bench::start().await;
    let trips = bench.table.trips();
    let store = DigestStore {
        deadline: Deadline::at(bench.clock.now()),
        ..bench.store()
    };
    let late = store.messages(&window("2015-02-18")).await;
    assert!(matches!(late, Err(StoreError::OutOfTime)), "{late:?}");
    assert_eq!(bench.table.trips(), trips, "nothing was asked");
}

async fn a_clock_that_is_off_is_noticed() {
    let bench = Bench::start().await;
    let clocks: [(Arc<dyn Clock>, bool); 2] = [
        (Arc::new(SystemClock), false),
        (Arc::new(SetClock(AtomicI64::new(NOW))), true),
    ];
    for (clock, is_off) in clocks {
        let table = table_by(&bench.embedded, clock);
        assert!(table.skew().is_zero(), "no reply has been read");
        let store = DigestStore {
            table: &table,
            ..bench.store()
        };
        store.messages(&window("2015-02-18")).await.expect("read");
        let margin = TimeDelta::milliseconds(MARGIN);
        assert_eq!(table.skew() > margin, is_off, "{}", table.skew());
    }
}
