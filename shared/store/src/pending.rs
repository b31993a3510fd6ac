//! Finding what waits, in the sparse index `due`. The index lags, so that whatever it names is
//! read again from the table.

use daybook_core::time::{Clock, Deadline};
use daybook_core::user::UserKey;

use crate::dynamo::{failed, text};
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

/// What is due by `until` (milliseconds since 1970), the longest due first: at most `most` rows
/// of each shard.
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
    read(table, clock, deadline, keys::due_shard, places, most).await
}

async fn read(
    table: &Table,
    clock: &dyn Clock,
    deadline: Deadline,
    shard_name: fn(u64) -> String,
    (from, to): (&str, &str),
    most: i32,
) -> Result<Vec<DueRow>> {
    let mut rows = Vec::new();
    for shard in 0..DUE_SHARDS {
        let query = table
            .client
            .query()
            .table_name(&table.name)
            .index_name(keys::DUE_INDEX)
            .key_condition_expression("#shard = :shard AND #at BETWEEN :from AND :to")
            .expression_attribute_names("#shard", keys::DUE_SHARD)
            .expression_attribute_names("#at", keys::DUE_AT)
            .expression_attribute_values(":shard", text(shard_name(shard)))
            .expression_attribute_values(":from", text(from))
            .expression_attribute_values(":to", text(to))
            .limit(most)
            .send();
        let page = table
            .within(deadline.remaining(clock.now()), query)
            .await?
            .map_err(|error| failed("Query", &error))?;
        for row in page.items.unwrap_or_default() {
            let column = |name: &str| row.get(name).and_then(|value| value.as_s().ok());
            if let (Some(pk), Some(sk), Some(shard), Some(at)) = (
                column(keys::PK),
                column(keys::SK),
                column(keys::DUE_SHARD),
                column(keys::DUE_AT),
            ) && let Some(key) = DueKey::parse(pk, sk)
            {
                let due = Due {
                    shard: shard.clone(),
                    at: at.clone(),
                };
                rows.push(DueRow { key, due });
            }
        }
    }
    rows.sort_by_key(|row| row.due.millis());
    Ok(rows)
}
