//! What the holder of a lease does: gather and write to the CRM. `waiting` says what there is to
//! write, `checks` reads what is in doubt once more, `ending` settles or releases.

use daybook_adapters::{AdapterError, Applied, MessageLog, NewMessageLog};
use daybook_core::digest::{Entry, Frame, Mark, Plan, Request, entries_found, plan, subject};
use daybook_store::StoreError;
use daybook_store::items::{Head, Part, StoredMessage, Trace};

use super::cut::Less;
use super::log::DigestLog;
use crate::engine::{Attempt, Stop, Written, traced};

/// The holder of a digest's lease.
pub(super) struct Holder<'a, 'b> {
    pub(super) attempt: &'b Attempt<'a>,
    pub(super) log: &'b DigestLog<'b>,
    pub(super) head: Head,
    pub(super) owner: String,
    pub(super) messages: Vec<StoredMessage>,
    /// When the last part was read last.
    pub(super) read_from: i64,
    pub(super) made_anew: bool,
    /// Whether a note was read of which the CRM has kept only the beginning.
    pub(super) is_torn: bool,
}

impl<'a, 'b> Holder<'a, 'b> {
    pub(super) fn new(
        attempt: &'b Attempt<'a>,
        log: &'b DigestLog<'b>,
        head: Head,
        owner: String,
    ) -> Self {
        Self {
            attempt,
            log,
            head,
            owner,
            messages: Vec::new(),
            read_from: 0,
            made_anew: false,
            is_torn: false,
        }
    }

    /// Delivers what waits, looks after what else is due, and ends the lease.
    pub(super) async fn run(mut self) -> Result<Written<Head>, StoreError> {
        let delivered = self.deliver().await;
        let may_go_on = delivered
            .as_ref()
            .err()
            .is_none_or(Stop::is_of_one_activity);
        let looked_after = match may_go_on {
            true => self.look_after().await,
            false => Ok(()),
        };
        let (stop, also) = match (delivered, looked_after) {
            (Ok(()), Ok(())) => return self.settle().await,
            (Ok(()), Err(stop)) | (Err(stop), Ok(())) => (stop, None),
            (Err(first), Err(second)) => match second.is_of_the_lease() {
                true => (second, None),
                false => (first, Some(second)),
            },
        };
        self.release(stop, also).await
    }

    async fn deliver(&mut self) -> Result<(), Stop> {
        let is_made = self.part().log_id.is_some();
        let log = if is_made {
            let id = self.log_id();
            self.read_from = self.now();
            let (messages, log) = futures_util::join!(
                self.log.store.messages(&self.head.window),
                self.attempt
                    .engine
                    .adapter
                    .get_message_log(&self.attempt.ctx, &id),
            );
            self.gather(messages?);
            Some(log)
        } else {
            self.gather(self.log.store.messages(&self.head.window).await?);
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
                Some(mut log) => {
                    let mended = self.mended(self.last(), &log.body);
                    let cuts = u32::from(mended.is_some());
                    log.body = mended.unwrap_or(log.body);
                    self.update(&log, cuts).await?
                }
                None => match self.make().await? {
                    Made::Cut(made) => {
                        self.trace(Trace::Update).await?;
                        self.update(&made, 1).await?
                    }
                    Made::Nothing => {
                        self.part_mut().read_at = self.read_from;
                        return Ok(());
                    }
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
            // A part that took nothing, although it is empty, tells that another would not either.
            let part = self.part();
            if part.ids.is_empty() && part.linked_at > 0 && !self.head.note_limits.is_empty() {
                return Err(Stop::Cut);
            }
            // An update that is applied late may bring texts into this part that would go into
            // the next one now.
            let read_at = self.part().read_at;
            if let Some(until) = self.head.claim.recheck_at.filter(|at| *at >= read_at) {
                return Err(Stop::PartInDoubt { until });
            }
            let mark = Mark::from_bits((self.attempt.engine.random)());
            self.head.parts.push(Part::unmade(mark));
            self.trace(Trace::Create).await?;
        }
    }

    /// Puts the messages of the window into the order in which they were accepted.
    fn gather(&mut self, mut messages: Vec<StoredMessage>) {
        messages.sort_by(|a, b| {
            let accepted = a.accepted_at.cmp(&b.accepted_at);
            accepted.then_with(|| a.entry.id.order(&b.entry.id))
        });
        self.messages = messages;
    }

    /// Makes the activity of the last part, or finds the one that an earlier try has made.
    async fn make(&mut self) -> Result<Made, Stop> {
        if self.deliverable().is_empty() {
            return Ok(Made::Nothing);
        }
        if self.head.claim.doubt_until.is_some() {
            if let Some(found) = self.look().await.map_err(Stop::Failed)? {
                return Ok(Made::Found(self.link(found)));
            }
            let may_create = self.traced(Trace::Create)
                && self
                    .head
                    .claim
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
                    self.log.count_write();
                    let now = self.now();
                    self.read_from = now;
                    let part = self.part_mut();
                    part.log_id = Some(made.id.clone());
                    part.linked_at = now;
                    part.read_at = now;
                    self.head.claim.doubt_until = None;
                    if self.is_cut(&plan.merged.body, &made.body) {
                        let body = String::new();
                        return Ok(Made::Cut(MessageLog { body, ..made }));
                    }
                    self.part_mut().ids = plan.merged.delivered;
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
    ///
    /// `cuts` says how many writes the CRM has cut since `log` was read: what it holds now is no
    /// ground to write on.
    async fn update(&mut self, log: &MessageLog, mut cuts: u32) -> Result<bool, Stop> {
        let mut body = log.body.clone();
        loop {
            let delivery = self.deliverable();
            let Less { plan, dropped } = self.laid_out(&body, &delivery, cuts)?;
            self.guard_dropped(&dropped).await?;
            if plan.merged.changed || cuts > 0 {
                let ctx = self.ctx_after(cuts)?;
                let id = self.log_id();
                let adapter = self.attempt.engine.adapter;
                match adapter
                    .update_message_log(&ctx, &id, &plan.merged.body)
                    .await
                {
                    Ok(log) => {
                        self.log.count_write();
                        if self.is_cut(&plan.merged.body, &log.body) {
                            cuts += 1;
                            continue;
                        }
                    }
                    Err(AdapterError::Invalid { .. }) if !delivery.is_empty() => {
                        self.narrow(&delivery)?;
                        if cuts > 0 {
                            continue;
                        }
                        self.read_from = self.now();
                        let read = adapter.get_message_log(&ctx, &id).await;
                        body = read.map_err(Stop::Failed)?.body;
                        continue;
                    }
                    Err(error) => return Err(Stop::of_update(error)),
                }
            }
            let read_from = self.read_from;
            let part = self.part_mut();
            part.read_at = read_from;
            part.ids.extend(plan.merged.delivered);
            part.ids.retain(|print| !dropped.contains(print));
            part.removed.extend(plan.merged.removed);
            return Ok(!plan.rest.is_empty());
        }
    }

    pub(super) fn plan(&self, existing: &str, stored: &[Entry], delivery: &[Entry]) -> Plan {
        self.plan_of(self.last(), existing, stored, delivery)
    }

    /// What becomes of the part at `index`, whose body is `existing`.
    pub(super) fn plan_of(
        &self,
        index: usize,
        existing: &str,
        stored: &[Entry],
        delivery: &[Entry],
    ) -> Plan {
        let stored: Vec<_> = stored.iter().collect();
        let delivery: Vec<_> = delivery.iter().map(Entry::fingerprint).collect();
        let part = &self.head.parts[index];
        let request = Request {
            existing,
            stored: &stored,
            ledger: &part.ids,
            removed: &part.removed,
            delivery: &delivery,
            may_land: self.may_land(),
        };
        plan(&self.frame_of(index), &request, self.note_limit())
    }

    /// Writes the trace of a write that the lease did not name, before the write.
    pub(super) async fn trace(&mut self, trace: Trace) -> Result<(), Stop> {
        let claims = self.log.store.claims();
        let (attempt, owner) = (self.attempt, &self.owner);
        attempt.trace(&claims, &mut self.head, owner, trace).await
    }

    pub(super) fn traced(&self, trace: Trace) -> bool {
        traced(&self.head.claim, trace)
    }

    /// No write begins that could outlast the lease.
    pub(super) fn check_time(&self) -> Result<(), Stop> {
        self.attempt.check_time(&self.head.claim)
    }

    /// The activity that carries the last part's mark.
    pub(super) async fn look(&mut self) -> Result<Option<MessageLog>, AdapterError> {
        self.read_from = self.now();
        let contact = &self.head.opening.context.contact;
        let adapter = self.attempt.engine.adapter;
        let found = adapter
            .find_message_logs_by_mark(&self.attempt.ctx, contact, &self.part().mark)
            .await?;
        Ok(found.into_iter().next())
    }

    /// Makes an activity that was found the last part's own. Its lines join the ledger.
    pub(super) fn link(&mut self, found: MessageLog) -> MessageLog {
        let known = self.known_to(self.last());
        let known: Vec<_> = known.iter().collect();
        let ids = entries_found(&self.frame(), &found.body, &known);
        let now = self.now();
        let part = self.part_mut();
        part.log_id = Some(found.id.clone());
        part.linked_at = now;
        part.ids = ids;
        self.head.claim.doubt_until = None;
        found
    }

    /// The frame of the last part.
    pub(super) fn frame(&self) -> Frame<'_> {
        self.frame_of(self.last())
    }

    /// The frame of the part at `index`.
    pub(super) fn frame_of(&self, index: usize) -> Frame<'_> {
        Frame {
            context: &self.head.opening.context,
            window: self.head.window,
            part: index + 1,
            mark: self.head.parts.get(index).map(|part| part.mark),
        }
    }

    /// Where the last part is.
    pub(super) fn last(&self) -> usize {
        self.head.parts.len().saturating_sub(1)
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
    /// A new one of which the CRM has kept only the beginning; as the log that it is to become.
    Cut(MessageLog),
}
