//! Calls: reading many of them, and the notes that wait for them.

use daybook_core::digest::Mark;
use daybook_core::ids::SessionId;
use daybook_store::calls::{CallRows, CallStore, read_parts};
use daybook_store::forget::forget_user;
use daybook_store::items::{CallLink, CallNote, CallOpening, Extension};
use daybook_store::keys::{self, CallKey};

use super::users::whose;
use super::{Bench, FAR, NOW, assert_done, tenant, user};

super::store_cases![
    a_note_waits_until_that_very_one_is_removed,
    a_note_that_has_expired_is_absent,
    a_forgotten_user_leaves_no_note,
    many_calls_are_read_in_batches,
];

fn call(session: &str) -> CallKey {
    let user = whose("exampleCRM", "crm.example", "1-exampleCRM");
    CallKey::new(&user, &SessionId::parse(session).expect("an id"))
}

fn store<'a>(bench: &'a Bench, key: &'a CallKey) -> CallStore<'a> {
    CallStore {
        table: &bench.table,
        key,
        clock: &bench.clock,
        deadline: bench.deadline(),
    }
}

fn note(id: &str) -> CallNote {
    CallNote {
        schema: CallNote::SCHEMA,
        id: id.to_owned(),
        note: "Typed.".to_owned(),
        expires_at: NOW / 1_000 + CallNote::KEPT_SECONDS,
    }
}

fn link(part: &str) -> CallLink {
    let opening = CallOpening {
        platform: "exampleCRM".to_owned(),
        tenant: tenant(),
        user: user("1-exampleCRM"),
        contact: None,
        existing_log: None,
    };
    let part = part.to_owned();
    let mut link = CallLink::new(part, Extension::default(), opening, Mark::from_bits(5));
    link.claim.expires_at = FAR;
    link
}

async fn a_note_waits_until_that_very_one_is_removed() {
    let bench = Bench::start().await;
    let key = call("5");
    let store = store(&bench, &key);
    for id in ["1", "2"] {
        store.keep_note(&note(id)).await.expect("kept");
    }
    assert_done(store.claims().open(&link("-")).await);
    store.remove_note(&note("1")).await.expect("answered");
    let rows = store.read().await.expect("read");
    assert_eq!((rows.note, rows.links.len()), (Some(note("2")), 1));
    store.remove_note(&note("2")).await.expect("removed");
    store.remove_note(&note("2")).await.expect("it is gone");
    assert_eq!(store.read().await.expect("read").note, None);
}

async fn a_note_that_has_expired_is_absent() {
    let bench = Bench::start().await;
    let key = call("5");
    store(&bench, &key)
        .keep_note(&note("1"))
        .await
        .expect("kept");
    for (after, is_there) in [
        (CallNote::KEPT_SECONDS, true),
        (CallNote::KEPT_SECONDS + 1, false),
    ] {
        bench.set(NOW + after * 1_000);
        let rows = store(&bench, &key).read().await.expect("read");
        assert_eq!(rows.note.is_some(), is_there, "{after} s");
    }
}

async fn a_forgotten_user_leaves_no_note() {
    let bench = Bench::start().await;
    let key = call("5");
    store(&bench, &key)
        .keep_note(&note("1"))
        .await
        .expect("kept");
    let user = whose("exampleCRM", "crm.example", "1-exampleCRM");
    let forgotten = forget_user(&bench.table, &bench.clock, &user, &mut |_| ()).await;
    assert_eq!(forgotten.expect("forgotten").items, 1);
    assert!(bench.rows().await.is_empty());
}

async fn many_calls_are_read_in_batches() {
    let bench = Bench::start().await;
    let calls: Vec<_> = (0..60).map(|session| call(&session.to_string())).collect();
    for (index, part) in [(0, "-"), (59, "101"), (30, "102")] {
        let claims = store(&bench, &calls[index]).claims();
        assert_done(claims.open(&link(part)).await);
    }
    let mut old = link("-");
    old.claim.expires_at = NOW / 1_000 - 1;
    assert_done(store(&bench, &calls[1]).claims().open(&old).await);
    let parts = ["-", "101"].map(str::to_owned);
    let before = bench.table.trips();
    let read = read_parts(&bench.table, &bench.clock, bench.deadline(), &calls, &parts).await;
    assert_eq!(bench.table.trips() - before, 3, "240 items, 100 a trip");
    let read = read.expect("read");
    assert_eq!(read.len(), calls.len());
    let links = |rows: &CallRows| -> Vec<String> {
        rows.links
            .iter()
            .map(|link| keys::call_link(&link.part))
            .collect()
    };
    for (index, rows) in read.iter().enumerate() {
        let expected: &[&str] = match index {
            0 => &["L#-"],
            59 => &["L#101"],
            _ => &[],
        };
        assert_eq!(links(rows), expected, "{index}");
    }
}
