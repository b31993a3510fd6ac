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
    let Some(mut asked) = Traffic::of(name).ask(request) else {
        return;
    };
    let custom = answer.headers().iter().filter_map(|(name, value)| {
        let name = name.as_str().starts_with("x-").then(|| name.to_string())?;
        Some((name, json!(value.to_str().ok()?)))
    });
    let headers: Map<_, _> = custom.collect();
    asked.line["answer"] = said(answer.status(), answer.headers(), answer.body());
    asked.line["answer"]["headers"] = Value::Object(headers);
}

/// In an answer's extensions: it is not meant to be what the real service would say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Untrue;

/// Writes down what one fake is asked, where somebody wants it: its name, and where to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Traffic(Option<(&'static str, &'static Mutex<File>)>);

impl Traffic {
    /// The traffic of the service that a fake stands for.
    pub(crate) fn of(service: &'static str) -> Self {
        Self(file().map(|file| (service, file)))
    }

    /// The same, into a file of its own.
    #[cfg(test)]
    pub(crate) fn into_file(service: &'static str, file: File) -> Self {
        Self(Some((service, Box::leak(Box::new(Mutex::new(file))))))
    }

    /// The beginning of a line, where one is wanted.
    pub(crate) fn ask(self, request: &Request<Bytes>) -> Option<Asked> {
        let (service, file) = self.0?;
        let line = line(service, request);
        Some(Asked { line, file })
    }
}

/// What a fake was asked. Where no answer ends the line, it is written without one when this is
/// dropped: a fault came in its place, or whoever waited has left, or the fake was stopped.
#[derive(Debug)]
pub(crate) struct Asked {
    line: Value,
    file: &'static Mutex<File>,
}

impl Asked {
    /// Ends the line with what the fake says.
    pub(crate) fn answered(mut self, parts: &response::Parts, body: &Bytes) {
        if let Some(answer) = answer(parts, body) {
            self.line["answer"] = answer;
        }
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        let line = format!("{}\n", self.line);
        let mut file = self.file.lock().expect("no task panics holding this lock");
        file.write_all(line.as_bytes())
            .expect("the folder for traffic can be written to");
    }
}

fn line(service: &str, request: &Request<Bytes>) -> Value {
    json!({
        "service": service,
        "method": request.method().as_str(),
        "path": request.uri().path(),
        "query": request.uri().query().unwrap_or_default(),
        "headers": headers(request.headers()),
        "body": String::from_utf8_lossy(request.body()),
    })
}

/// What a line says of an answer that is meant to be true.
fn answer(parts: &response::Parts, body: &Bytes) -> Option<Value> {
    let is_true = parts.extensions.get::<Untrue>().is_none();
    is_true.then(|| said(parts.status, &parts.headers, body))
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

    fn asked() -> Value {
        let request = Request::post("/notes?limit=1")
            .header("authorization", "Bearer a-secret")
            .header("cookie", "a-secret")
            .header("content-type", "application/json")
            .body(Bytes::from("{}"));
        line("crm", &request.expect("a request"))
    }

    fn told() -> response::Parts {
        let told = Response::builder().header("content-type", "text/plain");
        told.body(()).expect("an answer").into_parts().0
    }

    #[test]
    fn a_line_holds_the_request_and_no_credentials() {
        let expected = json!({
            "service": "crm", "method": "POST", "path": "/notes", "query": "limit=1",
            "headers": {"authorization": "Bearer", "content-type": "application/json"},
            "body": "{}",
        });
        assert_eq!(asked(), expected);
    }

    #[test]
    fn a_line_ends_with_the_answer() {
        let expected = json!({"status": 200, "contentType": "text/plain", "body": "words"});
        assert_eq!(answer(&told(), &Bytes::from("words")), Some(expected));
    }

    #[test]
    fn an_answer_that_is_not_meant_to_be_true_is_left_out() {
        let mut parts = told();
        parts.extensions.insert(Untrue);
        assert_eq!(answer(&parts, &Bytes::from("words")), None);
    }
}
