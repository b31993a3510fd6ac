//! What a command that is not the server works on: the table of the local server that runs on a
//! folder, or one on AWS.

use daybook_api::app::App;
use daybook_core::config::Vars;

use crate::config::LocalConfig;
use crate::folder::DataFolder;
use crate::keys::Keys;
use crate::server::local_default;
use crate::table::sdk_config_of;

/// The app of a command: on the table that `TABLE_NAME` names on AWS, else on that of the local
/// server that runs on the folder of `config`.
///
/// # Errors
/// Words for a terminal.
pub async fn app(config: &LocalConfig, vars: &Vars<'_>) -> Result<App, Box<dyn std::error::Error>> {
    if vars.get("TABLE_NAME").is_some() {
        let with_defaults = |name: &str| vars.get(name).or_else(|| without_keys(name));
        return Ok(App::from_env_with(&Vars::new(&with_defaults)).await?);
    }
    let endpoint = DataFolder::running_table(&config.data)?;
    let keys = Keys::open(&DataFolder::keys_in(&config.data))?;
    let with_defaults = |name: &str| {
        let given = vars.get(name).or_else(|| keys.get(name));
        given.or_else(|| without_keys(name))
    };
    Ok(App::new(
        &Vars::new(&with_defaults),
        &sdk_config_of(&endpoint),
    )?)
}

/// Stand-ins for what a command may do without: it opens no session, and what was sealed with
/// another key stays closed to it.
fn without_keys(name: &str) -> Option<String> {
    match name {
        "APP_SERVER_SECRET_KEY" | "HASH_KEY" => Some("-".repeat(32)),
        "SEALING_KEYS" => Some(format!("{}=", "A".repeat(43))),
        _ => local_default(name, "127.0.0.1:6066"),
    }
}
