//! A Lambda function's way in: an API Gateway HTTP API event, format 2.0, or the bare parameter
//! object with `platform` beside the parameters.
//!
//! The event arrives as raw JSON, because a text with a lone surrogate must not fail before we
//! have mended it.

use std::process::ExitCode;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use daybook_core::error::RequestError;
use daybook_core::json;
use daybook_core::time::Deadline;
use futures_util::FutureExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequestContext;
use lambda_runtime::{Context, LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::http::{HttpRequest, answer_http};
use super::{Arrival, MAX_BODY_BYTES, answer, runtime};
use crate::app::{App, REPLY_WITHIN};
use crate::handlers::Asked as AskedFor;
use crate::interface::Interface;
use crate::reply::{Reply, ReplyBody};

/// Runs the function of an interface until Lambda ends the process.
///
/// A start that fails is logged and ends the process with a code other than 0.
pub async fn run(interface: Interface) -> ExitCode {
    let app = match runtime::start().await {
        Ok(app) => app,
        Err(code) => return code,
    };
    // Boxed, so that the types of everything below do not become part of the runtime's own.
    let served = lambda_runtime::run(service_fn(move |event: LambdaEvent<Box<RawValue>>| {
        let app = app.clone();
        async move { Ok::<Value, lambda_runtime::Error>(invoke(&app, interface, event).await) }
            .boxed()
    }))
    .boxed()
    .await;
    runtime::ended(served)
}

/// The parts of an invocation that tell its two forms apart.
#[derive(Deserialize)]
struct Invocation<'a> {
    #[serde(borrow, rename = "requestContext")]
    request_context: Option<&'a RawValue>,
    #[serde(borrow)]
    version: Option<&'a RawValue>,
}

/// Answers one invocation in the form that it came in.
pub async fn invoke(app: &App, interface: Interface, event: LambdaEvent<Box<RawValue>>) -> Value {
    let (payload, context) = (event.payload.get(), event.context);
    let deadline = runtime::deadline(app, &context, REPLY_WITHIN);
    let is_http = payload.starts_with('{')
        && serde_json::from_str::<Invocation<'_>>(payload)
            .is_ok_and(|event| event.request_context.is_some() && event.version.is_some());
    if is_http {
        let reply = answer_event(app, interface, payload, &context, deadline).await;
        return in_http_form(&reply);
    }
    in_direct_form(&answer_direct(app, interface, payload, &context, deadline).await)
}

async fn answer_event(
    app: &App,
    interface: Interface,
    payload: &str,
    context: &Context,
    deadline: Deadline,
) -> Reply {
    let request_id = &context.request_id;
    match Asked::read(payload) {
        Ok(asked) => {
            let request = HttpRequest {
                server: &asked.server,
                method: &asked.method,
                path: &asked.path,
                query: &asked.query,
                headers: &asked.headers,
                body: &asked.body,
                request_id,
                deadline,
            };
            answer_http(app, interface, request).await
        }
        Err(error) => {
            let arrival = Arrival {
                interface,
                request_id,
                deadline,
            };
            answer(app, arrival, Err(Reply::from(&error))).await
        }
    }
}

/// What we read of an API Gateway event. Everything else in it may hold what it likes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    raw_path: Option<String>,
    raw_query_string: Option<String>,
    #[serde(default)]
    headers: Option<Map<String, Value>>,
    request_context: ApiGatewayV2httpRequestContext,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
}

/// What an API Gateway event asks for.
#[derive(PartialEq, Eq)]
struct Asked {
    server: String,
    method: Method,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Asked {
    fn read(payload: &str) -> Result<Self, RequestError> {
        let not = |what: &str| RequestError::NotJson {
            reason: format!("it is not {what}"),
        };
        let event: Event = json::read(payload.as_bytes())
            .map_err(|_| not("an API Gateway event of format 2.0"))?;
        let body = event.body.unwrap_or_default();
        let body = match event.is_base64_encoded {
            Some(true) => BASE64_STANDARD
                .decode(body)
                .map_err(|_| not("the base64 text that the event says it is"))?,
            Some(false) | None => body.into_bytes(),
        };
        let path = event.raw_path.unwrap_or_default();
        let context = event.request_context;
        let domain = context.domain_name.unwrap_or_default();
        let path_in_stage = without_stage(&path, context.stage.as_deref());
        let stage = path.strip_suffix(path_in_stage).unwrap_or_default();
        Ok(Self {
            server: format!("https://{domain}{stage}"),
            method: context.http.method,
            path: path_in_stage.to_owned(),
            query: event.raw_query_string.unwrap_or_default(),
            headers: headers(event.headers.unwrap_or_default()),
            body,
        })
    }
}

/// The headers of an event; one that HTTP could not carry is left out.
fn headers(event: Map<String, Value>) -> HeaderMap {
    let header = |(name, value): (String, Value)| {
        let name = HeaderName::try_from(name).ok()?;
        Some((name, HeaderValue::try_from(value.as_str()?).ok()?))
    };
    event.into_iter().filter_map(header).collect()
}

/// The path as the template has it: a stage that has a name comes before it.
fn without_stage<'a>(path: &'a str, stage: Option<&str>) -> &'a str {
    let named = stage.filter(|stage| !matches!(*stage, "" | "$default"));
    named
        .and_then(|stage| path.strip_prefix('/')?.strip_prefix(stage))
        .filter(|rest| rest.starts_with('/'))
        .unwrap_or(path)
}

async fn answer_direct(
    app: &App,
    interface: Interface,
    payload: &str,
    context: &Context,
    deadline: Deadline,
) -> Reply {
    let arrival = Arrival {
        interface,
        request_id: &context.request_id,
        deadline,
    };
    let platform = platform(payload);
    let asked = match &platform {
        Ok(platform) => Ok(AskedFor::Directly {
            platform: platform.trim(),
            parameters: payload.as_bytes(),
        }),
        Err(refusal) => Err(refusal.clone()),
    };
    answer(app, arrival, asked).await
}

#[derive(Deserialize)]
struct Platform {
    platform: Option<String>,
}

/// The platform that a bare parameter object names.
fn platform(payload: &str) -> Result<String, Reply> {
    if payload.len() > MAX_BODY_BYTES {
        return Err(Reply::too_large(MAX_BODY_BYTES));
    }
    json::read::<Platform>(payload.as_bytes())
        .and_then(|object| {
            object
                .platform
                .filter(|platform| !platform.trim().is_empty())
                .ok_or_else(|| RequestError::missing("platform"))
        })
        .map_err(|error| Reply::from(&error))
}

/// API Gateway's response, format 2.0.
fn in_http_form(reply: &Reply) -> Value {
    let headers: Map<String, Value> = header_lines(reply)
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    json!({
        "statusCode": reply.status,
        "headers": headers,
        "body": body_text(&reply.body),
        "isBase64Encoded": false,
    })
}

/// The reply's JSON with `statusCode` beside it.
fn in_direct_form(reply: &Reply) -> Value {
    let mut body = json!(reply.body);
    body["statusCode"] = json!(reply.status);
    body
}

/// The text of a reply's body.
pub fn body_text(body: &ReplyBody) -> String {
    match body {
        ReplyBody::Text(text) => text.to_string(),
        ReplyBody::Page(page) => (*page).to_owned(),
        ReplyBody::Document(page) => page.html.clone(),
        ReplyBody::Moved(_) => String::new(),
        ReplyBody::Envelope(_) | ReplyBody::Json(_) => {
            serde_json::to_string(body).expect("a reply is text and numbers")
        }
    }
}

/// The headers of a reply. Nothing that is answered may be kept by a cache.
pub fn header_lines(reply: &Reply) -> Vec<(&'static str, &str)> {
    let content_type = match &reply.body {
        ReplyBody::Text(_) | ReplyBody::Moved(_) => "text/plain; charset=utf-8",
        ReplyBody::Page(_) | ReplyBody::Document(_) => "text/html; charset=utf-8",
        ReplyBody::Envelope(_) | ReplyBody::Json(_) => "application/json",
    };
    let mut lines = vec![
        ("content-type", content_type),
        ("cache-control", "no-store"),
    ];
    match &reply.body {
        // The address of the page holds a code: nobody else learns it, and nothing is loaded.
        ReplyBody::Page(_) => lines.extend([
            (
                "content-security-policy",
                "default-src 'none'; frame-ancestors 'none'",
            ),
            ("referrer-policy", "no-referrer"),
        ]),
        ReplyBody::Document(page) => lines.extend([
            ("content-security-policy", page.policy.as_str()),
            ("referrer-policy", "no-referrer"),
        ]),
        ReplyBody::Moved(url) => lines.push(("location", url.as_str())),
        ReplyBody::Envelope(_) | ReplyBody::Json(_) | ReplyBody::Text(_) => {}
    }
    if let Some(token) = &reply.token {
        lines.push(("x-refreshed-jwt-token", token.expose()));
    }
    lines
}

#[cfg(test)]
mod tests;
