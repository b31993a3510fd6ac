//! How much may be asked, and what it costs.

use super::*;

async fn header(app: &App, path: &str, name: &str) -> Option<String> {
    let request = app.request(Method::GET, path);
    let answer = request.send().await.expect("an answer");
    let value = answer.headers().get(name)?;
    Some(value.to_str().expect("readable").to_owned())
}

#[tokio::test]
async fn a_burst_is_refused_until_the_window_has_passed() {
    let app = App::start().await;
    app.crm.set_burst(2);
    let path = "/v1/users/me";
    assert_eq!(
        header(&app, path, "x-ratelimit-remaining").await.as_deref(),
        Some("1")
    );
    assert_eq!(
        header(&app, path, "x-ratelimit-limit").await.as_deref(),
        Some("2")
    );
    let request = app.request(Method::GET, path);
    let refused = request.send().await.expect("an answer");
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["x-ratelimit-remaining"], "0");
    assert_eq!(refused.headers()["x-ratelimit-reset"], "2");
    assert_ne!(refused.headers()["x-daily-ratelimit-token-remaining"], "0");
    app.crm.advance(Duration::from_secs(2));
    assert_eq!(app.get(path).await.0, 200);
    assert_eq!(
        app.crm.spent(),
        Usage {
            calls: 3,
            tokens: 6
        }
    );
}

#[tokio::test]
async fn searches_have_a_limit_of_their_own() {
    let app = App::start().await;
    let search = "/api/v2/persons/search?term=daisy";
    for _ in 0..10 {
        assert_eq!(app.get(search).await.0, 200);
    }
    let (status, refused) = app.get(search).await;
    assert_eq!((status, &refused["errorCode"]), (429, &json!(429)));
    assert_eq!(app.get("/v1/users/me").await.0, 200);
    app.crm.advance(Duration::from_secs(2));
    assert_eq!(app.get(search).await.0, 200);
}

#[tokio::test]
async fn the_budget_of_a_day_is_shared_by_a_company_and_comes_back_at_midnight() {
    let app = App::start().await;
    let other = app.grant(12).await;
    let daily = "x-daily-ratelimit-token-remaining";
    app.crm.leave_daily_tokens(5);
    assert_eq!(
        header(&app, "/v1/users/me", daily).await.as_deref(),
        Some("3")
    );
    let (status, _) = app
        .send(Method::POST, "/api/v2/activities", &json!({}))
        .await;
    assert_eq!(status, 429);
    assert_eq!(app.crm.activities().await, [Value::Null; 0]);
    let request = app.client.get(format!("{}/v1/users/me", app.crm.url()));
    let refused = request
        .bearer_auth(text(&other["access_token"]))
        .send()
        .await;
    let refused = refused.expect("an answer");
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()[daily], "0");
    app.crm.advance(Duration::from_secs(24 * 3_600));
    let again = app.grant(USER).await;
    let request = app.client.get(format!("{}/v1/users/me", app.crm.url()));
    let answer = request
        .bearer_auth(text(&again["access_token"]))
        .send()
        .await;
    assert_eq!(answer.expect("an answer").headers()[daily], "209998");
    app.crm.tell_daily_tokens(false);
    assert_eq!(header(&app, "/v1/users/me", daily).await, None);
}

#[tokio::test]
async fn what_is_carried_out_is_counted_by_operation() {
    let app = App::start().await;
    app.make(json!({})).await;
    app.get("/api/v2/activities/1").await;
    app.get("/api/v2/activities/2").await;
    app.get("/api/v1/activityTypes").await;
    let expected = [
        ("GET /api/v2/activities/{id}", 2, 2),
        ("GET /v1/activityTypes", 1, 20),
        ("POST /api/v2/activities", 1, 5),
    ];
    let expected = expected.map(|(name, calls, tokens)| (name.to_owned(), Usage { calls, tokens }));
    assert_eq!(app.crm.usage(), BTreeMap::from(expected));
    app.crm.clear_usage();
    app.crm.save_note(1, "by hand").await;
    assert_eq!(app.crm.spent(), Usage::default());
}

#[tokio::test]
async fn those_who_go_on_are_blocked_with_a_page() {
    let app = App::start().await;
    app.crm
        .plan(crate::Rule::new(FakePipedrive::blocked()).once());
    let request = app.request(Method::GET, "/v1/users/me");
    let blocked = request.send().await.expect("an answer");
    assert_eq!(blocked.status(), 403);
    assert_eq!(
        blocked.headers()["content-type"],
        "text/html; charset=UTF-8"
    );
    assert_eq!(app.get("/v1/users/me").await.0, 200);
}
