//! What AWS starts by a schedule, on a timer of this process.

use std::time::Duration;

use daybook_api::app::App;
use daybook_api::pending::deliver_pending;
use daybook_core::time::Deadline;
use tokio::time::MissedTickBehavior;

use crate::connections::Running;

/// The function that has a schedule.
pub(crate) const DELIVER_PENDING: &str = "deliver-pending";

/// Delivers what waits, at once and then every so often, until the server stops. A run counts as
/// a call, so that a stop waits for it.
pub(crate) async fn deliver(app: App, every: Duration, running: Running) {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = running.stopping.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let app = app.clone();
        // Of its own, so that a bug ends one run and not the timer.
        let run = running.calls.spawn(async move {
            let deadline = Deadline::at(app.clock.now() + every);
            if let Err(error) = deliver_pending(&app, deadline).await {
                tracing::error!(
                    error.kind = "store",
                    error.detail = %error,
                    "the table failed before what waits could be delivered"
                );
            }
        });
        // A bug is logged where it happens.
        let _ = run.await;
    }
}
