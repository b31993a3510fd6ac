//! Finding what waits, in the sparse index `due`. The index lags, so that whatever it names is
//! read again from the table.

use std::time::Duration;

use daybook_core::time::{Clock, Deadline};
use daybook_core::user::UserKey;
use futures_util::future::try_join_all;

use crate::dynamo::{Item, failed, text};
use crate::items::{DUE_SHARDS, Due};
use crate::keys::{self, DueKey};
use crate::{Result, Table};

/// A row of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueRow {
    /// What it is of.
    pub key: DueKey,
    /// When it is due, or since when it is parked.
    pub due: Due,
}

/// What waits for a sign-in, the longest waiting first: at most `most` rows of each shard.
///
/// # Errors
/// [`StoreError`](crate::StoreError).
pub async fn parked(
    table: &Table,
    clock: &dyn Clock,
    deadline: Deadline,
    most: i32,
) -> Result<Vec<DueRow>> {
    let places = (" ", "~");
    read(table, clock, deadline, keys::parked_shard, places, most).await
}

/// What waits for a sign-in of `user`, the longest waiting first: at most `most` rows of each
/// shard.
///
/// # Errors
/// [`StoreError`](crate::StoreError).
pub async fn parked_of(
    table: &Table,
    clock: &dyn Clock,
    deadline: Deadline,
    user: &UserKey,
    most: i32,
) -> Result<Vec<DueRow>> {
    let from = keys::parked_of(user);
    let to = format!("{from}~");
    read(
        table,
        clock,
        deadline,
        keys::parked_shard,
        (&from, &to),
        most,
    )
    .await
}

/// What is due by `until` (milliseconds since 1970), the longest due first: texts to be delivered,
/// and what is to be looked at again. At most `most` rows of each shard.
///
/// # Errors
/// [`StoreError`](crate::StoreError).
pub async fn due(
    table: &Table,
    clock: &dyn Clock,
    deadline: Deadline,
    until: i64,
    most: i32,
) -> Result<Vec<DueRow>> {
    let (from, until) = (keys::due_at(0), keys::due_at(until));
    let places = (from.as_str(), until.as_str());
    let mut rows = read(table, clock, deadline, keys::due_shard, places, most).await?;
    rows.extend(read(table, clock, deadline, keys::check_shard, places, most).await?);
    rows.sort_by_key(|row| row.due.millis());
    Ok(rows)
}

/// The texts that are to be delivered at any time, the longest due first: at most `most` rows of
/// each shard.
///
/// # Errors
/// [`StoreError`](crate::StoreError).
pub async fn waiting(
    table: &Table,
    clock: &dyn Clock,
    deadline: Deadline,
    most: i32,
) -> Result<Vec<DueRow>> {
    let places = (" ", "~");
    read(table, clock, deadline, keys::due_shard, places, most).await
}

async fn read(
    table: &Table,
    clock: &dyn Clock,
    deadline: Deadline,
    shard_name: fn(u64) -> String,
    places: (&str, &str),
    most: i32,
) -> Result<Vec<DueRow>> {
    let left = deadline.remaining(clock.now());
    let shards =
        (0..DUE_SHARDS).map(|shard| read_shard(table, left, shard_name(shard), places, most));
    let mut rows = try_join_all(shards).await?.concat();
    rows.sort_by_key(|row| row.due.millis());
    Ok(rows)
}

async fn read_shard(
    table: &Table,
    left: Duration,
    shard: String,
    (from, to): (&str, &str),
    most: i32,
) -> Result<Vec<DueRow>> {
    let query = table
        .client
        .query()
        .table_name(&table.name)
        .index_name(keys::DUE_INDEX)
        .key_condition_expression("#shard = :shard AND #at BETWEEN :from AND :to")
        .expression_attribute_names("#shard", keys::DUE_SHARD)
        .expression_attribute_names("#at", keys::DUE_AT)
        .expression_attribute_values(":shard", text(shard))
        .expression_attribute_values(":from", text(from))
        .expression_attribute_values(":to", text(to))
        .limit(most)
        .send();
    let page = table
        .within(left, query)
        .await?
        .map_err(|error| failed("Query", &error))?;
    let rows = page.items.unwrap_or_default();
    Ok(rows.iter().filter_map(row).collect())
}

fn row(item: &Item) -> Option<DueRow> {
    let column = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
    let key = DueKey::parse(column(keys::PK)?, column(keys::SK)?)?;
    let due = Due {
        shard: column(keys::DUE_SHARD)?.clone(),
        at: column(keys::DUE_AT)?.clone(),
    };
    Some(DueRow { key, due })
}
