//! The stored credentials, for what is delivered without a request.

use async_trait::async_trait;
use daybook_core::params::AuthHeader;
use daybook_core::time::Deadline;
use daybook_core::user::{User, UserKey};
use daybook_store::StoreError;
use daybook_store::items::StoredUser;

use super::Users;
use super::access::Access;
use crate::engine::{Held, HeldCredentials, Holding};

#[async_trait]
impl HeldCredentials for Users {
    async fn of(&self, key: &UserKey, deadline: Deadline) -> Result<Holding, StoreError> {
        let user = self.store(deadline).get(key).await?;
        let (Some(user), Some(adapter)) = (user, self.registry.get(&key.platform)) else {
            return Ok(Holding::None);
        };
        let access = self.access(adapter.as_ref(), &user, deadline).await?;
        Ok(holding(access, &user))
    }

    async fn renewed(
        &self,
        key: &UserKey,
        refused: &AuthHeader,
        deadline: Deadline,
    ) -> Result<Holding, StoreError> {
        let Some(adapter) = self.registry.get(&key.platform) else {
            return Ok(Holding::None);
        };
        let access = Users::renewed(self, adapter.as_ref(), key, refused, deadline).await?;
        match self.store(deadline).get(key).await? {
            Some(user) => Ok(holding(access, &user)),
            None => Ok(Holding::None),
        }
    }
}

fn holding(access: Access, user: &StoredUser) -> Holding {
    match access {
        Access::Ready(access) => Holding::Ready(Held {
            auth: access.auth,
            user: User {
                hostname: access.hostname,
                ..user.user()
            },
        }),
        Access::Later { retry_at } => Holding::Later { retry_at },
        Access::Dead | Access::SignedOut => Holding::None,
    }
}
