//! What is done with tokens: they are renewed once for all, and given back.

use std::time::Duration;

use daybook_fakes::{Fault, RefreshTokens, Rule};
use http::Method;
use serde_json::json;

use super::{HOST, Scene, USER, text, user, words};

super::by_client![
    a_token_is_renewed_whether_the_refresh_token_stays_or_not,
    twenty_requests_renew_a_token_once,
    a_refusal_in_the_middle_of_a_question_renews_the_token,
    a_renewal_that_failed_is_made_again,
    a_grant_that_is_no_more_ends_the_session,
    a_logout_ends_the_session_and_the_grant,
    a_logout_holds_though_pipedrive_fails,
];

const HOUR: Duration = Duration::from_secs(3_600);

async fn a_token_is_renewed_whether_the_refresh_token_stays_or_not(scene: &Scene) {
    let token = scene.sign_in(USER).await;
    for tokens in [
        RefreshTokens::Kept,
        RefreshTokens::Rotated,
        RefreshTokens::Rotated,
        RefreshTokens::Kept,
    ] {
        scene.pipedrive.set_refresh_tokens(tokens);
        scene.pipedrive.advance(HOUR);
        let before = scene.token_calls();
        scene.assert_valid(&token).await;
        assert_eq!(scene.token_calls() - before, 1, "{tokens:?}");
        scene.assert_valid(&token).await;
        assert_eq!(scene.token_calls() - before, 1, "what came was stored");
    }
}

async fn twenty_requests_renew_a_token_once(scene: &Scene) {
    let token = scene.sign_in(USER).await;
    scene.pipedrive.set_refresh_tokens(RefreshTokens::Rotated);
    scene.pipedrive.end_access_tokens();
    let calls = (0..20).map(|_| scene.assert_valid(&token));
    futures_util::future::join_all(calls).await;
    assert_eq!(scene.token_calls(), 2, "one for the code, one for all");
}

async fn a_refusal_in_the_middle_of_a_question_renews_the_token(scene: &Scene) {
    scene.sign_in(USER).await;
    scene.pipedrive.end_access_tokens();
    let find = json!({"user": user(USER, HOST), "phoneNumber": "+16505553204"});
    let (_, reply) = scene.call("findContact", &find).await;
    assert_eq!(reply["successful"], true, "{reply}");
    assert_eq!(scene.token_calls(), 2);
    scene.pipedrive.end_access_tokens();
    let (_, reply) = scene.call("createMessageLog", &text()).await;
    assert_eq!(words(&reply), "Message logged");
    assert_eq!(scene.token_calls(), 3);
    assert_eq!(scene.pipedrive.activities().await.len(), 1);
}

async fn a_renewal_that_failed_is_made_again(scene: &Scene) {
    let token = scene.sign_in(USER).await;
    scene.pipedrive.end_access_tokens();
    let away = Fault::status_with(503, &[("retry-after", "1")], "");
    let rule = Rule::new(away).path_prefix("/oauth/token").once();
    scene.pipedrive.plan(rule);
    let answer = scene.ask(&token, "GET", "/authValidation").await;
    let body = answer.json();
    assert_eq!((answer.status, &body["successful"]), (200, &json!(false)));
    assert!(body["errorCode"].is_null(), "the session stays: {body}");
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    scene.assert_valid(&token).await;
}

async fn a_grant_that_is_no_more_ends_the_session(scene: &Scene) {
    let token = scene.sign_in(USER).await;
    scene.pipedrive.disconnect_all();
    let info = scene.ask(&token, "POST", "/user/refreshInfo").await;
    let body = info.json();
    assert_eq!(
        (info.status, &body["errorCode"]),
        (401, &json!("CRM_SESSION_REVOKED"))
    );
    assert_eq!(
        words(&body),
        "Pipedrive has ended your sign-in. Connect your Pipedrive account again."
    );
    let before = scene.token_calls();
    let valid = scene.ask(&token, "GET", "/authValidation").await;
    assert_eq!(valid.json()["errorCode"], "CRM_SESSION_REVOKED");
    assert_eq!(
        scene.token_calls(),
        before,
        "a dead grant is not tried again"
    );
    let again = scene.sign_in(USER).await;
    scene.assert_valid(&again).await;
    scene.assert_over(&token).await;
}

async fn a_logout_ends_the_session_and_the_grant(scene: &Scene) {
    let token = scene.sign_in(USER).await;
    let out = scene.ask(&token, "POST", "/unAuthorize").await;
    assert_eq!(words(&out.json()), "Disconnected from Pipedrive.");
    scene.assert_over(&token).await;
    let before = scene.calls();
    let (status, reply) = scene.call("createMessageLog", &text()).await;
    assert_eq!((status, &reply["field"]), (400, &json!("authHeader")));
    assert_eq!(scene.calls(), before);
    // Pipedrive has ended it too: what the journal shows opens nothing.
    let journal = scene.pipedrive.journal();
    let used = journal
        .iter()
        .find(|one| one.path.starts_with("/v1/users/me"));
    let used = &used.expect("it was asked").headers["authorization"];
    let url = format!("{}/v1/users/me", scene.pipedrive.url());
    let asked = reqwest::Client::new()
        .get(url)
        .header("authorization", used);
    assert_eq!(asked.send().await.expect("an answer").status(), 401);
}

async fn a_logout_holds_though_pipedrive_fails(scene: &Scene) {
    for fault in [
        Fault::status(500),
        Fault::DropBefore,
        Fault::html(403, "no"),
    ] {
        let token = scene.sign_in(USER).await;
        let rule = Rule::new(fault).path_prefix("/oauth/revoke").once();
        scene.pipedrive.plan(rule);
        let out = scene.ask(&token, "POST", "/unAuthorize").await;
        assert_eq!(out.status, 200);
        let expected = "Disconnected from Pipedrive. Pipedrive could not be told: \
                        remove the app in your Pipedrive settings too.";
        assert_eq!(words(&out.json()), expected);
        scene.assert_over(&token).await;
        let (status, reply) = scene.call("createMessageLog", &text()).await;
        assert_eq!((status, &reply["field"]), (400, &json!("authHeader")));
    }
    assert_eq!(scene.pipedrive.requests(&Method::POST, "/oauth/revoke"), 3);
}
