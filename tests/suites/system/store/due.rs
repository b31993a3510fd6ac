//! The sparse index of waiting work.

use daybook_core::ids::TenantId;
use daybook_core::user::UserKey;
use daybook_store::items::{Due, StoredMessage};
use daybook_store::keys::{self, DueKey};
use daybook_store::pending::{DueRow, due, parked, parked_of, waiting};

use super::{Bench, NOW, assert_done, head, key, message, user, window, with};

super::store_cases![
    what_is_due_is_found_oldest_first,
    what_no_text_waits_for_is_due_and_does_not_wait,
    what_is_parked_is_found_apart,
    what_is_parked_for_a_user_is_found_alone,
    what_is_cleared_or_settled_leaves_the_index,
    each_shard_gives_no_more_than_is_asked_for,
];

async fn rows(bench: &Bench, until: i64, most: i32) -> Vec<DueRow> {
    due(&bench.table, &bench.clock, bench.deadline(), until, most)
        .await
        .expect("the index answers")
}

async fn parked_rows(bench: &Bench) -> Vec<DueRow> {
    parked(&bench.table, &bench.clock, bench.deadline(), 100)
        .await
        .expect("the index answers")
}

fn guarded(id: &str, due: Due) -> StoredMessage {
    StoredMessage {
        due: Some(due),
        ..message(id, "x")
    }
}

async fn what_is_due_is_found_oldest_first() {
    let bench = Bench::start().await;
    let other = key("8");
    let at = |pk: &str, seconds: i64| Due::new(pk, NOW + seconds * 1_000);
    let dated = with(head("2015-02-18"), |claim| {
        claim.due = Some(at(bench.key.pk(), 2));
    });
    assert_done(bench.store().claims().open(&dated).await);
    assert_done(bench.store().claims().open(&head("2015-02-19")).await);
    let guard = guarded("1", at(other.pk(), 1));
    assert_done(bench.store_of(&other).accept(&guard).await);
    let later = guarded("2", at(other.pk(), 3));
    assert_done(bench.store_of(&other).accept(&later).await);
    assert_eq!(rows(&bench, NOW, 100).await, []);
    let of_message = DueRow {
        key: DueKey::Message(other.clone(), keys::message(&guard.entry.id)),
        due: at(other.pk(), 1),
    };
    let of_head = DueRow {
        key: DueKey::Head(bench.key.clone(), window("2015-02-18")),
        due: at(bench.key.pk(), 2),
    };
    assert_eq!(
        rows(&bench, NOW + 1_000, 100).await,
        std::slice::from_ref(&of_message)
    );
    assert_eq!(rows(&bench, NOW + 2_999, 100).await, [of_message, of_head]);
    assert_eq!(rows(&bench, NOW + 3_000, 100).await.len(), 3);
    assert_eq!(parked_rows(&bench).await, []);
}

async fn what_no_text_waits_for_is_due_and_does_not_wait() {
    let bench = Bench::start().await;
    let head_of = |day: &str, due: Due| {
        with(head(day), |claim| {
            claim.due = Some(due);
        })
    };
    let check = Due::check(bench.key.pk(), NOW);
    let text = Due::new(bench.key.pk(), NOW + 1_000);
    assert!(check.is_check() && !text.is_check() && !check.is_parked());
    assert_done(
        bench
            .store()
            .claims()
            .open(&head_of("2015-02-18", check))
            .await,
    );
    assert_done(
        bench
            .store()
            .claims()
            .open(&head_of("2015-02-19", text))
            .await,
    );
    let days = |rows: Vec<DueRow>| -> Vec<DueKey> { rows.into_iter().map(|row| row.key).collect() };
    let [first, second] =
        ["2015-02-18", "2015-02-19"].map(|day| DueKey::Head(bench.key.clone(), window(day)));
    let all = rows(&bench, NOW + 1_000, 100).await;
    assert_eq!(days(all), [first, second.clone()]);
    let texts = waiting(&bench.table, &bench.clock, bench.deadline(), 100).await;
    assert_eq!(days(texts.expect("the index answers")), [second]);
}

async fn what_is_parked_is_found_apart() {
    let bench = Bench::start().await;
    let whose = UserKey {
        platform: "exampleCRM".to_owned(),
        tenant: TenantId::parse("a#b").expect("an id"),
        id: user("1~é"),
    };
    let since = |millis| Due::parked(bench.key.pk(), &whose, millis);
    for (id, millis) in [("1", NOW), ("2", NOW - 60_000)] {
        assert_done(bench.store().accept(&guarded(id, since(millis))).await);
    }
    assert_eq!(rows(&bench, NOW * 2, 100).await, [], "no time makes it due");
    let found: Vec<_> = parked_rows(&bench).await;
    let found: Vec<_> = found.into_iter().map(|row| row.due).collect();
    assert_eq!(found, [since(NOW - 60_000), since(NOW)]);
    assert!(found.iter().all(Due::is_parked));
}

async fn what_is_parked_for_a_user_is_found_alone() {
    let bench = Bench::start().await;
    let of = |tenant: &str, id: &str| UserKey {
        platform: "exampleCRM".to_owned(),
        tenant: TenantId::parse(tenant).expect("an id"),
        id: user(id),
    };
    let (whose, other) = (of("a", "1"), of("a", "11"));
    let parked = |conversation: &str, user: &UserKey, millis| {
        let key = key(conversation);
        let due = Due::parked(key.pk(), user, millis);
        (key, due)
    };
    // Of several conversations, and so in several shards.
    let mine: Vec<_> = (0..9)
        .map(|number| parked(&number.to_string(), &whose, NOW - number))
        .collect();
    let not_mine = [
        parked("1", &other, NOW),
        parked("2", &of("a#1", "1"), NOW),
        parked("3", &of("b", "1"), NOW),
    ];
    for (id, (key, due)) in mine.iter().chain(&not_mine).enumerate() {
        let message = guarded(&id.to_string(), due.clone());
        assert_done(bench.store_of(key).accept(&message).await);
        assert_eq!(due.is_parked_for(&whose), id < 9);
    }
    let (clock, deadline) = (&bench.clock, bench.deadline());
    let found = parked_of(&bench.table, clock, deadline, &whose, 100).await;
    let found = found.expect("the index answers");
    let found: Vec<_> = found.into_iter().map(|row| row.due).collect();
    let oldest_first: Vec<_> = mine.into_iter().rev().map(|(_, due)| due).collect();
    assert_eq!(found, oldest_first);
}

async fn what_is_cleared_or_settled_leaves_the_index() {
    let bench = Bench::start().await;
    let store = bench.store();
    let at = Due::new(bench.key.pk(), NOW);
    let guard = guarded("1", at.clone());
    assert_done(store.accept(&guard).await);
    let dated = with(head("2015-02-18"), |claim| {
        claim.due = Some(at);
    });
    assert_done(store.claims().open(&dated).await);
    assert_eq!(rows(&bench, NOW, 100).await.len(), 2);
    store.unguard(&guard.entry.id).await.expect("removed");
    assert_eq!(rows(&bench, NOW, 100).await.len(), 1);
    let done = with(dated, |claim| {
        claim.rev = 2;
        claim.due = None;
    });
    assert_done(store.claims().schedule(&done, 1).await);
    assert_eq!(rows(&bench, NOW, 100).await, []);
}

async fn each_shard_gives_no_more_than_is_asked_for() {
    let bench = Bench::start().await;
    for id in 0..5 {
        let at = Due::new(bench.key.pk(), NOW - id);
        assert_done(bench.store().accept(&guarded(&id.to_string(), at)).await);
    }
    let found = rows(&bench, NOW, 2).await;
    let found: Vec<_> = found.iter().map(|row| row.due.millis()).collect();
    assert_eq!(found, [NOW - 4, NOW - 3], "the longest due");
}
