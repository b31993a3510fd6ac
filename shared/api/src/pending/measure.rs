//! What waits after a run, as metrics; and what has waited too long, as errors.
//!
//! While nothing waits nothing is told, which costs nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;
use daybook_core::time::Deadline;
use daybook_store::StoreError;
use daybook_store::items::Reason;
use daybook_store::keys::DueKey;
use daybook_store::pending::{DueRow, parked, waiting};
use serde_json::json;

use super::list::{self, LISTED, Waiting};
use crate::app::App;
use crate::telemetry::metrics::{self, Metric};

/// After how long a text that waits is an error.
const ALARM_AFTER: TimeDelta = TimeDelta::days(1);

/// How many logs are read at the most.
const MOST: usize = 800;
/// With how much time left nothing is measured.
const LEAST_LEFT: Duration = Duration::from_millis(1_500);

/// Measures what waits: of [`MOST`] logs how many texts and calls, and since when.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn measure(app: &App, deadline: Deadline) -> Result<(), StoreError> {
    let clock = app.clock.as_ref();
    if deadline.remaining(clock.now()) < LEAST_LEFT {
        return Ok(());
    }
    let mut rows = waiting(&app.table, clock, deadline, LISTED).await?;
    // A guard is of a request that is at work, or was a minute ago.
    rows.retain(|row| matches!(row.key, DueKey::Head(..) | DueKey::CallLink(..)));
    rows.truncate(MOST);
    let parked = parked(&app.table, clock, deadline, LISTED).await?;
    let logs = list::read(app, deadline, rows).await?;
    let now = clock.now();
    for log in &logs {
        alarm(log, (now - ALARM_AFTER).timestamp_millis());
    }
    if !logs.is_empty() || !parked.is_empty() {
        put(app, &logs, &parked);
    }
    Ok(())
}

/// Tells in the log of what has waited since before `before`.
fn alarm(waiting: &Waiting, before: i64) {
    if waiting.since < before && waiting.accepted > 0 {
        let what = match waiting.is_call() {
            true => "call",
            false => "text",
        };
        tracing::error!(
            log = waiting.log,
            crm = waiting.platform,
            pending.accepted = waiting.accepted,
            pending.since = waiting.since,
            reason = waiting.reason.map(Reason::as_str),
            "a {what} waits for over a day"
        );
    }
}

fn put(app: &App, logs: &[Waiting], parked: &[DueRow]) {
    let now = app.clock.now();
    let late = || logs.iter().filter(|waiting| waiting.accepted > 0);
    let (calls, digests): (Vec<_>, Vec<_>) = logs.iter().partition(|log| log.is_call());
    let texts = digests.iter().map(|waiting| waiting.accepted).sum();
    let refused = digests.iter().map(|waiting| waiting.refused).sum();
    let refused_calls = calls.iter().filter(|waiting| waiting.refused > 0).count();
    let late_calls = late().filter(|waiting| waiting.is_call()).count();
    let age = |since: Option<i64>| {
        let millis = since.map_or(0, |since| now.timestamp_millis() - since);
        u64::try_from(millis / 1_000).unwrap_or_default()
    };
    let oldest = late().map(|waiting| waiting.since).min();
    let longest_parked = parked.iter().map(|row| row.due.millis()).min();
    let mut reasons = BTreeMap::<_, usize>::new();
    for waiting in logs {
        let reason = waiting.reason.map_or("not_tried", Reason::as_str);
        *reasons.entry(reason).or_default() += waiting.accepted + waiting.refused;
    }
    metrics::put(
        now,
        app.table.name(),
        &[
            Metric::count("WaitingDigests", late().count() - late_calls),
            Metric::count("WaitingTexts", texts),
            Metric::count("RefusedTexts", refused),
            Metric::count("WaitingCalls", late_calls),
            Metric::count("RefusedCalls", refused_calls),
            Metric::seconds("OldestWaiting", age(oldest)),
            Metric::count("WaitingForSignIn", parked.len()),
            Metric::seconds("OldestForSignIn", age(longest_parked)),
        ],
        &[("reasons", json!(reasons))],
        &format!("{texts} texts and {late_calls} calls wait, {refused} texts are refused"),
    );
}
