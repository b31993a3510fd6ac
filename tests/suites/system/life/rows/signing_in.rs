//! The rows of signing in and out, and of what belongs to nobody or to one user.

use daybook_tests::runner::case;
use daybook_tests::sign_in::{REDIRECT, rely_by, with_key, with_oauth};
use daybook_tests::world::World;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::super::extension::Extension;
use super::super::{DOORS, reads};
use super::signed_in;

super::rows![
    the_manifest_has_what_the_extension_reads,
    both_ids_are_hashed_also_those_that_are_left_out,
    pre_settings_are_an_object_for_everybody,
    a_login_by_oauth_that_fails_brings_no_token_and_words,
    a_login_by_key_that_fails_is_no_success,
    settings_are_there_whatever_is_sent,
    nobody_is_an_administrator,
    a_license_is_told_with_and_without_a_session,
    a_logout_has_words,
    what_needs_no_session_is_answered_without_one,
];

/// The cases over Pipedrive.
pub(super) fn of_pipedrive() -> Vec<Trial> {
    let listed = DOORS.into_iter().map(|(door, prefix)| {
        let name = format!("{prefix}::client::rows::pipedrives_page_and_host_are_found");
        case(name, move || async move {
            pipedrives_page_and_host_are_found(&crate::world(door, &[]).await).await;
        })
    });
    listed.collect()
}

async fn ask(world: &World, path: &str) -> daybook_tests::world::ClientAnswer {
    world.client("GET", path, &[], "").await
}

async fn the_manifest_has_what_the_extension_reads(world: &World) {
    for platform in ["exampleCRM", "exampleCRMOAuth"] {
        let answer = ask(world, "/crmManifest").await;
        let told = reads::manifest(&answer, platform);
        assert_eq!(told["name"], platform, "{told}");
        match platform {
            "exampleCRM" => assert!(
                told["auth"]["apiKey"]["page"]["content"].is_array(),
                "{told}"
            ),
            _ => {
                for field in ["authUrl", "clientId"] {
                    assert!(told["auth"]["oauth"][field].is_string(), "{told}");
                }
            }
        }
        let only = ask(world, &format!("/crmManifest?platformName={platform}")).await;
        assert_eq!(reads::manifest(&only, platform), told);
    }
    // The window of every login is watched for this address, RingCentral's own too.
    let answer = ask(world, "/crmManifest").await;
    assert_eq!(answer.json()["redirectUri"], REDIRECT);
    let unknown = ask(world, "/crmManifest?platformName=none").await;
    assert_eq!(unknown.status, 400, "{unknown:?}");
}

async fn both_ids_are_hashed_also_those_that_are_left_out(world: &World) {
    for query in [
        "?extensionId=130076004&accountId=37439510",
        "?extensionId=&accountId=",
        "",
    ] {
        reads::identity(&ask(world, &format!("/userInfoHash{query}")).await);
    }
}

async fn pre_settings_are_an_object_for_everybody(world: &World) {
    for query in ["?rcAccountId=", "", "?rcAccountId=37439510"] {
        reads::pre_settings(&ask(world, &format!("/user/preloadSettings{query}")).await);
    }
}

async fn a_login_by_oauth_that_fails_brings_no_token_and_words(world: &World) {
    reads::sign_in(&with_oauth(world, "1-1").await);
    for spilled in [
        "code=wrong&state=platform=exampleCRMOAuth",
        "error=access_denied&state=platform=exampleCRMOAuth",
    ] {
        let path = format!("/oauth-callback?callbackUri={REDIRECT}?{spilled}&hostname=temp");
        let answer = ask(world, &path).await;
        // The extension looks whether there is a token, and shows the words.
        assert_eq!(answer.status, 200, "{answer:?}");
        let told = answer.json();
        assert!(told["jwtToken"].is_null(), "{told}");
        let shown = &told["returnMessage"];
        assert_eq!(shown["messageType"], "warning", "{told}");
        assert!(
            shown["message"].is_string() && shown["ttl"].is_u64(),
            "{told}"
        );
    }
}

async fn a_login_by_key_that_fails_is_no_success(world: &World) {
    reads::sign_in(&with_key(world, daybook_example_crm::DEMO_KEY).await);
    // A 200 without a token is shown as a login, and a 404 is never shown.
    for key in ["wrong", ""] {
        let refused = with_key(world, key).await;
        assert_eq!(refused.status, 400, "{refused:?}");
        assert!(!refused.text.contains("jwtToken"), "{refused:?}");
    }
}

async fn settings_are_there_whatever_is_sent(world: &World) {
    let extension = signed_in(world).await;
    for body in [
        json!({"userSettings": {"a": {"value": 1}}}),
        json!({"userSettings": {}}),
        json!({}),
    ] {
        let kept = reads::settings(&extension.post("/user/settings", &body).await);
        assert_eq!(kept["a"]["value"], 1, "{kept}");
    }
    let read = extension.get("/user/settings", "rcAccountId=").await;
    assert_eq!(read.json()["a"]["value"], 1, "a bare object: {read:?}");
}

async fn nobody_is_an_administrator(world: &World) {
    let extension = signed_in(world).await;
    let token = "rcAccessToken=a-token";
    let read = extension.get("/admin/settings", token).await;
    assert_eq!(read.status, 403, "{read:?}");
    assert!(!read.text.is_empty());
    let body = json!({"adminSettings": {"userSettings": {}}});
    let written = extension.ask("POST", "/admin/settings", token, &body).await;
    assert!(written.status >= 400, "{written:?}");
}

async fn a_license_is_told_with_and_without_a_session(world: &World) {
    let extension = signed_in(world).await;
    let own = reads::license(&extension.get("/licenseStatus", "").await);
    assert_eq!(own["isLicenseValid"], true);
    let valid = extension.get("/authValidation", "").await;
    assert_eq!(reads::outcome(&valid)["successful"], true);
    let nobodys = reads::license(&ask(world, "/licenseStatus?jwtToken=wrong").await);
    assert_eq!(nobodys["isLicenseValid"], false);
}

async fn a_logout_has_words(world: &World) {
    let extension = signed_in(world).await;
    let left = extension.post("/unAuthorize", &Value::Null).await;
    reads::outcome(&left);
    reads::refusal(&extension.post("/unAuthorize", &Value::Null).await);
}

async fn what_needs_no_session_is_answered_without_one(world: &World) {
    let alive = ask(world, "/isAlive").await;
    assert_eq!((alive.status, alive.text.as_str()), (200, "OK"));
    let version = ask(world, "/serverVersionInfo").await.json();
    assert!(version["version"].is_string(), "{version}");
    reads::release_notes(&ask(world, "/releaseNotes").await);
    let interfaces = ask(world, "/implementedInterfaces?platform=exampleCRM").await;
    let interfaces = interfaces.json();
    let all = interfaces.as_object().expect("an object").values();
    assert!(all.into_iter().all(Value::is_boolean), "{interfaces}");
    for path in [
        "/implementedInterfaces",
        "/implementedInterfaces?platform=none",
    ] {
        assert_eq!(ask(world, path).await.status, 400, "{path}");
    }
}

async fn pipedrives_page_and_host_are_found(world: &World) {
    let page = ask(world, "/pipedrive-redirect?code=1234").await;
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.text.contains("id=\"rc-stepper\""), "{}", page.text);
    let asked = rely_by(&world.crm);
    let sign_in = async |world: &World| {
        let answer = world.client(asked.method, &asked.path, &[], &asked.body);
        answer.await
    };
    let extension = Extension::start(world, sign_in).await;
    let host = extension.get("/hostname", "").await;
    assert_eq!(
        (host.status, host.text.as_str()),
        (200, "first-company.pipedrive.com")
    );
}
