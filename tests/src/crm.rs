//! The CRM that a case runs over.
//!
//! Cases speak of the Example CRM: its users, contacts and credentials, its field names, its name
//! in replies. [`Kind`] says each of these for another CRM, [`Crm`] is a running fake of one. A list
//! of cases that [`over`] makes runs over its CRM, whatever the cases start: a world, workers, or a
//! fake alone.

use std::cell::Cell;
use std::future::Future;
use std::ops::Deref;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use daybook_adapters::Profile;
use daybook_adapters::registry::{example_crm, pipedrive};
use daybook_core::ids::TenantId;
use daybook_fakes::{FakeCrm, FakeExampleCrm, FakePipedrive};
use daybook_local::table::{EmbeddedTable, TABLE_NAME};
use daybook_store::keys;
use http::Method;
use serde_json::{Value, json};

use crate::params::DEMO_AUTH;

mod of_pipedrive;

/// Which CRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The Example CRM, with API keys.
    Example,
    /// Pipedrive.
    Pipedrive,
}

thread_local! {
    static LISTED: Cell<Kind> = const { Cell::new(Kind::Example) };
}

tokio::task_local! {
    static RUNNING: Kind;
}

/// The cases that `list` makes, over a CRM. The names of those that are not over the Example CRM
/// begin with its own.
pub fn over<T>(kind: Kind, list: impl FnOnce() -> T) -> T {
    let before = LISTED.replace(kind);
    let listed = list();
    LISTED.set(before);
    listed
}

/// The CRM of the cases that are being listed.
pub(crate) fn listed() -> Kind {
    LISTED.get()
}

/// The CRM of the case that is running; while cases are listed, theirs.
pub fn current() -> Kind {
    RUNNING.try_with(|kind| *kind).unwrap_or_else(|_| listed())
}

/// What a reply of the Example CRM says, said of the CRM of the running case.
pub fn said(words: &str) -> String {
    words.replace(
        example_crm::PROFILE.display_name,
        current().profile().display_name,
    )
}

/// The persons of whom it is remembered to what they belong, before a case begins: contact,
/// number, and organization.
const KNOWN: [(u64, &str, Option<u64>); 2] = [
    (1001, "+16505553204", Some(501)),
    (1002, "+14155550142", None),
];

impl Kind {
    /// Runs a case over it.
    pub(crate) async fn run<F: Future>(self, case: F) -> F::Output {
        RUNNING.scope(self, case).await
    }

    /// What stands before the names of its cases.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Example => "",
            Self::Pipedrive => "pipedrive::",
        }
    }

    /// What its adapter says of it.
    pub fn profile(self) -> &'static Profile {
        match self {
            Self::Example => &example_crm::PROFILE,
            Self::Pipedrive => &pipedrive::PROFILE,
        }
    }

    /// Its platform.
    pub fn platform(self) -> &'static str {
        self.profile().id
    }

    /// Its platform where users sign in with OAuth.
    pub fn oauth_platform(self) -> &'static str {
        match self {
            Self::Example => example_crm::OAUTH_PROFILE.id,
            Self::Pipedrive => pipedrive::PROFILE.id,
        }
    }

    /// The path at which activities are made and listed. One of them is below it.
    pub fn activities(self) -> &'static str {
        match self {
            Self::Example => "/crm/api/activities",
            Self::Pipedrive => "/api/v2/activities",
        }
    }

    /// What stands in the address of each search for a mark, and of no other call.
    pub fn search(self) -> &'static str {
        match self {
            Self::Example => "noteContains",
            Self::Pipedrive => "updated_since",
        }
    }

    /// How many calls more than one a create takes that is refused for what it says: whether what
    /// was remembered still holds, and one without the organisation. The first asks for the types of
    /// activity too, which are remembered then.
    pub fn calls_of_a_refusal(self, is_first: bool) -> usize {
        match self {
            Self::Example => 0,
            Self::Pipedrive => 2 + usize::from(is_first),
        }
    }

    /// An activity, as far as it is told, in an answer about it or in a list.
    pub fn answer(self, mut activity: Value, is_list: bool) -> Value {
        match self {
            Self::Example => {
                activity["activities"] = json!([activity]);
                activity
            }
            Self::Pipedrive => of_pipedrive::answer(activity, is_list),
        }
    }

    /// What an agent may choose: fields, and a value for each.
    pub fn choices(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Example => &[("outcome", "Won"), ("next", "Call back"), ("mood", "Good")],
            Self::Pipedrive => of_pipedrive::CHOICES,
        }
    }

    /// Another value for the first of these fields, of a number.
    pub fn choice(self, number: u64) -> Value {
        match self {
            Self::Example => json!({"outcome": format!("Won {number}")}),
            Self::Pipedrive => of_pipedrive::choice(number),
        }
    }

    /// What it keeps of fields of a form that are none of its own.
    pub fn kept_of_a_form(self, fields: Value) -> Value {
        match self {
            Self::Example => fields,
            Self::Pipedrive => Value::Null,
        }
    }

    /// What it keeps of a duration, in seconds.
    pub fn held_secs(self, secs: u64) -> u64 {
        let held = self.profile().held_duration(Duration::from_secs(secs));
        held.as_secs()
    }
}

/// A running CRM. What a [`FakeCrm`] can do, it can do.
#[derive(Debug)]
pub struct Crm {
    fake: Fake,
    /// The header of the first user.
    auth: String,
}

#[derive(Debug)]
enum Fake {
    Example(FakeExampleCrm),
    Pipedrive(Box<FakePipedrive>),
}

impl Crm {
    /// Starts the CRM of the running case.
    pub async fn start() -> Self {
        match current() {
            Kind::Example => Self {
                fake: Fake::Example(FakeExampleCrm::start().await),
                auth: DEMO_AUTH.to_owned(),
            },
            Kind::Pipedrive => {
                let (crm, auth) = of_pipedrive::start().await;
                let fake = Fake::Pipedrive(Box::new(crm));
                Self { fake, auth }
            }
        }
    }

    /// Which it is.
    pub fn kind(&self) -> Kind {
        match self.fake {
            Fake::Example(_) => Kind::Example,
            Fake::Pipedrive(_) => Kind::Pipedrive,
        }
    }

    /// Pipedrive, where it is that.
    pub fn pipedrive(&self) -> Option<&FakePipedrive> {
        match &self.fake {
            Fake::Example(_) => None,
            Fake::Pipedrive(crm) => Some(crm),
        }
    }

    /// The variables by which a system finds it, over those that every system has.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        match &self.fake {
            Fake::Example(crm) => vec![("EXAMPLE_CRM_URL", format!("{}/crm/api", crm.url()))],
            Fake::Pipedrive(crm) => of_pipedrive::variables(crm),
        }
    }

    /// Parameters that speak of the Example CRM, in terms of this one.
    pub fn speak(&self, params: &str) -> String {
        match &self.fake {
            Fake::Example(_) => params.to_owned(),
            Fake::Pipedrive(_) => of_pipedrive::speak(params, &self.auth),
        }
    }

    /// The header of the first user.
    pub fn auth(&self) -> &str {
        &self.auth
    }

    /// What finds the persons of whom a system is to know more before a case begins.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = &'static str> {
        let wanted = usize::from(self.kind() != Kind::Example) * KNOWN.len();
        KNOWN.into_iter().take(wanted).map(|(_, number, _)| number)
    }

    /// How many writes of activities came in, applied or not. What a sign-in takes is none.
    pub fn writes(&self) -> usize {
        let path = self.kind().activities();
        self.count(|exchange| exchange.is_write() && exchange.path.starts_with(path))
    }

    /// Has a table hold what a search for these persons leaves in it.
    pub async fn remember(&self, table: &EmbeddedTable) {
        if self.kind() != Kind::Pipedrive {
            return;
        }
        let tenant = TenantId::parse(of_pipedrive::HOST).expect("a host");
        let client = aws_sdk_dynamodb::Client::new(&table.sdk_config());
        for (person, _, org) in KNOWN {
            let text = |text: String| AttributeValue::S(text);
            let until = chrono::Utc::now().timestamp() + 86_400;
            let put = client.put_item().table_name(TABLE_NAME);
            let put = put
                .item(keys::PK, text(keys::cache(pipedrive::PROFILE.id, &tenant)))
                .item(keys::SK, text(keys::cached(&format!("person:{person}"))))
                .item("schema", AttributeValue::N("1".to_owned()))
                .item("value", text(json!({"org": org}).to_string()))
                .item(keys::EXPIRES_AT, AttributeValue::N(until.to_string()));
            put.send().await.expect("it is put");
        }
    }

    /// All activities of the first company, oldest first, as a person finds them. Each has the
    /// Example CRM's `contactId`, `durationSecs` and `dispositions`.
    pub async fn activities(&self) -> Vec<Value> {
        match &self.fake {
            Fake::Example(crm) => crm.activities().await,
            Fake::Pipedrive(crm) => {
                let all = crm.activities().await.into_iter();
                all.map(of_pipedrive::told).collect()
            }
        }
    }

    /// An activity, as a person opens it.
    pub async fn activity(&self, id: u64) -> Value {
        match &self.fake {
            Fake::Example(crm) => {
                let path = format!("activities/{id}");
                crm.hand(Method::GET, &path, &Value::Null).await
            }
            Fake::Pipedrive(crm) => of_pipedrive::told(crm.activity(id).await),
        }
    }

    /// The note of an activity, as a person opens it.
    pub async fn open_note(&self, id: u64) -> String {
        match &self.fake {
            Fake::Example(crm) => crm.open_note(id).await,
            Fake::Pipedrive(crm) => crm.open_note(id).await,
        }
    }

    /// A person saves the note of an activity.
    pub async fn save_note(&self, id: u64, note: &str) {
        match &self.fake {
            Fake::Example(crm) => crm.save_note(id, note).await,
            Fake::Pipedrive(crm) => crm.save_note(id, note).await,
        }
    }

    /// A person deletes an activity.
    pub async fn delete_activity(&self, id: u64) {
        match &self.fake {
            Fake::Example(crm) => crm.delete_activity(id).await,
            Fake::Pipedrive(crm) => crm.delete_activity(id).await,
        }
    }

    /// An activity of somebody else, of a call with the contact 1001: its id.
    pub async fn plant(&self, subject: &str, note: &str) -> u64 {
        match &self.fake {
            Fake::Example(crm) => {
                let new =
                    json!({"contactId": 1001, "type": "Call", "subject": subject, "note": note});
                let made = crm.hand(Method::POST, "activities", &new).await;
                made["id"].as_u64().expect("a number")
            }
            Fake::Pipedrive(crm) => {
                crm.add_activity(&of_pipedrive::planted(subject, note))
                    .await
            }
        }
    }

    /// What a person does at the CRM's own pages, in its own terms.
    pub async fn hand(&self, method: Method, path: &str, body: &Value) -> Value {
        match &self.fake {
            Fake::Example(crm) => crm.hand(method, path, body).await,
            Fake::Pipedrive(crm) => crm.hand(method, path, body).await,
        }
    }

    /// Puts the CRM's clock ahead, so that codes and tokens run out.
    pub fn advance(&self, by: Duration) {
        match &self.fake {
            Fake::Example(crm) => crm.advance(by),
            Fake::Pipedrive(crm) => crm.advance(by),
        }
    }

    /// Ends every grant, as a person does on the CRM's pages.
    pub async fn disconnect_all(&self) {
        match &self.fake {
            Fake::Example(crm) => crm.disconnect_all().await,
            Fake::Pipedrive(crm) => crm.disconnect_all(),
        }
    }
}

impl Deref for Crm {
    type Target = FakeCrm;

    fn deref(&self) -> &FakeCrm {
        match &self.fake {
            Fake::Example(crm) => crm,
            Fake::Pipedrive(crm) => crm,
        }
    }
}
