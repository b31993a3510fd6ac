//! The commands of an operator, run on the table of a system of functions.

use std::process::Output;

use daybook_local::table::TABLE_NAME;
use tokio::process::Command;

use crate::local_server::folder;
use crate::runner::binary;
use crate::world::{DEPLOYED, World};

/// Runs a command on the table of `world`, with what a deployment sets but the variables
/// `without`, and with `others`.
pub async fn run(
    world: &World,
    arguments: &[&str],
    without: &[&str],
    others: &[(&str, &str)],
) -> Output {
    let data = folder();
    let crm = world.crm.variables();
    let crm = crm.iter().map(|(name, value)| (*name, value.as_str()));
    let set = DEPLOYED.into_iter().chain(crm);
    let ran = Command::new(binary("daybook"))
        .args(arguments)
        .env_clear()
        .env("DAYBOOK_DATA", data.path())
        .env("TABLE_NAME", TABLE_NAME)
        .env("AWS_ENDPOINT_URL_DYNAMODB", world.table().endpoint())
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "local")
        .env("AWS_SECRET_ACCESS_KEY", "local")
        .envs(set.filter(|(name, _)| !without.contains(name)))
        .envs(others.iter().copied())
        .kill_on_drop(true)
        .output();
    ran.await.expect("it runs")
}

/// What a command that went well has said.
pub fn said(ran: &Output) -> String {
    assert!(ran.status.success(), "{ran:?}");
    String::from_utf8_lossy(&ran.stdout).into_owned()
}
