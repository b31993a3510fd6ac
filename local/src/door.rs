//! The door on this machine: requests as they come over HTTP, and what is refused before an
//! interface is reached. `origins` tells apart from which pages they come.

mod origins;

pub(crate) use origins::{Guard, no_strangers};

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use daybook_api::app::App;
use daybook_api::doors::http::{HttpRequest, answer_http};
use daybook_api::doors::lambda::{body_text, header_lines};
use daybook_api::doors::{MAX_BODY_BYTES, log_refusal, request_id};
use daybook_api::interface::Interface;
use daybook_api::reply::Reply;
use daybook_core::error::RequestError;
use http::header::HOST;
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderValue, StatusCode};
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout_at};

use crate::connections::Running;

/// How long a body may take. What is left of the time for a reply is for the interface.
const BODY_WITHIN: Duration = Duration::from_secs(6);

/// Why a body was not read.
enum Unread {
    /// It broke off, or is not what its headers say.
    Broken,
    /// It did not come in time.
    Late,
    /// The server stops.
    Stopping,
}

/// Answers a request to the function of `interface`. A call that has begun goes on when its client
/// has gone, as on AWS: it may be between two writes.
pub(crate) async fn call(
    app: App,
    running: Running,
    interface: Interface,
    request: Request,
) -> Response {
    let deadline = app.deadline();
    let (parts, body) = request.into_parts();
    let read = tokio::select! {
        read = read(body) => read,
        () = running.stopping.cancelled() => Err(Unread::Stopping),
    };
    // Counted before the look at the server's state, so that a stop sees it or it sees the stop.
    let counted = running.calls.token();
    let body = match read {
        Ok(_) if running.stopping.is_cancelled() => Err(Unread::Stopping),
        read => read,
    };
    let body = match body {
        Ok(body) => body,
        Err(unread) => return refuse(&app, Some(interface), &unread.reply()),
    };
    let answer = tokio::spawn(async move {
        let _counted = counted;
        let request_id = request_id(&app);
        let request = HttpRequest {
            server: &server(&parts),
            method: &parts.method,
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            headers: &parts.headers,
            body: &body,
            request_id: &request_id,
            deadline,
        };
        respond(&answer_http(&app, interface, request).await)
    });
    answer.await.unwrap_or_else(|_| {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

/// Answers what no route takes: another method of an interface's address, or another address.
pub(crate) async fn elsewhere(app: App, parts: Parts) -> Response {
    let path = parts.uri.path();
    let name = path
        .strip_prefix("/interfaces/")
        .and_then(|rest| rest.split_once('/'));
    let named = name.and_then(|(_, name)| Interface::named(name));
    let Some(interface) = named.or_else(|| Interface::at(path).next()) else {
        return refuse(&app, None, &Reply::no_such_interface());
    };
    let request = HttpRequest {
        server: &server(&parts),
        method: &parts.method,
        path,
        query: "",
        headers: &parts.headers,
        body: &[],
        request_id: &request_id(&app),
        deadline: app.deadline(),
    };
    respond(&answer_http(&app, interface, request).await)
}

/// The address of this server that a request was sent to. Foreign names were turned away before.
fn server(parts: &Parts) -> String {
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let authority = parts.uri.authority().map(Authority::as_str);
    format!("http://{}", host.or(authority).unwrap_or_default())
}

/// The body. One that is too large is cut after the first byte too many, which the door refuses;
/// the rest is read all the same, because a client that still sends may not hear the answer.
async fn read(mut body: Body) -> Result<Vec<u8>, Unread> {
    let until = Instant::now() + BODY_WITHIN;
    let mut read = Vec::new();
    loop {
        let frame = match timeout_at(until, body.frame()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(_))) => return Err(Unread::Broken),
            Ok(None) => return Ok(read),
            Err(_) if read.len() > MAX_BODY_BYTES => return Ok(read),
            Err(_) => return Err(Unread::Late),
        };
        if let Ok(bytes) = frame.into_data() {
            let room = MAX_BODY_BYTES + 1 - read.len();
            read.extend_from_slice(&bytes[..bytes.len().min(room)]);
        }
    }
}

impl Unread {
    fn reply(&self) -> Reply {
        let reason = match self {
            Self::Broken => "it broke off, or is not as its headers say".to_owned(),
            Self::Late => format!("it did not arrive within {} s", BODY_WITHIN.as_secs()),
            Self::Stopping => return Reply::stopping(),
        };
        Reply::from(&RequestError::NotJson { reason })
    }
}

/// Answers a request that no interface saw, with the line in the log that it would have written.
fn refuse(app: &App, interface: Option<Interface>, reply: &Reply) -> Response {
    log_refusal(app, interface, reply);
    respond(reply)
}

fn respond(reply: &Reply) -> Response {
    let mut response = Response::new(Body::from(body_text(&reply.body)));
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in header_lines(reply) {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
