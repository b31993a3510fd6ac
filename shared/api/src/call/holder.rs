//! What the holder of a call's lease does: it brings the changes that wait into the activity.

use daybook_adapters::{AdapterError, Applied, CallLog, CallLogChanges, NewCallLog};
use daybook_core::call::{self, CallFields};
use daybook_core::call_note;
use daybook_core::digest::Mark;
use daybook_core::ids::LogId;
use daybook_store::items::{CallChange, CallLink, RefusedChange, Trace};
use daybook_store::{StoreError, Write};
use serde_json::{Map, Value};

use super::log::CallWork;
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

/// What making an activity came to.
enum Made {
    /// There is nothing to make one of.
    Nothing,
    /// A new one, and the changes that are in it.
    New(CallLog, Vec<CallChange>),
    /// One that an earlier try has made.
    Found(CallLog),
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
    /// link that was opened by what came later learns with whom the call was.
    fn gather(&mut self, mut changes: Vec<CallChange>) {
        changes.sort_by(|one, other| {
            let place = |change: &CallChange| (!change.creates, change.accepted_at);
            place(one)
                .cmp(&place(other))
                .then_with(|| one.id.cmp(&other.id))
        });
        let opening = &mut self.link.opening;
        let contact = changes
            .first()
            .and_then(|first| first.opening.contact.as_ref());
        opening.contact = opening.contact.take().or_else(|| contact.cloned());
        self.changes = changes;
    }

    /// The changes that wait and that the next write may carry.
    pub(super) fn waiting(&self) -> Vec<&CallChange> {
        let now = self.now();
        let waits = |change: &&CallChange| {
            !self.link.has(&change.id) && self.link.refusal(&change.id, now).is_none()
        };
        self.changes.iter().filter(waits).collect()
    }

    /// Those of the waiting changes that the next write carries: fewer of them while a refusal is
    /// being narrowed down.
    fn delivery(&self) -> Vec<&CallChange> {
        let mut waiting = self.waiting();
        waiting.truncate(self.link.batch.unwrap_or(usize::MAX).max(1));
        waiting
    }

    /// What is to be seen in the activity after the next write: what it carries and what was told
    /// later than the first of that, so that the later wins; and where a write may have been
    /// applied late, what stood before.
    fn to_stand(&self) -> Vec<&CallChange> {
        let is_rechecked = (self.link.claim.recheck_at).is_some_and(|at| at <= self.now());
        let delivery: Vec<_> = (self.delivery().into_iter())
            .map(|change| &change.id)
            .collect();
        let is_carried = |change: &&CallChange| delivery.contains(&&change.id);
        let first = self.changes.iter().position(|change| is_carried(&change));
        let (before, after) = (self.changes).split_at(first.unwrap_or(self.changes.len()));
        let before = before.iter().filter(|_| is_rechecked);
        let again = |change: &&CallChange| is_carried(change) || self.link.has(&change.id);
        before.chain(after).filter(again).collect()
    }

    /// Makes the activity, or finds the one that an earlier try has made.
    async fn make(&mut self) -> Result<Made, Stop> {
        if !self.waiting().iter().any(|change| change.creates) {
            return Ok(Made::Nothing);
        }
        if self.link.claim.doubt_until.is_some() {
            if let Some(found) = self.look().await.map_err(Stop::Failed)? {
                self.linked(&found.id).await?;
                return Ok(Made::Found(found));
            }
            let is_over = (self.link.claim.doubt_until).is_some_and(|until| until <= self.now());
            if !is_over || !traced(&self.link.claim, Trace::Create) {
                return Err(Stop::StillInDoubt);
            }
        }
        if !traced(&self.link.claim, Trace::Create) {
            self.trace(Trace::Create).await?;
        }
        loop {
            let delivery: Vec<_> = self.delivery().into_iter().cloned().collect();
            if delivery.is_empty() {
                return Ok(Made::Nothing);
            }
            self.attempt.check_time(&self.link.claim)?;
            match self.create(&delivery).await {
                Ok(made) => {
                    self.linked(&made.id).await?;
                    self.link.read_at = self.now();
                    return Ok(Made::New(made, delivery));
                }
                Err(AdapterError::Unavailable {
                    applied: Applied::Unknown,
                    retry_after,
                    ..
                }) => {
                    return match self.look().await {
                        Ok(Some(found)) => {
                            self.linked(&found.id).await?;
                            Ok(Made::Found(found))
                        }
                        Ok(None) | Err(_) => Err(Stop::UnknownCreate { retry_after }),
                    };
                }
                Err(AdapterError::Invalid { .. }) => self.narrow(&delivery)?,
                Err(error) => return Err(Stop::Failed(error)),
            }
        }
    }

    async fn create(&self, delivery: &[CallChange]) -> Result<CallLog, AdapterError> {
        let adapter = self.attempt.engine.adapter;
        let changes: Vec<_> = delivery.iter().collect();
        let all = combined(&changes);
        let creating = changes
            .iter()
            .find_map(|change| change.opening.contact.as_ref());
        let contact = creating.or(self.link.opening.contact.as_ref());
        let contact = contact.ok_or(AdapterError::NotFound(daybook_adapters::Entity::Contact))?;
        let body = self.new_note(&changes);
        let log = NewCallLog {
            contact,
            subject: &call::subject(&all, contact.name.as_deref()),
            body: &body,
            mark: &self.link.mark,
            call: &all,
            additional_submission: &submission(&changes),
        };
        let made = adapter.create_call_log(&self.attempt.ctx, &log).await?;
        self.log.saw(&body);
        Ok(made)
    }

    /// The note of an activity that is made with `changes`.
    pub(super) fn new_note(&self, changes: &[&CallChange]) -> String {
        let format = self.attempt.engine.adapter.profile().log_format;
        let Some((first, rest)) = changes.split_first() else {
            return String::new();
        };
        let body = self.within_limit(0, &first.fields, |fields| {
            call_note::create(format, &first.layout, fields, self.link.mark)
        });
        self.with_changes(body, rest)
    }

    /// A note with `changes` in it, as far as the CRM takes as much.
    fn with_changes(&self, mut body: String, changes: &[&CallChange]) -> String {
        let format = self.attempt.engine.adapter.profile().log_format;
        for change in changes {
            body = self.within_limit(body.len(), &change.fields, |fields| {
                call_note::apply(format, &change.layout, &body, fields).body
            });
        }
        body
    }

    /// A note of no more bytes than the CRM takes, or than it had, its longest texts cut short.
    fn within_limit(
        &self,
        before: usize,
        fields: &CallFields,
        note: impl Fn(&CallFields) -> String,
    ) -> String {
        let mut body = note(fields);
        let Some(limit) = self.attempt.engine.adapter.profile().max_note_bytes else {
            return body;
        };
        let mut fields = fields.clone();
        while body.len() > limit.max(before) {
            match fields.shortened(body.len() - limit) {
                Some(shorter) => fields = shorter,
                None => return body,
            }
            body = note(&fields);
        }
        body
    }

    /// Brings what is to stand into the activity, of which `log` was read just now.
    async fn update(&mut self, log: &mut CallLog, read_from: i64) -> Result<Vec<CallChange>, Stop> {
        loop {
            let to_stand: Vec<_> = self.to_stand().into_iter().cloned().collect();
            let changes: Vec<_> = to_stand.iter().collect();
            let body = self.with_changes(log.body.clone(), &changes);
            let all = combined(&changes);
            let submission = submission(&changes);
            let subject = (all.subject.as_ref())
                .map(|_| call::subject(&all, None))
                .filter(|subject| *subject != log.subject);
            let is_other = body != log.body
                || subject.is_some()
                || differs(all.started_at, log.started_at)
                || differs(all.known_duration(), log.duration)
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
                let adapter = self.attempt.engine.adapter;
                let written = adapter
                    .update_call_log(&self.attempt.ctx, &log.id, &wanted)
                    .await;
                match written {
                    Ok(_) => {}
                    Err(AdapterError::Invalid { .. }) if !self.delivery().is_empty() => {
                        let delivery: Vec<_> = self.delivery().into_iter().cloned().collect();
                        self.narrow(&delivery)?;
                        continue;
                    }
                    Err(error) => return Err(Stop::of_update(error)),
                }
            }
            self.log.saw(&body);
            log.body = body;
            self.link.read_at = read_from;
            return Ok(to_stand);
        }
    }

    /// Sets what the changes that were brought into the note have chosen besides. Then they are
    /// applied.
    async fn finish(&mut self, log: &CallLog, brought: &[CallChange]) -> Result<(), Stop> {
        let mut chosen = Map::new();
        for change in brought {
            chosen.extend(change.dispositions.clone());
        }
        let stands = |(name, value): (&String, &Value)| log.dispositions.get(name) == Some(value);
        if !chosen.iter().all(stands) {
            self.attempt.check_time(&self.link.claim)?;
            if !traced(&self.link.claim, Trace::Update) {
                self.trace(Trace::Update).await?;
            }
            let adapter = self.attempt.engine.adapter;
            let set = adapter.upsert_call_disposition(&self.attempt.ctx, log, &chosen);
            set.await.map_err(Stop::of_update)?;
        }
        self.applied(brought);
        Ok(())
    }

    fn applied(&mut self, changes: &[CallChange]) {
        for change in changes {
            if !self.link.has(&change.id) {
                self.link.remember(&change.id);
            }
        }
    }

    /// After a refusal: the next write carries the older half; a change that is refused alone is
    /// set aside.
    fn narrow(&mut self, delivery: &[CallChange]) -> Result<(), Stop> {
        if let [only] = delivery {
            let refused = RefusedChange {
                id: only.id.clone(),
                retry_at: self.now() + self.attempt.engine.limits.refused_for.num_milliseconds(),
            };
            self.link.refused.retain(|other| other.id != refused.id);
            self.link.refused.push(refused);
            self.link.batch = None;
        } else {
            self.link.batch = Some(delivery.len() / 2);
        }
        match self.log.may_narrow_on() {
            true => Ok(()),
            false => Err(Stop::Narrowing),
        }
    }

    /// The activity that carries our mark.
    async fn look(&self) -> Result<Option<CallLog>, AdapterError> {
        let Some(contact) = &self.link.opening.contact else {
            return Ok(None);
        };
        let adapter = self.attempt.engine.adapter;
        let found = adapter
            .find_call_logs_by_mark(&self.attempt.ctx, contact, &self.link.mark)
            .await?;
        Ok(found.into_iter().next())
    }

    /// Makes an activity the call's own, for whoever knows no more than the CRM's id of it, too.
    async fn linked(&mut self, id: &LogId) -> Result<(), Stop> {
        self.link.log_id = Some(id.clone());
        self.link.linked_at = self.now();
        self.link.gone_at = None;
        self.link.claim.doubt_until = None;
        let opening = &self.link.opening;
        let claims = self.log.store.claims();
        let sk = daybook_store::keys::call_link(&self.link.part);
        let owned = claims
            .adopt(&opening.platform, &opening.tenant, id, &sk)
            .await?;
        if owned != Write::Done {
            let log = self.log.store.key.short_hash();
            tracing::warn!(log, "the activity of a call is that of another log too");
        }
        Ok(())
    }

    /// The activity is not where it was: the one that carries its mark now; else one that is to be
    /// made anew, where somebody logs the call once more. What else waits is told to be too late.
    async fn find_lost_log(&mut self) -> Result<Option<CallLog>, Stop> {
        let limits = self.attempt.engine.limits;
        let age = self.now() - self.link.linked_at;
        if age < limits.log_visible_after.num_milliseconds() {
            return Err(Stop::LogHidden);
        }
        if let Some(found) = self.look().await.map_err(Stop::Failed)? {
            self.linked(&found.id).await?;
            return Ok(Some(found));
        }
        if self.waiting().iter().any(|change| change.creates) {
            self.link.log_id = None;
            self.link.mark = Mark::from_bits((self.attempt.engine.random)());
            self.trace(Trace::Create).await?;
            self.made_anew = true;
            return Ok(None);
        }
        self.link.gone_at = Some(self.now());
        self.link.read_at = self.now();
        let late: Vec<_> = self.waiting().into_iter().cloned().collect();
        self.applied(&late);
        Ok(None)
    }

    /// Writes the trace of a write that the lease did not name, before the write.
    async fn trace(&mut self, trace: Trace) -> Result<(), Stop> {
        let claims = self.log.store.claims();
        let (attempt, owner) = (self.attempt, &self.owner);
        attempt.trace(&claims, &mut self.link, owner, trace).await
    }

    pub(super) fn now(&self) -> i64 {
        self.attempt.engine.millis()
    }
}

/// What several changes tell together.
fn combined(changes: &[&CallChange]) -> CallFields {
    (changes.iter()).fold(CallFields::default(), |all, change| {
        all.then(change.fields.clone())
    })
}

/// What the user filled in, by all of the changes together.
fn submission(changes: &[&CallChange]) -> Map<String, Value> {
    let filled = changes
        .iter()
        .flat_map(|change| &change.additional_submission);
    filled
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Whether something else is told than stands there.
fn differs<T: PartialEq>(told: Option<T>, stands: Option<T>) -> bool {
    told.is_some() && told != stands
}
