//! The way of messages into their digests: the only place that orders the table and the CRM.
//!
//! [`Engine::deliver`] reads what is known, accepts what is new, and has each window attended to
//! (`attempt`): by taking its lease and writing (`holder`), or by waiting for who has it. What the
//! CRM refused or left open becomes a release (`failure`); second activities and lost ones are
//! mended in `repair`. Time, table, CRM and chance come in from outside, so that the same engine
//! runs in simulation. docs/protocol.md says what holds and why.

mod attempt;
mod caller;
mod failure;
mod holder;
mod repair;

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use daybook_adapters::http::Http;
use daybook_adapters::{CrmAdapter, Ctx};
use daybook_core::contact::Contact;
use daybook_core::digest::{Context, Entry, Fingerprint, Placement, Topic, Window, place};
use daybook_core::ids::{LogId, MessageId};
use daybook_core::message::{Message, Party};
use daybook_core::params::MessageLogParams;
use daybook_core::phone::PhoneNumber;
use daybook_core::time::{Clock, Deadline};
use daybook_store::digest::DigestStore;
use daybook_store::gates::Gates;
use daybook_store::items::{Due, Head, Opening, Reason, RollingIndex, StoredMessage};
use daybook_store::keys::DigestKey;
use daybook_store::{StoreError, Table, Write};
use futures_util::{StreamExt, TryStreamExt, stream};

pub(crate) use attempt::{Attempt, Left};
pub use caller::{Caller, Credentials, Held, HeldCredentials, Holding, NoneHeld};

use crate::app::Random;
use crate::config::{DigestWindow, Limits};

/// How many messages a head holds; further ones go into the next volume of its window.
const MOST_MESSAGES: usize = 5_000;
/// How many writes of messages go out at once.
const AT_ONCE: usize = 16;

/// What became of a request's messages. Each is in one of the lists, or stood in the CRM before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The activity of the newest message, where there is one.
    pub log_id: Option<LogId>,
    /// They stand in the CRM since this request, or another at the same time.
    pub logged: Vec<MessageId>,
    /// They do not stand there yet and will be delivered without another request.
    pub kept: Vec<MessageId>,
    /// They do not stand there; the next request of the digest delivers them too, and sending
    /// them again is safe.
    pub waiting: Vec<MessageId>,
    /// The CRM refuses them.
    pub refused: Vec<MessageId>,
    /// Why some are kept, waiting or refused.
    pub reason: Option<Reason>,
    /// Before when a repeat does not help, in milliseconds since 1970.
    pub retry_at: Option<i64>,
    /// An activity was deleted in the CRM, and a new one was made.
    pub made_anew: bool,
    /// The time of the message whose activity `log_id` is.
    named_at: Option<DateTime<Utc>>,
}

impl Outcome {
    /// Names the activity of a message of `at`, unless that of a newer one is named already.
    fn name(&mut self, at: DateTime<Utc>, log_id: Option<&LogId>) {
        if let Some(log_id) = log_id
            && self.named_at.is_none_or(|named| named <= at)
        {
            self.named_at = Some(at);
            self.log_id = Some(log_id.clone());
        }
    }

    /// What became of a request's messages that were delivered twice in turn, as with other
    /// credentials.
    #[must_use]
    pub fn then(self, second: Self) -> Self {
        let open = [&second.kept, &second.waiting, &second.refused];
        let is_open = |id: &MessageId| open.iter().any(|list| list.contains(id));
        let mut logged = self.logged;
        logged.retain(|id| !is_open(id) && !second.logged.contains(id));
        logged.extend(second.logged);
        let is_newer = second.log_id.is_some() && self.named_at <= second.named_at;
        let (log_id, named_at) = match is_newer {
            true => (second.log_id, second.named_at),
            false => (self.log_id, self.named_at),
        };
        Self {
            log_id,
            logged,
            made_anew: self.made_anew || second.made_anew,
            named_at,
            ..second
        }
    }
}

/// What messages are delivered with, within one request.
#[derive(Clone, Copy)]
pub struct Engine<'a> {
    /// The CRM.
    pub adapter: &'a dyn CrmAdapter,
    /// The way to it.
    pub http: &'a Http,
    /// The table.
    pub table: &'a Table,
    /// The source of the present time.
    pub clock: &'a dyn Clock,
    /// The source of chance.
    pub random: &'a Random,
    /// How long things may take.
    pub limits: &'a Limits,
    /// When the request must have been answered.
    pub deadline: Deadline,
}

/// A request and who it is from.
#[derive(Clone, Copy)]
struct Incoming<'a> {
    params: &'a MessageLogParams,
    caller: &'a Caller<'a>,
}

impl fmt::Debug for Engine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
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
        let sorted = "a request has messages, sorted: its parameters were parsed";
        let first = params.messages.first().expect(sorted);
        let last = params.messages.last().expect(sorted);
        let key = DigestKey::new(
            self.adapter.profile().id,
            &caller.tenant,
            &caller.user.id,
            &first.conversation,
            &params.contact.id,
        );
        let store = self.store(&key);
        let (heads, index) = self.read(&store, first, last).await?;
        let mut outcome = Outcome::default();
        let fresh = self.sort_out(params, &heads, &mut outcome);
        if fresh.is_empty() {
            return Ok(outcome);
        }
        let request = Incoming { params, caller };
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
            clock: self.clock,
            deadline: self.deadline,
        };
        let keeps = caller.credentials.keep();
        let attempt = Attempt::new(*self, store, ctx, gates, closed, keeps);
        let attempt = attempt.adopting(params.existing_log.clone());
        for (window, messages) in by_window(accepted) {
            let head = heads.iter().find(|head| head.window == window).cloned();
            let left = attempt.bring(window, &messages, head).await?;
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
    ) -> Left {
        Left {
            head: heads.iter().find(|head| head.window == *window).cloned(),
            reason: Some(reason),
            retry_at,
            made_anew: false,
        }
    }

    /// Before messages are told to be kept: those that were accepted before, and of which nothing
    /// leads to the scheduled function, are guarded as new ones are.
    async fn guard_again(
        &self,
        store: &DigestStore<'_>,
        request: &Incoming<'_>,
        left: &Left,
        messages: &[StoredMessage],
    ) -> Result<(), StoreError> {
        if !request.caller.credentials.keep() {
            return Ok(());
        }
        let kept = self.millis() / 1_000 + StoredMessage::KEPT_DAYS * 86_400;
        let head = left.head.as_ref();
        let date = head.and_then(|head| head.due.as_ref());
        for message in messages {
            let due = self.guard(request, store, &message.opening);
            let is_dated = date.is_some_and(|date| !date.is_parked() || due.is_parked());
            let is_guarded = match &message.due {
                None => is_dated,
                Some(seen) if seen.is_parked() => {
                    due.is_parked() && message.expires_at > kept - 86_400
                }
                Some(_) => true,
            };
            let stands = head.is_some_and(|head| self.stands(head, &message.entry));
            if !is_guarded && !stands {
                store.guard(message, &due, kept).await?;
            }
        }
        Ok(())
    }

    /// Adds to `outcome` what became of `messages`, which are kept where they were not delivered,
    /// or wait for another request.
    fn tell(&self, keeps: bool, left: &Left, messages: &[StoredMessage], outcome: &mut Outcome) {
        let now = self.millis();
        for message in messages {
            let id = message.entry.id.clone();
            let head = left.head.as_ref();
            let refused = head.and_then(|head| head.refusal(&Fingerprint::of(&id), now));
            if head.is_some_and(|head| self.stands(head, &message.entry)) {
                outcome.logged.push(id);
            } else if let Some(refused) = refused {
                outcome.refused.push(id);
                outcome.reason = Some(Reason::Refused);
                outcome.retry_at = Some(refused.retry_at);
            } else {
                outcome.reason = left.reason.or(Some(Reason::Busy));
                outcome.retry_at = left.retry_at;
                match keeps {
                    true => outcome.kept.push(id),
                    false => outcome.waiting.push(id),
                }
            }
        }
        outcome.made_anew |= left.made_anew;
        if let Some(newest) = messages.iter().map(|message| message.entry.at).max() {
            outcome.name(newest, left.head.as_ref().and_then(Head::log_id));
        }
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

    pub(crate) fn millis(&self) -> i64 {
        self.clock.now().timestamp_millis()
    }

    /// The heads among which the messages' own are, and the index of rolling windows.
    async fn read(
        &self,
        store: &DigestStore<'_>,
        first: &Message,
        last: &Message,
    ) -> Result<(Vec<Head>, Option<RollingIndex>), StoreError> {
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

    /// The messages that are neither in a ledger nor refused for now.
    fn sort_out<'m>(
        &self,
        params: &'m MessageLogParams,
        heads: &[Head],
        outcome: &mut Outcome,
    ) -> Vec<&'m Message> {
        let now = self.millis();
        let mut fresh = Vec::new();
        for message in &params.messages {
            let entry = Entry::of(message);
            let print = Fingerprint::of(&message.id);
            if let Some(head) = heads.iter().find(|head| self.stands(head, &entry)) {
                outcome.name(message.at, head.log_id());
            } else if let Some(refused) = heads.iter().find_map(|head| head.refusal(&print, now)) {
                outcome.refused.push(message.id.clone());
                outcome.reason = Some(Reason::Refused);
                outcome.retry_at = Some(refused.retry_at);
            } else {
                fresh.push(message);
            }
        }
        fresh
    }

    /// Which window each message belongs to, where no earlier request has said so. A new rolling
    /// window joins the index first.
    async fn place<'m>(
        &self,
        store: &DigestStore<'_>,
        request: &Incoming<'_>,
        fresh: &[&'m Message],
        heads: &[Head],
        index: Option<RollingIndex>,
    ) -> Result<Vec<(&'m Message, Window)>, StoreError> {
        let volume = |window: Window| {
            let is_full = |window: Window| {
                (heads.iter()).any(|head| head.window == window && head.count() >= MOST_MESSAGES)
            };
            std::iter::successors(Some(window), |window| Some(window.next_volume()))
                .find(|window| !is_full(*window))
                .unwrap_or(window)
        };
        let Some(mut index) = index else {
            let zone = request.caller.zone;
            let day = |message: &&'m Message| (*message, volume(Window::day(zone, message.at)));
            return Ok(fresh.iter().map(day).collect());
        };
        loop {
            let seen = index.rev;
            let mut placed = Vec::with_capacity(fresh.len());
            for message in fresh {
                placed.push(match place(&index.windows, message.at) {
                    Placement::Covered(window) => (*message, volume(window)),
                    Placement::New {
                        window,
                        index: with,
                    } => {
                        index.windows = with;
                        index.rev = seen + 1;
                        (*message, window)
                    }
                });
            }
            if index.rev == seen {
                return Ok(placed);
            }
            index.expires_at = self.clock.now().timestamp() + Head::KEPT_DAYS * 86_400;
            match store.put_rolling_index(&index, seen).await? {
                Write::Done => return Ok(placed),
                Write::Lost(Some(other)) => index = other,
                Write::Lost(None) => index = RollingIndex::default(),
            }
        }
    }

    /// Puts the messages into the table. One that was accepted before keeps its window and text.
    async fn accept(
        &self,
        store: &DigestStore<'_>,
        request: &Incoming<'_>,
        placed: Vec<(&Message, Window)>,
    ) -> Result<Vec<StoredMessage>, StoreError> {
        let now = self.millis();
        let days = match request.caller.credentials.keep() {
            true => StoredMessage::KEPT_DAYS,
            false => StoredMessage::KEPT_DAYS_WITHOUT_CREDENTIALS,
        };
        let mut entries: BTreeMap<Window, Vec<Entry>> = BTreeMap::new();
        for (message, window) in placed {
            entries.entry(window).or_default().push(Entry::of(message));
        }
        let mut messages = Vec::new();
        for (window, entries) in entries {
            let opening = self.opening(request, &entries);
            let due = self.guard(request, store, &opening);
            messages.extend(entries.into_iter().map(|entry| StoredMessage {
                schema: StoredMessage::SCHEMA,
                window,
                entry,
                opening: opening.clone(),
                accepted_at: now,
                due: Some(due.clone()),
                expires_at: now / 1_000 + days * 86_400,
            }));
        }
        stream::iter(messages)
            .map(|message| async move {
                Ok(match store.accept(&message).await? {
                    Write::Lost(Some(before)) => before,
                    Write::Done | Write::Lost(None) => message,
                })
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await
    }

    /// When the scheduled function looks whether a message was delivered: at a time, where it has
    /// credentials then, else after a sign-in.
    fn guard(&self, request: &Incoming<'_>, store: &DigestStore<'_>, opening: &Opening) -> Due {
        let (pk, now) = (store.key.pk(), self.millis());
        match request.caller.credentials {
            Credentials::Held(_) | Credentials::Later { .. } => {
                Due::new(pk, now + self.limits.guard.num_milliseconds())
            }
            Credentials::Brought(_) | Credentials::Dead => {
                Due::parked(pk, &opening.user_key(), now)
            }
        }
    }

    /// What a digest that opens with `entries` is made with.
    fn opening(&self, request: &Incoming<'_>, entries: &[Entry]) -> Opening {
        let Incoming { params, caller } = request;
        let entries: Vec<_> = entries.iter().collect();
        let first = entries.iter().map(|entry| entry.at).min();
        Opening {
            platform: self.adapter.profile().id.to_owned(),
            tenant: caller.tenant.clone(),
            user: caller.user.id.clone(),
            hostname: caller.user.hostname.clone(),
            context: Context {
                contact: params.contact.clone(),
                user_name: caller.user.name.clone(),
                zone: caller.zone,
                format: self.adapter.profile().log_format,
                participants: others(&params.contact, &params.correspondents),
                group: params.correspondents.len() > 1,
                topic: Topic::of(&entries),
                started_at: first.unwrap_or_else(|| self.clock.now()),
            },
            additional_submission: params.additional_submission.clone(),
        }
    }
}

fn by_window(messages: Vec<StoredMessage>) -> BTreeMap<Window, Vec<StoredMessage>> {
    let mut windows: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for message in messages {
        windows.entry(message.window).or_default().push(message);
    }
    windows
}

/// The names, else numbers, of everybody in the conversation but the contact.
fn others(contact: &Contact, correspondents: &[Party]) -> Vec<String> {
    correspondents
        .iter()
        .filter(|party| party.phone.is_none() || party.phone != contact.phone)
        .filter_map(|party| {
            let number = party.phone.as_ref().map(PhoneNumber::as_str);
            party.name.as_deref().or(number)
        })
        .filter(|name| Some(*name) != contact.name.as_deref())
        .map(str::to_owned)
        .collect()
}
