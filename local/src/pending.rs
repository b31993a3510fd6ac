//! `make pending`: what waits for delivery and why, by digest, without the texts.

use std::fmt::Write as _;

use chrono::DateTime;
use daybook_api::app::App;
use daybook_api::pending::{Waiting, list_pending};
use daybook_core::config::Vars;

use crate::config::LocalConfig;
use crate::folder::DataFolder;
use crate::table::{TABLE_NAME, sdk_config_of};

/// What waits in the table that `TABLE_NAME` names on AWS, else in that of the local server that
/// runs on the folder of `config`.
///
/// # Errors
/// Words for a terminal.
pub async fn list(
    config: &LocalConfig,
    vars: &Vars<'_>,
) -> Result<String, Box<dyn std::error::Error>> {
    let defaults = |name: &str| match name {
        "PLATFORMS" => Some("exampleCRM".to_owned()),
        "EXAMPLE_CRM_URL" => Some("http://127.0.0.1/crm/api".to_owned()),
        "TABLE_NAME" => Some(TABLE_NAME.to_owned()),
        _ => None,
    };
    let with_defaults = |name: &str| vars.get(name).or_else(|| defaults(name));
    let app = match vars.get("TABLE_NAME") {
        Some(_) => App::from_env_with(&Vars::new(&with_defaults)).await?,
        None => {
            let endpoint = DataFolder::running_table(&config.data)?;
            App::new(&Vars::new(&with_defaults), &sdk_config_of(&endpoint))?
        }
    };
    let waiting = list_pending(&app, app.deadline()).await?;
    Ok(table(&waiting))
}

fn table(waiting: &[Waiting]) -> String {
    if waiting.is_empty() {
        return "Nothing waits.".to_owned();
    }
    let mut text = format!(
        "{:<14}{:<14}{:<16}{:>6}  {:<22}{:<15}{}",
        "digest", "CRM", "window", "texts", "waiting since", "reason", "tried again"
    );
    for one in waiting {
        let again = match (one.refused, one.retry_at) {
            (0, None) => "with the next text or sign-in".to_owned(),
            (0, Some(at)) => time(at),
            (refused, _) => format!("{refused} refused by the CRM"),
        };
        let since = one.since.map(time).unwrap_or_default();
        let reason = one.reason.map_or("not tried yet", |reason| reason.as_str());
        let window = one.window.to_string();
        // A text of our own takes any line.
        let _ = write!(
            text,
            "\n{:<14}{:<14}{window:<16}{:>6}  {since:<22}{reason:<15}{again}",
            one.digest, one.platform, one.messages
        );
    }
    text
}

fn time(millis: i64) -> String {
    let at = DateTime::from_timestamp_millis(millis).unwrap_or_default();
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}
