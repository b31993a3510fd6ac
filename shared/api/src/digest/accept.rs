//! Accepting messages: which window each belongs to, and what the table keeps of it.

use std::collections::BTreeMap;

use daybook_core::digest::{Context, Entry, Placement, Span, Topic, Window, place};
use daybook_core::ids::CrmUserId;
use daybook_core::limits::MAX_PEOPLE;
use daybook_core::message::{Direction, Message};
use daybook_core::params::MessageLogParams;
use daybook_core::phone::PhoneNumber;
use daybook_store::digest::DigestStore;
use daybook_store::items::{Claim, Due, Head, Opening, RollingIndex, StoredMessage};
use daybook_store::{StoreError, Write};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::MOST_MESSAGES;
use crate::engine::{AT_ONCE, Caller, Credentials, Engine, Left, is_unguarded};

/// A request and who it is from.
#[derive(Clone, Copy)]
pub(super) struct Incoming<'a> {
    pub(super) params: &'a MessageLogParams,
    pub(super) caller: &'a Caller<'a>,
    /// Whose digests the messages go into.
    pub(super) owner: &'a CrmUserId,
}

impl Engine<'_> {
    /// Which window each message belongs to, where no earlier request has said so. A new rolling
    /// window joins the index first.
    pub(super) async fn place<'m>(
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
        if request.params.inbox.is_some() {
            let thread = volume(Window::ALL);
            return Ok(fresh.iter().map(|message| (*message, thread)).collect());
        }
        let Some(mut index) = index else {
            let zone = request.caller.zone;
            let day = |message: &&'m Message| (*message, volume(Window::day(zone, message.at)));
            return Ok(fresh.iter().map(day).collect());
        };
        let known: Vec<_> = heads
            .iter()
            .filter_map(|head| Span::whole(head.window))
            .collect();
        loop {
            let seen = index.rev;
            // The index keeps the newest windows alone; older ones are known by their heads.
            let mut others = known.clone();
            let mut placed = Vec::with_capacity(fresh.len());
            for message in fresh {
                placed.push(match place(&index.windows, &others, message.at) {
                    Placement::Covered(window) => (*message, volume(window)),
                    Placement::New { span, index: with } => {
                        let window = span.id;
                        match with {
                            Some(with) => {
                                index.windows = with;
                                index.rev = seen + 1;
                            }
                            None => others.push(span),
                        }
                        (*message, window)
                    }
                });
            }
            if index.rev == seen {
                return Ok(placed);
            }
            index.expires_at = self.clock.now().timestamp() + Claim::KEPT_DAYS * 86_400;
            match store.put_rolling_index(&index, seen).await? {
                Write::Done => return Ok(placed),
                Write::Lost(Some(other)) => index = other,
                Write::Lost(None) => index = RollingIndex::default(),
            }
        }
    }

    /// Puts the messages into the table. One that was accepted before keeps its window and text.
    pub(super) async fn accept(
        &self,
        store: &DigestStore<'_>,
        request: &Incoming<'_>,
        placed: Vec<(&Message, Window)>,
    ) -> Result<Vec<StoredMessage>, StoreError> {
        let now = self.millis();
        let days = request.caller.credentials.kept_days();
        let mut entries: BTreeMap<Window, Vec<Entry>> = BTreeMap::new();
        for (message, window) in placed {
            entries.entry(window).or_default().push(Entry {
                in_group: is_group(request.params),
                ..Entry::of(message)
            });
        }
        let mut messages = Vec::new();
        for (window, entries) in entries {
            let opening = self.opening(request, &entries);
            let due = self.guard_of(request, store, &opening);
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

    /// Before messages are told to be kept: those that were accepted before, and of which nothing
    /// leads to the scheduled function, are guarded as new ones are.
    pub(super) async fn guard_again(
        &self,
        store: &DigestStore<'_>,
        request: &Incoming<'_>,
        left: &Left<Head>,
        messages: &[StoredMessage],
    ) -> Result<(), StoreError> {
        if !request.caller.credentials.keep() {
            return Ok(());
        }
        let head = left.item.as_ref();
        let date = head.and_then(|head| head.claim.due.as_ref());
        for message in messages {
            let due = self.guard_of(request, store, &message.opening);
            let kept = message.accepted_at / 1_000 + Claim::KEPT_DAYS_WAITING * 86_400;
            let is_kept_long = message.expires_at >= kept;
            let stands = head.is_some_and(|head| self.stands(head, &message.entry));
            if !stands && is_unguarded(message.due.as_ref(), is_kept_long, date, &due) {
                store.guard(message, &due, kept).await?;
            }
        }
        Ok(())
    }

    fn guard_of(&self, request: &Incoming<'_>, store: &DigestStore<'_>, opening: &Opening) -> Due {
        let user = opening.user_key();
        // Whoever has the log of a thread may have credentials that are good.
        let own = request.caller.credentials;
        let is_guest = *request.owner != request.caller.user.id;
        let credentials = match is_guest && matches!(own, Credentials::Dead) {
            true => Credentials::Later {
                retry_at: self.millis(),
            },
            false => own,
        };
        self.guard(credentials, store.key.pk(), &user)
    }

    /// What a digest that opens with `entries` is made with.
    fn opening(&self, request: &Incoming<'_>, entries: &[Entry]) -> Opening {
        let Incoming {
            params,
            caller,
            owner,
        } = *request;
        let entries: Vec<_> = entries.iter().collect();
        let first = entries.iter().map(|entry| entry.at).min();
        Opening {
            platform: self.adapter.profile().id.to_owned(),
            tenant: caller.tenant.clone(),
            user: owner.clone(),
            hostname: caller.user.hostname.clone(),
            context: Context {
                contact: params.contact.clone(),
                user_name: caller.user.name.clone(),
                zone: caller.zone,
                format: self.adapter.profile().log_format,
                participants: others(params, &entries),
                group: is_group(params),
                inbox: params.inbox.clone(),
                topic: Topic::of(&entries),
                started_at: first.unwrap_or_else(|| self.clock.now()),
            },
            existing_log: params.existing_log.clone(),
            additional_submission: params.additional_submission.clone(),
        }
    }
}

/// Whether several people are on the contact's side.
fn is_group(params: &MessageLogParams) -> bool {
    params.correspondents.len() > 1
}

/// The names, else numbers, of everybody in the conversation but the contact, and those who answer
/// from a shared inbox.
fn others(params: &MessageLogParams, entries: &[&Entry]) -> Vec<String> {
    let contact = &params.contact;
    let mut others: Vec<_> = (params.correspondents.iter())
        .filter(|party| party.phone.is_none() || party.phone != contact.phone)
        .filter_map(|party| {
            let number = party.phone.as_ref().map(PhoneNumber::as_str);
            party.name.as_deref().or(number)
        })
        .filter(|name| Some(*name) != contact.name.as_deref())
        .collect();
    let is_shared = params.inbox.is_some();
    let agents = entries
        .iter()
        .filter(|entry| is_shared && entry.direction == Direction::Outbound)
        .filter_map(|entry| entry.sender_name.as_deref());
    for agent in agents {
        if !others.contains(&agent) && others.len() < MAX_PEOPLE {
            others.push(agent);
        }
    }
    others.into_iter().map(str::to_owned).collect()
}
