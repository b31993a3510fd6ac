//! Codes, tokens, scopes, and how they end.

use super::*;

impl App {
    async fn refresh(&self, token: &str) -> (u16, Value) {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.form("/oauth/token", &form).await
    }

    async fn is_let_in(&self) -> bool {
        let (status, body) = self.get("/v1/users/me").await;
        if status != 200 {
            let expected =
                json!({"success": false, "error": "unauthorized access", "errorCode": 401});
            assert_eq!((status, body), (401, expected));
        }
        status == 200
    }
}

#[tokio::test]
async fn a_code_is_exchanged_once_and_for_its_own_redirect() {
    let app = App::start().await;
    let granted = app.grant(USER).await;
    assert_eq!(granted["token_type"], "Bearer");
    assert_eq!(granted["expires_in"], 3_599);
    assert_eq!(granted["api_domain"], app.crm.url());
    assert!(text(&granted["access_token"]).len() > 350);
    let exchange = async |code: &str, redirect: &str| {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect),
        ];
        let (status, answer) = app.form("/oauth/token", &form).await;
        (status, answer["error"].clone())
    };
    let refused = (400, json!("invalid_grant"));
    let back = app.crm.allow(USER, REDIRECT, Some("platform=pipedrive"));
    assert!(back.as_str().ends_with("&state=platform%3Dpipedrive"));
    assert_eq!(exchange(&code(&back), "https://other.test/").await, refused);
    assert_eq!(
        exchange(&code(&back), REDIRECT).await,
        refused,
        "it is spent"
    );
    let late = code(&app.crm.allow(USER, REDIRECT, None));
    app.crm.advance(Duration::from_secs(5 * 60));
    assert_eq!(exchange(&late, REDIRECT).await, refused);
    let declined = app.crm.decline(REDIRECT, None);
    assert_eq!(declined.query(), Some("error=user_denied"));
}

#[tokio::test]
async fn the_app_has_to_sign_in_by_itself_and_with_a_form() {
    let app = App::start().await;
    let url = format!("{}/oauth/token", app.crm.url());
    let request = app.client.post(&url).basic_auth("other", Some("secret"));
    let (status, refused) = answered(request).await;
    assert_eq!((status, &refused["error"]), (401, &json!("invalid_client")));
    let secret = Some(FakePipedrive::CLIENT_SECRET);
    let request = app
        .client
        .post(&url)
        .basic_auth(FakePipedrive::CLIENT_ID, secret);
    let request = request.json(&json!({"grant_type": "refresh_token"}));
    assert_eq!(answered(request).await.0, 400);
    let extra = [("grant_type", "refresh_token"), ("client_id", "x")];
    assert_eq!(app.form("/oauth/token", &extra).await.0, 400);
}

#[tokio::test]
async fn access_tokens_run_out_and_are_refreshed() {
    let mut app = App::start().await;
    app.crm.advance(Duration::from_secs(3_598));
    assert!(app.is_let_in().await);
    app.crm.advance(Duration::from_secs(1));
    assert!(!app.is_let_in().await);
    let (status, granted) = app.refresh(&app.refresh).await;
    assert_eq!(
        (status, text(&granted["refresh_token"])),
        (200, app.refresh.clone())
    );
    app.token = text(&granted["access_token"]);
    assert!(app.is_let_in().await);
    app.crm.end_access_tokens();
    assert!(!app.is_let_in().await);
    app.crm.advance(Duration::from_secs(60 * 24 * 3_600));
    assert_eq!(app.refresh(&app.refresh).await.0, 400);
}

#[tokio::test]
async fn refresh_tokens_may_rotate_and_then_one_of_two_refreshes_loses() {
    let app = App::start().await;
    let (one, other) = tokio::join!(app.refresh(&app.refresh), app.refresh(&app.refresh));
    assert_eq!((one.0, other.0), (200, 200));
    app.crm.set_refresh_tokens(RefreshTokens::Rotated);
    let (one, other) = tokio::join!(app.refresh(&app.refresh), app.refresh(&app.refresh));
    let mut both = [one, other];
    both.sort_by_key(|(status, _)| *status);
    assert_eq!((both[0].0, both[1].0), (200, 400));
    assert_ne!(both[0].1["refresh_token"], app.refresh);
    assert!(app.is_let_in().await, "what came before is still good");
}

#[tokio::test]
async fn revoking_ends_a_session_or_all_of_it() {
    let mut app = App::start().await;
    let revoke = async |app: &App, token: &str| {
        let form = [("token", token), ("token_type_hint", "access_token")];
        app.form("/oauth/revoke", &form).await.0
    };
    assert_eq!(revoke(&app, &app.token).await, 200);
    assert!(!app.is_let_in().await);
    let (_, granted) = app.refresh(&app.refresh).await;
    app.token = text(&granted["access_token"]);
    assert!(app.is_let_in().await);
    assert_eq!(revoke(&app, &app.refresh).await, 200);
    assert!(!app.is_let_in().await);
    assert_eq!(app.refresh(&app.refresh).await.0, 400);
    assert_eq!(revoke(&app, "unknown").await, 200);
}

#[tokio::test]
async fn an_uninstalled_app_has_nothing_left() {
    let app = App::start().await;
    let notice = app.crm.uninstall(USER);
    assert!(!app.is_let_in().await);
    assert_eq!(notice.body["user_id"], USER);
    assert_eq!(notice.body["company_id"], 1);
    assert!(notice.authorization.starts_with("Basic "));
}

#[tokio::test]
async fn scopes_that_were_not_allowed_are_403() {
    let crm = FakePipedrive::start().await;
    crm.set_scopes("base activities:read");
    let app = App::on(crm, USER).await;
    assert!(app.is_let_in().await);
    assert_eq!(app.get("/api/v2/activities").await.0, 200);
    assert_eq!(app.get("/v1/activityTypes").await.0, 200);
    let (status, refused) = app
        .send(Method::POST, "/api/v2/activities", &json!({}))
        .await;
    assert_eq!((status, &refused["errorCode"]), (403, &json!(403)));
    assert_eq!(app.get("/v1/users").await.0, 403);
}

#[tokio::test]
async fn the_page_that_asks_knows_the_app() {
    let app = App::start().await;
    let url = format!("{}/oauth/authorize", app.crm.url());
    for (id, status) in [(FakePipedrive::CLIENT_ID, 200), ("other", 400)] {
        let page = format!("{url}?client_id={id}&redirect_uri=https%3A%2F%2Fapp.test%2F");
        let answer = app.client.get(page).send().await.expect("an answer");
        assert_eq!(answer.status(), status);
    }
}

#[tokio::test]
async fn a_token_answer_names_the_base_that_a_test_wants() {
    let crm = FakePipedrive::start().await;
    crm.set_api_domain("https://evil.example");
    let app = App::on(crm, USER).await;
    assert_eq!(app.grant(USER).await["api_domain"], "https://evil.example");
}
