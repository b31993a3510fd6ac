//! Whose digests hold the log of a thread of a shared inbox.

use daybook_core::ids::CrmUserId;

use super::DigestStore;
use crate::claims::{get, own};
use crate::dynamo::{if_free, put, text, to_item};
use crate::items::{Claim, ThreadOwner};
use crate::{Result, Write, keys};

const THREAD_OWNER: &str = "ThreadOwner";

impl DigestStore<'_> {
    /// Who has the log of `thread`, if anybody does. `thread` is its partition key.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn thread_owner(&self, thread: &str) -> Result<Option<ThreadOwner>> {
        get(
            &self.claims(),
            thread,
            THREAD_OWNER,
            keys::THREAD.to_owned(),
        )
        .await
    }

    /// Makes these digests, which are those of `user`, the ones that have the log of `thread`.
    /// Gives who has it, which may be somebody who was faster.
    ///
    /// Condition: the key is free, or these digests have it already.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn own_thread(&self, thread: &str, user: &CrmUserId) -> Result<ThreadOwner> {
        let claims = self.claims();
        let mine = ThreadOwner {
            schema: ThreadOwner::SCHEMA,
            owner: self.key.pk().to_owned(),
            user: user.clone(),
            expires_at: claims.seconds() + Claim::KEPT_DAYS * 86_400,
        };
        let item = to_item(THREAD_OWNER, thread, keys::THREAD.to_owned(), &mine)?;
        let item = self
            .table
            .client
            .put_item()
            .table_name(&self.table.name)
            .set_item(Some(item));
        let item = if_free(item, claims.seconds())
            .condition_expression("attribute_not_exists(#pk) OR #expires < :now OR #owner = :owner")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":owner", text(&mine.owner));
        let written = put::<ThreadOwner>(self.table, claims.left(), THREAD_OWNER, item).await?;
        Ok(match own(written, |other| other.owner == mine.owner) {
            Write::Lost(Some(other)) => other,
            Write::Done | Write::Lost(None) => mine,
        })
    }
}
