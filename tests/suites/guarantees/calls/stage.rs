//! Function processes on one table and one CRM, which can be killed, and whose time can pass.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use daybook_api::interface::Interface;
use daybook_fakes::{FunctionProcess, Invocation, RuntimeApi, http_api_v2_event};
use daybook_local::table::{EmbeddedTable, TABLE_NAME};
use daybook_tests::crm::Crm;
use daybook_tests::sign_in::{Asked, rely_by};
use daybook_tests::table_proxy::TableProxy;
use daybook_tests::world::{Answered, embedded, function};
use serde_json::{Value, json};
use tokio::sync::{Mutex, Semaphore};

use crate::later::age_table;

/// So many processes start at once.
static STARTING: Semaphore = Semaphore::const_new(4);

/// The time that the template gives an interface, and the scheduled function.
const LIMIT_MS: u64 = 15_000;
const RUN_MS: u64 = 60_000;

type Running = Arc<(RuntimeApi, FunctionProcess)>;

/// The world of most cases.
pub(super) struct Stage {
    pub(super) crm: Crm,
    /// The way to the table.
    pub(super) proxy: TableProxy,
    table: EmbeddedTable,
    variables: Vec<(String, String)>,
    /// By worker and function. Each is started when it is first called.
    running: Mutex<HashMap<(usize, &'static str), Running>>,
}

impl Stage {
    /// What is in doubt stays so for a second.
    pub(super) async fn start() -> Self {
        Self::start_with("1").await
    }

    /// What is in doubt stays so for so many seconds.
    pub(super) async fn start_with(quarantine: &str) -> Self {
        let crm = Crm::start().await;
        let table = embedded(None).await;
        crm.remember(&table).await;
        let proxy = TableProxy::start(&table.endpoint()).await;
        let owned = |(name, value): (&str, String)| (name.to_owned(), value);
        let mut variables: Vec<_> = crm.variables().into_iter().map(owned).collect();
        variables.push(("QUARANTINE_SECONDS".to_owned(), quarantine.to_owned()));
        Self {
            crm,
            proxy,
            table,
            variables,
            running: Mutex::default(),
        }
    }

    /// The process of a function of a worker.
    async fn process(&self, worker: usize, name: &'static str) -> Running {
        let mut running = self.running.lock().await;
        if let Some(process) = running.get(&(worker, name)) {
            return process.clone();
        }
        let _turn = STARTING.acquire().await.expect("it is never closed");
        let variables: Vec<_> = (self.variables.iter())
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let process = Arc::new(function(name, &self.proxy.endpoint(), &variables).await);
        running.insert((worker, name), process.clone());
        process
    }

    /// Has a worker do what `params` say.
    pub(super) async fn invoke(
        &self,
        worker: usize,
        interface: &str,
        params: &Value,
    ) -> Invocation {
        let named = Interface::named(interface).expect("an interface");
        let process = self.process(worker, named.function()).await;
        let mut payload = params.clone();
        payload["platform"] = json!(self.crm.kind().platform());
        let payload = self.crm.speak(&payload.to_string());
        process.0.invoke(payload, LIMIT_MS).await
    }

    /// The same: the status and the JSON of the answer.
    pub(super) async fn call(&self, worker: usize, interface: &str, params: &Value) -> Answered {
        let mut answer = self.invoke(worker, interface, params).await.response();
        let status = answer["statusCode"].as_u64().expect("a status");
        let fields = answer.as_object_mut().expect("an object");
        fields.remove("statusCode");
        (status, answer)
    }

    /// The same for the first worker, which has to succeed: the log's id.
    pub(super) async fn done(&self, interface: &str, params: &Value) -> u64 {
        let (_, reply) = self.call(0, interface, params).await;
        assert_eq!(reply["successful"], true, "{interface}: {reply}");
        log_id(&reply).unwrap_or_else(|| panic!("{interface}: {reply}"))
    }

    /// Kills a function of a worker, and waits for its end. The next call starts it anew.
    pub(super) async fn kill(&self, worker: usize, interface: &str) {
        let named = Interface::named(interface).expect("an interface");
        let killed = self
            .running
            .lock()
            .await
            .remove(&(worker, named.function()));
        killed.expect("it runs").1.stop().await;
    }

    /// Signs the user in, who relies on us from then on.
    pub(super) async fn sign_in(&self) {
        let Asked {
            function,
            method,
            path,
            body,
        } = rely_by(&self.crm);
        let process = self.process(0, function).await;
        let headers = [("content-type", "application/json")];
        let event = http_api_v2_event(method, &path, &[], &headers, &body, false);
        let signed_in = process.0.invoke(event.to_string(), RUN_MS).await.response();
        assert_eq!(signed_in["statusCode"], 200, "{signed_in}");
    }

    /// A run of the scheduled function: its report.
    pub(super) async fn deliver_pending(&self) -> Value {
        let process = self.process(0, "deliver-pending").await;
        match process.0.invoke("{}", RUN_MS).await {
            Invocation::Response(report) => report,
            other @ (Invocation::Error(_)
            | Invocation::InitError(_)
            | Invocation::TimedOut
            | Invocation::Exited { .. }) => panic!("{other:?}"),
        }
    }

    /// Lets time pass.
    pub(super) async fn pass(&self, time: Duration) {
        age_table(&self.client(), time).await;
    }

    /// The table itself, past the proxy.
    pub(super) fn client(&self) -> Client {
        Client::new(&self.table.sdk_config())
    }

    /// How many changes of calls the table holds.
    pub(super) async fn waiting_changes(&self) -> usize {
        let all = self.client().scan().table_name(TABLE_NAME).send().await;
        let items = all.expect("a scan").items.expect("items");
        let begins = |item: &HashMap<String, AttributeValue>, name: &str, with: &str| {
            item[name].as_s().is_ok_and(|key| key.starts_with(with))
        };
        (items.iter())
            .filter(|item| begins(item, "pk", "C#") && begins(item, "sk", "U#"))
            .count()
    }

    /// Everything that a function of a worker has printed.
    pub(super) async fn output(&self, worker: usize, interface: &str) -> String {
        let named = Interface::named(interface).expect("an interface");
        self.process(worker, named.function()).await.1.output()
    }

    /// Everything that the scheduled function has printed.
    pub(super) async fn scheduled_output(&self) -> String {
        self.process(0, "deliver-pending").await.1.output()
    }

    /// The activities of this title, oldest first.
    pub(super) async fn titled(&self, subject: &str) -> Vec<Value> {
        let mut activities = self.crm.activities().await;
        activities.retain(|activity| activity["subject"] == subject);
        activities
    }
}

/// The log that a reply names.
pub(super) fn log_id(reply: &Value) -> Option<u64> {
    let id = reply["logId"].as_str()?;
    Some(id.parse().expect("the CRM's ids are numbers"))
}

/// What a reply says.
pub(super) fn said(reply: &Value) -> &str {
    let words = reply["returnMessage"]["message"].as_str();
    words.unwrap_or_else(|| panic!("no words: {reply}"))
}
