//! Messages: accepted once, guarded until they are delivered, then cleared.

use daybook_core::digest::Window;
use daybook_core::ids::MessageId;

use super::DigestStore;
use crate::dynamo::{if_free, put};
use crate::items::{Due, StoredMessage};
use crate::{Result, Write, keys};

const MESSAGE: &str = "StoredMessage";

impl DigestStore<'_> {
    /// A message by the sort key of its item, if there is one.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn message(&self, sk: String) -> Result<Option<StoredMessage>> {
        self.claims().get(MESSAGE, sk).await
    }

    /// The messages of a window that were accepted, in no order.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn messages(&self, window: &Window) -> Result<Vec<StoredMessage>> {
        let condition = "#pk = :pk AND begins_with(#sk, :messages)";
        let values = [(":messages", keys::MESSAGES.to_owned())];
        let all = self.claims().query(MESSAGE, condition, &values).await?;
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
        let claims = self.claims();
        let item = claims.put_of(MESSAGE, keys::message(&message.entry.id), message)?;
        let item = if_free(item, claims.seconds());
        put(self.table, claims.left(), MESSAGE, item).await
    }

    /// Removes a message's guard and lets it expire at `expires_at`, in seconds since 1970.
    ///
    /// Condition: the message is there. One that is gone needs no guard.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn clear(&self, id: &MessageId, expires_at: i64) -> Result<()> {
        self.claims().clear(keys::message(id), expires_at).await
    }

    /// Removes a message's guard alone: its digest is due by itself.
    ///
    /// Condition: the message is there.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn unguard(&self, id: &MessageId) -> Result<()> {
        self.claims().unguard(keys::message(id)).await
    }

    /// Gives a message a guard in place of the one that was seen, and lets it expire at
    /// `expires_at`, in seconds since 1970. Says whether it has.
    ///
    /// Condition: the message is there, and has the guard that `seen` has.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn guard(&self, seen: &StoredMessage, due: &Due, expires_at: i64) -> Result<bool> {
        let sk = keys::message(&seen.entry.id);
        let claims = self.claims();
        claims.guard(sk, seen.due.as_ref(), due, expires_at).await
    }
}
