//! A CRM that is away for an hour, that asks for less, or that fails for one digest, one user or
//! one text, while texts arrive: everything is delivered, in order and once, within bounded calls,
//! and nobody waits for another's failure.
//!
//! Who sends what is in `town`, what is counted in `calls`; we hold everybody's credentials.

mod calls;
mod town;

use std::time::Duration;

use daybook_tests::runner::figure;
use libtest_mimic::Trial;

use self::calls::{between, most_within, overlapping, until_answered};
use self::town::{Town, minutes, said};
use crate::crm::{Call, CallFate, Outage, OutageKind, Rule, Shown, When};
use crate::scene::simulated;

pub(crate) fn cases() -> Vec<Trial> {
    let mut cases = Vec::new();
    for users in [1, 5, 10] {
        for kind in [OutageKind::Unreachable, OutageKind::Unavailable] {
            let name = format!("outage::an_hour_{kind:?}_for_{users}_users").to_lowercase();
            cases.push(simulated(name, move || an_hour(users, kind)));
        }
    }
    cases.extend([
        simulated(
            "outage::a_digest_that_fails_delays_no_other",
            failing_digest,
        ),
        simulated("outage::a_user_who_fails_delays_no_other", failing_user),
        simulated(
            "outage::a_text_that_is_refused_does_not_block_its_digest",
            refused_text,
        ),
        simulated("outage::a_daily_budget_is_respected", daily_budget),
    ]);
    cases
}

/// A write of which nobody knows, as an answer of 503 leaves it; or a read that failed.
const FAILS: CallFate = CallFate::Unknown(When::Never, Shown::Unavailable);
/// For how long the CRM asks to be left alone when it is back.
const RETRY_AFTER: Duration = Duration::from_secs(100);
/// When the outage begins, when the CRM answers 429 in its place, and when it is well.
const DOWN: Duration = minutes(2);
const LIMITED: Duration = minutes(62);
const WELL: Duration = minutes(67);
/// The most calls for a user in an hour in which all of them fail. Each digest waits 1, 2, 4, 5,
/// 5 … minutes, and nobody calls for its user meanwhile; where the digest that failed last fails
/// again, another is tried at once.
const MOST_IN_VAIN: usize = 36;
/// The most calls for a user within a minute of these, where it is clear that nothing was written.
const MOST_A_MINUTE: usize = 2;
/// The same where creates are in doubt: each is looked for at once, and again after 5 s.
const MOST_A_MINUTE_IN_DOUBT: usize = 8;
/// By when all is delivered: what is left of the last pause and a tenth of it, and two runs of the
/// scheduled function.
const DELIVERED_WITHIN: Duration = minutes(4);

/// How many digests wait.
const DIGESTS: usize = 10;

async fn an_hour(users: usize, kind: OutageKind) {
    let town = Town::of(users, DIGESTS, 200, Duration::from_secs(22));
    town.world.crm.set_outages(vec![Outage {
        from: DOWN,
        to: LIMITED,
        kind,
    }]);
    town.world.crm.set_rule(Rule::of(|call| {
        let is_limited = (LIMITED..WELL).contains(&call.from);
        is_limited.then_some(CallFate::Limited(RETRY_AFTER))
    }));
    town.live(85).await;
    town.assert_whole(&[]).await;
    let log = town.world.crm.log();
    let in_doubt = match kind {
        OutageKind::Unavailable => DIGESTS,
        OutageKind::Unreachable | OutageKind::Busy | OutageKind::SignedOut => 0,
    };
    let down = calls_while_down(&log, users, in_doubt > 0);
    let limited = calls_while_limited(&log);
    let (well, took) = calls_when_well(&town, &log, in_doubt);
    figure(&format!(
        "{kind:?}, {users} users, 200 texts: {down} calls while it is down, {limited} while it \
         limits, {well} afterwards; delivered {took:.1?} after it is well",
    ));
}

/// Counts the calls of the outage: few, and never two of a user at once.
fn calls_while_down(log: &[Call], users: usize, in_doubt: bool) -> usize {
    let down = between(log, DOWN, LIMITED);
    assert!(down.len() <= users * MOST_IN_VAIN, "{} calls", down.len());
    let most = most_within(&down, minutes(1));
    let allowed = match in_doubt {
        true => MOST_A_MINUTE_IN_DOUBT,
        false => MOST_A_MINUTE,
    };
    assert!(most <= allowed, "{most} calls of a user in a minute");
    let probes = overlapping(&until_answered(log, DOWN));
    assert!(probes.is_empty(), "two tried at once: {probes:?}");
    down.len()
}

/// Counts the calls while the CRM answers 429: none of anybody before it is time.
fn calls_while_limited(log: &[Call]) -> usize {
    let limited = between(log, LIMITED, WELL);
    assert!(!limited.is_empty(), "nobody asked");
    for refused in &limited {
        let from = refused.to.unwrap_or_default();
        let early = between(log, from, from + RETRY_AFTER);
        assert!(
            early.is_empty(),
            "{RETRY_AFTER:?} after {refused:?}: {early:?}"
        );
    }
    limited.len()
}

/// Counts the calls after the CRM is well, and says how long it took to deliver what waited.
///
/// Two calls for each digest that waited, and for each text that came later. One whose create was
/// in doubt is looked for once more, and for a second activity ten minutes later.
fn calls_when_well(town: &Town, log: &[Call], in_doubt: usize) -> (usize, Duration) {
    let delays = town.delays();
    let (waited, later): (Vec<_>, Vec<_>) = delays.iter().partition(|delay| delay.arrived < WELL);
    let last = waited.iter().map(|delay| delay.stands).max();
    let took = last.unwrap_or_default().saturating_sub(WELL);
    assert!(took < DELIVERED_WITHIN, "{took:?}");
    let well = between(log, WELL, minutes(85));
    let most = 2 * (DIGESTS + later.len()) + 3 * in_doubt;
    assert!(well.len() <= most, "{} calls, more than {most}", well.len());
    (well.len(), took)
}

/// The longest that anything waits for a CRM that is there: the longest pause, a tenth more, and a
/// run of the scheduled function.
const LONGEST_PAUSE: Duration = minutes(7);

/// The longest that a digest waits for another that fails: a request that comes while that one is
/// tried waits for a run of the scheduled function, and for the guard before it.
const LONGEST_WAIT_FOR_ANOTHER: Duration = Duration::from_secs(100);

async fn failing_digest() {
    let town = Town::of(1, 5, 90, minutes(1));
    let bad = town.contact(0);
    let fails = move |call: &Call| (call.contact == bad).then_some(FAILS);
    town.world.crm.set_rule(Rule::of(fails));
    town.live(100).await;
    let delays = town.delays();
    let others = delays.iter().filter(|delay| delay.conversation != 0);
    let longest = others.max_by_key(|delay| delay.stands - delay.arrived);
    let longest = longest.expect("others are delivered");
    figure(&format!(
        "one digest of five fails: the longest delay is {longest:?}"
    ));
    let took = longest.stands - longest.arrived;
    assert!(took <= LONGEST_WAIT_FOR_ANOTHER, "{longest:?}");
    town.world.crm.set_rule(Rule::of(|_| None));
    town.world.minutes(10).await;
    town.assert_whole(&[]).await;
}

async fn failing_user() {
    let town = Town::of(5, 10, 90, minutes(1));
    let bad = town.user(0);
    let fails = move |call: &Call| (call.user == bad).then_some(FAILS);
    town.world.crm.set_rule(Rule::of(fails));
    town.live(100).await;
    let bad = town.user(0);
    let delays = town.delays();
    for delay in &delays {
        assert_ne!(town.user(delay.conversation), bad, "{delay:?}");
        assert!(
            delay.stands - delay.arrived < Duration::from_secs(1),
            "{delay:?}"
        );
    }
    let calls = between(&town.world.crm.log(), minutes(0), minutes(60));
    let vain = calls.iter().filter(|call| call.user == bad).count();
    figure(&format!(
        "one user of five fails: {vain} calls for that one in an hour"
    ));
    assert!(vain <= MOST_IN_VAIN, "{vain} calls");
    town.world.crm.set_rule(Rule::of(|_| None));
    town.world.minutes(10).await;
    town.assert_whole(&[]).await;
}

/// The text that the CRM refuses, of the first conversation.
const REFUSED: usize = 42;
/// The most calls of the CRM until the others of its digest stand: each run makes three writes,
/// and reads after each that was refused.
const MOST_NARROWING: usize = 30;
/// How long that takes from when the CRM is called again.
const NARROWED_WITHIN: Duration = minutes(5);

/// When the CRM is away, so that texts pile up; and from when on it takes the text.
const AWAY: Duration = minutes(10);
const BACK: Duration = minutes(65);
const TAKEN: Duration = minutes(150);

async fn refused_text() {
    let town = Town::of(1, 3, 90, Duration::from_secs(40));
    town.world.crm.set_outages(vec![Outage {
        from: AWAY,
        to: BACK,
        kind: OutageKind::Unreachable,
    }]);
    let refused = said(REFUSED);
    town.world.crm.set_rule(Rule::of(move |call| {
        let carries = call
            .body
            .as_ref()
            .is_some_and(|body| body.contains(&refused));
        let is_refused = carries && (BACK..TAKEN).contains(&call.from);
        is_refused.then_some(CallFate::Refused(422))
    }));
    town.live(85).await;
    others_stand(&town);
    town.assert_whole(&[REFUSED]).await;
    // Once the CRM takes it, the next request of the digest brings it along, in its place.
    town.world.time.until(TAKEN).await;
    town.repeat(REFUSED).await;
    town.assert_whole(&[]).await;
}

/// That all texts but the refused one stand in time, for few calls.
fn others_stand(town: &Town) {
    let bad = town.conversation_of(REFUSED);
    let delays = town.delays();
    let last = |is_bad: bool| {
        let own = delays.iter();
        let own = own.filter(|delay| (delay.conversation == bad) == is_bad);
        own.map(|delay| delay.stands).max().unwrap_or_default()
    };
    let (own, other) = (last(true), last(false));
    let calls = between(&town.world.crm.log(), BACK, minutes(85));
    let narrowing = calls
        .iter()
        .filter(|call| call.contact == town.contact(bad));
    let narrowing = narrowing.count();
    figure(&format!(
        "one text of 90 is refused: its digest took {narrowing} calls and {:.0?}, the others {:.0?}",
        own.saturating_sub(BACK),
        other.saturating_sub(BACK),
    ));
    assert_eq!(delays.len(), 89, "all but one stand");
    assert!(own < BACK + LONGEST_PAUSE + NARROWED_WITHIN, "{own:?}");
    assert!(other < BACK + LONGEST_PAUSE, "{other:?}");
    assert!(narrowing <= MOST_NARROWING, "{narrowing} calls");
}

async fn daily_budget() {
    let (spent, reset) = (minutes(3 * 60), minutes(23 * 60));
    let town = Town::of(5, 10, 180, minutes(10));
    town.world.crm.set_rule(Rule::of(move |call| {
        let is_spent = (spent..reset).contains(&call.from);
        is_spent.then(|| CallFate::Limited(reset - call.from))
    }));
    town.live(32 * 60).await;
    let log = town.world.crm.log();
    let vain = between(&log, spent, reset);
    let first = between(&log, reset, Duration::MAX);
    let first = first.first().map(|call| call.from).unwrap_or_default();
    figure(&format!(
        "a budget that is spent for 20 hours: {} calls in vain, the next after {first:?}",
        vain.len()
    ));
    assert_eq!(vain.len(), 1, "one call learns of it, for all users");
    // The pause is spread by a tenth, so that not all come back at once.
    let back = reset + (reset - spent) / 10;
    for delay in town.delays() {
        let by = delay.arrived.max(back) + DELIVERED_WITHIN;
        assert!(delay.stands < by, "{delay:?}");
    }
    town.assert_whole(&[]).await;
}
