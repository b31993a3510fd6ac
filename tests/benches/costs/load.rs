//! Sixteen clients at once at the extension's door, each in conversations of its own: throughput,
//! times, and what a request costs the server.
//!
//! The server and the table are processes of their own (`part`), so that the time of a processor
//! and the memory that Linux tells of them (`process`) are theirs alone. The clients and the CRM,
//! which answers at once, share this process and with it the rest of the machine. Where that is two
//! cores, most of them goes to the clients, the CRM and the table.

mod clients;
pub(crate) mod part;
mod process;

use std::time::{Duration, Instant};

use daybook_example_crm::ExampleCrm;
use futures_util::future::join_all;

use self::clients::{Client, Times};
use self::part::Part;
use crate::figures::{Figures, print_head};

/// How many clients there are.
const CLIENTS: u64 = 16;
/// For how long they send before it counts, and while it counts.
const WARM_UP: Duration = Duration::from_secs(3);
const MEASURED: Duration = Duration::from_secs(15);
/// How many conversations are looked at one by one, for the trips of a request.
const ONE_BY_ONE: u64 = 20;

/// Prints what sixteen clients see and what they cost.
pub(crate) async fn run() {
    let crm = serve_crm().await;
    let table = Part::start("table", &[]).await;
    let server = Part::start("server", &[("TABLE", table.says()), ("CRM", &crm)]).await;
    let url = format!("http://{}", server.says());
    let client = Client::sign_in(&url).await;

    let begun = server.trips(&url).await;
    let times = client.send(0, ONE_BY_ONE).await;
    let created = server.trips(&url).await;
    assert_eq!(times.all(), ONE_BY_ONE * 5);
    let trips = (created - begun) as f64 / times.all() as f64;

    let clients: Vec<_> = join_all((0..CLIENTS).map(|_| Client::sign_in(&url))).await;
    send_for(&clients, 1, WARM_UP).await;
    let (server_cpu, table_cpu) = (server.cpu(), table.cpu());
    let begun = Instant::now();
    let times = send_for(&clients, 2, MEASURED).await;
    let (took, all) = (begun.elapsed(), times.all());
    let each =
        |part: &Part, before: Duration| (part.cpu() - before).as_secs_f64() * 1_000.0 / all as f64;
    let (server_ms, table_ms) = (each(&server, server_cpu), each(&table, table_cpu));

    println!(
        "\n{CLIENTS} clients at once, the CRM 0 ms away, 1 text that opens a digest to 4 that join it"
    );
    print_head();
    Figures::print_times("POST /messageLog, opening", times.opening);
    Figures::print_times("POST /messageLog, joining", times.joining);
    println!("{:<44} {:>9} {:>9}", "", "measured", "aim");
    let a_second = all as f64 / took.as_secs_f64();
    print("requests a second", a_second, Some(2_000.0));
    let what = "ms of a processor per request, server";
    print(what, server_ms, Some(0.5));
    print("ms of a processor per request, table", table_ms, None);
    print("table trips per request, one by one", trips, None);
    let memory = server.most_memory();
    print("MiB of memory, server, at most", memory, Some(40.0));
}

/// Prints what was measured, beside what is aimed at.
fn print(what: &str, measured: f64, aim: Option<f64>) {
    let aim = aim.map_or(String::new(), |aim| format!("{aim:>9.1}"));
    println!("{what:<44} {measured:>9.2} {aim}");
}

/// Has every client send for `time`. `run` tells the conversations of different runs apart.
async fn send_for(clients: &[Client], run: u64, time: Duration) -> Times {
    let until = Instant::now() + time;
    let each = clients
        .iter()
        .zip(0..)
        .map(|(client, number)| client.send_until(run * 1_000_000 + number * 10_000, until));
    join_all(each).await.into_iter().sum()
}

/// The Example CRM, on a port of its own; its address.
async fn serve_crm() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = ExampleCrm::in_memory().router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}/crm/api")
}
