//! A worker: one request or one run of the scheduled function, which may die or freeze at any of
//! its calls of the table or the CRM.

use std::fmt::Debug;
use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Poll;
use std::time::Duration;

use crate::trace::Trace;

/// Where in a call something happens to its worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edge {
    /// Before anything was sent.
    Before,
    /// After it was applied, before the answer is seen.
    After,
}

/// What happens to a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// Its process ends.
    Die,
    /// Its process stands still for a while.
    Freeze(Duration),
}

/// Something that happens to a worker at a certain call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interrupt {
    /// The number of the call, from 0, of the table and the CRM together.
    pub(crate) call: usize,
    /// Where in the call.
    pub(crate) edge: Edge,
    /// What.
    pub(crate) act: Act,
}

#[derive(Debug, Default)]
struct Status {
    calls: Vec<&'static str>,
    dead: bool,
    freeze: Option<Duration>,
    frozen: Duration,
}

/// A worker's fate and how far it came.
#[derive(Debug)]
pub(crate) struct Worker {
    /// Its number within the schedule.
    pub(crate) number: usize,
    /// Whether its clock is too far off for leases to be safe without doubt.
    pub(crate) astray: bool,
    /// The longest that a freeze before a write of the CRM may take.
    pub(crate) longest_before_write: Duration,
    interrupts: Vec<Interrupt>,
    status: Mutex<Status>,
    trace: Trace,
}

impl Worker {
    /// A worker to which `interrupts` happen.
    pub(crate) fn new(
        number: usize,
        interrupts: Vec<Interrupt>,
        trace: &Trace,
        astray: bool,
        longest_before_write: Duration,
    ) -> Arc<Self> {
        Arc::new(Self {
            number,
            astray,
            longest_before_write,
            interrupts,
            status: Mutex::default(),
            trace: trace.clone(),
        })
    }

    fn status(&self) -> MutexGuard<'_, Status> {
        self.status.lock().expect("nothing panics with it")
    }

    /// Begins a call and gives its number.
    pub(crate) fn begin(&self, what: &'static str) -> usize {
        let mut status = self.status();
        status.calls.push(what);
        status.calls.len() - 1
    }

    /// The calls that it has begun, in order.
    pub(crate) fn calls(&self) -> Vec<&'static str> {
        self.status().calls.clone()
    }

    /// Whether it has died.
    pub(crate) fn is_dead(&self) -> bool {
        self.status().dead
    }

    /// For how long it has stood still in all.
    pub(crate) fn frozen(&self) -> Duration {
        self.status().frozen
    }

    /// Passes an edge of a call: what is to happen there happens.
    pub(crate) async fn pass(&self, call: usize, edge: Edge) {
        self.pass_within(call, edge, Duration::MAX).await;
    }

    /// [`Worker::pass`], freezing no longer than `longest`.
    pub(crate) async fn pass_within(&self, call: usize, edge: Edge, longest: Duration) {
        let acts = self.interrupts.iter();
        for interrupt in acts.filter(|act| act.call == call && act.edge == edge) {
            let number = self.number;
            match interrupt.act {
                Act::Die => {
                    self.trace
                        .say(|| format!("w{number} dies {edge:?} call {call}"));
                    self.status().dead = true;
                    pending::<()>().await;
                }
                Act::Freeze(time) => {
                    let time = time.min(longest);
                    self.trace
                        .say(|| format!("w{number} freezes {edge:?} call {call} for {time:?}"));
                    {
                        let mut status = self.status();
                        status.freeze = Some(time);
                        status.frozen += time;
                    }
                    tokio::task::yield_now().await;
                }
            }
        }
    }

    /// Runs what the worker does. `None` where it dies: then what it did is dropped.
    pub(crate) async fn live<F: Future>(&self, work: F) -> Option<F::Output> {
        let mut work = pin!(work);
        let mut ice = None;
        poll_fn(|cx| {
            loop {
                if let Some(sleep) = ice.as_mut() {
                    let sleep: &mut std::pin::Pin<Box<tokio::time::Sleep>> = sleep;
                    if sleep.as_mut().poll(cx).is_pending() {
                        return Poll::Pending;
                    }
                    ice = None;
                }
                if let Poll::Ready(done) = work.as_mut().poll(cx) {
                    return Poll::Ready(Some(done));
                }
                if self.status().dead {
                    return Poll::Ready(None);
                }
                match self.status().freeze.take() {
                    Some(time) => ice = Some(Box::pin(tokio::time::sleep(time))),
                    None => return Poll::Pending,
                }
            }
        })
        .await
    }
}
