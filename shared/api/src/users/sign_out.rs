//! The end of a session, here and in the CRM.

use daybook_adapters::{AuthKind, CrmAdapter, Removal};
use daybook_core::ids::CrmUserId;
use daybook_core::time::Deadline;
use daybook_core::user::UserKey;
use daybook_store::items::{StoredGrant, StoredUser};
use daybook_store::{StoreError, Write};

use super::Users;
use super::credentials::Credentials;

impl Users {
    /// Forgets the credentials of a user who has removed the app at the CRM, unless they have
    /// signed in since.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn removed(
        &self,
        platform: &str,
        removal: &Removal,
        deadline: Deadline,
    ) -> Result<(), StoreError> {
        let Some(id) = CrmUserId::parse(&format!("{}-{platform}", removal.user)) else {
            return Ok(());
        };
        let at = removal.at.map(|at| at.timestamp_millis());
        for user in self.store(deadline).of_id(platform, &id).await? {
            let company = user.company.as_ref();
            let is_theirs = company.is_none_or(|company| *company == removal.company);
            let is_later = at.is_some_and(|at| at < user.signed_in_at);
            if is_theirs && !is_later {
                self.end(user, deadline).await?;
            }
        }
        Ok(())
    }

    /// Signs a user out: the session ends and the credentials go, whatever the CRM says. Says
    /// whether the CRM has taken its grant back.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sign_out(
        &self,
        adapter: &dyn CrmAdapter,
        user: StoredUser,
        deadline: Deadline,
    ) -> Result<bool, StoreError> {
        match self.end(user, deadline).await? {
            Some((key, grant)) => Ok(self.revoke(adapter, &key, &grant, deadline).await),
            None => Ok(true),
        }
    }

    /// Ends the session of `user` and takes the credentials out of the table. What was signed in to
    /// since stays, in the same session too.
    async fn end(
        &self,
        mut user: StoredUser,
        deadline: Deadline,
    ) -> Result<Option<(UserKey, StoredGrant)>, StoreError> {
        let store = self.store(deadline);
        let ended = (user.session.clone(), user.signed_in_at);
        loop {
            let is_same = (&user.session, user.signed_in_at) == (&ended.0, ended.1);
            let Some(grant) = user.grant.clone().filter(|_| is_same) else {
                return Ok(None);
            };
            let mut next = user.clone();
            next.rev += 1;
            next.grant = None;
            next.session = None;
            next.refreshing = None;
            next.due = None;
            next.expires_at = self.kept_until();
            match store.put(&next, Some(user.rev)).await? {
                Write::Done => return Ok(Some((next.key(), grant))),
                Write::Lost(Some(other)) => user = other,
                Write::Lost(None) => return Ok(None),
            }
        }
    }

    /// The same for a stored grant.
    async fn revoke(
        &self,
        adapter: &dyn CrmAdapter,
        key: &UserKey,
        grant: &StoredGrant,
        deadline: Deadline,
    ) -> bool {
        match self.opened(key, grant, deadline).await {
            Ok(Some(credentials)) => self.give_back(adapter, &credentials, deadline).await,
            Ok(None) => true,
            Err(error) => {
                tracing::warn!(error.kind = "sealing", error.detail = %error, "a grant stays");
                false
            }
        }
    }

    /// Gives a grant back to the CRM. Says whether that went well, or was not needed.
    pub(super) async fn give_back(
        &self,
        adapter: &dyn CrmAdapter,
        credentials: &Credentials,
        deadline: Deadline,
    ) -> bool {
        let AuthKind::OAuth(oauth) = adapter.auth() else {
            return true;
        };
        let token = credentials.refresh.as_ref().unwrap_or(&credentials.access);
        let revoked = oauth.app().revoke(&self.outbound(deadline), token).await;
        if let Err(error) = &revoked {
            let crm = adapter.profile().id;
            tracing::warn!(crm, error.kind = error.kind(), error.detail = %error, "a grant stays");
        }
        revoked.is_ok()
    }
}
