//! `make run`: Daybook on http://127.0.0.1:6066.

use std::future::Future;
use std::io;
use std::process::ExitCode;

use daybook_api::telemetry;
use daybook_core::config::Vars;
use daybook_example_crm::DEMO_KEY;
use daybook_local::causes::with_causes;
use daybook_local::config::{Environment, LocalConfig};
use daybook_local::server::LocalServer;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

const HELP: &str = "\
Daybook on one machine: every interface, the table and the Example CRM, on 127.0.0.1.

usage: daybook            start, until Ctrl-C
       daybook pending    list what waits for delivery and why: of the server that runs on
                          DAYBOOK_DATA, or of the table TABLE_NAME on AWS
       daybook --help

  PORT          the port; 6066 unless set, 0 for any free one
  DAYBOOK_DATA  the folder that keeps the data; .daybook unless set
  LOG_LEVEL     error, warn, info (the default) or debug
  PLATFORMS, EXAMPLE_CRM_URL, TABLE_NAME, DIGEST_WINDOW, QUARANTINE_SECONDS
                as for the functions";

#[tokio::main]
#[allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a program for a terminal"
)]
async fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        None => {}
        Some("--help" | "-h") => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Some("pending") => return finished(pending().await),
        Some(_) => {
            eprintln!("daybook takes `pending` or --help; it is configured by variables.");
            return ExitCode::from(2);
        }
    }
    finished(run().await)
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

#[allow(clippy::print_stdout, reason = "this is a program for a terminal")]
async fn pending() -> Result<(), Box<dyn std::error::Error>> {
    let environment = Environment::default();
    let get = |name: &str| environment.get(name);
    let vars = Vars::new(&get);
    let config = LocalConfig::from_vars(&vars);
    environment.check()?;
    println!("{}", daybook_local::pending::list(&config?, &vars).await?);
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

  the Example CRM   {address}/crm   (key: {DEMO_KEY})
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
