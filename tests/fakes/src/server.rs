//! The fake CRM: any axum router behind a journal and a fault plan.
//!
//! Faults act outside the router, so a router never knows that it is being
//! tested. What is planned is in `faults`, what is remembered in `journal`.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::response::Parts;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tower::ServiceExt;

use crate::faults::{Fault, Plan, Rule};
use crate::journal::{Entry, Exchange, Journal};
use crate::loopback::{Cut, Doors, Loopback, Tasks};
use crate::notes::Notes;
use crate::traffic::{Asked, Traffic, Untrue};

#[cfg(test)]
mod tests;

/// How long the sent part of a cut body gets to reach the client.
const CUT_AFTER: Duration = Duration::from_millis(20);

/// A running fake CRM; dropping it stops the server and everything it still had in hand.
///
/// A request that reached the router is carried out to its end even when the
/// client leaves, as in a real CRM.
#[derive(Debug)]
pub struct FakeCrm {
    server: Loopback,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    router: Router,
    traffic: Traffic,
    journal: Journal,
    plan: Plan,
    notes: Mutex<Notes>,
    delay: Mutex<Duration>,
    doors: Doors,
    tasks: Tasks,
}

impl FakeCrm {
    /// Serves `router` on a free port of 127.0.0.1.
    ///
    /// The router's answers are read whole before they are sent: endless ones never arrive.
    pub async fn start(router: Router) -> Self {
        Self::start_with(router, Traffic::default()).await
    }

    /// Does the same, and writes the traffic down as that of the service `name`.
    pub async fn start_as(name: &'static str, router: Router) -> Self {
        Self::start_with(router, Traffic::of(name)).await
    }

    async fn start_with(router: Router, traffic: Traffic) -> Self {
        let (tasks, doors) = (Tasks::new(), Doors::new());
        let shared = Arc::new(Shared {
            router,
            traffic,
            journal: Journal::new(),
            plan: Plan::default(),
            notes: Mutex::default(),
            delay: Mutex::new(Duration::ZERO),
            doors: doors.clone(),
            tasks: tasks.clone(),
        });
        let server = Loopback::start(tasks, doors, {
            let shared = Arc::clone(&shared);
            move |request| Arc::clone(&shared).serve(request)
        })
        .await;
        Self { server, shared }
    }

    /// The server's root, `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// Adds a rule after those already planned.
    pub fn plan(&self, rule: Rule) {
        self.shared.plan.add(rule);
    }

    /// Takes all rules back; requests in hand keep their fault.
    pub fn clear_plan(&self) {
        self.shared.plan.clear();
    }

    /// The rules that have strikes left, and the endless ones that never struck.
    ///
    /// A test that planned a fault should end with this empty: otherwise it did
    /// not test what it says.
    pub fn unspent_rules(&self) -> Vec<Rule> {
        self.shared.plan.unspent()
    }

    /// Delays every request from now on, in addition to its fault.
    pub fn set_delay(&self, delay: Duration) {
        *self
            .shared
            .delay
            .lock()
            .expect("no task panics holding this lock") = delay;
    }

    /// What is done to notes from now on: those of requests before they reach the
    /// router, those of answers before they leave.
    pub fn set_notes(&self, notes: Notes) {
        *self
            .shared
            .notes
            .lock()
            .expect("no task panics holding this lock") = notes;
    }

    /// Lets nobody connect any more. Requests in hand are still answered.
    pub async fn refuse_connections(&self) {
        self.shared.doors.set(false).await;
    }

    /// Lets everybody connect again.
    pub async fn accept_connections(&self) {
        self.shared.doors.set(true).await;
    }

    /// Carries out a request that comes from the CRM's own pages: past the plan, past the
    /// journal, and even while connections are refused.
    ///
    /// # Panics
    /// Where the router does not end.
    pub async fn by_hand(&self, request: Request<Bytes>) -> Response<Bytes> {
        let answer = self.shared.answer(request).await;
        let (parts, body) = answer.expect("the router's answer is whole");
        Response::from_parts(parts, body)
    }

    /// Every request since the start or the last [`FakeCrm::clear_journal`], in order of arrival.
    pub fn journal(&self) -> Vec<Exchange> {
        self.shared.journal.read()
    }

    /// Forgets all requests, those in hand too. The plan stays.
    pub fn clear_journal(&self) {
        self.shared.journal.clear();
    }

    /// How many requests of this method came in for paths that start like this.
    pub fn requests(&self, method: &Method, path_prefix: &str) -> usize {
        self.count(|exchange| exchange.method == *method && exchange.path.starts_with(path_prefix))
    }

    /// How many requests other than `GET` came in, applied or not.
    pub fn writes(&self) -> usize {
        self.count(Exchange::is_write)
    }

    /// How many requests other than `GET` the router carried out.
    pub fn applied_writes(&self) -> usize {
        self.count(|exchange| exchange.is_write() && exchange.applied)
    }

    /// How many requests in the journal fit.
    pub fn count(&self, fits: impl Fn(&Exchange) -> bool) -> usize {
        self.journal()
            .iter()
            .filter(|exchange| fits(exchange))
            .count()
    }

    /// Waits until the journal satisfies `reached`; `false` when that took longer than `limit`.
    pub async fn wait_until(&self, limit: Duration, reached: impl Fn(&[Exchange]) -> bool) -> bool {
        let mut changes = self.shared.journal.watch();
        let waiting = async {
            while !reached(&self.journal()) {
                if changes.changed().await.is_err() {
                    return false;
                }
            }
            true
        };
        timeout(limit, waiting).await.unwrap_or(false)
    }
}

/// A router's answer, read whole.
type Answer = (Parts, Bytes);
/// A request, and the line of the traffic that begins with it.
type Coming = (Request<Bytes>, Option<Asked>);

impl Shared {
    async fn serve(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
        let (parts, body) = request.into_parts();
        let entry = self.journal.open(&parts);
        let body = body.collect().await.map_err(|_| Cut)?.to_bytes();
        entry.edit(|exchange| exchange.body = body.clone());

        let fault = self.plan.strike(&parts, &body);
        let request = Request::from_parts(parts, body);
        let asked = self.traffic.ask(&request);
        let delay = *self.delay.lock().expect("no task panics holding this lock");
        pause(delay).await;

        let coming = (request, asked);
        let answer = match fault {
            Some(fault) => self.misbehave(fault, coming, &entry).await,
            None => self.apply(coming, &entry, Duration::ZERO).await.map(whole),
        };
        entry.edit(|exchange| {
            exchange.status = answer.as_ref().ok().map(Response::status);
            exchange.finished = true;
        });
        answer
    }

    async fn misbehave(
        self: &Arc<Self>,
        fault: Fault,
        coming: Coming,
        entry: &Entry,
    ) -> Result<Response<Body>, Cut> {
        let at_once = Duration::ZERO;
        match fault {
            Fault::Delay(wait) | Fault::Hang(wait) => {
                pause(wait).await;
                self.apply(coming, entry, at_once).await.map(whole)
            }
            Fault::Status {
                status,
                headers,
                body,
            } => Ok(scripted(status, &headers, body)),
            Fault::StatusAfter {
                status,
                headers,
                body,
            } => {
                self.apply(coming, entry, at_once).await?;
                Ok(scripted(status, &headers, body))
            }
            Fault::LastAnswer => {
                let mut answer = self.apply(coming, entry, at_once).await?;
                self.doors.set(false).await;
                // Else the client might send the next request where this one went.
                let close = HeaderValue::from_static("close");
                answer.0.headers.insert(header::CONNECTION, close);
                Ok(whole(answer))
            }
            Fault::DropBefore => Err(Cut),
            Fault::DropAfter => {
                self.apply(coming, entry, at_once).await?;
                Err(Cut)
            }
            Fault::HangThenApply(wait) => self.apply(coming, entry, wait).await.map(whole),
            Fault::DropThenApply(wait) => {
                // The task that applies it goes on when nobody waits for it.
                let applied = self.apply(coming, entry, wait);
                drop(futures_util::future::poll_immediate(applied).await);
                Err(Cut)
            }
            Fault::DelayAnswer(wait) => {
                let answer = self.apply(coming, entry, at_once).await?;
                pause(wait).await;
                Ok(whole(answer))
            }
            Fault::CutBody { after_bytes } => {
                let answer = self.apply(coming, entry, at_once).await?;
                Ok(cut(answer, after_bytes))
            }
            Fault::Body {
                status,
                content_type,
                body,
            } => {
                self.apply(coming, entry, at_once).await?;
                let headers = [(header::CONTENT_TYPE.to_string(), content_type)];
                Ok(scripted(status, &headers, body))
            }
        }
    }

    /// Runs the router in a task of the server, because hyper drops the handler
    /// of a client that leaves.
    async fn apply(
        self: &Arc<Self>,
        (request, asked): Coming,
        entry: &Entry,
        wait: Duration,
    ) -> Result<Answer, Cut> {
        let (answered, answer) = oneshot::channel();
        let shared = Arc::clone(self);
        let entry = entry.clone();
        self.tasks.spawn(async move {
            pause(wait).await;
            let answer = shared.answer(request).await;
            entry.edit(|exchange| exchange.applied = true);
            if let (Some(asked), Some((parts, body))) = (asked, &answer) {
                asked.answered(parts, body);
            }
            if let Some(answer) = answer {
                // Fails when the client has left, which is no concern of the router's.
                let _ = answered.send(answer);
            }
        });
        answer.await.map_err(|_| Cut)
    }

    /// What the router says, with notes as this CRM has them.
    async fn answer(&self, request: Request<Bytes>) -> Option<Answer> {
        let notes = self.notes();
        let (parts, body) = request.into_parts();
        let body = match notes.take_in(body) {
            Ok(body) => body,
            Err((status, refusal)) => {
                let mut refused = Response::new(());
                *refused.status_mut() = status;
                refused.extensions_mut().insert(Untrue);
                return Some((refused.into_parts().0, refusal));
            }
        };
        let request = Request::from_parts(parts, Body::from(body));
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .unwrap_or_else(|never: Infallible| match never {});
        let (mut parts, body) = response.into_parts();
        let body = notes.give_back(body.collect().await.ok()?.to_bytes());
        parts.headers.remove(header::CONTENT_LENGTH);
        Some((parts, body))
    }

    fn notes(&self) -> Notes {
        let notes = self.notes.lock();
        notes.expect("no task panics holding this lock").clone()
    }
}

/// Unlike the timer, returns at once when there is nothing to wait for.
async fn pause(length: Duration) {
    if !length.is_zero() {
        tokio::time::sleep(length).await;
    }
}

fn whole((parts, body): Answer) -> Response<Body> {
    Response::from_parts(parts, Body::from(body))
}

fn scripted(status: u16, headers: &[(String, String)], body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).expect("the fault's status is valid");
    for (name, value) in headers {
        response.headers_mut().append(
            HeaderName::try_from(name).expect("the fault's header name is valid"),
            HeaderValue::try_from(value).expect("the fault's header value is valid"),
        );
    }
    response
}

/// Announces the whole body, sends part of it, and fails.
fn cut((mut parts, body): Answer, after_bytes: usize) -> Response<Body> {
    let sent = body.slice(..after_bytes.min(body.len()));
    let announced = body.len().max(sent.len() + 1);
    parts
        .headers
        .insert(header::CONTENT_LENGTH, announced.into());
    let pieces = futures_util::stream::unfold(Some(sent), |sent| async {
        match sent {
            Some(sent) => Some((Ok(sent), None)),
            None => {
                // hyper drops what it has not sent yet when a body fails.
                pause(CUT_AFTER).await;
                Some((Err(Cut), None))
            }
        }
    });
    Response::from_parts(parts, Body::from_stream(pieces))
}
