//! The function of `getReleaseNotes`.

use std::process::ExitCode;

use daybook_api::doors::lambda;
use daybook_api::interface::Interface;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda::run(Interface::ReleaseNotes).await
}
