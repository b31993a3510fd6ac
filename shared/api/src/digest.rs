//! The way of messages into their digests.
//!
//! [`Engine::deliver`] reads what is known, accepts what is new (`accept`), and has the
//! [`engine`](crate::engine) attend to each window's digest (`log`): whoever holds its lease writes
//! for all (`holder`, `waiting`), and settles or releases (`ending`). What is in doubt is looked at
//! in `checks`, second activities and lost ones are mended in `repair`, notes that the CRM cuts in
//! `cut`. Which user has the log of a thread of a shared inbox is found out in `thread`.

mod accept;
mod checks;
mod cut;
mod ending;
mod holder;
mod log;
mod outcome;
mod pieces;
mod repair;
mod thread;
mod waiting;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use daybook_adapters::Ctx;
use daybook_core::digest::{Entry, Fingerprint, Window};
use daybook_core::ids::{CrmUserId, TenantId};
use daybook_core::message::Message;
use daybook_core::params::MessageLogParams;
use daybook_store::StoreError;
use daybook_store::digest::DigestStore;
use daybook_store::gates::Gates;
use daybook_store::items::{Head, Reason, RollingIndex, StoredMessage, ThreadOwner};
use daybook_store::keys::DigestKey;

use accept::Incoming;
pub(crate) use log::{DigestLog, new_head};
pub use outcome::Outcome;
pub(crate) use pieces::stands;

use crate::config::DigestWindow;
use crate::engine::{Attempt, Caller, Engine, Left};

/// How many messages a head holds; further ones go into the next volume of its window.
const MOST_MESSAGES: usize = 5_000;

/// What is known of a request's messages before anything is accepted.
#[derive(Debug)]
pub struct Seen {
    heads: Vec<Head>,
    index: Option<RollingIndex>,
    /// Who has the log, if it is that of a thread and anybody has.
    thread: Option<ThreadOwner>,
    outcome: Outcome,
    /// Where the messages are, in their request, that are neither in a ledger nor refused for now.
    fresh: Vec<usize>,
}

impl<'a> Engine<'a> {
    /// Brings the messages that are new into their digests, window by window, oldest first.
    ///
    /// # Errors
    /// [`StoreError`], where the table failed. Sending the messages again is safe.
    pub async fn deliver(
        &self,
        params: &MessageLogParams,
        caller: &Caller<'_>,
    ) -> Result<Outcome, StoreError> {
        let (tenant, user) = (&caller.tenant, &caller.user.id);
        let seen = self.look(params, tenant, user).await?;
        self.deliver_seen(params, caller, seen).await
    }

    /// Looks which of the messages are new, with one query and no credentials.
    ///
    /// # Errors
    /// [`StoreError`], where the table failed.
    pub async fn look(
        &self,
        params: &MessageLogParams,
        tenant: &TenantId,
        user: &CrmUserId,
    ) -> Result<Seen, StoreError> {
        let key = self.key(params, tenant, user);
        if params.inbox.is_some() {
            return self.look_at_thread(params, tenant, &key).await;
        }
        let (heads, index) = self.read(&self.store(&key), params).await?;
        Ok(self.seen(params, heads, index))
    }

    fn seen(
        &self,
        params: &MessageLogParams,
        heads: Vec<Head>,
        index: Option<RollingIndex>,
    ) -> Seen {
        let mut outcome = Outcome::default();
        let fresh = self.sort_out(params, &heads, &mut outcome);
        Seen {
            heads,
            index,
            thread: None,
            outcome,
            fresh,
        }
    }

    /// The rest of [`Engine::deliver`], after a look.
    ///
    /// # Errors
    /// [`StoreError`], where the table failed. Sending the messages again is safe.
    pub async fn deliver_seen(
        &self,
        params: &MessageLogParams,
        caller: &Caller<'_>,
        seen: Seen,
    ) -> Result<Outcome, StoreError> {
        if seen.fresh.is_empty() {
            return Ok(seen.outcome);
        }
        let own = self.key(params, &caller.tenant, &caller.user.id);
        let seen = self.owned(params, caller, &own, seen).await?;
        let fresh: Vec<_> = seen.fresh(params).collect();
        let Seen {
            heads,
            index,
            thread,
            mut outcome,
            ..
        } = seen;
        if fresh.is_empty() {
            return Ok(outcome);
        }
        let (key, owner) = match thread {
            Some(thread) => (DigestKey::from_pk(thread.owner), thread.user),
            None => (own, caller.user.id.clone()),
        };
        let store = self.store(&key);
        let request = Incoming {
            params,
            caller,
            owner: &owner,
        };
        let placed = self.place(&store, &request, &fresh, &heads, index).await?;
        let auth = match caller.credentials.auth() {
            Ok(auth) => auth,
            Err(why) => {
                let accepted = self.accept(&store, &request, placed).await?;
                for (window, messages) in by_window(accepted) {
                    let left = self.left_alone(why, &heads, &window);
                    self.guard_again(&store, &request, &left, &messages).await?;
                    self.tell(true, &left, &messages, &mut outcome);
                }
                return Ok(outcome);
            }
        };
        let (platform, user) = (self.adapter.profile().id, &caller.user.id);
        let gates = Gates::new(
            self.table,
            self.clock,
            self.deadline,
            platform,
            &caller.tenant,
            user,
        );
        let (accepted, closed) =
            futures_util::try_join!(self.accept(&store, &request, placed), gates.read())?;
        let ctx = Ctx {
            user: caller.user,
            auth,
            http: self.http,
            cache: self.table,
            clock: self.clock,
            deadline: self.deadline,
        };
        let keeps = caller.credentials.keep();
        let attempt = Attempt::new(*self, ctx, gates, closed, keeps);
        for (window, messages) in by_window(accepted) {
            let head = heads.iter().find(|head| head.window == window).cloned();
            let log = DigestLog::new(*self, store, window, &messages);
            let left = attempt.bring(&log, head).await?;
            self.guard_again(&store, &request, &left, &messages).await?;
            self.tell(keeps, &left, &messages, &mut outcome);
        }
        Ok(outcome)
    }

    /// A window for which the CRM cannot be called.
    fn left_alone(
        &self,
        (reason, retry_at): (Reason, Option<i64>),
        heads: &[Head],
        window: &Window,
    ) -> Left<Head> {
        Left {
            item: heads.iter().find(|head| head.window == *window).cloned(),
            reason: Some(reason),
            retry_at,
            made_anew: false,
        }
    }

    fn key(&self, params: &MessageLogParams, tenant: &TenantId, user: &CrmUserId) -> DigestKey {
        let (first, _) = ends(params);
        let platform = self.adapter.profile().id;
        DigestKey::new(
            platform,
            tenant,
            user,
            &first.conversation,
            &params.contact.id,
        )
    }

    pub(crate) fn store<'k>(&self, key: &'k DigestKey) -> DigestStore<'k>
    where
        'a: 'k,
    {
        DigestStore {
            table: self.table,
            key,
            clock: self.clock,
            deadline: self.deadline,
        }
    }

    /// The heads among which the messages' own are, and the index of rolling windows.
    async fn read(
        &self,
        store: &DigestStore<'_>,
        params: &MessageLogParams,
    ) -> Result<(Vec<Head>, Option<RollingIndex>), StoreError> {
        let (first, last) = ends(params);
        match self.limits.window {
            DigestWindow::Day => {
                let day = TimeDelta::days(1);
                let (from, to) = (first.at - day, last.at + day);
                let heads = store.heads(from.date_naive(), to.date_naive()).await?;
                Ok((heads, None))
            }
            DigestWindow::Rolling24h => store.rolling_heads(first.at - TimeDelta::hours(25)).await,
        }
    }

    /// Where the messages are that are neither in a ledger nor refused for now.
    fn sort_out(
        &self,
        params: &MessageLogParams,
        heads: &[Head],
        outcome: &mut Outcome,
    ) -> Vec<usize> {
        let now = self.millis();
        let mut fresh = Vec::new();
        for (index, message) in params.messages.iter().enumerate() {
            let entry = Entry::of(message);
            let print = Fingerprint::of(&message.id);
            if let Some(head) = heads.iter().find(|head| self.stands(head, &entry)) {
                outcome.name(message.at, head.log_id());
            } else if let Some((head, refused)) = heads
                .iter()
                .find_map(|head| Some((head, head.refusal(&print, now)?)))
            {
                outcome.name(message.at, head.log_id());
                outcome.refused.push(message.id.clone());
                outcome.reason = Some(Reason::Refused);
                outcome.retry_at = Some(refused.retry_at);
            } else {
                fresh.push(index);
            }
        }
        fresh
    }
}

impl Seen {
    /// What the look came to, where no message is new.
    pub fn done(&self) -> Option<&Outcome> {
        self.fresh.is_empty().then_some(&self.outcome)
    }

    /// The same, where no more than `most` of the new messages are to be brought now.
    #[must_use]
    pub fn oldest(mut self, most: usize) -> Self {
        self.fresh.truncate(most);
        self
    }

    fn fresh<'m>(&self, params: &'m MessageLogParams) -> impl Iterator<Item = &'m Message> {
        let fresh = self.fresh.iter();
        fresh.filter_map(|index| params.messages.get(*index))
    }
}

/// The oldest and the newest message of a request.
fn ends(params: &MessageLogParams) -> (&Message, &Message) {
    let sorted = "a request has messages, sorted: its parameters were parsed";
    let first = params.messages.first().expect(sorted);
    let last = params.messages.last().expect(sorted);
    (first, last)
}

fn by_window(messages: Vec<StoredMessage>) -> BTreeMap<Window, Vec<StoredMessage>> {
    let mut windows: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for message in messages {
        windows.entry(message.window).or_default().push(message);
    }
    windows
}
