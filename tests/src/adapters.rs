//! Every adapter of the registry beside its fake CRM. An adapter that lacks a fake fails here.
//!
//! What a case needs to know of a CRM, its fake says: [`PlatformFake`], in a file of its own.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use daybook_adapters::http::{Http, Limits};
use daybook_adapters::registry::Registry;
use daybook_adapters::{CrmAdapter, Ctx, NewMessageLog};
use daybook_api::app::SystemClock;
use daybook_core::config::Vars;
use daybook_core::contact::Contact;
use daybook_core::digest::Mark;
use daybook_core::ids::{ContactId, LogId};
use daybook_core::params::AuthHeader;
use daybook_core::time::{Clock, Deadline, parse_instant};
use daybook_core::user::User;
use daybook_fakes::FakeCrm;
use serde_json::{Map, Value};

/// A fake of a platform's CRM, and what the cases must know of it.
#[async_trait]
pub trait PlatformFake: Send + Sync + std::fmt::Debug {
    /// The server, with its journal and its plan.
    fn server(&self) -> &FakeCrm;

    /// The variables by which the adapter finds it.
    fn variables(&self) -> Vec<(&'static str, String)>;

    /// Credentials that it accepts.
    fn auth(&self) -> AuthHeader;

    /// A user whose they are.
    fn user(&self) -> User;

    /// A contact that it has.
    fn contact(&self) -> Contact;

    /// Contacts that it does not have, by ids of each form that might be sent.
    fn missing_contacts(&self) -> Vec<Contact>;

    /// A log that it does not have.
    fn missing_log(&self) -> LogId;

    /// An address that it answers with 200, for a redirect to lead to.
    fn elsewhere(&self) -> &'static str;

    /// How many activities one page of a search holds at the most.
    fn page_size(&self) -> usize;

    /// An activity as the CRM itself tells it: an object.
    async fn activity(&self, id: &LogId) -> Value;

    /// The field of it that holds the note.
    fn note_field(&self) -> &'static str;

    /// The fields of it that any write changes.
    fn touched_fields(&self) -> &'static [&'static str];
}

type Start = fn() -> Pin<Box<dyn Future<Output = Box<dyn PlatformFake>> + Send>>;

/// Declares the module of each platform's fake, and the table of them: each module has a
/// `PLATFORM` and a `start`.
macro_rules! fakes {
    ($($platform:ident,)+) => {
        $(mod $platform;)+

        /// Every fake, by its platform.
        const FAKES: &[(&str, Start)] = &[$(
            ($platform::PLATFORM, || Box::pin($platform::start())),
        )+];
    };
}

// The fake of a new adapter is a line here.
fakes! {
    example_crm,
}

/// An adapter, its fake CRM, and what a call is made with.
#[derive(Debug)]
pub struct Fixture {
    /// The adapter.
    pub adapter: Arc<dyn CrmAdapter>,
    /// What is known of its CRM.
    pub fake: Box<dyn PlatformFake>,
    contact: Contact,
    auth: AuthHeader,
    http: Http,
    user: User,
    extra: Map<String, Value>,
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
        let start = FAKES.iter().find(|(id, _)| *id == platform);
        let (_, start) = start.unwrap_or_else(|| panic!("{platform} has no fake CRM"));
        let fake = start().await;
        let variables = fake.variables();
        let find = |name: &str| match name {
            "PLATFORMS" => Some(platform.to_owned()),
            _ => variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.clone()),
        };
        let registry = Registry::from_vars(&Vars::new(&find)).expect("the adapter is built");
        Self {
            adapter: registry.get(platform).expect("it was named").clone(),
            contact: fake.contact(),
            auth: fake.auth(),
            user: fake.user(),
            fake,
            http: Http::with_limits(LIMITS),
            extra: Map::new(),
        }
    }

    /// The CRM's server.
    pub fn crm(&self) -> &FakeCrm {
        self.fake.server()
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

    /// The contact that activities are made for.
    pub fn contact(&self) -> &Contact {
        &self.contact
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
