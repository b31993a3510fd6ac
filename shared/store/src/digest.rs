//! The reads and writes that a digest is made with, a function for each.
//!
//! All reads are consistent. An item past `expiresAt` counts as absent, and its key is free.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use chrono::NaiveDate;
use daybook_core::digest::Window;
use daybook_core::time::{Clock, Deadline};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::dynamo::{Item, failed, within};
use crate::items::{Head, StoredMessage};
use crate::keys::{self, DigestKey};
use crate::{Result, StoreError, Table};

/// The outcome of a put that only makes what is not there.
#[derive(Debug, Clone)]
pub enum Put<T> {
    /// It was made.
    Created,
    /// It was there, like this.
    AlreadyExists(T),
}

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

/// An item with its keys.
#[derive(Serialize, Deserialize)]
struct Keyed<T> {
    pk: String,
    sk: String,
    #[serde(flatten)]
    item: T,
}

impl DigestStore<'_> {
    /// The heads of the days from `first` to `last`, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn heads(&self, first: NaiveDate, last: NaiveDate) -> Result<Vec<Head>> {
        let (from, to) = keys::heads_between(first, last);
        self.query(
            "Head",
            "#pk = :pk AND #sk BETWEEN :from AND :to",
            &[(":from", from), (":to", to)],
        )
        .await
    }

    /// The messages of a window that were accepted, in no order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn messages(&self, window: &Window) -> Result<Vec<StoredMessage>> {
        let all = self
            .query::<StoredMessage>(
                "StoredMessage",
                "#pk = :pk AND begins_with(#sk, :messages)",
                &[(":messages", keys::MESSAGES.to_owned())],
            )
            .await?;
        Ok(all
            .into_iter()
            .filter(|message| message.window == *window)
            .collect())
    }

    /// Accepts a message, where it was not accepted before.
    ///
    /// Condition: the key is free.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_message(&self, message: &StoredMessage) -> Result<Put<StoredMessage>> {
        let now = self.clock.now().timestamp();
        let put = self
            .table
            .client
            .put_item()
            .table_name(&self.table.name)
            .set_item(Some(self.item(
                "StoredMessage",
                keys::message(&message.entry.id),
                message,
            )?))
            .condition_expression("attribute_not_exists(#pk) OR #expires < :now")
            .expression_attribute_names("#pk", keys::PK)
            .expression_attribute_names("#expires", keys::EXPIRES_AT)
            .expression_attribute_values(":now", AttributeValue::N(now.to_string()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send();
        match within(self.left(), put).await? {
            Ok(_) => Ok(Put::Created),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(old)) => {
                    let item = old.item().cloned().unwrap_or_default();
                    read("StoredMessage", item).map(Put::AlreadyExists)
                }
                _ => Err(failed("PutItem", &error)),
            },
        }
    }

    /// Writes a head over the one of revision `seen`, or where there is none.
    ///
    /// Condition: the head still has that revision; with `None`, the key is free.
    ///
    /// # Errors
    /// [`StoreError::Changed`] where the condition fails.
    pub async fn put_head(&self, head: &Head, seen: Option<u64>) -> Result<()> {
        let put = self
            .table
            .client
            .put_item()
            .table_name(&self.table.name)
            .set_item(Some(self.item("Head", keys::head(&head.window), head)?));
        let put = match seen {
            Some(rev) => put
                .condition_expression("#rev = :seen")
                .expression_attribute_names("#rev", "rev")
                .expression_attribute_values(":seen", AttributeValue::N(rev.to_string())),
            None => {
                let now = self.clock.now().timestamp();
                put.condition_expression("attribute_not_exists(#pk) OR #expires < :now")
                    .expression_attribute_names("#pk", keys::PK)
                    .expression_attribute_names("#expires", keys::EXPIRES_AT)
                    .expression_attribute_values(":now", AttributeValue::N(now.to_string()))
            }
        };
        match within(self.left(), put.send()).await? {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => {
                    Err(StoreError::Changed { item: "Head" })
                }
                _ => Err(failed("PutItem", &error)),
            },
        }
    }

    /// Everything that `condition` finds, over all pages, without what has expired.
    async fn query<T: DeserializeOwned>(
        &self,
        item: &'static str,
        condition: &str,
        values: &[(&str, String)],
    ) -> Result<Vec<T>> {
        let mut query = self
            .table
            .client
            .query()
            .table_name(&self.table.name)
            .consistent_read(true)
            .key_condition_expression(condition)
            .expression_attribute_names("#pk", keys::PK)
            .expression_attribute_names("#sk", keys::SK)
            .expression_attribute_values(":pk", AttributeValue::S(self.key.pk().to_owned()));
        for (name, value) in values {
            query = query.expression_attribute_values(*name, AttributeValue::S(value.clone()));
        }
        let now = self.clock.now().timestamp();
        let mut found = Vec::new();
        let mut start = None;
        loop {
            let page = query.clone().set_exclusive_start_key(start).send();
            let page = within(self.left(), page)
                .await?
                .map_err(|error| failed("Query", &error))?;
            for row in page.items.unwrap_or_default() {
                if !expired(&row, now) {
                    found.push(read(item, row)?);
                }
            }
            match page.last_evaluated_key {
                Some(last) if !last.is_empty() => start = Some(last),
                _ => return Ok(found),
            }
        }
    }

    fn item(&self, item: &'static str, sk: String, content: impl Serialize) -> Result<Item> {
        serde_dynamo::aws_sdk_dynamodb_1::to_item(Keyed {
            pk: self.key.pk().to_owned(),
            sk,
            item: content,
        })
        .map_err(|source| StoreError::Unreadable { item, source })
    }

    fn left(&self) -> std::time::Duration {
        self.deadline.remaining(self.clock.now())
    }
}

fn read<T: DeserializeOwned>(item: &'static str, row: Item) -> Result<T> {
    serde_dynamo::aws_sdk_dynamodb_1::from_item::<T>(row)
        .map_err(|source| StoreError::Unreadable { item, source })
}

fn expired(row: &Item, now: i64) -> bool {
    row.get(keys::EXPIRES_AT)
        .and_then(|value| value.as_n().ok())
        .and_then(|seconds| seconds.parse::<i64>().ok())
        .is_some_and(|at| at < now)
}
