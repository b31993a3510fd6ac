//! The Example CRM as a fake: kept in memory, behind a journal and a fault plan.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::body::Body;
use chrono::{TimeDelta, Utc};
use daybook_example_crm::ExampleCrm;
use http::Request;
use tower::ServiceExt;

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
}

impl Deref for FakeExampleCrm {
    type Target = FakeCrm;

    fn deref(&self) -> &FakeCrm {
        &self.server
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;
    use crate::{Fault, Rule};

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
}
