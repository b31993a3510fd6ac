//! A fake CRM, a table, and a door: the same case runs through each [`Door`].

use std::collections::HashMap;
use std::path::Path;

use daybook_api::interface::Interface;
use daybook_fakes::{FakeExampleCrm, FunctionProcess, Invocation, RuntimeApi, http_api_v2_event};
use daybook_local::table::{EmbeddedTable, TABLE_NAME};
use daybook_local::template::{TEMPLATE, Template};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Mutex;

use crate::local_server::{LocalServer, folder};
use crate::params::DEMO_AUTH;
use crate::runner::binary;

/// How requests reach an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// HTTP to the local server.
    LocalHttp,
    /// API Gateway events to the function binaries.
    HttpEvent,
    /// Bare parameter objects to the function binaries.
    Direct,
}

impl Door {
    /// All of them, with the name that stands before a case's own.
    pub const ALL: [(Self, &str); 3] = [
        (Self::LocalHttp, "local_http"),
        (Self::HttpEvent, "http_event"),
        (Self::Direct, "direct"),
    ];
}

/// A running system with a fake Example CRM.
#[derive(Debug)]
pub struct World {
    /// The CRM.
    pub crm: FakeExampleCrm,
    /// The way in.
    pub door: Door,
    http: reqwest::Client,
    system: System,
}

#[derive(Debug)]
enum System {
    Local {
        url: String,
        /// `None` once it was stopped.
        server: Mutex<Option<Box<LocalServer>>>,
        folder: TempDir,
    },
    Functions {
        functions: HashMap<&'static str, (RuntimeApi, FunctionProcess)>,
        table: EmbeddedTable,
    },
}

/// What was answered: the status and the JSON without it.
pub type Answered = (u64, Value);

impl World {
    /// Starts a system behind `door`.
    pub async fn start(door: Door) -> Self {
        Self::start_with(door, &[]).await
    }

    /// Starts a system behind `door`, with variables over those that every system has.
    pub async fn start_with(door: Door, variables: &[(&str, &str)]) -> Self {
        let crm = FakeExampleCrm::start().await;
        let crm_url = format!("{}/crm/api", crm.url());
        let mut all = vec![("EXAMPLE_CRM_URL", crm_url.as_str())];
        all.extend(variables);
        let system = match door {
            Door::LocalHttp => local(&all).await,
            Door::HttpEvent | Door::Direct => functions(&all).await,
        };
        Self {
            crm,
            door,
            http: reqwest::Client::new(),
            system,
        }
    }

    /// Calls an interface of the Example CRM.
    pub async fn call(&self, interface: &str, params: &Value) -> Answered {
        self.call_platform("exampleCRM", interface, &params.to_string())
            .await
    }

    /// Calls an interface of a platform with a body that may be anything. A direct call is made
    /// of the body's object with `platform` put in front.
    pub async fn call_platform(&self, platform: &str, interface: &str, body: &str) -> Answered {
        let path = format!("/interfaces/{platform}/{interface}");
        match &self.system {
            System::Local { url, .. } => self.post(&format!("{url}{path}"), body).await,
            System::Functions { .. } if self.door == Door::HttpEvent => {
                let event = http_api_v2_event(
                    "POST",
                    &path,
                    &[("platform", platform)],
                    &[("content-type", "application/json")],
                    body,
                    body.len().is_multiple_of(2),
                );
                let answer = self.invoke(interface, &event.to_string()).await;
                let text = answer["body"].as_str().expect("a body").to_owned();
                assert_eq!(answer["headers"]["content-type"], "application/json");
                let status = answer["statusCode"].as_u64().expect("a status");
                (status, serde_json::from_str(&text).expect("JSON"))
            }
            System::Functions { .. } => {
                let payload = match body.trim_start().strip_prefix('{') {
                    Some(rest) if rest.trim_start().starts_with('}') => {
                        json!({"platform": platform}).to_string()
                    }
                    Some(rest) => format!("{{\"platform\":{},{rest}", json!(platform)),
                    None => body.to_owned(),
                };
                let mut answer = self.invoke(interface, &payload).await;
                let status = answer["statusCode"].as_u64().expect("a status");
                answer
                    .as_object_mut()
                    .expect("an object")
                    .remove("statusCode");
                (status, answer)
            }
        }
    }

    async fn post(&self, url: &str, body: &str) -> Answered {
        let sent = self.http.post(url).body(body.to_owned()).send().await;
        let answer = sent.expect("an answer");
        let status = u64::from(answer.status().as_u16());
        assert_eq!(answer.headers()["content-type"], "application/json");
        (status, answer.json().await.expect("JSON"))
    }

    /// Invokes the function that serves `interface`, or createMessageLog's for an unknown one.
    pub async fn invoke(&self, interface: &str, payload: &str) -> Value {
        let System::Functions { functions, .. } = &self.system else {
            panic!("only functions are invoked")
        };
        let interface = Interface::named(interface).unwrap_or(Interface::CreateMessageLog);
        let (api, _) = &functions[interface.function()];
        match api.invoke(payload, 15_000).await {
            Invocation::Response(answer) => answer,
            other @ (Invocation::Error(_)
            | Invocation::InitError(_)
            | Invocation::TimedOut
            | Invocation::Exited { .. }) => panic!("{other:?}"),
        }
    }

    /// The activities of the contact 1001, oldest first, read past every fault plan.
    pub async fn activities(&self) -> Vec<Value> {
        let url = format!("{}/crm/api/activities?contactId=1001", self.crm.url());
        self.crm.clear_plan();
        let answer = self
            .http
            .get(url)
            .header("authorization", DEMO_AUTH)
            .send()
            .await;
        let page: Value = answer.expect("an answer").json().await.expect("JSON");
        let activities = page["activities"].as_array().expect("a list").clone();
        assert!(page["nextCursor"].is_null(), "more than one page");
        activities
    }

    /// The only activity of the contact 1001.
    pub async fn only_activity(&self) -> Value {
        let mut activities = self.activities().await;
        assert_eq!(activities.len(), 1, "{activities:#?}");
        activities.remove(0)
    }

    /// How many items the table holds. A local server is stopped for it.
    pub async fn stored_items(&self) -> i32 {
        match &self.system {
            System::Local { server, folder, .. } => {
                let server = server.lock().await.take().expect("it still runs");
                server.terminate().await;
                let file = folder.path().join("table.db");
                let table = embedded(Some(&file)).await;
                let count = count(&table).await;
                table.stop().await;
                count
            }
            System::Functions { table, .. } => count(table).await,
        }
    }

    /// The table of a system of functions.
    ///
    /// # Panics
    /// Where the table is inside a local server.
    pub fn table(&self) -> &EmbeddedTable {
        match &self.system {
            System::Local { .. } => panic!("the table is inside the local server"),
            System::Functions { table, .. } => table,
        }
    }

    /// Everything that the system has printed.
    pub fn output(&self) -> String {
        match &self.system {
            System::Local { server, .. } => {
                let server = server.try_lock().expect("nobody is stopping it");
                server.as_ref().expect("it still runs").output()
            }
            System::Functions { functions, .. } => functions
                .values()
                .map(|(_, process)| process.output())
                .collect::<Vec<_>>()
                .join("\n"),
        }
    }
}

async fn local(variables: &[(&str, &str)]) -> System {
    let folder = folder();
    let server = LocalServer::start(folder.path(), variables)
        .await
        .expect("the local server starts");
    System::Local {
        url: server.url().to_owned(),
        server: Mutex::new(Some(Box::new(server))),
        folder,
    }
}

async fn functions(variables: &[(&str, &str)]) -> System {
    let table = embedded(None).await;
    let mut functions = HashMap::new();
    for interface in Interface::ALL {
        let name = interface.function();
        functions.insert(name, function(name, &table.endpoint(), variables).await);
    }
    System::Functions { functions, table }
}

/// Starts the real binary of a function on a table at `endpoint`, with variables over the ones
/// that every function has.
pub async fn function(
    name: &str,
    endpoint: &str,
    variables: &[(&str, &str)],
) -> (RuntimeApi, FunctionProcess) {
    let mut all = vec![
        ("AWS_ENDPOINT_URL_DYNAMODB", endpoint),
        ("TABLE_NAME", TABLE_NAME),
        ("PLATFORMS", "exampleCRM"),
    ];
    all.extend(variables);
    let api = RuntimeApi::start().await;
    let process = FunctionProcess::spawn(&api, &binary(name), &all);
    (api, process)
}

/// A table as template.yaml says, in `file` or in memory.
pub async fn embedded(file: Option<&Path>) -> EmbeddedTable {
    let template = Template::parse(TEMPLATE).expect("the template is readable");
    EmbeddedTable::start(file, &template.table)
        .await
        .expect("the table starts")
}

async fn count(table: &EmbeddedTable) -> i32 {
    let client = aws_sdk_dynamodb::Client::new(&table.sdk_config());
    let all = client.scan().table_name(TABLE_NAME).send().await;
    all.expect("a scan").count()
}
