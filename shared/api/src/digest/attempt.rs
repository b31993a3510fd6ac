//! Attending to one window: waiting for whoever writes it, or taking the lease and writing.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use daybook_adapters::Ctx;
use daybook_core::digest::{Entry, Frame, Mark, Window, expand};
use daybook_core::ids::LogId;
use daybook_store::digest::DigestStore;
use daybook_store::gates::{Gates, Scope};
use daybook_store::items::{Gate, Head, Lease, Opening, Reason, StoredMessage, Trace};
use daybook_store::{StoreError, Write};
use secrecy::ExposeSecret;
use sha2::{Digest as _, Sha256};

use super::Engine;
use super::holder::Holder;
use crate::pending::postpone;

/// How often one request takes the lease of one window, at the most.
const MOST_LEASES: u32 = 4;

/// How many writes one request tries for a digest, from the first that the CRM refuses.
const MOST_NARROWINGS: u32 = 3;

/// What one window is attended to with.
pub(crate) struct Attempt<'a> {
    pub(super) engine: Engine<'a>,
    pub(super) store: DigestStore<'a>,
    pub(super) ctx: Ctx<'a>,
    pub(super) gates: Gates<'a>,
    closed: Vec<(Scope, Gate)>,
    /// Whether what is not delivered is kept, with a date of its digest.
    pub(super) keeps: bool,
    /// Whether this request is the one that tries behind a gate.
    probes: AtomicBool,
    /// How many writes there were from the first that the CRM refused.
    narrowings: AtomicU32,
    /// A log that another server made and that a digest without one takes over.
    adopt: Option<LogId>,
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

enum Taken {
    Lease(Head, String),
    Lost(Option<Head>),
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
            closed,
            keeps,
            probes: AtomicBool::new(false),
            narrowings: AtomicU32::new(0),
            adopt: None,
        }
    }

    /// The same, but a digest that has no log yet takes over `log`.
    pub(crate) fn adopting(self, log: Option<LogId>) -> Self {
        Self { adopt: log, ..self }
    }

    /// Sees to it that `messages` stand in the digest of `window`, or finds out why they do not.
    pub(crate) async fn bring(
        &self,
        window: Window,
        messages: &[StoredMessage],
        head: Option<Head>,
    ) -> Result<Left, StoreError> {
        let opening = messages
            .iter()
            .min_by(|one, other| one.entry.order(&other.entry));
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
                    return Ok(left(Some(Reason::Unavailable), None, head));
                }
                match self.take(window, opening, head).await? {
                    Taken::Lease(head, owner) => break (head, owner),
                    Taken::Lost(other) => head = other,
                }
            };
            let (leased, owner) = taken;
            let written = Holder::new(self, leased, owner).run().await?;
            made_anew |= written.made_anew;
            if is_answered(written.reason) {
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
    fn held_back(&self, head: Option<&Head>) -> Option<(Reason, i64)> {
        let now = self.engine.millis();
        let gate = self
            .closed
            .iter()
            .map(|(_, gate)| (gate.reason, gate.not_before))
            .max_by_key(|(_, at)| *at);
        let own = head.and_then(|head| Some((head.reason.unwrap_or(Reason::Busy), head.retry_at?)));
        [gate, own].into_iter().flatten().find(|(_, at)| *at > now)
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
    fn clock_is_off(&self) -> bool {
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

    /// Behind a gate that has just opened, one worker tries before the others go.
    async fn may_probe(&self) -> Result<bool, StoreError> {
        if self.probes.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let now = self.engine.millis();
        let until = now + self.engine.limits.lease.num_milliseconds();
        for (scope, _) in &self.closed {
            if !self.gates.probe(*scope, now, until).await? {
                return Ok(false);
            }
        }
        self.probes.store(true, Ordering::Relaxed);
        Ok(true)
    }

    async fn open_gates(&self) {
        for (scope, _) in &self.closed {
            if let Err(error) = self.gates.open(*scope).await {
                tracing::warn!(error.kind = "store", error.detail = %error, "a gate stays");
            }
        }
    }

    /// Takes the lease, and with the same write leaves the trace and turns the trace of a lease
    /// that has run out into doubt.
    async fn take(
        &self,
        window: Window,
        opening: Option<&StoredMessage>,
        head: Option<Head>,
    ) -> Result<Taken, StoreError> {
        let limits = self.engine.limits;
        let now = self.engine.millis();
        let seen = head.as_ref().map(|head| head.rev);
        let mut next = match (head, opening) {
            (Some(head), _) => head,
            (None, Some(message)) => {
                let mark = Mark::from_bits((self.engine.random)());
                let mut head = Head::new(window, message.opening.clone(), mark);
                head.parts[0].log_id = self.adopted(&window, &head.opening).await?;
                head
            }
            (None, None) => return Ok(Taken::Lost(None)),
        };
        if let Some(lost) = next.lease.take() {
            let over = lost.until + self.quarantine();
            match lost.trace {
                Some(Trace::Create) => next.doubt_until = next.doubt_until.max(Some(over)),
                Some(Trace::Update) => next.recheck_at = next.recheck_at.max(Some(over)),
                Some(Trace::Look) | None => {}
            }
        }
        let unmade = next.parts.last().is_none_or(|part| part.log_id.is_none());
        let trace = match next.doubt_until {
            Some(until) if unmade && until > now => Trace::Look,
            Some(_) if unmade => {
                next.fold_at = Some(now + limits.fold_after.num_milliseconds());
                Trace::Create
            }
            None if unmade => Trace::Create,
            Some(_) | None => Trace::Update,
        };
        let owner = format!("{:016x}", (self.engine.random)());
        next.lease = Some(Lease {
            owner: owner.clone(),
            until: now + limits.lease.num_milliseconds(),
            trace: Some(trace),
        });
        next.bad_auth = None;
        next.rev += 1;
        next.epoch += 1;
        next.expires_at = now / 1_000 + Head::KEPT_DAYS * 86_400;
        let margin = limits.clock_margin.num_milliseconds();
        let written = match seen {
            Some(seen) => self.store.take(&next, seen, now, margin).await?,
            None => self.store.open(&next).await?,
        };
        Ok(match written {
            Write::Done => Taken::Lease(next, owner),
            Write::Lost(other) => Taken::Lost(other),
        })
    }

    /// The log to take over, unless other digests own it.
    async fn adopted(
        &self,
        window: &Window,
        opening: &Opening,
    ) -> Result<Option<LogId>, StoreError> {
        let Some(log) = &self.adopt else {
            return Ok(None);
        };
        let profile = self.engine.adapter.profile();
        let tenant = &opening.tenant;
        let is_ours = self.store.adopt(profile.id, tenant, log, window).await?;
        Ok(is_ours.then(|| log.clone()))
    }

    /// How long a write stays in doubt, in milliseconds.
    pub(super) fn quarantine(&self) -> i64 {
        let profile = self.engine.adapter.profile();
        let quarantine = self
            .engine
            .limits
            .quarantine
            .unwrap_or(profile.quarantine());
        quarantine.num_milliseconds()
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

/// Whether the CRM is there and takes calls, whatever it said.
fn is_answered(left: Option<Reason>) -> bool {
    match left {
        None
        | Some(
            Reason::Unauthorized
            | Reason::Forbidden
            | Reason::ContactGone
            | Reason::LogHidden
            | Reason::Refused
            | Reason::Rejected,
        ) => true,
        Some(Reason::Busy | Reason::Unavailable | Reason::RateLimited | Reason::InDoubt) => false,
    }
}

impl Engine<'_> {
    /// Whether a message stands in the digest, with all pieces that it had to be cut into.
    pub(crate) fn stands(&self, head: &Head, entry: &Entry) -> bool {
        head.has(&entry.fingerprint())
            && self
                .pieces(head, entry)
                .iter()
                .all(|piece| head.has(&piece.fingerprint()))
    }

    /// A message as the pieces that a note takes: itself, unless it is larger than one.
    pub(super) fn pieces(&self, head: &Head, entry: &Entry) -> Vec<Entry> {
        // No rendering makes more than this of a text, and the frame around it stays below.
        const MOST_ESCAPED: usize = 12;
        const FRAME_BYTES: usize = 16 << 10;
        let limit = self.adapter.profile().max_note_bytes;
        let is_small =
            limit.is_none_or(|limit| entry.text.len() * MOST_ESCAPED + FRAME_BYTES < limit);
        if is_small {
            return vec![entry.clone()];
        }
        let frame = Frame {
            context: &head.opening.context,
            window: head.window,
            part: 1,
            mark: None,
        };
        expand(&frame, &[entry], limit)
    }
}

impl Attempt<'_> {
    /// Does what a digest's date stands for, once: delivers what waits, and reads and mends what
    /// was in doubt. Says why something is left to do.
    pub(crate) async fn attend(&self, head: Head) -> Result<Option<Reason>, StoreError> {
        let now = self.engine.millis();
        let margin = self.engine.limits.clock_margin.num_milliseconds();
        if head.is_leased(now, margin) {
            return Ok(Some(Reason::Busy));
        }
        if let Some((reason, until)) = self.held_back(Some(&head)) {
            postpone(&self.store, head, until).await?;
            return Ok(Some(reason));
        }
        if head.lease.is_some() && self.clock_is_off() {
            return Ok(Some(Reason::Busy));
        }
        if !self.may_probe().await? {
            postpone(&self.store, head, now + 60_000).await?;
            return Ok(Some(Reason::Unavailable));
        }
        let Taken::Lease(leased, owner) = self.take(head.window, None, Some(head)).await? else {
            return Ok(Some(Reason::Busy));
        };
        let written = Holder::new(self, leased, owner).run().await?;
        if is_answered(written.reason) {
            self.open_gates().await;
        }
        Ok(written.reason)
    }
}
