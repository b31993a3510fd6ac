//! Coming in: the page, the code, what Pipedrive lacks.

use daybook_fakes::FakePipedrive;
use http::Method;
use serde_json::json;

use super::{HOST, REDIRECT, Scene, USER, text, words};

super::by_client![
    a_visitor_of_the_page_is_sent_on_to_pipedrive,
    the_page_shows_what_the_extension_looks_for_and_no_code,
    a_code_becomes_a_session,
    a_code_is_good_once,
    who_declines_is_told_so,
    a_missing_type_of_activity_is_told_at_the_sign_in,
    missing_scopes_are_told_at_the_sign_in_and_in_use,
    pipedrive_being_away_signs_nobody_in,
];

async fn a_visitor_of_the_page_is_sent_on_to_pipedrive(scene: &Scene) {
    let answer = scene
        .world
        .client("GET", "/pipedrive-redirect", &[], "")
        .await;
    let url = scene.pipedrive.url();
    // A client that follows has seen Pipedrive's own page.
    if answer.status == 302 {
        let location = &answer.headers["location"];
        assert!(location.starts_with(&url), "{location}");
        let page = reqwest::get(location).await.expect("an answer");
        let page = page.text().await.expect("a page");
        assert!(page.contains("Allow and install"), "{page}");
    } else {
        assert!(answer.text.contains("Allow and install"), "{answer:?}");
    }
    let journal = scene.pipedrive.journal();
    let paths: Vec<_> = journal.iter().map(|one| one.path.as_str()).collect();
    let redirect: String = url::form_urlencoded::byte_serialize(REDIRECT.as_bytes()).collect();
    let client = FakePipedrive::CLIENT_ID;
    let expected = format!("/oauth/authorize?client_id={client}&redirect_uri={redirect}");
    assert_eq!(paths, [expected]);
}

async fn the_page_shows_what_the_extension_looks_for_and_no_code(scene: &Scene) {
    for query in [
        "code=QWERTY-CODE",
        "code=QWERTY-CODE&state=platform%3Dpipedrive",
        "error=user_denied",
    ] {
        let path = format!("/pipedrive-redirect?{query}");
        let answer = scene.world.client("GET", &path, &[], "").await;
        assert_eq!(answer.status, 200, "{query}");
        assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8");
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert_eq!(answer.headers["referrer-policy"], "no-referrer");
        assert!(answer.text.contains("id=\"rc-stepper\""), "{}", answer.text);
        assert!(!answer.text.contains("QWERTY"), "{}", answer.text);
    }
    assert!(scene.pipedrive.journal().is_empty());
    let output = scene.world.output();
    assert!(output.contains("redirectPage answered 200"), "{output}");
    assert!(!output.contains("QWERTY"), "{output}");
}

async fn a_code_becomes_a_session(scene: &Scene) {
    let answer = scene.come_back(USER, "temp").await;
    let mut body = answer.json();
    assert!(body["jwtToken"].take().is_string(), "{body}");
    let shown =
        json!({"message": "Connected to Pipedrive.", "messageType": "success", "ttl": 2000});
    let expected = json!({
        "successful": true,
        "jwtToken": null,
        "name": "Demo Rep",
        "returnMessage": shown,
    });
    assert_eq!((answer.status, body), (200, expected));
    let usage = scene.pipedrive.usage();
    let asked: Vec<_> = usage.keys().map(String::as_str).collect();
    assert_eq!(asked, ["GET /v1/activityTypes", "GET /v1/users/me"]);
    assert_eq!(
        (scene.token_calls(), scene.pipedrive.spent().tokens),
        (1, 22)
    );
}

async fn a_code_is_good_once(scene: &Scene) {
    let code = scene.code(USER);
    let path = format!("/oauth-callback?code={code}&state=platform%3Dpipedrive");
    let first = scene.world.client("GET", &path, &[], "").await;
    assert!(first.json()["jwtToken"].is_string(), "{}", first.text);
    let second = scene.world.client("GET", &path, &[], "").await.json();
    assert!(second["jwtToken"].is_null(), "{second}");
    let expected = "Pipedrive does not confirm the sign-in. Start it again.";
    assert_eq!(words(&second), expected);
    let output = scene.world.output();
    assert!(!output.contains(&code), "{output}");
}

async fn who_declines_is_told_so(scene: &Scene) {
    let back = scene.pipedrive.decline(REDIRECT, None);
    let path = format!("/oauth-callback?callbackUri={back}&state=platform=pipedrive");
    let answer = scene.world.client("GET", &path, &[], "").await;
    let body = answer.json();
    assert_eq!(answer.status, 200);
    assert!(body["jwtToken"].is_null(), "{body}");
    assert_eq!(
        words(&body),
        "Pipedrive was not connected: the access was not granted."
    );
    assert!(scene.pipedrive.journal().is_empty());
}

async fn a_missing_type_of_activity_is_told_at_the_sign_in(scene: &Scene) {
    scene.pipedrive.set_type("text_sms", false);
    let body = scene.come_back(USER, "temp").await.json();
    assert!(body["jwtToken"].is_string(), "{body}");
    let expected = "Connected to Pipedrive. Pipedrive has no activity type for texts: \
                    add one with SMS in its name.";
    assert_eq!(words(&body), expected);
    assert_eq!(body["returnMessage"]["messageType"], "warning");
    // Texts are logged all the same, as calls.
    let (_, reply) = scene.call("createMessageLog", &text()).await;
    assert_eq!(reply["successful"], true, "{reply}");
    let activities = scene.pipedrive.activities().await;
    assert_eq!(
        (activities.len(), &activities[0]["type"]),
        (1, &json!("call"))
    );
    // Without any, both are told.
    scene.pipedrive.set_type("call", false);
    let body = scene.come_back(USER, "temp").await.json();
    assert!(
        words(&body).contains("for texts") && words(&body).contains("for calls"),
        "{body}"
    );
    scene.pipedrive.set_type("text_sms", true);
    scene.pipedrive.set_type("call", true);
    let body = scene.come_back(USER, "temp").await.json();
    assert_eq!(words(&body), "Connected to Pipedrive.");
}

async fn missing_scopes_are_told_at_the_sign_in_and_in_use(scene: &Scene) {
    scene.pipedrive.set_scopes("base");
    let body = scene.come_back(USER, "temp").await.json();
    assert!(body["jwtToken"].is_string(), "{body}");
    let expected = "Connected to Pipedrive. The app may not use activities in Pipedrive: \
                    ask the administrator of this server for its scopes.";
    assert_eq!(words(&body), expected);
    assert_eq!(body["returnMessage"]["messageType"], "warning");
    let find = json!({"user": super::user(USER, HOST), "phoneNumber": "+16505553204"});
    let (status, reply) = scene.call("findContact", &find).await;
    assert_eq!((status, &reply["successful"]), (200, &json!(false)));
    let expected = "Your Pipedrive account lacks a permission. Ask your Pipedrive administrator.";
    assert_eq!(words(&reply), expected);
    let (_, reply) = scene.call("createMessageLog", &text()).await;
    assert!(
        words(&reply).starts_with("Your Pipedrive account may not write this log."),
        "{reply}"
    );
    // Nobody is told to sign in again, which would not help.
    assert_eq!(scene.token_calls(), 1);
    assert_eq!(scene.pipedrive.activities().await.len(), 0);
}

async fn pipedrive_being_away_signs_nobody_in(scene: &Scene) {
    for path in ["/oauth/token", "/v1/users/me"] {
        scene.pipedrive.plan(
            daybook_fakes::Rule::new(FakePipedrive::blocked())
                .path_prefix(path)
                .once(),
        );
        let answer = scene.come_back(USER, "temp").await;
        let body = answer.json();
        assert_eq!(answer.status, 200, "{path}");
        assert!(body["jwtToken"].is_null(), "{path}: {body}");
        let expected = "Pipedrive cannot be reached. Try again in a minute.";
        assert_eq!(words(&body), expected, "{path}");
    }
    assert_eq!(scene.pipedrive.requests(&Method::GET, "/v1/users/me"), 1);
    scene.sign_in(USER).await;
}
