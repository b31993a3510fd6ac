//! The reads and writes that the logs of a call are made with beside those of [`Claims`], by which
//! workers take turns at each.

use daybook_core::time::{Clock, Deadline};

use crate::claims::{Claims, own};
use crate::dynamo::{Item, failed, from_item, if_free, put, text};
use crate::items::{CallChange, CallLink, Claimed, Due};
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
const BEGINS: &str = "#pk = :pk AND begins_with(#sk, :begin)";

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

    /// The links of all parts of the call, and the changes that were accepted, in one read.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn read(&self) -> Result<(Vec<CallLink>, Vec<CallChange>)> {
        const FROM: &str = "#pk = :pk AND #sk >= :begin";
        let values = [(":begin", keys::CALL_LINKS.to_owned())];
        let rows = self.claims().rows(FROM, &values).await?;
        let is_link = |row: &Item| {
            let sk = row.get(keys::SK).and_then(|sk| sk.as_s().ok());
            sk.is_some_and(|sk| sk.starts_with(keys::CALL_LINKS))
        };
        let (links, changes): (Vec<_>, Vec<_>) = rows.into_iter().partition(is_link);
        let links = links.into_iter().map(|row| from_item(CallLink::NAME, row));
        let changes = changes.into_iter().map(|row| from_item(CHANGE, row));
        Ok((
            links.collect::<Result<_>>()?,
            changes.collect::<Result<_>>()?,
        ))
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
        use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
        let delete = self
            .table
            .client
            .delete_item()
            .table_name(&self.table.name)
            .key(keys::PK, text(self.key.pk()))
            .key(keys::SK, text(change.sk()))
            .condition_expression("#id = :id")
            .expression_attribute_names("#id", "id")
            .expression_attribute_values(":id", text(&change.id))
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
