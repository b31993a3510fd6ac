//! `make admin-settings`: what an administrator settles for all users of a RingCentral account.

use std::path::Path;

use daybook_core::config::Vars;
use daybook_core::params::{RingCentralId, SettingsUpdate};
use daybook_store::Write;
use daybook_store::items::AdminSettings;

use crate::command;
use crate::config::LocalConfig;

/// Replaces the settings of the account by those in the file: `{"userSettings": {id: {"value": …,
/// "customizable": …}}}`.
///
/// # Errors
/// Words for a terminal.
pub async fn set(
    config: &LocalConfig,
    vars: &Vars<'_>,
    account: &str,
    file: &Path,
) -> Result<String, Box<dyn std::error::Error>> {
    let account = RingCentralId::parse("ACCOUNT", account)?
        .ok_or("an account of RingCentral is named, by its id")?;
    let text = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let update = SettingsUpdate::parse(&text)?;
    if vars.get("TABLE_NAME").is_some() {
        // Without the deployment's own key the account would not be found.
        vars.required("HASH_KEY")?;
    }
    let app = command::app(config, vars).await?;
    let account = app.hashes.of_account(&account);
    let store = app.users.admin_store(app.deadline());
    loop {
        let seen = store.get(&account).await?.map(|item| item.rev);
        let item = AdminSettings {
            schema: AdminSettings::SCHEMA,
            rev: seen.unwrap_or(0) + 1,
            settings: update.settings.clone(),
        };
        if let Write::Done = store.put(&account, &item, seen).await? {
            return Ok(format!(
                "{} settings hold for the account.",
                update.settings.len()
            ));
        }
    }
}
