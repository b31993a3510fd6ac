//! Calls as the extension logs them, and RingCentral's hosted call logger.

pub(crate) mod asking;
pub(crate) mod changing;
pub(crate) mod creating;
pub(crate) mod late;
pub(crate) mod notes;

use daybook_fakes::{Fault, Rule};
use serde_json::{Value, json};

use super::{Crm, Desk, words};
use crate::expect::note;

const SESSION: &str = "2846329107050";
const NUMBER: &str = "+16505553204";

/// An inbound call of Daisy Meadows, as the extension sends it.
fn create() -> Value {
    json!({
        "logInfo": {
            "id": "AbCdEfGhIjKl",
            "sessionId": SESSION,
            "telephonySessionId": "s-a0d16d3e1e0f1z1893dd5b4a3000",
            "accountId": "37439510",
            "direction": "Inbound",
            "from": {"phoneNumber": NUMBER, "name": "Daisy Meadows"},
            "to": {"phoneNumber": "+18885550052", "extensionNumber": "101", "name": "Demo Rep"},
            "startTime": "2026-03-04T19:05:09.000Z",
            "duration": 65,
            "result": "Call connected",
            "customSubject": "About the order",
        },
        "note": "Wants a quote.",
        "additionalSubmission": {},
        "overridingFormat": [],
        "contactId": "1001",
        "contactType": "Contact",
        "contactName": "Daisy Meadows",
    })
}

fn of_session(session: &str) -> Value {
    let mut call = create();
    call["logInfo"]["sessionId"] = json!(session);
    call
}

fn without_note() -> Value {
    let mut call = create();
    call["note"] = json!("");
    call
}

impl Desk {
    /// With what the paths begin at which the CRM has activities.
    fn activities_at(&self) -> &'static str {
        match self.crm {
            Crm::Key | Crm::OAuth => "/crm/api/activities",
            Crm::Pipedrive => "/api/v2/activities",
        }
    }

    /// The CRM does so with every request of an activity.
    fn plan(&self, fault: Fault) {
        let rule = Rule::new(fault).path_prefix(self.activities_at());
        self.server().plan(rule.forever());
    }

    /// How often the CRM was asked.
    fn asked(&self) -> usize {
        self.server().journal().len()
    }

    /// All activities, oldest first, as a person finds them.
    async fn activities(&self) -> Vec<Value> {
        self.server().clear_plan();
        match self.crm {
            Crm::Key | Crm::OAuth => self.scene.world.crm.activities().await,
            Crm::Pipedrive => self.scene.pipedrive.activities().await,
        }
    }

    /// The note of the only activity.
    async fn only_note(&self) -> String {
        let activities = self.activities().await;
        assert_eq!(activities.len(), 1, "{activities:#?}");
        note(&activities[0]).to_owned()
    }

    /// A person deletes an activity.
    async fn delete(&self, log: &str) {
        let id = log.parse().expect("the CRM's ids are numbers");
        match self.crm {
            Crm::Key | Crm::OAuth => self.scene.world.crm.delete_activity(id).await,
            Crm::Pipedrive => self.scene.pipedrive.delete_activity(id).await,
        }
    }

    /// A request that is answered with 200: the reply, which has what the extension reads.
    async fn told(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.ask(method, path, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let reply = answer.json();
        assert!(reply["successful"].is_boolean(), "{reply}");
        words(&reply);
        reply
    }

    /// Logs a call that is not logged yet: the log's id.
    async fn log(&self, call: &Value) -> String {
        let reply = self.told("POST", "/callLog", call).await;
        assert_eq!(words(&reply), "Call logged", "{reply}");
        assert_eq!(reply["successful"], true);
        reply["logId"].as_str().expect("text").to_owned()
    }

    /// Asks which calls are logged: the list, which is always there, and what is shown.
    async fn logs(&self, query: &str) -> (Vec<Value>, Value) {
        let answer = self.get(&format!("/callLog?{query}")).await;
        let mut reply = answer.json();
        assert_eq!((answer.status, &reply["successful"]), (200, &json!(true)));
        let logs = reply["logs"].as_array().expect("a list").clone();
        for log in &logs {
            assert!(log["sessionId"].is_string() && log["matched"].is_boolean());
        }
        (logs, reply["returnMessage"].take())
    }

    /// What is told of the call, with details.
    async fn details(&self) -> Value {
        let query = format!("sessionIds={SESSION}&requireDetails=true");
        let (mut logs, shown) = self.logs(&query).await;
        assert_eq!((logs.len(), &shown), (1, &Value::Null), "{logs:?}");
        logs.remove(0)
    }
}
