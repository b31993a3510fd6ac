//! A fake CRM, a table, and a door: the same case runs through each [`Door`].

use std::collections::HashMap;

use daybook_api::interface::Interface;
use daybook_fakes::{FakeExampleCrm, FunctionProcess, Invocation, RuntimeApi, http_api_v2_event};
use daybook_local::table::{EmbeddedTable, TABLE_NAME};
use daybook_local::template::{TEMPLATE, Template};
use serde_json::{Value, json};
use tempfile::TempDir;

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
        server: LocalServer,
        _folder: TempDir,
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
        let crm = FakeExampleCrm::start().await;
        let crm_url = format!("{}/crm/api", crm.url());
        let system = match door {
            Door::LocalHttp => {
                let folder = folder();
                let server = LocalServer::start(folder.path(), &[("EXAMPLE_CRM_URL", &crm_url)])
                    .await
                    .expect("the local server starts");
                System::Local {
                    server,
                    _folder: folder,
                }
            }
            Door::HttpEvent | Door::Direct => functions(&crm_url).await,
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
            System::Local { server, .. } => {
                self.post(&format!("{}{path}", server.url()), body).await
            }
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

    /// How many items the table holds; `None` where the table is inside the local server.
    pub async fn stored_items(&self) -> Option<i32> {
        match &self.system {
            System::Local { .. } => None,
            System::Functions { table, .. } => {
                let client = aws_sdk_dynamodb::Client::new(&table.sdk_config());
                let all = client.scan().table_name(TABLE_NAME).send().await;
                Some(all.expect("a scan").count())
            }
        }
    }

    /// Everything that the system has printed.
    pub fn output(&self) -> String {
        match &self.system {
            System::Local { server, .. } => server.output(),
            System::Functions { functions, .. } => functions
                .values()
                .map(|(_, process)| process.output())
                .collect::<Vec<_>>()
                .join("\n"),
        }
    }
}

async fn functions(crm_url: &str) -> System {
    let template = Template::parse(TEMPLATE).expect("the template is readable");
    let table = EmbeddedTable::start(None, &template.table)
        .await
        .expect("the table starts");
    let endpoint = table.endpoint();
    let variables = [
        ("AWS_ENDPOINT_URL_DYNAMODB", endpoint.as_str()),
        ("TABLE_NAME", TABLE_NAME),
        ("PLATFORMS", "exampleCRM"),
        ("EXAMPLE_CRM_URL", crm_url),
    ];
    let mut functions = HashMap::new();
    for interface in Interface::ALL {
        let name = interface.function();
        let api = RuntimeApi::start().await;
        let process = FunctionProcess::spawn(&api, &binary(name), &variables);
        functions.insert(name, (api, process));
    }
    System::Functions { functions, table }
}
