//! A table that throttles, conflicts, is slow or loses answers, at each step of a delivery: the
//! reply comes in time and is true, and a repeat brings every text into one activity, once.
//!
//! A row is a fault at a step; how its world comes about is in `scene`. `pending` has the same for
//! the scheduled function, and an index that lags behind.

mod pending;
mod scene;

use std::time::{Duration, Instant};

use daybook_tests::runner::{case, figure};
use daybook_tests::table_proxy::TableFault::{
    AnswersAfter, AppliesAfter, Fails, FailsAfter, LosesAnswer, Refuses,
};
use daybook_tests::table_proxy::Times::{Always, Once};
use daybook_tests::table_proxy::{Step, TableFault, Times};
use futures_util::future::join_all;
use libtest_mimic::Trial;

use self::scene::{Form, Scene};

/// The faults, each at every step.
const FAULTS: [(TableFault, Times); 15] = [
    (Refuses("ProvisionedThroughputExceededException"), Once),
    (Refuses("ProvisionedThroughputExceededException"), Always),
    (Refuses("ThrottlingException"), Once),
    (Refuses("ThrottlingException"), Always),
    (Refuses("TransactionConflictException"), Once),
    (Fails, Once),
    (Fails, Always),
    (AnswersAfter(Duration::from_secs(1)), Always),
    (AnswersAfter(Duration::from_secs(4)), Once),
    (AnswersAfter(Duration::from_secs(13)), Always),
    (AppliesAfter(Duration::from_secs(5)), Once),
    (LosesAnswer, Once),
    (LosesAnswer, Always),
    (FailsAfter, Once),
    (FailsAfter, Always),
];

/// The faults that the next try of the AWS SDK overcomes, or waiting: then nobody hears of them.
/// What was written and not answered is known for our own.
const OVERCOME: [(TableFault, Times); 8] = [
    (Refuses("ProvisionedThroughputExceededException"), Once),
    (Refuses("ThrottlingException"), Once),
    (Fails, Once),
    (AnswersAfter(Duration::from_secs(1)), Always),
    (AnswersAfter(Duration::from_secs(4)), Once),
    (AppliesAfter(Duration::from_secs(5)), Once),
    (LosesAnswer, Once),
    (FailsAfter, Once),
];

/// The steps, with what each does in an activity that is made and in one that is there.
const STEPS: [(&str, Step, &[Form]); 12] = [
    ("read", Step::Read, &Form::BOTH),
    ("accept", Step::Accept, &Form::BOTH),
    ("gate_read", Step::ReadGates, &Form::BOTH),
    ("lease", Step::Lease, &Form::BOTH),
    ("gather", Step::Gather, &Form::BOTH),
    ("trace", Step::Trace, &Form::BOTH),
    ("settle", Step::Settle, &Form::BOTH),
    ("clear", Step::Clear, &Form::BOTH),
    ("release", Step::Release, &Form::BOTH),
    ("closing_of_a_gate", Step::CloseGate, &[Form::Update]),
    ("probe", Step::Probe, &[Form::Update]),
    ("opening_of_a_gate", Step::OpenGate, &[Form::Update]),
];

/// The longest that a reply may take: 12 s, and what a machine adds that has a hundred processes.
/// The extension gives up after 15 s.
const LONGEST: Duration = Duration::from_secs(14);
/// The longest until a repeat is done: what is left of a lease, 2 s for clocks that differ, 1 s of
/// doubt and 5 s until a look, with the replies in between.
const UNTIL_LOGGED: Duration = Duration::from_secs(40);
/// The most calls of the CRM, with all repeats.
const MOST_CALLS: usize = 8;

pub(super) fn cases() -> Vec<Trial> {
    let of_step = |(name, step, forms): (&'static str, Step, &'static [Form])| {
        case(
            format!("table::{name}_under_every_fault"),
            move || async move {
                every_fault(name, step, forms).await;
            },
        )
    };
    let mut trials: Vec<_> = STEPS.into_iter().map(of_step).collect();
    for (times, name) in [(Once, "at_first"), (Always, "for_good")] {
        trials.push(case(
            format!("table::a_gate_that_is_left_unread_{name}_holds_back_all_the_same"),
            move || async move {
                let scene = Scene::start(Step::ReadGates, Form::Update).await;
                scene.unread_gate(times).await;
            },
        ));
    }
    trials.extend(pending::cases());
    trials
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
struct Row {
    step: Step,
    form: Form,
    fault: TableFault,
    times: Times,
}

/// What became of a row.
#[derive(Debug, Default)]
struct Seen {
    wrong: Vec<String>,
    is_logged_at_once: bool,
    took: Duration,
    until_logged: Duration,
    calls: usize,
}

async fn every_fault(name: &str, step: Step, forms: &[Form]) {
    let row = |form, (fault, times)| Row {
        step,
        form,
        fault,
        times,
    };
    let rows = forms.iter();
    let rows: Vec<_> = rows
        .flat_map(|form| FAULTS.map(|fault| row(*form, fault)))
        .collect();
    let seen = join_all(rows.iter().map(|row| row.run())).await;
    let at_once = seen.iter().filter(|seen| seen.is_logged_at_once).count();
    let took = seen.iter().map(|seen| seen.took).max().unwrap_or_default();
    let later = seen.iter().map(|seen| seen.until_logged).max();
    let calls = seen.iter().map(|seen| seen.calls).max().unwrap_or_default();
    figure(&format!(
        "{name}: {} rows, {at_once} logged at once; the longest reply took {took:.1?}, the longest \
         until it was logged {:.1?}; at most {calls} calls",
        rows.len(),
        later.unwrap_or_default(),
    ));
    let wrong = rows.iter().zip(&seen);
    let wrong: Vec<_> = wrong
        .filter(|(_, seen)| !seen.wrong.is_empty())
        .map(|(row, seen)| format!("{row:?}: {:#?}", seen.wrong))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

impl Row {
    /// Whether the request must be logged in spite of the fault. At the last four steps the CRM
    /// has failed before, or nobody waits for the answer.
    fn must_be_overcome(&self) -> bool {
        let is_after_a_failure = matches!(
            self.step,
            Step::Release | Step::CloseGate | Step::Probe | Step::OpenGate
        );
        !is_after_a_failure && OVERCOME.contains(&(self.fault, self.times))
    }

    async fn run(&self) -> Seen {
        let mut seen = Seen::default();
        let mut scene = Scene::start(self.step, self.form).await;
        scene.workers.proxy.plan(self.step, self.fault, self.times);
        let begun = Instant::now();
        seen.is_logged_at_once = scene.send(&mut seen.wrong).await;
        seen.took = begun.elapsed();
        if seen.took > LONGEST {
            seen.wrong.push(format!("the reply took {:?}", seen.took));
        }
        if scene.workers.proxy.clear_plan() == 0 {
            seen.wrong.push("the fault struck nothing".to_owned());
        }
        if self.must_be_overcome() && !seen.is_logged_at_once {
            seen.wrong.push("one fault was not overcome".to_owned());
        }
        let mut is_logged = seen.is_logged_at_once;
        while !is_logged && begun.elapsed() < UNTIL_LOGGED {
            tokio::time::sleep(Duration::from_secs(1)).await;
            is_logged = scene.send(&mut seen.wrong).await;
        }
        seen.until_logged = begun.elapsed();
        match is_logged {
            true => scene.send_another(&mut seen.wrong).await,
            false => seen.wrong.push("a repeat does not get through".to_owned()),
        }
        seen.wrong.extend(scene.wrong().await);
        seen.calls = scene.workers.crm.journal().len();
        if seen.calls > MOST_CALLS {
            seen.wrong.push(format!("{} calls of the CRM", seen.calls));
        }
        seen
    }
}
