//! From which pages a browser may call this machine: our own, and those of the extension, which may
//! reach what the extension needs and nothing else.

use std::str::FromStr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use daybook_api::app::App;
use daybook_api::interface::Interface;
use daybook_api::reply::Reply;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, HOST, ORIGIN,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, uri::Authority};

use super::refuse;
use crate::template::Cors;

/// How the origins of extensions begin, in each kind of browser.
const EXTENSIONS: [&str; 3] = [
    "chrome-extension://",
    "moz-extension://",
    "safari-web-extension://",
];

/// What looks at a request before anything else does.
#[derive(Clone)]
pub(crate) struct Guard {
    app: App,
    headers: Option<Arc<CorsHeaders>>,
}

impl Guard {
    /// Lets pages of the extension send what `cors` says; nothing where there is none.
    pub(crate) fn new(app: App, cors: Option<&Cors>) -> Self {
        let headers = cors.map(|cors| Arc::new(CorsHeaders::new(cors)));
        Self { app, headers }
    }
}

/// The headers with which a browser is told what it may send and read.
struct CorsHeaders {
    /// Of an answer to a preflight.
    ahead: Vec<(HeaderName, HeaderValue)>,
    /// Of any other answer.
    after: Vec<(HeaderName, HeaderValue)>,
}

impl CorsHeaders {
    fn new(cors: &Cors) -> Self {
        let line = |name, text: String| Some((name, HeaderValue::from_str(&text).ok()?));
        let everybody = || line(ACCESS_CONTROL_ALLOW_ORIGIN, "*".to_owned());
        let lines = |lines: Vec<Option<_>>| lines.into_iter().flatten().collect();
        Self {
            ahead: lines(vec![
                everybody(),
                line(ACCESS_CONTROL_ALLOW_METHODS, cors.methods.join(", ")),
                line(ACCESS_CONTROL_ALLOW_HEADERS, cors.headers.join(", ")),
                line(ACCESS_CONTROL_MAX_AGE, cors.max_age.to_string()),
            ]),
            after: lines(vec![
                everybody(),
                line(ACCESS_CONTROL_EXPOSE_HEADERS, cors.exposed.join(", ")),
            ]),
        }
    }
}

/// Who sends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sender {
    /// A program, or a page of ours.
    Own,
    /// A page of a browser's extension.
    Extension,
    /// A page of another origin, or one that points a foreign name at this machine.
    Stranger,
}

/// Lets through what programs and our own pages send, and to the routes of the extension what an
/// extension does. A page of another origin may not make a browser call this machine, and a foreign
/// name may not be pointed at it.
pub(crate) async fn no_strangers(
    State(guard): State<Guard>,
    request: Request,
    next: Next,
) -> Response {
    let sender = sender(request.headers(), request.uri());
    let opened = guard.headers.as_ref();
    let opened = opened.filter(|_| Interface::at(request.uri().path()).next().is_some());
    match (sender, opened) {
        (Sender::Own, _) => next.run(request).await,
        (Sender::Extension, Some(headers)) if request.method() == Method::OPTIONS => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NO_CONTENT;
            with(response, &headers.ahead)
        }
        (Sender::Extension, Some(headers)) => with(next.run(request).await, &headers.after),
        (Sender::Extension, None) | (Sender::Stranger, _) => {
            refuse(&guard.app, None, &Reply::foreign_origin())
        }
    }
}

fn with(mut response: Response, headers: &[(HeaderName, HeaderValue)]) -> Response {
    response.headers_mut().extend(headers.iter().cloned());
    response
}

fn sender(headers: &HeaderMap, uri: &Uri) -> Sender {
    let host = match headers.get(HOST) {
        Some(host) => host.to_str().ok().and_then(|host| host.parse().ok()),
        None => uri.authority().cloned(),
    };
    let origin = headers.get(ORIGIN).map(HeaderValue::as_bytes);
    match (host, origin) {
        (Some(host), _) if !is_loopback(&host) => Sender::Stranger,
        (Some(_), None) => Sender::Own,
        (Some(host), Some(origin)) if origin == format!("http://{host}").as_bytes() => Sender::Own,
        (Some(_), Some(origin)) if is_extension(origin) => Sender::Extension,
        (Some(_), Some(_)) => Sender::Stranger,
        // Every browser names a host.
        (None, None) if !headers.contains_key(HOST) => Sender::Own,
        (None, _) => Sender::Stranger,
    }
}

/// An extension's origin: a scheme that no page of the web has, and the extension's id.
fn is_extension(origin: &[u8]) -> bool {
    let of = |scheme: &&str| {
        let id = origin.strip_prefix(scheme.as_bytes());
        let part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
        id.is_some_and(|id| !id.is_empty() && id.iter().all(part))
    };
    EXTENSIONS.iter().any(of)
}

fn is_loopback(host: &Authority) -> bool {
    let name = host.host().trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || std::net::IpAddr::from_str(name).is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_is_another_origin_or_another_host() {
        use Sender::{Extension, Own, Stranger};
        let here = Some("127.0.0.1:6066");
        for (host, origin, expected) in [
            (here, None, Own),
            (Some("localhost:6066"), None, Own),
            (Some("LOCALHOST"), None, Own),
            (Some("[::1]:6066"), None, Own),
            (None, None, Own),
            (here, Some("http://127.0.0.1:6066"), Own),
            (Some("localhost:8080"), Some("http://localhost:8080"), Own),
            (here, Some("chrome-extension://abcdefghij"), Extension),
            (here, Some("moz-extension://0a1b2c3d-4e5f"), Extension),
            (here, Some("safari-web-extension://0A1B-2C3D"), Extension),
            (here, Some("chrome-extension://"), Stranger),
            (
                here,
                Some("chrome-extension://a, https://evil.example"),
                Stranger,
            ),
            (here, Some("chrome-extension"), Stranger),
            (here, Some("https://chrome-extension"), Stranger),
            (here, Some("file://"), Stranger),
            (here, Some("http://127.0.0.1:3000"), Stranger),
            (here, Some("http://localhost:6066"), Stranger),
            (here, Some("https://evil.example"), Stranger),
            (here, Some("null"), Stranger),
            (Some("evil.example:6066"), None, Stranger),
            (
                Some("evil.example"),
                Some("chrome-extension://ab"),
                Stranger,
            ),
            (Some("localhost.evil.example"), None, Stranger),
            (Some("127.0.0.1.evil.example"), None, Stranger),
            (Some("evil.example"), Some("http://evil.example"), Stranger),
            (Some("10.0.0.1"), None, Stranger),
            (Some("not a host"), None, Stranger),
            (None, Some("http://127.0.0.1:6066"), Stranger),
            (None, Some("chrome-extension://ab"), Stranger),
        ] {
            let mut headers = HeaderMap::new();
            let value = |text| HeaderValue::from_static(text);
            headers.extend(host.map(|host| (HOST, value(host))));
            headers.extend(origin.map(|origin| (ORIGIN, value(origin))));
            let found = sender(&headers, &Uri::from_static("/crm"));
            assert_eq!(found, expected, "{host:?} {origin:?}");
        }
    }
}
