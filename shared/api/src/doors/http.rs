//! The two doors over HTTP: `POST /interfaces/{platform}/{interface}` with the documented
//! parameter object, and the routes that the extension calls.

use std::borrow::Cow;

use daybook_core::time::Deadline;
use http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;

use super::{Arrival, answer};
use crate::app::App;
use crate::handlers::{Asked, ClientRequest};
use crate::interface::Interface;
use crate::reply::Reply;

/// The longest query that is looked at, in bytes.
const MAX_QUERY_BYTES: usize = 16 * 1024;

/// A request, as API Gateway and the local server give it. `Debug` shows nothing of it.
#[derive(Clone, Copy)]
pub struct HttpRequest<'a> {
    /// The address of this server that the request was sent to, such as `https://crm.example`,
    /// without a slash at its end.
    pub server: &'a str,
    /// The method.
    pub method: &'a Method,
    /// The path, still percent-encoded, without a stage.
    pub path: &'a str,
    /// The query, still percent-encoded, without its question mark.
    pub query: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body.
    pub body: &'a [u8],
    /// What the request is called in logs.
    pub request_id: &'a str,
    /// When it must have been answered.
    pub deadline: Deadline,
}

impl std::fmt::Debug for HttpRequest<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpRequest").finish_non_exhaustive()
    }
}

/// Answers a request that came to the function of `interface`.
pub async fn answer_http(app: &App, interface: Interface, request: HttpRequest<'_>) -> Reply {
    let arrival = Arrival {
        interface,
        request_id: request.request_id,
        deadline: request.deadline,
    };
    let path = split_path(request.path);
    match &path {
        Some((platform, name)) => {
            let asked = directly(interface, &request, platform, name);
            answer(app, arrival, asked).await
        }
        None => {
            let asked = by_client(interface, &request);
            answer(app, arrival, asked).await.for_the_extension()
        }
    }
}

fn directly<'a>(
    interface: Interface,
    request: &HttpRequest<'a>,
    platform: &'a str,
    name: &str,
) -> Result<Asked<'a>, Reply> {
    if !interface.is_called(name) {
        return Err(Reply::no_such_interface());
    }
    match *request.method {
        Method::POST => Ok(Asked::Directly {
            platform,
            parameters: request.body,
        }),
        _ => Err(Reply::wrong_method("POST")),
    }
}

fn by_client<'a>(interface: Interface, request: &HttpRequest<'a>) -> Result<Asked<'a>, Reply> {
    match interface.client_route() {
        Some((method, path)) if path == request.path => match method == *request.method {
            true if request.query.len() > MAX_QUERY_BYTES => Err(Reply::long_query()),
            true => Ok(Asked::ByClient(client_request(request))),
            false => Err(Reply::wrong_method(&methods_of(path))),
        },
        Some(_) | None => Err(Reply::no_such_interface()),
    }
}

/// The methods that a route of the extension takes.
fn methods_of(path: &str) -> String {
    let routes = Interface::at(path).filter_map(Interface::client_route);
    let methods: Vec<_> = routes.map(|(method, _)| method.to_string()).collect();
    methods.join(", ")
}

fn client_request<'a>(request: &HttpRequest<'a>) -> ClientRequest<'a> {
    let header = |name: &str| {
        let value = request.headers.get(name)?;
        value.to_str().ok()
    };
    ClientRequest {
        query: request.query,
        body: request.body,
        authorization: header("authorization"),
        rc_account_id: header("rc-account-id"),
        rc_extension_id: header("rc-extension-id"),
        server: request.server,
    }
}

/// Platform and interface of a path of the interface door, decoded.
fn split_path(path: &str) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
    let (platform, name) = path.strip_prefix("/interfaces/")?.split_once('/')?;
    let decode = |part| percent_decode_str(part).decode_utf8().ok();
    Some((decode(platform)?, decode(name)?))
}
