//! Several processes of the real functions on one table, as Lambda starts them for a burst.
//!
//! The table lies behind a proxy that can misbehave ([`TableProxy`]); so does the fake CRM.

use std::time::{Duration, Instant};

use daybook_fakes::{FunctionProcess, Invocation, RuntimeApi, http_api_v2_event};
use daybook_local::table::EmbeddedTable;
use serde_json::{Value, json};
use tokio::sync::{Mutex, Semaphore};

use crate::crm::Crm;
use crate::table_proxy::TableProxy;
use crate::world::{Answered, embedded, function};

/// How a worker is called: the function, its interface, and whether by an HTTP event.
type Kind = (&'static str, &'static str, bool);

/// The workers by turns: each function, in each form of an invocation.
const KINDS: [Kind; 4] = [
    ("create-message-log", "createMessageLog", false),
    ("update-message-log", "updateMessageLog", true),
    ("create-message-log", "createMessageLog", true),
    ("update-message-log", "updateMessageLog", false),
];

/// So many processes start at once: a machine that starts a hundred does nothing else.
static STARTING: Semaphore = Semaphore::const_new(4);

/// For how long a worker may be at work on one request.
const LIMIT_MS: u64 = 15_000;

/// Functions, their table and their CRM.
#[derive(Debug)]
pub struct Workers {
    /// The CRM.
    pub crm: Crm,
    /// The way to the table.
    pub proxy: TableProxy,
    table: EmbeddedTable,
    workers: Vec<Worker>,
}

#[derive(Debug)]
struct Worker {
    /// Held by the request that it works on: others wait for their turn.
    api: Mutex<RuntimeApi>,
    process: FunctionProcess,
}

impl Workers {
    /// Starts `count` workers and waits until all of them are up. What is in doubt stays so for a
    /// second.
    pub async fn start(count: usize) -> Self {
        Self::start_with(count, &[]).await
    }

    /// The same, with variables over those that every worker has.
    pub async fn start_with(count: usize, variables: &[(&str, &str)]) -> Self {
        let crm = Crm::start().await;
        let table = embedded(None).await;
        crm.remember(&table).await;
        let proxy = TableProxy::start(&table.endpoint()).await;
        let own = crm.variables();
        let mut all: Vec<_> = (own.iter())
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        all.push(("QUARANTINE_SECONDS", "1"));
        all.extend(variables);
        let mut started = Self {
            crm,
            proxy,
            table,
            workers: Vec::new(),
        };
        for worker in 0..count {
            let _turn = STARTING.acquire().await.expect("it is never closed");
            let (name, _, _) = KINDS[worker % KINDS.len()];
            let (api, process) = function(name, &started.proxy.endpoint(), &all).await;
            let api = Mutex::new(api);
            started.workers.push(Worker { api, process });
            assert_eq!(started.call(worker, &json!({})).await.0, 400);
        }
        started
    }

    /// The address of the table itself, past the proxy.
    pub fn endpoint(&self) -> String {
        self.table.endpoint()
    }

    /// The table itself, past the proxy.
    pub fn table(&self) -> &EmbeddedTable {
        &self.table
    }

    /// How many workers there are.
    pub fn count(&self) -> usize {
        self.workers.len()
    }

    /// Has a worker log what `params` say, after what it was asked before.
    pub async fn invoke(&self, worker: usize, params: &Value) -> Invocation {
        let (_, interface, is_event) = KINDS[worker % KINDS.len()];
        let payload = self.payload(interface, is_event, params);
        let api = self.workers[worker].api.lock().await;
        api.invoke(payload, LIMIT_MS).await
    }

    /// The same as [`call`](Self::call), and how long the worker took, without the time in which
    /// it was at work on what it was asked before.
    pub async fn call_timed(&self, worker: usize, params: &Value) -> (Answered, Duration) {
        let (_, interface, is_event) = KINDS[worker % KINDS.len()];
        let payload = self.payload(interface, is_event, params);
        let api = self.workers[worker].api.lock().await;
        let begun = Instant::now();
        let invocation = api.invoke(payload, LIMIT_MS).await;
        (answered(invocation), begun.elapsed())
    }

    /// Has a worker log what `params` say: the status and the JSON of its answer.
    pub async fn call(&self, worker: usize, params: &Value) -> Answered {
        answered(self.invoke(worker, params).await)
    }

    fn payload(&self, interface: &str, is_event: bool, params: &Value) -> String {
        let platform = self.crm.kind().platform();
        if is_event {
            return event(platform, interface, &self.crm.speak(&params.to_string()));
        }
        let mut payload = params.clone();
        payload["platform"] = json!(platform);
        self.crm.speak(&payload.to_string())
    }

    /// Kills a worker and waits for its end.
    pub async fn kill(&self, worker: usize) {
        self.workers[worker].process.stop().await;
    }
}

fn answered(invocation: Invocation) -> Answered {
    let mut answer = invocation.response();
    let status = answer["statusCode"].as_u64().expect("a status");
    if let Some(body) = answer["body"].as_str() {
        return (status, serde_json::from_str(body).expect("JSON"));
    }
    let fields = answer.as_object_mut().expect("an object");
    fields.remove("statusCode");
    (status, answer)
}

fn event(platform: &str, interface: &str, body: &str) -> String {
    let path = format!("/interfaces/{platform}/{interface}");
    let headers = [("content-type", "application/json")];
    let platform = [("platform", platform)];
    http_api_v2_event("POST", &path, &platform, &headers, body, false).to_string()
}
