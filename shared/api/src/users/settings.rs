//! The settings of a user, beside those that an administrator made for the user's account.

use daybook_core::error::RequestError;
use daybook_core::ids::HashedId;
use daybook_core::params::SettingsUpdate;
use daybook_core::settings::{self, Settings};
use daybook_core::time::Deadline;
use daybook_store::admin_settings::AdminSettingsStore;
use daybook_store::items::StoredUser;
use daybook_store::{StoreError, Write};

use super::Users;

/// Why settings were not changed.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// They are too large.
    #[error(transparent)]
    Request(#[from] RequestError),
}

impl Users {
    /// The administrators' settings of the table.
    pub fn admin_store(&self, deadline: Deadline) -> AdminSettingsStore<'_> {
        AdminSettingsStore {
            table: &self.table,
            clock: self.clock.as_ref(),
            deadline,
        }
    }

    /// The settings that an administrator made for a RingCentral account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn admin_settings(
        &self,
        account: Option<&HashedId>,
        deadline: Deadline,
    ) -> Result<Settings, StoreError> {
        let Some(account) = account else {
            return Ok(Settings::new());
        };
        let found = self.admin_store(deadline).get(account).await?;
        Ok(found.map(|item| item.settings).unwrap_or_default())
    }

    /// Changes the settings that `update` names and leaves the others. Gives what holds now.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub async fn update_settings(
        &self,
        mut user: StoredUser,
        update: &SettingsUpdate,
        admin: &Settings,
        deadline: Deadline,
    ) -> Result<Settings, SettingsError> {
        loop {
            let changed = settings::apply(
                &user.settings,
                update.settings.clone(),
                &update.remove,
                admin,
            )?;
            if changed == user.settings {
                return Ok(settings::effective(&changed, admin));
            }
            let mut next = user.clone();
            next.rev += 1;
            next.settings = changed;
            next.expires_at = self.kept_until();
            match self.store(deadline).put(&next, Some(user.rev)).await? {
                Write::Done | Write::Lost(None) => {
                    return Ok(settings::effective(&next.settings, admin));
                }
                Write::Lost(Some(other)) => user = other,
            }
        }
    }
}
