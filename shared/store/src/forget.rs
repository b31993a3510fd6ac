//! Forgetting a user: everything in the table that belongs to somebody is removed.
//!
//! This is an operator's command, not a request. It scans the table, which nothing else here may
//! do: the digests of a user are as many partitions as there are conversations, no index leads
//! from the user to them, and one that did would cost a write with every text for something that
//! is asked for once in years. A scan reads the whole table, page by page, and may take minutes.
//!
//! It is safe to repeat, and is to be repeated where it broke off or where requests of the user
//! were still being answered meanwhile: what they write behind the scan is found by the next one.
//! The user goes first, so that nothing is delivered with credentials of somebody who is being
//! forgotten.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::{DeleteRequest, WriteRequest};
use daybook_core::time::{Clock, Deadline};
use daybook_core::user::UserKey;

use crate::dynamo::{FIRST_PAUSE, Item, failed, text};
use crate::users::UserStore;
use crate::{Result, StoreError, Table, keys};

/// How long one call of the table may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How many items DynamoDB removes in one call.
const BATCH: usize = 25;
/// How often a batch is sent of which something is left.
const TRIES: u32 = 8;

/// What belongs to a user, among all items.
const BELONGS: &str = "begins_with(#pk, :digests) OR begins_with(#pk, :calls) \
     OR begins_with(#owner, :digests) OR begins_with(#owner, :calls) \
     OR #pk = :gate OR #pk = :told OR (#pk = :user AND #sk = :tenant)";

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How many items were read.
    pub read: u64,
    /// How many of them were removed.
    pub removed: u64,
}

/// What was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forgotten {
    /// Whether the table knew the user.
    pub user: bool,
    /// How many items beside the user's own were removed: digests, their messages and indexes,
    /// adopted logs, links of calls, what the user was told of contacts, and the gate.
    pub items: u64,
}

/// Removes every item of a user. `progress` is told after each page of the scan.
///
/// Another user keeps everything, though platform, company or id be the same or begin alike. So
/// do settings and gates of a whole company or account.
///
/// # Errors
/// [`StoreError`]; what was removed until then is gone.
pub async fn forget_user(
    table: &Table,
    clock: &dyn Clock,
    key: &UserKey,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Forgotten> {
    let users = UserStore {
        table,
        clock,
        deadline: Deadline::at(clock.now() + PATIENCE),
    };
    let user = users.delete(key).await?;
    let mut done = Progress {
        read: 0,
        removed: 0,
    };
    let mut start = None;
    loop {
        let page = scan(table, key, start.take()).await?;
        for batch in page.rows.chunks(BATCH) {
            remove(table, batch).await?;
            done.removed += batch.len() as u64;
        }
        done.read += page.read;
        progress(done);
        start = page.next;
        if start.is_none() {
            return Ok(Forgotten {
                user,
                items: done.removed,
            });
        }
    }
}

/// A page of the scan.
struct Page {
    /// The keys of the items that belong to the user.
    rows: Vec<Item>,
    /// How many items were read.
    read: u64,
    next: Option<Item>,
}

async fn scan(table: &Table, user: &UserKey, start: Option<Item>) -> Result<Page> {
    let gate = keys::gate(&user.platform, &user.tenant, Some(&user.id));
    let scan = table
        .client
        .scan()
        .table_name(&table.name)
        .consistent_read(true)
        .filter_expression(BELONGS)
        .projection_expression("#pk, #sk")
        .expression_attribute_names("#pk", keys::PK)
        .expression_attribute_names("#sk", keys::SK)
        .expression_attribute_names("#owner", "owner")
        .expression_attribute_values(":digests", text(keys::digests_of(user)))
        .expression_attribute_values(":calls", text(keys::calls_of(user)))
        .expression_attribute_values(":gate", text(gate))
        .expression_attribute_values(":told", text(keys::told(user)))
        .expression_attribute_values(":user", text(keys::user(&user.platform, &user.id)))
        .expression_attribute_values(":tenant", text(keys::of_tenant(&user.tenant)))
        .set_exclusive_start_key(start)
        .send();
    let page = table.within(PATIENCE, scan).await?;
    let page = page.map_err(|error| failed("Scan", &error))?;
    Ok(Page {
        read: page.scanned_count.try_into().unwrap_or_default(),
        rows: page.items.unwrap_or_default(),
        next: page.last_evaluated_key,
    })
}

/// Removes at most [`BATCH`] items by their keys. What DynamoDB leaves is sent again.
async fn remove(table: &Table, rows: &[Item]) -> Result<()> {
    let mut left: Vec<_> = rows.iter().map(delete).collect::<Result<_>>()?;
    for again in 0..TRIES {
        if again > 0 {
            tokio::time::sleep(FIRST_PAUSE * 2u32.pow(again - 1)).await;
        }
        let write = table
            .client
            .batch_write_item()
            .request_items(&table.name, left)
            .send();
        let written = table.within(PATIENCE, write).await?;
        let written = written.map_err(|error| failed("BatchWriteItem", &error))?;
        left = written
            .unprocessed_items
            .and_then(|mut items: HashMap<_, _>| items.remove(&table.name))
            .unwrap_or_default();
        if left.is_empty() {
            return Ok(());
        }
    }
    Err(StoreError::Failed {
        operation: "BatchWriteItem",
        code: "items were left".to_owned(),
    })
}

fn delete(row: &Item) -> Result<WriteRequest> {
    let request = DeleteRequest::builder()
        .set_key(Some(row.clone()))
        .build()
        .map_err(|_| StoreError::Failed {
            operation: "BatchWriteItem",
            code: "not sent".to_owned(),
        })?;
    Ok(WriteRequest::builder().delete_request(request).build())
}
