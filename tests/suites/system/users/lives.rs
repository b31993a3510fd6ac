//! The life of a user: in, settings, refresh, out, and in again.

use daybook_example_crm::DEMO_KEY;
use daybook_fakes::{Fault, Rule};
use daybook_tests::sign_in::{REDIRECT, call, code, consent, token, with_key, with_oauth};
use daybook_tests::world::World;
use http::Method;
use serde_json::{Value, json};

use super::{assert_no_session, assert_refused};

super::by_client![
    a_user_with_a_key_signs_in_and_out_and_in_again,
    a_user_with_oauth_signs_in_and_out_and_in_again,
    the_code_is_found_wherever_the_extension_puts_it,
    who_denies_the_access_is_told_so,
    settings_are_merged_key_by_key,
    twenty_requests_refresh_an_expired_token_once,
    a_refresh_that_the_crm_leaves_open_is_asked_again,
    a_revoked_grant_ends_the_session,
    a_key_that_the_crm_forgot_ends_the_session,
    the_crm_being_away_ends_no_session,
    a_logout_holds_when_the_crm_is_away,
    a_second_device_stays_signed_in,
    the_hashes_are_those_of_the_ids,
];

async fn a_user_with_a_key_signs_in_and_out_and_in_again(world: &World) {
    let answer = with_key(world, DEMO_KEY).await;
    let first = token(&answer);
    assert_eq!(answer.json()["name"], "Demo Rep");
    whole_life(world, &first, "exampleCRM").await;
    let second = token(&with_key(world, DEMO_KEY).await);
    assert_settings_stayed(world, &second).await;
    assert_refused(world, &first).await;
}

async fn a_user_with_oauth_signs_in_and_out_and_in_again(world: &World) {
    let answer = with_oauth(world, "1-1").await;
    let first = token(&answer);
    assert_eq!(answer.json()["name"], "Demo Rep");
    whole_life(world, &first, "exampleCRMOAuth").await;
    let second = token(&with_oauth(world, "1-1").await);
    assert_settings_stayed(world, &second).await;
    assert_refused(world, &first).await;
}

async fn whole_life(world: &World, token: &str, platform: &str) {
    let nothing = Value::Null;
    let valid = call(world, token, "GET", "/authValidation", &nothing).await;
    assert_eq!(valid.json()["successful"], true, "{platform}");
    let host = call(world, token, "GET", "/hostname", &nothing).await;
    assert_eq!((host.status, host.text.as_str()), (200, "127.0.0.1"));
    let license = call(world, token, "GET", "/licenseStatus", &nothing).await;
    assert_eq!(license.json()["isLicenseValid"], true);
    let info = call(world, token, "POST", "/user/refreshInfo", &nothing).await;
    assert_eq!(info.json()["successful"], true);
    let settings = call(world, token, "GET", "/user/settings", &nothing).await;
    assert_eq!(settings.json(), json!({}));
    let theme = json!({"userSettings": {"theme": {"value": "dark"}}});
    let saved = call(world, token, "POST", "/user/settings", &theme).await;
    assert_eq!(saved.json()["userSettings"]["theme"]["value"], "dark");
    // The extension's older way to carry the token.
    let by_query = format!("/user/settings?jwtToken={token}&rcAccountId=");
    let settings = world.client("GET", &by_query, &[], "").await;
    assert_eq!(settings.json()["theme"]["value"], "dark");

    let out = call(world, token, "POST", "/unAuthorize", &nothing).await;
    assert_eq!(out.status, 200);
    assert_eq!(out.json()["returnMessage"]["messageType"], "success");
    assert_refused(world, token).await;
}

async fn assert_settings_stayed(world: &World, token: &str) {
    let settings = call(world, token, "GET", "/user/settings", &Value::Null).await;
    assert_eq!(settings.json()["theme"]["value"], "dark");
}

async fn the_code_is_found_wherever_the_extension_puts_it(world: &World) {
    let state = "platform=exampleCRMOAuth";
    for form in [
        // The address as the CRM made it, not encoded: its own parameters spill into ours.
        format!("callbackUri={REDIRECT}?code=CODE&state={state}&hostname=temp"),
        format!("callbackUri={REDIRECT}?state={state}&code=CODE&hostname=temp"),
        // Encoded as it should be.
        format!(
            "callbackUri={}&hostname=temp",
            encoded(&format!("{REDIRECT}?code=CODE&state={}", encoded(state)))
        ),
        // The parts beside each other.
        format!("callbackUri=undefined&code=CODE&state={state}"),
        format!("code=CODE&state={}", encoded(state)),
    ] {
        let code = encoded(&code(world, "1-1").await);
        let query = form.replace("CODE", &code);
        let answer = world
            .client("GET", &format!("/oauth-callback?{query}"), &[], "")
            .await;
        assert_eq!(answer.status, 200, "{form}: {}", answer.text);
        assert!(
            answer.json()["jwtToken"].is_string(),
            "{form}: {}",
            answer.text
        );
    }
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

async fn who_denies_the_access_is_told_so(world: &World) {
    let back = consent(world, "1-1", "deny").await;
    assert!(back.contains("access_denied"), "{back}");
    let path = format!("/oauth-callback?callbackUri={back}");
    let answer = world.client("GET", &path, &[], "").await;
    assert_eq!(answer.status, 200);
    let body = answer.json();
    assert!(body["jwtToken"].is_null(), "{body}");
    assert_eq!(
        body["returnMessage"]["message"],
        "Example CRM (OAuth) was not connected: the access was not granted."
    );
}

async fn settings_are_merged_key_by_key(world: &World) {
    let token = super::demo_token(world).await;
    let save = async |update: Value| {
        let answer = call(world, &token, "POST", "/user/settings", &update).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["userSettings"].clone()
    };
    save(json!({"userSettings": {"one": {"value": 1}, "two": {"value": [1, {"a": null}]}}})).await;
    // A client that knows one key only, and an old one that sends nothing.
    let kept = save(json!({"userSettings": {"one": {"value": 5}}})).await;
    assert_eq!(kept["one"]["value"], 5);
    assert_eq!(kept["two"]["value"], json!([1, {"a": null}]));
    assert_eq!(save(json!({"userSettings": {}})).await, kept);
    assert_eq!(save(json!({})).await, kept);
    let fewer = save(json!({"userSettings": {}, "settingKeysToRemove": ["two", "none"]})).await;
    assert_eq!(fewer["one"]["value"], 5);
    assert!(fewer.get("two").is_none(), "{fewer}");
    // Two at once: neither is lost.
    let (three, four) = (
        json!({"userSettings": {"three": {"value": 3}}}),
        json!({"userSettings": {"four": {"value": 4}}}),
    );
    tokio::join!(save(three), save(four));
    let all = call(world, &token, "GET", "/user/settings", &Value::Null).await;
    let all = all.json();
    assert_eq!(all["three"]["value"], 3, "{all}");
    assert_eq!(all["four"]["value"], 4, "{all}");
}

/// How often the CRM's token endpoint was asked.
fn token_calls(world: &World) -> usize {
    world.crm.requests(&Method::POST, "/crm/api/oauth/token")
}

async fn twenty_requests_refresh_an_expired_token_once(world: &World) {
    let token = token(&with_oauth(world, "1-1").await);
    // The CRM's clock is ahead now: the token has run out there, before the time it told.
    world.crm.advance(std::time::Duration::from_secs(3_600));
    let before = token_calls(world);
    let nothing = Value::Null;
    let calls = (0..20).map(|_| call(world, &token, "GET", "/authValidation", &nothing));
    for answer in futures_util::future::join_all(calls).await {
        assert_eq!(answer.json()["successful"], true, "{}", answer.text);
    }
    assert_eq!(token_calls(world) - before, 1, "one refresh serves all");
    let again = call(world, &token, "POST", "/user/refreshInfo", &nothing).await;
    assert_eq!(again.json()["successful"], true);
    assert_eq!(token_calls(world) - before, 1, "what it gave was stored");
}

async fn a_refresh_that_the_crm_leaves_open_is_asked_again(world: &World) {
    let token = token(&with_oauth(world, "1-1").await);
    world.crm.advance(std::time::Duration::from_secs(3_600));
    let fault = Fault::status_with(503, &[("retry-after", "2")], "");
    world.crm.plan(
        Rule::new(fault)
            .path_prefix("/crm/api/oauth/token")
            .forever(),
    );
    let before = token_calls(world);
    let nothing = Value::Null;
    let calls = (0..20).map(|_| call(world, &token, "GET", "/authValidation", &nothing));
    for away in futures_util::future::join_all(calls).await {
        let body = away.json();
        assert_eq!(
            (away.status, &body["successful"]),
            (200, &json!(false)),
            "{body}"
        );
        assert!(body["errorCode"].is_null(), "{body}");
    }
    assert_eq!(
        token_calls(world) - before,
        1,
        "nobody asks again before its time"
    );
    world.crm.clear_plan();
    tokio::time::sleep(std::time::Duration::from_millis(2_100)).await;
    let back = call(world, &token, "GET", "/authValidation", &nothing).await;
    assert_eq!(back.json()["successful"], true);
}

async fn a_revoked_grant_ends_the_session(world: &World) {
    let first = token(&with_oauth(world, "1-1").await);
    world.crm.disconnect_all().await;
    let refused = call(world, &first, "POST", "/user/refreshInfo", &Value::Null).await;
    let body = refused.json();
    assert_eq!(refused.status, 401, "{body}");
    assert_eq!(body["errorCode"], "CRM_SESSION_REVOKED");
    assert_eq!(body["returnMessage"]["messageType"], "warning");
    assert_eq!(
        body["returnMessage"]["message"],
        "Example CRM (OAuth) has ended your sign-in. Connect your Example CRM (OAuth) account again."
    );
    // It stays dead, and the CRM is not asked again.
    let before = world.crm.journal().len();
    for (method, path) in [
        ("GET", "/hostname"),
        ("GET", "/user/settings"),
        ("POST", "/user/settings"),
        ("POST", "/user/refreshInfo"),
    ] {
        let refused = call(world, &first, method, path, &json!({})).await;
        assert_eq!(refused.status, 401, "{path}: {}", refused.text);
        assert_eq!(refused.json()["errorCode"], "CRM_SESSION_REVOKED", "{path}");
    }
    let license = call(world, &first, "GET", "/licenseStatus", &Value::Null).await;
    assert_eq!(license.json()["isLicenseValid"], false);
    let again = call(world, &first, "GET", "/authValidation", &Value::Null).await;
    assert_eq!(again.status, 200, "the question is answered");
    assert_eq!(again.json()["successful"], false);
    assert_eq!(again.json()["errorCode"], "CRM_SESSION_REVOKED");
    assert_eq!(world.crm.journal().len(), before);

    let second = token(&with_oauth(world, "1-1").await);
    let valid = call(world, &second, "GET", "/authValidation", &Value::Null).await;
    assert_eq!(valid.json()["successful"], true);
    assert_refused(world, &first).await;
}

async fn a_key_that_the_crm_forgot_ends_the_session(world: &World) {
    let token = super::demo_token(world).await;
    world.crm.plan(
        Rule::new(Fault::status(401))
            .path_prefix("/crm/api/me")
            .forever(),
    );
    let refused = call(world, &token, "POST", "/user/refreshInfo", &Value::Null).await;
    assert_eq!(refused.status, 401, "{}", refused.text);
    assert_eq!(refused.json()["errorCode"], "CRM_SESSION_REVOKED");
}

async fn the_crm_being_away_ends_no_session(world: &World) {
    let token = super::demo_token(world).await;
    for status in [403, 404, 429, 500, 503] {
        world.crm.clear_plan();
        world.crm.plan(
            Rule::new(Fault::status(status))
                .path_prefix("/crm/api/me")
                .forever(),
        );
        let answer = call(world, &token, "GET", "/authValidation", &Value::Null).await;
        let body = answer.json();
        assert_eq!(
            (answer.status, &body["successful"]),
            (200, &json!(false)),
            "{status}"
        );
        assert!(body["errorCode"].is_null(), "{status}: {body}");
    }
    world.crm.clear_plan();
    let answer = call(world, &token, "GET", "/authValidation", &Value::Null).await;
    assert_eq!(answer.json()["successful"], true);
}

async fn a_logout_holds_when_the_crm_is_away(world: &World) {
    let token = token(&with_oauth(world, "1-1").await);
    world.crm.plan(
        Rule::new(Fault::status(503))
            .path_prefix("/crm/api/oauth/revoke")
            .forever(),
    );
    let out = call(world, &token, "POST", "/unAuthorize", &Value::Null).await;
    assert_eq!(out.status, 200);
    assert_eq!(out.json()["returnMessage"]["messageType"], "warning");
    assert_refused(world, &token).await;
}

async fn a_second_device_stays_signed_in(world: &World) {
    let first = super::demo_token(world).await;
    let second = super::demo_token(world).await;
    for token in [&first, &second] {
        let valid = call(world, token, "GET", "/authValidation", &Value::Null).await;
        assert_eq!(valid.json()["successful"], true);
    }
    call(world, &first, "POST", "/unAuthorize", &Value::Null).await;
    assert_refused(world, &first).await;
    assert_refused(world, &second).await;
}

async fn the_hashes_are_those_of_the_ids(world: &World) {
    let hashes = async |query: &str| {
        let answer = world
            .client("GET", &format!("/userInfoHash?{query}"), &[], "")
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    };
    let both = hashes("extensionId=62264450016&accountId=37439510").await;
    for name in ["accountId", "extensionId"] {
        let hash = both[name].as_str().expect("a hash");
        assert_eq!(hash.len(), 64, "{both}");
        assert!(hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{both}");
    }
    assert_eq!(
        both,
        hashes("accountId=37439510&extensionId=62264450016").await
    );
    let other = hashes("accountId=37439511&extensionId=62264450016").await;
    assert_ne!(both["accountId"], other["accountId"]);
    assert_eq!(both["extensionId"], other["extensionId"]);
    let same_digits = hashes("accountId=1&extensionId=1").await;
    assert_ne!(same_digits["accountId"], same_digits["extensionId"]);
    let refused = world
        .client("GET", "/userInfoHash?accountId=../x", &[], "")
        .await;
    assert_eq!(
        (refused.status, &refused.json()["field"]),
        (400, &json!("accountId"))
    );
    let without = world.client("GET", "/user/settings", &[], "").await;
    assert_no_session(&without, "/user/settings");
}
