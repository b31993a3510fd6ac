//! Where tokens go: to the host that Pipedrive itself named, and nowhere else.

use daybook_fakes::{FakePipedrive, Fault, Rule};
use http::Method;
use serde_json::{Value, json};

use super::{HOST, STRANGER, Scene, USER, text, user, words};

super::by_client![
    the_host_that_the_browser_saw_is_only_compared,
    an_api_domain_elsewhere_signs_nobody_in,
    a_caller_who_names_another_host_gets_nothing_sent,
    a_redirect_to_elsewhere_is_not_followed,
    a_company_that_has_moved_is_followed_and_stays_the_same,
    a_renewal_that_names_another_host_changes_none,
];

async fn the_host_that_the_browser_saw_is_only_compared(scene: &Scene) {
    scene.pipedrive.set_api_domain(&format!("https://{HOST}"));
    for hostname in [
        "temp",
        "first-company.pipedrive.com",
        "First-Company.Pipedrive.COM",
    ] {
        let body = scene.come_back(USER, hostname).await.json();
        let token = body["jwtToken"].as_str().expect(hostname);
        let host = scene.ask(token, "GET", "/hostname").await;
        assert_eq!((host.status, host.text.as_str()), (200, HOST), "{hostname}");
    }
    let before = scene.calls();
    for hostname in [
        "second-company.pipedrive.com",
        "evil.example",
        "first-company.pipedrive.com.evil.example",
    ] {
        let answer = scene.come_back(USER, hostname).await;
        let body = answer.json();
        assert_eq!(answer.status, 200, "{hostname}");
        assert!(body["jwtToken"].is_null(), "{hostname}: {body}");
        let expected = "The access was granted for another company in Pipedrive than the one \
                        that is open in the browser.";
        assert!(words(&body).starts_with(expected), "{body}");
    }
    assert_eq!(scene.calls(), before, "no token was sent");
}

async fn an_api_domain_elsewhere_signs_nobody_in(scene: &Scene) {
    for domain in [
        "https://evil.example",
        "https://first-company.pipedrive.com.evil.example",
        "https://evilpipedrive.com",
        "http://first-company.pipedrive.com",
        "https://first-company.pipedrive.com:8443",
        "https://first-company.pipedrive.com@evil.example",
        "first-company.pipedrive.com",
        "",
    ] {
        scene.pipedrive.set_api_domain(domain);
        let answer = scene.come_back(USER, "temp").await;
        let body = answer.json();
        assert_eq!(answer.status, 200, "{domain}");
        assert_eq!(body["successful"], false, "{domain}: {body}");
        assert!(body["jwtToken"].is_null(), "{domain}: {body}");
    }
    assert_eq!(scene.calls(), 0, "no token was sent");
    assert!(!scene.world.dump().await.contains("11-pipedrive"));
}

/// A contact search and a text of a caller who brings `auth`.
async fn assert_host_refused(scene: &Scene, hostname: &str, auth: &Value) {
    let find = json!({"user": user(USER, hostname), "phoneNumber": "+16505553204"});
    let mut log = text();
    log["user"] = user(USER, hostname);
    for (interface, mut params) in [("findContact", find), ("createMessageLog", log)] {
        params["authHeader"] = auth.clone();
        let (status, reply) = scene.call(interface, &params).await;
        assert_eq!(
            (status, &reply["field"]),
            (400, &json!("user.hostname")),
            "{hostname}: {reply}"
        );
    }
}

async fn a_caller_who_names_another_host_gets_nothing_sent(scene: &Scene) {
    scene.sign_in(USER).await;
    scene.sign_in(STRANGER).await;
    let before = scene.calls();
    for hostname in [
        "evil.example",
        "first-company.pipedrive.com.evil.example",
        "evilpipedrive.com",
        "pipedrive.com",
    ] {
        for auth in [Value::Null, json!("Bearer QWERTY")] {
            assert_host_refused(scene, hostname, &auth).await;
        }
    }
    // A host of Pipedrive's, but of another company: its user has another id.
    let mut log = text();
    log["user"] = user(USER, "second-company.pipedrive.com");
    let (status, reply) = scene.call("createMessageLog", &log).await;
    assert_eq!((status, &reply["field"]), (400, &json!("authHeader")));
    // None at all: it is not guessed.
    log["user"] = json!({"id": "11-pipedrive"});
    let (status, reply) = scene.call("createMessageLog", &log).await;
    assert_eq!((status, &reply["field"]), (400, &json!("user.hostname")));
    assert_eq!(scene.calls(), before);
}

async fn a_redirect_to_elsewhere_is_not_followed(scene: &Scene) {
    let elsewhere = FakePipedrive::start().await;
    let token = scene.sign_in(USER).await;
    let find = json!({"user": user(USER, HOST), "phoneNumber": "+16505553204"});
    for status in [301, 302, 307, 308] {
        let location = format!("{}/api/v2/activities", elsewhere.url());
        let fault = Fault::status_with(status, &[("location", &location)], "");
        let rule = || Rule::new(fault.clone());
        scene.pipedrive.plan(rule().path_prefix("/api/").once());
        let (_, reply) = scene.call("findContact", &find).await;
        assert_eq!(reply["successful"], false, "{status}: {reply}");
        scene
            .pipedrive
            .plan(rule().path_prefix("/oauth/token").once());
        let body = scene.come_back(USER, "temp").await.json();
        assert!(body["jwtToken"].is_null(), "{status}: {body}");
        scene
            .pipedrive
            .plan(rule().path_prefix("/v1/users/me").once());
        let answer = scene.ask(&token, "GET", "/authValidation").await;
        assert_eq!(answer.json()["successful"], false, "{status}");
    }
    assert!(elsewhere.journal().is_empty(), "{:#?}", elsewhere.journal());
    scene.assert_valid(&token).await;
}

async fn a_company_that_has_moved_is_followed_and_stays_the_same(scene: &Scene) {
    scene.pipedrive.set_api_domain(&format!("https://{HOST}"));
    let token = scene.sign_in(USER).await;
    let (_, reply) = scene.call("createMessageLog", &text()).await;
    assert_eq!(words(&reply), "Message logged");
    scene
        .pipedrive
        .set_api_domain("https://renamed.pipedrive.com");
    scene.pipedrive.end_access_tokens();
    scene.assert_valid(&token).await;
    let host = scene.ask(&token, "GET", "/hostname").await;
    assert_eq!(host.text, "renamed.pipedrive.com");
    // Under either name it is the same user, and the text stands there already.
    for hostname in ["renamed.pipedrive.com", HOST] {
        let mut again = text();
        again["user"] = user(USER, hostname);
        let (_, reply) = scene.call("createMessageLog", &again).await;
        assert_eq!(words(&reply), "Already logged", "{hostname}");
    }
    assert_eq!(scene.pipedrive.activities().await.len(), 1);
    assert_eq!(
        scene
            .pipedrive
            .requests(&Method::POST, "/api/v2/activities"),
        1
    );
}

async fn a_renewal_that_names_another_host_changes_none(scene: &Scene) {
    scene.pipedrive.set_api_domain(&format!("https://{HOST}"));
    let token = scene.sign_in(USER).await;
    for domain in ["https://evil.example", "http://renamed.pipedrive.com", ""] {
        scene.pipedrive.set_api_domain(domain);
        scene.pipedrive.end_access_tokens();
        scene.assert_valid(&token).await;
        let host = scene.ask(&token, "GET", "/hostname").await;
        assert_eq!(host.text, HOST, "{domain}");
    }
}
