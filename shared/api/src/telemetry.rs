//! Logs: one JSON object a line on standard output, without personal data.
//!
//! A request is one line, and one more where something failed. Fields have dotted names:
//! `request.id`, `interface`, `crm`, `http.status`, `outcome`, `field`, `duration_ms`,
//! `error.kind`, `error.detail`. What waits or is refused is told in lines of their own, which are
//! [metrics] as well.

pub mod metrics;

use daybook_core::config::{ConfigError, Vars};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Our own crates, whose lines are known to hold nothing personal.
const OURS: [&str; 5] = [
    "daybook",
    "daybook_adapters",
    "daybook_api",
    "daybook_local",
    "daybook_store",
];

/// Starts the logs of this process. `LOG_LEVEL` is `error`, `warn`, `info` (the default) or
/// `debug`; what libraries say is logged from `error` on, whatever the level.
///
/// # Errors
/// [`ConfigError`] for another level.
pub fn start(vars: &Vars<'_>) -> Result<(), ConfigError> {
    let needed = "`error`, `warn`, `info` or `debug`";
    let level = vars.parsed("LOG_LEVEL", needed, LevelFilter::INFO)?;
    if level > LevelFilter::DEBUG || level == LevelFilter::OFF {
        return Err(ConfigError::new(
            "LOG_LEVEL",
            format!("does not hold {needed}"),
        ));
    }
    let ours = OURS.map(|name| format!("{name}={level}")).join(",");
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_env_filter(EnvFilter::new(format!("error,lambda_runtime=off,{ours}")))
        .init();
    metrics::start();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(
            error.kind = "panic",
            error.detail = place,
            "a bug stopped a request"
        );
    }));
    Ok(())
}
