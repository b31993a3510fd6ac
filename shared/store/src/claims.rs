//! The reads of one partition, and a conditional write for each transition of a log that workers
//! take turns at: the protocol's opening, taking, tracing, settling, releasing and dating.
//!
//! All reads are consistent. An item past `expiresAt` counts as absent, and its key is free.
//! A condition that fails gives back the item as it stands; where that item was written by the
//! same lease, an earlier try of the SDK was applied, and it counts as done.

mod owners;

use std::time::Duration;

use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use daybook_core::time::{Clock, Deadline};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::dynamo::{Item, expired, failed, from_item, if_free, number, put, text, to_item};
use crate::items::{Claim, Claimed, Due};
use crate::{Result, Table, Write, keys};

/// A partition of the table, within one request.
#[derive(Debug, Clone, Copy)]
pub struct Claims<'a> {
    /// The table.
    pub table: &'a Table,
    /// The partition key.
    pub pk: &'a str,
    /// The source of the present time.
    pub clock: &'a dyn Clock,
    /// When the request must have been answered.
    pub deadline: Deadline,
}

const HELD: &str = "#lease.#owner = :owner AND #epoch = :epoch";
const FREE: &str = "#rev = :seen AND (attribute_not_exists(#lease) OR #lease.#until < :over)";

impl Claims<'_> {
    /// The item of a sort key, if there is one.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn read<T: Claimed>(&self, sk: String) -> Result<Option<T>> {
        self.get(T::NAME, sk).await
    }

    /// Puts an item that is not there yet, with the lease that it carries if it does.
    ///
    /// Condition: the key is free.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn open<T: Claimed>(&self, item: &T) -> Result<Write<T>> {
        let sent = if_free(self.put_of(T::NAME, item.sk(), item)?, self.seconds());
        let lost = put(self.table, self.left(), T::NAME, sent).await?;
        // Its mark is random, so that nobody else's is the same.
        Ok(own(lost, |old: &T| old == item))
    }

    /// Takes the lease that `item` carries, over one of which revision `seen` was read.
    ///
    /// Condition: the revision is `seen`, and there is no lease or its time was up `margin` before
    /// `now`.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn take<T: Claimed>(
        &self,
        item: &T,
        seen: u64,
        now: i64,
        margin: i64,
    ) -> Result<Write<T>> {
        let sent = self.put_over(item, seen, now - margin)?;
        let lost = put(self.table, self.left(), T::NAME, sent).await?;
        Ok(own(lost, |old: &T| old.claim().lease == item.claim().lease))
    }

    /// Writes down what the holder of the lease is about to do in the CRM, and what it has done.
    ///
    /// Condition: `owner` holds the lease of `item`'s epoch.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn trace<T: Claimed>(&self, item: &T, owner: &str) -> Result<Write<T>> {
        self.put_held(item, owner, |old, new| {
            old.rev == new.rev && old.lease == new.lease
        })
        .await
    }

    /// Ends the lease and says what stands in the CRM now.
    ///
    /// Condition: `owner` holds the lease of `item`'s epoch.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn settle<T: Claimed>(&self, item: &T, owner: &str) -> Result<Write<T>> {
        self.put_held(item, owner, |old, new| {
            old.epoch == new.epoch && old.settled_by == new.settled_by
        })
        .await
    }

    /// Ends the lease without having delivered, and says why and when to try again.
    ///
    /// Condition: `owner` holds the lease of `item`'s epoch.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn release<T: Claimed>(&self, item: &T, owner: &str) -> Result<Write<T>> {
        self.put_held(item, owner, |old, new| {
            old.epoch == new.epoch && old.rev == new.rev && old.lease.is_none()
        })
        .await
    }

    /// Says when the scheduled function is to look at a log that nobody is writing.
    ///
    /// Condition: the revision is `seen`, and there is no lease or its time is up. A lease that is
    /// there stays with its trace, for who takes it over.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn schedule<T: Claimed>(&self, item: &T, seen: u64) -> Result<Write<T>> {
        let now = self.clock.now().timestamp_millis();
        let sent = self.put_over(item, seen, now)?;
        put(self.table, self.left(), T::NAME, sent).await
    }

    /// Removes the guard of an item alone: its log is due by itself.
    ///
    /// Condition: the item is there.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub(crate) async fn unguard(&self, sk: String) -> Result<()> {
        let update = self
            .update_of(sk)
            .update_expression("REMOVE #shard, #due")
            .condition_expression("attribute_exists(#pk)");
        self.if_holds(update).await.map(drop)
    }

    /// Removes an item's guard and lets it expire at `expires_at`, in seconds since 1970.
    ///
    /// Condition: the item is there. One that is gone needs no guard.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub(crate) async fn clear(&self, sk: String, expires_at: i64) -> Result<()> {
        let update = self
            .update_of(sk)
            .update_expression("SET #expires = :at REMOVE #shard, #due")
            .condition_expression("attribute_exists(#pk)")
            .expression_attribute_names("#expires", keys::EXPIRES_AT)
            .expression_attribute_values(":at", number(expires_at));
        self.if_holds(update).await.map(drop)
    }

    /// Gives an item a guard in place of `seen`, and lets it expire at `expires_at`, in seconds
    /// since 1970. Says whether it has.
    ///
    /// Condition: the item is there, and has the guard that was seen.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub(crate) async fn guard(
        &self,
        sk: String,
        seen: Option<&Due>,
        due: &Due,
        expires_at: i64,
    ) -> Result<bool> {
        let update = self
            .update_of(sk)
            .update_expression("SET #expires = :at, #shard = :shard, #due = :due")
            .expression_attribute_names("#expires", keys::EXPIRES_AT)
            .expression_attribute_values(":at", number(expires_at))
            .expression_attribute_values(":shard", text(&due.shard))
            .expression_attribute_values(":due", text(&due.at));
        let update = match seen {
            Some(seen) => update
                .condition_expression("attribute_exists(#pk) AND #due = :seen")
                .expression_attribute_values(":seen", text(&seen.at)),
            None => {
                update.condition_expression("attribute_exists(#pk) AND attribute_not_exists(#due)")
            }
        };
        self.if_holds(update).await
    }

    fn update_of(&self, sk: String) -> UpdateItemFluentBuilder {
        self.table
            .client
            .update_item()
            .table_name(&self.table.name)
            .key(keys::PK, text(self.pk))
            .key(keys::SK, text(sk))
            .expression_attribute_names("#pk", keys::PK)
            .expression_attribute_names("#shard", keys::DUE_SHARD)
            .expression_attribute_names("#due", keys::DUE_AT)
    }

    /// Sends an update. Says whether its condition held.
    async fn if_holds(&self, update: UpdateItemFluentBuilder) -> Result<bool> {
        match self.table.within(self.left(), update.send()).await? {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(failed("UpdateItem", &error)),
            },
        }
    }

    async fn put_held<T: Claimed>(
        &self,
        item: &T,
        owner: &str,
        is_ours: impl Fn(&Claim, &Claim) -> bool,
    ) -> Result<Write<T>> {
        let sent = self
            .put_of(T::NAME, item.sk(), item)?
            .condition_expression(HELD)
            .expression_attribute_names("#lease", "lease")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_names("#epoch", "epoch")
            .expression_attribute_values(":owner", text(owner))
            .expression_attribute_values(":epoch", number(item.claim().epoch));
        let lost = put(self.table, self.left(), T::NAME, sent).await?;
        Ok(own(lost, |old: &T| is_ours(old.claim(), item.claim())))
    }

    /// A put over an item of which revision `seen` was read, and of which no lease lasts beyond
    /// `over`.
    fn put_over<T: Claimed>(&self, item: &T, seen: u64, over: i64) -> Result<PutItemFluentBuilder> {
        Ok(self
            .put_of(T::NAME, item.sk(), item)?
            .condition_expression(FREE)
            .expression_attribute_names("#rev", "rev")
            .expression_attribute_names("#lease", "lease")
            .expression_attribute_names("#until", "until")
            .expression_attribute_values(":seen", number(seen))
            .expression_attribute_values(":over", number(over)))
    }

    pub(crate) fn put_of(
        &self,
        name: &'static str,
        sk: String,
        content: impl Serialize,
    ) -> Result<PutItemFluentBuilder> {
        Ok(self
            .table
            .client
            .put_item()
            .table_name(&self.table.name)
            .set_item(Some(to_item(name, self.pk, sk, content)?)))
    }

    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        name: &'static str,
        sk: String,
    ) -> Result<Option<T>> {
        get(self, self.pk, name, sk).await
    }

    pub(crate) async fn query<T: DeserializeOwned>(
        &self,
        name: &'static str,
        condition: &str,
        values: &[(&str, String)],
    ) -> Result<Vec<T>> {
        let rows = self.rows(condition, values).await?;
        rows.into_iter().map(|row| from_item(name, row)).collect()
    }

    /// Everything that `condition` finds, over all pages, without what has expired.
    pub(crate) async fn rows(
        &self,
        condition: &str,
        values: &[(&str, String)],
    ) -> Result<Vec<Item>> {
        let mut query = self
            .table
            .client
            .query()
            .table_name(&self.table.name)
            .consistent_read(true)
            .key_condition_expression(condition)
            .expression_attribute_names("#pk", keys::PK)
            .expression_attribute_names("#sk", keys::SK)
            .expression_attribute_values(":pk", text(self.pk));
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

    pub(crate) fn left(&self) -> Duration {
        self.deadline.remaining(self.clock.now())
    }

    pub(crate) fn seconds(&self) -> i64 {
        self.clock.now().timestamp()
    }
}

pub(crate) async fn get<T: DeserializeOwned>(
    claims: &Claims<'_>,
    pk: &str,
    name: &'static str,
    sk: String,
) -> Result<Option<T>> {
    let get = claims
        .table
        .client
        .get_item()
        .table_name(&claims.table.name)
        .consistent_read(true)
        .key(keys::PK, text(pk))
        .key(keys::SK, text(sk))
        .send();
    let got = claims
        .table
        .within(claims.left(), get)
        .await?
        .map_err(|error| failed("GetItem", &error))?;
    got.item
        .filter(|row| !expired(row, claims.seconds()))
        .map(|row| from_item(name, row))
        .transpose()
}

/// A lost write that `is_ours` recognises was applied by an earlier try.
pub(crate) fn own<T>(write: Write<T>, is_ours: impl Fn(&T) -> bool) -> Write<T> {
    match write {
        Write::Lost(Some(old)) if is_ours(&old) => Write::Done,
        Write::Lost(old) => Write::Lost(old),
        Write::Done => Write::Done,
    }
}
