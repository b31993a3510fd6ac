//! What the engine must know of a log, whatever it holds.

use async_trait::async_trait;
use daybook_store::StoreError;
use daybook_store::claims::Claims;
use daybook_store::items::{Claimed, Reason};

use super::{Attempt, Written};

/// A log that workers take turns at, and what a request, or the scheduled function, wants of it.
#[async_trait]
pub(crate) trait Log: Send + Sync {
    /// Its item.
    type Item: Claimed;

    /// The table's partition that the item is in.
    fn claims(&self) -> Claims<'_>;

    /// The item's sort key.
    fn sk(&self) -> String;

    /// What it is called among gates and in logs, without naming anybody.
    fn name(&self) -> String;

    /// The item of a log that is not in the table yet; `None` where nothing says how it begins.
    async fn begin(&self) -> Result<Option<Self::Item>, StoreError>;

    /// Whether nothing of what is wanted is left to do.
    fn is_done(&self, item: &Self::Item) -> bool;

    /// Whether another lease may help where one ended for this reason.
    fn is_worth_another(&self, reason: Option<Reason>) -> bool {
        matches!(reason, None | Some(Reason::Busy))
    }

    /// Does with the lease of `owner` what there is to do, and ends it.
    async fn work(
        &self,
        attempt: &Attempt<'_>,
        item: Self::Item,
        owner: String,
    ) -> Result<Written<Self::Item>, StoreError>;
}
