//! The parts of the system that run as processes of their own: this program, started again with
//! the part's name in `BENCH_PART`. A part prints where it listens, and ends when its standard
//! input does.

use std::process::Stdio;
use std::time::Duration;

use axum::routing::get;
use daybook_api::app::App;
use daybook_api::telemetry;
use daybook_core::config::Vars;
use daybook_local::server::router;
use daybook_local::table::{EmbeddedTable, TABLE_NAME, sdk_config_of};
use daybook_local::template::{TEMPLATE, Template};
use daybook_tests::world::DEPLOYED;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, stdin};
use tokio::process::{Child, Command};

use super::process;

/// Where the server tells how often it has called the table.
const TRIPS: &str = "/bench/trips";

/// A running part. It ends when this is dropped.
pub(super) struct Part {
    child: Child,
    says: String,
}

impl Part {
    /// Starts a part and waits until it listens.
    pub(super) async fn start(name: &str, variables: &[(&str, &str)]) -> Self {
        let program = std::env::current_exe().expect("this program");
        let mut child = Command::new(program)
            .env("BENCH_PART", name)
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it starts");
        let output = child.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(output).lines();
        let line = lines.next_line().await;
        let says = line.expect("readable").expect("it listens");
        // What it logs is read, as on any machine.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { child, says }
    }

    /// Where it listens.
    pub(super) fn says(&self) -> &str {
        &self.says
    }

    pub(super) fn cpu(&self) -> Duration {
        process::cpu(self.id())
    }

    pub(super) fn most_memory(&self) -> f64 {
        process::most_memory(self.id())
    }

    /// How often the server at `url` has called the table.
    pub(super) async fn trips(&self, url: &str) -> u64 {
        let told = reqwest::get(format!("{url}{TRIPS}")).await;
        let told = told.expect("an answer").text().await.expect("text");
        told.parse().expect("a number")
    }

    fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }
}

/// Is a part, until the standard input ends.
pub(crate) async fn be(name: &str) {
    let template = Template::parse(TEMPLATE).expect("the template is readable");
    match name {
        "table" => {
            let table = EmbeddedTable::start(None, &template.table).await;
            let table = table.expect("the table starts");
            println!("{}", table.endpoint());
            ended().await;
        }
        "server" => {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
            let listener = listener.expect("a port");
            let app = app();
            let table = app.table.clone();
            let trips = get(move || async move { table.trips().to_string() });
            let router = router(&app, &template).expect("the routes are those of the template");
            println!("{}", listener.local_addr().expect("an address"));
            telemetry::start(&Vars::new(&|_: &str| None)).expect("it logs");
            let served = axum::serve(listener, router.route(TRIPS, trips));
            tokio::select! {
                _ = served => {}
                () = ended() => {}
            }
        }
        _ => panic!("there is no such part"),
    }
}

fn app() -> App {
    let told = |name: &str| std::env::var(name).expect("it is told");
    let (table, crm) = (told("TABLE"), told("CRM"));
    let own = [
        ("EXAMPLE_CRM_URL", crm.as_str()),
        ("TABLE_NAME", TABLE_NAME),
    ];
    let all: Vec<_> = own.into_iter().chain(DEPLOYED).collect();
    let find = |name: &str| {
        let set = all.iter().find(|(known, _)| *known == name);
        set.map(|(_, value)| (*value).to_owned())
    };
    App::new(&Vars::new(&find), &sdk_config_of(&table)).expect("it is configured")
}

async fn ended() {
    // Whatever comes, and however it ends: then the parent is gone.
    let _ = stdin().read_to_end(&mut Vec::new()).await;
}
