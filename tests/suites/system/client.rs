//! The routes of the extension: the same cases for each sign-in, over HTTP and as API Gateway's
//! events.

pub(super) mod about;
pub(super) mod calls;
pub(super) mod contacts;
pub(super) mod described;
pub(super) mod faults;
pub(super) mod messages;

use std::collections::BTreeMap;

use daybook_api::app::App;
use daybook_core::config::Vars;
use daybook_example_crm::{DEMO_KEY, SECOND_REP_KEY};
use daybook_fakes::FakeCrm;
use daybook_local::table::{TABLE_NAME, sdk_config_of};
use daybook_tests::sign_in::{call, token, with_key, with_oauth};
use daybook_tests::world::{ClientAnswer, DEPLOYED, Door};
use serde_json::{Value, json};

use crate::pipedrive::{COLLEAGUE, HOST, Scene, USER};

/// The cases of a module for each sign-in through the two doors that the extension comes through,
/// each in a world of its own.
macro_rules! by_each_sign_in {
    (in $group:literal; $($name:ident),+ $(,)?) => {
        pub(crate) fn cases() -> Vec<libtest_mimic::Trial> {
            use daybook_tests::world::Door;
            let mut trials = Vec::new();
            for (door, prefix) in [(Door::LocalHttp, "local_http"), (Door::HttpEvent, "http_event")] {
                for crm in crate::client::Crm::ALL {
                    $(trials.push(daybook_tests::runner::case(
                        format!("{prefix}::client::{}{}::{}", $group, crm.platform(), stringify!($name)),
                        move || async move {
                            $name(&crate::client::Desk::start(door, crm).await).await
                        },
                    ));)+
                }
            }
            trials
        }
    };
}
use by_each_sign_in;

/// How somebody signs in, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Crm {
    Key,
    OAuth,
    Pipedrive,
}

impl Crm {
    const ALL: [Self; 3] = [Self::Key, Self::OAuth, Self::Pipedrive];

    fn platform(self) -> &'static str {
        match self {
            Self::Key => "exampleCRM",
            Self::OAuth => "exampleCRMOAuth",
            Self::Pipedrive => "pipedrive",
        }
    }

    /// The name that people know the CRM by.
    fn display_name(self) -> &'static str {
        match self {
            Self::Key => "Example CRM",
            Self::OAuth => "Example CRM (OAuth)",
            Self::Pipedrive => "Pipedrive",
        }
    }

    /// The type of its contacts.
    fn kind(self) -> &'static str {
        match self {
            Self::Key | Self::OAuth => "Contact",
            Self::Pipedrive => "Person",
        }
    }

    /// With what the paths begin at which it has contacts.
    fn path(self) -> &'static str {
        match self {
            Self::Key | Self::OAuth => "/crm/api/contacts",
            Self::Pipedrive => "/api/v2/persons",
        }
    }
}

/// A system whose user has signed in.
struct Desk {
    scene: Scene,
    crm: Crm,
    token: String,
}

impl Desk {
    async fn start(door: Door, crm: Crm) -> Self {
        let scene = Scene::start(door).await;
        let token = sign_in(&scene, crm, false).await;
        let desk = Self { scene, crm, token };
        desk.server().clear_journal();
        desk
    }

    /// The session of another user of the same company.
    async fn colleague(&self) -> String {
        let token = sign_in(&self.scene, self.crm, true).await;
        self.server().clear_journal();
        token
    }

    fn server(&self) -> &FakeCrm {
        match self.crm {
            Crm::Key | Crm::OAuth => &self.scene.world.crm,
            Crm::Pipedrive => &self.scene.pipedrive,
        }
    }

    async fn disconnect_all(&self) {
        match self.crm {
            Crm::Key | Crm::OAuth => self.scene.world.crm.disconnect_all().await,
            Crm::Pipedrive => self.scene.pipedrive.disconnect_all(),
        }
    }

    /// A request of the extension, which has the token in the query.
    async fn ask(&self, method: &str, path: &str, body: &Value) -> ClientAnswer {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let path = format!("{path}?jwtToken={}&{query}", self.token);
        let body = match body.is_null() {
            true => String::new(),
            false => body.to_string(),
        };
        self.scene.world.client(method, &path, &[], &body).await
    }

    async fn get(&self, path: &str) -> ClientAnswer {
        self.ask("GET", path, &Value::Null).await
    }

    /// A function of this system within this process, with the table at `endpoint`.
    fn app(&self, endpoint: &str) -> App {
        let own = self.scene.world.crm.variables();
        let own = own.iter().map(|(name, value)| (*name, value.as_str()));
        let all: BTreeMap<_, _> = (DEPLOYED.into_iter().chain(own))
            .chain([("TABLE_NAME", TABLE_NAME)])
            .collect();
        let find = |name: &str| all.get(name).map(|value| (*value).to_owned());
        App::new(&Vars::new(&find), &sdk_config_of(endpoint)).expect("it is configured")
    }

    /// A request of somebody else.
    async fn get_as(&self, token: &str, path: &str) -> ClientAnswer {
        call(&self.scene.world, token, "GET", path, &Value::Null).await
    }

    /// Calls an interface for the user, past the routes of the extension.
    async fn directly(&self, interface: &str, fields: Value) -> Value {
        let mut params = match self.crm {
            Crm::Key => json!({"user": {"id": "1-exampleCRM", "hostname": "127.0.0.1"}}),
            Crm::OAuth => json!({"user": {"id": "1-exampleCRMOAuth", "hostname": "127.0.0.1"}}),
            Crm::Pipedrive => json!({"user": crate::pipedrive::user(USER, HOST)}),
        };
        let fields = fields.as_object().expect("an object").clone();
        params.as_object_mut().expect("an object").extend(fields);
        let (platform, body) = (self.crm.platform(), params.to_string());
        let world = &self.scene.world;
        let (status, reply) = world.call_platform(platform, interface, &body).await;
        assert_eq!(
            (status, &reply["successful"]),
            (200, &json!(true)),
            "{reply}"
        );
        reply
    }
}

async fn sign_in(scene: &Scene, crm: Crm, colleague: bool) -> String {
    let world = &scene.world;
    match (crm, colleague) {
        (Crm::Key, false) => token(&with_key(world, DEMO_KEY).await),
        (Crm::Key, true) => token(&with_key(world, SECOND_REP_KEY).await),
        (Crm::OAuth, false) => token(&with_oauth(world, "1-1").await),
        (Crm::OAuth, true) => token(&with_oauth(world, "1-2").await),
        (Crm::Pipedrive, false) => scene.sign_in(USER).await,
        (Crm::Pipedrive, true) => scene.sign_in(COLLEAGUE).await,
    }
}

/// The words of a reply that the extension shows.
fn words(reply: &Value) -> &str {
    let shown = &reply["returnMessage"];
    assert!(shown["ttl"].as_u64().is_some_and(|ttl| ttl > 0), "{reply}");
    let kind = shown["messageType"].as_str().expect("a type");
    assert!(["success", "warning", "error"].contains(&kind), "{reply}");
    let words = shown["message"].as_str().expect("words");
    assert!(!words.is_empty());
    words
}
