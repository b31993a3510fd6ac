//! `make bench`: what a text, a call and a match cost, over HTTP, in time, calls of the CRM, tokens
//! of its budget and trips to the table, and how many a second there can be.
//!
//! The server, an embedded table in memory and a fake CRM run in this process, each behind a
//! loopback port of its own. Figures are of this machine: compare ratios within one run. `bench`
//! has the system, `cases` what is done to any CRM, `example_crm` and `pipedrive` what is to be
//! known of each, and `requests` what is sent. `load` has the system in processes of its own, and
//! many clients at once.
#![allow(clippy::print_stdout, reason = "this is a program for a terminal")]

mod bench;
mod cases;
mod example_crm;
mod figures;
mod load;
mod pipedrive;
mod requests;

use std::process::ExitCode;
use std::time::Duration;

#[tokio::main]
async fn main() -> ExitCode {
    if let Ok(part) = std::env::var("BENCH_PART") {
        load::part::be(&part).await;
        return ExitCode::SUCCESS;
    }
    figures::print_header();
    for delay in [0, 20, 50] {
        println!("\nthe Example CRM, {delay} ms away");
        example_crm::run(Duration::from_millis(delay)).await;
    }
    println!("\nPipedrive, 50 ms away");
    let is_within = pipedrive::run(Duration::from_millis(50)).await;
    load::run().await;
    match is_within {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
