//! A CRM that hangs on every call, and a table that is slow: replies come within 12 s all the
//! same, and nothing is left open behind them.

use std::time::{Duration, Instant};

use daybook_fakes::{Exchange, Fault, Rule};
use daybook_tests::crm::Crm;
use daybook_tests::params::{texts, with_message};
use daybook_tests::runner::{case, figure};
use daybook_tests::workers::Workers;
use daybook_tests::world::{Answered, Door, World};
use futures_util::future::join_all;
use http::Method;
use libtest_mimic::Trial;
use serde_json::Value;

/// What hangs, whether the digest exists, and how slow the table is.
const ROWS: [(Option<Method>, bool, u64); 8] = [
    (None, false, 0),
    (None, false, 300),
    (None, false, 900),
    (None, true, 0),
    (None, true, 300),
    (None, true, 900),
    (Some(Method::PATCH), true, 0),
    (Some(Method::PATCH), true, 300),
];
/// From how many milliseconds on for a call a table is so slow that the reply may be that we failed.
const SLOW_MS: u64 = 900;
/// For how long a call hangs: longer than any call may take.
pub(super) const HANGS: Duration = Duration::from_secs(10);
/// The longest that a reply may take: 12 s, and what a busy machine adds. The extension gives up
/// after 15 s.
pub(super) const LONGEST: Duration = Duration::from_secs(13);
/// How many requests there are at once where there are many.
pub(super) const AT_ONCE: u64 = 20;
/// The most calls that they make of a CRM that hangs.
pub(super) const MOST_CALLS: usize = 4;

pub(super) fn cases() -> Vec<Trial> {
    vec![
        case(
            "outage::a_worker_answers_in_time_and_leaves_nothing_open",
            || async {
                join_all(ROWS.map(|(hangs, joins, table_ms)| one_worker(hangs, joins, table_ms)))
                    .await;
            },
        ),
        case("outage::twenty_at_once_are_answered_in_time", || async {
            join_all([false, true].map(at_once)).await;
        }),
    ]
}

async fn one_worker(hangs: Option<Method>, joins: bool, table_ms: u64) {
    let row = format!("{hangs:?} hangs, joins: {joins}, table at {table_ms} ms");
    let workers = Workers::start(1).await;
    if joins {
        assert_logged(&workers.call(0, &text(1)).await);
    }
    hang(&workers.crm, hangs.as_ref());
    workers.proxy.set_delay(Duration::from_millis(table_ms));
    let begun = Instant::now();
    let (status, reply) = workers.call(0, &text(2)).await;
    let took = begun.elapsed();
    // A table that slow may leave no time to write down what became of it.
    if status != 500 || table_ms < SLOW_MS {
        assert_honest(&workers.crm, &reply, &row);
    }
    assert!(took < LONGEST, "{row}: {took:?}");
    let calls = workers.crm.journal().len();
    figure(&format!("{row}: answered after {took:.1?}, {calls} calls"));
    assert_nothing_left(&workers.crm, hangs.as_ref(), &row).await;
    assert!((1..=MOST_CALLS).contains(&calls), "{row}: {calls} calls");
}

async fn at_once(joins: bool) {
    let world = World::start(Door::LocalHttp).await;
    if joins {
        assert_logged(&world.call("createMessageLog", &text(1)).await);
    }
    hang(&world.crm, None);
    let requests: Vec<_> = (2..2 + AT_ONCE).map(text).collect();
    let answer = async |params: &Value| {
        let begun = Instant::now();
        let (_, reply) = world.call("createMessageLog", params).await;
        assert_eq!(reply["successful"], false, "{reply}");
        begun.elapsed()
    };
    let took = join_all(requests.iter().map(answer)).await;
    let took = took.into_iter().max().unwrap_or_default();
    let calls = world.crm.journal().len();
    figure(&format!(
        "{AT_ONCE} at once, joining: {joins}: answered after {took:.1?}, {calls} calls"
    ));
    assert!(took < LONGEST, "{took:?}");
    assert_nothing_left(&world.crm, None, "many at once").await;
    assert!((1..=MOST_CALLS).contains(&calls), "{calls} calls");
}

/// A request with the text of a number.
pub(super) fn text(number: u64) -> Value {
    with_message(texts([number]).remove(0))
}

/// That a reply says that the text is logged.
pub(super) fn assert_logged((_, reply): &Answered) {
    assert_eq!(reply["successful"], true, "{reply}");
}

/// From now on every call hangs, or every call of a method.
pub(super) fn hang(crm: &Crm, method: Option<&Method>) {
    crm.clear_journal();
    let rule = Rule::new(Fault::Hang(HANGS));
    crm.plan(match method {
        Some(method) => rule.method(method.clone()),
        None => rule,
    });
}

/// That a reply says what is: a text that was sent to the CRM may stand there.
pub(super) fn assert_honest(crm: &Crm, reply: &Value, row: &str) {
    assert_eq!(reply["successful"], false, "{row}: {reply}");
    let words = match crm.writes() {
        0 => "not logged",
        _ => "may or may not be logged",
    };
    let said = reply["returnMessage"]["message"].as_str();
    let said = said.expect("words");
    assert!(said.contains(words), "{row}: {reply}");
    assert!(said.contains("Send it again"), "{row}: {reply}");
}

/// That no call began after the reply, and that none was left open: one that nobody has left is
/// carried out in the end.
pub(super) async fn assert_nothing_left(crm: &Crm, hung: Option<&Method>, row: &str) {
    let calls = crm.journal().len();
    tokio::time::sleep(HANGS + Duration::from_secs(1)).await;
    let later = crm.journal().len() - calls;
    assert_eq!(later, 0, "{row}: a call began after the reply");
    let is_hung = |exchange: &Exchange| hung.is_none_or(|method| *method == exchange.method);
    let open = crm.count(|exchange| is_hung(exchange) && exchange.finished);
    assert_eq!(open, 0, "{row}: a call was left open");
}
