//! The reads and writes that a digest is made with: a function for each, and for each transition
//! of the protocol one conditional write.
//!
//! All reads are consistent. An item past `expiresAt` counts as absent, and its key is free.
//! A condition that fails gives back the item as it stands; where that item was written by the
//! same lease, an earlier try of the SDK was applied, and it counts as done.

use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use chrono::{DateTime, NaiveDate, Utc};
use daybook_core::digest::Window;
use daybook_core::ids::{LogId, MessageId, TenantId};
use daybook_core::time::{Clock, Deadline};
use serde::de::DeserializeOwned;

use crate::dynamo::{Item, expired, failed, from_item, if_free, number, put, text, to_item};
use crate::items::{AdoptedLog, Due, Head, RollingIndex, StoredMessage};
use crate::keys::{self, DigestKey};
use crate::{Result, Table, Write};

/// The digests of one conversation with one contact, within one request.
#[derive(Debug, Clone, Copy)]
pub struct DigestStore<'a> {
    /// The table.
    pub table: &'a Table,
    /// Which digests.
    pub key: &'a DigestKey,
    /// The source of the present time.
    pub clock: &'a dyn Clock,
    /// When the request must have been answered.
    pub deadline: Deadline,
}

const HEAD: &str = "Head";
const MESSAGE: &str = "StoredMessage";

impl DigestStore<'_> {
    /// The heads of the days from `first` to `last`, oldest first.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn heads(&self, first: NaiveDate, last: NaiveDate) -> Result<Vec<Head>> {
        let (from, to) = keys::heads_between(first, last);
        let condition = "#pk = :pk AND #sk BETWEEN :from AND :to";
        self.query(HEAD, condition, &[(":from", from), (":to", to)])
            .await
    }

    /// The heads of the rolling windows that began at `since` or later, oldest first, and the
    /// index of them.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn rolling_heads(
        &self,
        since: DateTime<Utc>,
    ) -> Result<(Vec<Head>, Option<RollingIndex>)> {
        let condition = "#pk = :pk AND #sk BETWEEN :from AND :to";
        let (from, to) = keys::rolling_heads_since(since);
        let rows = self
            .rows(condition, &[(":from", from), (":to", to)])
            .await?;
        let mut heads = Vec::new();
        let mut index = RollingIndex::default();
        for row in rows {
            if row.get(keys::SK) == Some(&text(keys::ROLLING_INDEX)) {
                index = from_item("RollingIndex", row)?;
            } else {
                heads.push(from_item(HEAD, row)?);
            }
        }
        Ok((heads, Some(index)))
    }

    /// Writes the index of rolling windows.
    ///
    /// Condition: its revision is `seen`; with 0, the key is free.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn put_rolling_index(
        &self,
        index: &RollingIndex,
        seen: u64,
    ) -> Result<Write<RollingIndex>> {
        let name = "RollingIndex";
        let item = self.put_of(name, keys::ROLLING_INDEX.to_owned(), index)?;
        let item = match seen {
            0 => if_free(item, self.seconds()),
            seen => item
                .condition_expression("#rev = :seen")
                .expression_attribute_names("#rev", "rev")
                .expression_attribute_values(":seen", number(seen)),
        };
        let lost = put(self.table, self.left(), name, item).await?;
        Ok(own(lost, |old| old == index))
    }

    /// The head of a window, if there is one.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn head(&self, window: &Window) -> Result<Option<Head>> {
        self.get(HEAD, keys::head(window)).await
    }

    /// A message by the sort key of its item, if there is one.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn message(&self, sk: String) -> Result<Option<StoredMessage>> {
        self.get(MESSAGE, sk).await
    }

    /// The messages of a window that were accepted, in no order.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn messages(&self, window: &Window) -> Result<Vec<StoredMessage>> {
        let condition = "#pk = :pk AND begins_with(#sk, :messages)";
        let values = [(":messages", keys::MESSAGES.to_owned())];
        let all = self
            .query::<StoredMessage>(MESSAGE, condition, &values)
            .await?;
        let here = |message: &StoredMessage| message.window == *window;
        Ok(all.into_iter().filter(here).collect())
    }

    /// Makes the digest of `window` the owner of a log that another server made. Says whether it
    /// is.
    ///
    /// Condition: the key is free.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn adopt(
        &self,
        platform: &str,
        tenant: &TenantId,
        log: &LogId,
        window: &Window,
    ) -> Result<bool> {
        let name = "AdoptedLog";
        let adopted = AdoptedLog {
            schema: AdoptedLog::SCHEMA,
            owner: keys::owner(self.key, window),
            expires_at: self.seconds() + Head::KEPT_DAYS * 86_400,
        };
        let pk = keys::adopted_log(platform, tenant, log);
        let item = to_item(name, &pk, keys::ADOPTED_LOG.to_owned(), &adopted)?;
        let item = self
            .table
            .client
            .put_item()
            .table_name(&self.table.name)
            .set_item(Some(item));
        let written =
            put::<AdoptedLog>(self.table, self.left(), name, if_free(item, self.seconds())).await?;
        Ok(match written {
            Write::Done => true,
            Write::Lost(other) => other.is_some_and(|other| other.owner == adopted.owner),
        })
    }

    /// Accepts a message.
    ///
    /// Condition: its key is free. `Lost` has the message as it was accepted before.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn accept(&self, message: &StoredMessage) -> Result<Write<StoredMessage>> {
        let sk = keys::message(&message.entry.id);
        let item = self.put_of(MESSAGE, sk, message)?;
        put(
            self.table,
            self.left(),
            MESSAGE,
            if_free(item, self.seconds()),
        )
        .await
    }

    /// Opens a digest, with the lease that `head` carries if it does.
    ///
    /// Condition: the key is free.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn open(&self, head: &Head) -> Result<Write<Head>> {
        let item = self.put_of(HEAD, keys::head(&head.window), head)?;
        let lost = put(self.table, self.left(), HEAD, if_free(item, self.seconds())).await?;
        // The mark is as good as the lease to tell our own try: it is random too.
        Ok(own(lost, |old: &Head| {
            old.rev == head.rev && old.lease == head.lease && old.parts == head.parts
        }))
    }

    /// Takes the lease that `head` carries, over a head of which revision `seen` was read.
    ///
    /// Condition: the revision is `seen`, and there is no lease or its time was up `margin` before
    /// `now`.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn take(&self, head: &Head, seen: u64, now: i64, margin: i64) -> Result<Write<Head>> {
        let item = self
            .put_of(HEAD, keys::head(&head.window), head)?
            .condition_expression(
                "#rev = :seen AND (attribute_not_exists(#lease) OR #lease.#until < :over)",
            )
            .expression_attribute_names("#rev", "rev")
            .expression_attribute_names("#lease", "lease")
            .expression_attribute_names("#until", "until")
            .expression_attribute_values(":seen", number(seen))
            .expression_attribute_values(":over", number(now - margin));
        let lost = put(self.table, self.left(), HEAD, item).await?;
        Ok(own(lost, |old: &Head| old.lease == head.lease))
    }

    /// Writes down what the holder of the lease is about to do in the CRM, and what it has done.
    ///
    /// Condition: `owner` holds the lease of `head`'s epoch.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn trace(&self, head: &Head, owner: &str) -> Result<Write<Head>> {
        let lost = put(self.table, self.left(), HEAD, self.put_held(head, owner)?).await?;
        Ok(own(lost, |old: &Head| {
            old.rev == head.rev && old.lease == head.lease
        }))
    }

    /// Ends the lease and says what stands in the CRM now.
    ///
    /// Condition: `owner` holds the lease of `head`'s epoch.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn settle(&self, head: &Head, owner: &str) -> Result<Write<Head>> {
        let lost = put(self.table, self.left(), HEAD, self.put_held(head, owner)?).await?;
        Ok(own(lost, |old: &Head| {
            old.epoch == head.epoch && old.settled_by == head.settled_by
        }))
    }

    /// Ends the lease without having delivered, and says why and when to try again.
    ///
    /// Condition: `owner` holds the lease of `head`'s epoch.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn release(&self, head: &Head, owner: &str) -> Result<Write<Head>> {
        let lost = put(self.table, self.left(), HEAD, self.put_held(head, owner)?).await?;
        Ok(own(lost, |old: &Head| {
            old.epoch == head.epoch && old.rev == head.rev && old.lease.is_none()
        }))
    }

    /// Says when the scheduled function is to look at a digest that nobody is writing.
    ///
    /// Condition: the revision is `seen`, and there is no lease or its time is up. A lease that is
    /// there stays with its trace, for who takes it over.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn schedule(&self, head: &Head, seen: u64) -> Result<Write<Head>> {
        let item = self
            .put_of(HEAD, keys::head(&head.window), head)?
            .condition_expression(
                "#rev = :seen AND (attribute_not_exists(#lease) OR #lease.#until < :now)",
            )
            .expression_attribute_names("#rev", "rev")
            .expression_attribute_names("#lease", "lease")
            .expression_attribute_names("#until", "until")
            .expression_attribute_values(":seen", number(seen))
            .expression_attribute_values(":now", number(self.clock.now().timestamp_millis()));
        put(self.table, self.left(), HEAD, item).await
    }

    /// Removes a message's guard and lets it expire at `expires_at`, in seconds since 1970.
    ///
    /// Condition: the message is there. One that is gone needs no guard.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn clear(&self, id: &MessageId, expires_at: i64) -> Result<()> {
        let update = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .key(keys::PK, text(self.key.pk()))
            .key(keys::SK, text(keys::message(id)))
            .update_expression("SET #expires = :at REMOVE #shard, #due")
            .condition_expression("attribute_exists(#pk)")
            .expression_attribute_names("#pk", keys::PK)
            .expression_attribute_names("#expires", keys::EXPIRES_AT)
            .expression_attribute_names("#shard", keys::DUE_SHARD)
            .expression_attribute_names("#due", keys::DUE_AT)
            .expression_attribute_values(":at", number(expires_at))
            .send();
        match self.table.within(self.left(), update).await? {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(failed("UpdateItem", &error)),
            },
        }
    }

    /// Removes a message's guard: its digest is due by itself.
    ///
    /// Condition: the message is there.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn unguard(&self, message: &StoredMessage) -> Result<()> {
        self.clear(&message.entry.id, message.expires_at).await
    }

    /// Gives a message a guard in place of the one that was seen, and lets it expire at
    /// `expires_at`, in seconds since 1970. Says whether it has.
    ///
    /// Condition: the message is there, and has the guard that `seen` has.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn guard(&self, seen: &StoredMessage, due: &Due, expires_at: i64) -> Result<bool> {
        let update = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .key(keys::PK, text(self.key.pk()))
            .key(keys::SK, text(keys::message(&seen.entry.id)))
            .update_expression("SET #expires = :at, #shard = :shard, #due = :due")
            .expression_attribute_names("#pk", keys::PK)
            .expression_attribute_names("#expires", keys::EXPIRES_AT)
            .expression_attribute_names("#shard", keys::DUE_SHARD)
            .expression_attribute_names("#due", keys::DUE_AT)
            .expression_attribute_values(":at", number(expires_at))
            .expression_attribute_values(":shard", text(&due.shard))
            .expression_attribute_values(":due", text(&due.at));
        let update = match &seen.due {
            Some(seen) => update
                .condition_expression("attribute_exists(#pk) AND #due = :seen")
                .expression_attribute_values(":seen", text(&seen.at)),
            None => {
                update.condition_expression("attribute_exists(#pk) AND attribute_not_exists(#due)")
            }
        };
        match self.table.within(self.left(), update.send()).await? {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(failed("UpdateItem", &error)),
            },
        }
    }

    fn put_held(&self, head: &Head, owner: &str) -> Result<PutItemFluentBuilder> {
        Ok(self
            .put_of(HEAD, keys::head(&head.window), head)?
            .condition_expression("#lease.#owner = :owner AND #epoch = :epoch")
            .expression_attribute_names("#lease", "lease")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_names("#epoch", "epoch")
            .expression_attribute_values(":owner", text(owner))
            .expression_attribute_values(":epoch", number(head.epoch)))
    }

    fn put_of(
        &self,
        name: &'static str,
        sk: String,
        content: impl serde::Serialize,
    ) -> Result<PutItemFluentBuilder> {
        Ok(self
            .table
            .client
            .put_item()
            .table_name(&self.table.name)
            .set_item(Some(to_item(name, self.key.pk(), sk, content)?)))
    }

    async fn get<T: DeserializeOwned>(&self, name: &'static str, sk: String) -> Result<Option<T>> {
        let get = self
            .table
            .client
            .get_item()
            .table_name(&self.table.name)
            .consistent_read(true)
            .key(keys::PK, text(self.key.pk()))
            .key(keys::SK, text(sk))
            .send();
        let got = self
            .table
            .within(self.left(), get)
            .await?
            .map_err(|error| failed("GetItem", &error))?;
        got.item
            .filter(|row| !expired(row, self.seconds()))
            .map(|row| from_item(name, row))
            .transpose()
    }

    async fn query<T: DeserializeOwned>(
        &self,
        name: &'static str,
        condition: &str,
        values: &[(&str, String)],
    ) -> Result<Vec<T>> {
        let rows = self.rows(condition, values).await?;
        rows.into_iter().map(|row| from_item(name, row)).collect()
    }

    /// Everything that `condition` finds, over all pages, without what has expired.
    async fn rows(&self, condition: &str, values: &[(&str, String)]) -> Result<Vec<Item>> {
        let mut query = self
            .table
            .client
            .query()
            .table_name(&self.table.name)
            .consistent_read(true)
            .key_condition_expression(condition)
            .expression_attribute_names("#pk", keys::PK)
            .expression_attribute_names("#sk", keys::SK)
            .expression_attribute_values(":pk", text(self.key.pk()));
        for (name, value) in values {
            query = query.expression_attribute_values(*name, text(value));
        }
        let mut found = Vec::new();
        let mut start = None;
        loop {
            let page = query.clone().set_exclusive_start_key(start).send();
            let page = self
                .table
                .within(self.left(), page)
                .await?
                .map_err(|error| failed("Query", &error))?;
            let rows = page.items.unwrap_or_default().into_iter();
            found.extend(rows.filter(|row| !expired(row, self.seconds())));
            match page.last_evaluated_key {
                Some(last) if !last.is_empty() => start = Some(last),
                _ => return Ok(found),
            }
        }
    }

    fn left(&self) -> std::time::Duration {
        self.deadline.remaining(self.clock.now())
    }

    fn seconds(&self) -> i64 {
        self.clock.now().timestamp()
    }
}

/// A lost write that `is_ours` recognises was applied by an earlier try.
fn own<T>(write: Write<T>, is_ours: impl Fn(&T) -> bool) -> Write<T> {
    match write {
        Write::Lost(Some(old)) if is_ours(&old) => Write::Done,
        Write::Lost(old) => Write::Lost(old),
        Write::Done => Write::Done,
    }
}
