//! The extension, as far as texts go: it sends the whole known day of a conversation each time one
//! more text has come.

use std::iter::Sum;
use std::time::{Duration, Instant};

use daybook_example_crm::DEMO_KEY;
use serde_json::{Value, json};

/// How many texts a conversation has: one opens the digest, the others join it.
const TEXTS: u64 = 5;

/// A user who has signed in.
pub(super) struct Client {
    http: reqwest::Client,
    log: String,
}

/// How long requests took.
#[derive(Default)]
pub(super) struct Times {
    pub(super) opening: Vec<Duration>,
    pub(super) joining: Vec<Duration>,
}

impl Times {
    /// How many requests there were.
    pub(super) fn all(&self) -> u64 {
        (self.opening.len() + self.joining.len()) as u64
    }
}

impl Sum for Times {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |mut sum, one| {
            sum.opening.extend(one.opening);
            sum.joining.extend(one.joining);
            sum
        })
    }
}

impl Client {
    /// Signs in to the server at `url` with an API key.
    pub(super) async fn sign_in(url: &str) -> Self {
        let http = reqwest::Client::new();
        let login = json!({"platform": "exampleCRM", "apiKey": DEMO_KEY, "hostname": "127.0.0.1"});
        let sent = http.post(format!("{url}/apiKeyLogin?state=platform=exampleCRM"));
        let reply = sent
            .body(login.to_string())
            .send()
            .await
            .expect("an answer");
        let reply: Value = reply.json().await.expect("JSON");
        let token = reply["jwtToken"].as_str().expect("a session");
        let log = format!("{url}/messageLog?jwtToken={token}");
        Self { http, log }
    }

    /// Sends so many conversations, one after the other, the first with this number.
    pub(super) async fn send(&self, first: u64, count: u64) -> Times {
        let mut times = Times::default();
        for number in first..first + count {
            self.send_one(number, &mut times).await;
        }
        times
    }

    /// Sends conversations until then.
    pub(super) async fn send_until(&self, first: u64, until: Instant) -> Times {
        let mut times = Times::default();
        let mut number = first;
        while Instant::now() < until {
            self.send_one(number, &mut times).await;
            number += 1;
        }
        times
    }

    async fn send_one(&self, conversation: u64, times: &mut Times) {
        times.opening.push(self.log(conversation, 1).await);
        for known in 2..=TEXTS {
            times.joining.push(self.log(conversation, known).await);
        }
    }

    /// Sends the day of a conversation of which so many texts are known. The newest is logged.
    async fn log(&self, conversation: u64, known: u64) -> Duration {
        let body = day(conversation, known).to_string();
        let begun = Instant::now();
        let sent = self.http.post(&self.log).body(body).send().await;
        let reply: Value = sent.expect("an answer").json().await.expect("JSON");
        let took = begun.elapsed();
        let newest = (conversation * TEXTS + known).to_string();
        assert_eq!(reply["logIds"], json!([newest]), "{reply}");
        took
    }
}

/// A day of a conversation, newest text first.
fn day(conversation: u64, known: u64) -> Value {
    let text = |number: u64| {
        json!({
            "id": conversation * TEXTS + number,
            "conversationId": conversation.to_string(),
            "type": "SMS",
            "direction": "Inbound",
            "subject": "Thank you, that helps a lot",
            "creationTime": 1_424_264_400_000 + number * 60_000,
            "from": {"phoneNumber": "+16505553204"},
            "to": [{"phoneNumber": "+18885550052"}],
        })
    };
    json!({
        "logInfo": {
            "conversationLogId": format!("{conversation}/2/18/2015"),
            "conversationId": conversation.to_string(),
            "type": "SMS",
            "messages": (1..=known).rev().map(text).collect::<Vec<_>>(),
            "correspondents": [{"phoneNumber": "+16505553204"}],
        },
        "additionalSubmission": {},
        "overridingFormat": [],
        "contactId": "1001",
        "contactType": "Contact",
        "contactName": "Daisy Meadows",
    })
}
