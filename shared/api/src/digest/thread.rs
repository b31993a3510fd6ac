//! The one log of a thread of a shared inbox, which all who answer from the inbox share.
//!
//! It stands among the digests of the user who logged the thread first. Others look and deliver
//! there too, each with credentials of their own.

use chrono::TimeDelta;
use daybook_core::ids::TenantId;
use daybook_core::params::MessageLogParams;
use daybook_store::StoreError;
use daybook_store::items::{Claim, Head, ThreadOwner};
use daybook_store::keys::{self, DigestKey};

use super::{Seen, ends};
use crate::engine::{Caller, Engine};

/// How long before it expires the owner of a thread is written anew, in seconds: all but a day of
/// the time that it is kept, so that it lasts as long as the log.
const KEPT_ANEW: i64 = (Claim::KEPT_DAYS - 1) * 86_400;

impl Engine<'_> {
    /// Looks which of the messages of a thread are new: to whoever has its log, and to the user,
    /// who may have logged it by the day.
    pub(super) async fn look_at_thread(
        &self,
        params: &MessageLogParams,
        tenant: &TenantId,
        own: &DigestKey,
    ) -> Result<Seen, StoreError> {
        let store = self.store(own);
        let thread = self.thread(params, tenant);
        let (owner, heads) =
            futures_util::try_join!(store.thread_owner(&thread), self.thread_heads(params, own))?;
        self.seen_of(params, own, owner, heads).await
    }

    /// Before new messages of a thread are accepted: whose digests they go into. The first who asks
    /// is the owner; who was not fast enough looks again.
    pub(super) async fn owned(
        &self,
        params: &MessageLogParams,
        caller: &Caller<'_>,
        own: &DigestKey,
        seen: Seen,
    ) -> Result<Seen, StoreError> {
        if params.inbox.is_none() {
            return Ok(seen);
        }
        let kept_until = self.millis() / 1_000 + KEPT_ANEW;
        let known = seen.thread.as_ref();
        if known.is_some_and(|owner| owner.expires_at > kept_until) {
            return Ok(seen);
        }
        let key = known.map_or_else(
            || own.clone(),
            |owner| DigestKey::from_pk(owner.owner.clone()),
        );
        let user = known.map_or(&caller.user.id, |owner| &owner.user);
        let thread = self.thread(params, &caller.tenant);
        let owner = self.store(&key).own_thread(&thread, user).await?;
        if owner.owner == key.pk() {
            return Ok(Seen {
                thread: Some(owner),
                ..seen
            });
        }
        let most = seen.fresh.len();
        let heads = self.thread_heads(params, own).await?;
        let again = self.seen_of(params, own, Some(owner), heads).await?;
        Ok(again.oldest(most))
    }

    /// What is known of the messages, where `heads` are the user's own.
    async fn seen_of(
        &self,
        params: &MessageLogParams,
        own: &DigestKey,
        owner: Option<ThreadOwner>,
        heads: Vec<Head>,
    ) -> Result<Seen, StoreError> {
        let theirs = match &owner {
            Some(owner) if owner.owner != own.pk() => {
                let key = DigestKey::from_pk(owner.owner.clone());
                Some(self.thread_heads(params, &key).await?)
            }
            Some(_) | None => None,
        };
        let mut seen = match theirs {
            None => self.seen(params, heads, None),
            Some(theirs) => {
                let both = theirs.iter().chain(&heads).cloned().collect();
                let seen = self.seen(params, both, None);
                Seen {
                    heads: theirs,
                    ..seen
                }
            }
        };
        seen.thread = owner;
        Ok(seen)
    }

    async fn thread_heads(
        &self,
        params: &MessageLogParams,
        key: &DigestKey,
    ) -> Result<Vec<Head>, StoreError> {
        let (first, _) = ends(params);
        let from = first.at - TimeDelta::days(1);
        self.store(key).heads_of_thread(from.date_naive()).await
    }

    fn thread(&self, params: &MessageLogParams, tenant: &TenantId) -> String {
        let (first, _) = ends(params);
        let platform = self.adapter.profile().id;
        keys::thread(platform, tenant, &first.conversation, &params.contact.id)
    }
}
