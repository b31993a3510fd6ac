//! What is told of the server and of its CRMs, to anybody.

use daybook_fakes::{FakePipedrive, Invocation, http_api_v2_event};
use daybook_local::template::{TEMPLATE, Template};
use daybook_tests::runner::case;
use daybook_tests::world::{ClientAnswer, Door, World, function};
use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::pipedrive::Scene;

const EXTENSION_PAGE: &str = "https://ringcentral.github.io/ringcentral-embeddable/redirect.html";
const FUNCTIONS: [(&str, &str); 8] = [
    ("crm-manifest", "/crmManifest"),
    (
        "implemented-interfaces",
        "/implementedInterfaces?platform=exampleCRM",
    ),
    ("release-notes", "/releaseNotes"),
    ("server-version-info", "/serverVersionInfo"),
    ("is-alive", "/isAlive"),
    ("get-admin-settings", "/admin/settings"),
    ("openapi", "/openapi.json"),
    ("docs", "/docs"),
];

/// The cases through the two doors that the extension comes through, each in a world of its own.
macro_rules! by_client {
    ($($name:ident),+ $(,)?) => {
        pub(crate) fn cases() -> Vec<Trial> {
            let mut trials = Vec::new();
            for (door, prefix) in [(Door::LocalHttp, "local_http"), (Door::HttpEvent, "http_event")] {
                $(trials.push(case(
                    format!("{prefix}::about::{}", stringify!($name)),
                    move || async move { $name(door).await },
                ));)+
            }
            trials
        }
    };
}

by_client![
    the_manifest_has_what_the_extension_reads_of_every_crm,
    the_manifest_of_pipedrive_begins_and_ends_a_sign_in_on_our_page,
    a_platform_is_chosen_and_an_unknown_one_is_named_as_the_fault,
    the_address_in_the_manifest_can_be_configured,
    what_a_crm_has_follows_from_its_adapter,
    version_and_news_belong_together,
    nobody_is_an_administrator,
];

pub(crate) fn cases_of_cost() -> Vec<Trial> {
    vec![
        case(
            "http_event::about::nothing_that_is_told_to_anybody_needs_the_table",
            nothing_that_is_told_to_anybody_needs_the_table,
        ),
        case(
            "about::nothing_that_is_told_to_anybody_may_use_the_table",
            || async {
                nothing_that_is_told_to_anybody_may_use_the_table();
            },
        ),
    ]
}

async fn get(world: &World, path: &str) -> ClientAnswer {
    world.client("GET", path, &[], "").await
}

/// The address that requests of a world go to.
fn address(door: Door, manifest: &Value) -> bool {
    let url = manifest["serverUrl"].as_str().expect("text");
    match door {
        Door::LocalHttp => url.starts_with("http://127.0.0.1:"),
        Door::HttpEvent | Door::Direct => url.starts_with("https://"),
    }
}

/// What the extension throws without.
fn is_whole(name: &str, platform: &Value) {
    assert_eq!(platform["name"], name);
    for text in [
        "displayName",
        "urlIdentifier",
        "contactPageUrl",
        "logPageUrl",
        "logoUrl",
    ] {
        let told = platform[text].as_str().unwrap_or_default();
        assert!(!told.is_empty(), "{name}: {text}");
    }
    let logo = platform["logoUrl"].as_str().expect("text");
    assert!(logo.starts_with("data:image/svg+xml;base64,"), "{logo}");
    for list in ["embedUrls", "contactTypes", "settings"] {
        assert!(platform[list].is_array(), "{name}: {list}");
    }
    let kind = &platform["contactTypes"][0];
    assert!(
        kind["value"].is_string() && kind["display"].is_string(),
        "{name}: {kind}"
    );
    for page in ["callLog", "messageLog", "newContact"] {
        let fields = &platform["page"][page]["additionalFields"];
        assert!(fields.is_array(), "{name}: {page}");
    }
    assert!(platform["canOpenLogPage"].is_boolean(), "{name}");
    assert_eq!(platform["page"]["useContactSearch"], true, "{name}");
    assert_eq!(platform["serverSideLogging"], Value::Null, "{name}");
    let auth = &platform["auth"];
    match auth["type"].as_str().expect("text") {
        "oauth" => {
            for text in ["authUrl", "clientId", "redirectUri"] {
                assert!(auth["oauth"][text].is_string(), "{name}: {text}");
            }
        }
        "apiKey" => {
            let page = &auth["apiKey"]["page"];
            assert!(page["title"].is_string(), "{name}");
            assert_eq!(page["content"][0]["const"], "apiKey", "{name}");
        }
        other => panic!("{name}: {other}"),
    }
}

async fn the_manifest_has_what_the_extension_reads_of_every_crm(door: Door) {
    let scene = Scene::start(door).await;
    let both = World::start(door).await;
    for (world, names) in [
        (
            &scene.world,
            &["exampleCRM", "exampleCRMOAuth", "pipedrive"][..],
        ),
        (&both, &["exampleCRM", "exampleCRMOAuth"]),
    ] {
        let manifest = get(world, "/crmManifest").await.json();
        assert!(address(door, &manifest), "{manifest}");
        assert_eq!(manifest["redirectUri"], EXTENSION_PAGE);
        assert!(manifest["author"]["name"].is_string());
        assert_eq!(
            manifest["version"]
                .as_str()
                .map(|text| text.split('.').count()),
            Some(3)
        );
        let platforms = manifest["platforms"].as_object().expect("an object");
        assert_eq!(platforms.keys().collect::<Vec<_>>(), names);
        for (name, platform) in platforms {
            is_whole(name, platform);
        }
    }
    let oauth = get(&both, "/crmManifest?platformName=exampleCRMOAuth")
        .await
        .json();
    let oauth = &oauth["platforms"]["exampleCRMOAuth"]["auth"]["oauth"];
    let page = oauth["authUrl"].as_str().expect("text");
    assert!(page.ends_with("/crm/oauth/authorize"), "{page}");
    assert_eq!(oauth["clientId"], daybook_example_crm::OAUTH_CLIENT_ID);
    assert_eq!(oauth["redirectUri"], EXTENSION_PAGE);
}

async fn the_manifest_of_pipedrive_begins_and_ends_a_sign_in_on_our_page(door: Door) {
    let scene = Scene::start(door).await;
    let manifest = get(&scene.world, "/crmManifest?platformName=pipedrive")
        .await
        .json();
    let platform = &manifest["platforms"]["pipedrive"];
    let server = manifest["serverUrl"].as_str().expect("text");
    assert_eq!(
        platform["auth"]["oauth"]["redirectUri"],
        format!("{server}/pipedrive-redirect")
    );
    assert_eq!(platform["urlIdentifier"], "*.pipedrive.com");
    assert_eq!(
        platform["contactPageUrl"],
        "https://{hostname}/person/{contactId}"
    );
    let fields = &platform["page"]["messageLog"]["additionalFields"];
    assert_eq!(*fields, platform["page"]["callLog"]["additionalFields"]);
    let names: Vec<_> = fields
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["const"])
        .collect();
    assert_eq!(names, ["deals", "leads"]);
    assert_eq!(fields[0]["type"], "selection");
    assert_eq!(fields[0]["contactDependent"], true);
    assert!(!manifest.to_string().contains(FakePipedrive::CLIENT_SECRET));
}

async fn a_platform_is_chosen_and_an_unknown_one_is_named_as_the_fault(door: Door) {
    let world = World::start(door).await;
    let manifest = get(&world, "/crmManifest?platformName=exampleCRM")
        .await
        .json();
    let platforms = manifest["platforms"].as_object().expect("an object");
    assert_eq!(platforms.keys().collect::<Vec<_>>(), ["exampleCRM"]);
    for (path, field) in [
        ("/crmManifest?platformName=Daisy", "platformName"),
        // One that is known and not offered.
        ("/crmManifest?platformName=pipedrive", "platformName"),
        ("/implementedInterfaces?platform=Daisy", "platform"),
        ("/implementedInterfaces", "platform"),
    ] {
        let answer = get(&world, path).await;
        assert_eq!(answer.status, 400, "{path}");
        assert_eq!(answer.json()["field"], field, "{path}");
        assert!(!answer.text.contains("Daisy"), "{}", answer.text);
    }
}

async fn the_address_in_the_manifest_can_be_configured(door: Door) {
    let variables = [("SERVER_URL", "https://crm.example/base/")];
    let world = World::start_with(door, &variables).await;
    let manifest = get(&world, "/crmManifest").await.json();
    assert_eq!(manifest["serverUrl"], "https://crm.example/base");
    let document = get(&world, "/openapi.json").await.json();
    assert_eq!(document["servers"][0]["url"], "https://crm.example/base");
}

async fn what_a_crm_has_follows_from_its_adapter(door: Door) {
    let scene = Scene::start(door).await;
    let of = async |platform: &str| {
        let path = format!("/implementedInterfaces?platform={platform}");
        get(&scene.world, &path).await.json()
    };
    let (key, oauth) = (of("exampleCRM").await, of("pipedrive").await);
    for required in [
        "createMessageLog",
        "updateCallLog",
        "findContact",
        "getUserInfo",
    ] {
        assert_eq!(
            (&key[required], &oauth[required]),
            (&json!(true), &json!(true))
        );
    }
    assert_eq!(
        (&key["getAccountData"], &oauth["getAccountData"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(
        (&key["getBasicAuth"], &oauth["getBasicAuth"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(
        (&key["getOauthInfo"], &oauth["getOauthInfo"]),
        (&Value::Null, &json!(true))
    );
    for unknown in ["listAppointments", "getManagedAuthOptions"] {
        assert_eq!(
            (&key[unknown], &oauth[unknown]),
            (&json!(false), &json!(false))
        );
    }
    let every = key.as_object().expect("an object").values();
    assert!(
        every
            .chain(oauth.as_object().expect("an object").values())
            .all(Value::is_boolean)
    );
}

async fn version_and_news_belong_together(door: Door) {
    let world = World::start(door).await;
    let alive = get(&world, "/isAlive").await;
    assert_eq!((alive.status, alive.text.as_str()), (200, "OK"));
    let version = get(&world, "/serverVersionInfo").await.json();
    let manifest = get(&world, "/crmManifest").await.json();
    assert_eq!(version, json!({"version": manifest["version"]}));
    let notes = get(&world, "/releaseNotes").await.json();
    let this = &notes[version["version"].as_str().expect("text")];
    let note = &this["global"][0];
    assert!(
        note["type"].is_string() && note["description"].is_string(),
        "{notes}"
    );
}

/// Any success would make a user of the extension an administrator.
async fn nobody_is_an_administrator(door: Door) {
    let world = World::start(door).await;
    for path in [
        "/admin/settings",
        "/admin/settings?jwtToken=x&rcAccessToken=y",
    ] {
        let answer = get(&world, path).await;
        assert_eq!(answer.status, 403, "{path}");
        assert_eq!(answer.json()["successful"], false);
    }
}

/// Where the table would be, nobody listens.
async fn nothing_that_is_told_to_anybody_needs_the_table() {
    let crm = [("EXAMPLE_CRM_URL", "http://127.0.0.1:1/crm/api")];
    for (name, path) in FUNCTIONS {
        let (api, _process) = function(name, "http://127.0.0.1:1", &crm).await;
        let event = http_api_v2_event("GET", path, &[], &[], "", false);
        let answer = match api.invoke(&event.to_string(), 5_000).await {
            Invocation::Response(answer) => answer,
            other @ (Invocation::Error(_)
            | Invocation::InitError(_)
            | Invocation::TimedOut
            | Invocation::Exited { .. }) => panic!("{name}: {other:?}"),
        };
        let expected = if name == "get-admin-settings" {
            403
        } else {
            200
        };
        assert_eq!(answer["statusCode"], expected, "{name}: {answer}");
    }
}

fn nothing_that_is_told_to_anybody_may_use_the_table() {
    let template = Template::parse(TEMPLATE).expect("readable");
    for (name, _) in FUNCTIONS {
        assert!(template.functions.contains_key(name), "{name}");
        let (_, resource) = TEMPLATE
            .split_once(&format!("        Binary: {name}\n"))
            .expect("a function");
        let (resource, _) = resource.split_once("\n\n").unwrap_or((resource, ""));
        assert!(!resource.contains("Policies:"), "{name}");
    }
}
