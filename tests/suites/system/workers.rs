//! Several processes of the real function on one table, as Lambda starts them for a burst.

use std::time::{Duration, Instant};

use daybook_fakes::{
    Exchange, FakeExampleCrm, Fault, FunctionProcess, Invocation, Rule, RuntimeApi,
};
use daybook_local::table::EmbeddedTable;
use daybook_tests::params::{DEMO_AUTH, text, texts, with_message};
use daybook_tests::runner::{case, figure};
use daybook_tests::world::{embedded, function};
use futures_util::future::join_all;
use http::Method;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::expect::{assert_in_order, note};

pub(super) fn cases() -> Vec<Trial> {
    vec![
        case("workers::four_make_one_digest_of_a_burst", || async {
            four_make_one_digest(Duration::ZERO).await;
        }),
        case(
            "workers::four_make_one_digest_of_a_burst_in_a_slow_crm",
            || async { four_make_one_digest(Duration::from_millis(20)).await },
        ),
        case(
            "workers::one_killed_before_its_create_is_taken_over",
            || killed(false, Fault::Hang(ASLEEP)),
        ),
        case("workers::one_killed_after_its_create_is_taken_over", || {
            killed(false, Fault::DelayAnswer(ASLEEP))
        }),
        case(
            "workers::one_killed_before_its_update_is_taken_over",
            || killed(true, Fault::Hang(ASLEEP)),
        ),
        case("workers::one_killed_after_its_update_is_taken_over", || {
            killed(true, Fault::DelayAnswer(ASLEEP))
        }),
        case(
            "workers::deliver_pending_leaves_alone_what_waits_for_a_sign_in",
            what_waits_for_a_sign_in,
        ),
    ]
}

struct Workers {
    crm: FakeExampleCrm,
    table: EmbeddedTable,
    workers: Vec<(RuntimeApi, FunctionProcess)>,
}

impl Workers {
    async fn start(count: usize) -> Self {
        let crm = FakeExampleCrm::start().await;
        let url = format!("{}/crm/api", crm.url());
        let table = embedded(None).await;
        let variables = [
            ("EXAMPLE_CRM_URL", url.as_str()),
            ("QUARANTINE_SECONDS", "1"),
        ];
        let endpoint = table.endpoint();
        let start = || function("create-message-log", &endpoint, &variables);
        let workers = join_all((0..count).map(|_| start())).await;
        Self {
            crm,
            table,
            workers,
        }
    }

    async fn invoke(&self, worker: usize, params: &Value) -> Invocation {
        let mut payload = params.clone();
        payload["platform"] = json!("exampleCRM");
        let (api, _) = &self.workers[worker];
        api.invoke(payload.to_string(), 15_000).await
    }

    async fn call(&self, worker: usize, params: &Value) -> Value {
        self.invoke(worker, params).await.response()
    }

    /// The note of the only activity.
    async fn only_note(&self) -> String {
        let url = format!("{}/crm/api/activities", self.crm.url());
        let request = reqwest::Client::new().get(url);
        let sent = request.header("authorization", DEMO_AUTH).send().await;
        let page: Value = sent.expect("an answer").json().await.expect("JSON");
        let activities = page["activities"].as_array().expect("a list");
        assert_eq!(activities.len(), 1, "{activities:#?}");
        note(&activities[0]).to_owned()
    }
}

async fn four_make_one_digest(delay: Duration) {
    const WORKERS: usize = 4;
    let world = Workers::start(WORKERS).await;
    // All of them are up before the burst.
    for worker in 0..WORKERS {
        let refused = world.call(worker, &json!({})).await;
        assert_eq!(refused["statusCode"], 400);
    }
    world.crm.set_delay(delay);
    let requests: Vec<_> = texts(0..20).into_iter().rev().map(with_message).collect();
    let begun = Instant::now();
    let calls = requests
        .iter()
        .enumerate()
        .map(|(index, params)| world.call(index % WORKERS, params));
    for reply in join_all(calls).await {
        assert_eq!(reply["successful"], true, "{reply}");
        assert_eq!(reply["logId"], "1", "{reply}");
    }
    let (calls, writes) = (world.crm.journal().len(), world.crm.writes());
    figure(&format!(
        "20 at once, {WORKERS} workers, CRM at {} ms: {calls} calls, {writes} writes, {:?}",
        delay.as_millis(),
        begun.elapsed()
    ));
    let all: Vec<_> = (0..20).map(text).collect();
    assert_in_order(&world.only_note().await, &all);
}

/// For how long a write is held up, so that its worker can be killed meanwhile.
const ASLEEP: Duration = Duration::from_secs(20);

/// A worker is killed at its write, which `fault` holds up before or after it is applied; then
/// the same request goes to another.
async fn killed(is_update: bool, fault: Fault) {
    let world = Workers::start(2).await;
    world.call(1, &json!({})).await;
    let mut expected = vec![text(2)];
    if is_update {
        let first = with_message(texts([1]).remove(0));
        world.call(0, &first).await;
        expected.insert(0, text(1));
    }
    world.crm.clear_journal();
    let name = format!("{fault:?}");
    let write = Rule::new(fault);
    world.crm.plan(match is_update {
        true => write.method(Method::PATCH).once(),
        false => write.method(Method::POST).once(),
    });
    let request = with_message(texts([2]).remove(0));
    let kill = async {
        let is_sent = |exchanges: &[Exchange]| {
            let write = exchanges.iter().find(|exchange| exchange.is_write());
            write.is_some_and(|write| write.applied || name.starts_with("Hang"))
        };
        assert!(world.crm.wait_until(Duration::from_secs(30), is_sent).await);
        world.workers[0].1.stop().await;
    };
    let (invocation, ()) = futures_util::join!(world.invoke(0, &request), kill);
    let is_gone = matches!(invocation, Invocation::Exited { .. });
    assert!(is_gone, "{invocation:?}");
    // Its lease runs out after 15 s, and a create stays in doubt for a second more.
    let begun = Instant::now();
    loop {
        let reply = world.call(1, &request).await;
        if reply["successful"] == true {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(40), "{reply}");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    figure(&format!(
        "killed at {name}: logged after {:?}",
        begun.elapsed()
    ));
    assert_in_order(&world.only_note().await, &expected);
}

async fn what_waits_for_a_sign_in() {
    let world = Workers::start(1).await;
    let mut request = with_message(texts([1]).remove(0));
    request["authHeader"] = json!("Basic d3Jvbmc6");
    let reply = world.call(0, &request).await;
    assert_eq!(reply["successful"], false, "{reply}");
    world.crm.clear_journal();
    let url = format!("{}/crm/api", world.crm.url());
    let variables = [("EXAMPLE_CRM_URL", url.as_str())];
    let (api, _process) = function("deliver-pending", &world.table.endpoint(), &variables).await;
    let schedule = json!({"source": "aws.scheduler", "detail": {}}).to_string();
    let report = api.invoke(schedule, 60_000).await.response();
    let nothing = json!({"attended": 0, "waiting": 0, "parked": 0, "failed": 0});
    assert_eq!(report, nothing);
    assert!(world.crm.journal().is_empty());
}
