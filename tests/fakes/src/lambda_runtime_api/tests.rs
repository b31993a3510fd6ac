//! The test plays the function with a plain HTTP client.

use reqwest::{Client, Response};

use super::*;

fn url(api: &RuntimeApi, call: &str) -> String {
    format!("http://{}{RUNTIME}{call}", api.address())
}

async fn next(api: &RuntimeApi) -> (String, Response) {
    let event = Client::new()
        .get(url(api, "invocation/next"))
        .send()
        .await
        .expect("the API answers");
    let id = event.headers()["lambda-runtime-aws-request-id"]
        .to_str()
        .expect("the id is text")
        .to_owned();
    (id, event)
}

async fn post(api: &RuntimeApi, call: &str, body: &'static str) -> u16 {
    let sent = Client::new().post(url(api, call)).body(body).send().await;
    sent.expect("the API answers").status().as_u16()
}

#[tokio::test]
async fn an_invocation_returns_what_the_function_posts() {
    let api = RuntimeApi::start().await;
    let function = async {
        let (id, event) = next(&api).await;
        assert_eq!(event.status(), 200);
        let headers = event.headers().clone();
        let deadline: u128 = headers["lambda-runtime-deadline-ms"]
            .to_str()
            .expect("the deadline is text")
            .parse()
            .expect("the deadline is a number");
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("the clock is past 1970");
        assert!((1..=5000).contains(&(deadline - now.as_millis())));
        assert!(headers.contains_key("lambda-runtime-invoked-function-arn"));
        assert!(headers.contains_key("lambda-runtime-trace-id"));
        assert_eq!(
            event.text().await.expect("the event has a body"),
            r#"{"a":1}"#
        );
        assert_eq!(
            post(&api, &format!("invocation/{id}/response"), r#"{"b":2}"#).await,
            202
        );
    };
    let (invocation, ()) = tokio::join!(api.invoke(r#"{"a":1}"#, 5000), function);
    assert_eq!(invocation.response(), json!({ "b": 2 }));
}

#[tokio::test]
async fn an_event_queued_later_ends_the_long_poll() {
    let api = RuntimeApi::start().await;
    let late = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        api.invoke("{}", 5000).await
    };
    let function = async {
        let (id, _) = next(&api).await;
        post(&api, &format!("invocation/{id}/response"), "null").await
    };
    let (invocation, status) = tokio::join!(late, function);
    assert_eq!(invocation, Invocation::Response(Value::Null));
    assert_eq!(status, 202);
}

#[tokio::test]
async fn an_error_of_the_function_is_handed_on() {
    let api = RuntimeApi::start().await;
    let function = async {
        let (id, _) = next(&api).await;
        post(
            &api,
            &format!("invocation/{id}/error"),
            r#"{"errorType":"Bug"}"#,
        )
        .await
    };
    let (invocation, status) = tokio::join!(api.invoke("{}", 5000), function);
    assert_eq!(invocation, Invocation::Error(json!({ "errorType": "Bug" })));
    assert_eq!(status, 202);
}

#[tokio::test]
async fn a_failed_start_ends_pending_and_later_invocations() {
    let api = RuntimeApi::start().await;
    let function = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        post(&api, "init/error", r#"{"errorType":"Config"}"#).await
    };
    let (invocation, status) = tokio::join!(api.invoke("{}", 5000), function);
    let failed = Invocation::InitError(json!({ "errorType": "Config" }));
    assert_eq!(invocation, failed);
    assert_eq!(status, 202);
    assert_eq!(api.invoke("{}", 5000).await, failed);
}

#[tokio::test]
async fn a_function_that_does_not_answer_in_time_is_told_so_afterwards() {
    let api = RuntimeApi::start().await;
    let (invocation, (id, _)) = tokio::join!(api.invoke("{}", 50), next(&api));
    assert_eq!(invocation, Invocation::TimedOut);
    assert_eq!(
        post(&api, &format!("invocation/{id}/response"), "{}").await,
        400
    );
}

#[tokio::test]
async fn an_abandoned_event_is_not_delivered() {
    let api = RuntimeApi::start().await;
    let abandoned = timeout(Duration::from_millis(50), api.invoke(r#""old""#, 5000)).await;
    assert!(abandoned.is_err());
    let function = async {
        let (id, event) = next(&api).await;
        assert_eq!(
            event.text().await.expect("the event has a body"),
            r#""new""#
        );
        post(&api, &format!("invocation/{id}/response"), "1").await
    };
    let (invocation, _) = tokio::join!(api.invoke(r#""new""#, 5000), function);
    assert_eq!(invocation.response(), json!(1));
}

#[tokio::test]
async fn unknown_calls_are_refused() {
    let api = RuntimeApi::start().await;
    assert_eq!(post(&api, "invocation/none/response", "{}").await, 400);
    assert_eq!(post(&api, "restore/error", "{}").await, 404);
}
