//! The whole application, asked as a client asks it.
//!
//! [`Client`] sends requests straight to the router; nothing listens on a port.

mod api;
mod app;
mod authorize;
mod companies;
mod disk;
mod grants;
mod page;
mod tokens;
mod validation;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use url::form_urlencoded;

use crate::{DEMO_KEY, ExampleCrm};

/// The first demo contact.
const DAISY: u64 = 1001;
/// The demo contact of the second company.
const ROBIN: u64 = 2001;

/// What came back.
struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("the reply is JSON")
    }

    /// Checks a refusal, and that it has words.
    fn is_refused(&self, status: u16, code: &str, field: Option<&str>) {
        let error = &self.json()["error"];
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        assert_eq!(error["code"], code);
        assert_eq!(error.get("field").and_then(Value::as_str), field);
        assert!(error["message"].as_str().is_some_and(|m| m.ends_with('.')));
    }
}

/// A caller of one CRM.
#[derive(Clone)]
struct Client {
    router: Router,
    authorization: Option<String>,
    content_type: Option<&'static str>,
}

impl Client {
    fn new(crm: &ExampleCrm) -> Self {
        Self::with_key(crm, DEMO_KEY)
    }

    fn with_key(crm: &ExampleCrm, key: &str) -> Self {
        Self {
            router: crm.router(),
            authorization: Some(basic(&format!("{key}:"))),
            content_type: None,
        }
    }

    fn in_memory() -> Self {
        Self::new(&ExampleCrm::in_memory())
    }

    async fn send(&self, method: Method, path: &str, body: impl Into<Body>) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        if let Some(content_type) = self.content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        let request = request.body(body.into()).expect("the request is valid");
        let router = self.router.clone();
        let response = router.oneshot(request).await.expect("a router answers");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("the body ends").to_bytes();
        Reply {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(bytes.to_vec()).expect("the reply is UTF-8"),
        }
    }

    /// Sends a form as a page or an app does.
    async fn form(&self, path: &str, pairs: &[(&str, &str)]) -> Reply {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        let mut client = self.clone();
        client.content_type = Some("application/x-www-form-urlencoded");
        client.send(Method::POST, path, body).await
    }

    async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, Body::empty()).await
    }

    async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(Method::POST, path, body.to_string()).await
    }

    async fn patch(&self, path: &str, body: Value) -> Reply {
        self.send(Method::PATCH, path, body.to_string()).await
    }

    async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, Body::empty()).await
    }

    async fn log(&self, contact_id: u64, subject: &str, note: &str) -> Value {
        let activity = json!({ "contactId": contact_id, "subject": subject, "note": note });
        let reply = self.post("/crm/api/activities", activity).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
        reply.json()
    }

    /// The given field of every record in a list.
    async fn list(&self, path: &str, field: &str) -> Vec<Value> {
        let reply = self.get(path).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        let list = reply.json();
        let records = list.get("contacts").or(list.get("activities"));
        let records = records.and_then(Value::as_array).expect("a list");
        records.iter().map(|record| record[field].clone()).collect()
    }
}

fn basic(pair: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(pair))
}
