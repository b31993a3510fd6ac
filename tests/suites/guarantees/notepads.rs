//! CRMs of every format that keep their notes in this process, reached over HTTP through the real
//! doors and a real table.
//!
//! The registry has one CRM, and that one takes HTML and 100,000 bytes. What depends on the format
//! of a note or on a lower limit is proved here.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use daybook_adapters::registry::Registry;
use daybook_adapters::{
    AdapterError, ApiKey, AuthKind, CallLog, CallLogChanges, ContactQuery, CrmAdapter, Ctx, Entity,
    FoundContact, MessageLog, NewCallLog, NewContact, NewMessageLog, PlatformManifest, Profile,
    Result, UserInfo,
};
use daybook_api::app::App;
use daybook_core::config::Vars;
use daybook_core::contact::Contact;
use daybook_core::digest::{Format, Mark, contains_mark};
use daybook_core::ids::{LogId, TenantId};
use daybook_core::params::AuthHeader;
use daybook_core::user::User;
use daybook_local::server::router;
use daybook_local::table::{EmbeddedTable, TABLE_NAME};
use daybook_local::template::{TEMPLATE, Template};
use daybook_tests::world::{Answered, DEPLOYED, embedded};
use secrecy::SecretString;
use serde_json::{Map, Value};

/// What a notepad keeps of an activity.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    pub(crate) subject: String,
    pub(crate) body: String,
    dispositions: Map<String, Value>,
}

/// A CRM that does what it is asked, at once.
pub(crate) struct Notepad {
    profile: &'static Profile,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    notes: Vec<Note>,
    calls: usize,
}

impl Kept {
    fn note(&mut self, number: usize) -> Result<&mut Note> {
        let note = self.notes.get_mut(number);
        note.ok_or(AdapterError::NotFound(Entity::Log))
    }
}

impl fmt::Debug for Notepad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Notepad").field(&self.profile.id).finish()
    }
}

impl Notepad {
    /// The notepad of a format, whose notes have at most `max_note_bytes`.
    pub(crate) fn new(format: Format, max_note_bytes: Option<usize>) -> Self {
        let id = match format {
            Format::Html => "notesHtml",
            Format::PlainText => "notesText",
            Format::Markdown => "notesMarkdown",
        };
        let profile = Profile {
            id,
            display_name: "Notes",
            log_format: format,
            max_note_bytes,
            late_apply_secs: 60,
            search_lag_secs: 0,
            whole_minutes: false,
            own_hosts: false,
        };
        Self {
            // As static as the profile of any adapter, in a process that ends with its cases.
            profile: Box::leak(Box::new(profile)),
            kept: Mutex::default(),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().expect("nothing panics with it")
    }

    /// Every activity, oldest first.
    pub(crate) fn notes(&self) -> Vec<Note> {
        self.kept().notes.clone()
    }

    /// An activity of somebody else: its id.
    pub(crate) fn plant(&self, subject: &str, body: &str) -> String {
        let mut kept = self.kept();
        kept.notes.push(Note {
            subject: subject.to_owned(),
            body: body.to_owned(),
            dispositions: Map::new(),
        });
        kept.notes.len().to_string()
    }

    /// How many calls there were.
    pub(crate) fn calls(&self) -> usize {
        self.kept().calls
    }

    fn call(&self) -> MutexGuard<'_, Kept> {
        let mut kept = self.kept();
        kept.calls += 1;
        kept
    }

    /// What the notes with `mark` are, each by its number.
    fn marked<T>(&self, mark: &Mark, shown: impl Fn(usize, &Note) -> T) -> Vec<T> {
        let kept = self.call();
        let notes = kept.notes.iter().enumerate();
        let marked =
            notes.filter(|(_, note)| contains_mark(self.profile.log_format, &note.body, mark));
        marked.map(|(number, note)| shown(number, note)).collect()
    }

    fn check(&self, body: &str) -> Result<()> {
        match self.profile.max_note_bytes {
            Some(most) if body.len() > most => Err(AdapterError::Invalid {
                status: 413,
                field: None,
            }),
            Some(_) | None => Ok(()),
        }
    }
}

/// The number of the activity with an id, from 0.
pub(crate) fn number(id: &str) -> usize {
    id.parse::<usize>().expect("a number") - 1
}

fn log(number: usize, body: &str) -> MessageLog {
    MessageLog {
        id: LogId::parse(&(number + 1).to_string()).expect("it is not blank"),
        body: body.to_owned(),
    }
}

/// It has no fields of their own for times and names.
fn call_log(number: usize, note: &Note) -> CallLog {
    let log = log(number, &note.body);
    CallLog {
        id: log.id,
        subject: note.subject.clone(),
        body: log.body,
        started_at: None,
        duration: None,
        contact_name: None,
        dispositions: note.dispositions.clone(),
        response: Value::Null,
    }
}

impl ApiKey for Notepad {
    fn auth_header(&self, key: &SecretString) -> AuthHeader {
        key.clone()
    }

    fn help(&self) -> &'static str {
        "There are no keys."
    }
}

#[async_trait]
impl CrmAdapter for Notepad {
    fn profile(&self) -> &'static Profile {
        self.profile
    }

    fn auth(&self) -> AuthKind<'_> {
        AuthKind::ApiKey(self)
    }

    fn manifest(&self) -> PlatformManifest {
        PlatformManifest::new("crm.example", "https://crm.example/{contactId}")
    }

    async fn get_user_info(&self, _: &Ctx<'_>) -> Result<UserInfo> {
        Err(AdapterError::Forbidden)
    }

    fn tenant(&self, _: &User) -> TenantId {
        TenantId::parse("notes").expect("it is not blank")
    }

    fn is_host(&self, _: &str) -> bool {
        true
    }

    async fn find_contact(&self, _: &Ctx<'_>, _: &ContactQuery<'_>) -> Result<Vec<FoundContact>> {
        Err(AdapterError::Forbidden)
    }

    async fn create_contact(&self, _: &Ctx<'_>, _: &NewContact<'_>) -> Result<Contact> {
        Err(AdapterError::Forbidden)
    }

    async fn create_message_log(&self, _: &Ctx<'_>, log: &NewMessageLog<'_>) -> Result<MessageLog> {
        let mut kept = self.call();
        self.check(log.body)?;
        kept.notes.push(Note {
            subject: log.subject.to_owned(),
            body: log.body.to_owned(),
            dispositions: Map::new(),
        });
        Ok(self::log(kept.notes.len() - 1, log.body))
    }

    async fn get_message_log(&self, _: &Ctx<'_>, id: &LogId) -> Result<MessageLog> {
        let mut kept = self.call();
        let number = number(id.as_str());
        Ok(log(number, &kept.note(number)?.body))
    }

    async fn update_message_log(&self, _: &Ctx<'_>, id: &LogId, body: &str) -> Result<MessageLog> {
        let mut kept = self.call();
        self.check(body)?;
        let number = number(id.as_str());
        let note = kept.note(number)?;
        body.clone_into(&mut note.body);
        Ok(log(number, body))
    }

    async fn find_message_logs_by_mark(
        &self,
        _: &Ctx<'_>,
        _: &Contact,
        mark: &Mark,
    ) -> Result<Vec<MessageLog>> {
        Ok(self.marked(mark, |number, note| log(number, &note.body)))
    }

    async fn create_call_log(&self, _: &Ctx<'_>, log: &NewCallLog<'_>) -> Result<CallLog> {
        let mut kept = self.call();
        self.check(log.body)?;
        let note = Note {
            subject: log.subject.to_owned(),
            body: log.body.to_owned(),
            dispositions: Map::new(),
        };
        let made = call_log(kept.notes.len(), &note);
        kept.notes.push(note);
        Ok(made)
    }

    async fn get_call_log(&self, _: &Ctx<'_>, id: &LogId) -> Result<CallLog> {
        let mut kept = self.call();
        let number = number(id.as_str());
        Ok(call_log(number, kept.note(number)?))
    }

    async fn update_call_log(
        &self,
        _: &Ctx<'_>,
        id: &LogId,
        changes: &CallLogChanges<'_>,
    ) -> Result<CallLog> {
        let mut kept = self.call();
        self.check(changes.body.unwrap_or_default())?;
        let number = number(id.as_str());
        let note = kept.note(number)?;
        if let Some(subject) = changes.subject {
            subject.clone_into(&mut note.subject);
        }
        if let Some(body) = changes.body {
            body.clone_into(&mut note.body);
        }
        Ok(call_log(number, note))
    }

    async fn find_call_logs_by_mark(
        &self,
        _: &Ctx<'_>,
        _: &Contact,
        mark: &Mark,
    ) -> Result<Vec<CallLog>> {
        Ok(self.marked(mark, call_log))
    }

    async fn upsert_call_disposition(
        &self,
        _: &Ctx<'_>,
        log: &CallLog,
        dispositions: &Map<String, Value>,
    ) -> Result<()> {
        let mut kept = self.call();
        let note = kept.note(number(log.id.as_str()))?;
        note.dispositions.extend(dispositions.clone());
        Ok(())
    }
}

/// The system in this process, with one CRM.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) notepad: Arc<Notepad>,
    /// It serves as long as somebody holds it.
    _table: EmbeddedTable,
    url: String,
    client: reqwest::Client,
}

impl Desk {
    /// Serves `notepad` on a free port.
    pub(crate) async fn start(notepad: Notepad) -> Self {
        let notepad = Arc::new(notepad);
        let table = embedded(None).await;
        let find = |name: &str| match name {
            "PLATFORMS" => Some("exampleCRM".to_owned()),
            // Nobody calls it: its place in the registry is the notepad's.
            "EXAMPLE_CRM_URL" => Some("http://127.0.0.1:1".to_owned()),
            "TABLE_NAME" => Some(TABLE_NAME.to_owned()),
            name => {
                let set = DEPLOYED.iter().find(|(known, _)| *known == name);
                set.map(|(_, value)| (*value).to_owned())
            }
        };
        let app = App::new(&Vars::new(&find), &table.sdk_config()).expect("it is configured");
        let app = App {
            registry: Registry::of(vec![notepad.clone()]),
            ..app
        };
        let template = Template::parse(TEMPLATE).expect("the template is readable");
        let router = router(&app, &template).expect("the routes are those of the template");
        let bound = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = bound.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            url: format!("http://{address}/interfaces/{}", notepad.profile.id),
            notepad,
            _table: table,
            client: reqwest::Client::new(),
        }
    }

    /// Sends a parameter object, which may be anything.
    pub(crate) async fn call(&self, interface: &str, body: String) -> Answered {
        let url = format!("{}/{interface}", self.url);
        let sent = self.client.post(url).body(body).send().await;
        let answer = sent.expect("an answer");
        let status = u64::from(answer.status().as_u16());
        (status, answer.json::<Value>().await.expect("JSON"))
    }
}
