//! The local server's life: starting, keeping data, stopping, and refusing what is wrong.

use std::path::Path;

use daybook_tests::local_server::{LocalServer, folder};
use daybook_tests::params::{example, inbound, with_message};
use daybook_tests::runner::{binary, case};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn cases() -> Vec<Trial> {
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
        case("local_server::stops_on_sigterm", stops_on_sigterm),
        case(
            "local_server::refuses_a_wrong_variable_by_name",
            refuses_a_wrong_variable_by_name,
        ),
        case(
            "local_server::says_that_its_port_is_taken",
            says_that_its_port_is_taken,
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
    let url = format!("{}/interfaces/exampleCRM/createMessageLog", server.url());
    let sent = reqwest::Client::new()
        .post(url)
        .body(params.to_string())
        .send()
        .await;
    sent.expect("an answer").json().await.expect("JSON")
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
    let wrong = reqwest::get(format!(
        "{}/interfaces/exampleCRM/createMessageLog",
        server.url()
    ));
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

async fn stops_on_sigterm() {
    let data = folder();
    let (code, output) = start(data.path()).await.terminate().await;
    assert_eq!(code, Some(0), "{output}");
    assert!(output.contains("Daybook has stopped."), "{output}");
}

async fn refuses_a_wrong_variable_by_name() {
    for (variable, value) in [
        ("PORT", "http"),
        ("LOG_LEVEL", "loud"),
        ("PLATFORMS", "otherCRM"),
        ("EXAMPLE_CRM_URL", "nowhere"),
        ("TABLE_NAME", "no spaces"),
    ] {
        let data = folder();
        let refused = LocalServer::start(data.path(), &[(variable, value)]).await;
        let output = refused.expect_err("it does not start");
        assert!(output.contains(variable), "{variable}: {output}");
        assert!(!output.contains("panicked"), "{output}");
    }
}

async fn says_that_its_port_is_taken() {
    let data = folder();
    let server = start(data.path()).await;
    let port = server.url().rsplit(':').next().expect("a port");
    let other = folder();
    let refused = LocalServer::start(other.path(), &[("PORT", port)]).await;
    let output = refused.expect_err("it does not start");
    assert!(
        output.contains(port) && output.contains("PORT="),
        "{output}"
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
