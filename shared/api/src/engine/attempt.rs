//! Attending to one log: waiting for whoever writes it, or taking the lease and having it write.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use daybook_adapters::Ctx;
use daybook_store::StoreError;
use daybook_store::gates::{Gates, Scope};
use daybook_store::items::{Claim, Claimed, Gate, Reason};
use secrecy::ExposeSecret;
use sha2::{Digest as _, Sha256};

use super::failure::HoldsBack;
use super::lease::Taken;
use super::{Engine, Log};

/// How often one request takes the lease of one log, at the most.
const MOST_LEASES: u32 = 4;

/// What logs are attended to with, within one request.
pub(crate) struct Attempt<'a> {
    pub(crate) engine: Engine<'a>,
    pub(crate) ctx: Ctx<'a>,
    gates: Gates<'a>,
    /// The gates that were closed when the request began, or that it has closed since.
    closed: Mutex<Vec<(Scope, Gate)>>,
    /// Whether what is not delivered is kept, with a date of its log.
    pub(crate) keeps: bool,
    /// Whether this request is the one that tries behind a gate.
    probes: AtomicBool,
}

/// How a log was left.
pub(crate) struct Left<T> {
    /// The item as it was last seen.
    pub(crate) item: Option<T>,
    /// Why not all of it is delivered.
    pub(crate) reason: Option<Reason>,
    /// Before when nobody tries again.
    pub(crate) retry_at: Option<i64>,
    /// A deleted activity was replaced.
    pub(crate) made_anew: bool,
}

impl<T> Left<T> {
    pub(crate) fn new(item: Option<T>, reason: Option<Reason>, retry_at: Option<i64>) -> Self {
        Self {
            item,
            reason,
            retry_at,
            made_anew: false,
        }
    }
}

impl<'a> Attempt<'a> {
    pub(crate) fn new(
        engine: Engine<'a>,
        ctx: Ctx<'a>,
        gates: Gates<'a>,
        closed: Vec<(Scope, Gate)>,
        keeps: bool,
    ) -> Self {
        Self {
            engine,
            ctx,
            gates,
            closed: Mutex::new(closed),
            keeps,
            probes: AtomicBool::new(false),
        }
    }

    /// Sees to it that what is wanted of `log` is done, or finds out why it is not. `item` is its
    /// item as it was seen.
    pub(crate) async fn bring<L: Log>(
        &self,
        log: &L,
        item: Option<L::Item>,
    ) -> Result<Left<L::Item>, StoreError> {
        let mut item = item;
        let mut made_anew = false;
        let mut pause = self.engine.limits.wait_first;
        for _ in 0..MOST_LEASES {
            let (leased, owner) = match self.wait(log, item, &mut pause).await? {
                Turn::Lease(leased, owner) => (leased, owner),
                Turn::Left(left) => return Ok(Left { made_anew, ..left }),
            };
            let written = log.work(self, leased, owner).await?;
            made_anew |= written.made_anew;
            if written.is_answered {
                self.open_gates().await;
            }
            // A lease that ran short, or one of which its log says so, is worth another.
            if !log.is_worth_another(written.reason) || log.is_done(&written.item) {
                let retry_at = written.item.claim().retry_at;
                let left = Left::new(Some(written.item), written.reason, retry_at);
                return Ok(Left { made_anew, ..left });
            }
            item = Some(written.item);
        }
        let left = Left::new(item, Some(Reason::Busy), None);
        Ok(Left { made_anew, ..left })
    }

    /// Waits until the lease is ours, or nothing is left to do or to be done.
    async fn wait<L: Log>(
        &self,
        log: &L,
        item: Option<L::Item>,
        pause: &mut Duration,
    ) -> Result<Turn<L::Item>, StoreError> {
        let mut item = item;
        let left = |item, reason, retry_at| Ok(Turn::Left(Left::new(item, reason, retry_at)));
        loop {
            if item.as_ref().is_some_and(|item| log.is_done(item)) {
                return left(item, None, None);
            }
            let claim = item.as_ref().map(Claimed::claim);
            if let Some((reason, retry_at)) = self.held_back(claim) {
                return left(item, Some(reason), Some(retry_at));
            }
            if self.left() < self.engine.limits.give_up {
                return left(item, Some(Reason::Busy), None);
            }
            let now = self.engine.millis();
            let margin = self.engine.limits.clock_margin.num_milliseconds();
            if claim.is_some_and(|claim| claim.is_leased(now, margin)) {
                self.pause(pause).await;
                item = log.claims().read(log.sk()).await?;
                let claim = item.as_ref().map(Claimed::claim);
                if let Some(reason) = self.same_credentials_refused(claim) {
                    return left(item, Some(reason), None);
                }
                continue;
            }
            if claim.is_some_and(|claim| claim.lease.is_some()) && self.clock_is_off() {
                return left(item, Some(Reason::Busy), None);
            }
            if !self.may_probe().await? {
                // Whoever tries opens the gate or closes it for longer.
                self.pause(pause).await;
                if self.left() < self.engine.limits.give_up {
                    return left(item, Some(Reason::Unavailable), None);
                }
                self.look_at_gates().await?;
                item = log.claims().read(log.sk()).await?;
                continue;
            }
            match self.take(log, item).await? {
                Taken::Lease(item, owner) => return Ok(Turn::Lease(item, owner)),
                Taken::Lost(other) => item = other,
            }
        }
    }

    async fn pause(&self, pause: &mut Duration) {
        tokio::time::sleep(self.jitter(*pause)).await;
        *pause = (*pause * 8 / 5).min(self.engine.limits.wait_most);
    }

    /// Why nobody may call the CRM for a log now, and until when.
    pub(super) fn held_back(&self, claim: Option<&Claim>) -> Option<(Reason, i64)> {
        let now = self.engine.millis();
        let gate = self
            .closed()
            .iter()
            .map(|(_, gate)| (gate.reason, gate.not_before))
            .max_by_key(|(_, at)| *at);
        let reason = claim.and_then(|claim| claim.reason);
        let own = claim.and_then(|claim| Some((reason.unwrap_or(Reason::Busy), claim.retry_at?)));
        let both = [gate, own].into_iter().flatten();
        let mut ahead = both.filter(|(_, at)| *at > now);
        let (why, until) = ahead.next()?;
        // What may stand there is not told to be missing.
        let doubt = reason.filter(|reason| *reason == Reason::InDoubt);
        Some((doubt.unwrap_or(why), until))
    }

    /// Whether another request has found out that these very credentials are refused.
    fn same_credentials_refused(&self, claim: Option<&Claim>) -> Option<Reason> {
        let claim = claim?;
        (claim.bad_auth.as_ref()? == &self.auth_hash())
            .then_some(claim.reason.unwrap_or(Reason::Unauthorized))
    }

    pub(super) fn auth_hash(&self) -> String {
        let hash = Sha256::digest(self.ctx.auth.expose_secret());
        hash.iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// A worker whose clock is off cannot tell whether another's lease has run out.
    pub(super) fn clock_is_off(&self) -> bool {
        let skew = self.engine.table.skew();
        let is_off = skew.abs() > self.engine.limits.clock_margin;
        if is_off {
            let seconds = skew.num_seconds();
            tracing::error!(
                clock.skew_secs = seconds,
                "this worker's clock is off: alarm"
            );
        }
        is_off
    }

    fn closed(&self) -> MutexGuard<'_, Vec<(Scope, Gate)>> {
        self.closed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes a gate for everybody, and for what is left of this request; or leaves it ajar where
    /// the log of `name` may be the only one that fails.
    pub(super) async fn close_gate(
        &self,
        holds_back: HoldsBack,
        until: i64,
        name: &str,
    ) -> Result<(), StoreError> {
        let (scope, reason) = match holds_back {
            HoldsBack::Company => (Scope::Tenant, Reason::RateLimited),
            HoldsBack::User | HoldsBack::UserIfAnother => (Scope::User, Reason::Unavailable),
        };
        let ajar = match holds_back {
            HoldsBack::Company | HoldsBack::User => None,
            HoldsBack::UserIfAnother => {
                let now = self.engine.millis();
                self.gates.leave_ajar(now, reason, name).await?
            }
        };
        let gate = match ajar {
            Some(gate) => gate,
            None => self.gates.close(scope, until, reason, name).await?,
        };
        self.probes.store(false, Ordering::Relaxed);
        let mut closed = self.closed();
        closed.retain(|(other, _)| *other != scope);
        closed.push((scope, gate));
        Ok(())
    }

    /// Behind a gate that has just opened, one worker tries before the others go.
    pub(super) async fn may_probe(&self) -> Result<bool, StoreError> {
        if self.probes.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let now = self.engine.millis();
        let until = now + self.engine.limits.lease.num_milliseconds();
        let closed = self.closed().clone();
        for (scope, _) in closed {
            if !self.gates.probe(scope, now, until).await? {
                return Ok(false);
            }
        }
        self.probes.store(true, Ordering::Relaxed);
        Ok(true)
    }

    /// Reads the gates anew.
    async fn look_at_gates(&self) -> Result<(), StoreError> {
        let gates = self.gates.read().await?;
        *self.closed() = gates;
        Ok(())
    }

    pub(super) async fn open_gates(&self) {
        let opened = std::mem::take(&mut *self.closed());
        for (scope, gate) in opened {
            if let Err(error) = self.gates.open(scope, gate.not_before).await {
                tracing::warn!(error.kind = "store", error.detail = %error, "a gate stays");
            }
        }
    }

    pub(crate) fn left(&self) -> Duration {
        self.engine.deadline.remaining(self.engine.clock.now())
    }

    /// Between half of `pause` and all of it, so that waiters do not come in step.
    fn jitter(&self, pause: Duration) -> Duration {
        let share = u32::try_from((self.engine.random)() % 512).unwrap_or(0);
        pause / 2 + pause * share / 1_024
    }
}

/// What waiting came to.
enum Turn<T> {
    /// The lease is ours: the item, and who we are.
    Lease(T, String),
    /// There is nothing to do, or nothing to be done.
    Left(Left<T>),
}
