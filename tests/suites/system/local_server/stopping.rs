//! A stop waits for what has begun, and for nobody who does not finish a request.

use std::time::{Duration, Instant};

use daybook_fakes::{FakeExampleCrm, Fault, Rule};
use daybook_tests::local_server::{LocalServer, folder};
use daybook_tests::params::{example, inbound, with_message};
use daybook_tests::runner::case;
use http::Method;
use libtest_mimic::Trial;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{PATH, connect, log, request_text, start};

pub(super) fn cases() -> Vec<Trial> {
    vec![
        case("local_server::stops_on_sigterm", stops_on_sigterm),
        case(
            "local_server::stops_in_spite_of_half_a_request",
            stops_in_spite_of_half_a_request,
        ),
        case(
            "local_server::finishes_a_call_whose_client_has_gone",
            finishes_a_call_whose_client_has_gone,
        ),
        case(
            "local_server::answers_what_has_begun_and_begins_nothing",
            answers_what_has_begun_and_begins_nothing,
        ),
        case(
            "local_server::ends_at_once_on_a_second_signal",
            ends_at_once_on_a_second_signal,
        ),
    ]
}

async fn stops_on_sigterm() {
    for signal in ["TERM", "INT"] {
        let data = folder();
        let server = start(data.path()).await;
        server.signal(signal).await;
        let (code, output) = server.ended().await;
        assert_eq!(code, Some(0), "{output}");
        assert!(output.contains("Daybook has stopped."), "{output}");
    }
}

async fn stops_in_spite_of_half_a_request() {
    let data = folder();
    let server = start(data.path()).await;
    let whole = request_text(&example().to_string());
    let head = whole.find("\r\n\r\n").expect("a head") + 4;
    let mut open: Vec<TcpStream> = Vec::new();
    for length in [0, 5, head / 2, head, head + 20] {
        let mut stream = connect(&server).await;
        let sent = stream.write_all(&whole.as_bytes()[..length]).await;
        sent.expect("sent");
        open.push(stream);
    }
    // One that was used, and lies idle.
    log(&server, &example()).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let begun = Instant::now();
    let (code, output) = server.terminate().await;
    assert_eq!(code, Some(0), "{output}");
    assert!(begun.elapsed() < Duration::from_secs(4), "{output}");
    drop(open);
}

/// A server with a CRM that takes its time for each write.
async fn with_slow_crm(data: &std::path::Path, delay: Duration) -> (FakeExampleCrm, LocalServer) {
    let crm = FakeExampleCrm::start().await;
    crm.plan(
        Rule::new(Fault::Delay(delay))
            .method(Method::POST)
            .forever(),
    );
    let url = format!("{}/crm/api", crm.url());
    let server = LocalServer::start(data, &[("EXAMPLE_CRM_URL", &url)]).await;
    (crm, server.expect("it starts"))
}

async fn finishes_a_call_whose_client_has_gone() {
    let data = folder();
    let (crm, server) = with_slow_crm(data.path(), Duration::from_secs(1)).await;
    let mut stream = connect(&server).await;
    let sent = stream
        .write_all(request_text(&example().to_string()).as_bytes())
        .await;
    sent.expect("sent");
    // The look-up in the table is over, the activity is being made.
    tokio::time::sleep(Duration::from_millis(500)).await;
    drop(stream);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let (code, output) = server.terminate().await;
    assert_eq!(code, Some(0), "{output}");
    assert_eq!(crm.applied_writes(), 1, "{output}");
    assert!(output.contains("\"outcome\":\"logged\""), "{output}");

    let url = format!("{}/crm/api", crm.url());
    let server = LocalServer::start(data.path(), &[("EXAMPLE_CRM_URL", &url)]).await;
    let reply = log(&server.expect("it starts"), &example()).await;
    assert_eq!(reply["returnMessage"]["message"], "Already logged");
    assert_eq!(crm.applied_writes(), 1);
}

/// A text of a conversation of its own.
fn text(number: u64) -> Value {
    let mut params = with_message(inbound(number, "2015-02-18T14:00:00.000Z", "Hello"));
    params["message"]["conversationId"] = json!(number);
    params
}

/// Logs texts one after another until the server takes no more, and counts them. Each needs the
/// Example CRM, which the server runs itself.
async fn log_until_it_stops(url: String, first: u64) -> u64 {
    for number in first.. {
        // A connection each, so that none is there already.
        let call = reqwest::Client::new().post(&url);
        let Ok(answer) = call.body(text(number).to_string()).send().await else {
            return number - first;
        };
        let status = answer.status();
        let reply: Value = answer.json().await.expect("a whole reply");
        if status == 503 {
            assert_eq!(reply["successful"], false, "{reply}");
            return number - first;
        }
        assert_eq!(status, 200, "{reply}");
        assert_eq!(reply["successful"], true, "{reply}");
    }
    unreachable!("it stops before numbers end")
}

async fn answers_what_has_begun_and_begins_nothing() {
    let data = folder();
    let server = start(data.path()).await;
    let url = format!("{}{PATH}", server.url());
    let clients: Vec<_> = (0..10)
        .map(|client| tokio::spawn(log_until_it_stops(url.clone(), client * 1_000_000)))
        .collect();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let (code, output) = server.terminate().await;
    assert_eq!(code, Some(0), "{output}");
    let mut logged = 0;
    for client in clients {
        logged += client.await.expect("every answer is as it should be");
    }
    assert!(logged > 0, "{output}");
}

async fn ends_at_once_on_a_second_signal() {
    let data = folder();
    let (_crm, server) = with_slow_crm(data.path(), Duration::from_secs(7)).await;
    let mut stream = connect(&server).await;
    let sent = stream
        .write_all(request_text(&example().to_string()).as_bytes())
        .await;
    sent.expect("sent");
    tokio::time::sleep(Duration::from_millis(300)).await;
    server.signal("TERM").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let begun = Instant::now();
    server.signal("TERM").await;
    let (code, output) = server.ended().await;
    assert_eq!(code, Some(1), "{output}");
    assert!(begun.elapsed() < Duration::from_secs(2), "{output}");
}
