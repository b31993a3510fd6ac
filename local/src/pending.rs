//! `make pending`: what waits for delivery and why, by digest, without the texts.

use std::fmt::Write as _;
use std::time::Duration;

use chrono::DateTime;
use daybook_api::pending::{Backlog, Waiting, list_pending};
use daybook_core::config::Vars;
use daybook_core::ids::LogId;
use daybook_core::time::Deadline;

use crate::command;
use crate::config::LocalConfig;

/// How long reading the table may take.
const WITHIN: Duration = Duration::from_secs(120);

/// What waits in the table of [`command::app`].
///
/// # Errors
/// Words for a terminal.
pub async fn list(
    config: &LocalConfig,
    vars: &Vars<'_>,
) -> Result<String, Box<dyn std::error::Error>> {
    let app = command::app(config, vars).await?;
    let deadline = Deadline::at(app.clock.now() + WITHIN);
    let backlog = list_pending(&app, deadline).await?;
    Ok(table(&backlog))
}

fn table(backlog: &Backlog) -> String {
    if backlog.digests.is_empty() {
        return "Nothing waits.".to_owned();
    }
    let texts: usize = backlog.digests.iter().map(|one| one.texts).sum();
    let refused: usize = backlog.digests.iter().map(|one| one.refused).sum();
    let mut text = format!(
        "{:<14}{:<14}{:<16}{:<12}{:>6}{:>9}  {:<22}{:<15}{}",
        "digest", "CRM", "window", "log", "texts", "refused", "since", "reason", "tried again"
    );
    for one in &backlog.digests {
        text.push('\n');
        text.push_str(&line(one));
    }
    // A text of our own takes any line.
    let _ = write!(
        text,
        "\nDigests: {}. Texts that wait: {texts}. Texts that the CRM refuses: {refused}.",
        backlog.digests.len()
    );
    if backlog.more {
        text.push_str("\nThere are more, which are not listed.");
    }
    text
}

fn line(one: &Waiting) -> String {
    let again = one.retry_at.map(time);
    let again = again.unwrap_or_else(|| "with the next text or sign-in".to_owned());
    let reason = one.reason.map_or("not tried yet", |reason| reason.as_str());
    let log = one.log_id.as_ref().map_or("-", LogId::as_str);
    let window = one.window.to_string();
    format!(
        "{:<14}{:<14}{window:<16}{log:<12}{:>6}{:>9}  {:<22}{reason:<15}{again}",
        one.digest,
        one.platform,
        one.texts,
        one.refused,
        time(one.since),
    )
}

fn time(millis: i64) -> String {
    let at = DateTime::from_timestamp_millis(millis).unwrap_or_default();
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}
