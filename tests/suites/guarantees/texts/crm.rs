//! The CRM of a format, and the system before it.

use daybook_core::digest::Format;
use daybook_tests::world::{Answered, Door, World};
use serde_json::Value;

use crate::notepads::{Desk, Notepad, number};

/// A system and its CRM.
pub(crate) struct Crm {
    pub(crate) format: Format,
    system: System,
}

enum System {
    Real(Box<World>),
    Notepad(Box<Desk>),
}

impl Crm {
    /// The CRM of the running case and the server's binary for HTML, else a notepad.
    pub(crate) async fn start(format: Format) -> Self {
        match format {
            Format::Html => Self {
                format,
                system: System::Real(Box::new(World::start(Door::LocalHttp).await)),
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
            System::Real(world) => world.call_raw(interface, &body).await,
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
            System::Real(world) => {
                let activity = world.crm.activity(id.parse().expect("a number")).await;
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
            System::Real(world) => world.crm.plant(subject, body).await.to_string(),
            System::Notepad(desk) => desk.notepad.plant(subject, body),
        }
    }

    /// How many activities there are.
    pub(crate) async fn count(&self) -> usize {
        match &self.system {
            System::Real(world) => world.activities().await.len(),
            System::Notepad(desk) => desk.notepad.notes().len(),
        }
    }

    /// How many calls of the CRM there were.
    pub(crate) fn calls(&self) -> usize {
        match &self.system {
            System::Real(world) => world.crm.journal().len(),
            System::Notepad(desk) => desk.notepad.calls(),
        }
    }
}
