//! The CRM of a format, and the system before it.

use daybook_core::digest::Format;
use daybook_tests::params::DEMO_AUTH;
use daybook_tests::world::{Answered, Door, World};
use http::Method;
use serde_json::{Value, json};

use crate::notepads::{Desk, Notepad, number};

/// A system and its CRM.
pub(crate) struct Crm {
    pub(crate) format: Format,
    system: System,
}

enum System {
    Example {
        world: Box<World>,
        client: reqwest::Client,
    },
    Notepad(Box<Desk>),
}

impl Crm {
    /// The Example CRM and the server's binary for HTML, else a notepad.
    pub(crate) async fn start(format: Format) -> Self {
        match format {
            Format::Html => Self {
                format,
                system: System::Example {
                    world: Box::new(World::start(Door::LocalHttp).await),
                    client: reqwest::Client::new(),
                },
            },
            Format::PlainText | Format::Markdown => Self::notepad(format).await,
        }
    }

    /// A notepad, which has no limit.
    pub(crate) async fn notepad(format: Format) -> Self {
        let desk = Desk::start(Notepad::new(format, None)).await;
        Self {
            format,
            system: System::Notepad(Box::new(desk)),
        }
    }

    /// Sends a parameter object that must be logged; gives the reply.
    pub(crate) async fn log(&self, interface: &str, params: &Value) -> Value {
        self.log_raw(interface, params.to_string()).await
    }

    /// The same of a body that is no [`Value`].
    pub(crate) async fn log_raw(&self, interface: &str, body: String) -> Value {
        let (status, reply): Answered = match &self.system {
            System::Example { world, .. } => {
                world.call_platform("exampleCRM", interface, &body).await
            }
            System::Notepad(desk) => desk.call(interface, body).await,
        };
        assert_eq!(status, 200, "{reply}");
        assert_eq!(reply["successful"], true, "{reply}");
        reply
    }

    /// The activity that a reply names, as its subject and its note.
    pub(crate) async fn activity(&self, reply: &Value) -> (String, String) {
        let id = reply["logId"].as_str().expect("an id");
        match &self.system {
            System::Example { world, client } => {
                let url = format!("{}/crm/api/activities/{id}", world.crm.url());
                let request = client.get(url).header("authorization", DEMO_AUTH);
                let answer = request.send().await.expect("an answer");
                let activity: Value = answer.json().await.expect("JSON");
                let text = |name: &str| activity[name].as_str().expect("text").to_owned();
                (text("subject"), text("note"))
            }
            System::Notepad(desk) => {
                let note = desk.notepad.notes().swap_remove(number(id));
                (note.subject, note.body)
            }
        }
    }

    /// The note of the activity that a reply names.
    pub(crate) async fn note(&self, reply: &Value) -> String {
        self.activity(reply).await.1
    }

    /// An activity of somebody else, of a call with the contact 1001: its id.
    pub(crate) async fn plant(&self, subject: &str, body: &str) -> String {
        match &self.system {
            System::Example { world, .. } => {
                let new = json!({
                    "contactId": 1001, "type": "Call", "subject": subject, "note": body,
                });
                let made = world.crm.hand(Method::POST, "activities", &new).await;
                made["id"].to_string()
            }
            System::Notepad(desk) => desk.notepad.plant(subject, body),
        }
    }

    /// How many activities there are.
    pub(crate) async fn count(&self) -> usize {
        match &self.system {
            System::Example { world, .. } => world.activities().await.len(),
            System::Notepad(desk) => desk.notepad.notes().len(),
        }
    }

    /// How many calls of the CRM there were, the reads of the cases with them.
    pub(crate) fn calls(&self) -> usize {
        match &self.system {
            System::Example { world, .. } => world.crm.journal().len(),
            System::Notepad(desk) => desk.notepad.calls(),
        }
    }
}
