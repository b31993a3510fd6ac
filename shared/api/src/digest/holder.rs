//! What the holder of a lease does: gather, write to the CRM, settle or release, clear.

use daybook_adapters::{AdapterError, Applied, MessageLog, NewMessageLog};
use daybook_core::digest::{
    Entry, Fingerprint, Frame, Mark, Plan, Request, entries_found, plan, subject,
};
use daybook_store::items::{Due, Head, Part, Reason, RefusedMessage, StoredMessage, Trace};
use daybook_store::{StoreError, Write};
use futures_util::{StreamExt, stream};

use super::AT_ONCE;
use super::attempt::Attempt;
use super::failure::Stop;

/// The holder of a digest's lease.
pub(super) struct Holder<'a, 'b> {
    pub(super) attempt: &'b Attempt<'a>,
    pub(super) head: Head,
    pub(super) owner: String,
    pub(super) messages: Vec<StoredMessage>,
    /// When the read began that the last write or comparison rests on.
    pub(super) read_from: i64,
    pub(super) made_anew: bool,
}

/// What a lease came to.
pub(super) struct Written {
    /// The head as it stands.
    pub(super) head: Head,
    /// Why not all of it was delivered.
    pub(super) reason: Option<Reason>,
    /// A deleted activity was replaced.
    pub(super) made_anew: bool,
}

impl<'a, 'b> Holder<'a, 'b> {
    pub(super) fn new(attempt: &'b Attempt<'a>, head: Head, owner: String) -> Self {
        Self {
            attempt,
            head,
            owner,
            messages: Vec::new(),
            read_from: 0,
            made_anew: false,
        }
    }

    /// Delivers what waits, and ends the lease.
    pub(super) async fn run(mut self) -> Result<Written, StoreError> {
        match self.deliver().await {
            Ok(()) => self.settle().await,
            Err(Stop::Store(error)) => Err(error),
            Err(stop) => self.release(stop).await,
        }
    }

    async fn deliver(&mut self) -> Result<(), Stop> {
        let is_made = self.part().log_id.is_some();
        if is_made && self.head.fold_at.is_some_and(|at| at <= self.now()) {
            self.messages = self.attempt.store.messages(&self.head.window).await?;
            self.fold().await?;
        }
        let log = if is_made {
            let id = self.log_id();
            self.read_from = self.now();
            let (messages, log) = futures_util::join!(
                self.attempt.store.messages(&self.head.window),
                self.attempt
                    .engine
                    .adapter
                    .get_message_log(&self.attempt.ctx, &id),
            );
            self.messages = messages?;
            Some(log)
        } else {
            self.messages = self.attempt.store.messages(&self.head.window).await?;
            None
        };
        let mut log = match log {
            Some(Ok(log)) if self.is_anothers(&log) => {
                self.part_mut().log_id = None;
                None
            }
            Some(Ok(log)) => Some(log),
            Some(Err(AdapterError::NotFound(_))) => self.find_lost_log().await?,
            Some(Err(error)) => return Err(Stop::Failed(error)),
            None => None,
        };
        loop {
            let rest = match log.take() {
                Some(log) => self.update(&log).await?,
                None => match self.make().await? {
                    Made::Nothing => return Ok(()),
                    Made::New { rest } => rest,
                    Made::Found(found) => {
                        self.trace(Trace::Update).await?;
                        log = Some(found);
                        continue;
                    }
                },
            };
            if !rest || self.deliverable().is_empty() {
                return Ok(());
            }
            let mark = Mark::from_bits((self.attempt.engine.random)());
            self.head.parts.push(Part::unmade(mark));
            self.trace(Trace::Create).await?;
        }
    }

    /// Makes the activity of the last part, or finds the one that an earlier try has made.
    async fn make(&mut self) -> Result<Made, Stop> {
        if self.deliverable().is_empty() {
            return Ok(Made::Nothing);
        }
        if self.head.doubt_until.is_some() {
            if let Some(found) = self.look().await.map_err(Stop::Failed)? {
                return Ok(Made::Found(self.link(found)));
            }
            let may_create = self.traced(Trace::Create)
                && self
                    .head
                    .doubt_until
                    .is_some_and(|until| until <= self.now());
            if !may_create {
                return Err(Stop::StillInDoubt);
            }
        }
        if !self.traced(Trace::Create) {
            self.trace(Trace::Create).await?;
        }
        loop {
            let delivery = self.deliverable();
            let Some(first) = delivery.first() else {
                return Ok(Made::Nothing);
            };
            let plan = self.plan("", &delivery, &delivery);
            self.check_time()?;
            let frame = self.frame();
            let log = NewMessageLog {
                contact: &self.head.opening.context.contact,
                subject: &subject(&frame),
                body: &plan.merged.body,
                mark: &self.part().mark,
                started_at: first.at,
                additional_submission: &self.head.opening.additional_submission,
            };
            let adapter = self.attempt.engine.adapter;
            match adapter.create_message_log(&self.attempt.ctx, &log).await {
                Ok(made) => {
                    self.attempt.count_write();
                    let now = self.now();
                    let part = self.part_mut();
                    part.log_id = Some(made.id);
                    part.linked_at = now;
                    part.ids = plan.merged.delivered;
                    self.head.doubt_until = None;
                    return Ok(Made::New {
                        rest: !plan.rest.is_empty(),
                    });
                }
                Err(AdapterError::Unavailable {
                    applied: Applied::Unknown,
                    retry_after,
                    ..
                }) => {
                    return match self.look().await {
                        Ok(Some(found)) => Ok(Made::Found(self.link(found))),
                        Ok(None) | Err(_) => Err(Stop::UnknownCreate { retry_after }),
                    };
                }
                Err(AdapterError::Invalid { .. }) => self.narrow(&delivery)?,
                Err(error) => return Err(Stop::Failed(error)),
            }
        }
    }

    /// Merges what is deliverable into the last part. Says whether a part more is needed.
    async fn update(&mut self, log: &MessageLog) -> Result<bool, Stop> {
        let mut body = log.body.clone();
        loop {
            let delivery = self.deliverable();
            let known = self.known_to_part();
            let plan = self.plan(&body, &known, &delivery);
            if plan.merged.changed {
                self.check_time()?;
                let id = self.log_id();
                let adapter = self.attempt.engine.adapter;
                let ctx = &self.attempt.ctx;
                match adapter
                    .update_message_log(ctx, &id, &plan.merged.body)
                    .await
                {
                    Ok(_) => self.attempt.count_write(),
                    Err(AdapterError::Invalid { .. }) if !delivery.is_empty() => {
                        self.narrow(&delivery)?;
                        self.read_from = self.now();
                        let read = adapter.get_message_log(ctx, &id).await;
                        body = read.map_err(Stop::Failed)?.body;
                        continue;
                    }
                    Err(error) => return Err(Stop::of_update(error)),
                }
            }
            let part = self.part_mut();
            part.ids.extend(plan.merged.delivered);
            part.removed.extend(plan.merged.removed);
            return Ok(!plan.rest.is_empty());
        }
    }

    fn plan(&self, existing: &str, stored: &[Entry], delivery: &[Entry]) -> Plan {
        let stored: Vec<_> = stored.iter().collect();
        let delivery: Vec<_> = delivery.iter().map(Entry::fingerprint).collect();
        let part = self.part();
        let request = Request {
            existing,
            stored: &stored,
            ledger: &part.ids,
            removed: &part.removed,
            delivery: &delivery,
        };
        let limit = self.attempt.engine.adapter.profile().max_note_bytes;
        plan(&self.frame(), &request, limit)
    }

    /// After a refusal: the next write carries the older half; a message that is refused alone
    /// is set aside.
    fn narrow(&mut self, delivery: &[Entry]) -> Result<(), Stop> {
        if let [only] = delivery {
            let refused = RefusedMessage {
                id: Fingerprint::of(&only.id),
                retry_at: self.now() + self.attempt.engine.limits.refused_for.num_milliseconds(),
            };
            self.head.refused.retain(|other| other.id != refused.id);
            self.head.refused.push(refused);
            self.head.batch = None;
        } else {
            self.head.batch = u32::try_from(delivery.len() / 2).ok();
        }
        match self.attempt.may_narrow_on() {
            true => Ok(()),
            false => Err(Stop::Narrowing),
        }
    }

    /// The messages that wait, as pieces, oldest first; the older ones of them while a refusal is
    /// being narrowed down.
    fn deliverable(&self) -> Vec<Entry> {
        let mut waiting = self.waiting();
        if let Some(batch) = self.head.batch {
            waiting.truncate(usize::try_from(batch).unwrap_or(usize::MAX).max(1));
        }
        waiting
    }

    /// The messages that stand in no part and are not refused, as pieces, oldest first.
    fn waiting(&self) -> Vec<Entry> {
        let now = self.now();
        let mut waiting: Vec<_> = self
            .messages
            .iter()
            .map(|message| &message.entry)
            .filter(|entry| {
                self.head
                    .refusal(&Fingerprint::of(&entry.id), now)
                    .is_none()
            })
            .flat_map(|entry| self.attempt.engine.pieces(&self.head, entry))
            .filter(|piece| !self.head.has(&piece.fingerprint()))
            .collect();
        waiting.sort_by(Entry::order);
        waiting
    }

    /// Everything that may stand in the last part: all pieces but those of other parts.
    pub(super) fn known_to_part(&self) -> Vec<Entry> {
        let elsewhere = &self.head.parts[..self.head.parts.len() - 1];
        self.messages
            .iter()
            .flat_map(|message| self.attempt.engine.pieces(&self.head, &message.entry))
            .filter(|piece| {
                let print = piece.fingerprint();
                !elsewhere
                    .iter()
                    .any(|part| part.ids.contains(&print) || part.removed.contains(&print))
            })
            .collect()
    }

    /// Writes the trace of a write that the lease did not name, before the write.
    pub(super) async fn trace(&mut self, trace: Trace) -> Result<(), Stop> {
        if let Some(lease) = &mut self.head.lease {
            lease.trace = Some(trace);
        }
        self.head.rev += 1;
        match self.attempt.store.trace(&self.head, &self.owner).await? {
            Write::Done => Ok(()),
            Write::Lost(_) => Err(Stop::Superseded),
        }
    }

    fn traced(&self, trace: Trace) -> bool {
        self.head
            .lease
            .as_ref()
            .is_some_and(|lease| lease.trace == Some(trace))
    }

    /// No write begins that could outlast the lease.
    pub(super) fn check_time(&self) -> Result<(), Stop> {
        let limits = self.attempt.engine.limits;
        let needed = (limits.write + limits.clock_margin).num_milliseconds();
        let until = self.head.lease.as_ref().map_or(0, |lease| lease.until);
        match until - self.now() >= needed {
            true => Ok(()),
            false => Err(Stop::OutOfTime),
        }
    }

    /// The activity that carries the last part's mark.
    pub(super) async fn look(&self) -> Result<Option<MessageLog>, AdapterError> {
        let contact = &self.head.opening.context.contact;
        let adapter = self.attempt.engine.adapter;
        let found = adapter
            .find_message_logs_by_mark(&self.attempt.ctx, contact, &self.part().mark)
            .await?;
        Ok(found.into_iter().next())
    }

    /// Makes an activity that was found the last part's own. Its lines join the ledger.
    pub(super) fn link(&mut self, found: MessageLog) -> MessageLog {
        let known = self.known_to_part();
        let known: Vec<_> = known.iter().collect();
        let ids = entries_found(&self.frame(), &found.body, &known);
        let now = self.now();
        self.read_from = now;
        let part = self.part_mut();
        part.log_id = Some(found.id.clone());
        part.linked_at = now;
        part.ids = ids;
        self.head.doubt_until = None;
        found
    }

    async fn settle(mut self) -> Result<Written, StoreError> {
        let now = self.now();
        let waits = self.waits();
        let close_at = self.closing_check(now);
        let head = &mut self.head;
        head.lease = None;
        head.settled_by = Some(self.owner.clone());
        head.rev += 1;
        head.attempts = 0;
        head.retry_at = None;
        head.reason = None;
        head.bad_auth = None;
        head.batch = head
            .batch
            .filter(|_| waits)
            .map(|batch| batch.saturating_mul(2));
        if head.recheck_at.is_some_and(|at| at < self.read_from) {
            head.recheck_at = None;
        }
        head.refused.retain(|refused| refused.retry_at > now);
        head.close_at = close_at;
        self.head.due = self.next_due(waits, now);
        match self.attempt.store.settle(&self.head, &self.owner).await? {
            Write::Done => self.clear().await,
            Write::Lost(Some(other)) => self.head = other,
            Write::Lost(None) => {}
        }
        Ok(Written {
            reason: (waits && !self.head.refused.is_empty()).then_some(Reason::Refused),
            head: self.head,
            made_anew: self.made_anew,
        })
    }

    async fn release(mut self, stop: Stop) -> Result<Written, StoreError> {
        let now = self.now();
        self.head.lease = None;
        self.head.rev += 1;
        let gate = self.attempt.note(&mut self.head, &stop);
        self.head.due = self.next_due(true, now);
        if let Stop::Failed(error) = &stop {
            let digest = self.attempt.store.key.short_hash();
            tracing::warn!(digest, error.kind = error.kind(), error.detail = %error, "a digest waits");
        }
        let written = match stop {
            Stop::Superseded => Write::Lost(self.attempt.store.head(&self.head.window).await?),
            Stop::Store(_)
            | Stop::UnknownCreate { .. }
            | Stop::StillInDoubt
            | Stop::UnknownUpdate { .. }
            | Stop::Failed(_)
            | Stop::Narrowing
            | Stop::LogHidden
            | Stop::OutOfTime => self.attempt.store.release(&self.head, &self.owner).await?,
        };
        if let (Some((scope, reason)), Some(until)) = (gate, self.head.retry_at) {
            self.attempt.gates.close(scope, until, reason).await?;
        }
        let mut reason = self.head.reason;
        if let Write::Lost(other) = written {
            reason = Some(Reason::Busy);
            self.head = other.unwrap_or(self.head);
        }
        Ok(Written {
            head: self.head,
            reason,
            made_anew: false,
        })
    }

    /// Whether messages wait that are not refused.
    fn waits(&self) -> bool {
        !self.waiting().is_empty()
    }

    /// When the finished digest is read for the last time: between one and four hours after its
    /// window, where we hold credentials for it.
    fn closing_check(&self, now: i64) -> Option<i64> {
        const HOUR: i64 = 3_600_000;
        if !self.is_dated() || self.head.parts.iter().all(|part| part.log_id.is_none()) {
            return None;
        }
        let end = self.head.window.end(self.head.opening.context.zone)?;
        let hash = daybook_store::keys::hash_number(self.attempt.store.key.pk());
        let spread = i64::try_from(hash % 10_800_000).unwrap_or(0);
        let at = end.timestamp_millis() + HOUR + spread;
        // What joins a window that is long over was read just now.
        (at > now).then_some(at)
    }

    /// Whether the scheduled function looks at this digest: we hold the credentials that this
    /// lease was taken with, or those that gave the digest the date it has.
    fn is_dated(&self) -> bool {
        let due = self.head.due.as_ref();
        self.attempt.keeps || due.is_some_and(|due| !due.is_parked())
    }

    /// When the scheduled function is to look at this digest, which needs our own credentials.
    fn next_due(&self, waits: bool, now: i64) -> Option<Due> {
        let head = &self.head;
        if !self.is_dated() {
            // What waits for a sign-in goes on waiting.
            let is_left = waits || head.recheck_at.is_some() || head.fold_at.is_some();
            return head.due.clone().filter(|_| is_left);
        }
        let concerns_user = matches!(
            head.reason,
            Some(Reason::Unauthorized | Reason::Forbidden | Reason::ContactGone)
        );
        // What the CRM refused to a caller's own credentials, ours may do.
        if waits && concerns_user && self.attempt.keeps {
            let opening = &head.opening;
            let pk = self.attempt.store.key.pk();
            return Some(Due::parked(pk, &opening.user_key(), now));
        }
        let retry = waits.then(|| head.retry_at.unwrap_or(now));
        [
            retry,
            head.doubt_until.filter(|_| waits),
            head.recheck_at,
            head.fold_at,
            head.close_at,
        ]
        .into_iter()
        .flatten()
        .min()
        .map(|at| Due::new(self.attempt.store.key.pk(), at))
    }

    /// Removes the guards of what is delivered. A guard that stays is looked at by the scheduled
    /// function.
    async fn clear(&self) {
        let end = self.head.window.end(self.head.opening.context.zone);
        let now = self.attempt.engine.clock.now();
        let kept = end.map_or(now, |end| end.max(now)).timestamp()
            + StoredMessage::KEPT_HOURS_DELIVERED * 3_600;
        let mut clears = Vec::new();
        for message in &self.messages {
            if message.due.is_some() && self.attempt.engine.stands(&self.head, &message.entry) {
                clears.push(self.attempt.store.clear(&message.entry.id, kept));
            }
        }
        let failed = stream::iter(clears)
            .buffer_unordered(AT_ONCE)
            .filter(|cleared| std::future::ready(cleared.is_err()))
            .count()
            .await;
        if failed > 0 {
            tracing::warn!(
                error.kind = "store",
                failed,
                "guards stay for the next look"
            );
        }
    }

    pub(super) fn frame(&self) -> Frame<'_> {
        Frame {
            context: &self.head.opening.context,
            window: self.head.window,
            part: self.head.parts.len(),
            mark: Some(self.part().mark),
        }
    }

    pub(super) fn part(&self) -> &Part {
        self.head.parts.last().expect("a head is made with a part")
    }

    pub(super) fn part_mut(&mut self) -> &mut Part {
        self.head
            .parts
            .last_mut()
            .expect("a head is made with a part")
    }

    pub(super) fn log_id(&self) -> daybook_core::ids::LogId {
        let id = self.part().log_id.as_ref();
        id.expect("asked only of a part that is linked").clone()
    }

    pub(super) fn now(&self) -> i64 {
        self.attempt.engine.millis()
    }
}

/// What making an activity came to.
enum Made {
    /// Nothing waits.
    Nothing,
    /// A new one; `rest` where not all went into it.
    New { rest: bool },
    /// One that an earlier try has made.
    Found(MessageLog),
}
