//! What a command that is not the server works on: the table of the local server that runs on a
//! folder, or one on AWS.

use daybook_api::app::App;
use daybook_core::config::Vars;

use crate::config::LocalConfig;
use crate::folder::DataFolder;
use crate::keys::Keys;
use crate::server::{on_this_machine, refuse_kms};
use crate::table::sdk_config_of;

const TABLE: &str = "TABLE_NAME";
const KMS_KEY: &str = "SEALING_KMS_KEY";
const KEYS: &str = "SEALING_KEYS";

/// The app of a command: on the table that `TABLE_NAME` names on AWS, with nothing of this machine,
/// else on that of the local server that runs on the folder of `config`.
///
/// # Errors
/// Words for a terminal.
pub async fn app(config: &LocalConfig, vars: &Vars<'_>) -> Result<App, Box<dyn std::error::Error>> {
    if vars.get(TABLE).is_some() {
        let with_stand_ins = |name: &str| vars.get(name).or_else(|| stand_in(name, vars));
        return Ok(App::from_env_with(&Vars::new(&with_stand_ins)).await?);
    }
    refuse_kms(vars)?;
    let endpoint = DataFolder::running_table(&config.data)?;
    let keys = Keys::open(&DataFolder::keys_in(&config.data))?;
    let address = format!("127.0.0.1:{}", config.port);
    let with_defaults = |name: &str| on_this_machine(name, vars, &keys, &address);
    Ok(App::new(
        &Vars::new(&with_defaults),
        &sdk_config_of(&endpoint),
    )?)
}

/// Whether the app of a command can open what was sealed.
pub fn opens_sealed(vars: &Vars<'_>) -> bool {
    let named = |name| vars.get(name).is_some();
    !named(TABLE) || named(KMS_KEY) || named(KEYS)
}

/// Stand-ins for the keys that a command may do without: it opens no session, and what was sealed
/// with another key stays closed to it.
fn stand_in(name: &str, vars: &Vars<'_>) -> Option<String> {
    match name {
        "APP_SERVER_SECRET_KEY" | "HASH_KEY" => Some("-".repeat(32)),
        KEYS if vars.get(KMS_KEY).is_none() => Some(format!("{}=", "A".repeat(43))),
        _ => None,
    }
}
