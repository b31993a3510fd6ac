//! The Example CRM beside its fake.

use async_trait::async_trait;
use daybook_adapters::registry::example_crm::PROFILE;
use daybook_core::contact::Contact;
use daybook_core::ids::{CrmUserId, LogId};
use daybook_core::params::AuthHeader;
use daybook_core::time::Zone;
use daybook_core::user::User;
use daybook_fakes::{FakeCrm, FakeExampleCrm};
use serde_json::{Map, Value};

use super::{PlatformFake, contact};
use crate::params::DEMO_AUTH;

/// The platform.
pub(super) const PLATFORM: &str = PROFILE.id;

/// Starts its fake.
pub(super) async fn start() -> Box<dyn PlatformFake> {
    Box::new(FakeExampleCrm::start().await)
}

#[async_trait]
impl PlatformFake for FakeExampleCrm {
    fn server(&self) -> &FakeCrm {
        self
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        vec![("EXAMPLE_CRM_URL", format!("{}/crm/api", self.url()))]
    }

    fn auth(&self) -> AuthHeader {
        AuthHeader::from(DEMO_AUTH)
    }

    fn user(&self) -> User {
        User {
            id: CrmUserId::parse("1-exampleCRM").expect("an id"),
            hostname: None,
            name: Some("Demo Rep".to_owned()),
            zone: Some(Zone::UTC),
            settings: Map::new(),
        }
    }

    fn contact(&self) -> Contact {
        contact("1001")
    }

    fn missing_contacts(&self) -> Vec<Contact> {
        // The second is not of the form that the CRM's ids have.
        vec![contact("999999"), contact("nobody")]
    }

    fn missing_log(&self) -> LogId {
        LogId::parse("999999").expect("an id")
    }

    fn elsewhere(&self) -> &'static str {
        "/crm/api/me"
    }

    fn page_size(&self) -> usize {
        100
    }

    async fn activity(&self, id: &LogId) -> Value {
        let url = format!("{}/crm/api/activities/{id}", self.url());
        let request = reqwest::Client::new().get(url);
        let sent = request.header("authorization", DEMO_AUTH).send().await;
        sent.expect("an answer").json().await.expect("JSON")
    }

    fn note_field(&self) -> &'static str {
        "note"
    }

    fn touched_fields(&self) -> &'static [&'static str] {
        &["updatedAt"]
    }
}
