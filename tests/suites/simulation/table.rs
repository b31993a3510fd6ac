//! The table within the process: the AWS SDK's requests go straight to an embedded database,
//! over a network that loses and delays, without a socket.

mod faults;
mod request;
mod sabotage;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use daybook_core::time::Clock;
use daybook_store::{StoreConfig, Table};
use dynoxide::Database;
use serde_json::{Value, json};

pub(crate) use faults::{Fate, Faults, Scripted};
pub(crate) use sabotage::Sabotage;

use self::request::{Asked, THROTTLED, dispatch, kind_of};

use crate::clock::Time;
use crate::trace::Trace;
use crate::worker::{Edge, Worker};

/// The name of the one table.
const NAME: &str = "daybook";
/// The longest that the index lags.
const LONGEST_LAG: Duration = Duration::from_secs(90);
/// DynamoDB's status and JSON.
type Answer = (u16, String);

/// What the table was asked.
#[derive(Debug, Default, Clone)]
pub(crate) struct Counts {
    /// Requests by operation.
    pub(crate) requests: BTreeMap<&'static str, usize>,
    /// Consumed write units, with the index.
    pub(crate) write_units: f64,
    /// Consumed read units.
    pub(crate) read_units: f64,
}

struct State {
    random: fastrand::Rng,
    faults: Faults,
    /// What happens to requests of a step, before chance decides.
    script: Option<Scripted>,
    sabotage: Option<Sabotage>,
    counts: Counts,
    /// The last answers of the index and when they were given, to be shown again for a while.
    seen: BTreeMap<String, (Duration, String)>,
}

/// An in-process table with a network before it.
pub(crate) struct SimTable {
    database: Database,
    time: Time,
    trace: Trace,
    measures: bool,
    state: Mutex<State>,
}

impl Debug for SimTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SimTable").finish_non_exhaustive()
    }
}

impl SimTable {
    /// An empty table. With `measures`, the units that requests consume are added up.
    pub(crate) fn new(
        seed: u64,
        time: Time,
        trace: &Trace,
        faults: Faults,
        measures: bool,
    ) -> Arc<Self> {
        let database = Database::memory().expect("memory can be opened");
        let table = json!({
            "TableName": NAME,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
                {"AttributeName": "dueShard", "AttributeType": "S"},
                {"AttributeName": "dueAt", "AttributeType": "S"},
            ],
            "KeySchema": [
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            "GlobalSecondaryIndexes": [{
                "IndexName": "due",
                "KeySchema": [
                    {"AttributeName": "dueShard", "KeyType": "HASH"},
                    {"AttributeName": "dueAt", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }],
        });
        let table = serde_json::from_value(table).expect("a table");
        database.create_table(table).expect("it is made");
        Arc::new(Self {
            database,
            time,
            trace: trace.clone(),
            measures,
            state: Mutex::new(State {
                random: fastrand::Rng::with_seed(seed ^ 0x7ab1e),
                faults,
                script: None,
                sabotage: None,
                counts: Counts::default(),
                seen: BTreeMap::new(),
            }),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics with it")
    }

    /// Replaces what goes wrong.
    pub(crate) fn set_faults(&self, faults: Faults) {
        self.state().faults = faults;
    }

    /// Scripts what happens to requests of a step. Says how often the script before struck.
    pub(crate) fn set_script(&self, script: Option<Scripted>) -> usize {
        let before = std::mem::replace(&mut self.state().script, script);
        before.map_or(0, |before| before.struck)
    }

    /// Switches a protection off.
    pub(crate) fn set_sabotage(&self, sabotage: Option<Sabotage>) {
        self.state().sabotage = sabotage;
    }

    /// What was asked since the last call of this.
    pub(crate) fn take_counts(&self) -> Counts {
        std::mem::take(&mut self.state().counts)
    }

    /// The table as `worker` reaches it, by its own clock.
    pub(crate) fn of(self: &Arc<Self>, worker: &Arc<Worker>, clock: Arc<dyn Clock>) -> Table {
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .endpoint_url("http://table.invalid")
            .credentials_provider(credentials())
            .http_client(Line {
                table: self.clone(),
                worker: worker.clone(),
            })
            .build();
        let config = StoreConfig {
            table_name: NAME.to_owned(),
        };
        Table::new(&config, &sdk, clock)
    }

    /// All items, as DynamoDB's JSON, past the network.
    pub(crate) fn items(&self) -> Vec<Value> {
        let scan = json!({"TableName": NAME});
        let scan = serde_json::from_value(scan).expect("a scan");
        let all = self.database.scan(scan).expect("items");
        let all = serde_json::to_value(all).expect("JSON");
        all["Items"].as_array().cloned().unwrap_or_default()
    }

    /// When the index says that the next thing is due, in milliseconds since 1970.
    pub(crate) fn next_due(&self) -> Option<i64> {
        let scan = json!({"TableName": NAME, "IndexName": "due"});
        let scan = serde_json::from_value(scan).expect("a scan");
        let all = serde_json::to_value(self.database.scan(scan).expect("items")).expect("JSON");
        all["Items"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|row| {
                row["dueShard"]["S"]
                    .as_str()
                    .is_some_and(|shard| !shard.starts_with("parked#"))
            })
            .filter_map(|row| row["dueAt"]["S"].as_str()?.parse().ok())
            .min()
    }

    /// One request over the network: its fate, then the database.
    async fn exchange(
        self: Arc<Self>,
        worker: Arc<Worker>,
        request: Asked,
    ) -> Result<Answer, Lost> {
        let call = worker.begin(request.operation);
        worker.pass(call, Edge::Before).await;
        let (fate, there, back) = self.draw(&request);
        let number = worker.number;
        let tells = request.index.is_none() || fate != Fate::Fine;
        if tells {
            self.trace
                .say(|| format!("w{number} call {call} {} {fate:?}", request.shown()));
        }
        tokio::time::sleep(there).await;
        let answer = match fate {
            Fate::LostRequest => return Err(Lost::Cut),
            Fate::Throttled => (400, THROTTLED.to_owned()),
            Fate::Late(later) => {
                tokio::spawn(async move {
                    tokio::time::sleep(later).await;
                    self.apply(&request);
                });
                return std::future::pending().await;
            }
            Fate::Fine | Fate::LostAnswer | Fate::Hang | Fate::StaleIndex => {
                let stale = fate == Fate::StaleIndex;
                self.apply_or_show(&request, stale)
            }
        };
        if tells && (answer.0 != 200 || request.writes()) {
            self.trace.say(|| match answer.0 {
                200 => format!("w{number} call {call} applied"),
                _ => format!("w{number} call {call} {}", kind_of(&answer.1)),
            });
        }
        worker.pass(call, Edge::After).await;
        match fate {
            Fate::LostAnswer => return Err(Lost::Cut),
            Fate::Hang => return std::future::pending().await,
            Fate::Fine | Fate::LostRequest | Fate::Throttled | Fate::Late(_) | Fate::StaleIndex => {
            }
        }
        tokio::time::sleep(back).await;
        Ok(answer)
    }

    fn draw(&self, request: &Asked) -> (Fate, Duration, Duration) {
        let mut state = self.state();
        *state.counts.requests.entry(request.operation).or_default() += 1;
        let State {
            random,
            faults,
            script,
            ..
        } = &mut *state;
        let (drawn, there, back) = faults.draw(random, request.index.is_some());
        let scripted = script
            .as_mut()
            .and_then(|script| script.strike(request.step()));
        (scripted.unwrap_or(drawn), there, back)
    }

    fn apply_or_show(&self, request: &Asked, stale: bool) -> Answer {
        let Some(shard) = &request.index else {
            return self.apply(request);
        };
        let now = self.time.gone();
        let seen = self.state().seen.get(shard).cloned();
        let seen = seen.filter(|(at, _)| stale && now < *at + LONGEST_LAG);
        if let Some((_, seen)) = seen {
            return (200, seen);
        }
        let answer = self.apply(request);
        let shown = (now, answer.1.clone());
        self.state().seen.insert(shard.clone(), shown);
        answer
    }

    fn apply(&self, request: &Asked) -> Answer {
        let sabotage = self.state().sabotage;
        let body = match sabotage {
            Some(sabotage) => &sabotage.tamper(request.operation, &request.body),
            None => &request.body,
        };
        let measured;
        let body = match (self.measures, body.strip_prefix('{')) {
            (true, Some(rest)) => {
                measured = format!("{{\"ReturnConsumedCapacity\":\"INDEXES\",{rest}");
                &measured
            }
            _ => body,
        };
        match dispatch(&self.database, request.operation, body) {
            Ok(answer) => {
                if self.measures {
                    self.measure(request.operation, &answer);
                }
                (200, answer)
            }
            Err(error) => {
                if self.measures && matches!(request.operation, "PutItem" | "UpdateItem") {
                    // A condition that fails costs a write all the same.
                    self.state().counts.write_units += 1.0;
                }
                (error.status_code(), error.to_json())
            }
        }
    }

    fn measure(&self, operation: &str, answer: &str) {
        let answer: Value = serde_json::from_str(answer).expect("JSON");
        let consumed = &answer["ConsumedCapacity"];
        let all = consumed
            .as_array()
            .map_or(std::slice::from_ref(consumed), Vec::as_slice);
        let units: f64 = all
            .iter()
            .filter_map(|used| used["CapacityUnits"].as_f64())
            .sum();
        let mut state = self.state();
        match operation {
            "Query" | "GetItem" | "BatchGetItem" | "Scan" => state.counts.read_units += units,
            _ => state.counts.write_units += units,
        }
    }
}

fn credentials() -> aws_sdk_dynamodb::config::SharedCredentialsProvider {
    let nobody = aws_sdk_dynamodb::config::Credentials::new("sim", "sim", None, None, "sim");
    aws_sdk_dynamodb::config::SharedCredentialsProvider::new(nobody)
}

/// Why no answer came.
#[derive(Debug)]
enum Lost {
    Cut,
}

/// One worker's line to the table.
#[derive(Debug, Clone)]
struct Line {
    table: Arc<SimTable>,
    worker: Arc<Worker>,
}

impl HttpClient for Line {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Line {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (table, worker) = (self.table.clone(), self.worker.clone());
        let asked = Asked::read(&request);
        HttpConnectorFuture::new(async move {
            let time = table.time;
            match table.exchange(worker, asked).await {
                Ok((status, body)) => Ok(response(time, status, body)),
                Err(Lost::Cut) => Err(ConnectorError::io("the line was cut".into())),
            }
        })
    }
}

fn response(time: Time, status: u16, body: String) -> HttpResponse {
    let status = status.try_into().expect("a status");
    let mut response = HttpResponse::new(status, SdkBody::from(body));
    let headers = response.headers_mut();
    headers.insert("content-type", "application/x-amz-json-1.0");
    headers.insert("date", httpdate::fmt_http_date(time.now().into()));
    response
}
