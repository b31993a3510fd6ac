//! Every adapter of the registry beside its fake CRM. An adapter that lacks a fake fails here.

use std::sync::Arc;
use std::time::Duration;

use daybook_adapters::http::{Http, Limits};
use daybook_adapters::registry::Registry;
use daybook_adapters::{CrmAdapter, Ctx, NewMessageLog};
use daybook_api::app::SystemClock;
use daybook_core::config::Vars;
use daybook_core::contact::Contact;
use daybook_core::digest::{Mark, Window};
use daybook_core::ids::{ContactId, CrmUserId};
use daybook_core::params::AuthHeader;
use daybook_core::time::{Clock, Deadline, Zone, parse_instant};
use daybook_core::user::User;
use daybook_fakes::{FakeCrm, FakeExampleCrm};
use serde_json::Map;

use crate::params::DEMO_AUTH;

/// An adapter, its fake CRM, and what a call is made with.
#[derive(Debug)]
pub struct Fixture {
    /// The adapter.
    pub adapter: Arc<dyn CrmAdapter>,
    /// Its CRM.
    pub crm: Fake,
    /// Where activities are read and written, as the CRM's paths begin.
    pub activities: &'static str,
    /// A contact that the CRM has.
    pub contact: Contact,
    /// Credentials that the CRM accepts.
    pub auth: AuthHeader,
    http: Http,
    user: User,
    extra: Map<String, serde_json::Value>,
}

/// The fake of an adapter's CRM.
#[derive(Debug)]
pub enum Fake {
    /// The Example CRM.
    ExampleCrm(FakeExampleCrm),
}

impl std::ops::Deref for Fake {
    type Target = FakeCrm;

    fn deref(&self) -> &FakeCrm {
        match self {
            Self::ExampleCrm(crm) => crm,
        }
    }
}

/// Limits short enough to wait for.
const LIMITS: Limits = Limits {
    connect: Duration::from_millis(500),
    read: Duration::from_millis(600),
    write: Duration::from_millis(600),
    least: Duration::from_millis(100),
    margin: Duration::from_millis(50),
    body_bytes: 256 << 10,
};

impl Fixture {
    /// The fixture of a platform of the registry.
    ///
    /// # Panics
    /// Where the platform has no fake CRM.
    pub async fn start(platform: &str) -> Self {
        match platform {
            "exampleCRM" => {
                let crm = FakeExampleCrm::start().await;
                let url = format!("{}/crm/api", crm.url());
                Self::of(
                    platform,
                    &[("EXAMPLE_CRM_URL", &url)],
                    Fake::ExampleCrm(crm),
                )
            }
            other => panic!("{other} has no fake CRM"),
        }
    }

    fn of(platform: &str, variables: &[(&str, &str)], crm: Fake) -> Self {
        let find = |name: &str| match name {
            "PLATFORMS" => Some(platform.to_owned()),
            _ => variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned()),
        };
        let registry = Registry::from_vars(&Vars::new(&find)).expect("the adapter is built");
        Self {
            adapter: registry.get(platform).expect("it was named").clone(),
            crm,
            activities: "/crm/api/activities",
            contact: contact("1001"),
            auth: AuthHeader::from(DEMO_AUTH),
            http: Http::with_limits(LIMITS),
            user: User {
                id: CrmUserId::parse("1-exampleCRM").expect("an id"),
                hostname: None,
                name: Some("Demo Rep".to_owned()),
                zone: Some(Zone::UTC),
                settings: Map::new(),
            },
            extra: Map::new(),
        }
    }

    /// What a call with five seconds left is made with.
    pub fn ctx(&self) -> Ctx<'_> {
        self.ctx_with(Duration::from_secs(5))
    }

    /// What a call with `left` left is made with.
    pub fn ctx_with(&self, left: Duration) -> Ctx<'_> {
        Ctx {
            user: &self.user,
            auth: &self.auth,
            http: &self.http,
            clock: &SystemClock,
            deadline: Deadline::at(SystemClock.now() + left),
        }
    }

    /// An activity to make.
    pub fn new_log<'a>(&'a self, body: &'a str, mark: &'a Mark) -> NewMessageLog<'a> {
        NewMessageLog {
            contact: &self.contact,
            subject: "SMS conversation with Daisy Meadows - 15/02/18",
            body,
            mark,
            started_at: parse_instant("2015-02-18T13:24:50.000Z").expect("a time"),
            additional_submission: &self.extra,
        }
    }
}

/// A contact of a CRM id.
pub fn contact(id: &str) -> Contact {
    Contact {
        id: ContactId::parse(id).expect("an id"),
        phone: None,
        kind: None,
        name: Some("Daisy Meadows".to_owned()),
    }
}

/// The day of the documented example.
pub fn window() -> Window {
    Window::parse("2015-02-18").expect("a window")
}
