//! Every adapter of the registry beside its fake CRM. An adapter that lacks a fake fails here.
//!
//! What a case needs to know of a CRM, its fake says: [`PlatformFake`], in a file of its own.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use daybook_adapters::http::{Http, Limits};
use daybook_adapters::oauth::bearer;
use daybook_adapters::registry::Registry;
use daybook_adapters::{
    AuthKind, CallLogChanges, ContactQuery, CrmAdapter, Ctx, Grant, NewCallLog, NewMessageLog,
    UserInfo,
};
use daybook_api::app::SystemClock;
use daybook_core::call::{self, CallFields};
use daybook_core::config::Vars;
use daybook_core::contact::Contact;
use daybook_core::digest::Mark;
use daybook_core::ids::{ContactId, CrmUserId, LogId};
use daybook_core::params::AuthHeader;
use daybook_core::time::{Clock, Deadline, parse_instant};
use daybook_core::user::User;
use daybook_fakes::FakeCrm;
use reqwest::Url;
use secrecy::SecretString;
use serde_json::{Map, Value};

use crate::memory::Memory;

/// A part of the activity of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallPart {
    /// Its title.
    Subject,
    /// When the call began.
    StartedAt,
    /// How long it was.
    Duration,
    /// What the user filled in on the form.
    Submission,
    /// What an agent chose for it.
    Dispositions,
}

/// A field that its manifest has people choose in, and two things to choose.
pub type Choice = (&'static str, [Value; 2]);

/// A fake of a platform's CRM, and what the cases must know of it.
#[async_trait]
pub trait PlatformFake: Send + Sync + std::fmt::Debug {
    /// The server, with its journal and its plan.
    fn server(&self) -> &FakeCrm;

    /// The variables by which the adapter finds it.
    fn variables(&self) -> Vec<(&'static str, String)>;

    /// Users of it, as it tells them: one in whose name the cases write, and others, of another
    /// company too where it has several.
    fn users(&self) -> Vec<UserInfo>;

    /// What one of its users signs in with: a code that it sends a browser to `redirect` with or,
    /// where there is no such address, an API key.
    async fn credentials(&self, user: &UserInfo, redirect: Option<&Url>) -> SecretString;

    /// A contact that the first user has.
    fn contact(&self) -> Contact;

    /// A contact that the first user has, as a search tells it: with its name and number.
    fn person(&self) -> Contact;

    /// Contacts that the user does not have, by ids of each form that might be sent.
    fn missing_contacts(&self) -> Vec<Contact>;

    /// A log that the user does not have.
    fn missing_log(&self) -> LogId;

    /// An address that it answers with 200, for a redirect to lead to.
    fn elsewhere(&self) -> &'static str;

    /// How many activities one page of a search holds at the most.
    fn page_size(&self) -> usize;

    /// An activity as the CRM itself tells it: an object.
    async fn activity(&self, id: &LogId) -> Value;

    /// The field of it that holds the note.
    fn note_field(&self) -> &'static str;

    /// The fields of the activity of a call that hold a part of it.
    fn call_fields(&self, part: CallPart) -> &'static [&'static str];

    /// Two fields of the form, which may be those of dispositions too.
    fn choices(&self) -> [Choice; 2];

    /// Whether a value of one of these fields takes away that of the other.
    fn choices_exclude(&self) -> bool;

    /// What stands in a field of the form, in an activity as the CRM tells it.
    fn submitted(&self, activity: &Value, field: &str) -> Value;

    /// The name that an activity tells of its contact, where it does.
    fn contact_name(&self) -> Option<&'static str>;

    /// The fields of it that any write changes.
    fn touched_fields(&self) -> &'static [&'static str];
}

type Start = fn() -> Pin<Box<dyn Future<Output = Box<dyn PlatformFake>> + Send>>;

/// Declares the module of each CRM's fake. Each has a table `PLATFORMS` of the platforms that it is
/// a fake of, and a `start`.
macro_rules! fakes {
    ($($crm:ident,)+) => {
        $(pub mod $crm;)+

        /// Every fake, by its platforms.
        const FAKES: &[(&[&str], Start)] = &[$(
            ($crm::PLATFORMS, || Box::pin($crm::start())),
        )+];
    };
}

// The fake of a new CRM is a line here.
fakes! {
    example_crm,
    pipedrive,
}

fn adapter(platform: &str, variables: &[(&str, String)]) -> Arc<dyn CrmAdapter> {
    let find = |name: &str| match name {
        "PLATFORMS" => Some(platform.to_owned()),
        _ => variables
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.clone()),
    };
    let registry = Registry::from_vars(&Vars::new(&find)).expect("the adapter is built");
    registry.get(platform).expect("it was named").clone()
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
    memory: Memory,
    user: User,
    extra: Map<String, Value>,
    call: CallFields,
    nothing: CallFields,
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
    /// The fixture of a platform of the registry, with its first user signed in. The journal begins
    /// after that.
    ///
    /// # Panics
    /// Where the platform has no fake CRM.
    pub async fn start(platform: &str) -> Self {
        let start = FAKES.iter().find(|(ids, _)| ids.contains(&platform));
        let (_, start) = start.unwrap_or_else(|| panic!("{platform} has no fake CRM"));
        let fake = start().await;
        let adapter = adapter(platform, &fake.variables());
        let info = fake.users().into_iter().next().expect("a user");
        let mut fixture = Self {
            contact: fake.contact(),
            auth: AuthHeader::from(""),
            user: user(platform, &info),
            adapter,
            fake,
            http: Http::with_limits(LIMITS),
            memory: Memory::default(),
            extra: Map::new(),
            call: CallFields {
                started_at: parse_instant("2015-02-18T13:24:50.000Z").ok(),
                duration: Some(call::Duration::seconds(75)),
                ..CallFields::default()
            },
            nothing: CallFields::default(),
        };
        fixture.auth = fixture.auth_of(&info).await;
        fixture.warm().await;
        fixture.crm().clear_journal();
        fixture
    }

    /// Has the adapter remember what it knows of the contact once it was found.
    async fn warm(&self) {
        let person = self.fake.person();
        let query = ContactQuery {
            phone: person.phone.as_ref().expect("a number"),
            formats: &[],
        };
        let found = self.adapter.find_contact(&self.ctx(), &query).await;
        assert_eq!(found.expect("a list").len(), 1);
    }

    /// Forgets what the adapter was told.
    pub fn forget(&self) {
        self.memory.clear();
    }

    /// Signs a user in.
    pub async fn auth_of(&self, user: &UserInfo) -> AuthHeader {
        match self.adapter.auth() {
            AuthKind::ApiKey(kind) => kind.auth_header(&self.fake.credentials(user, None).await),
            AuthKind::OAuth(_) => bearer(&self.grant_of(user).await.access_token),
        }
    }

    /// Signs a user in with OAuth.
    ///
    /// # Panics
    /// Where users sign in with an API key.
    pub async fn grant_of(&self, user: &UserInfo) -> Grant {
        let AuthKind::OAuth(oauth) = self.adapter.auth() else {
            panic!("users sign in in another way");
        };
        let app = oauth.app();
        let redirect = &app.redirect_urls[0];
        let code = self.fake.credentials(user, Some(redirect)).await;
        let grant = app.exchange(&self.ctx().outbound(), &code, redirect).await;
        grant.expect("a code is good")
    }

    /// The user in whose name the cases write.
    pub fn user_info(&self) -> UserInfo {
        self.fake.users().swap_remove(0)
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
            cache: &self.memory,
            clock: &SystemClock,
            deadline: Deadline::at(SystemClock.now() + left),
        }
    }

    /// What a call with other credentials is made with.
    pub fn ctx_as<'a>(&'a self, auth: &'a AuthHeader) -> Ctx<'a> {
        Ctx { auth, ..self.ctx() }
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

    /// An activity of a call to make.
    pub fn new_call_log<'a>(&'a self, body: &'a str, mark: &'a Mark) -> NewCallLog<'a> {
        NewCallLog {
            contact: &self.contact,
            subject: "Inbound call from Daisy Meadows",
            body,
            mark,
            call: &self.call,
            additional_submission: &self.extra,
        }
    }

    /// No change of a call, for a case to add its own to.
    pub fn no_changes(&self) -> CallLogChanges<'_> {
        CallLogChanges {
            subject: None,
            body: None,
            call: &self.nothing,
            additional_submission: &self.extra,
        }
    }
}

/// A user of a platform, as App Connect tells one.
pub fn user(platform: &str, info: &UserInfo) -> User {
    User {
        id: CrmUserId::parse(&format!("{}-{platform}", info.id)).expect("an id"),
        hostname: info.hostname.clone(),
        name: info.name.clone(),
        zone: info.zone,
        settings: Map::new(),
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
