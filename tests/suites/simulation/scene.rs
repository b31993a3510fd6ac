//! A small scene for a case that is told step by step: one conversation, one worker at a time.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use daybook_api::digest::Outcome;
use libtest_mimic::Trial;

use crate::model::{Judge, Strictness, Told};
use crate::schedule::Schedule;
use crate::seeds::in_time;
use crate::worker::{Interrupt, Worker};
use crate::world::{Made, Reply, World};

/// A case in simulated time; it fails by panicking.
pub(crate) fn simulated<F: Future<Output = ()>>(
    name: impl Into<String>,
    body: impl FnOnce() -> F + Send + 'static,
) -> Trial {
    Trial::test(name, move || {
        in_time(body());
        Ok(())
    })
}

/// A world with one conversation.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) world: Arc<World>,
    pub(crate) schedule: Schedule,
}

impl Scene {
    /// A conversation of `texts`, of which nothing was sent yet.
    pub(crate) fn of(texts: &[&str]) -> Self {
        Self::made(texts, &Made::calm())
    }

    /// [`Scene::of`] in a world that is made differently.
    pub(crate) fn made(texts: &[&str], made: &Made) -> Self {
        Self {
            world: World::new(made),
            schedule: Schedule::plain(texts),
        }
    }

    /// A request with some of the texts, by a worker to which `interrupts` happen.
    pub(crate) async fn send_by(
        &self,
        texts: &[usize],
        interrupts: Vec<Interrupt>,
    ) -> (Reply, Arc<Worker>) {
        let worker = self.world.worker(interrupts, TimeDelta::zero());
        let reply = self.send_with(texts, &worker).await;
        (reply, worker)
    }

    /// A request with some of the texts, by `worker`.
    pub(crate) async fn send_with(&self, texts: &[usize], worker: &Arc<Worker>) -> Reply {
        let params = self.schedule.params(0, texts);
        self.world.request(&params, worker, TimeDelta::zero()).await
    }

    /// A request with some of the texts. Says how many of them stand in the CRM.
    pub(crate) async fn send(&self, texts: &[usize]) -> usize {
        let (reply, _) = self.send_by(texts, Vec::new()).await;
        reply.logged(&self.schedule.params(0, texts)).len()
    }

    /// A request with some of the texts, with credentials of its own. Says what became of them.
    pub(crate) async fn bring(&self, texts: &[usize]) -> Outcome {
        self.outcome(true, texts).await
    }

    /// A request with some of the texts, for which we hold the credentials. Says what became of
    /// them.
    pub(crate) async fn rely(&self, texts: &[usize]) -> Outcome {
        self.outcome(false, texts).await
    }

    async fn outcome(&self, brings: bool, texts: &[usize]) -> Outcome {
        let worker = self.world.worker(Vec::new(), TimeDelta::zero());
        let params = self.schedule.params(0, texts);
        let sent = self
            .world
            .request_that(brings, &params, &worker, TimeDelta::zero());
        match sent.await {
            Reply::Answered(outcome) => outcome,
            other @ (Reply::Failed | Reply::Died) => panic!("{other:?}\n{}", self.story()),
        }
    }

    /// Repeats a request until all of it stands in the CRM.
    pub(crate) async fn send_until_logged(&self, texts: &[usize]) {
        for _ in 0..60 {
            if self.send(texts).await == texts.len() {
                return;
            }
            self.wait(5).await;
        }
        panic!("it is never logged\n{}", self.story());
    }

    /// Lets time go by.
    pub(crate) async fn wait(&self, seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    /// What is wrong where these texts, and no others, have to stand.
    pub(crate) fn wrong(&self, texts: &[usize]) -> Vec<String> {
        let judge = Judge::of(&self.schedule);
        let activities = self.world.crm.activities();
        let must = self.schedule.ids(texts);
        let mut wrong = judge.judge(&activities, &must, &Told::default(), Strictness::AtLast);
        wrong.extend(self.world.crm.violations());
        wrong
    }

    /// Fails where something is wrong, or another activity was ever made.
    pub(crate) fn assert_one_activity(&self, texts: &[usize]) {
        let mut wrong = self.wrong(texts);
        let made = self.world.crm.activities().len();
        if made != 1 {
            wrong.push(format!("{made} activities were made"));
        }
        assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), self.story());
    }

    /// What happened.
    pub(crate) fn story(&self) -> String {
        self.world.trace.lines().join("\n")
    }
}
