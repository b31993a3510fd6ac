//! `make pending`: what waits for delivery and why, by digest, without the texts.

use std::fmt::Write as _;

use chrono::DateTime;
use daybook_api::pending::{Waiting, list_pending};
use daybook_core::config::Vars;

use crate::command;
use crate::config::LocalConfig;

/// What waits in the table of [`command::app`].
///
/// # Errors
/// Words for a terminal.
pub async fn list(
    config: &LocalConfig,
    vars: &Vars<'_>,
) -> Result<String, Box<dyn std::error::Error>> {
    let app = command::app(config, vars).await?;
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
