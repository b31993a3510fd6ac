//! Every fault against a small router that counts.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use axum::routing::{get, post};
use reqwest::Client;

use super::*;

const SHORT: Duration = Duration::from_millis(250);
const LONG: Duration = Duration::from_secs(10);

struct Counter {
    crm: FakeCrm,
    count: Arc<AtomicUsize>,
    client: Client,
}

impl Counter {
    async fn start() -> Self {
        let count = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&count);
        let router = Router::new()
            .route("/count", get(|| async { "a body of some length" }))
            .route(
                "/count",
                post(move || async move {
                    let count = counter.fetch_add(1, Ordering::SeqCst) + 1;
                    (StatusCode::CREATED, format!(r#"{{"count":{count}}}"#))
                }),
            );
        Self {
            crm: FakeCrm::start(router).await,
            count,
            client: Client::new(),
        }
    }

    async fn with(fault: Fault) -> Self {
        let counter = Self::start().await;
        counter
            .crm
            .plan(Rule::new(fault).on(Method::POST, "/count").once());
        counter
    }

    fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    fn post(&self) -> reqwest::RequestBuilder {
        self.client
            .post(format!("{}/count", self.crm.url()))
            .body("{}")
    }

    /// The fault struck once, and the next request is served as ever.
    async fn recovers(&self) {
        assert!(self.crm.unspent_rules().is_empty());
        let before = self.count();
        let response = self.post().send().await.expect("the fault is over");
        assert_eq!(response.status(), 201);
        assert_eq!(self.count(), before + 1);
    }

    fn last(&self) -> Exchange {
        self.crm.journal().pop().expect("a request came in")
    }

    async fn post_and_leave(&self) {
        let left = self.post().timeout(SHORT).send().await;
        assert!(left.expect_err("the server hangs").is_timeout());
    }
}

#[tokio::test]
async fn the_journal_keeps_every_request_in_order() {
    let counter = Counter::start().await;
    let page = format!("{}/count?page=2", counter.crm.url());
    let post = counter.client.post(page).body("{}").header("x-test", "1");
    post.send().await.expect("the server answers");
    let missing = format!("{}/missing", counter.crm.url());
    counter
        .client
        .get(missing)
        .send()
        .await
        .expect("the server answers");

    let journal = counter.crm.journal();
    assert_eq!(journal.len(), 2);
    assert!(journal[0].at <= journal[1].at);
    assert_eq!(journal[0].method, Method::POST);
    assert_eq!(journal[0].path, "/count?page=2");
    assert_eq!(journal[0].headers["x-test"], "1");
    assert_eq!(journal[0].json(), serde_json::json!({}));
    assert_eq!(journal[0].status, Some(StatusCode::CREATED));
    assert!(journal[0].applied && journal[0].finished);
    assert_eq!(journal[1].status, Some(StatusCode::NOT_FOUND));
    assert_eq!(counter.crm.requests(&Method::POST, "/co"), 1);
    assert_eq!(counter.crm.requests(&Method::GET, "/co"), 0);
    assert_eq!((counter.crm.writes(), counter.crm.applied_writes()), (1, 1));

    counter.crm.clear_journal();
    assert!(counter.crm.journal().is_empty());
}

#[tokio::test]
async fn status_answers_without_applying() {
    let counter = Counter::with(Fault::rate_limited("7")).await;
    let response = counter.post().send().await.expect("the server answers");
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["retry-after"], "7");
    assert_eq!(counter.count(), 0);
    assert_eq!(counter.last().status, Some(StatusCode::TOO_MANY_REQUESTS));
    assert!(!counter.last().applied);
    assert_eq!((counter.crm.writes(), counter.crm.applied_writes()), (1, 0));
    counter.recovers().await;
}

#[tokio::test]
async fn status_after_applies_and_says_otherwise() {
    let fault = Fault::status_after_with(502, &[("x-from", "proxy")], "bad gateway");
    let counter = Counter::with(fault).await;
    let response = counter.post().send().await.expect("the server answers");
    assert_eq!(response.status(), 502);
    assert_eq!(response.headers()["x-from"], "proxy");
    assert_eq!(
        response.text().await.expect("the body is whole"),
        "bad gateway"
    );
    assert_eq!(counter.count(), 1);
    assert!(counter.last().applied);
    counter.recovers().await;
}

#[tokio::test]
async fn drop_before_closes_without_applying() {
    let counter = Counter::with(Fault::DropBefore).await;
    assert!(counter.post().send().await.is_err());
    assert_eq!(counter.count(), 0);
    let last = counter.last();
    assert_eq!(
        (last.status, last.applied, last.finished),
        (None, false, true)
    );
    counter.recovers().await;
}

#[tokio::test]
async fn drop_after_applies_and_closes() {
    let counter = Counter::with(Fault::DropAfter).await;
    assert!(counter.post().send().await.is_err());
    assert_eq!(counter.count(), 1);
    let last = counter.last();
    assert_eq!(
        (last.status, last.applied, last.finished),
        (None, true, true)
    );
    counter.recovers().await;
}

#[tokio::test]
async fn drop_then_apply_closes_at_once_and_applies_later() {
    let counter = Counter::with(Fault::DropThenApply(SHORT)).await;
    let started = Instant::now();
    assert!(counter.post().send().await.is_err());
    assert!(started.elapsed() < SHORT);
    assert_eq!(counter.count(), 0);
    let applied = |journal: &[Exchange]| journal[0].applied;
    assert!(counter.crm.wait_until(LONG, applied).await);
    assert_eq!(counter.count(), 1);
    counter.recovers().await;
}

#[tokio::test]
async fn delay_waits_and_serves() {
    let counter = Counter::with(Fault::Delay(SHORT)).await;
    let started = Instant::now();
    let response = counter.post().send().await.expect("the server answers");
    assert_eq!(response.status(), 201);
    assert!(started.elapsed() >= SHORT);
    counter.recovers().await;
}

#[tokio::test]
async fn a_hang_that_outlasts_the_client_applies_nothing() {
    let counter = Counter::with(Fault::Hang(SHORT * 3)).await;
    counter.post_and_leave().await;
    tokio::time::sleep(SHORT * 4).await;
    assert_eq!(counter.count(), 0);
    let last = counter.last();
    assert_eq!(
        (last.status, last.applied, last.finished),
        (None, false, false)
    );
    counter.recovers().await;
}

#[tokio::test]
async fn hang_then_apply_writes_after_the_client_left() {
    let counter = Counter::with(Fault::HangThenApply(SHORT * 3)).await;
    counter.post_and_leave().await;
    assert_eq!(counter.count(), 0);
    assert!(
        counter
            .crm
            .wait_until(LONG, |journal| journal[0].applied)
            .await
    );
    assert_eq!(counter.count(), 1);
    assert_eq!(counter.last().status, None);
    counter.recovers().await;
}

#[tokio::test]
async fn hang_then_apply_answers_a_client_that_stays() {
    let counter = Counter::with(Fault::HangThenApply(SHORT)).await;
    let response = counter.post().send().await.expect("the server answers");
    assert_eq!(response.status(), 201);
    assert_eq!(counter.count(), 1);
}

#[tokio::test]
async fn hang_then_apply_ends_with_the_server() {
    let counter = Counter::with(Fault::HangThenApply(SHORT * 2)).await;
    counter.post_and_leave().await;
    drop(counter.crm);
    tokio::time::sleep(SHORT * 3).await;
    assert_eq!(counter.count.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn delay_answer_applies_before_the_client_leaves() {
    let counter = Counter::with(Fault::DelayAnswer(LONG)).await;
    counter.post_and_leave().await;
    assert_eq!(counter.count(), 1);
    assert!(counter.last().applied && !counter.last().finished);
    counter.recovers().await;
}

#[tokio::test]
async fn cut_body_announces_more_than_it_sends() {
    let counter = Counter::with(Fault::CutBody { after_bytes: 5 }).await;
    let mut response = counter.post().send().await.expect("the headers arrive");
    assert_eq!(response.status(), 201);
    assert_eq!(response.content_length(), Some(11));
    let part = response
        .chunk()
        .await
        .expect("the part arrives")
        .expect("it is not empty");
    assert_eq!(&part[..], br#"{"cou"#);
    assert!(response.chunk().await.is_err());
    assert_eq!(counter.count(), 1);
    assert_eq!(counter.last().status, Some(StatusCode::CREATED));
    counter.recovers().await;
}

#[tokio::test]
async fn cut_body_cuts_short_bodies_too() {
    let counter = Counter::with(Fault::CutBody { after_bytes: 5000 }).await;
    let response = counter.post().send().await.expect("the headers arrive");
    assert!(response.bytes().await.is_err());
}

#[tokio::test]
async fn body_replaces_what_the_router_said() {
    let counter = Counter::with(Fault::html(200, "<h1>Maintenance</h1>")).await;
    let error = serde_json::json!({ "error": "limit" });
    counter.crm.plan(Rule::new(Fault::json(200, &error)).once());
    let response = counter.post().send().await.expect("the server answers");
    assert_eq!(response.status(), 200);
    assert_eq!(
        response.headers()["content-type"],
        "text/html; charset=utf-8"
    );
    assert_eq!(
        response.text().await.expect("the body is whole"),
        "<h1>Maintenance</h1>"
    );
    let response = counter.post().send().await.expect("the server answers");
    assert_eq!(response.headers()["content-type"], "application/json");
    let body: serde_json::Value = response.json().await.expect("the body is JSON");
    assert_eq!(body, error);
    assert_eq!(counter.count(), 2);
    counter.recovers().await;
}

#[tokio::test]
async fn a_general_delay_slows_every_request() {
    let counter = Counter::start().await;
    counter.crm.set_delay(SHORT);
    let started = Instant::now();
    let get = counter.client.get(format!("{}/count", counter.crm.url()));
    get.send().await.expect("the server answers");
    counter.post().send().await.expect("the server answers");
    assert!(started.elapsed() >= SHORT * 2);
    counter.crm.set_delay(Duration::ZERO);
    let _answer = counter
        .post()
        .timeout(LONG)
        .send()
        .await
        .expect("the server answers");
}

#[tokio::test]
async fn a_dropped_server_closes_its_port() {
    let Counter { crm, client, .. } = Counter::start().await;
    let url = format!("{}/count", crm.url());
    client.get(&url).send().await.expect("the server answers");
    drop(crm);
    tokio::task::yield_now().await;
    tokio::time::sleep(SHORT).await;
    assert!(client.get(&url).send().await.is_err());
}

#[tokio::test]
async fn refused_connections_are_taken_again_at_the_same_address() {
    let counter = Counter::start().await;
    let answer = counter.post().send().await;
    assert_eq!(answer.expect("the server answers").status(), 201);
    counter.crm.refuse_connections().await;
    let refused = counter.post().send().await;
    assert!(refused.expect_err("nobody listens").is_connect());
    assert_eq!(counter.crm.journal().len(), 1);
    counter.crm.accept_connections().await;
    counter.recovers().await;
}

#[tokio::test]
async fn the_last_answer_arrives_before_connections_are_refused() {
    let counter = Counter::with(Fault::LastAnswer).await;
    let answer = counter.post().send().await.expect("the server answers");
    assert_eq!(answer.status(), 201);
    assert!(answer.bytes().await.is_ok_and(|body| !body.is_empty()));
    let refused = counter.post().send().await;
    assert!(refused.expect_err("nobody listens").is_connect());
    assert_eq!(counter.count(), 1);
    counter.crm.accept_connections().await;
    counter.recovers().await;
}

#[tokio::test]
async fn what_is_done_by_hand_meets_no_fault_and_leaves_no_trace() {
    let counter = Counter::with(Fault::DropBefore).await;
    counter.crm.refuse_connections().await;
    let request = Request::post("/count").body(Bytes::new());
    let answer = counter.crm.by_hand(request.expect("valid")).await;
    assert_eq!(answer.status(), 201);
    assert_eq!(counter.count(), 1);
    assert!(counter.crm.journal().is_empty());
    assert_eq!(counter.crm.unspent_rules().len(), 1);
}

/// What a fake writes down of a request whose client leaves, and which it never gets to.
#[tokio::test]
async fn what_was_asked_is_written_down_though_nobody_waits_for_the_answer() {
    let faults = [
        Some(Fault::HangThenApply(LONG)),
        Some(Fault::Delay(LONG)),
        None,
    ];
    for (number, fault) in (0..).zip(faults) {
        let name = format!("daybook-traffic-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let file = std::fs::File::create(&path).expect("a file");
        let traffic = Traffic::into_file("counter", file);
        let crm = FakeCrm::start_with(Router::new(), traffic).await;
        match fault {
            Some(fault) => crm.plan(Rule::new(fault)),
            None => crm.set_delay(LONG),
        }
        let url = format!("{}/count", crm.url());
        let left = Client::new().post(url).body("{}").timeout(SHORT).send();
        assert!(left.await.expect_err("it hangs").is_timeout());
        drop(crm);
        let mut written = String::new();
        for _ in 0..100 {
            written = std::fs::read_to_string(&path).expect("a file");
            if !written.is_empty() {
                break;
            }
            pause(Duration::from_millis(10)).await;
        }
        std::fs::remove_file(&path).expect("it is there");
        let line: serde_json::Value = serde_json::from_str(&written).expect("one line");
        assert_eq!(
            (&line["path"], &line["answer"]),
            (&"/count".into(), &serde_json::Value::Null)
        );
    }
}
