//! The description of the routes, held against template.yaml and against what is answered.

use std::collections::BTreeSet;

use daybook_local::template::{TEMPLATE, Template};
use daybook_tests::runner::case;
use daybook_tests::world::{Door, World};
use libtest_mimic::Trial;
use serde_json::Value;

pub(crate) fn cases() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (door, prefix) in [
        (Door::LocalHttp, "local_http"),
        (Door::HttpEvent, "http_event"),
    ] {
        trials.push(case(
            format!("{prefix}::described::the_routes_are_those_of_the_template"),
            move || the_routes_are_those_of_the_template(door),
        ));
        trials.push(case(
            format!("{prefix}::described::the_reference_is_a_page_that_loads_nothing"),
            move || the_reference_is_a_page_that_loads_nothing(door),
        ));
        trials.push(case(
            format!("{prefix}::described::what_is_answered_to_anybody_is_described"),
            move || what_is_answered_to_anybody_is_described(door),
        ));
    }
    trials
}

async fn the_routes_are_those_of_the_template(door: Door) {
    let world = World::start(door).await;
    let document = world.client("GET", "/openapi.json", &[], "").await.json();
    let mut described = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().expect("an object") {
        for method in methods.as_object().expect("an object").keys() {
            described.insert((method.to_ascii_uppercase(), path.clone()));
        }
    }
    let template = Template::parse(TEMPLATE).expect("readable");
    let routes = template.functions.into_values().flatten();
    let routes: BTreeSet<_> = routes.map(|route| (route.method, route.path)).collect();
    assert_eq!(described, routes);
}

async fn the_reference_is_a_page_that_loads_nothing(door: Door) {
    let world = World::start(door).await;
    let page = world.client("GET", "/docs", &[], "").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    let policy = &page.headers["content-security-policy"];
    let (style, rest) = policy
        .strip_prefix("default-src 'none'; style-src 'sha256-")
        .and_then(|rest| rest.split_once("'; "))
        .expect("its own style alone");
    assert_eq!(style.len(), 44, "{policy}");
    assert_eq!(
        rest,
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    assert!(!page.text.contains("<script"));
    assert!(
        page.text
            .contains("/interfaces/{platform}/createMessageLog")
    );
}

/// Statuses and kinds of content are those that stand in the description.
async fn what_is_answered_to_anybody_is_described(door: Door) {
    let world = World::start(door).await;
    let document = world.client("GET", "/openapi.json", &[], "").await.json();
    let long = format!("/isAlive?x={}", "x".repeat(17 << 10));
    for (method, path, body, status) in [
        ("GET", "/isAlive", "", 200),
        ("GET", &*long, "", 414),
        ("GET", "/crmManifest", "", 200),
        ("GET", "/crmManifest?platformName=x", "", 400),
        ("GET", "/implementedInterfaces?platform=exampleCRM", "", 200),
        ("GET", "/releaseNotes", "", 200),
        ("GET", "/serverVersionInfo", "", 200),
        ("GET", "/admin/settings", "", 403),
        ("GET", "/licenseStatus", "", 200),
        ("GET", "/userInfoHash?accountId=1&extensionId=2", "", 200),
        ("GET", "/hostname", "", 400),
        ("GET", "/oauth-callback", "", 400),
        ("GET", "/pipedrive-redirect", "", 404),
        ("POST", "/apiKeyLogin", "{}", 400),
        ("POST", "/user/settings", "{}", 400),
        ("POST", "/messageLog", "{}", 400),
        ("GET", "/callLog?sessionIds=1", "", 400),
        ("POST", "/callLog", "{}", 400),
        ("PATCH", "/callLog", "{}", 400),
        ("POST", "/callLog/cacheNote", "{}", 400),
        ("PUT", "/callDisposition", "{}", 400),
        ("GET", "/contact?phoneNumber=1", "", 400),
        ("POST", "/contact", "{}", 400),
        ("GET", "/custom/contact/search?name=x", "", 400),
        ("GET", "/accountData?keys=x", "", 400),
        ("POST", "/interfaces/exampleCRM/createMessageLog", "{}", 400),
    ] {
        let answer = match path.starts_with("/interfaces/") {
            true => directly(&world, path, body).await,
            false => {
                let answer = world.client(method, path, &[], body).await;
                (answer.status, answer.headers["content-type"].clone())
            }
        };
        assert_eq!(answer.0, status, "{path}");
        assert_described(&document, method, path, &answer);
    }
}

async fn directly(world: &World, path: &str, body: &str) -> (u16, String) {
    let interface = path.rsplit('/').next().expect("a name");
    let (status, _) = world.call_raw(interface, body).await;
    (
        u16::try_from(status).expect("a status"),
        "application/json".to_owned(),
    )
}

fn assert_described(document: &Value, method: &str, path: &str, answer: &(u16, String)) {
    let (path, _) = path.split_once('?').unwrap_or((path, ""));
    let path = path.replace("/exampleCRM/", "/{platform}/");
    let said = &document["paths"][&path][method.to_ascii_lowercase()]["responses"];
    let mut said = &said[answer.0.to_string()];
    if let Some(place) = said["$ref"].as_str() {
        said = document.pointer(&place[1..]).expect("it is there");
    }
    let (kind, _) = answer.1.split_once(';').unwrap_or((&answer.1, ""));
    assert!(
        said["content"][kind].is_object(),
        "{path} {answer:?}: {said}"
    );
}
