//! Attending to one window: waiting for whoever writes it, or taking the lease and writing.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use daybook_adapters::Ctx;
use daybook_core::digest::Window;
use daybook_store::StoreError;
use daybook_store::digest::DigestStore;
use daybook_store::gates::{Gates, Scope};
use daybook_store::items::{Gate, Head, Opening, Reason, StoredMessage};
use secrecy::ExposeSecret;
use sha2::{Digest as _, Sha256};

use super::Engine;
use super::failure::HoldsBack;
use super::holder::Holder;
use super::lease::Taken;

/// How often one request takes the lease of one window, at the most.
const MOST_LEASES: u32 = 4;

/// How many writes one request tries for a digest, from the first that the CRM refuses.
const MOST_NARROWINGS: u32 = 3;

/// What one window is attended to with.
pub(crate) struct Attempt<'a> {
    pub(super) engine: Engine<'a>,
    pub(super) store: DigestStore<'a>,
    pub(super) ctx: Ctx<'a>,
    gates: Gates<'a>,
    /// The gates that were closed when the request began, or that it has closed since.
    closed: Mutex<Vec<(Scope, Gate)>>,
    /// Whether what is not delivered is kept, with a date of its digest.
    pub(super) keeps: bool,
    /// Whether this request is the one that tries behind a gate.
    probes: AtomicBool,
    /// How many writes there were from the first that the CRM refused.
    narrowings: AtomicU32,
}

/// How a window was left.
pub(crate) struct Left {
    /// The head as it was last seen.
    pub(crate) head: Option<Head>,
    /// Why not all of it is delivered.
    pub(crate) reason: Option<Reason>,
    /// Before when nobody tries again.
    pub(crate) retry_at: Option<i64>,
    /// A deleted activity was replaced.
    pub(crate) made_anew: bool,
}

impl<'a> Attempt<'a> {
    pub(crate) fn new(
        engine: Engine<'a>,
        store: DigestStore<'a>,
        ctx: Ctx<'a>,
        gates: Gates<'a>,
        closed: Vec<(Scope, Gate)>,
        keeps: bool,
    ) -> Self {
        Self {
            engine,
            store,
            ctx,
            gates,
            closed: Mutex::new(closed),
            keeps,
            probes: AtomicBool::new(false),
            narrowings: AtomicU32::new(0),
        }
    }

    /// Sees to it that `messages` stand in the digest of `window`, or finds out why they do not.
    pub(crate) async fn bring(
        &self,
        window: Window,
        messages: &[StoredMessage],
        head: Option<Head>,
    ) -> Result<Left, StoreError> {
        let opening = opening_of(messages);
        let mut head = head;
        let mut pause = self.engine.limits.wait_first;
        let mut made_anew = false;
        for _ in 0..MOST_LEASES {
            let taken = loop {
                let left = |reason, retry_at, head| Left {
                    head,
                    reason,
                    retry_at,
                    made_anew,
                };
                if self.is_done(head.as_ref(), messages) {
                    return Ok(left(None, None, head));
                }
                if let Some((reason, retry_at)) = self.held_back(head.as_ref()) {
                    return Ok(left(Some(reason), Some(retry_at), head));
                }
                if self.left() < self.engine.limits.give_up {
                    return Ok(left(Some(Reason::Busy), None, head));
                }
                let now = self.engine.millis();
                let margin = self.engine.limits.clock_margin.num_milliseconds();
                if let Some(seen) = head.as_ref().filter(|head| head.is_leased(now, margin)) {
                    tokio::time::sleep(self.jitter(pause)).await;
                    pause = (pause * 8 / 5).min(self.engine.limits.wait_most);
                    let window = seen.window;
                    head = self.store.head(&window).await?;
                    if let Some(reason) = self.same_credentials_refused(head.as_ref()) {
                        return Ok(left(Some(reason), None, head));
                    }
                    continue;
                }
                if head.as_ref().is_some_and(|head| head.lease.is_some()) && self.clock_is_off() {
                    return Ok(left(Some(Reason::Busy), None, head));
                }
                if !self.may_probe().await? {
                    // Whoever tries opens the gate or closes it for longer.
                    tokio::time::sleep(self.jitter(pause)).await;
                    pause = (pause * 8 / 5).min(self.engine.limits.wait_most);
                    if self.left() < self.engine.limits.give_up {
                        return Ok(left(Some(Reason::Unavailable), None, head));
                    }
                    self.look_at_gates().await?;
                    head = self.store.head(&window).await?;
                    continue;
                }
                match self.take(window, opening.as_ref(), head).await? {
                    Taken::Lease(head, owner) => break (head, owner),
                    Taken::Lost(other) => head = other,
                }
            };
            let (leased, owner) = taken;
            let written = Holder::new(self, leased, owner).run().await?;
            made_anew |= written.made_anew;
            if written.is_answered {
                self.open_gates().await;
            }
            // A lease that ran short, or a refusal that is being narrowed down, is worth another.
            let may_go_on = self.narrowed() < MOST_NARROWINGS
                && matches!(written.reason, None | Some(Reason::Busy | Reason::Refused));
            if !may_go_on || self.is_done(Some(&written.head), messages) {
                let retry_at = written.head.retry_at;
                return Ok(Left {
                    head: Some(written.head),
                    reason: written.reason,
                    retry_at,
                    made_anew,
                });
            }
            head = Some(written.head);
        }
        Ok(Left {
            head,
            reason: Some(Reason::Busy),
            retry_at: None,
            made_anew,
        })
    }

    /// Whether nothing is left to do for `messages`.
    fn is_done(&self, head: Option<&Head>, messages: &[StoredMessage]) -> bool {
        let now = self.engine.millis();
        head.is_some_and(|head| {
            messages.iter().all(|message| {
                self.engine.stands(head, &message.entry)
                    || head.refusal(&message.entry.fingerprint(), now).is_some()
            })
        })
    }

    /// Why nobody may call the CRM for this digest now, and until when.
    pub(super) fn held_back(&self, head: Option<&Head>) -> Option<(Reason, i64)> {
        let now = self.engine.millis();
        let gate = self
            .closed()
            .iter()
            .map(|(_, gate)| (gate.reason, gate.not_before))
            .max_by_key(|(_, at)| *at);
        let reason = head.and_then(|head| head.reason);
        let own = head.and_then(|head| Some((reason.unwrap_or(Reason::Busy), head.retry_at?)));
        let both = [gate, own].into_iter().flatten();
        let mut ahead = both.filter(|(_, at)| *at > now);
        let (why, until) = ahead.next()?;
        // What may stand there is not told to be missing.
        let doubt = reason.filter(|reason| *reason == Reason::InDoubt);
        Some((doubt.unwrap_or(why), until))
    }

    /// Counts a write that the CRM refused. Says whether this request may try another.
    pub(super) fn may_narrow_on(&self) -> bool {
        self.narrowings.fetch_add(1, Ordering::Relaxed) + 1 < MOST_NARROWINGS
    }

    /// Counts a write that the CRM took, where it refused one before.
    pub(super) fn count_write(&self) {
        if self.narrowed() > 0 {
            self.narrowings.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn narrowed(&self) -> u32 {
        self.narrowings.load(Ordering::Relaxed)
    }

    /// Whether another request has found out that these very credentials are refused.
    fn same_credentials_refused(&self, head: Option<&Head>) -> Option<Reason> {
        let head = head?;
        (head.bad_auth.as_ref()? == &self.auth_hash())
            .then_some(head.reason.unwrap_or(Reason::Unauthorized))
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
    /// the digest of `window` may be the only one that fails.
    pub(super) async fn close_gate(
        &self,
        holds_back: HoldsBack,
        until: i64,
        window: &Window,
    ) -> Result<(), StoreError> {
        let (scope, reason) = match holds_back {
            HoldsBack::Company => (Scope::Tenant, Reason::RateLimited),
            HoldsBack::User | HoldsBack::UserIfAnother => (Scope::User, Reason::Unavailable),
        };
        let digest = format!("{} {window}", self.store.key.short_hash());
        let ajar = match holds_back {
            HoldsBack::Company | HoldsBack::User => None,
            HoldsBack::UserIfAnother => {
                let now = self.engine.millis();
                self.gates.leave_ajar(now, reason, &digest).await?
            }
        };
        let gate = match ajar {
            Some(gate) => gate,
            None => self.gates.close(scope, until, reason, &digest).await?,
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

    pub(super) fn left(&self) -> Duration {
        self.engine.deadline.remaining(self.engine.clock.now())
    }

    /// Between half of `pause` and all of it, so that waiters do not come in step.
    fn jitter(&self, pause: Duration) -> Duration {
        let share = u32::try_from((self.engine.random)() % 512).unwrap_or(0);
        pause / 2 + pause * share / 1_024
    }
}

/// What a digest is opened with: what its oldest message says, and the log that any of them names.
fn opening_of(messages: &[StoredMessage]) -> Option<Opening> {
    let oldest = messages
        .iter()
        .min_by(|one, other| one.entry.order(&other.entry))?;
    let logs = messages
        .iter()
        .find_map(|message| message.opening.existing_log.clone());
    Some(Opening {
        existing_log: logs,
        ..oldest.opening.clone()
    })
}
