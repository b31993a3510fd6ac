//! Contacts, users and account data: the same cases over each CRM, through every door.

pub(super) mod bad_input;
pub(super) mod finding;
pub(super) mod making;
pub(super) mod privacy;
pub(super) mod signed_in;

use daybook_fakes::{FakeCrm, FakePipedrive};
use daybook_tests::params::DEMO_AUTH;
use daybook_tests::world::{Answered, Door};
use serde_json::{Value, json};

use crate::pipedrive::{HOST, REDIRECT, Scene, USER, code_of};

/// The cases of a module over each CRM through every door, each in a world of its own.
macro_rules! over_each_crm {
    ($($name:ident),+ $(,)?) => {
        pub(crate) fn cases() -> Vec<libtest_mimic::Trial> {
            let mut trials = Vec::new();
            for (door, prefix) in daybook_tests::world::Door::ALL {
                for (crm, platform) in crate::contacts::CRMS {
                    $(trials.push(daybook_tests::runner::case(
                        format!("{prefix}::contacts::{platform}::{}", stringify!($name)),
                        move || async move {
                            $name(&crate::contacts::Place::start(door, crm).await).await
                        },
                    ));)+
                }
            }
            trials
        }
    };
}
use over_each_crm;

/// The CRMs, with their platforms.
const CRMS: [(Crm, &str); 2] = [(Crm::Example, "exampleCRM"), (Crm::Pipedrive, "pipedrive")];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Crm {
    Example,
    Pipedrive,
}

/// A system with both CRMs, of which a case uses one.
struct Place {
    scene: Scene,
    crm: Crm,
    /// The credentials that a caller brings.
    auth: String,
}

impl Place {
    async fn start(door: Door, crm: Crm) -> Self {
        let scene = Scene::start(door).await;
        let auth = match crm {
            Crm::Example => DEMO_AUTH.to_owned(),
            Crm::Pipedrive => bearer(&scene.pipedrive).await,
        };
        scene.pipedrive.clear_journal();
        scene.pipedrive.clear_usage();
        Self { scene, crm, auth }
    }

    fn platform(&self) -> &'static str {
        let found = CRMS.into_iter().find(|(crm, _)| *crm == self.crm);
        found.expect("it is one of them").1
    }

    fn server(&self) -> &FakeCrm {
        match self.crm {
            Crm::Example => &self.scene.world.crm,
            Crm::Pipedrive => &self.scene.pipedrive,
        }
    }

    /// The name that people know the CRM by.
    fn display_name(&self) -> &'static str {
        match self.crm {
            Crm::Example => "Example CRM",
            Crm::Pipedrive => "Pipedrive",
        }
    }

    /// The path at which the CRM has contacts.
    fn path(&self) -> &'static str {
        match self.crm {
            Crm::Example => "/crm/api/contacts",
            Crm::Pipedrive => "/api/v2/persons",
        }
    }

    /// What every request says of its caller.
    fn user(&self) -> Value {
        match self.crm {
            Crm::Example => json!({"id": "1-exampleCRM"}),
            Crm::Pipedrive => crate::pipedrive::user(USER, HOST),
        }
    }

    /// A request with credentials.
    fn params(&self, fields: Value) -> Value {
        let mut params = json!({"user": self.user(), "authHeader": self.auth});
        let fields = fields.as_object().expect("an object").clone();
        params.as_object_mut().expect("an object").extend(fields);
        params
    }

    async fn send(&self, interface: &str, params: &Value) -> Answered {
        let body = params.to_string();
        let world = &self.scene.world;
        world.call_platform(self.platform(), interface, &body).await
    }

    /// Calls an interface with credentials.
    async fn call(&self, interface: &str, fields: Value) -> Answered {
        self.send(interface, &self.params(fields)).await
    }

    /// Makes a contact; gives its id.
    async fn make(&self, name: &str, phone: &str) -> String {
        let new = json!({"phoneNumber": phone, "newContactName": name});
        let (status, reply) = self.call("createContact", new).await;
        assert_eq!(
            (status, &reply["successful"]),
            (200, &json!(true)),
            "{reply}"
        );
        let id = reply["contactInfo"]["id"].as_str();
        id.expect("an id").to_owned()
    }

    /// Of a contact as it is found, what both CRMs tell; and without deals and leads.
    fn found(&self, id: &str, name: &str, phone: &str) -> Value {
        let kind = match self.crm {
            Crm::Example => "Contact",
            Crm::Pipedrive => "Person",
        };
        json!({
            "id": id,
            "name": name,
            "type": kind,
            "phone": phone,
            "additionalInfo": null,
            "isNewContact": false,
        })
    }
}

/// The header of a token that Pipedrive gives for a code.
async fn bearer(pipedrive: &FakePipedrive) -> String {
    let code = code_of(&pipedrive.allow(USER, REDIRECT, None));
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("code", &code)
        .append_pair("redirect_uri", REDIRECT)
        .finish();
    let asked = reqwest::Client::new()
        .post(format!("{}/oauth/token", pipedrive.url()))
        .basic_auth(FakePipedrive::CLIENT_ID, Some(FakePipedrive::CLIENT_SECRET))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    let answer = asked.send().await.expect("an answer");
    let tokens: Value = answer.json().await.expect("JSON");
    let token = tokens["access_token"].as_str().expect("a token");
    format!("Bearer {token}")
}

/// A reply that tells nothing but words.
fn told(successful: bool, kind: &str, message: &str) -> Value {
    let ttl = if kind == "success" { 2_000 } else { 30_000 };
    let shown = json!({"message": message, "messageType": kind, "ttl": ttl});
    json!({"successful": successful, "returnMessage": shown})
}

/// The reply of a search.
fn matches(found: &[Value]) -> Answered {
    let mut reply = match found.len() {
        0 => told(false, "warning", "No contact found."),
        1 => told(true, "success", "Found 1 contact"),
        count => told(true, "success", &format!("Found {count} contacts")),
    };
    reply["matchedContactInfo"] = json!(found);
    (200, reply)
}
