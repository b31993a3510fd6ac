//! The activity of a call: making one, and finding one again that may have been made, or moved.

use daybook_adapters::{AdapterError, Applied, CallLog, Entity, NewCallLog};
use daybook_core::call;
use daybook_core::digest::Mark;
use daybook_core::ids::LogId;
use daybook_store::Write;
use daybook_store::items::{CallChange, Trace};

use super::holder::Holder;
use super::note::{combined, submission};
use crate::engine::{Stop, traced};

/// What making an activity came to.
pub(super) enum Made {
    /// There is nothing to make one of.
    Nothing,
    /// A new one, and the changes that are in it.
    New(CallLog, Vec<CallChange>),
    /// One that an earlier try has made.
    Found(CallLog),
}

impl Holder<'_, '_> {
    /// Makes the activity, or finds the one that an earlier try has made.
    pub(super) async fn make(&mut self) -> Result<Made, Stop> {
        if !self.waiting().iter().any(|change| change.logs_call()) {
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
            if !delivery.iter().any(CallChange::logs_call) {
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
        let contact = self.link.opening.contact.as_ref();
        let contact = contact.ok_or(AdapterError::NotFound(Entity::Contact))?;
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
        self.log.saw(&made.body);
        Ok(made)
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
    pub(super) async fn find_lost_log(&mut self) -> Result<Option<CallLog>, Stop> {
        let limits = self.attempt.engine.limits;
        let age = self.now() - self.link.linked_at;
        if age < limits.log_visible_after.num_milliseconds() {
            return Err(Stop::LogHidden);
        }
        if let Some(found) = self.look().await.map_err(Stop::Failed)? {
            self.linked(&found.id).await?;
            return Ok(Some(found));
        }
        if self.waiting().iter().any(|change| change.logs_call()) {
            self.link.log_id = None;
            self.link.mark = Mark::from_bits((self.attempt.engine.random)());
            self.trace(Trace::Create).await?;
            self.made_anew = true;
            return Ok(None);
        }
        let log = self.log.store.key.short_hash();
        tracing::warn!(log, "the log of a call was deleted in the CRM");
        self.link.gone_at = Some(self.now());
        self.link.read_at = self.now();
        let late: Vec<_> = self.waiting().into_iter().cloned().collect();
        self.applied(&late);
        Ok(None)
    }
}
