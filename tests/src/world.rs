//! A fake CRM, a table, and a door: the same case runs through each [`Door`].

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use daybook_api::interface::Interface;
use daybook_fakes::{FunctionProcess, Invocation, RuntimeApi, http_api_v2_event};
use daybook_local::keys::Keys;
use daybook_local::table::{EmbeddedTable, TABLE_NAME};
use daybook_local::template::{TEMPLATE, Template};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Mutex;
use url::{Position, Url};

use crate::crm::Crm;
use crate::local_server::{LocalServer, folder};
use crate::params::{DEMO_AUTH, example};
use crate::runner::binary;
use crate::stands::activities_of;

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

/// A running system with a fake of the CRM of the running case.
#[derive(Debug)]
pub struct World {
    /// The CRM.
    pub crm: Crm,
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
    Functions(Functions),
}

/// The function binaries on one table. Each is started when it is first called.
#[derive(Debug)]
struct Functions {
    table: EmbeddedTable,
    variables: Vec<(String, String)>,
    running: Mutex<HashMap<&'static str, Arc<(RuntimeApi, FunctionProcess)>>>,
}

impl Functions {
    async fn start(variables: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self {
            table: embedded(None).await,
            variables: variables.iter().map(owned).collect(),
            running: Mutex::default(),
        }
    }

    async fn invoke(&self, name: &'static str, payload: &str) -> Value {
        let mut running = self.running.lock().await;
        if !running.contains_key(name) {
            let variables: Vec<_> = (self.variables.iter())
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            let started = function(name, &self.table.endpoint(), &variables).await;
            running.insert(name, Arc::new(started));
        }
        let called = running[name].clone();
        drop(running);
        match called.0.invoke(payload, allowed_ms(name)).await {
            Invocation::Response(answer) => answer,
            other @ (Invocation::Error(_)
            | Invocation::InitError(_)
            | Invocation::TimedOut
            | Invocation::Exited { .. }) => panic!("{other:?}"),
        }
    }
}

/// The name under which traffic at the extension's routes is written down.
const APP_CONNECT: &str = "app-connect";

/// What was answered: the status and the JSON without it.
pub type Answered = (u64, Value);

impl World {
    /// Starts a system behind `door`.
    pub async fn start(door: Door) -> Self {
        Self::start_with(door, &[]).await
    }

    /// Starts a system behind `door`, with variables over those that every system has.
    pub async fn start_with(door: Door, variables: &[(&str, &str)]) -> Self {
        let crm = Crm::start().await;
        let own = crm.variables();
        let mut all: Vec<_> = (own.iter())
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        all.extend(variables);
        let system = match door {
            Door::LocalHttp => local(&all).await,
            Door::HttpEvent | Door::Direct => System::Functions(Functions::start(&all).await),
        };
        let world = Self {
            crm,
            door,
            http: reqwest::Client::new(),
            system,
        };
        world.remember().await;
        world
    }

    /// Has the system remember what it knows of the persons once they were found.
    async fn remember(&self) {
        if let System::Functions(functions) = &self.system {
            self.crm.remember(&functions.table).await;
            return;
        }
        for number in self.crm.numbers() {
            let user = example()["user"].take();
            let params = json!({"user": user, "authHeader": DEMO_AUTH, "phoneNumber": number});
            let (_, found) = self.call("findContact", &params).await;
            assert_eq!(found["successful"], true, "{found}");
        }
        self.crm.clear_journal();
    }

    /// Calls an interface of the CRM with parameters that speak of the Example CRM.
    pub async fn call(&self, interface: &str, params: &Value) -> Answered {
        self.call_raw(interface, &params.to_string()).await
    }

    /// The same with a body that may be anything.
    pub async fn call_raw(&self, interface: &str, body: &str) -> Answered {
        let platform = self.crm.kind().platform();
        self.call_platform(platform, interface, &self.crm.speak(body))
            .await
    }

    /// Calls an interface of a platform with a body that may be anything. A direct call is made
    /// of the body's object with `platform` put in front.
    pub async fn call_platform(&self, platform: &str, interface: &str, body: &str) -> Answered {
        let path = format!("/interfaces/{platform}/{interface}");
        match &self.system {
            System::Local { url, .. } => self.post(&format!("{url}{path}"), body).await,
            System::Functions(_) if self.door == Door::HttpEvent => {
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
            System::Functions(_) => {
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
        let interface = Interface::named(interface).unwrap_or(Interface::CreateMessageLog);
        self.functions().invoke(interface.function(), payload).await
    }

    /// Runs `deliver-pending` once.
    pub async fn deliver_pending(&self) -> Value {
        self.functions().invoke("deliver-pending", "{}").await
    }

    fn functions(&self) -> &Functions {
        match &self.system {
            System::Functions(functions) => functions,
            System::Local { .. } => panic!("only functions are invoked"),
        }
    }

    /// Calls a route of the extension. `path` may carry a query. What is asked and answered is
    /// written down as traffic of App Connect, whose contract these routes have.
    ///
    /// # Panics
    /// Behind the door of direct calls, which the extension does not use.
    pub async fn client(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> ClientAnswer {
        let mut headers = headers.to_vec();
        let is_typed = headers.iter().any(|(name, _)| *name == "content-type");
        if !body.is_empty() && !is_typed {
            headers.push(("content-type", "application/json"));
        }
        let asked = request(method, path, &headers, body);
        let answer = match (&self.system, self.door) {
            (System::Local { url, .. }, _) => self.fetch(url, &asked).await,
            (System::Functions(functions), Door::HttpEvent) => {
                let event = http_api_v2_event(
                    method,
                    path,
                    &[],
                    &headers,
                    body,
                    body.len().is_multiple_of(2),
                );
                let (path, _) = path.split_once('?').unwrap_or((path, ""));
                let function = routed(method, path);
                let answer = functions.invoke(function, &event.to_string()).await;
                ClientAnswer::of_event(&answer)
            }
            (System::Functions(_), Door::LocalHttp | Door::Direct) => {
                panic!("the extension calls over HTTP")
            }
        };
        daybook_fakes::record(APP_CONNECT, &asked, &answer.response());
        answer
    }

    async fn fetch(&self, server: &str, asked: &http::Request<Bytes>) -> ClientAnswer {
        let (parts, body) = asked.clone().into_parts();
        let address = format!("{server}{}", parts.uri);
        let sent = self.http.request(parts.method, address);
        let sent = sent.headers(parts.headers).body(body).send().await;
        ClientAnswer::of(sent.expect("an answer")).await
    }

    /// The activities of the contact 1001, oldest first, as a person finds them. It ends every
    /// fault plan.
    pub async fn activities(&self) -> Vec<Value> {
        self.crm.clear_plan();
        activities_of(&self.crm, 1001).await
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
            System::Functions(functions) => count(&functions.table).await,
        }
    }

    /// The table of a system of functions.
    ///
    /// # Panics
    /// Where the table is inside a local server.
    pub fn table(&self) -> &EmbeddedTable {
        match &self.system {
            System::Local { .. } => panic!("the table is inside the local server"),
            System::Functions(functions) => &functions.table,
        }
    }

    /// Whether it is the local server.
    pub fn is_local(&self) -> bool {
        matches!(self.system, System::Local { .. })
    }

    /// The key with which sessions are signed.
    pub fn signing_key(&self) -> String {
        match &self.system {
            System::Local { folder, .. } => {
                let keys = Keys::open(&folder.path().join("keys")).expect("it has keys");
                keys.get(SIGNING_KEY).expect("it has this one")
            }
            System::Functions(_) => {
                let key = DEPLOYED.iter().find(|(name, _)| *name == SIGNING_KEY);
                key.expect("it is set").1.to_owned()
            }
        }
    }

    /// Everything that the table holds, as text. A local server is stopped for it.
    pub async fn dump(&self) -> String {
        match &self.system {
            System::Local { server, folder, .. } => {
                let server = server.lock().await.take().expect("it still runs");
                server.terminate().await;
                let table = embedded(Some(&folder.path().join("table.db"))).await;
                let items = items(&table).await;
                table.stop().await;
                items
            }
            System::Functions(functions) => items(&functions.table).await,
        }
    }

    /// Everything that the system has printed.
    pub fn output(&self) -> String {
        self.printed(LocalServer::output)
    }

    /// The same without the text with which the local server begins, where it names demo users.
    pub fn log(&self) -> String {
        self.printed(LocalServer::log)
    }

    fn printed(&self, by_server: fn(&LocalServer) -> String) -> String {
        match &self.system {
            System::Local { server, .. } => {
                let server = server.try_lock().expect("nobody is stopping it");
                by_server(server.as_ref().expect("it still runs"))
            }
            System::Functions(functions) => {
                let running = functions
                    .running
                    .try_lock()
                    .expect("nobody is starting one");
                let outputs: Vec<_> = running.values().map(|called| called.1.output()).collect();
                outputs.join("\n")
            }
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

/// The time that the template gives a function.
fn allowed_ms(function: &str) -> u64 {
    match function {
        "deliver-pending" => 60_000,
        _ => 15_000,
    }
}

fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> http::Request<Bytes> {
    // What a browser does to an address that nobody has encoded.
    let address = Url::parse(&format!("http://door{path}")).expect("a path");
    let path = &address[Position::BeforePath..Position::AfterQuery];
    let mut asked = http::Request::builder().method(method).uri(path);
    for (name, value) in headers {
        asked = asked.header(*name, *value);
    }
    let body = Bytes::from(body.to_owned());
    asked.body(body).expect("a request that can be sent")
}

/// The function to which API Gateway would lead a route of the extension.
fn routed(method: &str, path: &str) -> &'static str {
    let has_route = |interface: &Interface| {
        (interface.client_route()).is_some_and(|(by, at)| by.as_str() == method && at == path)
    };
    let interface = Interface::ALL.into_iter().find(has_route);
    interface.map_or("hostname", Interface::function)
}

/// What a route of the extension answered.
#[derive(Debug, Clone)]
pub struct ClientAnswer {
    /// The status.
    pub status: u16,
    /// The headers that matter.
    pub headers: HashMap<String, String>,
    /// The body.
    pub text: String,
}

impl ClientAnswer {
    async fn of(answer: reqwest::Response) -> Self {
        let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            let value = value.to_str().expect("readable");
            (name.to_string(), value.to_owned())
        };
        Self {
            status: answer.status().as_u16(),
            headers: answer.headers().iter().map(header).collect(),
            text: answer.text().await.expect("a body"),
        }
    }

    fn of_event(answer: &Value) -> Self {
        let status = answer["statusCode"].as_u64().expect("a status");
        let headers = answer["headers"].as_object().expect("headers");
        let header = |(name, value): (&String, &Value)| {
            (name.clone(), value.as_str().expect("text").to_owned())
        };
        Self {
            status: u16::try_from(status).expect("a status"),
            headers: headers.iter().map(header).collect(),
            text: answer["body"].as_str().expect("a body").to_owned(),
        }
    }

    fn response(&self) -> http::Response<Bytes> {
        let mut answer = http::Response::builder().status(self.status);
        for (name, value) in &self.headers {
            answer = answer.header(name, value);
        }
        let body = Bytes::from(self.text.clone());
        answer.body(body).expect("it was an answer before")
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        assert_eq!(self.headers["content-type"], "application/json", "{self:?}");
        serde_json::from_str(&self.text).expect("JSON")
    }
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
    ];
    all.extend(DEPLOYED);
    all.extend(variables);
    let api = RuntimeApi::start().await;
    let process = FunctionProcess::spawn(&api, &binary(name), &all);
    (api, process)
}

const SIGNING_KEY: &str = "APP_SERVER_SECRET_KEY";

/// What a deployment sets for every function, and the local server has by itself.
pub const DEPLOYED: [(&str, &str); 6] = [
    ("PLATFORMS", "exampleCRM,exampleCRMOAuth"),
    (
        "EXAMPLE_CRM_CLIENT_ID",
        daybook_example_crm::OAUTH_CLIENT_ID,
    ),
    (
        "EXAMPLE_CRM_CLIENT_SECRET",
        daybook_example_crm::OAUTH_CLIENT_SECRET,
    ),
    (
        "APP_SERVER_SECRET_KEY",
        "the key that signs sessions in tests",
    ),
    ("HASH_KEY", "the key that hashes RingCentral's ids in tests"),
    (
        "SEALING_KEYS",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    ),
];

/// A table as template.yaml says, in `file` or in memory.
pub async fn embedded(file: Option<&Path>) -> EmbeddedTable {
    let template = Template::parse(TEMPLATE).expect("the template is readable");
    EmbeddedTable::start(file, &template.table)
        .await
        .expect("the table starts")
}

async fn items(table: &EmbeddedTable) -> String {
    let client = aws_sdk_dynamodb::Client::new(&table.sdk_config());
    let all = client.scan().table_name(TABLE_NAME).send().await;
    format!("{:#?}", all.expect("a scan").items())
}

async fn count(table: &EmbeddedTable) -> i32 {
    let client = aws_sdk_dynamodb::Client::new(&table.sdk_config());
    let all = client.scan().table_name(TABLE_NAME).send().await;
    all.expect("a scan").count()
}
