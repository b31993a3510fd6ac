//! A head's life: opened, taken, traced, settled, released, scheduled.

use daybook_core::ids::LogId;
use daybook_store::items::{Due, Head, Lease, Reason, Trace};

use super::{Bench, MARGIN, NOW, assert_done, free, head, in_the_way, leased, window, with};

super::store_cases![
    a_digest_is_opened_once,
    a_digest_that_has_expired_can_be_opened_anew,
    a_lease_is_taken_of_the_revision_that_was_read,
    a_lease_is_taken_over_only_once_it_has_run_out_by_the_margin,
    one_of_many_takers_gets_the_lease,
    a_trace_is_for_the_holder,
    a_settle_is_for_the_holder,
    a_release_is_for_the_holder,
    who_was_superseded_neither_traces_nor_settles_nor_releases,
    a_date_is_set_where_nobody_writes,
    heads_are_those_of_the_days_asked_for,
];

const DAY: &str = "2015-02-18";

/// The head as the table has it.
async fn stored(bench: &Bench) -> Head {
    let found = bench.store().head(&window(DAY)).await;
    found.expect("read").expect("it is there")
}

/// Opens a digest and takes its lease for `me`.
async fn taken_by_me(bench: &Bench) -> Head {
    assert_done(bench.store().claims().open(&head(DAY)).await);
    let mine = leased(&head(DAY), "me");
    assert_done(bench.store().claims().take(&mine, 1, NOW, MARGIN).await);
    mine
}

fn settled(head: &Head) -> Head {
    let mut settled = free(head);
    settled.claim.settled_by = Some("me".to_owned());
    settled.parts[0].log_id = Some(LogId::parse("42").expect("an id"));
    settled
}

async fn a_digest_is_opened_once() {
    let bench = Bench::start().await;
    let mine = leased(&head(DAY), "me");
    assert_done(bench.store().claims().open(&mine).await);
    let yours = leased(&head(DAY), "you");
    assert_eq!(in_the_way(bench.store().claims().open(&yours).await), mine);
    // An answer that was lost: the SDK sends it again.
    assert_done(bench.store().claims().open(&mine).await);
    assert_eq!(stored(&bench).await, mine);
}

async fn a_digest_that_has_expired_can_be_opened_anew() {
    let bench = Bench::start().await;
    let old = with(head(DAY), |claim| {
        claim.expires_at = NOW / 1_000 + 60;
    });
    assert_done(bench.store().claims().open(&old).await);
    let new = leased(&head(DAY), "me");
    assert_eq!(in_the_way(bench.store().claims().open(&new).await), old);
    bench.set(NOW + 61_000);
    assert_eq!(bench.store().head(&window(DAY)).await.expect("read"), None);
    let day = DAY.parse().expect("a date");
    assert_eq!(bench.store().heads(day, day).await.expect("heads"), []);
    assert_done(bench.store().claims().open(&new).await);
    assert_eq!(stored(&bench).await, new);
}

async fn a_lease_is_taken_of_the_revision_that_was_read() {
    let bench = Bench::start().await;
    let free_head = with(head(DAY), |claim| {
        claim.rev = 5;
    });
    assert_done(bench.store().claims().open(&free_head).await);
    let mine = leased(&free_head, "me");
    for seen in [4, 6] {
        let old = in_the_way(bench.store().claims().take(&mine, seen, NOW, MARGIN).await);
        assert_eq!(old, free_head, "{seen}");
    }
    assert_done(bench.store().claims().take(&mine, 5, NOW, MARGIN).await);
    let yours = leased(&free_head, "you");
    let old = in_the_way(bench.store().claims().take(&yours, 5, NOW, MARGIN).await);
    assert_eq!(old, mine);
    // An answer that was lost: the SDK sends it again.
    assert_done(bench.store().claims().take(&mine, 5, NOW, MARGIN).await);
    assert_eq!(stored(&bench).await, mine);
}

async fn a_lease_is_taken_over_only_once_it_has_run_out_by_the_margin() {
    let bench = Bench::start().await;
    let mine = taken_by_me(&bench).await;
    let until = NOW + 15_000;
    let mut yours = leased(&mine, "you");
    if let Some(lease) = &mut yours.claim.lease {
        lease.until = until + 20_000;
    }
    for now in [NOW, until, until + MARGIN] {
        assert!(mine.claim.is_leased(now, MARGIN), "{now}");
        let old = in_the_way(
            bench
                .store()
                .claims()
                .take(&yours, mine.claim.rev, now, MARGIN)
                .await,
        );
        assert_eq!(old, mine, "{now}");
    }
    let late = until + MARGIN + 1;
    assert!(!mine.claim.is_leased(late, MARGIN));
    assert_done(
        bench
            .store()
            .claims()
            .take(&yours, mine.claim.rev, late, MARGIN)
            .await,
    );
    assert_eq!(stored(&bench).await, yours);
}

async fn one_of_many_takers_gets_the_lease() {
    let bench = Bench::start().await;
    assert_done(bench.store().claims().open(&head(DAY)).await);
    let takers: Vec<_> = (0..12)
        .map(|taker| leased(&head(DAY), &format!("taker {taker}")))
        .collect();
    let claims = bench.store().claims();
    let takes = takers.iter().map(|mine| claims.take(mine, 1, NOW, MARGIN));
    let takes = futures_util::future::join_all(takes).await;
    let winner = stored(&bench).await;
    for (mine, take) in takers.iter().zip(takes) {
        match mine.claim.lease == winner.claim.lease {
            true => assert_done(take),
            false => assert_eq!(in_the_way(take), winner),
        }
    }
}

async fn a_trace_is_for_the_holder() {
    let bench = Bench::start().await;
    let mine = taken_by_me(&bench).await;
    let mut traced = with(mine.clone(), |claim| {
        claim.rev = mine.claim.rev + 1;
    });
    traced.claim.lease = traced.claim.lease.map(|lease| Lease {
        trace: Some(Trace::Update),
        ..lease
    });
    let old = in_the_way(bench.store().claims().trace(&traced, "you").await);
    assert_eq!(old, mine, "another owner");
    for _ in 0..2 {
        assert_done(bench.store().claims().trace(&traced, "me").await);
        assert_eq!(stored(&bench).await, traced);
    }
}

async fn a_settle_is_for_the_holder() {
    let bench = Bench::start().await;
    let mine = taken_by_me(&bench).await;
    let settled = settled(&mine);
    let old = in_the_way(bench.store().claims().settle(&settled, "you").await);
    assert_eq!(old, mine, "another owner");
    for _ in 0..2 {
        // The second time is an answer that was lost.
        assert_done(bench.store().claims().settle(&settled, "me").await);
        assert_eq!(stored(&bench).await, settled);
    }
    // Superseded after that: no success of ours.
    let yours = leased(&settled, "you");
    assert_done(
        bench
            .store()
            .claims()
            .take(&yours, settled.claim.rev, NOW, MARGIN)
            .await,
    );
    let old = in_the_way(bench.store().claims().settle(&settled, "me").await);
    assert_eq!(old, yours);
}

async fn a_release_is_for_the_holder() {
    let bench = Bench::start().await;
    let mine = taken_by_me(&bench).await;
    let released = with(free(&mine), |claim| {
        claim.reason = Some(Reason::InDoubt);
        claim.retry_at = Some(NOW + 5_000);
        claim.doubt_until = Some(NOW + 60_000);
    });
    let old = in_the_way(bench.store().claims().release(&released, "you").await);
    assert_eq!(old, mine, "another owner");
    for _ in 0..2 {
        assert_done(bench.store().claims().release(&released, "me").await);
        assert_eq!(stored(&bench).await, released);
    }
    let yours = leased(&released, "you");
    assert_done(
        bench
            .store()
            .claims()
            .take(&yours, released.claim.rev, NOW, MARGIN)
            .await,
    );
    let old = in_the_way(bench.store().claims().release(&released, "me").await);
    assert_eq!(old, yours);
}

async fn who_was_superseded_neither_traces_nor_settles_nor_releases() {
    let bench = Bench::start().await;
    let mine = taken_by_me(&bench).await;
    let late = NOW + 15_000 + MARGIN + 1;
    // Even an owner of the same name has another epoch.
    for owner in ["you", "me"] {
        let yours = leased(&stored(&bench).await, owner);
        let seen = yours.claim.rev - 1;
        assert_done(
            bench
                .store()
                .claims()
                .take(&yours, seen, late, MARGIN)
                .await,
        );
        let store = bench.store();
        for write in [
            store.claims().trace(&mine, "me").await,
            store.claims().settle(&settled(&mine), "me").await,
            store.claims().release(&free(&mine), "me").await,
        ] {
            assert_eq!(in_the_way(write), yours);
        }
        assert_eq!(stored(&bench).await, yours, "nothing was written");
    }
}

async fn a_date_is_set_where_nobody_writes() {
    let bench = Bench::start().await;
    let store = bench.store();
    assert_done(store.claims().open(&head(DAY)).await);
    let dated = with(head(DAY), |claim| {
        claim.rev = 2;
        claim.due = Some(Due::new(bench.key.pk(), NOW + 60_000));
    });
    let old = in_the_way(store.claims().schedule(&dated, 2).await);
    assert_eq!(old, head(DAY), "another revision");
    assert_done(store.claims().schedule(&dated, 1).await);
    assert_eq!(stored(&bench).await, dated);
    let mine = leased(&dated, "me");
    assert_done(store.claims().take(&mine, 2, NOW, MARGIN).await);
    let late = with(dated, |claim| {
        claim.rev = mine.claim.rev + 1;
    });
    let old = in_the_way(store.claims().schedule(&late, mine.claim.rev).await);
    assert_eq!(old, mine, "somebody writes");
    // A worker that died leaves its lease: the date is set, and the trace stays for the next one.
    bench.set(mine.claim.lease.as_ref().map_or(NOW, |lease| lease.until) + 1);
    let left = with(late, |claim| {
        claim.lease = mine.claim.lease.clone();
        claim.epoch = mine.claim.epoch;
    });
    assert_done(bench.store().claims().schedule(&left, mine.claim.rev).await);
    assert_eq!(stored(&bench).await, left);
}

async fn heads_are_those_of_the_days_asked_for() {
    let bench = Bench::start().await;
    let store = bench.store();
    let days = ["2015-02-17", "2015-02-18", "2015-02-18~2", "2015-02-20"];
    for day in days {
        assert_done(store.claims().open(&head(day)).await);
    }
    // What else lies in the partition is no head of a day.
    assert_done(store.claims().open(&head("r1424265890000")).await);
    assert_done(store.accept(&super::message("1", "x")).await);
    for (first, last, expected) in [
        ("2015-02-16", "2015-02-16", &days[..0]),
        ("2015-02-17", "2015-02-17", &days[..1]),
        ("2015-02-18", "2015-02-19", &days[1..3]),
        ("2015-02-17", "2015-02-20", &days[..]),
    ] {
        let first = first.parse().expect("a date");
        let found = store.heads(first, last.parse().expect("a date")).await;
        let found: Vec<_> = found.expect("heads");
        let found: Vec<_> = found.iter().map(|head| head.window.to_string()).collect();
        assert_eq!(found, expected, "{first} to {last}");
    }
}
