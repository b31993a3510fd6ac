//! The function of `getUserSettings`: `GET /user/settings`.

use std::process::ExitCode;

use daybook_api::doors::lambda;
use daybook_api::interface::Interface;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda::run(Interface::GetUserSettings).await
}
