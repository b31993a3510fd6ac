//! Processes of the real functions of which one is killed, or to which nobody has signed in.
//!
//! What many of them make of a burst is in the suite `guarantees`.

use std::time::{Duration, Instant};

use daybook_fakes::{Exchange, Fault, Invocation, Rule};
use daybook_tests::params::{text, texts, with_message};
use daybook_tests::runner::{case, figure};
use daybook_tests::workers::Workers;
use daybook_tests::world::function;
use http::Method;
use libtest_mimic::Trial;
use serde_json::json;

use crate::expect::{assert_in_order, note};

pub(super) fn cases() -> Vec<Trial> {
    vec![
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

/// The note of the only activity.
async fn only_note(world: &Workers) -> String {
    let activities = world.crm.activities().await;
    assert_eq!(activities.len(), 1, "{activities:#?}");
    note(&activities[0]).to_owned()
}

/// For how long a write is held up, so that its worker can be killed meanwhile.
const ASLEEP: Duration = Duration::from_secs(20);

/// A worker is killed at its write, which `fault` holds up before or after it is applied; then
/// the same request goes to another.
async fn killed(is_update: bool, fault: Fault) {
    let world = Workers::start(2).await;
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
        world.kill(0).await;
    };
    let (invocation, ()) = futures_util::join!(world.invoke(0, &request), kill);
    let is_gone = matches!(invocation, Invocation::Exited { .. });
    assert!(is_gone, "{invocation:?}");
    // Its lease runs out after 15 s, and a create stays in doubt for a second more.
    let begun = Instant::now();
    loop {
        let (_, reply) = world.call(1, &request).await;
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
    assert_in_order(&only_note(&world).await, &expected);
}

async fn what_waits_for_a_sign_in() {
    let world = Workers::start(1).await;
    let mut request = with_message(texts([1]).remove(0));
    request["authHeader"] = json!("Basic d3Jvbmc6");
    let (_, reply) = world.call(0, &request).await;
    assert_eq!(reply["successful"], false, "{reply}");
    world.crm.clear_journal();
    let url = format!("{}/crm/api", world.crm.url());
    let variables = [("EXAMPLE_CRM_URL", url.as_str())];
    let (api, _process) = function("deliver-pending", &world.endpoint(), &variables).await;
    let schedule = json!({"source": "aws.scheduler", "detail": {}}).to_string();
    let report = api.invoke(schedule, 60_000).await.response();
    let nothing = json!({"attended": 0, "waiting": 0, "parked": 0, "failed": 0});
    assert_eq!(report, nothing);
    assert!(world.crm.journal().is_empty());
}
