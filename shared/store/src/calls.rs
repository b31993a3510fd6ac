//! The reads and writes that the logs of a call are made with beside those of [`Claims`], by which
//! workers take turns at each.

use std::collections::HashMap;

use daybook_core::time::{Clock, Deadline};

use crate::claims::{Claims, own};
use crate::dynamo::{BATCH_KEYS, Item, expired, failed, from_item, get_all, if_free, put, text};
use crate::items::{CallChange, CallLink, CallNote, Claimed, Due};
use crate::keys::{self, CallKey};
use crate::{Result, Table, Write};

/// The logs of one call, within one request.
#[derive(Debug, Clone, Copy)]
pub struct CallStore<'a> {
    /// The table.
    pub table: &'a Table,
    /// Which call.
    pub key: &'a CallKey,
    /// The source of the present time.
    pub clock: &'a dyn Clock,
    /// When the request must have been answered.
    pub deadline: Deadline,
}

const CHANGE: &str = "CallChange";
const NOTE: &str = "CallNote";
const BEGINS: &str = "#pk = :pk AND begins_with(#sk, :begin)";

/// What the table has of a call.
#[derive(Debug, Default)]
pub struct CallRows {
    /// The links of its parts.
    pub links: Vec<CallLink>,
    /// The changes that were accepted, in no order.
    pub changes: Vec<CallChange>,
    /// The note that waits.
    pub note: Option<CallNote>,
}

impl CallRows {
    fn of(rows: Vec<Item>) -> Result<Self> {
        let mut read = Self::default();
        for row in rows {
            read.add(row)?;
        }
        Ok(read)
    }

    fn add(&mut self, row: Item) -> Result<()> {
        let sk = row.get(keys::SK).and_then(|sk| sk.as_s().ok());
        let sk = sk.map(String::as_str).unwrap_or_default();
        if sk.starts_with(keys::CALL_LINKS) {
            self.links.push(from_item(CallLink::NAME, row)?);
        } else if sk == keys::CALL_NOTE {
            self.note = Some(from_item(NOTE, row)?);
        } else {
            self.changes.push(from_item(CHANGE, row)?);
        }
        Ok(())
    }
}

/// What the table has of several calls, in their order: of each, the links of `parts`, and what is
/// to log these. It is read by 100 keys a trip, two for each call and part, all trips at
/// once.
///
/// # Errors
/// [`StoreError`](crate::StoreError).
pub async fn read_parts(
    table: &Table,
    clock: &dyn Clock,
    deadline: Deadline,
    calls: &[CallKey],
    parts: &[String],
) -> Result<Vec<CallRows>> {
    let item = |sk: String| calls.iter().map(move |call| key(call.pk(), &sk));
    let sks = parts.iter();
    let sks = sks.flat_map(|part| [keys::call_link(part), keys::call_create(part)]);
    let wanted: Vec<_> = sks.flat_map(item).collect();
    let left = || deadline.remaining(clock.now());
    let trips = wanted.chunks(BATCH_KEYS);
    let trips = trips.map(|batch| get_all(table, &left, batch.to_vec()));
    let found = futures_util::future::try_join_all(trips).await?;
    let mut read: HashMap<String, CallRows> = HashMap::new();
    let now = clock.now().timestamp();
    for row in found.into_iter().flatten().filter(|row| !expired(row, now)) {
        let pk = row.get(keys::PK).and_then(|pk| pk.as_s().ok()).cloned();
        read.entry(pk.unwrap_or_default()).or_default().add(row)?;
    }
    let rows = calls.iter().map(|call| read.remove(call.pk()));
    Ok(rows.map(Option::unwrap_or_default).collect())
}

fn key(pk: &str, sk: &str) -> Item {
    let names = [(keys::PK, pk), (keys::SK, sk)];
    names
        .map(|(name, value)| (name.to_owned(), text(value)))
        .into()
}

impl<'a> CallStore<'a> {
    /// What workers take turns at the links with.
    pub fn claims(&self) -> Claims<'a> {
        Claims {
            table: self.table,
            pk: self.key.pk(),
            clock: self.clock,
            deadline: self.deadline,
        }
    }

    /// The links of all parts of the call, the changes that were accepted, and the note that waits,
    /// in one read.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn read(&self) -> Result<CallRows> {
        const FROM: &str = "#pk = :pk AND #sk >= :begin";
        let values = [(":begin", keys::CALL_LINKS.to_owned())];
        CallRows::of(self.claims().rows(FROM, &values).await?)
    }

    /// Keeps a note until its call is told of. A newer one takes the place of an older one.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn keep_note(&self, note: &CallNote) -> Result<()> {
        let claims = self.claims();
        let put = claims.put_of(NOTE, keys::CALL_NOTE.to_owned(), note)?;
        let put = self.table.within(claims.left(), put.send()).await?;
        put.map_err(|error| failed("PutItem", &error))?;
        Ok(())
    }

    /// Removes a note that is no longer needed. One that is gone is removed.
    ///
    /// Condition: its key holds this very note.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn remove_note(&self, note: &CallNote) -> Result<()> {
        self.delete(keys::CALL_NOTE.to_owned(), &note.id).await
    }

    /// The link of a part of the call, if there is one.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn link(&self, part: &str) -> Result<Option<CallLink>> {
        self.claims().read(keys::call_link(part)).await
    }

    /// The changes of a part of the call that were accepted, in no order.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn changes(&self, part: &str) -> Result<Vec<CallChange>> {
        let values = [(":begin", keys::call_changes(part))];
        self.claims().query(CHANGE, BEGINS, &values).await
    }

    /// A change by the sort key of its item, if there is one.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn change(&self, sk: String) -> Result<Option<CallChange>> {
        self.claims().get(CHANGE, sk).await
    }

    /// Accepts a change.
    ///
    /// Condition: its key is free. `Lost` has the change as it was accepted before.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn accept(&self, change: &CallChange) -> Result<Write<CallChange>> {
        let claims = self.claims();
        let item = claims.put_of(CHANGE, change.sk(), change)?;
        let item = if_free(item, claims.seconds());
        let lost = put(self.table, claims.left(), CHANGE, item).await?;
        Ok(own(lost, |old: &CallChange| old.id == change.id))
    }

    /// Accepts a change in place of another, and says whether it has.
    ///
    /// Condition: its key holds the change of id `seen`.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn replace(&self, change: &CallChange, seen: &str) -> Result<bool> {
        let claims = self.claims();
        let item = claims
            .put_of(CHANGE, change.sk(), change)?
            .condition_expression("#id = :seen")
            .expression_attribute_names("#id", "id")
            .expression_attribute_values(":seen", text(seen));
        let written = put::<CallChange>(self.table, claims.left(), CHANGE, item).await?;
        Ok(match written {
            Write::Done => true,
            Write::Lost(other) => other.is_some_and(|other| other.id == change.id),
        })
    }

    /// Removes a change that stands in the activity. One that is gone is removed.
    ///
    /// Condition: its key holds this very change.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn remove(&self, change: &CallChange) -> Result<()> {
        self.delete(change.sk(), &change.id).await
    }

    /// Removes the item of a sort key.
    ///
    /// Condition: it has this id. One that is gone is removed.
    async fn delete(&self, sk: String, id: &str) -> Result<()> {
        use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
        let delete = self
            .table
            .client
            .delete_item()
            .table_name(&self.table.name)
            .key(keys::PK, text(self.key.pk()))
            .key(keys::SK, text(sk))
            .condition_expression("#id = :id")
            .expression_attribute_names("#id", "id")
            .expression_attribute_values(":id", text(id))
            .send();
        match self.table.within(self.claims().left(), delete).await? {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(failed("DeleteItem", &error)),
            },
        }
    }

    /// Removes a change's guard alone: its link is due by itself.
    ///
    /// Condition: the change is there.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn unguard(&self, change: &CallChange) -> Result<()> {
        self.claims().unguard(change.sk()).await
    }

    /// Gives a change a guard in place of the one that was seen, and lets it expire at
    /// `expires_at`, in seconds since 1970. Says whether it has.
    ///
    /// Condition: the change is there, and has the guard that `seen` has.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn guard(&self, seen: &CallChange, due: &Due, expires_at: i64) -> Result<bool> {
        let claims = self.claims();
        claims
            .guard(seen.sk(), seen.due.as_ref(), due, expires_at)
            .await
    }
}
