//! The Example CRM as a fake: kept in memory, behind a journal and a fault plan.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::body::Body;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use chrono::{TimeDelta, Utc};
use daybook_example_crm::{DEMO_KEY, ExampleCrm};
use http::{Method, Request, header};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::notes::Notes;
use crate::server::FakeCrm;

/// A running Example CRM with nothing on disk. What a [`FakeCrm`] can do, it can do.
#[derive(Debug)]
pub struct FakeExampleCrm {
    crm: ExampleCrm,
    server: FakeCrm,
    /// How far its clock is ahead of the machine's, in seconds.
    ahead: Arc<AtomicI64>,
}

impl FakeExampleCrm {
    /// Serves a new Example CRM, which has its demo contacts, on a free port of 127.0.0.1.
    pub async fn start() -> Self {
        let ahead = Arc::new(AtomicI64::new(0));
        let shift = ahead.clone();
        let clock = move || Utc::now() + TimeDelta::seconds(shift.load(Ordering::Relaxed));
        let crm = ExampleCrm::in_memory().with_clock(clock);
        let server = FakeCrm::start(crm.router()).await;
        Self { crm, server, ahead }
    }

    /// Puts the CRM's clock ahead, so that codes and tokens run out.
    pub fn advance(&self, by: Duration) {
        let seconds = i64::try_from(by.as_secs()).expect("not so far");
        self.ahead.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Ends every grant, as a person does on the CRM's pages. It leaves no trace in the journal.
    pub async fn disconnect_all(&self) {
        for id in 1..=20 {
            let request = Request::post(format!("/crm/grants/{id}/disconnect"));
            let request = request.body(Body::empty()).expect("a request");
            let Ok(answer) = self.crm.router().oneshot(request).await;
            assert!(answer.status().is_redirection(), "{}", answer.status());
        }
    }

    /// The CRM behind the server: reading it here leaves no trace in the journal.
    pub fn crm(&self) -> &ExampleCrm {
        &self.crm
    }

    /// The rules for notes, to be added to and given to [`FakeCrm::set_notes`].
    pub fn notes() -> Notes {
        Notes::in_field("note")
    }

    /// All activities, oldest first, as a person finds them.
    ///
    /// # Panics
    /// Where there are more than one page holds.
    pub async fn activities(&self) -> Vec<Value> {
        let page = self.hand(Method::GET, "activities", &Value::Null).await;
        assert!(page["nextCursor"].is_null(), "more than one page");
        page["activities"].as_array().expect("a list").clone()
    }

    /// The note of an activity, as a person opens it.
    pub async fn open_note(&self, id: u64) -> String {
        let path = format!("activities/{id}");
        let activity = self.hand(Method::GET, &path, &Value::Null).await;
        activity["note"].as_str().expect("a note").to_owned()
    }

    /// A person saves the note of an activity.
    pub async fn save_note(&self, id: u64, note: &str) {
        let path = format!("activities/{id}");
        self.hand(Method::PATCH, &path, &json!({"note": note}))
            .await;
    }

    /// A person deletes an activity.
    pub async fn delete_activity(&self, id: u64) {
        let path = format!("activities/{id}");
        self.hand(Method::DELETE, &path, &Value::Null).await;
    }

    /// What a person does at the CRM's own pages. A body of `null` is none, for the request and
    /// for its answer.
    ///
    /// # Panics
    /// Where the CRM refuses it.
    pub async fn hand(&self, method: Method, path: &str, body: &Value) -> Value {
        let key = BASE64_STANDARD.encode(format!("{DEMO_KEY}:"));
        let body = match body.is_null() {
            true => Bytes::new(),
            false => body.to_string().into(),
        };
        let request = Request::builder()
            .method(method)
            .uri(format!("/crm/api/{path}"))
            .header(header::AUTHORIZATION, format!("Basic {key}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(body)
            .expect("the request is valid");
        let answer = self.server.by_hand(request).await;
        let (status, body) = (answer.status(), answer.into_body());
        let said = String::from_utf8_lossy(&body);
        assert!(status.is_success(), "{status} {said}");
        serde_json::from_slice(&body).unwrap_or(Value::Null)
    }
}

impl Deref for FakeExampleCrm {
    type Target = FakeCrm;

    fn deref(&self) -> &FakeCrm {
        &self.server
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Fault, Rewrite, Rule, TooLong};

    #[tokio::test]
    async fn the_example_crm_answers_behind_the_journal_and_the_plan() {
        let fake = FakeExampleCrm::start().await;
        fake.plan(Rule::new(Fault::status(503)).once());
        for status in [503, 404] {
            let url = format!("{}/no/such/path", fake.url());
            let response = reqwest::get(url).await.expect("the server answers");
            assert_eq!(response.status(), status);
        }
        assert_eq!(fake.requests(&Method::GET, "/no/"), 2);
    }

    #[tokio::test]
    async fn notes_are_rewritten_for_people_and_for_callers_alike() {
        let fake = FakeExampleCrm::start().await;
        let cut = FakeExampleCrm::notes().at_most(11, TooLong::Cut);
        fake.set_notes(cut.stored_as(&[Rewrite::ClosedBreaks]));
        let new = json!({"contactId": 1001, "subject": "A", "note": "one<br>two<br>three"});
        let made = fake.hand(Method::POST, "activities", &new).await;
        assert_eq!(made["note"], "one<br/>two");
        assert_eq!(fake.open_note(1).await, "one<br/>two");
        fake.save_note(1, "four").await;
        assert_eq!(fake.activities().await[0]["note"], "four");
        fake.delete_activity(1).await;
        assert_eq!(fake.activities().await, [Value::Null; 0]);
        assert!(fake.journal().is_empty());
    }
}
