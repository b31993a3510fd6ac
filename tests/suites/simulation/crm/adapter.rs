//! One worker's way to the CRM, with the limits that the HTTP client keeps.

use std::sync::Arc;
use std::time::Duration;

use daybook_adapters::http::Limits;
use daybook_adapters::{AdapterError, Cause, Ctx, MessageLog, Result};
use secrecy::ExposeSecret;
use tokio::sync::oneshot;

use super::apply::{Sent, Write};
use super::{Call, CallFate, Calls, Shown, SimCrm, When};
use crate::worker::{Edge, Worker};

/// The CRM, as one worker reaches it.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    pub(super) crm: Arc<SimCrm>,
    pub(super) worker: Arc<Worker>,
}

impl Door {
    pub(super) fn new(crm: Arc<SimCrm>, worker: Arc<Worker>) -> Self {
        Self { crm, worker }
    }

    pub(super) fn count(&self, add: impl FnOnce(&mut Calls)) {
        add(&mut self.crm.state().calls);
    }

    /// The fate of a call that begins now, how long the CRM takes for it, and its number.
    fn draw(&self, ctx: &Ctx<'_>, about: About) -> (CallFate, Duration, usize) {
        let gone = self.crm.time.gone();
        let writes = about.body.is_some();
        let mut call = Call {
            from: gone,
            to: None,
            user: ctx.user.id.as_str().to_owned(),
            contact: about.contact,
            what: about.what,
            body: about.body,
            fate: CallFate::Fine,
        };
        let mut state = self.crm.state();
        let state = &mut *state;
        let outage = state
            .outages
            .iter()
            .find(|outage| (outage.from..outage.to).contains(&gone));
        let time = state.faults.time(&mut state.random);
        let auth = ctx.auth.expose_secret();
        let is_strange = state.accepts.is_some_and(|accepts| accepts != auth);
        let ruled = state.rule.as_ref().and_then(|rule| rule.decide(&call));
        call.fate = match (ruled, outage) {
            _ if is_strange => CallFate::Refused(401),
            (Some(fate), _) => fate,
            (None, Some(outage)) => outage.kind.fate(),
            (None, None) => match writes.then(|| state.script.pop_front()).flatten() {
                Some(fate) => fate,
                None => state.faults.draw(&mut state.random, writes),
            },
        };
        let fate = call.fate;
        state.log.push(call);
        (fate, time, state.log.len() - 1)
    }

    /// How long a call may take, as the HTTP client says it.
    fn allowed(ctx: &Ctx<'_>, longest: Duration) -> Result<Duration> {
        let limits = Limits::default();
        let left = ctx.deadline.remaining(ctx.clock.now());
        if left < limits.least {
            return Err(AdapterError::not_applied(Cause::OutOfTime));
        }
        Ok(longest.min(left.saturating_sub(limits.margin)))
    }

    pub(super) async fn read<T>(
        &self,
        ctx: &Ctx<'_>,
        about: About,
        answer: impl FnOnce(&SimCrm, &Worker) -> Result<T>,
    ) -> Result<T> {
        let what = about.what;
        let allowed = Self::allowed(ctx, Limits::default().read)?;
        let call = self.worker.begin(what);
        self.worker.pass(call, Edge::Before).await;
        let (fate, time, place) = self.draw(ctx, about);
        let number = self.worker.number;
        self.crm
            .trace
            .say(|| format!("w{number} call {call} {what} {fate:?}"));
        let asked = async {
            tokio::time::sleep(time / 2).await;
            match fate {
                CallFate::Fine => {}
                CallFate::NotConnected => {
                    return Err(AdapterError::not_applied(Cause::NotConnected));
                }
                CallFate::Refused(status) => return Err(refusal(status)),
                CallFate::Limited(longer) => return Err(limited(longer)),
                CallFate::Unknown(_, Shown::Silence) => std::future::pending().await,
                CallFate::Unknown(_, Shown::Cut) => {
                    return Err(AdapterError::not_applied(Cause::Cut));
                }
                CallFate::Unknown(_, Shown::Unavailable) => {
                    return Err(AdapterError::not_applied(Cause::Status(503)));
                }
            }
            let answer = answer(&self.crm, &self.worker);
            self.worker.pass(call, Edge::After).await;
            tokio::time::sleep(time / 2).await;
            answer
        };
        let answer = tokio::time::timeout(allowed, asked).await;
        self.crm.end(place);
        answer.unwrap_or(Err(AdapterError::not_applied(Cause::TimedOut)))
    }

    pub(super) async fn write(
        &self,
        ctx: &Ctx<'_>,
        what: &'static str,
        write: Write,
    ) -> Result<Option<MessageLog>> {
        let about = self.about(what, &write);
        let allowed = Self::allowed(ctx, Limits::default().write)?;
        let call = self.worker.begin(what);
        let longest = self.worker.longest_before_write;
        let before = self.worker.frozen();
        self.worker.pass_within(call, Edge::Before, longest).await;
        let slept = self.worker.frozen() - before;
        let (fate, time, place) = self.draw(ctx, about);
        let (number, astray) = (self.worker.number, self.worker.astray);
        self.crm
            .trace
            .say(|| format!("w{number} call {call} {what} {fate:?}"));
        let is_late = !slept.is_zero();
        let sent = move |late: bool| Sent {
            worker: number,
            astray,
            late: late || is_late,
        };
        let asked = async {
            match fate {
                CallFate::NotConnected => {
                    return Err(AdapterError::not_applied(Cause::NotConnected));
                }
                CallFate::Refused(status) => {
                    tokio::time::sleep(time).await;
                    return Err(refusal(status));
                }
                CallFate::Limited(longer) => {
                    tokio::time::sleep(time).await;
                    return Err(limited(longer));
                }
                CallFate::Unknown(when, shown) => {
                    self.unanswered(call, write, when, shown, allowed, sent(true))
                        .await?;
                    return Err(AdapterError::unknown(Cause::Unreadable));
                }
                CallFate::Fine => {}
            }
            let done = self.later(write, time / 2, sent(time / 2 >= allowed));
            let answer = done.await.unwrap_or(Err(AdapterError::unknown(Cause::Cut)));
            self.worker.pass(call, Edge::After).await;
            tokio::time::sleep(time / 2).await;
            answer
        };
        let answer = tokio::time::timeout(allowed, asked).await;
        self.crm.end(place);
        answer.unwrap_or(Err(AdapterError::unknown(Cause::TimedOut)))
    }

    /// What a write is about.
    fn about(&self, what: &'static str, write: &Write) -> About {
        let (contact, body) = match write {
            Write::Create { contact, body, .. } => (contact.clone(), body.clone()),
            Write::Update { id, body, .. } => (self.crm.contact_of(*id), body.clone()),
            Write::Delete { id } => (self.crm.contact_of(*id), String::new()),
        };
        About {
            what,
            contact,
            body: Some(body),
        }
    }

    /// A write of which the caller never learns what became.
    async fn unanswered(
        &self,
        call: usize,
        write: Write,
        when: When,
        shown: Shown,
        allowed: Duration,
        sent: Sent,
    ) -> Result<()> {
        let short = Duration::from_millis(30);
        let listened = match shown {
            Shown::Silence => allowed,
            Shown::Cut | Shown::Unavailable => short,
        };
        match when {
            When::Now => drop(self.later(write, Duration::ZERO, sent)),
            // Freezes and lateness together stay within what the profile says.
            When::Late(late) => {
                let longest = self.worker.longest_before_write;
                let room = longest.saturating_sub(self.worker.frozen());
                drop(self.later(write, listened + late.min(room), sent));
            }
            When::Never => {}
        }
        self.worker.pass(call, Edge::After).await;
        match shown {
            Shown::Silence => std::future::pending().await,
            Shown::Cut => {
                tokio::time::sleep(short).await;
                Err(AdapterError::unknown(Cause::Cut))
            }
            Shown::Unavailable => {
                tokio::time::sleep(short).await;
                Err(AdapterError::unknown(Cause::Status(503)))
            }
        }
    }

    /// Lets the CRM carry out a write, whatever becomes of the worker.
    fn later(
        &self,
        write: Write,
        after: Duration,
        mut sent: Sent,
    ) -> oneshot::Receiver<Result<Option<MessageLog>>> {
        let (tell, told) = oneshot::channel();
        let (crm, worker) = (self.crm.clone(), self.worker.clone());
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            sent.late |= worker.is_dead() || tell.is_closed();
            // Nobody may be there to hear it.
            let _ = tell.send(crm.apply(write, &sent));
        });
        told
    }
}

/// What a call is about.
pub(super) struct About {
    what: &'static str,
    contact: String,
    /// The body of a write.
    body: Option<String>,
}

impl About {
    pub(super) fn read(what: &'static str, contact: String) -> Self {
        Self {
            what,
            contact,
            body: None,
        }
    }
}

fn limited(longer: Duration) -> AdapterError {
    AdapterError::RateLimited {
        retry_after: Some(longer),
    }
}

fn refusal(status: u16) -> AdapterError {
    match status {
        401 => AdapterError::Unauthorized,
        403 => AdapterError::Forbidden,
        429 => AdapterError::RateLimited { retry_after: None },
        status => AdapterError::Invalid {
            status,
            field: None,
        },
    }
}
