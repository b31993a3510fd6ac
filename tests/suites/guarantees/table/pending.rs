//! The scheduled function on a table that misbehaves at each of its steps, and on an index that
//! lags behind: a run may fail, and the next ones deliver every text once.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use daybook_example_crm::DEMO_KEY;
use daybook_fakes::{Fault, FunctionProcess, Invocation, Rule, RuntimeApi, http_api_v2_event};
use daybook_local::table::TABLE_NAME;
use daybook_tests::params::{set, text, texts, with_message};
use daybook_tests::runner::{case, figure};
use daybook_tests::stands::{activities_of, note};
use daybook_tests::table_proxy::{Step, TableFault, Times};
use daybook_tests::workers::Workers;
use daybook_tests::world::function;
use futures_util::future::join_all;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::{FAULTS, OVERCOME};
use crate::later::age_table;

/// The steps of a run, in their order.
const STEPS: [(&str, Step); 10] = [
    ("read_of_the_index", Step::FindDue),
    ("read_of_an_item", Step::ReadItem),
    ("dating", Step::Schedule),
    ("clear", Step::Clear),
    ("gate_read", Step::ReadGates),
    ("probe", Step::Probe),
    ("lease", Step::Lease),
    ("gather", Step::Gather),
    ("settle", Step::Settle),
    ("opening_of_a_gate", Step::OpenGate),
];

pub(super) fn cases() -> Vec<Trial> {
    let of_step = |(name, step): (&'static str, Step)| {
        case(
            format!("table::pending::{name}_under_every_fault"),
            move || async move { every_fault(name, step).await },
        )
    };
    let mut trials: Vec<_> = STEPS.into_iter().map(of_step).collect();
    trials.push(case(
        "table::pending::what_the_index_does_not_show_yet_is_delivered_by_a_later_run",
        not_shown_yet,
    ));
    trials.push(case(
        "table::pending::what_the_index_shows_and_is_gone_is_left_alone",
        shown_and_gone,
    ));
    trials
}

/// The time that the template gives a run.
const RUN_MS: u64 = 60_000;
/// How many runs there are at the most, with half a minute between them.
const MOST_RUNS: usize = 8;
const BETWEEN_RUNS: Duration = Duration::from_secs(31);
/// The most calls of the CRM, with all repeats: one learns that it is busy, and each of both texts
/// takes one, and three more where a run was cut short.
const MOST_CALLS: usize = 10;

/// Two texts that were kept, of which one has a digest with a date and the other a guard.
struct Stage {
    workers: Workers,
    scheduled: (RuntimeApi, FunctionProcess),
}

/// An item of the table.
type Item = HashMap<String, AttributeValue>;

/// The kept texts.
const KEPT: [u64; 2] = [1, 2];

impl Stage {
    async fn start() -> Self {
        let workers = Workers::start(1).await;
        let url = format!("{}/crm/api", workers.crm.url());
        let variables = [
            ("EXAMPLE_CRM_URL", url.as_str()),
            ("QUARANTINE_SECONDS", "1"),
        ];
        let endpoint = workers.proxy.endpoint();
        let (sign_in, _process) = function("api-key-login", &endpoint, &variables).await;
        let body = json!({"platform": "exampleCRM", "apiKey": DEMO_KEY, "hostname": "127.0.0.1"});
        let headers = [("content-type", "application/json")];
        let body = body.to_string();
        let event = http_api_v2_event("POST", "/apiKeyLogin", &[], &headers, &body, false);
        let signed_in = sign_in.invoke(event.to_string(), RUN_MS).await.response();
        assert_eq!(signed_in["statusCode"], 200, "{signed_in}");
        let scheduled = function("deliver-pending", &endpoint, &variables).await;
        workers.crm.clear_journal();
        let limited = Fault::rate_limited("20");
        workers.crm.plan(Rule::new(limited).once());
        for number in KEPT {
            let (_, reply) = workers.call(0, &kept(number)).await;
            assert_eq!(reply["successful"], true, "{reply}");
        }
        let stage = Self { workers, scheduled };
        stage.pass().await;
        stage
    }

    /// Lets time pass until both texts are due, and leases are over.
    async fn pass(&self) {
        let client = Client::new(&self.workers.table().sdk_config());
        age_table(&client, BETWEEN_RUNS).await;
    }

    /// A run: its report, unless it failed.
    async fn run(&self) -> Option<Value> {
        match self.scheduled.0.invoke("{}", RUN_MS).await {
            Invocation::Response(report) => Some(report),
            Invocation::Error(_) => None,
            other @ (Invocation::InitError(_)
            | Invocation::TimedOut
            | Invocation::Exited { .. }) => panic!("{other:?}"),
        }
    }

    /// Whether both texts stand; adds to `wrong` what stands and must not.
    async fn is_delivered(&self, wrong: &mut Vec<String>) -> bool {
        let activities = activities_of(&self.workers.crm, 1001).await;
        let stands = |number: u64| {
            let notes = activities.iter().map(note);
            notes.map(|note| note.matches(&text(number)).count()).sum()
        };
        let times: Vec<usize> = KEPT.into_iter().map(stands).collect();
        if times.iter().any(|times| *times > 1) || activities.len() > KEPT.len() {
            wrong.push(format!("something stands twice: {activities:#?}"));
        }
        times == [1, 1]
    }

    /// Everything that the table holds of digests, by its keys. A user is looked at again for two
    /// minutes after a sign-in.
    async fn items(&self) -> Vec<Item> {
        let client = Client::new(&self.workers.table().sdk_config());
        let all = client.scan().table_name(TABLE_NAME).send().await;
        let mut items = all.expect("a scan").items.expect("items");
        let is_of_digest = |item: &Item| item["pk"].as_s().is_ok_and(|pk| pk.starts_with("D#"));
        items.retain(is_of_digest);
        assert_eq!(items.len(), 2 * KEPT.len(), "{items:#?}");
        items.sort_by_key(|item| format!("{:?} {:?}", item["pk"], item["sk"]));
        items
    }
}

/// A text, in a conversation of its own, of a user who relies on us.
fn kept(number: u64) -> Value {
    let mut params = with_message(texts([number]).remove(0));
    set(&mut params, "message.conversationId", json!(number));
    params["authHeader"] = Value::Null;
    params
}

/// What became of a row.
#[derive(Debug, Default)]
struct Seen {
    wrong: Vec<String>,
    took: Duration,
    runs: usize,
    calls: usize,
}

async fn every_fault(name: &str, step: Step) {
    let rows = FAULTS.map(|(fault, times)| row(step, fault, times));
    let seen = join_all(rows).await;
    let at_once = seen.iter().filter(|seen| seen.runs == 1).count();
    let most = |of: fn(&Seen) -> usize| seen.iter().map(of).max().unwrap_or_default();
    let took = seen.iter().map(|seen| seen.took).max();
    figure(&format!(
        "{name} of a run: {} rows, {at_once} delivered at once; the longest run took {:.1?}; at \
         most {} runs and {} calls",
        seen.len(),
        took.unwrap_or_default(),
        most(|seen| seen.runs),
        most(|seen| seen.calls),
    ));
    let wrong = FAULTS.iter().zip(&seen);
    let wrong: Vec<_> = wrong
        .filter(|(_, seen)| !seen.wrong.is_empty())
        .map(|(row, seen)| format!("{row:?}: {:#?}", seen.wrong))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn row(step: Step, fault: TableFault, times: Times) -> Seen {
    let stage = Stage::start().await;
    let mut seen = Seen::default();
    stage.workers.proxy.plan(step, fault, times);
    let begun = Instant::now();
    stage.run().await;
    seen.took = begun.elapsed();
    seen.runs = 1;
    if stage.workers.proxy.clear_plan() == 0 {
        seen.wrong.push("the fault struck nothing".to_owned());
    }
    // Who cannot say that it is the one that tries does not try; and of a lease that was answered
    // late too little may be left for a write.
    let is_late = matches!(
        fault,
        TableFault::AnswersAfter(_) | TableFault::AppliesAfter(_)
    );
    let may_take_two = step == Step::Probe || (step == Step::Lease && is_late);
    let must_be_overcome = !may_take_two && OVERCOME.contains(&(fault, times));
    let mut is_delivered = stage.is_delivered(&mut seen.wrong).await;
    if must_be_overcome && !is_delivered {
        seen.wrong.push("one fault was not overcome".to_owned());
    }
    while !is_delivered && seen.runs < MOST_RUNS {
        stage.pass().await;
        stage.run().await;
        seen.runs += 1;
        is_delivered = stage.is_delivered(&mut seen.wrong).await;
    }
    if !is_delivered {
        seen.wrong.push("it is not delivered".to_owned());
    }
    // Nothing of it is done again later.
    stage.pass().await;
    stage.run().await;
    stage.is_delivered(&mut seen.wrong).await;
    seen.calls = stage.workers.crm.journal().len();
    if seen.calls > MOST_CALLS {
        seen.wrong.push(format!("{} calls of the CRM", seen.calls));
    }
    seen
}

async fn not_shown_yet() {
    let stage = Stage::start().await;
    let before = stage.workers.crm.journal().len();
    let hidden = TableFault::ShowsNothing;
    let proxy = &stage.workers.proxy;
    proxy.plan(Step::FindDue, hidden, Times::Always);
    let report = stage.run().await.expect("a report");
    assert_eq!(report["attended"], 0, "{report}");
    assert!(proxy.clear_plan() > 0);
    assert_eq!(stage.workers.crm.journal().len(), before);
    let report = stage.run().await.expect("a report");
    assert_eq!(
        (&report["attended"], &report["waiting"]),
        (&json!(2), &json!(0))
    );
    let mut wrong = Vec::new();
    assert!(stage.is_delivered(&mut wrong).await, "{wrong:#?}");
}

async fn shown_and_gone() {
    let stage = Stage::start().await;
    let report = stage.run().await.expect("a report");
    assert_eq!(report["attended"], 2, "{report}");
    let (items, calls) = (stage.items().await, stage.workers.crm.journal().len());
    let gone = TableFault::ShowsGone;
    stage.workers.proxy.plan(Step::FindDue, gone, Times::Always);
    let report = stage.run().await.expect("a report");
    assert!(stage.workers.proxy.clear_plan() > 0);
    assert_eq!(report["attended"], 0, "{report}");
    assert_eq!(stage.workers.crm.journal().len(), calls, "nobody is called");
    assert_eq!(stage.items().await, items, "nothing is written");
    let mut wrong = Vec::new();
    assert!(stage.is_delivered(&mut wrong).await, "{wrong:#?}");
    figure("an index that shows what is gone: no call and no write");
}
