//! The way of what is told of a phone call into its activity.
//!
//! [`Engine::log_call`] and [`Engine::change_call`] find the link of a
//! call (`part`), accept what the request tells as a change, and have the
//! [`engine`](crate::engine) attend to the link (`log`): whoever holds its lease brings all changes
//! that wait into the activity as it stands (`holder`, `note`), which it makes where there is none
//! (`make`), and settles or releases (`ending`). Second activities are folded in `repair`. The note
//! itself is written in `core`. What is logged already is looked for in `find`.

mod ending;
mod find;
mod holder;
mod log;
mod make;
mod note;
mod outcome;
mod part;
mod repair;
mod told;

use daybook_adapters::Ctx;
use daybook_core::call_note::Layout;
use daybook_core::contact::Contact;
use daybook_core::ids::{LogId, SessionId};
use daybook_core::user::UserKey;
use daybook_store::calls::CallStore;
use daybook_store::gates::Gates;
use daybook_store::items::{
    CallChange, CallLink, CallNote, CallOpening, Claim, Due, Extension, Reason,
};
use daybook_store::keys::CallKey;
use daybook_store::{StoreError, Write};

pub use find::{CallsOf, FoundCall, Logged, ReadCall, ToldOfCall};
pub(crate) use log::{CallWork, new_link};
pub use outcome::{CallOutcome, CallState};
use part::{Choice, Place, choose, places};
pub use told::Told;

use crate::engine::{Attempt, Caller, Engine, Left, is_unguarded};

/// How often a create is to take the place of another before it is put beside it.
const MOST_REPLACED: u32 = 3;

/// Which log a request is about.
#[derive(Debug, Clone)]
pub struct Which {
    /// The CRM's id of it.
    pub log: Option<LogId>,
    /// The call.
    pub session: Option<SessionId>,
    /// Whose part in the call.
    pub extension: Extension,
}

impl Engine<'_> {
    /// Logs a call, unless that was done before.
    ///
    /// # Errors
    /// [`StoreError`], where the table failed. Sending it again is safe.
    pub async fn log_call(
        &self,
        session: &SessionId,
        extension: &Extension,
        contact: &Contact,
        told: Told,
        caller: &Caller<'_>,
    ) -> Result<CallOutcome, StoreError> {
        let key = CallKey::new(&self.user_key(caller), session);
        let store = self.call_store(&key);
        let rows = store.read().await?;
        let place = match choose(places(rows.links, &rows.changes), extension) {
            Choice::One(place) => *place,
            // The call is logged: of several parts, the oldest is as good as any.
            Choice::Several(mut places) => {
                places.sort_by_key(Place::linked);
                places.swap_remove(0)
            }
            Choice::None => Place::new(extension),
        };
        let place = self.take_over(&store, place, extension).await?;
        if let Some(link) = &place.link
            && link.log_id.is_some()
            && link.gone_at.is_none()
        {
            return Ok(CallOutcome::already(link));
        }
        let told = told.with_note(rows.note.as_ref(), &place);
        let mut change = self.change(&place, extension, told, caller);
        change.creates = true;
        change.opening.contact = Some(contact.clone());
        let outcome = Box::pin(self.bring_change(&store, place, change, caller)).await?;
        self.told_note(&store, rows.note).await?;
        Ok(outcome)
    }

    /// Brings what a request tells into the log of a call.
    ///
    /// # Errors
    /// As [`log_call`](Self::log_call).
    pub async fn change_call(
        &self,
        which: &Which,
        told: Told,
        caller: &Caller<'_>,
    ) -> Result<CallOutcome, StoreError> {
        let found = match self.find_link(which, caller).await? {
            Ok(found) => found,
            Err(state) => return Ok(CallOutcome::of(state)),
        };
        let store = self.call_store(&found.key);
        // A log that is named is whose it is.
        let place = match which.log {
            Some(_) => found.place,
            None => {
                self.take_over(&store, found.place, &which.extension)
                    .await?
            }
        };
        let told = told.with_note(found.note.as_ref(), &place);
        let mut change = self.change(&place, &which.extension, told, caller);
        change.opening.existing_log = found.taken_over;
        let outcome = Box::pin(self.bring_change(&store, place, change, caller)).await?;
        self.told_note(&store, found.note).await?;
        Ok(outcome)
    }

    /// Keeps what an agent wrote of a call until a request tells of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_call_note(
        &self,
        user: &UserKey,
        session: &SessionId,
        note: String,
    ) -> Result<(), StoreError> {
        let key = CallKey::new(user, session);
        let now = self.millis();
        let note = CallNote {
            schema: CallNote::SCHEMA,
            id: self.stamp(now),
            note,
            expires_at: now / 1_000 + CallNote::KEPT_SECONDS,
        };
        self.call_store(&key).keep_note(&note).await
    }

    /// Removes a note that waited: an accepted change has it, or a newer one.
    async fn told_note(
        &self,
        store: &CallStore<'_>,
        note: Option<CallNote>,
    ) -> Result<(), StoreError> {
        match note {
            Some(note) => store.remove_note(&note).await,
            None => Ok(()),
        }
    }

    /// A name that nobody else gives, in the order of time.
    fn stamp(&self, now: i64) -> String {
        format!("{now:013}-{:016x}", (self.random)())
    }

    fn user_key(&self, caller: &Caller<'_>) -> UserKey {
        UserKey {
            platform: self.adapter.profile().id.to_owned(),
            tenant: caller.tenant.clone(),
            id: caller.user.id.clone(),
        }
    }

    pub(crate) fn call_store<'k>(&'k self, key: &'k CallKey) -> CallStore<'k> {
        CallStore {
            table: self.table,
            key,
            clock: self.clock,
            deadline: self.deadline,
        }
    }

    /// A change that has not been accepted yet.
    fn change(
        &self,
        place: &Place,
        extension: &Extension,
        told: Told,
        caller: &Caller<'_>,
    ) -> CallChange {
        let now = self.millis();
        let user = self.user_key(caller);
        CallChange {
            schema: CallChange::SCHEMA,
            part: place.part.clone(),
            id: self.stamp(now),
            creates: false,
            opening: CallOpening {
                platform: user.platform,
                tenant: user.tenant,
                user: user.id,
                contact: None,
                existing_log: None,
            },
            extension: extension.clone(),
            fields: told.fields,
            with_kept_note: told.with_kept_note,
            layout: Layout::new(&caller.user.settings, caller.zone),
            additional_submission: told.additional_submission,
            dispositions: told.dispositions,
            accepted_at: now,
            due: None,
            expires_at: now / 1_000 + caller.credentials.kept_days() * 86_400,
        }
    }

    /// Accepts a change, and has its log attended to.
    async fn bring_change(
        &self,
        store: &CallStore<'_>,
        place: Place,
        mut change: CallChange,
        caller: &Caller<'_>,
    ) -> Result<CallOutcome, StoreError> {
        let user = change.opening.user_key();
        let due = self.guard(caller.credentials, store.key.pk(), &user);
        change.due = Some(due.clone());
        let keeps = caller.credentials.keep();
        let auth = match caller.credentials.auth() {
            Ok(auth) => auth,
            Err((reason, retry_at)) => {
                let change = self.accept_change(store, &place, change).await?;
                let left = Left::new(place.link, Some(reason), retry_at);
                self.guard_change(store, &left, &change, &due, keeps)
                    .await?;
                return Ok(self.call_outcome(&left, &change.id, keeps, None));
            }
        };
        let (platform, tenant) = (self.adapter.profile().id, &caller.tenant);
        let (table, clock, deadline) = (self.table, self.clock, self.deadline);
        let gates = Gates::new(table, clock, deadline, platform, tenant, &caller.user.id);
        let (change, closed) =
            futures_util::try_join!(self.accept_change(store, &place, change), gates.read())?;
        let ctx = Ctx {
            user: caller.user,
            auth,
            http: self.http,
            cache: self.table,
            clock,
            deadline,
        };
        let attempt = Attempt::new(*self, ctx, gates, closed, keeps);
        let work = CallWork::new(*self, *store, change.part.clone(), Some(&change));
        let left = attempt.bring(&work, place.link).await?;
        self.guard_change(store, &left, &change, &due, keeps)
            .await?;
        let note = work.into_note();
        Ok(self.call_outcome(&left, &change.id, keeps, note))
    }

    /// Puts a change into the table. A call that is to be logged was so told before: then that is
    /// what is brought, and what is told otherwise now besides. One that the CRM refused, of which
    /// it does not have the contact, or whose activity was deleted is replaced.
    async fn accept_change(
        &self,
        store: &CallStore<'_>,
        place: &Place,
        mut change: CallChange,
    ) -> Result<CallChange, StoreError> {
        // One that is replaced by somebody else at the same moment is compared with that one.
        for _ in 0..MOST_REPLACED {
            let Write::Lost(Some(before)) = store.accept(&change).await? else {
                return Ok(change);
            };
            let is_over = (place.link.as_ref()).is_some_and(|link| self.is_over(link, &before));
            if is_over {
                match store.replace(&change, &before.id).await? {
                    true => return Ok(change),
                    false => continue,
                }
            }
            if change.is_in(&before) {
                return Ok(before);
            }
            break;
        }
        change.creates = false;
        store.accept(&change).await?;
        Ok(change)
    }

    /// Whether the change that was to log a call has come to its end without a log, or its log to
    /// its own.
    fn is_over(&self, link: &CallLink, before: &CallChange) -> bool {
        let is_nobodys = link.claim.reason == Some(Reason::ContactGone);
        let is_unmade = is_nobodys && link.log_id.is_none();
        let is_refused = link.refusal(&before.id, self.millis()).is_some();
        is_unmade || is_refused || link.has(&before.id)
    }

    /// Before a change is told to be kept: one that was accepted before, and of which nothing leads
    /// to the scheduled function, is guarded as a new one is.
    async fn guard_change(
        &self,
        store: &CallStore<'_>,
        left: &Left<CallLink>,
        change: &CallChange,
        due: &Due,
        keeps: bool,
    ) -> Result<(), StoreError> {
        let link = left.item.as_ref();
        if !keeps || link.is_some_and(|link| link.has(&change.id)) {
            return Ok(());
        }
        let kept = change.accepted_at / 1_000 + Claim::KEPT_DAYS_WAITING * 86_400;
        let date = link.and_then(|link| link.claim.due.as_ref());
        let is_kept_long = change.expires_at >= kept;
        if is_unguarded(change.due.as_ref(), is_kept_long, date, due) {
            store.guard(change, due, kept).await?;
        }
        Ok(())
    }

    /// What became of a change of a log that was left so.
    fn call_outcome(
        &self,
        left: &Left<CallLink>,
        change: &str,
        keeps: bool,
        note: Option<String>,
    ) -> CallOutcome {
        let link = left.item.as_ref();
        let stands = link.is_some_and(|link| link.has(change));
        let is_gone = link.is_some_and(|link| link.gone_at.is_some());
        let now = self.millis();
        let refusal = link.and_then(|link| link.refusal(change, now));
        let state = match refusal {
            Some(_) => CallState::Refused,
            None if stands && is_gone => CallState::Gone,
            None if stands => CallState::Logged,
            None if keeps => CallState::Kept,
            None => CallState::Waiting,
        };
        let reason = match refusal {
            Some(_) => Reason::Refused,
            None => left.reason.unwrap_or(Reason::Busy),
        };
        CallOutcome {
            log_id: link.and_then(|link| link.log_id.clone()),
            note: note.filter(|_| state == CallState::Logged),
            reason: (!stands).then_some(reason),
            retry_at: refusal.map_or(left.retry_at, |refused| Some(refused.retry_at)),
            made_anew: left.made_anew,
            state,
        }
    }
}

/// Where a change goes.
struct FoundLink {
    key: CallKey,
    place: Place,
    /// The log of another server that is its own from now on.
    taken_over: Option<LogId>,
    /// The note that waits for the call.
    note: Option<CallNote>,
}

impl FoundLink {
    fn at(key: CallKey, place: Place) -> Self {
        Self {
            key,
            place,
            taken_over: None,
            note: None,
        }
    }
}
