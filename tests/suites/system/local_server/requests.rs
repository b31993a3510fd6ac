//! What the local server answers to requests that no interface gets to see.

use std::time::Duration;

use daybook_api::interface::Interface;
use daybook_tests::local_server::{LocalServer, folder};
use daybook_tests::params::example;
use daybook_tests::runner::case;
use libtest_mimic::Trial;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{PATH, connect, page, request_text, start};

pub(super) fn cases() -> Vec<Trial> {
    vec![
        case(
            "local_server::refuses_a_body_that_does_not_arrive",
            refuses_a_body_that_does_not_arrive,
        ),
        case(
            "local_server::logs_every_request_once",
            logs_every_request_once,
        ),
        case(
            "local_server::answers_no_page_of_another_origin",
            answers_no_page_of_another_origin,
        ),
        case(
            "local_server::answers_the_extension_on_its_own_routes_alone",
            answers_the_extension_on_its_own_routes_alone,
        ),
    ]
}

/// Sends bytes and reads the answer to the end: its status and its JSON.
async fn exchange(server: &LocalServer, bytes: &[u8]) -> (u16, Value) {
    let mut stream = connect(server).await;
    stream.write_all(bytes).await.expect("sent");
    let mut answer = Vec::new();
    let limit = Duration::from_secs(11);
    let mut part = vec![0; 4096];
    loop {
        let read = tokio::time::timeout(limit, stream.read(&mut part)).await;
        let read = read.expect("an answer in time").unwrap_or(0);
        answer.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&answer).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && let Ok(json) = serde_json::from_str(body)
        {
            let status = head
                .split(' ')
                .nth(1)
                .and_then(|status| status.parse().ok());
            return (status.expect("a status"), json);
        }
        assert!(read > 0, "the connection ended: {text}");
    }
}

fn chunked(body: &str) -> String {
    format!("POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n{body}")
}

async fn refuses_a_body_that_does_not_arrive() {
    let data = folder();
    let server = start(data.path()).await;
    let whole = request_text(&example().to_string());
    let late = &whole[..whole.len() - 10];
    let broken = chunked("5\r\n{\"use\r\nno chunk\r\n");
    let (late, broken) = tokio::join!(
        exchange(&server, late.as_bytes()),
        exchange(&server, broken.as_bytes()),
    );
    for ((status, reply), words) in [(late, "did not arrive within"), (broken, "broke off")] {
        assert_eq!(status, 400, "{reply}");
        assert_eq!(reply["successful"], false);
        let message = reply["returnMessage"]["message"].as_str().expect("words");
        assert!(message.contains(words), "{message}");
    }
    let contact = page(&server, "/crm/contacts/1001").await;
    assert!(contact.contains("Nothing is logged"), "{contact}");
}

async fn logs_every_request_once() {
    let data = folder();
    let server = start(data.path()).await;
    let url = |path: &str| format!("{}{path}", server.url());
    let client = reqwest::Client::new();
    let large = " ".repeat((5 << 20) + 1);
    let mut statuses = Vec::new();
    for request in [
        client.get(url("/nowhere")),
        client.post(url("/interfaces/exampleCRM/dropTable")),
        client.get(url(PATH)),
        client.put(url(PATH)).body("x"),
        client.post(url(PATH)).body(large),
        client.post(url(PATH)).body("x"),
        client.post(url(PATH)).body(example().to_string()),
    ] {
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.headers()["content-type"], "application/json");
        statuses.push(answer.status().as_u16());
        answer.json::<Value>().await.expect("JSON");
    }
    let (status, _) = exchange(&server, chunked("no chunk\r\n").as_bytes()).await;
    statuses.push(status);
    assert_eq!(statuses, [404, 404, 405, 405, 413, 400, 200, 400]);

    let (_, output) = server.terminate().await;
    let logged: Vec<u64> = output
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|line| line["http.status"].as_u64())
        .collect();
    let statuses: Vec<u64> = statuses.into_iter().map(u64::from).collect();
    assert_eq!(logged, statuses, "{output}");
    assert!(!output.contains("nowhere"), "a path is somebody's text");
}

async fn answers_no_page_of_another_origin() {
    let data = folder();
    let server = start(data.path()).await;
    let own = server.url().to_owned();
    let post = |header: &'static str, value: String| {
        reqwest::Client::new()
            .post(format!("{own}{PATH}"))
            .header(header, value)
            .body(example().to_string())
            .send()
    };
    for (header, value) in [
        ("origin", "https://evil.example"),
        ("origin", "http://127.0.0.1:1"),
        ("origin", "null"),
        ("host", "evil.example"),
    ] {
        let answer = post(header, value.to_owned()).await.expect("an answer");
        assert_eq!(answer.status(), 403, "{header}: {value}");
        let reply: Value = answer.json().await.expect("JSON");
        assert_eq!(reply["successful"], false);
        assert_eq!(reply["returnMessage"]["messageType"], "error");
    }
    let contact = page(&server, "/crm/contacts/1001").await;
    assert!(contact.contains("Nothing is logged"), "{contact}");
    let answer = post("origin", own.clone()).await.expect("an answer");
    assert_eq!(answer.status(), 200);
}

const EXTENSION: &str = "chrome-extension://abcdefghijklmnop";

/// A browser's question whether a page of `origin` may send what the extension does.
async fn preflight(server: &LocalServer, origin: &str, path: &str) -> reqwest::Response {
    let url = format!("{}{path}", server.url());
    let asked = reqwest::Client::new()
        .request(reqwest::Method::OPTIONS, url)
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "authorization,content-type",
        )
        .send();
    asked.await.expect("an answer")
}

async fn answers_the_extension_on_its_own_routes_alone() {
    let data = folder();
    let server = start(data.path()).await;
    for (_, path) in Interface::ALL
        .into_iter()
        .filter_map(Interface::client_route)
    {
        let answer = preflight(&server, EXTENSION, path).await;
        assert_eq!(answer.status(), 204, "{path}");
        let header = |name: &str| answer.headers()[name].to_str().expect("readable");
        assert_eq!(header("access-control-allow-origin"), "*");
        assert_eq!(
            header("access-control-allow-methods"),
            "GET, PATCH, POST, PUT"
        );
        assert_eq!(
            header("access-control-allow-headers"),
            "Authorization, Content-Type, developer-author-name, rc-account-id, rc-extension-id, \
             x-rc-access-token"
        );
        assert_eq!(header("access-control-max-age"), "3600");
        let credentials = answer.headers().get("access-control-allow-credentials");
        assert!(credentials.is_none(), "{path}");
        for origin in ["https://evil.example", "null", "http://127.0.0.1:1"] {
            let answer = preflight(&server, origin, path).await;
            assert_eq!(answer.status(), 403, "{origin} {path}");
            let allowed = answer.headers().get("access-control-allow-origin");
            assert!(allowed.is_none(), "{origin} {path}");
        }
    }
    for origin in [EXTENSION, "moz-extension://0a1b-2c3d"] {
        let answer = post_from(&server, origin, "/apiKeyLogin", SIGN_IN).await;
        assert_eq!(answer.status(), 200, "{origin}");
        let header = |name: &str| answer.headers()[name].to_str().expect("readable");
        assert_eq!(header("access-control-allow-origin"), "*");
        assert_eq!(
            header("access-control-expose-headers"),
            "x-refreshed-jwt-token"
        );
        let reply: Value = answer.json().await.expect("JSON");
        assert!(reply["jwtToken"].is_string(), "{reply}");
    }
    let stranger = post_from(&server, "https://evil.example", "/apiKeyLogin", SIGN_IN).await;
    assert_eq!(stranger.status(), 403);
    for path in [PATH, "/crm", "/crm/api/contacts", "/nowhere"] {
        assert_eq!(
            preflight(&server, EXTENSION, path).await.status(),
            403,
            "{path}"
        );
        let answer = post_from(&server, EXTENSION, path, "{}").await;
        assert_eq!(answer.status(), 403, "{path}");
    }
}

const SIGN_IN: &str = r#"{"platform": "exampleCRM", "apiKey": "demo-key"}"#;

async fn post_from(
    server: &LocalServer,
    origin: &str,
    path: &str,
    body: &'static str,
) -> reqwest::Response {
    let url = format!("{}{path}", server.url());
    let sent = reqwest::Client::new().post(url).header("origin", origin);
    sent.body(body).send().await.expect("an answer")
}
