//! The index of rolling windows.

use chrono::{DateTime, Utc};

use super::DigestStore;
use crate::claims::own;
use crate::dynamo::{from_item, if_free, number, put, text};
use crate::items::{Claimed, Head, RollingIndex};
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
        let values = [(":from", from), (":to", to)];
        let rows = self.claims().rows(condition, &values).await?;
        let mut heads = Vec::new();
        let mut index = RollingIndex::default();
        for row in rows {
            if row.get(keys::SK) == Some(&text(keys::ROLLING_INDEX)) {
                index = from_item("RollingIndex", row)?;
            } else {
                heads.push(from_item(Head::NAME, row)?);
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
        let claims = self.claims();
        let item = claims.put_of(name, keys::ROLLING_INDEX.to_owned(), index)?;
        let item = match seen {
            0 => if_free(item, claims.seconds()),
            seen => item
                .condition_expression("#rev = :seen")
                .expression_attribute_names("#rev", "rev")
                .expression_attribute_values(":seen", number(seen)),
        };
        let lost = put(self.table, claims.left(), name, item).await?;
        Ok(own(lost, |old| old == index))
    }
}
