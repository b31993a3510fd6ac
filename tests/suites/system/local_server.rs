//! The local server's life: starting, keeping data, stopping, and refusing what is wrong; and the
//! commands of its program.

mod commands;
mod requests;
mod starting;
mod stopping;

use std::path::Path;

use daybook_tests::local_server::{LocalServer, folder};
use daybook_tests::params::{example, inbound, with_message};
use daybook_tests::runner::{binary, case};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use tokio::net::TcpStream;

pub(super) fn cases() -> Vec<Trial> {
    let mut cases = life();
    cases.extend(commands::cases());
    cases.extend(requests::cases());
    cases.extend(starting::cases());
    cases.extend(stopping::cases());
    cases
}

fn life() -> Vec<Trial> {
    vec![
        case(
            "local_server::is_alive_and_shows_the_crm",
            is_alive_and_shows_the_crm,
        ),
        case(
            "local_server::keeps_its_data_between_runs",
            keeps_its_data_between_runs,
        ),
        case(
            "local_server::the_printed_command_logs_a_text",
            the_printed_command_logs_a_text,
        ),
        case(
            "functions::refuse_a_wrong_variable_by_name",
            functions_refuse_a_wrong_variable,
        ),
    ]
}

async fn start(data: &Path) -> LocalServer {
    LocalServer::start(data, &[]).await.expect("it starts")
}

async fn log(server: &LocalServer, params: &Value) -> Value {
    let url = format!("{}{PATH}", server.url());
    let sent = reqwest::Client::new()
        .post(url)
        .body(params.to_string())
        .send()
        .await;
    sent.expect("an answer").json().await.expect("JSON")
}

/// The path of an interface.
const PATH: &str = "/interfaces/exampleCRM/createMessageLog";

/// A request with `body`, as bytes on a connection.
fn request_text(body: &str) -> String {
    format!(
        "POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

async fn connect(server: &LocalServer) -> TcpStream {
    let address = server.url().trim_start_matches("http://");
    TcpStream::connect(address).await.expect("it listens")
}

async fn page(server: &LocalServer, path: &str) -> String {
    let answer = reqwest::get(format!("{}{path}", server.url()))
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.expect("text")
}

async fn is_alive_and_shows_the_crm() {
    let data = folder();
    let server = start(data.path()).await;
    assert_eq!(page(&server, "/isAlive").await, "OK");
    log(&server, &example()).await;
    assert!(page(&server, "/crm").await.contains("Daisy Meadows"));
    let contact = page(&server, "/crm/contacts/1001").await;
    assert!(contact.contains("Flight information"), "{contact}");
    let wrong = reqwest::get(format!("{}{PATH}", server.url()));
    let wrong = wrong.await.expect("an answer");
    assert_eq!(wrong.status(), 405);
    let reply: Value = wrong.json().await.expect("JSON");
    assert_eq!(reply["successful"], false);
}

async fn keeps_its_data_between_runs() {
    let data = folder();
    let server = start(data.path()).await;
    assert_eq!(log(&server, &example()).await["logId"], "1");
    server.terminate().await;
    let server = start(data.path()).await;
    assert_eq!(
        log(&server, &example()).await["returnMessage"]["message"],
        "Already logged"
    );
    let next = with_message(inbound(2, "2015-02-18T14:00:00.000Z", "Thank you"));
    assert_eq!(log(&server, &next).await["logId"], "1");
    assert!(
        page(&server, "/crm/contacts/1001")
            .await
            .contains("Conversation(2 messages)")
    );
    let (_, output) = server.terminate().await;
    assert!(!output.contains("\"ERROR\""), "{output}");
}

async fn the_printed_command_logs_a_text() {
    let data = folder();
    let server = start(data.path()).await;
    let output = server.output();
    let command = output
        .split_once("Log a text:")
        .expect("a command is printed")
        .1;
    let ran = tokio::process::Command::new("sh")
        .arg("-c")
        .arg(command)
        .output()
        .await;
    let ran = ran.expect("a shell runs it");
    let reply: Value = serde_json::from_slice(&ran.stdout).expect("JSON");
    assert_eq!(
        reply,
        json!({
            "successful": true,
            "logId": "1",
            "returnMessage": {"message": "Message logged", "messageType": "success", "ttl": 2000},
        })
    );
}

async fn functions_refuse_a_wrong_variable() {
    let good = [
        ("TABLE_NAME", "daybook"),
        ("PLATFORMS", "exampleCRM"),
        ("EXAMPLE_CRM_URL", "http://127.0.0.1:1/crm/api"),
    ];
    for (wrong, _) in good {
        let ran = tokio::process::Command::new(binary("create-message-log"))
            .env_clear()
            .envs(good.into_iter().filter(|(name, _)| *name != wrong))
            .env("AWS_REGION", "us-east-1")
            .output()
            .await
            .expect("it runs");
        let output = String::from_utf8_lossy(&ran.stderr);
        assert!(
            !ran.status.success() && output.contains(wrong),
            "{wrong}: {output}"
        );
    }
}
