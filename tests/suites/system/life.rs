//! A user's life with the extension, over HTTP and as API Gateway's events, for each way to sign
//! in: from the manifest to the logout, with the requests of the extension's version 1.6.6. What it
//! reads of the answers is read, and in the end the CRM is looked at.

mod bodies;
mod calls;
mod contacts;
mod extension;
mod reads;
pub(super) mod rows;
mod texts;

use daybook_example_crm::DEMO_KEY;
use daybook_tests::crm::{Kind, over};
use daybook_tests::runner::case;
use daybook_tests::sign_in::{rely_by, with_key, with_oauth};
use daybook_tests::stands::activities_of;
use daybook_tests::world::{ClientAnswer, Door, World};
use libtest_mimic::Trial;
use serde_json::{Value, json};

use extension::Extension;

/// The doors that the extension comes through.
const DOORS: [(Door, &str); 2] = [
    (Door::LocalHttp, "local_http"),
    (Door::HttpEvent, "http_event"),
];

/// A way to sign in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Login {
    Key,
    OAuth,
    Pipedrive,
}

impl Login {
    fn crm(self) -> Kind {
        match self {
            Self::Key | Self::OAuth => Kind::Example,
            Self::Pipedrive => Kind::Pipedrive,
        }
    }

    fn platform(self) -> &'static str {
        match self {
            Self::Key => Kind::Example.platform(),
            Self::OAuth => Kind::Example.oauth_platform(),
            Self::Pipedrive => Kind::Pipedrive.platform(),
        }
    }

    async fn sign_in(self, world: &World) -> ClientAnswer {
        match self {
            Self::Key => with_key(world, DEMO_KEY).await,
            Self::OAuth => with_oauth(world, "1-1").await,
            Self::Pipedrive => {
                let asked = rely_by(&world.crm);
                let headers = [];
                world
                    .client(asked.method, &asked.path, &headers, &asked.body)
                    .await
            }
        }
    }
}

pub(super) fn cases() -> Vec<Trial> {
    let logins = [
        (Login::Key, "a_user_with_a_key_works_for_a_day"),
        (Login::OAuth, "a_user_with_oauth_works_for_a_day"),
        (Login::Pipedrive, "a_user_works_for_a_day"),
    ];
    let mut trials = Vec::new();
    for (door, prefix) in DOORS {
        for (login, name) in logins {
            let name = format!("{prefix}::client::life::{name}");
            trials.push(over(login.crm(), || {
                case(name, move || async move {
                    live(&crate::world(door, &[]).await, login).await;
                })
            }));
        }
    }
    trials
}

/// The whole life.
async fn live(world: &World, login: Login) {
    let manifest = look_around(world, login).await;
    let sign_in = async |world| login.sign_in(world).await;
    let extension = Extension::start(world, sign_in).await;
    begin(&extension).await;
    let daisy = contacts::match_and_search(&extension).await;
    let nora = contacts::make(&extension, &manifest).await;
    calls::log(&extension, &daisy).await;
    texts::log(&extension, &daisy, &nora).await;
    leave(&extension).await;
    assert_kept(world, &daisy, &nora).await;
}

/// What is asked before anybody signs in: the platform in the manifest.
async fn look_around(world: &World, login: Login) -> Value {
    let ask = async |path: &str| world.client("GET", path, &[], "").await;
    let platform = login.platform();
    let told = reads::manifest(&ask("/crmManifest").await, platform);
    assert_eq!(told["name"], platform);
    let wanted = match login {
        Login::Key => "apiKey",
        Login::OAuth | Login::Pipedrive => "oauth",
    };
    assert_eq!(told["auth"]["type"], wanted, "{told}");
    let alive = ask("/isAlive").await;
    assert_eq!((alive.status, alive.text.as_str()), (200, "OK"));
    let version = ask("/serverVersionInfo").await.json();
    assert!(version["version"].is_string(), "{version}");
    reads::release_notes(&ask("/releaseNotes").await);
    let path = format!("/implementedInterfaces?platform={platform}");
    let interfaces = ask(&path).await.json();
    for interface in ["createMessageLog", "createCallLog", "findContact"] {
        assert_eq!(interfaces[interface], true, "{interfaces}");
    }
    told
}

/// What is asked once a user has signed in.
async fn begin(extension: &Extension<'_>) {
    let hostname = extension.get("/hostname", "").await;
    assert_eq!(hostname.status, 200, "{hostname:?}");
    let license = reads::license(&extension.get("/licenseStatus", "").await);
    assert_eq!(license["isLicenseValid"], true);
    let query = "rcAccessToken=a-token-of-the-user-at-RingCentral";
    let admin = extension.get("/admin/settings", query).await;
    assert_eq!(admin.status, 403, "{admin:?}");
    let settings = extension.get("/user/settings", "rcAccountId=").await;
    assert_eq!((settings.status, settings.json()), (200, json!({})));
    let own = json!({"userSettings": {
        "autoLogSMS": {"value": true, "customizable": true},
        "addCallSessionId": {"value": true, "customizable": true},
    }});
    let saved = reads::settings(&extension.post("/user/settings", &own).await);
    assert_eq!(saved["autoLogSMS"]["value"], true, "{saved}");
}

/// The user leaves, and the token is good for nothing.
async fn leave(extension: &Extension<'_>) {
    let left = extension.post("/unAuthorize", &Value::Null).await;
    assert_eq!(left.status, 200, "{left:?}");
    assert_eq!(left.json()["returnMessage"]["messageType"], "success");
    reads::refusal(&extension.get("/hostname", "").await);
    let answer = extension.look_up(bodies::DAISY, false).await;
    reads::refusal(&answer);
}

/// What stands in the CRM after it all, and nothing else.
async fn assert_kept(world: &World, daisy: &Value, nora: &Value) {
    world.crm.clear_plan();
    let of_daisy = activities_of(&world.crm, id(daisy)).await;
    let of_nora = activities_of(&world.crm, id(nora)).await;
    let all = world.crm.activities().await.len();
    assert_eq!(all, of_daisy.len() + of_nora.len(), "somebody else's");
    let mut of_daisy = of_daisy.iter();
    calls::assert_kept(of_daisy.next().expect("the call"));
    let rest: Vec<_> = of_daisy.collect();
    texts::assert_kept(&rest, &of_nora);
}

/// A contact's id in the CRM.
fn id(contact: &Value) -> u64 {
    let id = contact["id"].as_str().map(str::parse);
    id.map_or_else(
        || contact["id"].as_u64().expect("a number"),
        |id| id.expect("a number"),
    )
}
