//! A proxy in front of an embedded table that misbehaves by script: at which step of a delivery,
//! how, and how often.
//!
//! It passes DynamoDB's JSON on byte by byte and looks into it only to tell the steps apart.

mod step;
mod wire;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

pub use self::step::Step;
use self::wire::{Connection, Message};

/// One way for a table to misbehave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableFault {
    /// Refuses with this error of DynamoDB; nothing is written.
    Refuses(&'static str),
    /// Answers 500; nothing is written.
    Fails,
    /// Does what it is asked, and answers so much later.
    AnswersAfter(Duration),
    /// Does what it is asked so much later, whether or not somebody still listens.
    AppliesAfter(Duration),
    /// Does what it is asked and closes the connection without an answer.
    LosesAnswer,
    /// Does what it is asked and answers 500.
    FailsAfter,
    /// Gives back no item of a batch: all keys are unprocessed.
    LeavesUnprocessed,
    /// Shows in an index what it has shown before too, as one that lags behind.
    ShowsGone,
    /// Shows nothing in an index, as one that lags behind.
    ShowsNothing,
}

/// How often a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// One request; the SDK's next try goes well.
    Once,
    /// Every request, until the plan is cleared.
    Always,
}

#[derive(Debug)]
struct Rule {
    step: Step,
    fault: TableFault,
    times: Times,
    struck: usize,
}

#[derive(Debug, Default)]
struct State {
    rules: Vec<Rule>,
    delay: Duration,
    /// What was asked for.
    asked: Vec<Step>,
    /// What the index has shown, by the shard that was asked for.
    shown: BTreeMap<String, Vec<Value>>,
}

/// A running proxy; dropping it stops it and cuts all connections.
#[derive(Debug)]
pub struct TableProxy {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    server: JoinHandle<()>,
}

impl TableProxy {
    /// A proxy on a free port of 127.0.0.1, in front of the table at `endpoint`.
    pub async fn start(endpoint: &str) -> Self {
        let table = endpoint.strip_prefix("http://").expect("plain HTTP");
        let table = table.parse().expect("an address and a port");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let state = Arc::<Mutex<State>>::default();
        let served = state.clone();
        let server = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, table, served.clone()));
            }
        });
        Self {
            address,
            state,
            server,
        }
    }

    /// The address of the proxy, for `AWS_ENDPOINT_URL_DYNAMODB`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Lets `fault` fall on `step` from now on.
    pub fn plan(&self, step: Step, fault: TableFault, times: Times) {
        lock(&self.state).rules.push(Rule {
            step,
            fault,
            times,
            struck: 0,
        });
    }

    /// How often the rules have struck so far.
    pub fn struck(&self) -> usize {
        lock(&self.state).rules.iter().map(|rule| rule.struck).sum()
    }

    /// Takes all rules back. Says how often they struck.
    pub fn clear_plan(&self) -> usize {
        let rules = std::mem::take(&mut lock(&self.state).rules);
        rules.iter().map(|rule| rule.struck).sum()
    }

    /// What was asked for since the last call of this, in its order.
    pub fn asked(&self) -> Vec<Step> {
        std::mem::take(&mut lock(&self.state).asked)
    }

    /// Holds every request back for so long from now on, in addition to its fault.
    pub fn set_delay(&self, delay: Duration) {
        lock(&self.state).delay = delay;
    }
}

impl Drop for TableProxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().expect("nothing panics with it")
}

impl State {
    /// The fault of a request, and how long it is held back.
    fn strike(&mut self, step: Step) -> (Option<TableFault>, Duration) {
        self.asked.push(step);
        let rule = self
            .rules
            .iter_mut()
            .find(|rule| rule.step == step && (rule.times == Times::Always || rule.struck == 0));
        let fault = rule.map(|rule| {
            rule.struck += 1;
            rule.fault
        });
        (fault, self.delay)
    }

    /// An answer as it is shown; one of the index is remembered, or told with what it showed before.
    fn show(&mut self, asked: &Asked, fault: Option<TableFault>, answer: Message) -> Message {
        let shard = asked.body["ExpressionAttributeValues"][":shard"]["S"].as_str();
        let (Step::FindDue, Some(shard)) = (asked.step, shard) else {
            return answer;
        };
        let shown = self.shown.entry(shard.to_owned()).or_default();
        if fault == Some(TableFault::ShowsGone) {
            let page = json!({"Items": *shown, "Count": shown.len(), "ScannedCount": shown.len()});
            return Message::json(200, &page);
        }
        let page: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        shown.extend(page["Items"].as_array().into_iter().flatten().cloned());
        answer
    }
}

/// Serves one connection until one of both sides leaves it, or a fault cuts it.
async fn serve(stream: TcpStream, table: SocketAddr, state: Arc<Mutex<State>>) {
    let mut client = Connection::new(stream);
    let Ok(stream) = TcpStream::connect(table).await else {
        return;
    };
    let mut table = Connection::new(stream);
    while let Some(request) = client.read().await {
        let asked = Asked::read(&request);
        let (fault, delay) = lock(&state).strike(asked.step);
        tokio::time::sleep(delay).await;
        let answer = asked.exchange(&request, fault, &mut table).await;
        let Some(answer) = answer.map(|answer| lock(&state).show(&asked, fault, answer)) else {
            return;
        };
        if !client.write(&answer).await {
            return;
        }
    }
}

/// A request as far as the proxy understands it.
struct Asked {
    step: Step,
    body: Value,
}

impl Asked {
    fn read(request: &Message) -> Self {
        let target = request.header("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default();
        let body = serde_json::from_slice(&request.body).unwrap_or_default();
        Self {
            step: Step::of(operation, &body),
            body,
        }
    }

    /// What is answered. `None` where the connection is to be cut.
    async fn exchange(
        &self,
        request: &Message,
        fault: Option<TableFault>,
        table: &mut Connection,
    ) -> Option<Message> {
        match fault {
            None | Some(TableFault::ShowsGone) => table.ask(request).await,
            Some(TableFault::Fails) => Some(refusal(500, "InternalServerError")),
            Some(TableFault::Refuses(error)) => Some(refusal(400, error)),
            Some(TableFault::AnswersAfter(later)) => {
                let answer = table.ask(request).await;
                tokio::time::sleep(later).await;
                answer
            }
            Some(TableFault::AppliesAfter(later)) => {
                tokio::time::sleep(later).await;
                table.ask(request).await
            }
            Some(TableFault::LosesAnswer) => {
                table.ask(request).await;
                None
            }
            Some(TableFault::FailsAfter) => {
                table.ask(request).await;
                Some(refusal(500, "InternalServerError"))
            }
            Some(TableFault::ShowsNothing) => {
                let page = json!({"Items": [], "Count": 0, "ScannedCount": 0});
                Some(Message::json(200, &page))
            }
            Some(TableFault::LeavesUnprocessed) => {
                let keys = &self.body["RequestItems"];
                let answer = json!({"Responses": {}, "UnprocessedKeys": keys});
                Some(Message::json(200, &answer))
            }
        }
    }
}

fn refusal(status: u16, error: &str) -> Message {
    let kind = format!("com.amazonaws.dynamodb.v20120810#{error}");
    Message::json(status, &json!({"__type": kind, "message": "on purpose"}))
}
