//! The way in of `deliver-pending`: a schedule's event, of which nothing is read.

use std::process::ExitCode;
use std::time::Duration;

use futures_util::FutureExt;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::de::IgnoredAny;

use super::runtime::{deadline, ended, start};
use crate::pending::{Report, deliver_pending};

/// The longest that a run takes, whatever time the function has.
const MOST: Duration = Duration::from_secs(5 * 60);

/// Runs the function `deliver-pending` until Lambda ends the process. An error of a run is the
/// schedule's signal to try again.
pub async fn run_deliver_pending() -> ExitCode {
    let app = match start().await {
        Ok(app) => app,
        Err(refused) => return refused,
    };
    let served = lambda_runtime::run(service_fn(move |event: LambdaEvent<IgnoredAny>| {
        let app = app.clone();
        async move {
            let deadline = deadline(&app, &event.context, MOST);
            let report = deliver_pending(&app, deadline).await?;
            Ok::<Report, lambda_runtime::Error>(report)
        }
        .boxed()
    }))
    .boxed()
    .await;
    ended(served)
}
