//! A Lambda function's way in: an API Gateway HTTP API event, format 2.0, or the bare parameter
//! object with `platform` beside the parameters.
//!
//! The event arrives as raw JSON, because a text with a lone surrogate must not fail before we
//! have mended it.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use daybook_core::config::Vars;
use daybook_core::error::RequestError;
use daybook_core::json;
use daybook_core::time::Deadline;
use futures_util::FutureExt;
use lambda_http::RequestExt;
use lambda_http::request::LambdaRequest;
use lambda_runtime::{Context, LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::interface::{HttpRequest, answer_http};
use super::{Arrival, MAX_BODY_BYTES, answer};
use crate::app::App;
use crate::interface::Interface;
use crate::reply::{Reply, ReplyBody};
use crate::telemetry;

/// What a reply leaves of the function's own time limit.
const LAMBDA_MARGIN: Duration = Duration::from_millis(500);

/// Runs the function of an interface until Lambda ends the process.
///
/// A start that fails is logged and ends the process with a code other than 0.
pub async fn run(interface: Interface) -> ExitCode {
    let env = |name: &str| std::env::var(name).ok();
    if let Err(error) = telemetry::start(&Vars::new(&env)) {
        return refuse_start(&error.to_string());
    }
    let app = match App::from_env().await {
        Ok(app) => Arc::new(app),
        Err(error) => return refuse_start(&error.to_string()),
    };
    // Boxed, so that the types of everything below do not become part of the runtime's own.
    let served = lambda_runtime::run(service_fn(move |event: LambdaEvent<Box<RawValue>>| {
        let app = app.clone();
        async move { Ok::<Value, lambda_runtime::Error>(invoke(&app, interface, event).await) }
            .boxed()
    }))
    .boxed()
    .await;
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error.kind = "runtime", error.detail = %error, "the runtime ended");
            ExitCode::FAILURE
        }
    }
}

#[allow(clippy::print_stderr, reason = "the logs may not have been started")]
fn refuse_start(reason: &str) -> ExitCode {
    eprintln!(
        "{}",
        json!({"level": "ERROR", "message": "cannot start", "error.detail": reason})
    );
    ExitCode::FAILURE
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
    let deadline = deadline(app, &context);
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
    let Ok(event) = serde_json::from_str::<LambdaRequest>(payload) else {
        return Reply::from(&RequestError::NotJson {
            reason: "it is not an API Gateway event of format 2.0".to_owned(),
        });
    };
    let request = lambda_http::Request::from(event);
    let path = request.raw_http_path().to_owned();
    let (parts, body) = request.into_parts();
    let request = HttpRequest {
        method: &parts.method,
        path: &path,
        body: body.as_ref(),
        request_id: &context.request_id,
        deadline,
    };
    answer_http(app, interface, request).await
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
        Ok(platform) => Ok((platform.trim(), payload.as_bytes())),
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

/// Our own deadline, or the function's where that is sooner.
fn deadline(app: &App, context: &Context) -> Deadline {
    let lambdas = context
        .deadline()
        .duration_since(SystemTime::now())
        .unwrap_or_default()
        .saturating_sub(LAMBDA_MARGIN);
    let ours = app.deadline();
    let now = app.clock.now();
    if lambdas < ours.remaining(now) {
        Deadline::at(now + lambdas)
    } else {
        ours
    }
}

/// API Gateway's response, format 2.0.
fn in_http_form(reply: &Reply) -> Value {
    json!({
        "statusCode": reply.status,
        "headers": {"content-type": "application/json"},
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

/// The JSON text of a reply.
pub fn body_text(body: &ReplyBody) -> String {
    serde_json::to_string(body).expect("a reply is text and numbers")
}
