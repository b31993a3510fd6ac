//! What is forged, expired, oversized, misdirected or nested without end is refused with a reason,
//! and nothing of it reaches a log, the CRM or the table.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use daybook_fakes::{Fault, Rule};
use daybook_tests::sign_in::{REDIRECT, call, code, token, with_key, with_oauth};
use daybook_tests::world::World;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::{assert_no_session, assert_refused};

super::by_client![
    a_token_that_we_did_not_sign_is_no_session,
    a_token_is_taken_from_where_the_extension_puts_it_alone,
    a_token_in_its_last_week_is_renewed,
    a_redirect_from_elsewhere_is_refused,
    a_state_that_names_another_crm_is_refused,
    a_code_that_the_crm_does_not_know_signs_nobody_in,
    a_host_that_is_not_one_is_refused,
    a_body_that_is_not_a_login_is_refused,
    settings_that_are_not_settings_are_refused,
    an_answer_of_the_crm_that_is_not_one_signs_nobody_in,
    a_wrong_method_or_path_is_told,
];

fn seconds() -> i64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970");
    i64::try_from(now.as_secs()).expect("not so late")
}

/// The claims of a token, as anybody can read them.
fn claims(token: &str) -> Value {
    jsonwebtoken::dangerous::insecure_decode::<Value>(token)
        .expect("a token")
        .claims
}

fn signed(claims: &Value, key: &str, algorithm: Algorithm) -> String {
    let key = EncodingKey::from_secret(key.as_bytes());
    encode(&Header::new(algorithm), claims, &key).expect("signed")
}

async fn a_token_that_we_did_not_sign_is_no_session(world: &World) {
    let good = super::demo_token(world).await;
    let ours = claims(&good);
    let with = |name: &str, value: Value| {
        let mut claims = ours.clone();
        claims[name] = value;
        claims
    };
    let server_key = world.signing_key();
    let sign = |claims: &Value| signed(claims, &server_key, Algorithm::HS256);
    assert_eq!(
        call(world, &sign(&ours), "GET", "/user/settings", &Value::Null)
            .await
            .status,
        200,
        "the key is the right one"
    );
    let none = {
        let mut parts = good.split('.');
        let payload = parts.nth(1).expect("it has parts");
        format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}.")
    };
    for (what, token) in [
        ("empty", String::new()),
        ("no token", "QWERTY-TOKEN".to_owned()),
        ("alg none", none),
        (
            "another key",
            signed(&ours, "another key of more than 32 bytes", Algorithm::HS256),
        ),
        (
            "another algorithm",
            signed(&ours, &server_key, Algorithm::HS512),
        ),
        ("expired", sign(&with("exp", json!(seconds() - 1)))),
        ("without an end", {
            let mut claims = ours.clone();
            claims.as_object_mut().expect("an object").remove("exp");
            sign(&claims)
        }),
        (
            "another session",
            sign(&with("sid", json!("00000000000000000000000000000000"))),
        ),
        ("another user", sign(&with("id", json!("2-exampleCRM")))),
        (
            "another company",
            sign(&with("tenant", json!("second.example-crm.test"))),
        ),
        (
            "another platform",
            sign(&with("platform", json!("exampleCRMOAuth"))),
        ),
        (
            "an unknown platform",
            sign(&with("platform", json!("nope"))),
        ),
        ("a number for an id", sign(&with("id", json!(1)))),
        ("oversized", format!("{good}{}", "A".repeat(5_000))),
    ] {
        let refused = call(world, &token, "GET", "/user/settings", &Value::Null).await;
        assert_no_session(&refused, what);
    }
    assert_refused(world, "QWERTY-TOKEN").await;
}

async fn a_token_is_taken_from_where_the_extension_puts_it_alone(world: &World) {
    let token = super::demo_token(world).await;
    for (headers, query, status) in [
        (
            vec![("authorization", format!("Bearer {token}"))],
            String::new(),
            200,
        ),
        (
            vec![("authorization", format!("bearer  {token}"))],
            String::new(),
            200,
        ),
        (vec![], format!("?jwtToken={token}"), 200),
        // The header counts.
        (
            vec![("authorization", format!("Bearer {token}"))],
            "?jwtToken=x".to_owned(),
            200,
        ),
        (
            vec![("authorization", "Bearer x".to_owned())],
            format!("?jwtToken={token}"),
            400,
        ),
        (vec![("authorization", token.clone())], String::new(), 400),
        (
            vec![("authorization", format!("Basic {token}"))],
            String::new(),
            400,
        ),
        (vec![("x-jwt-token", token.clone())], String::new(), 400),
        (vec![], format!("?jwttoken={token}"), 400),
    ] {
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let path = format!("/user/settings{query}");
        let answer = world.client("GET", &path, &headers, "").await;
        assert_eq!(answer.status, status, "{headers:?} {query}");
    }
}

async fn a_token_in_its_last_week_is_renewed(world: &World) {
    let token = super::demo_token(world).await;
    let young = call(world, &token, "GET", "/user/settings", &Value::Null).await;
    assert!(!young.headers.contains_key("x-refreshed-jwt-token"));
    let mut old = claims(&token);
    old["exp"] = json!(seconds() + 6 * 86_400);
    let old = signed(&old, &world.signing_key(), Algorithm::HS256);
    for (method, path) in super::ROUTES {
        let answer = call(world, &old, method, path, &json!({})).await;
        if path == "/unAuthorize" {
            assert!(!answer.headers.contains_key("x-refreshed-jwt-token"));
            continue;
        }
        let newer = &answer.headers["x-refreshed-jwt-token"];
        let life = claims(newer)["exp"].as_i64().expect("a time") - seconds();
        assert!(
            (13 * 86_400..=14 * 86_400).contains(&life),
            "{path}: {life}"
        );
    }
}

async fn refused_callback(world: &World, query: &str) -> Value {
    let answer = world
        .client("GET", &format!("/oauth-callback?{query}"), &[], "")
        .await;
    let body = answer.json();
    assert_eq!(answer.status, 400, "{query}: {body}");
    assert!(body["jwtToken"].is_null(), "{query}: {body}");
    body["field"].clone()
}

async fn a_redirect_from_elsewhere_is_refused(world: &World) {
    let state = "state=platform%3DexampleCRMOAuth&code=QWERTY-CODE";
    for elsewhere in [
        "https://evil.example/ringcentral/ringcentral-embeddable/redirect.html",
        "https://ringcentral.github.io.evil.example/ringcentral-embeddable/redirect.html",
        "https://ringcentral.github.io@evil.example/ringcentral-embeddable/redirect.html",
        "https://ringcentral.github.io/ringcentral-embeddable/redirect.html/../other.html",
        "https://ringcentral.github.io:444/ringcentral-embeddable/redirect.html",
        "http://ringcentral.github.io/ringcentral-embeddable/redirect.html",
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:1/other",
        "http://[::1]/oauth-callback",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "//evil.example/",
        "redirect.html",
    ] {
        let encoded: String = url::form_urlencoded::byte_serialize(elsewhere.as_bytes()).collect();
        for uri in [elsewhere, &encoded] {
            let field = refused_callback(world, &format!("callbackUri={uri}&{state}")).await;
            assert_eq!(field, "callbackUri", "{uri}");
        }
    }
    assert_eq!(world.crm.journal().len(), 0, "the CRM was not asked");
}

async fn a_state_that_names_another_crm_is_refused(world: &World) {
    for (query, field) in [
        (format!("callbackUri={REDIRECT}?code=c"), "state"),
        ("code=c&state=".to_owned(), "state"),
        ("code=c&state=platform%3D".to_owned(), "state"),
        ("code=c&state=exampleCRMOAuth".to_owned(), "state"),
        ("code=c&state=platform%3Dnope".to_owned(), "platform"),
        ("code=c&state=platform%3D..%2F..%2Fx".to_owned(), "state"),
        ("code=c&state=platform%3DexampleCRM".to_owned(), "state"),
        // Two that do not agree: one of them was put there by somebody else.
        (
            format!(
                "callbackUri={REDIRECT}?code=c&state=platform%3DexampleCRMOAuth&state=platform%3Dpipedrive"
            ),
            "state",
        ),
        (
            "code=c&code=d&state=platform%3DexampleCRMOAuth".to_owned(),
            "code",
        ),
        ("state=platform%3DexampleCRMOAuth".to_owned(), "code"),
    ] {
        assert_eq!(refused_callback(world, &query).await, field, "{query}");
    }
    let long = format!(
        "code={}&state=platform%3DexampleCRMOAuth",
        "c".repeat(20_000)
    );
    let answer = world
        .client("GET", &format!("/oauth-callback?{long}"), &[], "")
        .await;
    assert_eq!(answer.status, 414, "{}", answer.text);
    assert_eq!(world.crm.journal().len(), 0, "the CRM was not asked");
}

async fn a_code_that_the_crm_does_not_know_signs_nobody_in(world: &World) {
    let state = "state=platform%3DexampleCRMOAuth";
    let used = code(world, "1-1").await;
    let path = format!("/oauth-callback?code={used}&{state}");
    token(&world.client("GET", &path, &[], "").await);
    for code in [
        used.as_str(),
        "QWERTY-CODE",
        "a%0d%0aSet-Cookie:%20x",
        "%00",
        "%F0%9F%98%80",
    ] {
        let path = format!("/oauth-callback?code={code}&{state}");
        let answer = world.client("GET", &path, &[], "").await;
        let body = answer.json();
        assert!(body["jwtToken"].is_null(), "{code}: {body}");
        assert_eq!(body["successful"], false, "{code}: {body}");
        assert!(!answer.headers.contains_key("set-cookie"), "{code}");
    }
}

async fn a_host_that_is_not_one_is_refused(world: &World) {
    let login = |hostname: Value| {
        json!({"platform": "exampleCRM", "apiKey": "demo-key", "hostname": hostname}).to_string()
    };
    for hostname in [
        "evil.example/path",
        "evil.example:8080",
        "user@evil.example",
        "http://evil.example",
        "169.254.169.254",
        "[::2]",
        "10.0.0.1",
        "2130706433",
        "a b",
        "a\r\nHost: evil.example",
        "..",
        "exämple.com",
        "-a.example",
    ] {
        let answer = world
            .client("POST", "/apiKeyLogin", &[], &login(json!(hostname)))
            .await;
        let body = answer.json();
        assert_eq!(
            (answer.status, &body["field"]),
            (400, &json!("hostname")),
            "{hostname}: {body}"
        );
    }
    assert_eq!(world.crm.journal().len(), 0, "the CRM was not asked");
    // A good one that is not the CRM's own changes nothing: the CRM says where its user is.
    for hostname in [
        json!("evil.example"),
        json!("127.0.0.1"),
        json!("temp"),
        json!(null),
    ] {
        let answer = world
            .client("POST", "/apiKeyLogin", &[], &login(hostname))
            .await;
        let host = call(world, &token(&answer), "GET", "/hostname", &Value::Null).await;
        assert_eq!(host.text, "127.0.0.1");
    }
}

async fn a_body_that_is_not_a_login_is_refused(world: &World) {
    let nested = format!("{}{}", "{\"a\":".repeat(200_000), "}".repeat(200_000));
    let deep_info = format!(
        "{{\"platform\":\"exampleCRM\",\"apiKey\":\"k\",\"additionalInfo\":{}{}}}",
        "{\"a\":".repeat(500),
        "1}".to_owned() + &"}".repeat(499)
    );
    for (body, field) in [
        ("", None),
        ("[]", None),
        ("null", None),
        ("\"demo-key\"", None),
        (nested.as_str(), None),
        (deep_info.as_str(), None),
        ("{\"platform\":\"exampleCRM\"}", Some("apiKey")),
        ("{\"apiKey\":\"demo-key\"}", Some("platform")),
        (
            "{\"platform\":[\"exampleCRM\"],\"apiKey\":\"k\"}",
            Some("platform"),
        ),
        (
            "{\"platform\":\"exampleCRM\",\"apiKey\":{\"$ne\":null}}",
            Some("apiKey"),
        ),
        (
            "{\"platform\":\"exampleCRM\",\"apiKey\":\"a\\r\\nX-Admin: 1\"}",
            Some("apiKey"),
        ),
        (
            "{\"platform\":\"exampleCRM\",\"apiKey\":\"é\"}",
            Some("apiKey"),
        ),
        ("{\"platform\":\"nope\",\"apiKey\":\"k\"}", Some("platform")),
        (
            "{\"platform\":\"exampleCRMOAuth\",\"apiKey\":\"k\"}",
            Some("platform"),
        ),
        (
            "{\"platform\":\"exampleCRM\",\"apiKey\":\"a\",\"apiKey\":\"b\"}",
            Some("apiKey"),
        ),
    ] {
        let shown = &body[..body.len().min(80)];
        let answer = world.client("POST", "/apiKeyLogin", &[], body).await;
        let said = answer.json();
        assert_eq!(answer.status, 400, "{shown}: {said}");
        assert!(said["jwtToken"].is_null(), "{shown}");
        if let Some(field) = field {
            assert_eq!(said["field"], field, "{shown}: {said}");
        }
    }
    assert_eq!(world.crm.journal().len(), 0, "the CRM was not asked");
    let wrong = with_key(world, "QWERTY-KEY").await;
    assert_eq!(
        wrong.status, 400,
        "any success is a sign-in to the extension"
    );
    assert_eq!(
        wrong.text,
        "Example CRM does not accept this API key. Check it and try again."
    );
}

async fn settings_that_are_not_settings_are_refused(world: &World) {
    let token = super::demo_token(world).await;
    let large = json!({"userSettings": {"a": {"value": "x".repeat(70_000)}}});
    let many: serde_json::Map<_, _> = (0..600)
        .map(|number| (format!("k{number}"), json!({"value": 1})))
        .collect();
    for (update, field) in [
        (json!({"userSettings": []}), "userSettings"),
        (
            json!({"userSettings": {"theme": "dark"}}),
            "userSettings.theme",
        ),
        (
            json!({"settingKeysToRemove": "theme"}),
            "settingKeysToRemove",
        ),
        (json!({"userSettings": many}), "userSettings"),
        (large, "userSettings"),
    ] {
        let answer = call(world, &token, "POST", "/user/settings", &update).await;
        let body = answer.json();
        assert_eq!(
            (answer.status, &body["field"]),
            (400, &json!(field)),
            "{body}"
        );
    }
    let all = call(world, &token, "GET", "/user/settings", &Value::Null).await;
    assert_eq!(all.json(), json!({}), "nothing was written");
}

async fn an_answer_of_the_crm_that_is_not_one_signs_nobody_in(world: &World) {
    for (path, fault) in [
        ("/crm/api/me", Fault::html(200, "<html>Sign in</html>")),
        ("/crm/api/me", Fault::json(200, &json!({}))),
        ("/crm/api/me", Fault::json(200, &json!({"id": {"a": 1}}))),
        (
            "/crm/api/me",
            Fault::status_with(302, &[("location", "http://127.0.0.1:1/")], ""),
        ),
        ("/crm/api/oauth/token", Fault::html(200, "<html>")),
        (
            "/crm/api/oauth/token",
            Fault::json(
                200,
                &json!({"access_token": "a\r\nb", "token_type": "Bearer"}),
            ),
        ),
        (
            "/crm/api/oauth/token",
            Fault::json(200, &json!({"error": "invalid_grant"})),
        ),
        (
            "/crm/api/oauth/token",
            Fault::json(400, &json!({"error": "invalid_client"})),
        ),
        ("/crm/api/oauth/token", Fault::DropBefore),
        ("/crm/api/oauth/token", Fault::Hang(Duration::from_secs(30))),
    ] {
        world.crm.clear_plan();
        let back = code(world, "1-1").await;
        world
            .crm
            .plan(Rule::new(fault.clone()).path_prefix(path).forever());
        let path = format!("/oauth-callback?code={back}&state=platform%3DexampleCRMOAuth");
        let begun = std::time::Instant::now();
        let answer = world.client("GET", &path, &[], "").await;
        assert!(begun.elapsed() < Duration::from_secs(12), "{fault:?}");
        let body = answer.json();
        assert_eq!(answer.status, 200, "{fault:?}: {body}");
        assert!(body["jwtToken"].is_null(), "{fault:?}: {body}");
        assert!(
            body["returnMessage"]["message"].is_string(),
            "{fault:?}: {body}"
        );
    }
    world.crm.clear_plan();
    token(&with_oauth(world, "1-1").await);
}

async fn a_wrong_method_or_path_is_told(world: &World) {
    if world.is_local() {
        for (method, path, status) in [
            ("POST", "/hostname", 405),
            ("GET", "/apiKeyLogin", 405),
            ("DELETE", "/user/settings", 405),
            ("GET", "/Hostname", 404),
            ("GET", "/hostname/", 404),
            ("GET", "/user/..%2fhostname", 404),
            ("POST", "/interfaces/exampleCRM/apiKeyLogin", 404),
        ] {
            let answer = world.client(method, path, &[], "").await;
            assert_eq!(answer.status, status, "{method} {path}");
        }
    }
    let answer = world
        .client("GET", "/hostname?jwtToken=%ff%00&a=%", &[], "")
        .await;
    assert_no_session(&answer, "a query that is not UTF-8");
}
