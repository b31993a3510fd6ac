//! What the holder of a call's lease does: it brings the changes that wait into the activity.

use daybook_adapters::{AdapterError, CallLog, CallLogChanges};
use daybook_core::call;
use daybook_store::StoreError;
use daybook_store::items::{CallChange, CallLink, RefusedChange, Trace};
use serde_json::{Map, Value};

use super::log::CallWork;
use super::make::Made;
use super::note::{combined, submission};
use crate::engine::{Attempt, Stop, Written, traced};

/// The holder of a call's lease.
pub(super) struct Holder<'a, 'b> {
    pub(super) attempt: &'b Attempt<'a>,
    pub(super) log: &'b CallWork<'b>,
    pub(super) link: CallLink,
    pub(super) owner: String,
    /// The changes of the table, in the order in which they are to be applied.
    pub(super) changes: Vec<CallChange>,
    pub(super) made_anew: bool,
}

impl<'a, 'b> Holder<'a, 'b> {
    pub(super) fn new(
        attempt: &'b Attempt<'a>,
        log: &'b CallWork<'b>,
        link: CallLink,
        owner: String,
    ) -> Self {
        Self {
            attempt,
            log,
            link,
            owner,
            changes: Vec::new(),
            made_anew: false,
        }
    }

    /// Applies what waits, looks after what else is due, and ends the lease.
    pub(super) async fn run(mut self) -> Result<Written<CallLink>, StoreError> {
        let applied = self.apply_all().await;
        let may_go_on = applied.as_ref().err().is_none_or(Stop::is_of_one_activity);
        let folded = match may_go_on {
            true => self.fold_if_due().await,
            false => Ok(()),
        };
        match (applied, folded) {
            (Ok(()), Ok(())) => self.settle().await,
            (Ok(()), Err(stop)) | (Err(stop), Ok(())) => self.release(stop, None).await,
            (Err(first), Err(second)) => match second.is_of_the_lease() {
                true => self.release(second, None).await,
                false => self.release(first, Some(second)).await,
            },
        }
    }

    async fn apply_all(&mut self) -> Result<(), Stop> {
        let read_from = self.now();
        let log = match self.link.log_id.clone() {
            Some(id) => {
                let adapter = self.attempt.engine.adapter;
                let (changes, log) = futures_util::join!(
                    self.log.store.changes(&self.log.part),
                    adapter.get_call_log(&self.attempt.ctx, &id),
                );
                self.gather(changes?);
                match log {
                    Ok(log) => Some(log),
                    Err(AdapterError::NotFound(_)) => self.find_lost_log().await?,
                    Err(error) => return Err(Stop::Failed(error)),
                }
            }
            None => {
                self.gather(self.log.store.changes(&self.log.part).await?);
                None
            }
        };
        let mut log = match log {
            Some(log) => log,
            None => match self.make().await? {
                Made::Nothing => return Ok(()),
                Made::New(log, brought) => return self.finish(&log, &brought).await,
                Made::Found(log) => {
                    self.trace(Trace::Update).await?;
                    log
                }
            },
        };
        self.link.gone_at = None;
        let brought = self.update(&mut log, read_from).await?;
        self.finish(&log, &brought).await
    }

    /// Puts the changes into their order: what logs the call first, then as they were accepted. A
    /// link learns from them with whom the call was, and whose part in it is meant.
    fn gather(&mut self, mut changes: Vec<CallChange>) {
        changes.sort_by(|one, other| {
            let place = |change: &CallChange| (!change.logs_call(), change.accepted_at);
            place(one)
                .cmp(&place(other))
                .then_with(|| one.id.cmp(&other.id))
        });
        let contact = (changes.iter().rev()).find_map(|change| change.opening.contact.clone());
        let mut extensions = changes.iter().map(|change| &change.extension);
        if self.link.extension.is_unknown()
            && let Some(known) = extensions.find(|extension| !extension.is_unknown())
        {
            self.link.extension = known.clone();
        }
        let opening = &mut self.link.opening;
        // Until there is an activity, the call may be logged to another contact.
        opening.contact = match self.link.log_id.is_some() {
            true => opening.contact.take().or(contact),
            false => contact.or(opening.contact.take()),
        };
        self.changes = changes;
    }

    /// Whether the next holder has something to do for what waits: a change of a call that the CRM
    /// refuses to have logged waits for that.
    pub(super) fn is_deliverable(&self) -> bool {
        let waiting = self.waiting();
        let is_made = self.link.log_id.is_some();
        !waiting.is_empty() && (is_made || waiting.iter().any(|change| change.logs_call()))
    }

    /// The changes that wait and that are not refused.
    pub(super) fn waiting(&self) -> Vec<&CallChange> {
        let now = self.now();
        let waits = |change: &&CallChange| {
            !self.link.has(&change.id) && self.link.refusal(&change.id, now).is_none()
        };
        self.changes.iter().filter(waits).collect()
    }

    /// Those of the waiting changes that the next write carries: fewer of them while a refusal is
    /// being narrowed down.
    pub(super) fn delivery(&self) -> Vec<&CallChange> {
        let mut waiting = self.waiting();
        waiting.truncate(self.link.batch.unwrap_or(usize::MAX).max(1));
        waiting
    }

    /// What is to be seen in the activity after the next write: what it carries; what was told
    /// later of the same, so that the later wins; and where a write may have been applied late,
    /// what stood before, whole.
    fn to_stand(&self) -> Vec<CallChange> {
        let is_rechecked = (self.link.claim.recheck_at).is_some_and(|at| at <= self.now());
        let delivery = self.delivery();
        let told = combined(&delivery);
        let is_carried = |change: &CallChange| delivery.iter().any(|own| own.id == change.id);
        let first = self.changes.iter().position(is_carried);
        let (before, after) = (self.changes).split_at(first.unwrap_or(self.changes.len()));
        let stood = before.iter().filter(|_| is_rechecked);
        let stood = stood.filter(|change| self.link.has(&change.id)).cloned();
        let later = after.iter().filter_map(|change| {
            if is_carried(change) || (is_rechecked && self.link.has(&change.id)) {
                return Some(change.clone());
            }
            self.link
                .has(&change.id)
                .then(|| change.limited_to(&told, &delivery))
        });
        stood.chain(later).collect()
    }

    /// Brings what is to stand into the activity, of which `log` was read just now. A form that the
    /// CRM refuses, such as a link with what is gone, holds no note back: the changes that filled it
    /// in are set aside, and what else they tell is written.
    async fn update(&mut self, log: &mut CallLog, read_from: i64) -> Result<Vec<CallChange>, Stop> {
        let mut is_form_refused = false;
        loop {
            let mut to_stand = self.to_stand();
            let changes: Vec<_> = to_stand.iter().collect();
            let body = self.with_changes(log.body.clone(), &changes);
            let all = combined(&changes);
            let submission = match is_form_refused {
                true => Map::new(),
                false => submission(&changes),
            };
            let subject = (all.subject.as_ref())
                .map(|_| call::subject(&all, None))
                .filter(|subject| *subject != log.subject);
            let adapter = self.attempt.engine.adapter;
            let profile = adapter.profile();
            let started_at = all.started_at.map(|at| profile.held_start(at));
            let duration = all
                .known_duration()
                .map(|known| profile.held_duration(known));
            let is_other = body != log.body
                || subject.is_some()
                || differs(started_at, log.started_at)
                || differs(duration, log.duration)
                || !submission.is_empty();
            if is_other {
                self.attempt.check_time(&self.link.claim)?;
                if !traced(&self.link.claim, Trace::Update) {
                    self.trace(Trace::Update).await?;
                }
                let wanted = CallLogChanges {
                    subject: subject.as_deref(),
                    body: (body != log.body).then_some(body.as_str()),
                    call: &all,
                    additional_submission: &submission,
                };
                let written = adapter
                    .update_call_log(&self.attempt.ctx, &log.id, &wanted)
                    .await;
                match written {
                    Ok(written) => *log = written,
                    Err(AdapterError::Invalid { .. }) if !submission.is_empty() => {
                        is_form_refused = true;
                        continue;
                    }
                    Err(AdapterError::Invalid { .. }) if !self.delivery().is_empty() => {
                        let delivery: Vec<_> = self.delivery().into_iter().cloned().collect();
                        self.narrow(&delivery)?;
                        is_form_refused = false;
                        continue;
                    }
                    Err(error) => return Err(Stop::of_update(error)),
                }
            }
            self.log.saw(&log.body);
            self.link.read_at = read_from;
            if is_form_refused {
                let is_new = |change: &&CallChange| !self.link.has(&change.id);
                let filled = |change: &&CallChange| !change.additional_submission.is_empty();
                let refused = to_stand.iter().filter(is_new).filter(filled);
                let refused: Vec<_> = refused.map(|change| change.id.clone()).collect();
                to_stand.retain(|change| !refused.contains(&change.id));
                refused.into_iter().for_each(|id| self.set_aside(id));
            }
            return Ok(to_stand);
        }
    }

    /// Sets what the changes that were brought into the note have chosen besides. Then they are
    /// applied. What was chosen, and is refused, is narrowed down and holds no other back.
    async fn finish(&mut self, log: &CallLog, brought: &[CallChange]) -> Result<(), Stop> {
        let mut left = brought.to_vec();
        loop {
            let Err(stop) = self.dispose(log, &left).await else {
                self.applied(&left);
                return Ok(());
            };
            let is_new =
                |change: &CallChange| !change.dispositions.is_empty() && !self.link.has(&change.id);
            let (mut refused, others): (Vec<_>, _) = left.into_iter().partition(is_new);
            self.applied(&others);
            let is_refusal = matches!(
                stop,
                Stop::Failed(
                    AdapterError::Invalid { .. }
                        | AdapterError::Forbidden
                        | AdapterError::Rejected { .. }
                )
            );
            if !is_refusal {
                return Err(stop);
            }
            if refused.is_empty() {
                return Ok(());
            }
            self.narrow(&refused)?;
            refused.truncate(self.link.batch.unwrap_or(0));
            left = refused;
        }
    }

    /// Sets what changes have chosen, as far as it does not stand there.
    async fn dispose(&mut self, log: &CallLog, changes: &[CallChange]) -> Result<(), Stop> {
        let mut chosen = Map::new();
        for change in changes {
            chosen.extend(change.dispositions.clone());
        }
        let stands = |(name, value): (&String, &Value)| log.dispositions.get(name) == Some(value);
        if chosen.iter().all(stands) {
            return Ok(());
        }
        self.attempt.check_time(&self.link.claim)?;
        if !traced(&self.link.claim, Trace::Update) {
            self.trace(Trace::Update).await?;
        }
        let adapter = self.attempt.engine.adapter;
        let set = adapter.upsert_call_disposition(&self.attempt.ctx, log, &chosen);
        set.await.map_err(Stop::of_update)
    }

    pub(super) fn applied(&mut self, changes: &[CallChange]) {
        for change in changes {
            if !self.link.has(&change.id) {
                self.link.applied.push(change.id.clone());
                if change.fields.note.is_some() && !change.with_kept_note {
                    self.link.noted_at = Some(self.now());
                }
            }
        }
    }

    /// A change that the CRM refuses waits for a while, and holds no other back.
    fn set_aside(&mut self, id: String) {
        let refused = RefusedChange {
            id,
            retry_at: self.now() + self.attempt.engine.limits.refused_for.num_milliseconds(),
        };
        self.link.refused.retain(|other| other.id != refused.id);
        self.link.refused.push(refused);
    }

    /// After a refusal: the next write carries the older half; a change that is refused alone is
    /// set aside.
    pub(super) fn narrow(&mut self, delivery: &[CallChange]) -> Result<(), Stop> {
        if let [only] = delivery {
            self.set_aside(only.id.clone());
            self.link.batch = None;
        } else {
            self.link.batch = Some(delivery.len() / 2);
        }
        match self.log.may_narrow_on() {
            true => Ok(()),
            false => Err(Stop::Narrowing),
        }
    }

    /// Writes the trace of a write that the lease did not name, before the write.
    pub(super) async fn trace(&mut self, trace: Trace) -> Result<(), Stop> {
        let claims = self.log.store.claims();
        let (attempt, owner) = (self.attempt, &self.owner);
        attempt.trace(&claims, &mut self.link, owner, trace).await
    }

    pub(super) fn now(&self) -> i64 {
        self.attempt.engine.millis()
    }
}

/// Whether something else is told than stands there.
fn differs<T: PartialEq>(told: Option<T>, stands: Option<T>) -> bool {
    told.is_some() && told != stands
}
