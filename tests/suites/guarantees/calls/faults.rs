//! Every fault of a CRM at every call that a request makes: the reply is true, and in the end the
//! activity says what was told, once, around what a person wrote in it.
//!
//! Either the request is sent until it is done, or it is sent by a user who relies on us, and the
//! scheduled function has to finish it.

use std::time::{Duration, Instant};

use daybook_fakes::person;
use daybook_tests::runner::case;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::stage::{Stage, log_id, said};
use super::told::{create, held, late_data, made, title, update, with};
use crate::faults::trouble::{Call, HANGS, Trouble, begin_doubt};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Errand {
    Create,
    Update,
    Dispose,
}

type Row = (Errand, Call, &'static str);

const ROWS: [Row; 6] = [
    (Errand::Create, Call::Create, "create"),
    (Errand::Create, Call::Look, "create_look"),
    (Errand::Update, Call::Read, "update_read"),
    (Errand::Update, Call::Update, "update"),
    (Errand::Update, Call::Reread, "update_reread"),
    (Errand::Dispose, Call::Update, "disposition"),
];

/// How it is finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The request is sent again.
    Repeated,
    /// We hold credentials, and the scheduled function runs.
    Kept,
}

const WAYS: [(Way, &str); 2] = [(Way::Repeated, "repeated"), (Way::Kept, "kept")];

/// What is waited between the repeats, or between the runs: for a doubt, for a CRM that was down,
/// and for what it has refused.
const WAITS: [Duration; 6] = [
    Duration::ZERO,
    Duration::from_secs(6),
    Duration::from_secs(31),
    Duration::from_secs(6 * 60),
    Duration::from_secs(66 * 60),
    Duration::from_secs(26 * 60 * 60),
];

/// When a reply must have come.
const IN_TIME: Duration = Duration::from_secs(13);
/// The most calls of the CRM for one request: a write, a look or a read again, and two more writes.
const MOST_CALLS: usize = 5;

pub(super) fn cases() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (trouble, name) in Trouble::ALL {
        for (way, finished) in WAYS {
            if !trouble.lingers() {
                let name = format!("calls::faults::{name}::{finished}");
                trials.push(case(name, move || run(trouble, ROWS.to_vec(), way)));
                continue;
            }
            // Each takes its time.
            for row in ROWS {
                let name = format!("calls::faults::{name}::{}::{finished}", row.2);
                trials.push(case(name, move || run(trouble, vec![row], way)));
            }
        }
    }
    trials
}

async fn run(trouble: Trouble, rows: Vec<Row>, way: Way) {
    // A doubt lasts longer than the CRM hangs.
    let quarantine = if trouble.lingers() { "25" } else { "1" };
    let stage = Stage::start_with(quarantine).await;
    for (session, row) in (1..).zip(rows) {
        if way == Way::Kept {
            stage.sign_in().await;
        }
        let mut scene = Scene::set(&stage, session, trouble, row, way).await;
        scene.strike().await;
        match way {
            Way::Repeated => scene.repeat().await,
            Way::Kept => scene.deliver().await,
        }
        scene.finish().await;
        stage.pass(Duration::from_secs(66 * 60)).await;
    }
}

/// A call, and a request about it that meets with trouble.
struct Scene<'a> {
    stage: &'a Stage,
    session: u64,
    trouble: Trouble,
    row: Row,
    way: Way,
    params: Value,
    /// The activity and its note before, where there is one.
    before: Option<(u64, String)>,
    is_done: bool,
}

impl<'a> Scene<'a> {
    async fn set(stage: &'a Stage, session: u64, trouble: Trouble, row: Row, way: Way) -> Self {
        let chosen = json!({"dispositions": stage.crm.kind().choice(session)});
        let params = match row.0 {
            Errand::Create => create(session),
            Errand::Update => update(session, late_data(session)),
            Errand::Dispose => update(session, chosen),
        };
        let params = match way {
            Way::Repeated => params,
            Way::Kept => held(params),
        };
        let mut before = None;
        if row.0 != Errand::Create {
            let id = stage.done("createCallLog", &create(session)).await;
            let note = stage.crm.open_note(id).await;
            let note = person::below(&person::above(&note, "A remark"), "Another one");
            stage.crm.save_note(id, &note).await;
            before = Some((id, note));
        }
        stage.crm.clear_journal();
        Self {
            stage,
            session,
            trouble,
            row,
            way,
            params,
            before,
            is_done: false,
        }
    }

    /// Sends the request while the trouble lasts, and at once once more.
    async fn strike(&mut self) {
        let crm = &self.stage.crm;
        let (_, call, _) = self.row;
        if call.follows_on_doubt() {
            begin_doubt(crm, call);
            self.send().await;
            assert!(crm.unspent_rules().is_empty(), "{}", self.name());
            crm.clear_plan();
            self.stage.pass(WAITS[1]).await;
        }
        self.trouble.begin(crm, call).await;
        self.send().await;
        assert!(crm.unspent_rules().is_empty(), "{}", self.name());
        self.send().await;
    }

    async fn repeat(&mut self) {
        self.end_trouble().await;
        for wait in WAITS {
            self.stage.pass(wait).await;
            if self.is_done {
                return;
            }
            self.send().await;
        }
        assert!(
            self.is_done,
            "{}: a repeat does not get through",
            self.name()
        );
    }

    async fn deliver(&mut self) {
        // One run meets with the trouble too.
        self.stage.pass(WAITS[2]).await;
        self.stage.deliver_pending().await;
        self.end_trouble().await;
        self.stage.sign_in().await;
        for wait in WAITS {
            self.stage.pass(wait).await;
            self.stage.deliver_pending().await;
            if self.stands().await {
                // What is in doubt is looked at once more when a limit is over.
                self.stage.pass(WAITS[3]).await;
                self.stage.deliver_pending().await;
                return;
            }
        }
        panic!("{}: it is not delivered", self.name());
    }

    async fn end_trouble(&self) {
        let crm = &self.stage.crm;
        crm.clear_plan();
        crm.accept_connections().await;
        if self.trouble.lingers() {
            let limit = HANGS + Duration::from_secs(5);
            let is_over = crm.wait_until(limit, |calls| {
                calls.iter().all(|call| call.applied || call.finished)
            });
            assert!(is_over.await, "the CRM has not done it all");
        }
    }

    /// Sends the request, and checks everything about the reply.
    async fn send(&mut self) {
        let interface = match self.row.0 {
            Errand::Create => "createCallLog",
            Errand::Update => "updateCallLog",
            Errand::Dispose => "upsertCallDisposition",
        };
        let before = self.stage.crm.journal().len();
        let begun = Instant::now();
        let (status, reply) = self.stage.call(0, interface, &self.params).await;
        let (took, name) = (begun.elapsed(), self.name());
        assert!(took < IN_TIME, "{name}: answered after {took:?}");
        let calls = self.stage.crm.journal().len() - before;
        assert!(calls <= MOST_CALLS, "{name}: {calls} calls");
        assert_eq!(status, 200, "{name}: {reply}");
        let (words, stands) = (said(&reply), self.stands().await);
        let is_done = matches!(words, "Call logged" | "Call log updated" | "Already logged");
        let is_kept = words.contains("kept and will be");
        assert_eq!(reply["successful"], is_done || is_kept, "{name}: {reply}");
        assert!(stands || !is_done, "{name}: it does not stand: {reply}");
        assert!(!is_kept || self.way == Way::Kept, "{name}: {reply}");
        let is_denied = words.contains("is not logged") || words.contains("is not saved");
        assert!(!(is_denied && stands), "{name}: it stands: {reply}");
        if self.way == Way::Kept {
            let is_refused = words.contains("does not accept what is told");
            assert!(
                is_done || is_kept || is_refused,
                "{name}: it is not kept: {reply}"
            );
        }
        if is_done {
            let own = self.own().await;
            let id = own.last().map(|activity| &activity["id"]);
            assert_eq!(id, log_id(&reply).map(|id| json!(id)).as_ref(), "{name}");
        }
        self.is_done = is_done;
    }

    fn name(&self) -> String {
        format!("{:?} at {}", self.trouble, self.row.2)
    }

    /// The activities of the call.
    async fn own(&self) -> Vec<Value> {
        self.stage.titled(&title(self.session)).await
    }

    /// Whether what the request tells stands, and all else as it was.
    async fn stands(&self) -> bool {
        let own = self.own().await;
        own.iter().any(|activity| self.says(activity, &[]))
    }

    /// Whether an activity says what the request tells, and these updates.
    fn says(&self, activity: &Value, further: &[&Value]) -> bool {
        let note = activity["note"].as_str().expect("a note");
        let before = self.before.as_ref().map(|(_, before)| before.as_str());
        let expected = match (self.row.0, before) {
            (Errand::Update, Some(before)) => with(before, &self.params),
            (Errand::Dispose, Some(before)) => before.to_owned(),
            (Errand::Create | Errand::Update | Errand::Dispose, _) => made(&self.params, note),
        };
        let expected = further
            .iter()
            .fold(expected, |body, next| with(&body, next));
        let chosen = match self.row.0 {
            Errand::Dispose => activity["dispositions"] == self.params["dispositions"],
            Errand::Create | Errand::Update => true,
        };
        note == expected && chosen
    }

    /// That it stands once, and goes on being updated.
    async fn finish(&self) {
        let name = self.name();
        self.stage.pass(Duration::from_secs(11 * 60)).await;
        let touch = update(self.session, json!({"aiNote": "Wants 20 seats."}));
        let id = self.stage.done("updateCallLog", &touch).await;
        let own = self.own().await;
        assert_eq!(own.len(), 1, "{name}: {own:#?}");
        assert_eq!(own[0]["id"], id, "{name}");
        assert!(self.says(&own[0], &[&touch]), "{name}: {:#?}", own[0]);
        if self.way == Way::Kept {
            // Whatever was in doubt is looked after by then.
            self.stage.pass(Duration::from_secs(11 * 60)).await;
            self.stage.deliver_pending().await;
            let left = self.stage.waiting_changes().await;
            assert_eq!(left, 0, "{name}: changes wait that stand there");
        }
    }
}
