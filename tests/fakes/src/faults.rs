//! Fault plans: which request goes wrong, how, and how often.
//!
//! Plans are scripts, never chance. `server` carries the faults out.

use std::sync::Mutex;
use std::time::Duration;

use http::Method;
use http::request::Parts;

/// One way for a CRM to misbehave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Waits, then serves the request: a slow server. When the client leaves
    /// during the wait, the router never runs.
    Delay(Duration),
    /// Answers without running the router.
    Status {
        /// The status code.
        status: u16,
        /// Extra headers of the answer.
        headers: Vec<(String, String)>,
        /// The answer's body.
        body: String,
    },
    /// Runs the router, then answers this in place of what the router said.
    StatusAfter {
        /// The status code.
        status: u16,
        /// Extra headers of the answer.
        headers: Vec<(String, String)>,
        /// The answer's body.
        body: String,
    },
    /// Serves the request. Whoever connects after the answer is refused, until
    /// [`FakeCrm::accept_connections`](crate::FakeCrm::accept_connections).
    LastAnswer,
    /// Closes the connection without an answer; the router does not run.
    DropBefore,
    /// Runs the router, then closes the connection without an answer.
    DropAfter,
    /// Does the same as [`Fault::Delay`]; the name for a wait that is meant to
    /// outlast the client, so a timeout *before* the write.
    Hang(Duration),
    /// Waits even when the client leaves meanwhile, and then runs the router: a
    /// write that shows up after the client gave up on it. Answers a client that stayed.
    HangThenApply(Duration),
    /// Closes the connection without an answer at once, and runs the router later.
    DropThenApply(Duration),
    /// Runs the router at once and holds the answer back: a timeout *after* the write.
    DelayAnswer(Duration),
    /// Runs the router, announces the whole length, and closes the connection
    /// in the middle of the body. Does nothing to an answer that has no body by
    /// definition (`HEAD`, 204, 304).
    CutBody {
        /// How much of the body is sent. When the body is not longer than this,
        /// one byte more than the body has is announced.
        after_bytes: usize,
    },
    /// Runs the router, then answers another body: HTML for JSON, 200 with an error inside.
    Body {
        /// The status code.
        status: u16,
        /// The `content-type` header.
        content_type: String,
        /// The answer's body.
        body: String,
    },
}

impl Fault {
    /// A bare status without running the router.
    pub fn status(status: u16) -> Self {
        Self::status_with(status, &[], "")
    }

    /// A status with headers and a body, without running the router.
    pub fn status_with(status: u16, headers: &[(&str, &str)], body: impl Into<String>) -> Self {
        Self::Status {
            status,
            headers: owned(headers),
            body: body.into(),
        }
    }

    /// A bare status after running the router.
    pub fn status_after(status: u16) -> Self {
        Self::status_after_with(status, &[], "")
    }

    /// A status with headers and a body, after running the router.
    pub fn status_after_with(
        status: u16,
        headers: &[(&str, &str)],
        body: impl Into<String>,
    ) -> Self {
        Self::StatusAfter {
            status,
            headers: owned(headers),
            body: body.into(),
        }
    }

    /// 429 with this `Retry-After` (seconds or an HTTP date), without running the router.
    pub fn rate_limited(retry_after: &str) -> Self {
        Self::status_with(429, &[("retry-after", retry_after)], "")
    }

    /// HTML where the client expects something else, after running the router.
    pub fn html(status: u16, body: impl Into<String>) -> Self {
        Self::Body {
            status,
            content_type: "text/html; charset=utf-8".to_owned(),
            body: body.into(),
        }
    }

    /// Other JSON than the router's, after running the router.
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::Body {
            status,
            content_type: "application/json".to_owned(),
            body: body.to_string(),
        }
    }
}

fn owned(headers: &[(&str, &str)]) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// A fault and the requests it falls on: every request, until narrowed.
#[derive(Clone, Debug)]
pub struct Rule {
    fault: Fault,
    method: Option<Method>,
    path_prefix: Option<String>,
    path_part: Option<String>,
    body_part: Option<String>,
    skip: usize,
    /// How often it still strikes; `None` is for ever.
    left: Option<usize>,
    struck: bool,
}

impl Rule {
    /// A rule that strikes every request, for ever.
    pub fn new(fault: Fault) -> Self {
        Self {
            fault,
            method: None,
            path_prefix: None,
            path_part: None,
            body_part: None,
            skip: 0,
            left: None,
            struck: false,
        }
    }

    /// Only requests of this method whose path starts like this.
    #[must_use]
    pub fn on(self, method: Method, path_prefix: &str) -> Self {
        self.method(method).path_prefix(path_prefix)
    }

    /// Only requests of this method.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.method = Some(method);
        self
    }

    /// Only requests whose path starts like this.
    #[must_use]
    pub fn path_prefix(mut self, prefix: &str) -> Self {
        self.path_prefix = Some(prefix.to_owned());
        self
    }

    /// Only requests whose path or query contains this.
    #[must_use]
    pub fn path_contains(mut self, part: &str) -> Self {
        self.path_part = Some(part.to_owned());
        self
    }

    /// Only requests whose body contains this text.
    #[must_use]
    pub fn body_contains(mut self, part: &str) -> Self {
        self.body_part = Some(part.to_owned());
        self
    }

    /// Lets the first `requests` that match pass, on to the rules after this one.
    #[must_use]
    pub fn skip(mut self, requests: usize) -> Self {
        self.skip = requests;
        self
    }

    /// Strikes once.
    #[must_use]
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// Strikes this often.
    #[must_use]
    pub fn times(mut self, times: usize) -> Self {
        self.left = Some(times);
        self
    }

    /// Strikes without end.
    #[must_use]
    pub fn forever(mut self) -> Self {
        self.left = None;
        self
    }

    fn matches(&self, request: &Parts, body: &[u8]) -> bool {
        let path = request
            .uri
            .path_and_query()
            .map_or_else(|| request.uri.path(), |path| path.as_str());
        self.method
            .as_ref()
            .is_none_or(|method| *method == request.method)
            && self
                .path_prefix
                .as_deref()
                .is_none_or(|prefix| path.starts_with(prefix))
            && self
                .path_part
                .as_deref()
                .is_none_or(|part| path.contains(part))
            && self
                .body_part
                .as_deref()
                .is_none_or(|part| String::from_utf8_lossy(body).contains(part))
    }

    /// The fault, when this rule still strikes; counts the matching request.
    fn strike(&mut self) -> Option<Fault> {
        if self.left == Some(0) {
            return None;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return None;
        }
        self.left = self.left.map(|left| left - 1);
        self.struck = true;
        Some(self.fault.clone())
    }

    fn is_unspent(&self) -> bool {
        self.left.map_or(!self.struck, |left| left > 0)
    }
}

/// The rules of one server, in the order they were given.
#[derive(Debug, Default)]
pub(crate) struct Plan(Mutex<Vec<Rule>>);

impl Plan {
    pub(crate) fn add(&self, rule: Rule) {
        self.rules().push(rule);
    }

    pub(crate) fn clear(&self) {
        self.rules().clear();
    }

    pub(crate) fn unspent(&self) -> Vec<Rule> {
        self.rules()
            .iter()
            .filter(|rule| rule.is_unspent())
            .cloned()
            .collect()
    }

    /// The fault of the first matching rule that still strikes.
    pub(crate) fn strike(&self, request: &Parts, body: &[u8]) -> Option<Fault> {
        self.rules()
            .iter_mut()
            .filter(|rule| rule.matches(request, body))
            .find_map(Rule::strike)
    }

    fn rules(&self) -> std::sync::MutexGuard<'_, Vec<Rule>> {
        self.0.lock().expect("no task panics holding this lock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: Method, path: &str) -> Parts {
        http::Request::builder()
            .method(method)
            .uri(path)
            .body(())
            .expect("the test's request is valid")
            .into_parts()
            .0
    }

    #[test]
    fn the_first_matching_rule_that_still_strikes_is_used() {
        let plan = Plan::default();
        plan.add(Rule::new(Fault::DropBefore).on(Method::POST, "/a").once());
        plan.add(
            Rule::new(Fault::status(500))
                .path_contains("page=2")
                .times(2),
        );
        plan.add(Rule::new(Fault::DropAfter).skip(1));

        let post = request(Method::POST, "/a/b?page=2");
        let get = request(Method::GET, "/a/b");
        assert_eq!(plan.strike(&post, b""), Some(Fault::DropBefore));
        assert_eq!(plan.strike(&get, b""), None, "the last rule lets one pass");
        assert_eq!(plan.strike(&post, b""), Some(Fault::status(500)));
        assert_eq!(plan.strike(&get, b""), Some(Fault::DropAfter));
        assert_eq!(plan.unspent().len(), 1, "one 500 was not used");
        assert_eq!(plan.strike(&post, b""), Some(Fault::status(500)));
        assert_eq!(plan.strike(&post, b""), Some(Fault::DropAfter));
        assert!(plan.unspent().is_empty());
    }

    #[test]
    fn a_rule_can_look_into_the_body() {
        let plan = Plan::default();
        plan.add(Rule::new(Fault::DropBefore).body_contains("noon"));
        let put = request(Method::PUT, "/");
        assert_eq!(plan.strike(&put, b"at ten"), None);
        assert_eq!(plan.strike(&put, b"at noon"), Some(Fault::DropBefore));
    }

    #[test]
    fn a_rule_that_never_struck_is_unspent() {
        let plan = Plan::default();
        plan.add(Rule::new(Fault::DropBefore).on(Method::DELETE, "/"));
        assert_eq!(plan.unspent().len(), 1);
        plan.clear();
        assert!(plan.unspent().is_empty());
    }
}
