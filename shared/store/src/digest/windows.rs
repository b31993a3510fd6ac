//! The index of rolling windows, and logs of another server that a digest takes over.

use chrono::{DateTime, Utc};
use daybook_core::digest::Window;
use daybook_core::ids::{LogId, TenantId};

use super::{DigestStore, HEAD, own};
use crate::dynamo::{from_item, if_free, number, put, text, to_item};
use crate::items::{AdoptedLog, Head, RollingIndex};
use crate::{Result, Write, keys};

impl DigestStore<'_> {
    /// The heads of the rolling windows that began at `since` or later, oldest first, and the
    /// index of them.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn rolling_heads(
        &self,
        since: DateTime<Utc>,
    ) -> Result<(Vec<Head>, Option<RollingIndex>)> {
        let condition = "#pk = :pk AND #sk BETWEEN :from AND :to";
        let (from, to) = keys::rolling_heads_since(since);
        let rows = self
            .rows(condition, &[(":from", from), (":to", to)])
            .await?;
        let mut heads = Vec::new();
        let mut index = RollingIndex::default();
        for row in rows {
            if row.get(keys::SK) == Some(&text(keys::ROLLING_INDEX)) {
                index = from_item("RollingIndex", row)?;
            } else {
                heads.push(from_item(HEAD, row)?);
            }
        }
        Ok((heads, Some(index)))
    }

    /// Writes the index of rolling windows.
    ///
    /// Condition: its revision is `seen`; with 0, the key is free.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn put_rolling_index(
        &self,
        index: &RollingIndex,
        seen: u64,
    ) -> Result<Write<RollingIndex>> {
        let name = "RollingIndex";
        let item = self.put_of(name, keys::ROLLING_INDEX.to_owned(), index)?;
        let item = match seen {
            0 => if_free(item, self.seconds()),
            seen => item
                .condition_expression("#rev = :seen")
                .expression_attribute_names("#rev", "rev")
                .expression_attribute_values(":seen", number(seen)),
        };
        let lost = put(self.table, self.left(), name, item).await?;
        Ok(own(lost, |old| old == index))
    }

    /// Makes the digest of `window` the owner of a log that another server made. Says whether it
    /// is.
    ///
    /// Condition: the key is free.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn adopt(
        &self,
        platform: &str,
        tenant: &TenantId,
        log: &LogId,
        window: &Window,
    ) -> Result<bool> {
        let name = "AdoptedLog";
        let adopted = AdoptedLog {
            schema: AdoptedLog::SCHEMA,
            owner: keys::owner(self.key, window),
            expires_at: self.seconds() + Head::KEPT_DAYS * 86_400,
        };
        let pk = keys::adopted_log(platform, tenant, log);
        let item = to_item(name, &pk, keys::ADOPTED_LOG.to_owned(), &adopted)?;
        let item = self
            .table
            .client
            .put_item()
            .table_name(&self.table.name)
            .set_item(Some(item));
        let written =
            put::<AdoptedLog>(self.table, self.left(), name, if_free(item, self.seconds())).await?;
        Ok(match written {
            Write::Done => true,
            Write::Lost(other) => other.is_some_and(|other| other.owner == adopted.owner),
        })
    }
}
