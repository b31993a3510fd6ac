//! Events as API Gateway sends them, and as it does not.

use std::sync::{Arc, Mutex, OnceLock};

use aws_config::{BehaviorVersion, SdkConfig};
use daybook_core::config::Vars;

use super::*;

fn event() -> Value {
    json!({
        "version": "2.0",
        "rawPath": "/interfaces/exampleCRM/createMessageLog",
        "rawQueryString": "",
        "headers": {"host": "x.example"},
        "requestContext": {
            "http": {"method": "POST", "path": "/interfaces/exampleCRM/createMessageLog"},
            "stage": "$default",
        },
        "body": "{}",
        "isBase64Encoded": false,
    })
}

fn with(pointer: &str, value: Value) -> Value {
    let mut event = event();
    *event.pointer_mut(pointer).expect("it is there") = value;
    event
}

fn read(event: &Value) -> Asked {
    Asked::read(&event.to_string()).unwrap_or_else(|error| panic!("{error}: {event}"))
}

async fn answered(event: &Value) -> Value {
    answered_as("1-2-3", event).await
}

/// What the function answers, without a table or a CRM.
async fn answered_as(request_id: &str, event: &Value) -> Value {
    let vars = |name: &str| match name {
        "PLATFORMS" => Some("exampleCRM".to_owned()),
        "EXAMPLE_CRM_URL" => Some("http://127.0.0.1:1".to_owned()),
        "TABLE_NAME" => Some("daybook".to_owned()),
        "APP_SERVER_SECRET_KEY" | "HASH_KEY" => Some("-".repeat(32)),
        "SEALING_KEYS" => Some(format!("{}=", "A".repeat(43))),
        _ => None,
    };
    let sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .build();
    let app = App::new(&Vars::new(&vars), &sdk).expect("configured");
    let payload = RawValue::from_string(event.to_string()).expect("JSON");
    let mut context = Context::default();
    context.request_id = request_id.to_owned();
    let event = LambdaEvent::new(payload, context);
    invoke(&app, Interface::CreateMessageLog, event).await
}

#[test]
fn what_is_not_read_may_hold_anything() {
    let plain = read(&event());
    assert_eq!(plain.method, Method::POST);
    assert_eq!(plain.path, "/interfaces/exampleCRM/createMessageLog");
    assert_eq!(plain.body, b"{}");
    for headers in [
        json!({"": 5, "x\n": null, "y": "a\r\nb"}),
        json!({}),
        json!(null),
    ] {
        let read = read(&with("/headers", headers.clone()));
        assert!(read.headers.is_empty(), "{headers}");
        assert_eq!(read.path, plain.path);
    }
    let read = read(&with("/rawQueryString", json!("q=\"é 😀\"&<>")));
    assert_eq!(read.query, "q=\"é 😀\"&<>");
    assert_eq!(read.body, plain.body);
}

#[test]
fn headers_are_those_that_http_can_carry() {
    let headers = json!({"Authorization": "Bearer x", "rc-account-id": "5", "bad": "a\nb"});
    let read = read(&with("/headers", headers));
    assert_eq!(read.headers["authorization"], "Bearer x");
    assert_eq!(read.headers["rc-account-id"], "5");
    assert_eq!(read.headers.len(), 2);
}

#[test]
fn a_body_may_be_base64() {
    let mut event = with("/isBase64Encoded", json!(true));
    event["body"] = json!("eyJhIjoi/yJ9");
    assert_eq!(read(&event).body, b"{\"a\":\"\xff\"}");
    event["body"] = Value::Null;
    assert!(read(&event).body.is_empty());
}

#[test]
fn a_stage_with_a_name_is_not_part_of_the_path() {
    for (stage, path, expected) in [
        ("$default", "/prod/interfaces/a/b", "/prod/interfaces/a/b"),
        ("prod", "/prod/interfaces/a/b", "/interfaces/a/b"),
        ("prod", "/interfaces/a/b", "/interfaces/a/b"),
        ("prod", "/production/a/b", "/production/a/b"),
        ("prod", "/prod", "/prod"),
        ("", "/interfaces/a/b", "/interfaces/a/b"),
    ] {
        let mut event = with("/requestContext/stage", json!(stage));
        event["rawPath"] = json!(path);
        assert_eq!(read(&event).path, expected, "{stage}");
    }
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_answered_over_http() {
    for (pointer, value) in [
        ("/requestContext/http/method", json!("PO ST")),
        ("/requestContext/http", json!([])),
        ("/requestContext", json!(5)),
        ("/body", json!(["{}"])),
        ("/rawPath", json!(7)),
        ("/isBase64Encoded", json!("yes")),
    ] {
        let response = answered(&with(pointer, value.clone())).await;
        assert_eq!(response["statusCode"], 400, "{pointer} {value}");
        let body = response["body"].as_str().expect("text");
        assert!(body.contains("API Gateway event"), "{body}");
    }
    let mut event = with("/body", json!("{\"Daisy\"}"));
    event["isBase64Encoded"] = json!(true);
    let response = answered(&event).await;
    assert_eq!(response["statusCode"], 400);
    let body = response["body"].as_str().expect("text");
    assert!(body.contains("base64") && !body.contains("Daisy"), "{body}");
}

/// Where the logs of this process's tests go.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// The one log. It is the process's, since what is logged is decided once for all threads.
    fn of_tests() -> &'static Self {
        static LOG: OnceLock<Log> = OnceLock::new();
        LOG.get_or_init(|| {
            let log = Self::default();
            let writer = log.clone();
            let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone());
            subscriber.init();
            log
        })
    }

    /// The lines about a request.
    fn of(&self, request_id: &str) -> Vec<String> {
        let bytes = self.0.lock().expect("not poisoned");
        let lines = String::from_utf8_lossy(&bytes);
        let lines = lines.lines().filter(|line| line.contains(request_id));
        lines.map(str::to_owned).collect()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("not poisoned").extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_one_line_of_the_log() {
    let log = Log::of_tests();
    let mut event = with("/body", json!("{\"Daisy\"}"));
    event["isBase64Encoded"] = json!(true);
    answered_as("unreadable-1", &event).await;
    let lines = log.of("unreadable-1");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].contains("createMessageLog answered 400"),
        "{lines:?}"
    );
    assert!(!lines[0].contains("Daisy"), "{lines:?}");
}

#[tokio::test]
async fn what_can_be_read_is_handed_on() {
    let response = answered(&event()).await;
    assert_eq!(response["statusCode"], 400);
    let body = response["body"].as_str().expect("text");
    assert!(body.contains("\"field\":\"user\""), "{body}");
    let response = answered(&with("/requestContext/http/method", json!("GET"))).await;
    assert_eq!(response["statusCode"], 405);
}
