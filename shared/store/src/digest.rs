//! The reads and writes that a digest is made with: a function for each, and for each transition
//! of the protocol one conditional write. Here are the heads; `messages` and `windows` have the rest.
//!
//! All reads are consistent. An item past `expiresAt` counts as absent, and its key is free.
//! A condition that fails gives back the item as it stands; where that item was written by the
//! same lease, an earlier try of the SDK was applied, and it counts as done.

mod messages;
mod windows;

use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use chrono::NaiveDate;
use daybook_core::digest::Window;
use daybook_core::time::{Clock, Deadline};
use serde::de::DeserializeOwned;

use crate::dynamo::{Item, expired, failed, from_item, if_free, number, put, text, to_item};
use crate::items::Head;
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

    /// The head of a window, if there is one.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn head(&self, window: &Window) -> Result<Option<Head>> {
        self.get(HEAD, keys::head(window)).await
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
