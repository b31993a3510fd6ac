//! Which log of ours owns an activity that is named by no more than the CRM's id of it.

use daybook_core::ids::{LogId, TenantId};

use super::{Claims, get, own};
use crate::dynamo::{if_free, put, to_item};
use crate::items::{AdoptedLog, Claim};
use crate::{Result, Write, keys};

const ADOPTED: &str = "AdoptedLog";

impl Claims<'_> {
    /// Makes the log at `sk` the owner of an activity. Says whether it is, else who is.
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
        sk: &str,
    ) -> Result<Write<AdoptedLog>> {
        let adopted = AdoptedLog {
            schema: AdoptedLog::SCHEMA,
            owner: keys::owner(self.pk, sk),
            expires_at: self.seconds() + Claim::KEPT_DAYS * 86_400,
        };
        let pk = keys::adopted_log(platform, tenant, log);
        let item = to_item(ADOPTED, &pk, keys::ADOPTED_LOG.to_owned(), &adopted)?;
        let item = self
            .table
            .client
            .put_item()
            .table_name(&self.table.name)
            .set_item(Some(item));
        let sent = if_free(item, self.seconds());
        let written = put::<AdoptedLog>(self.table, self.left(), ADOPTED, sent).await?;
        Ok(own(written, |other| other.owner == adopted.owner))
    }

    /// Who owns an activity that the CRM has by this id, if anybody does.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn owner_of(
        &self,
        platform: &str,
        tenant: &TenantId,
        log: &LogId,
    ) -> Result<Option<AdoptedLog>> {
        let pk = keys::adopted_log(platform, tenant, log);
        get(self, &pk, ADOPTED, keys::ADOPTED_LOG.to_owned()).await
    }
}
