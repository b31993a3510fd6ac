//! `make pending`: what waits for delivery and why, by log, without the texts.

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
    if backlog.logs.is_empty() {
        return "Nothing waits.".to_owned();
    }
    let (calls, digests): (Vec<_>, Vec<_>) = backlog.logs.iter().partition(|log| log.is_call());
    let sum = |logs: &[&Waiting], number: fn(&Waiting) -> usize| -> usize {
        logs.iter().map(|one| number(one)).sum()
    };
    let texts = sum(&digests, |one| one.accepted);
    let changes = sum(&calls, |one| one.accepted);
    let refused = sum(&digests, |one| one.refused);
    let refused_changes = sum(&calls, |one| one.refused);
    let mut text = format!(
        "{:<14}{:<14}{:<16}{:<12}{:>7}{:>9}  {:<22}{:<15}{}",
        "id", "CRM", "what", "log", "waiting", "refused", "since", "reason", "tried again"
    );
    for one in &backlog.logs {
        text.push('\n');
        text.push_str(&line(one));
    }
    // A text of our own takes any line.
    let _ = write!(
        text,
        "\nDigests: {}. Texts that wait: {texts}. Texts that the CRM refuses: {refused}.",
        digests.len()
    );
    if !calls.is_empty() {
        let _ = write!(
            text,
            "\nCalls: {}. Changes that wait: {changes}. Changes that the CRM refuses: \
             {refused_changes}.",
            calls.len()
        );
    }
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
    let what = (one.window).map_or_else(|| "call".to_owned(), |window| window.to_string());
    format!(
        "{:<14}{:<14}{what:<16}{log:<12}{:>7}{:>9}  {:<22}{reason:<15}{again}",
        one.log,
        one.platform,
        one.accepted,
        one.refused,
        time(one.since),
    )
}

fn time(millis: i64) -> String {
    let at = DateTime::from_timestamp_millis(millis).unwrap_or_default();
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}
