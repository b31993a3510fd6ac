//! One digest, one text that is sent until it is logged, and what must hold at every reply.

use std::time::{Duration, Instant};

use daybook_tests::params::{example, inbound, with_message};
use daybook_tests::world::World;
use serde_json::Value;

use super::rows::Reply;
use super::told::Told;
use super::trouble::{Call, HANGS, Trouble};
use crate::expect::{assert_in_order, note, success};
use crate::later::pass;

/// When a reply must have come: 12 s, and what a busy machine adds.
const IN_TIME: Duration = Duration::from_secs(13);

/// A digest and the text that is to join it, or to open it.
pub(super) struct Scene<'a> {
    world: &'a World,
    interface: &'static str,
    params: Value,
    texts: Vec<&'static str>,
    log_id: Option<&'static str>,
    is_logged: bool,
    /// How many calls of the CRM there were at the last reply.
    calls: usize,
    /// What was told so far, by its name in logs.
    outcomes: Vec<&'static str>,
}

impl<'a> Scene<'a> {
    pub(super) async fn set(world: &'a World, call: Call) -> Self {
        let mut scene = Self {
            world,
            interface: "createMessageLog",
            params: example(),
            texts: vec!["Flight information"],
            log_id: None,
            is_logged: false,
            calls: 0,
            outcomes: Vec::new(),
        };
        if !call.is_create() {
            let reply = world.call(scene.interface, &scene.params).await;
            assert_eq!(reply, success("1", "Message logged"));
            scene.interface = "updateMessageLog";
            scene.params = with_message(inbound(2, "2015-02-18T13:30:00.000Z", "Thank you"));
            scene.texts.push("Thank you");
            scene.log_id = Some("1");
            world.crm.clear_journal();
        }
        scene
    }

    /// Sends the text, and checks everything about the reply.
    pub(super) async fn send(&mut self, (told, calls): Reply) {
        let is_refused = self.log_id.is_none() && matches!(told, Told::Refused(_));
        let asks = usize::from(is_refused) * self.calls_of_a_refusal();
        self.send_again(told, calls + asks, false).await;
    }

    fn calls_of_a_refusal(&self) -> usize {
        let is_first = self.outcomes.is_empty();
        self.world.crm.kind().calls_of_a_refusal(is_first)
    }

    /// That something has gone wrong.
    pub(super) fn assert_struck(&self) {
        assert!(self.world.crm.unspent_rules().is_empty());
    }

    /// Sends it before the time that was named: nobody calls the CRM.
    pub(super) async fn send_too_early(&mut self, told: Told) {
        if told.holds_back() {
            self.send_again(told, 0, true).await;
        }
    }

    async fn send_again(&mut self, told: Told, calls: usize, early: bool) {
        let crm = &self.world.crm;
        let begun = Instant::now();
        let reply = self.world.call(self.interface, &self.params).await;
        let took = begun.elapsed();
        told.assert(&reply, self.log_id, early);
        assert!(took < IN_TIME, "answered after {took:?}");
        let journal = crm.journal();
        assert_eq!(journal.len(), self.calls + calls, "{journal:#?}");
        self.calls = journal.len();
        self.is_logged = told.is_logged();
        self.outcomes.push(told.outcome());
        self.assert_log_lines().await;
        self.assert_true(&reply.1).await;
    }

    /// That there is one line for each request, with what it was told.
    async fn assert_log_lines(&self) {
        let line = format!("{} answered 200 (", self.interface);
        let mut told = Vec::new();
        for _ in 0..200 {
            let output = self.world.output();
            let ends = output.split(&line).skip(1);
            told = ends
                .filter_map(|end| end.split(')').next())
                .map(str::to_owned)
                .collect();
            if told.len() >= self.outcomes.len() {
                break;
            }
            // What was printed is on its way.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(told, self.outcomes);
    }

    /// That the reply says nothing but the truth about the text, at once.
    async fn assert_true(&self, reply: &Value) {
        let text = self.texts.last().expect("a text");
        let activities = self.world.crm.activities().await;
        let stands = activities.iter().any(|log| note(log).contains(text));
        if reply["successful"] == true {
            assert!(stands, "told to be logged: {activities:#?}");
        }
        let words = reply["returnMessage"]["message"].as_str().expect("words");
        if words.contains("is not logged") {
            assert!(!stands, "told not to be logged: {activities:#?}");
        }
    }

    pub(super) async fn end_trouble(&self, trouble: Trouble) {
        end_of(self.world, trouble).await;
    }

    /// Waits as long as a reply says.
    pub(super) async fn wait(&self, told: Told) {
        pass(self.world, told.again_after()).await;
        let calls = self.world.crm.journal().len();
        assert_eq!(calls, self.calls, "nothing is called behind a reply");
    }

    /// Sends the text until it stands there, which takes `calls`: once, with all others.
    pub(super) async fn finish(&mut self, calls: usize) {
        if !self.is_logged {
            self.send((Told::Logged, calls)).await;
        }
        self.send((Told::Already, 0)).await;
        let activities = self.world.crm.activities().await;
        assert_eq!(activities.len(), 1, "{activities:#?}");
        assert_in_order(note(&activities[0]), &self.texts);
    }
}

/// Ends the trouble, and waits until the CRM has done all that it was asked for.
pub(super) async fn end_of(world: &World, trouble: Trouble) {
    let crm = &world.crm;
    crm.clear_plan();
    crm.accept_connections().await;
    if trouble.lingers() {
        let limit = HANGS + Duration::from_secs(5);
        let is_over = crm.wait_until(limit, |calls| {
            calls.iter().all(|call| call.applied || call.finished)
        });
        assert!(is_over.await, "the CRM has not done it all");
    }
}
