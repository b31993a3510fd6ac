//! `make run`: Daybook on http://127.0.0.1:6066.

use std::future::Future;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use daybook_api::telemetry;
use daybook_core::config::Vars;
use daybook_example_crm::{DEMO_KEY, SECOND_COMPANY_KEY, SECOND_REP_KEY};
use daybook_local::causes::with_causes;
use daybook_local::config::{Environment, LocalConfig};
use daybook_local::server::LocalServer;
use daybook_local::{admin_settings, forget, pending};
use daybook_store::forget::Progress;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

const HELP: &str = "\
Daybook on one machine: every interface, the table and the Example CRM, on 127.0.0.1.

usage: daybook            start, until Ctrl-C
       daybook pending    list what waits for delivery and why: of the server that runs on
                          DAYBOOK_DATA, or of the table TABLE_NAME on AWS
       daybook forget <crm user id>-<platform> [TENANT]
                          remove a user with everything that belongs to them, from the same table
       daybook admin-settings ACCOUNT FILE
                          settle settings for all users of a RingCentral account
       On AWS PLATFORMS and the variables of those CRMs are needed too, and SEALING_KMS_KEY to give
       a user's grant back to the CRM.
       daybook --help

  PORT          the port; 6066 unless set, 0 for any free one
  DAYBOOK_DATA  the folder that keeps the data; .daybook unless set
  LOG_LEVEL     error, warn, info (the default) or debug
  PLATFORMS, EXAMPLE_CRM_URL, EXAMPLE_CRM_CLIENT_ID, EXAMPLE_CRM_CLIENT_SECRET,
  EXAMPLE_CRM_REDIRECT_URLS, TABLE_NAME, DIGEST_WINDOW, QUARANTINE_SECONDS, SESSION_DAYS,
  ALLOWED_TENANTS, APP_SERVER_SECRET_KEY, APP_SERVER_SECRET_KEY_OLD, HASH_KEY, SEALING_KEYS
                as for the functions; keys that are not set are in DAYBOOK_DATA/keys";

#[tokio::main]
#[allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a program for a terminal"
)]
async fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => finished(run().await),
        ["--help" | "-h"] => {
            println!("{HELP}");
            ExitCode::SUCCESS
        }
        ["pending"] => {
            finished(command(async |config, vars| pending::list(config, vars).await).await)
        }
        ["forget", user] => finished(forget_user(user, None).await),
        ["forget", user, tenant] => finished(forget_user(user, Some(tenant)).await),
        ["admin-settings", account, file] => {
            let file = Path::new(file);
            finished(
                command(async |config, vars| {
                    admin_settings::set(config, vars, account, file).await
                })
                .await,
            )
        }
        _ => {
            eprintln!(
                "daybook does not take these arguments; `daybook --help` lists what it takes."
            );
            ExitCode::from(2)
        }
    }
}

async fn forget_user(user: &str, tenant: Option<&str>) -> Result<(), Box<dyn std::error::Error>> {
    #[allow(clippy::print_stderr, reason = "this is a program for a terminal")]
    let mut progress = |progress: Progress| {
        eprintln!(
            "{} items looked at, {} removed",
            progress.read, progress.removed
        );
    };
    command(async |config, vars| forget::forget(config, vars, user, tenant, &mut progress).await)
        .await
}

#[allow(clippy::print_stderr, reason = "this is a program for a terminal")]
fn finished(ran: Result<(), Box<dyn std::error::Error>>) -> ExitCode {
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("daybook: {}", with_causes(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

/// Runs a command on the table and prints what it says.
#[allow(clippy::print_stdout, reason = "this is a program for a terminal")]
async fn command(
    command: impl AsyncFnOnce(&LocalConfig, &Vars<'_>) -> Result<String, Box<dyn std::error::Error>>,
) -> Result<(), Box<dyn std::error::Error>> {
    let environment = Environment::default();
    let get = |name: &str| environment.get(name);
    let vars = Vars::new(&get);
    let config = LocalConfig::from_vars(&vars);
    environment.check()?;
    println!("{}", command(&config?, &vars).await?);
    Ok(())
}

#[allow(clippy::print_stdout, reason = "this is a program for a terminal")]
async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let environment = Environment::default();
    let get = |name: &str| environment.get(name);
    let vars = Vars::new(&get);
    let config = LocalConfig::from_vars(&vars);
    environment.check()?;
    let config = config?;
    let logs = telemetry::start(&vars);
    environment.check()?;
    logs?;
    let server = LocalServer::open(&config, &vars).await;
    environment.check()?;
    let server = server?;
    let stop = stop_signals()?;
    println!("{}", welcome(&format!("http://{}", server.address())));
    server.serve(stop).await;
    println!("Daybook has stopped.");
    Ok(())
}

/// Ready at the first Ctrl-C or SIGTERM; the second ends the process at once.
#[allow(clippy::print_stderr, reason = "this is a program for a terminal")]
fn stop_signals() -> io::Result<impl Future<Output = ()>> {
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    let first = CancellationToken::new();
    let stop = first.clone();
    tokio::spawn(async move {
        let mut next = async || {
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
        };
        next().await;
        first.cancel();
        next().await;
        eprintln!("daybook: ended by a second signal");
        std::process::exit(1);
    });
    Ok(stop.cancelled_owned())
}

fn welcome(address: &str) -> String {
    format!(
        r#"Daybook is running on {address}

  the Example CRM   {address}/crm
  its users' keys   {DEMO_KEY}, {SECOND_REP_KEY} (a colleague), {SECOND_COMPANY_KEY} (another company);
                    with OAuth one of them is chosen on its page
  stop              Ctrl-C (twice: at once)

Log a text:

  curl -s {address}/interfaces/exampleCRM/createMessageLog -d '{{
    "user": {{"id": "1-exampleCRM", "name": "Demo Rep", "timezoneName": "America/Los_Angeles"}},
    "contactInfo": {{"id": 1001, "name": "Daisy Meadows", "phoneNumber": "+16505553204"}},
    "authHeader": "Basic ZGVtby1rZXk6",
    "message": {{"id": 60279564004, "conversationId": 5578984350117917661,
      "direction": "Outbound", "type": "SMS", "subject": "Flight information",
      "creationTime": "2015-02-18T13:24:50.000Z",
      "from": {{"phoneNumber": "+18885550052"}}, "to": [{{"phoneNumber": "+16505553204"}}]}}
  }}'
"#
    )
}
