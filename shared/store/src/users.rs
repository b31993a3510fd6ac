//! Users: read by their key or by their id, and written with one conditional put.

use aws_sdk_dynamodb::types::ReturnValue;
use daybook_core::ids::CrmUserId;
use daybook_core::time::{Clock, Deadline};
use daybook_core::user::UserKey;

use crate::dynamo::{expired, failed, from_item, if_free, number, put, text, to_item};
use crate::items::StoredUser;
use crate::keys;
use crate::{Result, Table, Write};

const USER: &str = "StoredUser";

/// The users of the table, within one request.
#[derive(Debug, Clone, Copy)]
pub struct UserStore<'a> {
    /// The table.
    pub table: &'a Table,
    /// The source of the present time.
    pub clock: &'a dyn Clock,
    /// When the request must have been answered.
    pub deadline: Deadline,
}

impl UserStore<'_> {
    /// A user, if there is one.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn get(&self, key: &UserKey) -> Result<Option<StoredUser>> {
        self.get_by(
            &keys::user(&key.platform, &key.id),
            &keys::of_tenant(&key.tenant),
        )
        .await
    }

    /// A user by the keys of the item, as the index `due` gives them.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn get_by(&self, pk: &str, sk: &str) -> Result<Option<StoredUser>> {
        let get = self
            .table
            .client
            .get_item()
            .table_name(&self.table.name)
            .key(keys::PK, text(pk))
            .key(keys::SK, text(sk))
            .consistent_read(true)
            .send();
        let got = self
            .table
            .within(self.left(), get)
            .await?
            .map_err(|error| failed("GetItem", &error))?;
        let now = self.clock.now().timestamp();
        got.item
            .filter(|row| !expired(row, now))
            .map(|row| from_item(USER, row))
            .transpose()
    }

    /// The users of a platform who have this id: one, unless several companies have such a user.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn of_id(&self, platform: &str, id: &CrmUserId) -> Result<Vec<StoredUser>> {
        let now = self.clock.now().timestamp();
        let mut users = Vec::new();
        let mut start = None;
        loop {
            let query = self
                .table
                .client
                .query()
                .table_name(&self.table.name)
                .consistent_read(true)
                .key_condition_expression("#pk = :pk")
                .expression_attribute_names("#pk", keys::PK)
                .expression_attribute_values(":pk", text(keys::user(platform, id)))
                .set_exclusive_start_key(start)
                .send();
            let page = self
                .table
                .within(self.left(), query)
                .await?
                .map_err(|error| failed("Query", &error))?;
            for row in page.items.unwrap_or_default() {
                if !expired(&row, now) {
                    users.push(from_item(USER, row)?);
                }
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(users);
            }
        }
    }

    /// Writes a user.
    ///
    /// Condition: the item's revision is `seen`; with `None`, the key is free. Where it fails, an
    /// item of the same content counts as written: an earlier try was applied.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn put(&self, user: &StoredUser, seen: Option<u64>) -> Result<Write<StoredUser>> {
        let pk = keys::user(&user.platform, &user.id);
        let item = to_item(USER, &pk, keys::of_tenant(&user.tenant), user)?;
        let item = self
            .table
            .client
            .put_item()
            .table_name(&self.table.name)
            .set_item(Some(item));
        let item = match seen {
            None => if_free(item, self.clock.now().timestamp()),
            Some(seen) => item
                .condition_expression("#rev = :seen")
                .expression_attribute_names("#rev", "rev")
                .expression_attribute_values(":seen", number(seen)),
        };
        Ok(match put(self.table, self.left(), USER, item).await? {
            Write::Lost(Some(old)) if old == *user => Write::Done,
            written @ (Write::Done | Write::Lost(_)) => written,
        })
    }

    /// Removes a user, and gives whether there was one. What else belongs to the user stays:
    /// [`forget_user`](crate::forget::forget_user) removes all of it.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn delete(&self, key: &UserKey) -> Result<bool> {
        let delete = self
            .table
            .client
            .delete_item()
            .table_name(&self.table.name)
            .key(keys::PK, text(keys::user(&key.platform, &key.id)))
            .key(keys::SK, text(keys::of_tenant(&key.tenant)))
            .return_values(ReturnValue::AllOld)
            .send();
        let deleted = self.table.within(self.left(), delete).await?;
        let deleted = deleted.map_err(|error| failed("DeleteItem", &error))?;
        let now = self.clock.now().timestamp();
        Ok(deleted.attributes.is_some_and(|old| !expired(&old, now)))
    }

    fn left(&self) -> std::time::Duration {
        self.deadline.remaining(self.clock.now())
    }
}
