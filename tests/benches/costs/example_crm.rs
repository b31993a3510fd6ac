//! The Example CRM.

use std::time::Duration;

use daybook_fakes::{FakeCrm, FakeExampleCrm};
use daybook_tests::params::example;

use crate::bench::{Bench, Crm};

/// How many times each case is measured.
const ROUNDS: usize = 200;
/// How many times a case of many requests is measured.
const BURSTS: usize = 30;

impl Crm for FakeExampleCrm {
    fn server(&self) -> &FakeCrm {
        self
    }

    fn tokens(&self) -> u64 {
        0
    }
}

/// Measures all cases with a CRM that answers after `delay` more.
pub(crate) async fn run(delay: Duration) {
    let crm = FakeExampleCrm::start().await;
    crm.set_delay(delay);
    let variables = [("EXAMPLE_CRM_URL", format!("{}/crm/api", crm.url()))];
    let bench = Bench::start(crm, "exampleCRM", &variables, example()).await;
    let (rounds, bursts) = match delay.is_zero() {
        true => (ROUNDS, BURSTS),
        false => (ROUNDS / 4, BURSTS / 3),
    };
    bench.first_text(rounds).await.print("first text");
    bench.joining_text(rounds).await.print("joining text");
    let again = bench.whole_day_again(rounds).await;
    again.print("whole day of 10 again");
    let fifty = bench.fifty_in_one(bursts).await;
    fifty.print("50 texts in one request");
    let twenty = bench.twenty_at_once(bursts).await;
    twenty.print("20 requests at once, new");
    bench.create_call_log(rounds).await.print("createCallLog");
    let again = bench.create_call_log_again(rounds).await;
    again.print("createCallLog again");
    bench.update_call_log(rounds).await.print("updateCallLog");
    let twenty = bench.twenty_updates_at_once(bursts).await;
    twenty.print("20 updateCallLog at once");
}
