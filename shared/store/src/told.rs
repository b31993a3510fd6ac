//! What users were told of contacts: read, written and removed by their keys.
//!
//! It belongs to one user, since a CRM may show another user something else.

use daybook_core::time::{Clock, Deadline};
use daybook_core::user::UserKey;

use crate::dynamo::{expired, failed, from_item, if_free, put, text, to_item};
use crate::items::Told;
use crate::{Result, Table, Write, keys};

const TOLD: &str = "Told";

/// No item, or one that has expired, or one with an answer.
const FREE_OR_ANSWERED: &str =
    "attribute_not_exists(#pk) OR #expires < :now OR attribute_exists(#answer)";

/// What one user was told.
#[derive(Debug, Clone, Copy)]
pub struct ToldStore<'a> {
    /// The table.
    pub table: &'a Table,
    /// The source of the present time.
    pub clock: &'a dyn Clock,
    /// When the request must have been answered.
    pub deadline: Deadline,
    /// The user.
    pub user: &'a UserKey,
}

impl ToldStore<'_> {
    /// What was told under a sort key, unless it has run out.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn get(&self, sk: &str) -> Result<Option<Told>> {
        let get = self
            .table
            .client
            .get_item()
            .table_name(&self.table.name)
            .key(keys::PK, text(keys::told(self.user)))
            .key(keys::SK, text(sk))
            .consistent_read(true)
            .send();
        let got = self.table.within(self.left(), get).await?;
        let got = got.map_err(|error| failed("GetItem", &error))?;
        let now = self.clock.now().timestamp();
        got.item
            .filter(|row| !expired(row, now))
            .map(|row| from_item(TOLD, row))
            .transpose()
    }

    /// Writes what is told now. The newest writer wins.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn put(&self, sk: &str, told: &Told) -> Result<()> {
        let item = to_item(TOLD, &keys::told(self.user), sk.to_owned(), told)?;
        let put = self
            .table
            .client
            .put_item()
            .table_name(&self.table.name)
            .set_item(Some(item))
            .send();
        let put = self.table.within(self.left(), put).await?;
        put.map_err(|error| failed("PutItem", &error))?;
        Ok(())
    }

    /// Writes what is told now, unless a mark without an answer stands there.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn learn(&self, sk: &str, told: &Told) -> Result<Write<Told>> {
        let item = to_item(TOLD, &keys::told(self.user), sk.to_owned(), told)?;
        let item = self
            .table
            .client
            .put_item()
            .table_name(&self.table.name)
            .set_item(Some(item));
        let item = if_free(item, self.clock.now().timestamp())
            .condition_expression(FREE_OR_ANSWERED)
            .expression_attribute_names("#answer", "answer");
        put(self.table, self.left(), TOLD, item).await
    }

    /// Writes it if nothing is told there; else gives what is.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn claim(&self, sk: &str, told: &Told) -> Result<Write<Told>> {
        let item = to_item(TOLD, &keys::told(self.user), sk.to_owned(), told)?;
        let item = self
            .table
            .client
            .put_item()
            .table_name(&self.table.name)
            .set_item(Some(item));
        let item = if_free(item, self.clock.now().timestamp());
        put(self.table, self.left(), TOLD, item).await
    }

    /// Removes what was told.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn remove(&self, sk: &str) -> Result<()> {
        let delete = self
            .table
            .client
            .delete_item()
            .table_name(&self.table.name)
            .key(keys::PK, text(keys::told(self.user)))
            .key(keys::SK, text(sk))
            .send();
        let deleted = self.table.within(self.left(), delete).await?;
        deleted.map_err(|error| failed("DeleteItem", &error))?;
        Ok(())
    }

    fn left(&self) -> std::time::Duration {
        self.deadline.remaining(self.clock.now())
    }
}
