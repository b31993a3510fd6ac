//! The settings of RingCentral accounts: read, and written with one conditional put.

use std::time::Duration;

use daybook_core::ids::HashedId;
use daybook_core::time::{Clock, Deadline};

use crate::dynamo::{failed, from_item, if_free, number, put, text, to_item};
use crate::items::AdminSettings;
use crate::keys;
use crate::{Result, Table, Write};

const ADMIN_SETTINGS: &str = "AdminSettings";

/// The accounts' settings, within one request.
#[derive(Debug, Clone, Copy)]
pub struct AdminSettingsStore<'a> {
    /// The table.
    pub table: &'a Table,
    /// The source of the present time.
    pub clock: &'a dyn Clock,
    /// When the request must have been answered.
    pub deadline: Deadline,
}

impl AdminSettingsStore<'_> {
    /// The settings of an account, if an administrator made any.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn get(&self, account: &HashedId) -> Result<Option<AdminSettings>> {
        let get = self
            .table
            .client
            .get_item()
            .table_name(&self.table.name)
            .key(keys::PK, text(keys::admin_settings(account)))
            .key(keys::SK, text(keys::ADMIN_SETTINGS))
            .consistent_read(true)
            .send();
        let got = self.table.within(self.left(), get).await?;
        let got = got.map_err(|error| failed("GetItem", &error))?;
        got.item
            .map(|row| from_item(ADMIN_SETTINGS, row))
            .transpose()
    }

    /// Writes the settings of an account.
    ///
    /// Condition: the item's revision is `seen`; with `None`, the key is free. Where it fails, an
    /// item of the same content counts as written: an earlier try was applied.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn put(
        &self,
        account: &HashedId,
        settings: &AdminSettings,
        seen: Option<u64>,
    ) -> Result<Write<AdminSettings>> {
        let pk = keys::admin_settings(account);
        let sk = keys::ADMIN_SETTINGS.to_owned();
        let item = self
            .table
            .client
            .put_item()
            .table_name(&self.table.name)
            .set_item(Some(to_item(ADMIN_SETTINGS, &pk, sk, settings)?));
        let item = match seen {
            None => if_free(item, self.clock.now().timestamp()),
            Some(seen) => item
                .condition_expression("#rev = :seen")
                .expression_attribute_names("#rev", "rev")
                .expression_attribute_values(":seen", number(seen)),
        };
        let written = put(self.table, self.left(), ADMIN_SETTINGS, item).await?;
        Ok(match written {
            Write::Lost(Some(old)) if old == *settings => Write::Done,
            written @ (Write::Done | Write::Lost(_)) => written,
        })
    }

    fn left(&self) -> Duration {
        self.deadline.remaining(self.clock.now())
    }
}
