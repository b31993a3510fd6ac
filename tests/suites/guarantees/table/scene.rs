//! The world of a row: what was before, so that the step comes, and what is sent.

use std::time::Duration;

use daybook_fakes::{Fault, Rule};
use daybook_tests::params::{set, text, texts, with_message};
use daybook_tests::stands::{activities_of, note, note_of, wrong_with};
use daybook_tests::table_proxy::{Step, TableFault, Times};
use daybook_tests::workers::Workers;
use http::Method;
use serde_json::{Value, json};

/// Whether the text makes an activity or joins one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// It makes one.
    Create,
    /// It joins one.
    Update,
}

impl Form {
    pub(super) const BOTH: [Self; 2] = [Self::Create, Self::Update];
}

/// A worker with a table and a CRM, and what it is sent.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) workers: Workers,
    params: Value,
    /// The text that is sent.
    sent: String,
    /// What has to stand in the end.
    texts: Vec<String>,
    /// How many activities of other digests there are.
    others: usize,
}

/// The contact of every row.
const CONTACT: u64 = 1001;
/// For how long the CRM asks to be left alone, where it does.
const RETRY_AFTER: &str = "1";

impl Scene {
    /// A world in which the next text brings about `step`.
    pub(super) async fn start(step: Step, form: Form) -> Self {
        let workers = Workers::start(1).await;
        let mut scene = Self {
            workers,
            params: message(5),
            sent: text(5),
            texts: vec![text(5)],
            others: 0,
        };
        match (step, form) {
            (Step::Trace, form) => scene.needs_a_trace(form).await,
            (_, Form::Update) => scene.log_before(1).await,
            (_, Form::Create) => {}
        }
        if matches!(step, Step::Release | Step::CloseGate) {
            scene.crm_fails_once();
        }
        if matches!(step, Step::Probe | Step::OpenGate) {
            scene.waits_behind_a_gate().await;
        }
        scene
    }

    /// A lease that names another write than the one that follows: the log to be carried on turns
    /// out to be another digest's, or the activity to be made is there already.
    async fn needs_a_trace(&mut self, form: Form) {
        match form {
            Form::Create => {
                let mut other = message(1);
                set(&mut other, "message.conversationId", json!(7));
                let (_, reply) = self.workers.call(0, &other).await;
                let log = json!({"thirdPartyLogId": reply["logId"]});
                set(&mut self.params, "existingMessageLog", log);
                self.others = 1;
            }
            Form::Update => {
                let rule = Rule::new(Fault::DropAfter).method(Method::POST);
                self.workers.crm.plan(rule.once());
            }
        }
    }

    async fn log_before(&mut self, number: u64) {
        let (_, reply) = self.workers.call(0, &message(number)).await;
        assert_eq!(reply["successful"], true, "{reply}");
        self.texts.insert(0, text(number));
    }

    /// A text that the CRM did not take, and a gate that has just opened.
    async fn waits_behind_a_gate(&mut self) {
        self.crm_fails_once();
        let (_, reply) = self.workers.call(0, &message(2)).await;
        assert_eq!(reply["successful"], false, "{reply}");
        self.texts.insert(1, text(2));
        tokio::time::sleep(Duration::from_millis(1_300)).await;
    }

    fn crm_fails_once(&self) {
        let down = Fault::status_with(503, &[("retry-after", RETRY_AFTER)], "");
        self.workers.crm.plan(Rule::new(down).once());
    }

    /// Sends the text. Says whether it is logged, and adds to `wrong` where that is not true.
    pub(super) async fn send(&self, wrong: &mut Vec<String>) -> bool {
        let (status, reply) = self.workers.call(0, &self.params).await;
        self.is_logged(&self.sent, status, &reply, wrong).await
    }

    /// Sends a text more of the same digest, until it is logged too: a worker that cannot say that
    /// it tries no more keeps others back for 15 s.
    pub(super) async fn send_another(&mut self, wrong: &mut Vec<String>) {
        for _ in 0..20 {
            let (status, reply) = self.workers.call(0, &message(9)).await;
            if self.is_logged(&text(9), status, &reply, wrong).await {
                self.texts.push(text(9));
                return;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        wrong.push("the next text does not get through".to_owned());
    }

    /// What a reply says, held against the CRM at the moment when it comes.
    async fn is_logged(
        &self,
        sent: &str,
        status: u64,
        reply: &Value,
        wrong: &mut Vec<String>,
    ) -> bool {
        let said = reply["returnMessage"]["message"]
            .as_str()
            .unwrap_or_default();
        let says_logged = said == "Message logged" || said == "Already logged";
        if says_logged != (reply["successful"] == true) || !matches!(status, 200 | 500) {
            wrong.push(format!("a reply that says two things: {status} {reply}"));
        }
        if !says_logged {
            return false;
        }
        let Some(log_id) = reply["logId"].as_str() else {
            wrong.push(format!("it is logged, and nowhere: {reply}"));
            return true;
        };
        let note = note_of(&self.workers.crm, log_id).await;
        if note.matches(sent).count() != 1 {
            wrong.push(format!("{sent} is not there after {said:?}: {note}"));
        }
        true
    }

    /// A gate is closed, and the read of it is answered without it: throttled keys of a batch come
    /// back as unprocessed, without an error. Nobody calls the CRM all the same.
    pub(super) async fn unread_gate(&self, times: Times) {
        let down = Fault::status_with(503, &[("retry-after", "9")], "");
        self.workers.crm.plan(Rule::new(down).once());
        let (_, reply) = self.workers.call(0, &self.params).await;
        assert_eq!(reply["successful"], false, "{reply}");
        self.workers.crm.clear_journal();
        let proxy = &self.workers.proxy;
        proxy.plan(Step::ReadGates, TableFault::LeavesUnprocessed, times);
        let mut other = message(6);
        set(&mut other, "message.conversationId", json!(7));
        let (status, reply) = self.workers.call(0, &other).await;
        let (struck, expected) = match times {
            Times::Once => (1, 200),
            Times::Always => (4, 500),
        };
        assert_eq!((proxy.clear_plan(), status), (struck, expected), "{reply}");
        assert_eq!(self.workers.crm.journal().len(), 0, "{reply}");
        assert_eq!(reply["successful"], false, "{reply}");
    }

    /// What is wrong in the CRM in the end.
    pub(super) async fn wrong(&self) -> Vec<String> {
        let activities = activities_of(&self.workers.crm, CONTACT).await;
        let made = activities.len();
        let mut wrong = match activities.last() {
            Some(last) => wrong_with(note(last), &self.texts),
            None => Vec::new(),
        };
        if made != 1 + self.others {
            wrong.push(format!("{made} activities stand there: {activities:#?}"));
        }
        wrong
    }
}

fn message(number: u64) -> Value {
    with_message(texts([number]).remove(0))
}
