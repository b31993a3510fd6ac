//! `make bench`: what a text and a call cost, over HTTP, in time, calls of the CRM and trips to the
//! table.
//!
//! The server, an embedded table in memory and the Example CRM run in this process, each behind
//! a loopback port of its own. Figures are of this machine: compare ratios within one run.

use std::time::{Duration, Instant};

use daybook_api::app::App;
use daybook_core::config::Vars;
use daybook_fakes::FakeExampleCrm;
use daybook_local::server::router;
use daybook_local::table::{EmbeddedTable, TABLE_NAME};
use daybook_local::template::{TEMPLATE, Template};
use daybook_tests::params::{example, inbound};
use daybook_tests::world::DEPLOYED;
use serde_json::{Value, json};

/// How many times each case is measured.
const ROUNDS: usize = 200;
/// How many times a case of many requests is measured.
const BURSTS: usize = 30;

struct Bench {
    crm: FakeExampleCrm,
    app: App,
    url: String,
    client: reqwest::Client,
    _table: EmbeddedTable,
}

/// The figures of one case.
#[derive(Default)]
struct Figures {
    times: Vec<Duration>,
    crm_calls: usize,
    table_trips: u64,
}

#[tokio::main]
#[allow(clippy::print_stdout, reason = "this is a program for a terminal")]
async fn main() {
    println!(
        "{:<34} {:>9} {:>9} {:>9} {:>10} {:>12}",
        "case", "p50 ms", "p95 ms", "p99 ms", "CRM calls", "table trips"
    );
    for delay in [0, 20, 50] {
        println!("\nCRM answers after {delay} ms more");
        let bench = Bench::start(Duration::from_millis(delay)).await;
        let rounds = if delay == 0 { ROUNDS } else { ROUNDS / 4 };
        bench.first_text(rounds).await.print("first text");
        bench.joining_text(rounds).await.print("joining text");
        bench
            .whole_day_again(rounds)
            .await
            .print("whole day of 10 again");
        let bursts = if delay == 0 { BURSTS } else { BURSTS / 3 };
        bench
            .fifty_in_one(bursts)
            .await
            .print("50 texts in one request");
        bench
            .twenty_at_once(bursts)
            .await
            .print("20 requests at once, new");
        bench.create_call_log(rounds).await.print("createCallLog");
        bench
            .create_call_log_again(rounds)
            .await
            .print("createCallLog again");
        bench.update_call_log(rounds).await.print("updateCallLog");
        bench
            .twenty_updates_at_once(bursts)
            .await
            .print("20 updateCallLog at once");
    }
}

impl Bench {
    async fn start(delay: Duration) -> Self {
        let crm = FakeExampleCrm::start().await;
        crm.set_delay(delay);
        let template = Template::parse(TEMPLATE).expect("the template is readable");
        let table = EmbeddedTable::start(None, &template.table)
            .await
            .expect("the table starts");
        let crm_url = format!("{}/crm/api", crm.url());
        let find = |name: &str| match name {
            "PLATFORMS" => Some("exampleCRM".to_owned()),
            "EXAMPLE_CRM_URL" => Some(crm_url.clone()),
            "TABLE_NAME" => Some(TABLE_NAME.to_owned()),
            name => {
                let set = DEPLOYED.iter().find(|(known, _)| *known == name);
                set.map(|(_, value)| (*value).to_owned())
            }
        };
        let app = App::new(&Vars::new(&find), &table.sdk_config()).expect("it is configured");
        let router = router(&app, &template).expect("the routes are those of the template");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            crm,
            app,
            url,
            client: reqwest::Client::new(),
            _table: table,
        }
    }

    async fn post(&self, params: &Value) -> Value {
        self.call("createMessageLog", params).await
    }

    async fn call(&self, interface: &str, params: &Value) -> Value {
        let url = format!("{}/interfaces/exampleCRM/{interface}", self.url);
        let sent = self.client.post(url).body(params.to_string()).send().await;
        let reply: Value = sent.expect("an answer").json().await.expect("JSON");
        assert_eq!(reply["successful"], true, "{reply}");
        reply
    }

    /// Measures `work` and adds it to `figures`.
    async fn measure(&self, figures: &mut Figures, work: impl Future<Output = ()>) {
        let (calls, trips) = (self.crm.journal().len(), self.app.table.trips());
        let begun = Instant::now();
        work.await;
        figures.times.push(begun.elapsed());
        figures.crm_calls += self.crm.journal().len() - calls;
        figures.table_trips += self.app.table.trips() - trips;
        self.crm.clear_journal();
    }

    async fn first_text(&self, rounds: usize) -> Figures {
        let mut figures = Figures::default();
        for round in 0..rounds {
            let params = conversation(format!("first-{round}"), 0..1);
            self.measure(&mut figures, async { drop(self.post(&params).await) })
                .await;
        }
        figures
    }

    async fn joining_text(&self, rounds: usize) -> Figures {
        let mut figures = Figures::default();
        for round in 0..rounds {
            let name = format!("joining-{round}");
            self.post(&conversation(name.clone(), 0..3)).await;
            let params = conversation(name, 3..4);
            self.measure(&mut figures, async { drop(self.post(&params).await) })
                .await;
        }
        figures
    }

    async fn whole_day_again(&self, rounds: usize) -> Figures {
        let mut figures = Figures::default();
        let params = conversation("again".to_owned(), 0..10);
        self.post(&params).await;
        for _ in 0..rounds {
            self.measure(&mut figures, async { drop(self.post(&params).await) })
                .await;
        }
        figures
    }

    async fn fifty_in_one(&self, rounds: usize) -> Figures {
        let mut figures = Figures::default();
        for round in 0..rounds {
            let params = conversation(format!("fifty-{round}"), 0..50);
            self.measure(&mut figures, async { drop(self.post(&params).await) })
                .await;
        }
        figures
    }

    async fn twenty_at_once(&self, rounds: usize) -> Figures {
        let mut figures = Figures::default();
        for round in 0..rounds {
            let requests =
                (0..20).map(|text| conversation(format!("burst-{round}"), text..text + 1));
            let requests: Vec<_> = requests.collect();
            let work = async {
                futures_util::future::join_all(requests.iter().map(|params| self.post(params)))
                    .await;
            };
            self.measure(&mut figures, work).await;
        }
        figures
    }
}

impl Bench {
    async fn create_call_log(&self, rounds: usize) -> Figures {
        let mut figures = Figures::default();
        for round in 0..rounds {
            let params = call(&format!("{round}"));
            let work = async { drop(self.call("createCallLog", &params).await) };
            self.measure(&mut figures, work).await;
        }
        figures
    }

    async fn create_call_log_again(&self, rounds: usize) -> Figures {
        let mut figures = Figures::default();
        let params = call("again");
        self.call("createCallLog", &params).await;
        for _ in 0..rounds {
            let work = async { drop(self.call("createCallLog", &params).await) };
            self.measure(&mut figures, work).await;
        }
        figures
    }

    async fn update_call_log(&self, rounds: usize) -> Figures {
        let mut figures = Figures::default();
        for round in 0..rounds {
            let session = format!("update-{round}");
            self.call("createCallLog", &call(&session)).await;
            let params = change(&session, "note", "Wants two quotes.");
            let work = async { drop(self.call("updateCallLog", &params).await) };
            self.measure(&mut figures, work).await;
        }
        figures
    }

    async fn twenty_updates_at_once(&self, rounds: usize) -> Figures {
        let mut figures = Figures::default();
        for round in 0..rounds {
            let session = format!("updates-{round}");
            self.call("createCallLog", &call(&session)).await;
            let changes: Vec<_> = (0..20)
                .map(|number| change(&session, "note", &format!("Note {number}")))
                .collect();
            let updates = changes
                .iter()
                .map(|params| self.call("updateCallLog", params));
            let work = async {
                futures_util::future::join_all(updates).await;
            };
            self.measure(&mut figures, work).await;
        }
        figures
    }
}

/// A request that logs a call.
fn call(session: &str) -> Value {
    let params = example();
    json!({
        "user": params["user"],
        "contactInfo": params["contactInfo"],
        "authHeader": params["authHeader"],
        "callLog": {
            "sessionId": session,
            "direction": "Inbound",
            "from": {"phoneNumber": "+16505553204"},
            "to": {"phoneNumber": "+18885550052"},
            "startTime": "2026-03-04T19:05:09.000Z",
            "duration": "pending",
            "result": "Call connected",
        },
        "note": "Wants a quote.",
    })
}

/// A request that tells one thing more of it.
fn change(session: &str, field: &str, value: &str) -> Value {
    let params = example();
    json!({
        "user": params["user"],
        "authHeader": params["authHeader"],
        "existingCallLog": {"sessionId": session},
        field: value,
    })
}

/// A request with texts of one conversation, a minute apart.
fn conversation(name: String, texts: std::ops::Range<u64>) -> Value {
    let mut params = example();
    params["message"] = Value::Null;
    let message = |text: u64| {
        let mut message = inbound(
            text + 1,
            &format!("2015-02-18T13:{text:02}:00.000Z"),
            "Thank you, that helps a lot",
        );
        message["conversationId"] = json!(name);
        message
    };
    params["messages"] = texts.map(message).collect();
    params
}

impl Figures {
    #[allow(clippy::print_stdout, reason = "this is a program for a terminal")]
    fn print(mut self, case: &str) {
        self.times.sort();
        let rounds = self.times.len();
        let at = |share: usize| {
            let index = (rounds * share / 100).min(rounds - 1);
            format!("{:.2}", self.times[index].as_secs_f64() * 1_000.0)
        };
        let crm = ratio(self.crm_calls, rounds);
        let table = ratio(
            usize::try_from(self.table_trips).unwrap_or(usize::MAX),
            rounds,
        );
        println!(
            "{case:<34} {:>9} {:>9} {:>9} {crm:>10} {table:>12}",
            at(50),
            at(95),
            at(99)
        );
    }
}

fn ratio(all: usize, rounds: usize) -> String {
    let tenths = all * 10 / rounds;
    format!("{}.{}", tenths / 10, tenths % 10)
}
