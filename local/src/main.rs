//! `make run`: Daybook on http://127.0.0.1:6066.

use std::process::ExitCode;

use daybook_api::telemetry;
use daybook_core::config::Vars;
use daybook_example_crm::DEMO_KEY;
use daybook_local::config::LocalConfig;
use daybook_local::server::{LocalServer, StartError};
use tokio::signal::unix::{SignalKind, signal};

const HELP: &str = "\
Daybook on one machine: every interface, the table and the Example CRM, on 127.0.0.1.

usage: daybook [--help]

  PORT          the port; 6066 unless set, 0 for any free one
  DAYBOOK_DATA  the folder that keeps the data; .daybook unless set
  LOG_LEVEL     error, warn, info (the default) or debug
  PLATFORMS, EXAMPLE_CRM_URL  as for the functions, to reach another Example CRM";

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
        Some(_) => {
            eprintln!("daybook takes no arguments but --help; it is configured by variables.");
            return ExitCode::from(2);
        }
    }
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("daybook: {error}");
            ExitCode::FAILURE
        }
    }
}

#[allow(clippy::print_stdout, reason = "this is a program for a terminal")]
async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let env = |name: &str| std::env::var(name).ok();
    let vars = Vars::new(&env);
    let config = LocalConfig::from_vars(&vars).map_err(StartError::from)?;
    telemetry::start(&vars)?;
    let server = LocalServer::open(&config, &vars).await?;
    let mut terminated = signal(SignalKind::terminate())?;
    println!("{}", welcome(&format!("http://{}", server.address())));
    let stop = async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminated.recv() => {}
        }
    };
    server.serve(stop).await?;
    println!("Daybook has stopped.");
    Ok(())
}

fn welcome(address: &str) -> String {
    format!(
        r#"Daybook is running on {address}

  the Example CRM   {address}/crm   (key: {DEMO_KEY})
  stop              Ctrl-C

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
