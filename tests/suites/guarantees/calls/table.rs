//! A table that fails at each step of a request about a call, and a worker that dies after each of
//! them, or at any call of the CRM: the reply is true, and who comes next makes it whole.

use std::time::{Duration, Instant};

use daybook_fakes::{Exchange, Fault, Invocation, Rule};
use daybook_tests::runner::case;
use daybook_tests::table_proxy::TableFault::{
    AnswersAfter, AppliesAfter, Fails, FailsAfter, LosesAnswer, Refuses,
};
use daybook_tests::table_proxy::Times::{Always, Once};
use daybook_tests::table_proxy::{Step, TableFault, Times};
use futures_util::future::join_all;
use http::Method;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::stage::{Stage, said};
use super::told::{create, held, late_data, title, update, with_all};

/// The faults, each at every step.
const FAULTS: [(TableFault, Times); 7] = [
    (Refuses("ProvisionedThroughputExceededException"), Once),
    (Refuses("ThrottlingException"), Always),
    (Fails, Always),
    (AppliesAfter(Duration::from_secs(5)), Once),
    (LosesAnswer, Once),
    (LosesAnswer, Always),
    (FailsAfter, Always),
];

/// Those that the next try overcomes, or waiting.
const OVERCOME: [(TableFault, Times); 3] = [
    (Refuses("ProvisionedThroughputExceededException"), Once),
    (AppliesAfter(Duration::from_secs(5)), Once),
    (LosesAnswer, Once),
];

/// Whether the request makes an activity or changes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Create,
    Update,
}

const BOTH: &[Form] = &[Form::Create, Form::Update];

const STEPS: [(&str, Step, &[Form]); 10] = [
    ("read", Step::Read, BOTH),
    ("accept", Step::Accept, BOTH),
    ("gate_read", Step::ReadGates, BOTH),
    ("lease", Step::Lease, BOTH),
    ("gather", Step::Gather, BOTH),
    ("trace", Step::Trace, &[Form::Create]),
    ("adoption", Step::Adopt, &[Form::Create]),
    ("settle", Step::Settle, BOTH),
    ("clear", Step::Clear, BOTH),
    ("release", Step::Release, BOTH),
];

/// The steps after which a worker dies.
const LAST_STEPS: [(&str, Step, &[Form]); 6] = [
    ("accept", Step::Accept, BOTH),
    ("lease", Step::Lease, BOTH),
    ("adoption", Step::Adopt, &[Form::Create]),
    ("settle", Step::Settle, BOTH),
    ("clear", Step::Clear, BOTH),
    ("release", Step::Release, BOTH),
];

/// How a call of the CRM stands when a worker dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sent {
    /// It is never applied.
    Before,
    /// It was applied.
    After,
    /// It is applied soon after.
    Later,
}

const MOMENTS: [(Sent, &str); 3] = [
    (Sent::Before, "before"),
    (Sent::After, "after"),
    (Sent::Later, "shortly_before"),
];

/// The calls of the CRM at which a worker dies.
const CALLS: [(&str, Form, Method); 3] = [
    ("the_create", Form::Create, Method::POST),
    ("the_read", Form::Update, Method::GET),
    ("the_update", Form::Update, Method::PATCH),
];

/// The longest that a reply may take.
const LONGEST: Duration = Duration::from_secs(14);
/// For longer than a test lasts.
const NEVER: Duration = Duration::from_secs(120);
/// Until a lease is over for everybody, and a guard is due.
const LEASE: Duration = Duration::from_secs(31);

pub(super) fn cases() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (name, step, forms) in STEPS {
        for form in forms {
            let name = format!("calls::table::{name}_of_{}_under_every_fault", form.name());
            trials.push(case(name, move || every_fault(step, *form)));
        }
    }
    for (is_kept, finished) in [(false, "repeated"), (true, "kept")] {
        for (name, step, forms) in LAST_STEPS {
            for form in forms {
                let of = form.name();
                let name = format!("calls::table::a_worker_dies_after_{name}_of_{of}::{finished}");
                trials.push(case(name, move || dies_after(step, *form, is_kept)));
            }
        }
        for (name, form, method) in CALLS {
            for (sent, moment) in MOMENTS {
                let method = method.clone();
                let name = format!("calls::table::a_worker_dies_{moment}_{name}::{finished}");
                trials.push(case(name, move || dies_at(method, sent, form, is_kept)));
            }
        }
    }
    trials
}

impl Form {
    fn name(self) -> &'static str {
        match self {
            Self::Create => "a_create",
            Self::Update => "an_update",
        }
    }

    fn interface(self) -> &'static str {
        match self {
            Self::Create => "createCallLog",
            Self::Update => "updateCallLog",
        }
    }
}

/// A call, and a request about it.
struct Scene {
    stage: Stage,
    form: Form,
    params: Value,
}

impl Scene {
    async fn set(step: Option<Step>, form: Form, is_kept: bool) -> Self {
        let stage = Stage::start().await;
        if is_kept {
            stage.sign_in().await;
        }
        let params = match form {
            Form::Create => create(1),
            Form::Update => update(1, late_data(1)),
        };
        if form == Form::Update {
            stage.done("createCallLog", &create(1)).await;
        }
        if step == Some(Step::Trace) {
            // The activity to be made turns out to be there already.
            let rule = Rule::new(Fault::DropAfter).method(Method::POST);
            stage.crm.plan(rule.once());
        }
        if step == Some(Step::Release) {
            let down = Fault::status_with(503, &[("retry-after", "1")], "");
            stage.crm.plan(Rule::new(down).once());
        }
        stage.crm.clear_journal();
        let params = if is_kept { held(params) } else { params };
        Self {
            stage,
            form,
            params,
        }
    }

    /// Sends the request. Says whether it is done, and adds to `wrong` where that is not true.
    async fn send(&self, worker: usize, wrong: &mut Vec<String>) -> bool {
        let interface = self.form.interface();
        let (status, reply) = self.stage.call(worker, interface, &self.params).await;
        let words = said(&reply);
        let is_done = matches!(words, "Call logged" | "Call log updated" | "Already logged");
        if !matches!(status, 200 | 500) || is_done != (reply["successful"] == true) {
            wrong.push(format!("a reply that says two things: {status} {reply}"));
        }
        if is_done && !self.stands(&[]).await {
            wrong.push(format!("it does not stand: {reply}"));
        }
        is_done
    }

    /// Whether one activity says all that was told, and nothing else does.
    async fn stands(&self, further: &[&Value]) -> bool {
        let own = self.stage.titled(&title(1)).await;
        let [activity] = own.as_slice() else {
            return false;
        };
        let note = activity["note"].as_str().expect("a note");
        let own = (self.form == Form::Update).then_some(&self.params);
        let told = own.into_iter().chain(further.iter().copied());
        note == with_all(&create(1), told, note)
    }

    /// Adds to `wrong` what does not stand in the end, when it goes on being updated.
    async fn finish(&self, wrong: &mut Vec<String>) {
        self.stage.pass(Duration::from_secs(11 * 60)).await;
        let touch = update(1, json!({"aiNote": "Wants 20 seats."}));
        let (_, reply) = self.stage.call(1, "updateCallLog", &touch).await;
        if reply["successful"] != true {
            wrong.push(format!("it is not updated: {reply}"));
        }
        if !self.stands(&[&touch]).await {
            let own = self.stage.crm.activities().await;
            wrong.push(format!("not what was told: {own:#?}"));
        }
    }

    /// Sends the request to a worker that is killed when `is_time`.
    async fn kill(&self, is_time: impl AsyncFn() -> bool) {
        let interface = self.form.interface();
        let sent = self.stage.invoke(0, interface, &self.params);
        let killed = async {
            while !is_time().await {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            // What was asked for is applied by then.
            tokio::time::sleep(Duration::from_millis(200)).await;
            self.stage.kill(0, interface).await;
        };
        let (invocation, ()) = futures_util::future::join(sent, killed).await;
        assert!(
            matches!(invocation, Invocation::Exited { .. }),
            "{invocation:?}"
        );
    }

    /// Has others finish what a dead worker has left.
    async fn take_up(&self, is_kept: bool) {
        self.stage.crm.clear_plan();
        self.stage.proxy.clear_plan();
        let mut wrong = Vec::new();
        let mut is_done = false;
        for _ in 0..4 {
            self.stage.pass(LEASE).await;
            is_done = match is_kept {
                true => {
                    self.stage.deliver_pending().await;
                    self.stands(&[]).await
                }
                false => self.send(1, &mut wrong).await,
            };
            if is_done {
                break;
            }
        }
        assert!(
            is_done,
            "it is not finished: {:#?}",
            self.stage.crm.activities().await
        );
        self.finish(&mut wrong).await;
        assert!(wrong.is_empty(), "{wrong:#?}");
        if is_kept {
            self.stage.pass(LEASE).await;
            self.stage.deliver_pending().await;
            assert_eq!(self.stage.waiting_changes().await, 0, "all of it stands");
        }
    }
}

async fn every_fault(step: Step, form: Form) {
    let rows = FAULTS.map(|(fault, times)| row(step, form, fault, times));
    let wrong = join_all(rows).await;
    let wrong: Vec<_> = (FAULTS.iter().zip(&wrong))
        .filter(|(_, wrong)| !wrong.is_empty())
        .map(|(fault, wrong)| format!("{fault:?}: {wrong:#?}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with a fault at a step.
async fn row(step: Step, form: Form, fault: TableFault, times: Times) -> Vec<String> {
    let scene = Scene::set(Some(step), form, false).await;
    let mut wrong = Vec::new();
    let proxy = &scene.stage.proxy;
    proxy.plan(step, fault, times);
    let begun = Instant::now();
    let mut is_done = scene.send(0, &mut wrong).await;
    if begun.elapsed() > LONGEST {
        wrong.push(format!("the reply took {:?}", begun.elapsed()));
    }
    if proxy.clear_plan() == 0 {
        wrong.push("the fault struck nothing".to_owned());
    }
    if step != Step::Release && OVERCOME.contains(&(fault, times)) && !is_done {
        wrong.push("one fault was not overcome".to_owned());
    }
    for _ in 0..6 {
        if is_done {
            break;
        }
        scene.stage.pass(LEASE).await;
        is_done = scene.send(1, &mut wrong).await;
    }
    if !is_done {
        wrong.push("a repeat does not get through".to_owned());
    }
    scene.finish(&mut wrong).await;
    wrong
}

async fn dies_after(step: Step, form: Form, is_kept: bool) {
    let scene = Scene::set(Some(step), form, is_kept).await;
    scene.stage.proxy.plan(step, AnswersAfter(NEVER), Once);
    scene.kill(async || scene.stage.proxy.struck() > 0).await;
    scene.take_up(is_kept).await;
}

async fn dies_at(method: Method, sent: Sent, form: Form, is_kept: bool) {
    let scene = Scene::set(None, form, is_kept).await;
    let fault = match sent {
        Sent::Before => Fault::Hang(NEVER),
        Sent::After => Fault::DelayAnswer(NEVER),
        Sent::Later => Fault::HangThenApply(Duration::from_secs(1)),
    };
    scene
        .stage
        .crm
        .plan(Rule::new(fault).method(method.clone()).once());
    let crm = &scene.stage.crm;
    let is_struck =
        |call: &Exchange| call.method == method && (sent != Sent::After || call.applied);
    scene
        .kill(async || crm.journal().iter().any(is_struck))
        .await;
    if sent == Sent::Later {
        let applied = |calls: &[Exchange]| calls.iter().all(|call| call.applied);
        assert!(crm.wait_until(Duration::from_secs(5), applied).await);
    }
    scene.take_up(is_kept).await;
}
