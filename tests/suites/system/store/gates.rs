//! Gates: closed, probed by one, opened.

use daybook_store::gates::{Gates, Scope};
use daybook_store::items::{Gate, Reason};

use super::{Bench, NOW, tenant, user};

super::store_cases![
    a_gate_is_closed_until_it_is_opened,
    one_worker_probes_a_gate_at_a_time,
    a_gate_that_is_gone_holds_nobody_back,
    a_gate_that_was_closed_anew_stays,
    a_gate_holds_back_its_user_or_the_whole_tenant,
    a_gate_that_was_forgotten_is_open,
    a_gate_is_left_ajar_until_another_digest_fails,
];

fn gates<'a>(bench: &'a Bench, name: &str) -> Gates<'a> {
    let (clock, deadline) = (&bench.clock, bench.deadline());
    Gates::new(
        &bench.table,
        clock,
        deadline,
        "exampleCRM",
        &tenant(),
        &user(name),
    )
}

fn closed(until: i64, reason: Reason) -> Gate {
    Gate {
        schema: Gate::SCHEMA,
        not_before: until,
        reason,
        failed: Some("a digest".to_owned()),
        probe_until: None,
        expires_at: until / 1_000 + 86_400,
    }
}

/// The gate of everybody names nobody's digest.
fn of_company() -> Gate {
    Gate {
        failed: None,
        ..closed(NOW, Reason::RateLimited)
    }
}

async fn a_gate_is_closed_until_it_is_opened() {
    let bench = Bench::start().await;
    let gates = gates(&bench, "1");
    assert_eq!(gates.read().await.expect("read"), []);
    let close = gates.close(Scope::User, NOW + 60_000, Reason::Unavailable, "a digest");
    close.await.expect("closed");
    let gate = closed(NOW + 60_000, Reason::Unavailable);
    assert_eq!(
        gates.read().await.expect("read"),
        [(Scope::User, gate.clone())]
    );
    // The longest counts.
    for (until, stays) in [(5_000, false), (90_000, true)] {
        let close = gates.close(Scope::User, NOW + until, Reason::RateLimited, "a digest");
        let gate = match stays {
            true => closed(NOW + until, Reason::RateLimited),
            false => gate.clone(),
        };
        assert_eq!(close.await.expect("closed"), gate);
        assert_eq!(gates.read().await.expect("read"), [(Scope::User, gate)]);
    }
    for _ in 0..2 {
        gates.open(Scope::User, NOW + 90_000).await.expect("opened");
        assert_eq!(gates.read().await.expect("read"), []);
    }
}

async fn one_worker_probes_a_gate_at_a_time() {
    let bench = Bench::start().await;
    let gates = gates(&bench, "1");
    let close = gates.close(Scope::User, NOW, Reason::Unavailable, "a digest");
    close.await.expect("closed");
    let probe = async |now| {
        let probed = gates.probe(Scope::User, now, now + 15_000).await;
        probed.expect("the table answers")
    };
    assert!(probe(NOW).await, "the first");
    assert!(!probe(NOW + 1).await, "another one tries");
    assert!(!probe(NOW + 15_000).await, "still");
    assert!(probe(NOW + 15_001).await, "it was heard of no more");
    let read = gates.read().await.expect("read");
    assert_eq!(read[0].1.probe_until, Some(NOW + 30_001));
    let close = gates.close(Scope::User, NOW + 15_002, Reason::Unavailable, "a digest");
    close.await.expect("closed");
    assert!(probe(NOW + 15_003).await, "closing it ends the probe");
}

async fn a_gate_that_was_closed_anew_stays() {
    let bench = Bench::start().await;
    let gates = gates(&bench, "1");
    let close = async |until| {
        let closed = gates.close(Scope::User, until, Reason::Unavailable, "a digest");
        closed.await.expect("closed")
    };
    let seen = close(NOW).await;
    let newer = close(NOW + 60_000).await;
    let open = async |gate: &Gate| {
        let opened = gates.open(Scope::User, gate.not_before).await;
        opened.expect("the table answers");
    };
    open(&seen).await;
    let read = gates.read().await.expect("read");
    assert_eq!(read, [(Scope::User, newer.clone())]);
    open(&newer).await;
    assert_eq!(gates.read().await.expect("read"), []);
}

async fn a_gate_that_is_gone_holds_nobody_back() {
    let bench = Bench::start().await;
    let gates = gates(&bench, "1");
    let probed = gates.probe(Scope::User, NOW, NOW + 15_000).await;
    assert!(probed.expect("the table answers"));
    assert_eq!(gates.read().await.expect("read"), [], "nothing is made");
}

async fn a_gate_holds_back_its_user_or_the_whole_tenant() {
    let bench = Bench::start().await;
    let (one, other) = (gates(&bench, "1"), gates(&bench, "2"));
    let close = one.close(Scope::User, NOW, Reason::Unavailable, "a digest");
    close.await.expect("closed");
    assert_eq!(other.read().await.expect("read"), []);
    let close = one.close(Scope::Tenant, NOW, Reason::RateLimited, "a digest");
    close.await.expect("closed");
    let mut scopes: Vec<_> = one.read().await.expect("read");
    scopes.sort_by_key(|(scope, _)| *scope == Scope::Tenant);
    assert_eq!(
        scopes,
        [
            (Scope::User, closed(NOW, Reason::Unavailable)),
            (Scope::Tenant, of_company()),
        ]
    );
    let read = other.read().await.expect("read");
    assert_eq!(read, [(Scope::Tenant, of_company())]);
    other.open(Scope::Tenant, NOW).await.expect("opened");
    assert_eq!(one.read().await.expect("read").len(), 1);
}

async fn a_gate_that_was_forgotten_is_open() {
    let bench = Bench::start().await;
    let close = async |until| {
        let gates = gates(&bench, "1");
        let closed = gates
            .close(Scope::User, until, Reason::Unavailable, "a digest")
            .await;
        closed.expect("closed");
    };
    close(NOW).await;
    bench.set(NOW + 86_400_000);
    assert_eq!(gates(&bench, "1").read().await.expect("read").len(), 1);
    bench.set(NOW + 86_401_000);
    assert_eq!(gates(&bench, "1").read().await.expect("read"), []);
}

async fn a_gate_is_left_ajar_until_another_digest_fails() {
    let bench = Bench::start().await;
    let gates = gates(&bench, "1");
    let fails = async |digest: &str, now| {
        let ajar = gates.leave_ajar(now, Reason::Unavailable, digest).await;
        ajar.expect("the table answers")
    };
    for now in [NOW, NOW, NOW + 1] {
        let gate = fails("one", now).await.expect("it is ajar");
        assert_eq!(gate.not_before, now, "nobody is held back");
        assert_eq!(gates.read().await.expect("read"), [(Scope::User, gate)]);
    }
    assert_eq!(fails("another", NOW + 2).await, None, "two in a row");
    let until = NOW + 60_000;
    let close = gates.close(Scope::User, until, Reason::Unavailable, "another");
    close.await.expect("closed");
    assert_eq!(fails("another", NOW + 3).await, None, "it stays closed");
    assert!(fails("another", until).await.is_some(), "it has opened");
    gates.open(Scope::User, until).await.expect("opened");
    assert!(
        fails("one", until + 1).await.is_some(),
        "a call was answered"
    );
}
