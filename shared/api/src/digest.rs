//! The way of messages into their digests: the only place that orders the table and the CRM.
//!
//! A window without a head gets an activity; one with a head is read, merged and written back.
//! The ledger on the head says which messages stand in the activity. Time, table, CRM and chance
//! come in from outside.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use daybook_adapters::{AdapterError, CrmAdapter, Ctx, NewMessageLog};
use daybook_core::contact::Contact;
use daybook_core::digest::{
    Context, Entry, Fingerprint, Frame, Mark, Request, Topic, Window, merge, render, subject,
};
use daybook_core::ids::LogId;
use daybook_core::message::{Message, Party};
use daybook_core::params::MessageLogParams;
use daybook_core::phone::PhoneNumber;
use daybook_store::digest::DigestStore;
use daybook_store::items::{Head, Part, StoredMessage};
use daybook_store::keys::DigestKey;
use daybook_store::{StoreError, Table};
use futures_util::future::try_join_all;

use crate::app::Random;

/// For how long a message is kept beyond its window, in days.
const MESSAGE_KEPT_DAYS: i64 = 7;

/// What became of a request's messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Messages joined their digests.
    Logged {
        /// The activity of the newest message.
        log_id: LogId,
        /// How many messages were new.
        messages: usize,
    },
    /// Every message stood in its digest already.
    NothingNew {
        /// The activity of the newest message.
        log_id: LogId,
    },
}

/// Why messages did not reach their digests.
#[derive(Debug, thiserror::Error)]
pub enum DigestError {
    /// The CRM.
    #[error(transparent)]
    Crm(#[from] AdapterError),
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What messages are delivered with, within one request.
pub struct Engine<'a> {
    /// The CRM.
    pub adapter: &'a dyn CrmAdapter,
    /// What calls of the CRM are made with.
    pub ctx: Ctx<'a>,
    /// The table.
    pub table: &'a Table,
    /// The source of chance.
    pub random: &'a Random,
}

impl std::fmt::Debug for Engine<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine<'_> {
    /// Brings the messages that are new into their digests, window by window, oldest first.
    ///
    /// # Errors
    /// [`DigestError`]; windows before the one that failed are done.
    pub async fn deliver(&self, params: &MessageLogParams) -> Result<Outcome, DigestError> {
        let sorted = "a request has messages, sorted: its parameters were parsed";
        let first = params.messages.first().expect(sorted);
        let last = params.messages.last().expect(sorted);
        let key = DigestKey::new(
            self.adapter.profile().id,
            &self.adapter.tenant(&params.user),
            &params.user.id,
            &first.conversation,
            &params.contact.id,
        );
        let store = DigestStore {
            table: self.table,
            key: &key,
            clock: self.ctx.clock,
            deadline: self.ctx.deadline,
        };
        let day = TimeDelta::days(1);
        let heads = store
            .heads((first.at - day).date_naive(), (last.at + day).date_naive())
            .await?;
        let mut fresh: BTreeMap<Window, Vec<&Message>> = BTreeMap::new();
        let mut log_id = None;
        for message in &params.messages {
            let print = Fingerprint::of(&message.id);
            match heads.iter().find_map(|head| head.part_with(&print)) {
                Some(part) => log_id = Some(part.log_id.clone()),
                None => fresh
                    .entry(Window::day(params.zone, message.at))
                    .or_default()
                    .push(message),
            }
        }
        let messages = fresh.values().map(Vec::len).sum();
        for (window, messages) in fresh {
            let head = heads.iter().find(|head| head.window == window);
            log_id = Some(
                self.deliver_window(&store, params, window, head, &messages)
                    .await?,
            );
        }
        let log_id = log_id.expect("every message is in a part or in a window");
        Ok(match messages {
            0 => Outcome::NothingNew { log_id },
            messages => Outcome::Logged { log_id, messages },
        })
    }

    /// Brings messages into the digest of their window.
    async fn deliver_window(
        &self,
        store: &DigestStore<'_>,
        params: &MessageLogParams,
        window: Window,
        head: Option<&Head>,
        messages: &[&Message],
    ) -> Result<LogId, DigestError> {
        let now = self.ctx.clock.now();
        let kept_from = window.end(params.zone).unwrap_or(now).max(now);
        let stored = messages.iter().map(|message| StoredMessage {
            schema: StoredMessage::SCHEMA,
            window,
            entry: Entry::of(message),
            accepted_at: now.timestamp_millis(),
            expires_at: (kept_from + TimeDelta::days(MESSAGE_KEPT_DAYS)).timestamp(),
        });
        let stored: Vec<_> = stored.collect();
        try_join_all(stored.iter().map(|message| store.put_message(message))).await?;
        let fresh: Vec<_> = stored.iter().map(|message| &message.entry).collect();
        let head = match head {
            Some(head) => self.join(store, head, &fresh).await?,
            None => self.open(params, window, &fresh).await?,
        };
        let seen = (head.rev > 1).then(|| head.rev - 1);
        store.put_head(&head, seen).await?;
        let part = head.parts.last().expect("a head has a part");
        Ok(part.log_id.clone())
    }

    /// Makes the activity of a window.
    async fn open(
        &self,
        params: &MessageLogParams,
        window: Window,
        fresh: &[&Entry],
    ) -> Result<Head, DigestError> {
        let first = fresh.first().expect("a window is opened by a message");
        let context = Context {
            contact: params.contact.clone(),
            user_name: params.user.name.clone(),
            zone: params.zone,
            format: self.adapter.profile().log_format,
            participants: others(&params.contact, &params.correspondents),
            group: params.correspondents.len() > 1,
            topic: Topic::of(fresh),
            started_at: first.at,
        };
        let mark = Mark::from_bits((self.random)());
        let frame = Frame {
            context: &context,
            window,
            part: 1,
            mark: Some(mark),
        };
        let log = NewMessageLog {
            contact: &params.contact,
            subject: &subject(&frame),
            body: &render(&frame, fresh),
            mark: &mark,
            started_at: first.at,
            additional_submission: &params.additional_submission,
        };
        let made = self.adapter.create_message_log(&self.ctx, &log).await?;
        Ok(Head {
            schema: Head::SCHEMA,
            rev: 1,
            window,
            parts: vec![Part {
                log_id: made.id,
                mark,
                ids: fresh.iter().map(|entry| entry.fingerprint()).collect(),
                removed: Vec::new(),
            }],
            context,
            expires_at: kept_until(self.ctx.clock.now()),
        })
    }

    /// Merges messages into the activity of a window.
    async fn join(
        &self,
        store: &DigestStore<'_>,
        head: &Head,
        fresh: &[&Entry],
    ) -> Result<Head, DigestError> {
        let mut head = head.clone();
        let number = head.parts.len();
        let part = head.parts.last_mut().expect("a head has a part");
        let stored = store.messages(&head.window).await?;
        let stored: Vec<_> = stored.iter().map(|message| &message.entry).collect();
        let delivery: Vec<_> = fresh.iter().map(|entry| entry.fingerprint()).collect();
        let log = self
            .adapter
            .get_message_log(&self.ctx, &part.log_id)
            .await?;
        let frame = Frame {
            context: &head.context,
            window: head.window,
            part: number,
            mark: Some(part.mark),
        };
        let merged = merge(
            &frame,
            &Request {
                existing: &log.body,
                stored: &stored,
                ledger: &part.ids,
                removed: &part.removed,
                delivery: &delivery,
            },
        );
        if merged.changed {
            self.adapter
                .update_message_log(&self.ctx, &part.log_id, &merged.body)
                .await?;
        }
        part.ids.extend(merged.delivered);
        part.removed.extend(merged.removed);
        head.rev += 1;
        head.expires_at = kept_until(self.ctx.clock.now());
        Ok(head)
    }
}

fn kept_until(now: DateTime<Utc>) -> i64 {
    (now + TimeDelta::days(Head::KEPT_DAYS)).timestamp()
}

/// The names, else numbers, of everybody in the conversation but the contact.
fn others(contact: &Contact, correspondents: &[Party]) -> Vec<String> {
    correspondents
        .iter()
        .filter(|party| party.phone.is_none() || party.phone != contact.phone)
        .filter_map(|party| {
            party
                .name
                .as_deref()
                .or(party.phone.as_ref().map(PhoneNumber::as_str))
        })
        .filter(|name| Some(*name) != contact.name.as_deref())
        .map(str::to_owned)
        .collect()
}
