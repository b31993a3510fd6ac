//! What fakes were asked and answered, and what our own doors were, written down for
//! `make conformance`.
//!
//! With `DAYBOOK_TRAFFIC` set to a folder, each process that runs fakes or asks at a door appends
//! to a file of its own there, an exchange a line. `tests/conformance/README.md` says what a line
//! holds.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, header, response};
use serde_json::{Map, Value, json};

/// Tests of the fakes themselves ask for much that no adapter sends. They have a variable of their
/// own.
const FOLDER: &str = match cfg!(test) {
    true => "DAYBOOK_ANSWERS",
    false => "DAYBOOK_TRAFFIC",
};

/// The file of this process, unless nobody wants one.
fn file() -> Option<&'static Mutex<File>> {
    static FILE: OnceLock<Option<Mutex<File>>> = OnceLock::new();
    let opened = || {
        let folder = PathBuf::from(std::env::var_os(FOLDER)?);
        std::fs::create_dir_all(&folder).expect("the folder for traffic can be made");
        let name = format!("traffic-{}.jsonl", std::process::id());
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(folder.join(name));
        Some(Mutex::new(
            file.expect("the folder for traffic can be written to"),
        ))
    };
    FILE.get_or_init(opened).as_ref()
}

/// Writes down what was asked at a door of the service `name`, and what it answered, where somebody
/// wants it. The values of custom headers of the answer are written too.
pub fn record(name: &'static str, request: &Request<Bytes>, answer: &Response<Bytes>) {
    let Some(Asked(mut line)) = Traffic::of(name).ask(request) else {
        return;
    };
    let custom = answer.headers().iter().filter_map(|(name, value)| {
        let name = name.as_str().starts_with("x-").then(|| name.to_string())?;
        Some((name, json!(value.to_str().ok()?)))
    });
    let headers: Map<_, _> = custom.collect();
    line["answer"] = said(answer.status(), answer.headers(), answer.body());
    line["answer"]["headers"] = Value::Object(headers);
    Asked(line).write();
}

/// In an answer's extensions: it is not meant to be what the real service would say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Untrue;

/// Writes down what one fake is asked, where somebody wants it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Traffic(Option<&'static str>);

impl Traffic {
    /// The traffic of the service that a fake stands for.
    pub(crate) fn of(service: &'static str) -> Self {
        Self(Some(service))
    }

    /// The beginning of a line, where one is wanted.
    pub(crate) fn ask(self, request: &Request<Bytes>) -> Option<Asked> {
        let service = self.0.filter(|_| file().is_some())?;
        Some(Asked::new(service, request))
    }

    /// A whole line, where one is wanted: a fault comes in place of the answer.
    pub(crate) fn unanswered(self, request: &Request<Bytes>) {
        if let Some(asked) = self.ask(request) {
            asked.write();
        }
    }
}

/// A line without its answer.
#[derive(Debug)]
pub(crate) struct Asked(Value);

impl Asked {
    fn new(service: &str, request: &Request<Bytes>) -> Self {
        Self(json!({
            "service": service,
            "method": request.method().as_str(),
            "path": request.uri().path(),
            "query": request.uri().query().unwrap_or_default(),
            "headers": headers(request.headers()),
            "body": String::from_utf8_lossy(request.body()),
        }))
    }

    /// Ends the line with what the fake says.
    pub(crate) fn answered(self, parts: &response::Parts, body: &Bytes) {
        self.with(parts, body).write();
    }

    fn with(mut self, parts: &response::Parts, body: &Bytes) -> Self {
        if parts.extensions.get::<Untrue>().is_none() {
            self.0["answer"] = said(parts.status, &parts.headers, body);
        }
        self
    }

    fn write(self) {
        let line = format!("{}\n", self.0);
        let file = file().expect("it was open when the line began");
        let mut file = file.lock().expect("no task panics holding this lock");
        file.write_all(line.as_bytes())
            .expect("the folder for traffic can be written to");
    }
}

fn said(status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Value {
    json!({
        "status": status.as_u16(),
        "contentType": text(headers, &header::CONTENT_TYPE),
        "body": String::from_utf8_lossy(body),
    })
}

/// The headers that a description speaks of; of credentials only their kind.
fn headers(all: &HeaderMap) -> Value {
    let scheme = text(all, &header::AUTHORIZATION)
        .and_then(|value| value.split(' ').next().map(ToOwned::to_owned));
    json!({
        "content-type": text(all, &header::CONTENT_TYPE),
        "authorization": scheme,
    })
}

fn text(headers: &HeaderMap, name: &header::HeaderName) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(value.to_owned())
}

#[cfg(test)]
mod tests {
    use http::Response;

    use super::*;

    fn asked() -> Asked {
        let request = Request::post("/notes?limit=1")
            .header("authorization", "Bearer a-secret")
            .header("cookie", "a-secret")
            .header("content-type", "application/json")
            .body(Bytes::from("{}"));
        Asked::new("crm", &request.expect("a request"))
    }

    fn answer() -> response::Parts {
        let answer = Response::builder().header("content-type", "text/plain");
        answer.body(()).expect("an answer").into_parts().0
    }

    #[test]
    fn a_line_holds_the_exchange_and_no_credentials() {
        let Asked(line) = asked().with(&answer(), &Bytes::from("words"));
        let expected = json!({
            "service": "crm", "method": "POST", "path": "/notes", "query": "limit=1",
            "headers": {"authorization": "Bearer", "content-type": "application/json"},
            "body": "{}",
            "answer": {"status": 200, "contentType": "text/plain", "body": "words"},
        });
        assert_eq!(line, expected);
    }

    #[test]
    fn an_answer_that_is_not_meant_to_be_true_is_left_out() {
        let mut parts = answer();
        parts.extensions.insert(Untrue);
        let Asked(line) = asked().with(&parts, &Bytes::from("words"));
        assert_eq!(line, asked().0);
    }
}
