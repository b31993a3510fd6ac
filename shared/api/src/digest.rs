//! The way of messages into their digests: the only place that orders the table and the CRM.
//!
//! [`Engine::deliver`] reads what is known, accepts what is new, and has each window attended to
//! (`attempt`): by taking its lease and writing (`holder`), or by waiting for who has it. What the
//! CRM refused or left open becomes a release (`failure`); second activities and lost ones are
//! mended in `repair`. Time, table, CRM and chance come in from outside, so that the same engine
//! runs in simulation. docs/protocol.md says what holds and why.

mod attempt;
mod failure;
mod holder;
mod repair;

use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use daybook_adapters::http::Http;
use daybook_adapters::{CrmAdapter, Ctx};
use daybook_core::contact::Contact;
use daybook_core::digest::{Context, Entry, Fingerprint, Placement, Topic, Window, place};
use daybook_core::ids::{CrmUserId, LogId, MessageId, TenantId};
use daybook_core::message::{Message, Party};
use daybook_core::params::{AuthHeader, MessageLogParams};
use daybook_core::phone::PhoneNumber;
use daybook_core::time::{Clock, Deadline};
use daybook_core::user::{User, UserKey};
use daybook_store::digest::DigestStore;
use daybook_store::gates::Gates;
use daybook_store::items::{Due, Head, Opening, Reason, RollingIndex, StoredMessage};
use daybook_store::keys::DigestKey;
use daybook_store::{StoreError, Table, Write};
use futures_util::{StreamExt, TryStreamExt, stream};

pub(crate) use attempt::Attempt;

use crate::app::Random;
use crate::config::{DigestWindow, Limits};

/// How many messages a head holds; further ones go into the next volume of its window.
const MOST_MESSAGES: usize = 5_000;
/// How many writes of messages go out at once.
const AT_ONCE: usize = 16;

/// The credentials of a user that we hold, to deliver when no request brings any.
#[derive(Debug)]
pub struct Held {
    /// The value of the `Authorization` header.
    pub auth: AuthHeader,
    /// The user.
    pub user: User,
}

/// Where credentials are held.
#[async_trait]
pub trait HeldCredentials: Send + Sync + fmt::Debug {
    /// The credentials of a user, if we hold any that were not refused.
    async fn of(&self, platform: &str, tenant: &TenantId, user: &CrmUserId) -> Option<Held>;
}

/// No credentials are held for anybody.
#[derive(Debug, Clone, Copy)]
pub struct NoneHeld;

#[async_trait]
impl HeldCredentials for NoneHeld {
    async fn of(&self, _: &str, _: &TenantId, _: &CrmUserId) -> Option<Held> {
        None
    }
}

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
    /// The credentials that we hold.
    pub held: &'a dyn HeldCredentials,
    /// When the request must have been answered.
    pub deadline: Deadline,
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
    pub async fn deliver(&self, params: &MessageLogParams) -> Result<Outcome, StoreError> {
        let tenant = self.adapter.tenant(&params.user);
        let platform = self.adapter.profile().id;
        let sorted = "a request has messages, sorted: its parameters were parsed";
        let first = params.messages.first().expect(sorted);
        let last = params.messages.last().expect(sorted);
        let key = DigestKey::new(
            platform,
            &tenant,
            &params.user.id,
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
        let held = self
            .held
            .of(platform, &tenant, &params.user.id)
            .await
            .is_some();
        let gates = Gates::new(
            self.table,
            self.clock,
            self.deadline,
            platform,
            &tenant,
            &params.user.id,
        );
        let placed = self.place(&store, params, &fresh, &heads, index).await?;
        let (accepted, closed) = futures_util::try_join!(
            self.accept(&store, params, &tenant, placed, held),
            gates.read()
        )?;
        let ctx = Ctx {
            user: &params.user,
            auth: &params.auth,
            http: self.http,
            clock: self.clock,
            deadline: self.deadline,
        };
        let attempt = Attempt::new(*self, store, ctx, gates, closed, held);
        let attempt = attempt.adopting(params.existing_log.clone());
        for (window, messages) in by_window(accepted) {
            let head = heads.iter().find(|head| head.window == window).cloned();
            let seen = attempt.bring(window, &messages, head).await?;
            attempt.tell(&seen, &messages, &mut outcome);
        }
        Ok(outcome)
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
        params: &MessageLogParams,
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
            let day =
                |message: &&'m Message| (*message, volume(Window::day(params.zone, message.at)));
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
        params: &MessageLogParams,
        tenant: &TenantId,
        placed: Vec<(&Message, Window)>,
        held: bool,
    ) -> Result<Vec<StoredMessage>, StoreError> {
        let now = self.millis();
        let user = UserKey {
            platform: self.adapter.profile().id.to_owned(),
            tenant: tenant.clone(),
            id: params.user.id.clone(),
        };
        let parked = |pk: &str| Due::parked(pk, &user, now);
        let due = match held {
            true => Due::new(store.key.pk(), now + self.limits.guard.num_milliseconds()),
            false => parked(store.key.pk()),
        };
        let days = match held {
            true => StoredMessage::KEPT_DAYS,
            false => StoredMessage::KEPT_DAYS_WITHOUT_CREDENTIALS,
        };
        let mut entries: BTreeMap<Window, Vec<Entry>> = BTreeMap::new();
        for (message, window) in placed {
            entries.entry(window).or_default().push(Entry::of(message));
        }
        let mut messages = Vec::new();
        for (window, entries) in entries {
            let opening = self.opening(params, tenant, &entries);
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

    /// What a digest that opens with `entries` is made with.
    fn opening(&self, params: &MessageLogParams, tenant: &TenantId, entries: &[Entry]) -> Opening {
        let entries: Vec<_> = entries.iter().collect();
        let first = entries.iter().map(|entry| entry.at).min();
        Opening {
            platform: self.adapter.profile().id.to_owned(),
            tenant: tenant.clone(),
            user: params.user.id.clone(),
            hostname: params.user.hostname.clone(),
            context: Context {
                contact: params.contact.clone(),
                user_name: params.user.name.clone(),
                zone: params.zone,
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
