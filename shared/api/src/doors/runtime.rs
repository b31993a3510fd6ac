//! The start and the end of a function's process, and the time that an invocation has.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use daybook_core::config::Vars;
use daybook_core::time::Deadline;
use lambda_runtime::Context;
use serde_json::json;

use crate::app::App;
use crate::telemetry;

/// What a reply leaves of the function's own time limit.
const MARGIN: Duration = Duration::from_millis(500);

/// Starts the logs and builds the clients. A start that is refused is logged with the name of the
/// variable and ends the process with a code other than 0.
pub(super) async fn start() -> Result<Arc<App>, ExitCode> {
    let env = |name: &str| std::env::var(name).ok();
    let app = match telemetry::start(&Vars::new(&env)) {
        Ok(()) => App::from_env().await,
        Err(error) => Err(error),
    };
    app.map(Arc::new)
        .map_err(|error| refuse(&error.to_string()))
}

#[allow(clippy::print_stderr, reason = "the logs may not have been started")]
fn refuse(reason: &str) -> ExitCode {
    eprintln!(
        "{}",
        json!({"level": "ERROR", "message": "cannot start", "error.detail": reason})
    );
    ExitCode::FAILURE
}

/// The code with which a process ends that served until the runtime ended.
pub(super) fn ended(served: Result<(), lambda_runtime::Error>) -> ExitCode {
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error.kind = "runtime", error.detail = %error, "the runtime ended");
            ExitCode::FAILURE
        }
    }
}

/// The time that Lambda leaves an invocation, but at most `most`.
pub(super) fn deadline(app: &App, context: &Context, most: Duration) -> Deadline {
    let lambdas = context
        .deadline()
        .duration_since(SystemTime::now())
        .unwrap_or_default()
        .saturating_sub(MARGIN);
    Deadline::at(app.clock.now() + lambdas.min(most))
}
