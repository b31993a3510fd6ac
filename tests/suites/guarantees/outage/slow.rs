//! A CRM that applies a write long after it was asked or answers at the last moment, a table that
//! takes its time, four workers on a CRM that hangs, a token endpoint that hangs: replies come
//! within 12 s and are true, and nothing happens behind them.

use std::time::{Duration, Instant};

use daybook_fakes::{Exchange, Fault, Rule};
use daybook_tests::crm::Crm;
use daybook_tests::params;
use daybook_tests::runner::{case, figure};
use daybook_tests::sign_in::rely_with_oauth;
use daybook_tests::stands::{activities_of, note, note_of, wrong_with};
use daybook_tests::table_proxy::{Step, TableFault, Times};
use daybook_tests::workers::Workers;
use daybook_tests::world::{Door, World};
use futures_util::future::join_all;
use http::Method;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::deadline::{
    AT_ONCE, HANGS, LONGEST, MOST_CALLS, assert_honest, assert_logged, assert_nothing_left, hang,
    text,
};
use crate::later::{BEARABLE, pass};

pub(super) fn cases() -> Vec<Trial> {
    vec![
        case(
            "outage::a_write_that_is_applied_after_thirty_seconds_is_there_once",
            || async {
                join_all([false, true].map(applied_late)).await;
            },
        ),
        case(
            "outage::a_crm_that_answers_at_the_last_moment_is_heard",
            || async {
                join_all(LAST_MOMENT.map(last_moment)).await;
            },
        ),
        case("outage::a_slow_table_is_waited_for_in_time", || async {
            join_all([(false, 1_500), (true, 1_500), (true, 30_000)].map(slow_table)).await;
        }),
        case(
            "outage::a_table_that_hangs_at_one_step_ends_no_reply_late",
            || async {
                join_all(HANGING_STEPS.map(hanging_step)).await;
            },
        ),
        case(
            "outage::twenty_at_once_for_four_workers_are_answered_in_time",
            || async {
                join_all([false, true].map(four_workers)).await;
            },
        ),
        case(
            "outage::a_token_endpoint_that_hangs_has_texts_kept_over_http",
            || async {
                token_hangs(Door::LocalHttp, 5).await;
            },
        ),
        case(
            "outage::a_token_endpoint_that_hangs_has_texts_kept_in_functions",
            || async {
                token_hangs(Door::HttpEvent, 1).await;
            },
        ),
    ]
}

/// After how long the CRM applies a write that nobody waits for any more.
const LATE: Duration = Duration::from_secs(30);
/// Until when a repeat must be logged: the longest pause of a first failure, and a tenth of it.
const UNTIL_LOGGED: Duration = Duration::from_secs(80);

/// What stands in the contact's only activity.
async fn assert_stand(crm: &Crm, numbers: &[u64], row: &str) {
    let activities = activities_of(crm, 1001).await;
    assert_eq!(activities.len(), 1, "{row}: {activities:#?}");
    let texts: Vec<_> = numbers.iter().copied().map(params::text).collect();
    let wrong = wrong_with(note(&activities[0]), &texts);
    assert!(wrong.is_empty(), "{row}: {wrong:#?}\n{activities:#?}");
}

async fn applied_late(joins: bool) {
    let row = format!("applied after {LATE:?}, joins: {joins}");
    // The CRM keeps its promise of how late it may be.
    let workers = Workers::start_with(1, &[("QUARANTINE_SECONDS", "45")]).await;
    if joins {
        assert_logged(&workers.call(0, &text(1)).await);
    }
    let crm = &workers.crm;
    crm.clear_journal();
    let method = if joins { Method::PATCH } else { Method::POST };
    crm.plan(Rule::new(Fault::HangThenApply(LATE)).method(method).once());
    let begun = Instant::now();
    let (_, reply) = workers.call(0, &text(2)).await;
    let took = begun.elapsed();
    assert!(took < LONGEST, "{row}: {took:?}");
    assert_honest(crm, &reply, &row);
    let calls = crm.journal().len();
    let is_applied = crm.wait_until(2 * LATE, |journal| {
        journal.iter().any(|one| one.is_write() && one.applied)
    });
    assert!(is_applied.await, "{row}: it is never applied");
    assert_eq!(crm.journal().len(), calls, "{row}: a call began after it");
    let open = crm.count(|exchange| exchange.is_write() && exchange.finished);
    assert_eq!(open, 0, "{row}: a call was left open");
    loop {
        let (_, reply) = workers.call(0, &text(2)).await;
        if reply["successful"] == true {
            break;
        }
        assert!(begun.elapsed() < UNTIL_LOGGED, "{row}: {reply}");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    figure(&format!(
        "{row}: answered after {took:.1?}, logged by a repeat after {:.0?}",
        begun.elapsed()
    ));
    assert_logged(&workers.call(0, &text(3)).await);
    let stand: &[u64] = if joins { &[1, 2, 3] } else { &[2, 3] };
    assert_stand(crm, stand, &row).await;
}

/// Whether the text joins an activity, how late the CRM answers a read and a write, and whether
/// there is the time for it.
const LAST_MOMENT: [(bool, u64, u64, bool); 3] = [
    (false, 0, 7_000, true),
    (true, 4_200, 5_600, true),
    (true, 4_500, 7_500, false),
];

async fn last_moment((joins, read_ms, write_ms, is_in_time): (bool, u64, u64, bool)) {
    let row = format!("reads take {read_ms} ms, writes {write_ms} ms, joins: {joins}");
    let workers = Workers::start(1).await;
    if joins {
        assert_logged(&workers.call(0, &text(1)).await);
    }
    let crm = &workers.crm;
    crm.clear_journal();
    for (method, millis) in [
        (Method::GET, read_ms),
        (Method::POST, write_ms),
        (Method::PATCH, write_ms),
    ] {
        let late = Fault::DelayAnswer(Duration::from_millis(millis));
        crm.plan(Rule::new(late).method(method));
    }
    let begun = Instant::now();
    let (status, reply) = workers.call(0, &text(2)).await;
    let took = begun.elapsed();
    figure(&format!("{row}: answered after {took:.1?}"));
    assert!(took < LONGEST, "{row}: {took:?}");
    match is_in_time {
        true => assert_logged(&(status, reply)),
        false => assert_honest(crm, &reply, &row),
    }
    let unfinished = crm.count(|exchange| !exchange.finished);
    assert_eq!(unfinished, usize::from(!is_in_time), "{row}");
    let calls = crm.journal().len();
    tokio::time::sleep(Duration::from_secs(9)).await;
    assert_eq!(crm.journal().len(), calls, "{row}: a call began after it");
    let open = crm.count(|exchange| !exchange.finished);
    assert_eq!(open, unfinished, "{row}: a call was left open");
    assert_stand(crm, if joins { &[1, 2] } else { &[2] }, &row).await;
}

/// For how long nothing may happen behind a reply that was late.
const SILENCE: Duration = Duration::from_secs(6);

/// That a reply is true and that no call follows it.
async fn assert_true_and_last(crm: &Crm, (status, reply): (u64, Value), row: &str) {
    let calls = crm.journal().len();
    tokio::time::sleep(SILENCE).await;
    assert_eq!(crm.journal().len(), calls, "{row}: a call began after it");
    let open = crm.count(|exchange| !exchange.finished);
    assert_eq!(open, 0, "{row}: a call was left open");
    if status == 500 {
        assert_eq!(reply["successful"], false, "{row}: {reply}");
    } else if reply["successful"] == true {
        let log = reply["logId"].as_str().expect("an id");
        let stands = note_of(crm, log).await;
        assert!(stands.contains(&params::text(2)), "{row}: {stands}");
    } else {
        assert_honest(crm, &reply, row);
    }
}

async fn slow_table((joins, table_ms): (bool, u64)) {
    let row = format!("table at {table_ms} ms, joins: {joins}");
    let workers = Workers::start(1).await;
    if joins {
        assert_logged(&workers.call(0, &text(1)).await);
    }
    workers.crm.clear_journal();
    workers.proxy.set_delay(Duration::from_millis(table_ms));
    let begun = Instant::now();
    let answered = workers.call(0, &text(2)).await;
    let took = begun.elapsed();
    let said = &answered.1["returnMessage"]["message"];
    figure(&format!("{row}: {said} after {took:.1?}"));
    assert!(took < LONGEST, "{row}: {took:?}");
    assert_true_and_last(&workers.crm, answered, &row).await;
}

/// The steps at which a table hangs that does all else at once.
const HANGING_STEPS: [Step; 7] = [
    Step::Read,
    Step::Accept,
    Step::ReadGates,
    Step::Lease,
    Step::Gather,
    Step::Settle,
    Step::Clear,
];

async fn hanging_step(step: Step) {
    let row = format!("the table hangs at {step:?}");
    let workers = Workers::start(1).await;
    assert_logged(&workers.call(0, &text(1)).await);
    workers.crm.clear_journal();
    let hangs = TableFault::AppliesAfter(Duration::from_secs(30));
    workers.proxy.plan(step, hangs, Times::Always);
    let begun = Instant::now();
    let answered = workers.call(0, &text(2)).await;
    let took = begun.elapsed();
    assert!(workers.proxy.clear_plan() > 0, "{row}: it never came to it");
    let said = &answered.1["returnMessage"]["message"];
    figure(&format!("{row}: {said} after {took:.1?}"));
    assert!(took < LONGEST, "{row}: {took:?}");
    assert_true_and_last(&workers.crm, answered, &row).await;
}

async fn four_workers(joins: bool) {
    let row = format!("{AT_ONCE} at once for four workers, joining: {joins}");
    let workers = Workers::start(4).await;
    if joins {
        assert_logged(&workers.call(0, &text(1)).await);
    }
    hang(&workers.crm, None);
    let requests: Vec<_> = (2..2 + AT_ONCE).map(text).collect();
    let sent = requests.iter().enumerate();
    let sent = sent.map(|(number, params)| workers.call_timed(number % workers.count(), params));
    let answers = join_all(sent).await;
    for ((_, reply), took) in &answers {
        assert_eq!(reply["successful"], false, "{row}: {reply}");
        let said = reply["returnMessage"]["message"].as_str().expect("words");
        let is_true = said.contains("not logged") || said.contains("may or may not be logged");
        assert!(is_true, "{row}: {reply}");
        assert!(*took < LONGEST, "{row}: {took:?}");
    }
    let took = answers.iter().map(|(_, took)| *took).max();
    let calls = workers.crm.journal().len();
    figure(&format!(
        "{row}: answered after {:.1?}, {calls} calls",
        took.unwrap_or_default()
    ));
    assert_nothing_left(&workers.crm, None, &row).await;
    assert!((1..=MOST_CALLS).contains(&calls), "{row}: {calls} calls");
}

/// When the token endpoint is asked again.
const ASKED_AGAIN: Duration = Duration::from_secs(31);

async fn token_hangs(door: Door, count: u64) {
    let row = format!("the token endpoint hangs, {door:?}");
    let world = World::start(door).await;
    rely_with_oauth(&world).await;
    // The CRM refuses the access token; or we know that it has run out.
    match door {
        Door::LocalHttp => world.crm.advance(Duration::from_secs(3_600)),
        Door::HttpEvent | Door::Direct => pass(&world, Duration::from_secs(3_600)).await,
    }
    world.crm.clear_journal();
    let token_url = "oauth/token";
    let hangs = Rule::new(Fault::Hang(HANGS)).path_contains(token_url);
    world.crm.plan(hangs);
    let requests: Vec<_> = (1..=count).map(of_oauth_user).collect();
    let begun = Instant::now();
    let answers = join_all(requests.iter().map(|body| log(&world, body))).await;
    let took = begun.elapsed();
    for (_, reply) in &answers {
        let said = reply["returnMessage"]["message"].as_str().expect("words");
        assert_eq!(reply["successful"], true, "{row}: {reply}");
        assert!(said.contains("kept and will be logged"), "{row}: {reply}");
    }
    let is_hung = |exchange: &Exchange| exchange.path.contains(token_url);
    let (calls, hung) = (world.crm.journal().len(), world.crm.count(is_hung));
    figure(&format!(
        "{row}: {count} answered after {took:.1?}, {calls} calls, {hung} of the token endpoint"
    ));
    assert!(took < LONGEST, "{row}: {took:?}");
    assert_eq!(hung, 1, "{row}: one asks, for all");
    tokio::time::sleep(HANGS + Duration::from_secs(1)).await;
    let later = world.crm.journal().len() - calls;
    assert_eq!(later, 0, "{row}: a call began after the replies");
    let open = world
        .crm
        .count(|exchange| is_hung(exchange) && exchange.finished);
    assert_eq!(open, 0, "{row}: a call was left open");
    world.crm.clear_plan();
    match door {
        Door::LocalHttp => {
            tokio::time::sleep(ASKED_AGAIN).await;
            assert_logged(&log(&world, &of_oauth_user(count + 1)).await);
            let stand: Vec<_> = (1..=count + 1).collect();
            assert_stand(&world.crm, &stand, &row).await;
        }
        Door::HttpEvent | Door::Direct => {
            pass(&world, 10 * BEARABLE).await;
            world.deliver_pending().await;
            let activities = activities_of(&world.crm, 1001).await;
            let notes: Vec<_> = activities.iter().map(note).collect();
            assert_eq!(notes.len(), 1, "{row}: {notes:#?}");
            assert_eq!(notes[0].matches(&params::text(1)).count(), 1, "{notes:?}");
        }
    }
}

/// A request of the user who signed in with OAuth.
fn of_oauth_user(number: u64) -> String {
    let mut params = text(number);
    params["authHeader"] = Value::Null;
    params["user"]["id"] = json!("1-exampleCRMOAuth");
    params.to_string()
}

async fn log(world: &World, body: &str) -> (u64, Value) {
    let platform = world.crm.kind().oauth_platform();
    let body = world.crm.speak(body);
    (world.call_platform(platform, "createMessageLog", &body)).await
}
