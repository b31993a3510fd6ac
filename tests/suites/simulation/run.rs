//! Runs a schedule and has it judged.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use daybook_core::params::MessageLogParams;

use crate::crm::CrmFaults;
use crate::model::{Judge, Strictness, Told};
use crate::schedule::Schedule;
use crate::table::Faults;
use crate::world::{Made, Reply, World};

/// The most calls of the CRM that one worker may make for a window.
const MOST_CALLS: usize = 14;

/// What was promised so far.
#[derive(Debug, Default)]
struct Promises {
    accepted: BTreeSet<u64>,
    logged: BTreeSet<u64>,
    told: Told,
    wrong: Vec<String>,
}

struct Run {
    schedule: Schedule,
    world: Arc<World>,
    judge: Judge,
    promises: Mutex<Promises>,
}

/// What a schedule came to: what is wrong, and the lines of its trace.
pub(crate) async fn run(schedule: Schedule, traces: bool) -> (Vec<String>, Vec<String>) {
    let world = World::new(&Made {
        seed: schedule.seed,
        base: schedule.base,
        kind: schedule.kind,
        crm: schedule.crm,
        table: schedule.table,
        held: schedule.held,
        measures: false,
        traces,
    });
    world.crm.set_outages(schedule.outages.clone());
    let run = Arc::new(Run {
        judge: Judge::of(&schedule),
        schedule,
        world,
        promises: Mutex::default(),
    });
    run.active().await;
    run.quiet().await;
    let mut wrong = std::mem::take(&mut run.promises().wrong);
    wrong.extend(run.world.crm.violations());
    (wrong, run.world.trace.lines())
}

fn number(id: &daybook_core::ids::MessageId) -> u64 {
    id.as_str().parse().unwrap_or_default()
}

impl Run {
    fn promises(&self) -> std::sync::MutexGuard<'_, Promises> {
        self.promises.lock().expect("nothing panics with it")
    }

    fn wrong(&self, what: String) {
        self.world.trace.say(|| format!("WRONG: {what}"));
        self.promises().wrong.push(what);
    }

    /// Requests, edits and ticks, all at their times.
    async fn active(self: &Arc<Self>) {
        let mut all = tokio::task::JoinSet::new();
        for (index, request) in self.schedule.requests.iter().enumerate() {
            let (run, at) = (self.clone(), request.at);
            all.spawn(async move {
                run.world.time.until(at).await;
                run.request(index).await;
            });
        }
        let run = self.clone();
        all.spawn(async move { run.edits().await });
        for at in self.schedule.sign_ins.clone() {
            let run = self.clone();
            all.spawn(async move {
                run.world.time.until(at).await;
                run.world.sign_in().await;
            });
        }
        let run = self.clone();
        all.spawn(async move {
            for (minute, interrupts) in (1..).zip(&run.schedule.ticks) {
                run.world.time.until(Duration::from_secs(60 * minute)).await;
                let worker = run.world.worker(interrupts.clone(), TimeDelta::zero());
                let world = run.world.clone();
                // A slow run does not keep the next one from starting.
                tokio::spawn(async move { world.tick(&worker, TimeDelta::zero()).await });
            }
        });
        while let Some(done) = all.join_next().await {
            if let Err(error) = done {
                self.wrong(format!("a worker panicked: {error}"));
            }
        }
    }

    async fn request(&self, index: usize) {
        let request = &self.schedule.requests[index];
        let params = self.schedule.params(request.conversation, &request.texts);
        let worker = self.world.worker(request.interrupts.clone(), request.skew);
        let (brings, skew) = (request.brings, request.skew);
        let reply = self
            .world
            .request_that(brings, &params, &worker, skew)
            .await;
        self.heed(&params, &reply);
        let calls = worker
            .calls()
            .iter()
            .filter(|call| call.starts_with("crm."))
            .count();
        let windows = windows(&self.schedule, &params) * (1 + self.most_parts());
        if calls > MOST_CALLS * windows {
            self.wrong(format!("w{} called the CRM {calls} times", worker.number));
        }
    }

    fn most_parts(&self) -> usize {
        self.schedule.kind.max_note_bytes.map_or(0, |_| 8)
    }

    /// Takes a reply at its word: what it says stands in the CRM has to stand there now.
    fn heed(&self, params: &MessageLogParams, reply: &Reply) {
        let logged: BTreeSet<_> = reply.logged(params).iter().map(number).collect();
        let accepted: BTreeSet<_> = reply.accepted(params).iter().map(number).collect();
        let told = {
            let mut promises = self.promises();
            promises.logged.extend(&logged);
            promises.accepted.extend(accepted);
            Told(promises.told.0.clone())
        };
        let activities = self.world.crm.activities();
        let wrong = self
            .judge
            .judge(&activities, &logged, &told, Strictness::AtReply);
        for what in wrong {
            // Two activities, or another's write in between, are judged when it is quiet.
            if what.contains(" times, not ") {
                self.wrong(format!("at a reply: {what}"));
            }
        }
    }

    async fn edits(&self) {
        for (number, edit) in self.schedule.edits.iter().enumerate() {
            self.world.time.until(edit.at).await;
            self.world
                .crm
                .edit(edit.which, edit.kind, edit.chance, number);
            let mut promises = self.promises();
            let logged = promises.logged.clone();
            for activity in self.world.crm.activities() {
                for edit in &activity.edits {
                    let place = (activity.id, edit.revision);
                    promises
                        .told
                        .0
                        .entry(place)
                        .or_insert_with(|| logged.clone());
                }
            }
        }
    }

    /// Everything works again: judged after the scheduled function has had time, after every
    /// request was repeated, and after the last thing that was due.
    async fn quiet(&self) {
        let world = &self.world;
        world.trace.say(|| "quiet from here".to_owned());
        world.table.set_faults(Faults::NONE);
        world.crm.set_faults(CrmFaults::NONE);
        world.crm.set_outages(Vec::new());
        // Without credentials nobody looks again, and after the quarantine nobody expects a write.
        let looks_again = self.schedule.held && !self.schedule.is_mixed();
        let how = match looks_again && !self.schedule.is_later_than_thought() {
            true => Strictness::Meanwhile,
            false => Strictness::AtReply,
        };
        if self.schedule.held {
            world.minutes(25).await;
            self.judged("without repeats", false, how);
        } else {
            tokio::time::sleep(Duration::from_secs(900)).await;
        }
        self.repeat_all().await;
        self.judged("after repeats", true, how);
        if self.schedule.held {
            if !world.settle().await {
                self.wrong(format!(
                    "something is due for ever: {:?}",
                    world.table.next_due()
                ));
            }
            let at_last = match looks_again {
                true => Strictness::AtLast,
                false => Strictness::AtReply,
            };
            self.judged("at last", true, at_last);
        }
    }

    async fn repeat_all(&self) {
        for index in 0..self.schedule.conversations.len() {
            let sent = self
                .schedule
                .requests
                .iter()
                .filter(|request| request.conversation == index);
            let texts: BTreeSet<_> = sent.flat_map(|request| request.texts.clone()).collect();
            let texts: Vec<_> = texts.into_iter().collect();
            if texts.is_empty() {
                continue;
            }
            let params = self.schedule.params(index, &texts);
            let mut reply = Reply::Died;
            for _ in 0..6 {
                let worker = self.world.worker(Vec::new(), TimeDelta::zero());
                reply = self
                    .world
                    .request(&params, &worker, TimeDelta::zero())
                    .await;
                self.heed(&params, &reply);
                if reply.logged(&params).len() == params.messages.len() {
                    break;
                }
                tokio::time::sleep(Duration::from_secs(70)).await;
            }
            if reply.logged(&params).len() < params.messages.len() {
                self.wrong(format!("a repeat does not get through: {reply:?}"));
            }
        }
    }

    fn judged(&self, when: &str, all: bool, how: Strictness) {
        let (must, told) = {
            let promises = self.promises();
            (promises.accepted.clone(), Told(promises.told.0.clone()))
        };
        let mut must = must;
        if all {
            for request in &self.schedule.requests {
                let texts = &self.schedule.conversations[request.conversation].texts;
                must.extend(request.texts.iter().map(|text| texts[*text].id));
            }
        }
        for what in self
            .judge
            .judge(&self.world.crm.activities(), &must, &told, how)
        {
            self.wrong(format!("{when}: {what}"));
        }
    }
}

fn windows(schedule: &Schedule, params: &MessageLogParams) -> usize {
    let zone = daybook_core::time::Zone::from_name(schedule.zone).expect("a zone");
    let days: BTreeSet<_> = params
        .messages
        .iter()
        .map(|message| zone.day(message.at))
        .collect();
    days.len()
}
