//! The Lambda Runtime API, as a function's own runtime meets it on AWS.
//!
//! Only the version 2018-06-01 calls of an on-demand function are served, for
//! one function at a time. Left out on purpose: freezing the process between
//! invocations, snapshots, extensions.
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Body;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::{Value, json};
use tokio::sync::{Mutex as AsyncMutex, mpsc};
use tokio::time::timeout;

use crate::loopback::{Cut, Doors, Loopback, Tasks};

#[cfg(test)]
mod tests;

const RUNTIME: &str = "/2018-06-01/runtime/";

/// How long a function may take until it asks for its first event. AWS allows
/// ten seconds; an unoptimised binary on a busy machine needs room.
const START_LIMIT: Duration = Duration::from_secs(30);

/// How an invocation ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Invocation {
    /// The function's reply.
    Response(Value),
    /// The function's error: `errorType`, `errorMessage`. Also what AWS makes of
    /// a reply that is not JSON.
    Error(Value),
    /// The function failed while it started; the same fields.
    InitError(Value),
    /// No answer within the invocation's time, or nobody asked for the event
    /// within 30 seconds. AWS ends the process at this point; a test does it
    /// with [`FunctionProcess::stop`](crate::FunctionProcess::stop).
    TimedOut,
    /// The function's process is gone.
    Exited {
        /// How it ended, for people to read.
        status: String,
        /// What it wrote to both its outputs.
        output: String,
    },
}

impl Invocation {
    /// The function's reply.
    ///
    /// # Panics
    ///
    /// When the invocation ended in any other way.
    pub fn response(self) -> Value {
        if let Self::Response(reply) = self {
            return reply;
        }
        panic!("expected a response, got {self:?}")
    }
}

/// A running Runtime API; dropping it stops the server.
#[derive(Debug)]
pub struct RuntimeApi {
    server: Loopback,
    desk: Arc<Desk>,
}

/// An event on its way to the function.
#[derive(Debug)]
struct Event {
    id: String,
    payload: String,
    limit: Duration,
}

/// What an invocation learns about itself.
#[derive(Debug)]
enum Step {
    Taken,
    Ended(Invocation),
}

/// Where callers and the function's runtime meet.
#[derive(Debug)]
pub(crate) struct Desk {
    events: mpsc::UnboundedSender<Event>,
    queue: AsyncMutex<mpsc::UnboundedReceiver<Event>>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    next_id: u64,
    function_name: String,
    function_number: u64,
    /// Set while the function cannot take events any more.
    down: Option<Invocation>,
    waiting: HashMap<String, mpsc::UnboundedSender<Step>>,
}

impl RuntimeApi {
    /// Serves the API on a free port of 127.0.0.1.
    pub async fn start() -> Self {
        let (events, queue) = mpsc::unbounded_channel();
        let desk = Arc::new(Desk {
            events,
            queue: AsyncMutex::new(queue),
            state: Mutex::new(State {
                next_id: 1,
                function_name: "function".to_owned(),
                function_number: 0,
                down: None,
                waiting: HashMap::new(),
            }),
        });
        let server = Loopback::start(Tasks::new(), Doors::new(), {
            let desk = Arc::clone(&desk);
            move |request| Arc::clone(&desk).serve(request)
        })
        .await;
        Self { server, desk }
    }

    /// Where the API listens: the value of `AWS_LAMBDA_RUNTIME_API`.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Hands the function one event and waits for what becomes of it.
    ///
    /// # Shape
    ///
    /// `payload` is the event as JSON text. `timeout_ms` runs from the moment the
    /// function takes the event, so starting up does not count.
    pub async fn invoke(&self, payload: impl Into<String>, timeout_ms: u64) -> Invocation {
        let limit = Duration::from_millis(timeout_ms);
        let (id, mut steps) = match self.desk.register() {
            Ok(registered) => registered,
            Err(down) => return down,
        };
        let _leave = Leave {
            desk: &self.desk,
            id: &id,
        };
        self.desk
            .events
            .send(Event {
                id: id.clone(),
                payload: payload.into(),
                limit,
            })
            .expect("the queue lives as long as its desk");
        let mut wait = START_LIMIT;
        loop {
            match timeout(wait, steps.recv()).await {
                Ok(Some(Step::Taken)) => wait = limit,
                Ok(Some(Step::Ended(invocation))) => return invocation,
                Ok(None) | Err(_) => return Invocation::TimedOut,
            }
        }
    }

    pub(crate) fn desk(&self) -> &Arc<Desk> {
        &self.desk
    }
}

/// Forgets an invocation nobody waits for any more, so that its event is not delivered.
struct Leave<'a> {
    desk: &'a Desk,
    id: &'a str,
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.desk.state().waiting.remove(self.id);
    }
}

impl Desk {
    /// A function starts: forgets how the one before it ended. Returns its number.
    pub(crate) fn function_started(&self, name: &str) -> u64 {
        let mut state = self.state();
        state.function_name = name.to_owned();
        state.down = None;
        state.function_number += 1;
        state.function_number
    }

    /// A function's process is gone: whoever waits for it learns so, unless
    /// another function has taken its place.
    pub(crate) fn function_exited(&self, number: u64, status: String, output: String) {
        if self.state().function_number == number {
            self.go_down(Invocation::Exited { status, output });
        }
    }

    fn go_down(&self, how: Invocation) {
        let mut state = self.state();
        for (_, steps) in state.waiting.drain() {
            // Fails when that invocation has timed out by now.
            let _ = steps.send(Step::Ended(how.clone()));
        }
        // An error while starting says more than the exit that follows it.
        state.down.get_or_insert(how);
    }

    fn register(&self) -> Result<(String, mpsc::UnboundedReceiver<Step>), Invocation> {
        let mut state = self.state();
        if let Some(down) = &state.down {
            return Err(down.clone());
        }
        let id = format!("00000000-0000-4000-8000-{:012}", state.next_id);
        state.next_id += 1;
        let (sender, steps) = mpsc::unbounded_channel();
        state.waiting.insert(id.clone(), sender);
        Ok((id, steps))
    }

    async fn serve(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| Cut)?.to_bytes();
        let Some(call) = parts.uri.path().strip_prefix(RUNTIME) else {
            return Ok(status(StatusCode::NOT_FOUND, "UnknownPath"));
        };
        let call: Vec<&str> = call.split('/').collect();
        Ok(match (&parts.method, call.as_slice()) {
            (&Method::GET, ["invocation", "next"]) => self.next().await,
            (&Method::POST, ["invocation", id, "response"]) => self.end(id, reply(&body)),
            (&Method::POST, ["invocation", id, "error"]) => {
                self.end(id, Invocation::Error(error(&body)))
            }
            (&Method::POST, ["init", "error"]) => {
                self.go_down(Invocation::InitError(error(&body)));
                accepted()
            }
            _ => status(StatusCode::NOT_FOUND, "UnknownPath"),
        })
    }

    /// The next event that somebody still waits for.
    async fn next(&self) -> Response<Body> {
        // Cancel safe: nothing is awaited between taking an event and answering.
        let mut queue = self.queue.lock().await;
        loop {
            let event = queue.recv().await.expect("the desk keeps a sender");
            let state = self.state();
            let Some(steps) = state.waiting.get(&event.id) else {
                continue;
            };
            let _ = steps.send(Step::Taken);
            return delivery(event, &state.function_name);
        }
    }

    fn end(&self, id: &str, invocation: Invocation) -> Response<Body> {
        let Some(steps) = self.state().waiting.remove(id) else {
            return status(StatusCode::BAD_REQUEST, "InvalidRequestID");
        };
        // Fails when the invocation times out at this very moment.
        let _ = steps.send(Step::Ended(invocation));
        accepted()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no task panics holding this lock")
    }
}

fn delivery(event: Event, function_name: &str) -> Response<Body> {
    let deadline = (SystemTime::now() + event.limit)
        .duration_since(UNIX_EPOCH)
        .expect("the clock is past 1970")
        .as_millis();
    let arn = format!("arn:aws:lambda:us-east-1:123456789012:function:{function_name}");
    Response::builder()
        .header("content-type", "application/json")
        .header("Lambda-Runtime-Aws-Request-Id", event.id)
        .header("Lambda-Runtime-Deadline-Ms", deadline.to_string())
        .header("Lambda-Runtime-Invoked-Function-Arn", arn)
        .header(
            "Lambda-Runtime-Trace-Id",
            "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0",
        )
        .body(Body::from(event.payload))
        .expect("the headers are valid")
}

fn accepted() -> Response<Body> {
    answer(StatusCode::ACCEPTED, &json!({ "status": "OK" }))
}

fn status(code: StatusCode, error_type: &str) -> Response<Body> {
    answer(
        code,
        &json!({ "errorType": error_type, "errorMessage": error_type }),
    )
}

fn answer(code: StatusCode, body: &Value) -> Response<Body> {
    Response::builder()
        .status(code)
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .expect("the headers are valid")
}

fn reply(body: &Bytes) -> Invocation {
    if body.is_empty() {
        return Invocation::Response(Value::Null);
    }
    match serde_json::from_slice(body) {
        Ok(reply) => Invocation::Response(reply),
        Err(_) => Invocation::Error(json!({
            "errorType": "Runtime.InvalidResponse",
            "errorMessage": String::from_utf8_lossy(body),
        })),
    }
}

fn error(body: &Bytes) -> Value {
    serde_json::from_slice(body)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned()))
}
