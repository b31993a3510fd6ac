//! The Example CRM as a fake: kept in memory, behind a journal and a fault plan.

use std::ops::Deref;

use daybook_example_crm::ExampleCrm;

use crate::server::FakeCrm;

/// A running Example CRM with nothing on disk. What a [`FakeCrm`] can do, it can do.
#[derive(Debug)]
pub struct FakeExampleCrm {
    crm: ExampleCrm,
    server: FakeCrm,
}

impl FakeExampleCrm {
    /// Serves a new Example CRM, which has its demo contacts, on a free port of 127.0.0.1.
    pub async fn start() -> Self {
        let crm = ExampleCrm::in_memory();
        let server = FakeCrm::start(crm.router()).await;
        Self { crm, server }
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
