//! The scheduled function that finishes what requests could not.

use std::process::ExitCode;

use daybook_api::doors::schedule;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    schedule::run_deliver_pending().await
}
