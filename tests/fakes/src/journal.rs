//! What a fake CRM was asked, in the order the requests arrived.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use tokio::sync::watch;

/// One request and what became of it.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// When the request's head had arrived.
    pub at: Instant,
    /// The method.
    pub method: Method,
    /// The path with its query, as sent.
    pub path: String,
    /// The request's headers.
    pub headers: HeaderMap,
    /// The request's body; empty until it was read whole.
    pub body: Bytes,
    /// What was answered. `None` while unanswered, when the connection was closed
    /// without an answer, and when the client left first.
    pub status: Option<StatusCode>,
    /// Whether the router ran to its end, so that a write took effect.
    pub applied: bool,
    /// Whether the server was done with the request: it answered, or closed the
    /// connection as planned. `false` for good when the client left before that.
    pub finished: bool,
}

impl Exchange {
    /// Whether the request may change something: anything but `GET`.
    pub fn is_write(&self) -> bool {
        self.method != Method::GET
    }

    /// The request's body as JSON.
    ///
    /// # Panics
    ///
    /// When it is not JSON: a test that asks expects it to be.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("the request carries JSON")
    }
}

#[derive(Debug, Default)]
struct Pages {
    next_id: u64,
    exchanges: Vec<(u64, Exchange)>,
}

/// The journal, shared by the server's handle and its tasks.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    pages: Arc<Mutex<Pages>>,
    changed: watch::Sender<()>,
}

impl Journal {
    pub(crate) fn new() -> Self {
        Self {
            pages: Arc::default(),
            changed: watch::Sender::new(()),
        }
    }

    /// Writes a request down and returns the pen for the rest of its line.
    pub(crate) fn open(&self, request: &Parts) -> Entry {
        let exchange = Exchange {
            at: Instant::now(),
            method: request.method.clone(),
            path: request
                .uri
                .path_and_query()
                .map_or_else(String::new, ToString::to_string),
            headers: request.headers.clone(),
            body: Bytes::new(),
            status: None,
            applied: false,
            finished: false,
        };
        let id = self.change(|pages| {
            let id = pages.next_id;
            pages.next_id += 1;
            pages.exchanges.push((id, exchange));
            id
        });
        Entry {
            journal: self.clone(),
            id,
        }
    }

    pub(crate) fn read(&self) -> Vec<Exchange> {
        let pages = self.pages.lock().expect("no task panics holding this lock");
        pages
            .exchanges
            .iter()
            .map(|(_, exchange)| exchange.clone())
            .collect()
    }

    pub(crate) fn clear(&self) {
        self.change(|pages| pages.exchanges.clear());
    }

    pub(crate) fn watch(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    fn change<T>(&self, edit: impl FnOnce(&mut Pages) -> T) -> T {
        let edited = edit(&mut self.pages.lock().expect("no task panics holding this lock"));
        self.changed.send_replace(());
        edited
    }
}

/// The line of one request in the journal.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    journal: Journal,
    id: u64,
}

impl Entry {
    /// Changes the line; without effect once the journal was cleared.
    pub(crate) fn edit(&self, edit: impl FnOnce(&mut Exchange)) {
        self.journal.change(|pages| {
            if let Some((_, exchange)) = pages.exchanges.iter_mut().find(|(id, _)| *id == self.id) {
                edit(exchange);
            }
        });
    }
}
