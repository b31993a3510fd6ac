//! The interface door over HTTP: `POST /interfaces/{platform}/{interface}`.

use std::borrow::Cow;

use daybook_core::time::Deadline;
use http::Method;
use percent_encoding::percent_decode_str;

use super::{Arrival, answer};
use crate::app::App;
use crate::interface::Interface;
use crate::reply::Reply;

/// A request, as API Gateway and the local server give it.
#[derive(Clone, Copy)]
pub struct HttpRequest<'a> {
    /// The method.
    pub method: &'a Method,
    /// The path, still percent-encoded, without a stage.
    pub path: &'a str,
    /// The body.
    pub body: &'a [u8],
    /// What the request is called in logs.
    pub request_id: &'a str,
    /// When it must have been answered.
    pub deadline: Deadline,
}

/// Answers a request that came to the function of `interface`.
pub async fn answer_http(app: &App, interface: Interface, request: HttpRequest<'_>) -> Reply {
    let arrival = Arrival {
        interface,
        request_id: request.request_id,
        deadline: request.deadline,
    };
    let path = split_path(request.path);
    let asked = match &path {
        Some((platform, name)) if interface.is_named(name) => match *request.method {
            Method::POST => Ok((platform.as_ref(), request.body)),
            _ => Err(Reply::wrong_method()),
        },
        Some(_) | None => Err(Reply::no_such_interface()),
    };
    answer(app, arrival, asked).await
}

/// Platform and interface of a path, decoded.
fn split_path(path: &str) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
    let (platform, name) = path.strip_prefix("/interfaces/")?.split_once('/')?;
    let decode = |part| percent_decode_str(part).decode_utf8().ok();
    Some((decode(platform)?, decode(name)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_platform_and_an_interface() {
        let split = |path| split_path(path).map(|(p, i)| (p.into_owned(), i.into_owned()));
        let pair = |p: &str, i: &str| Some((p.to_owned(), i.to_owned()));
        assert_eq!(
            split("/interfaces/exampleCRM/createMessageLog"),
            pair("exampleCRM", "createMessageLog")
        );
        assert_eq!(split("/interfaces/a%2Fb/x%20y"), pair("a/b", "x y"));
        assert_eq!(split("/interfaces/a/b/c"), pair("a", "b/c"));
        for path in [
            "/",
            "/interfaces/",
            "/interfaces/a",
            "/other/a/b",
            "/interfaces/a/%ff",
        ] {
            assert_eq!(split(path), None, "{path}");
        }
    }
}
