//! Canned answers, from a server that takes one request and ends.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use daybook_core::limits::MAX_AUTH_BYTES;
use daybook_core::time::{Clock, Deadline};
use serde_json::{Value, json};

use super::*;
use crate::Applied;
use crate::http::Http;

#[derive(Debug)]
struct Noon;

impl Clock for Noon {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(1_424_265_890, 0).expect("a time")
    }
}

/// A server with one answer.
struct Canned {
    address: String,
    server: JoinHandle<String>,
}

impl Canned {
    fn new(status: u16, headers: &[&str], body: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("bound"));
        let mut answer = format!("HTTP/1.1 {status} Canned\r\nconnection: close\r\n");
        for header in headers {
            answer.push_str(&format!("{header}\r\n"));
        }
        answer.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a request");
            let mut request = Vec::new();
            while !is_whole(&request) {
                let mut part = [0; 4096];
                let read = stream.read(&mut part).expect("a request");
                assert!(read > 0, "the request is whole");
                request.extend_from_slice(&part[..read]);
            }
            stream.write_all(answer.as_bytes()).expect("answered");
            String::from_utf8(request).expect("text")
        });
        Self { address, server }
    }

    fn json(status: u16, body: &Value) -> Self {
        let kind = ["content-type: application/json;charset=UTF-8"];
        Self::new(status, &kind, &body.to_string())
    }

    fn app(&self) -> OAuthApp {
        let url = |path| Url::parse(&format!("{}{path}", self.address)).expect("an address");
        OAuthApp {
            client_id: "our id".to_owned(),
            client_secret: SecretString::from("our:secret%"),
            token_url: url("/token"),
            revoke_url: Some(url("/revoke")),
            redirect_urls: vec![url("/back")],
        }
    }

    /// The request that came.
    fn request(self) -> String {
        self.server.join().expect("it was asked")
    }
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.split("\r\ncontent-length: ").nth(1);
    let length = length.and_then(|rest| rest.lines().next());
    body.len() == length.and_then(|length| length.parse().ok()).unwrap_or(0)
}

fn outbound(http: &Http) -> Outbound<'_> {
    Outbound {
        http,
        clock: &Noon,
        deadline: Deadline::at(Noon.now() + TimeDelta::seconds(5)),
    }
}

async fn refresh(canned: &Canned) -> Result<Grant> {
    let http = Http::default();
    let token = SecretString::from("refresh me");
    canned.app().refresh(&outbound(&http), &token).await
}

/// What a refresh makes of an answer that is no grant.
async fn refused(status: u16, headers: &[&str], body: &str) -> AdapterError {
    let canned = Canned::new(status, headers, body);
    let error = refresh(&canned).await.expect_err("refused");
    canned.request();
    error
}

async fn tokens(answer: Value) -> Result<Grant> {
    refresh(&Canned::json(200, &answer)).await
}

const JSON: &str = "content-type: application/json";

#[tokio::test]
async fn a_code_is_sent_with_its_address_and_we_say_who_we_are() {
    let answer = json!({"access_token": "at", "token_type": "Bearer"});
    let canned = Canned::json(200, &answer);
    let (http, code) = (Http::default(), SecretString::from("a code"));
    let redirect = Url::parse("https://crm.example/back").expect("an address");
    let grant = canned
        .app()
        .exchange(&outbound(&http), &code, &redirect)
        .await
        .expect("a grant");
    assert_eq!(grant.access_token.expose_secret(), "at");
    assert!(grant.refresh_token.is_none() && grant.expires_in.is_none());
    let request = canned.request();
    assert!(request.starts_with("POST /token HTTP/1.1\r\n"), "{request}");
    // base64 of `our+id:our%3Asecret%25`.
    assert!(
        request.contains("authorization: Basic b3VyK2lkOm91ciUzQXNlY3JldCUyNQ==\r\n"),
        "{request}"
    );
    assert!(request.contains("content-type: application/x-www-form-urlencoded\r\n"));
    assert!(request.contains("accept: application/json\r\n"));
    assert!(
        request.ends_with(
            "\r\n\r\ngrant_type=authorization_code&code=a+code\
             &redirect_uri=https%3A%2F%2Fcrm.example%2Fback"
        ),
        "{request}"
    );
}

#[tokio::test]
async fn a_refresh_brings_tokens_and_what_else_the_crm_says() {
    let canned = Canned::json(
        200,
        &json!({
            "access_token": "at",
            "token_type": "bearer",
            "refresh_token": "rt",
            "expires_in": 3599,
            "scope": "base contacts:full",
            "api_domain": "https://acme.crm.example",
            "company": {"id": 9_007_199_254_740_993_u64},
        }),
    );
    let grant = refresh(&canned).await.expect("a grant");
    assert_eq!(grant.access_token.expose_secret(), "at");
    let refresh_token = grant.refresh_token.as_ref();
    assert_eq!(refresh_token.map(|token| token.expose_secret()), Some("rt"));
    assert_eq!(grant.expires_in, Some(Duration::from_secs(3599)));
    let expected = json!({
        "api_domain": "https://acme.crm.example",
        "company": {"id": 9_007_199_254_740_993_u64},
    });
    assert_eq!(Value::Object(grant.answer), expected);
    let request = canned.request();
    assert!(
        request.ends_with("\r\n\r\ngrant_type=refresh_token&refresh_token=refresh+me"),
        "{request}"
    );
}

#[tokio::test]
async fn a_grant_is_given_back_by_its_refresh_token_first() {
    let canned = Canned::new(204, &[], "");
    let http = Http::default();
    let revoked = canned
        .app()
        .revoke(&outbound(&http), &SecretString::from("rt"))
        .await;
    assert_eq!(revoked, Ok(()));
    let request = canned.request();
    assert!(
        request.starts_with("POST /revoke HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(request.contains("authorization: Basic "));
    assert!(
        request.ends_with("\r\n\r\ntoken=rt&token_type_hint=refresh_token"),
        "{request}"
    );
}

#[tokio::test]
async fn a_crm_without_an_address_for_it_is_not_told() {
    let http = Http::default();
    let app = OAuthApp {
        client_id: "our id".to_owned(),
        client_secret: SecretString::from("our secret"),
        token_url: Url::parse("http://127.0.0.1:1/token").expect("an address"),
        revoke_url: None,
        redirect_urls: Vec::new(),
    };
    let token = SecretString::from("rt");
    assert_eq!(app.revoke(&outbound(&http), &token).await, Ok(()));
}

#[tokio::test]
async fn only_a_dead_grant_is_the_users_to_mend() {
    for status in [400, 401, 403] {
        for description in ["", r#","error_description":"gone""#] {
            let body = format!(r#"{{"error":"invalid_grant"{description}}}"#);
            assert_eq!(
                refused(status, &[JSON], &body).await,
                AdapterError::Unauthorized
            );
        }
        for error in [
            "invalid_client",
            "unauthorized_client",
            "invalid_request",
            "invalid_scope",
            "unsupported_grant_type",
            "something_else",
            "invalid_grant ",
        ] {
            let body = json!({"error": error}).to_string();
            assert_eq!(
                refused(status, &[JSON], &body).await,
                AdapterError::Rejected { status },
                "{error}"
            );
        }
        for body in ["", "null", r#"{"error":{"code":401}}"#, "invalid_grant"] {
            assert_eq!(
                refused(status, &[JSON], body).await,
                AdapterError::Rejected { status },
                "{body}"
            );
        }
    }
    for status in [302, 404, 405, 409, 410, 413, 422] {
        assert_eq!(
            refused(status, &[], "").await,
            AdapterError::Rejected { status }
        );
    }
}

#[tokio::test]
async fn a_crm_in_trouble_means_what_it_means_for_every_call() {
    let dead = r#"{"error":"invalid_grant"}"#;
    for status in [408, 500, 502, 503] {
        assert_eq!(
            refused(status, &[JSON], dead).await,
            AdapterError::unknown(Cause::Status(status))
        );
    }
    assert_eq!(
        refused(503, &["retry-after: 3"], "").await,
        AdapterError::Unavailable {
            applied: Applied::Unknown,
            cause: Cause::Status(503),
            retry_after: Some(Duration::from_secs(3)),
        }
    );
    assert_eq!(
        refused(429, &[JSON, "retry-after: 7"], dead).await,
        AdapterError::RateLimited {
            retry_after: Some(Duration::from_secs(7))
        }
    );
    assert_eq!(
        refused(403, &["content-type: text/html"], "<h1>Blocked</h1>").await,
        AdapterError::not_applied(Cause::Status(403))
    );
}

#[tokio::test]
async fn an_answer_that_is_not_tokens_leaves_open_what_was_done() {
    let unreadable = AdapterError::unknown(Cause::Unreadable);
    let page = "content-type: text/html";
    for (headers, body) in [
        (&[page][..], "<h1>Welcome</h1>"),
        (&[JSON], ""),
        (&[JSON], "{}"),
        (&[JSON], "[]"),
        (&[JSON], r#"{"access_token":"at","#),
        (&[JSON], r#"{"access_token":"at"}"#),
        (&[JSON], r#"{"access_token":"at","token_type":"mac"}"#),
        (&[JSON], r#"{"error":"invalid_grant"}"#),
        (
            &[JSON],
            r#"{"access_token":"at","token_type":"bearer","expires_in":-1}"#,
        ),
        (&[page], r#"{"access_token":"at","token_type":"bearer"}"#),
    ] {
        let canned = Canned::new(200, headers, body);
        let error = refresh(&canned).await.expect_err("unreadable");
        assert_eq!(error, unreadable, "{headers:?} {body}");
    }
}

#[tokio::test]
async fn a_token_that_no_header_can_carry_is_not_taken() {
    let with = async |access: &str, refresh: &str| {
        let answer = json!({
            "access_token": access,
            "token_type": "bearer",
            "refresh_token": refresh,
        });
        tokens(answer).await
    };
    let longest = "a".repeat(MAX_AUTH_BYTES - "Bearer ".len());
    let grant = with(&longest, "").await.expect("a grant");
    assert_eq!(
        bearer(&grant.access_token).expose_secret().len(),
        MAX_AUTH_BYTES
    );
    assert!(grant.refresh_token.is_none(), "a blank one is none");
    let longer = format!("{longest}a");
    for access in ["", "a b", "a\nb", "a\u{7f}", "ä", "\u{0}", &longer] {
        let error = with(access, "rt").await.expect_err("not taken");
        assert_eq!(error, AdapterError::unknown(Cause::Unreadable));
    }
    let long = "r".repeat(MAX_AUTH_BYTES + 1);
    assert!(with("at", &long).await.is_err());
}

#[tokio::test]
async fn no_secret_is_shown() {
    let marked = json!({
        "access_token": "marked-access",
        "token_type": "bearer",
        "refresh_token": "marked-refresh",
        "company": "marked-company",
    });
    let canned = Canned::json(200, &marked);
    let (app, http) = (canned.app(), Http::default());
    let refresh_token = SecretString::from("marked-sent");
    let grant = app.refresh(&outbound(&http), &refresh_token).await;
    let odd = json!({"access_token": "marked access", "token_type": "bearer"});
    let error = tokens(odd).await.expect_err("unreadable");
    let unread = refused(200, &[JSON], r#"{"marked": "#).await;
    let gone = refused(
        400,
        &[JSON],
        r#"{"error":"marked","error_description":"marked"}"#,
    )
    .await;
    let shown = format!("{app:?} {grant:?} {error:?} {error} {unread:?} {gone:?} {gone}");
    assert!(grant.is_ok(), "{shown}");
    for secret in ["marked", "our:secret", "our id"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
