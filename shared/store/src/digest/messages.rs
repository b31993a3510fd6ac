//! Messages: accepted once, guarded until they are delivered, then cleared.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use daybook_core::digest::Window;
use daybook_core::ids::MessageId;

use super::DigestStore;
use crate::dynamo::{failed, if_free, number, put, text};
use crate::items::{Due, StoredMessage};
use crate::{Result, Write, keys};

const MESSAGE: &str = "StoredMessage";

impl DigestStore<'_> {
    /// A message by the sort key of its item, if there is one.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn message(&self, sk: String) -> Result<Option<StoredMessage>> {
        self.get(MESSAGE, sk).await
    }

    /// The messages of a window that were accepted, in no order.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn messages(&self, window: &Window) -> Result<Vec<StoredMessage>> {
        let condition = "#pk = :pk AND begins_with(#sk, :messages)";
        let values = [(":messages", keys::MESSAGES.to_owned())];
        let all = self
            .query::<StoredMessage>(MESSAGE, condition, &values)
            .await?;
        let here = |message: &StoredMessage| message.window == *window;
        Ok(all.into_iter().filter(here).collect())
    }

    /// Accepts a message.
    ///
    /// Condition: its key is free. `Lost` has the message as it was accepted before.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn accept(&self, message: &StoredMessage) -> Result<Write<StoredMessage>> {
        let sk = keys::message(&message.entry.id);
        let item = self.put_of(MESSAGE, sk, message)?;
        put(
            self.table,
            self.left(),
            MESSAGE,
            if_free(item, self.seconds()),
        )
        .await
    }

    /// Removes a message's guard and lets it expire at `expires_at`, in seconds since 1970.
    ///
    /// Condition: the message is there. One that is gone needs no guard.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn clear(&self, id: &MessageId, expires_at: i64) -> Result<()> {
        let update = self
            .without_guard(id)
            .update_expression("SET #expires = :at REMOVE #shard, #due")
            .expression_attribute_names("#expires", keys::EXPIRES_AT)
            .expression_attribute_values(":at", number(expires_at));
        self.if_there(update).await
    }

    /// Removes a message's guard alone: its digest is due by itself.
    ///
    /// Condition: the message is there.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn unguard(&self, id: &MessageId) -> Result<()> {
        let update = self.without_guard(id);
        self.if_there(update.update_expression("REMOVE #shard, #due"))
            .await
    }

    fn without_guard(&self, id: &MessageId) -> UpdateItemFluentBuilder {
        self.table
            .client
            .update_item()
            .table_name(&self.table.name)
            .key(keys::PK, text(self.key.pk()))
            .key(keys::SK, text(keys::message(id)))
            .condition_expression("attribute_exists(#pk)")
            .expression_attribute_names("#pk", keys::PK)
            .expression_attribute_names("#shard", keys::DUE_SHARD)
            .expression_attribute_names("#due", keys::DUE_AT)
    }

    /// Sends an update of which the condition may fail.
    async fn if_there(&self, update: UpdateItemFluentBuilder) -> Result<()> {
        match self.table.within(self.left(), update.send()).await? {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(failed("UpdateItem", &error)),
            },
        }
    }

    /// Gives a message a guard in place of the one that was seen, and lets it expire at
    /// `expires_at`, in seconds since 1970. Says whether it has.
    ///
    /// Condition: the message is there, and has the guard that `seen` has.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn guard(&self, seen: &StoredMessage, due: &Due, expires_at: i64) -> Result<bool> {
        let update = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .key(keys::PK, text(self.key.pk()))
            .key(keys::SK, text(keys::message(&seen.entry.id)))
            .update_expression("SET #expires = :at, #shard = :shard, #due = :due")
            .expression_attribute_names("#pk", keys::PK)
            .expression_attribute_names("#expires", keys::EXPIRES_AT)
            .expression_attribute_names("#shard", keys::DUE_SHARD)
            .expression_attribute_names("#due", keys::DUE_AT)
            .expression_attribute_values(":at", number(expires_at))
            .expression_attribute_values(":shard", text(&due.shard))
            .expression_attribute_values(":due", text(&due.at));
        let update = match &seen.due {
            Some(seen) => update
                .condition_expression("attribute_exists(#pk) AND #due = :seen")
                .expression_attribute_values(":seen", text(&seen.at)),
            None => {
                update.condition_expression("attribute_exists(#pk) AND attribute_not_exists(#due)")
            }
        };
        match self.table.within(self.left(), update.send()).await? {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(failed("UpdateItem", &error)),
            },
        }
    }
}
