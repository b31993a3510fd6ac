//! Users who have something in common share nothing.

use daybook_example_crm::{DEMO_KEY, SECOND_COMPANY_KEY, SECOND_REP_KEY};
use daybook_tests::params::example;
use daybook_tests::sign_in::{call, token, with_key};
use daybook_tests::world::World;
use serde_json::{Value, json};

use super::assert_refused;

super::by_client![
    two_companies_may_have_a_user_of_the_same_id,
    a_caller_who_names_no_company_never_reaches_another,
    two_users_of_one_extension_are_apart,
    another_platforms_user_is_another_user,
];

async fn set_theme(world: &World, token: &str, theme: &str) {
    let update = json!({"userSettings": {"theme": {"value": theme}}});
    let saved = call(world, token, "POST", "/user/settings", &update).await;
    assert_eq!(saved.json()["userSettings"]["theme"]["value"], theme);
}

async fn theme(world: &World, token: &str) -> Value {
    let settings = call(world, token, "GET", "/user/settings", &Value::Null).await;
    settings.json()["theme"]["value"].clone()
}

async fn two_companies_may_have_a_user_of_the_same_id(world: &World) {
    let ours = with_key(world, DEMO_KEY).await;
    let theirs = with_key(world, SECOND_COMPANY_KEY).await;
    assert_eq!(ours.json()["name"], "Demo Rep");
    assert_eq!(theirs.json()["name"], "Other Rep");
    let (ours, theirs) = (token(&ours), token(&theirs));
    set_theme(world, &ours, "ours").await;
    assert_eq!(theme(world, &theirs).await, Value::Null);
    set_theme(world, &theirs, "theirs").await;
    assert_eq!(theme(world, &ours).await, "ours");
    for (token, host) in [(&ours, "127.0.0.1"), (&theirs, "second.example-crm.test")] {
        let answer = call(world, token, "GET", "/hostname", &Value::Null).await;
        assert_eq!(answer.text, host);
    }
    call(world, &theirs, "POST", "/unAuthorize", &Value::Null).await;
    assert_refused(world, &theirs).await;
    assert_eq!(theme(world, &ours).await, "ours");
}

async fn a_caller_who_names_no_company_never_reaches_another(world: &World) {
    token(&with_key(world, SECOND_COMPANY_KEY).await);
    let mut params = example();
    params["authHeader"] = Value::Null;
    let (status, answer) = world.call("createMessageLog", &params).await;
    assert_eq!(
        (status, &answer["field"]),
        (400, &json!("user.hostname")),
        "{answer}"
    );
    token(&with_key(world, DEMO_KEY).await);
    let (_, answer) = world.call("createMessageLog", &params).await;
    assert_eq!(answer["successful"], true, "{answer}");
    assert_eq!(
        world.activities().await.len(),
        1,
        "it stands in the first company"
    );
    // The contact belongs to the first company: the second one's user does not see it.
    params["user"]["hostname"] = json!("second.example-crm.test");
    let (_, answer) = world.call("createMessageLog", &params).await;
    assert_eq!(answer["field"], "contactInfo.id", "{answer}");
    assert_eq!(world.activities().await.len(), 1);
}

async fn two_users_of_one_extension_are_apart(world: &World) {
    let hashes = world
        .client(
            "GET",
            "/userInfoHash?accountId=37439510&extensionId=62264450016",
            &[],
            "",
        )
        .await
        .json();
    let of = |name: &str| hashes[name].as_str().expect("a hash").to_owned();
    let (account, extension) = (of("accountId"), of("extensionId"));
    let headers = [
        ("rc-account-id", account.as_str()),
        ("rc-extension-id", extension.as_str()),
    ];
    let mut tokens = Vec::new();
    for key in [DEMO_KEY, SECOND_REP_KEY] {
        let body = json!({"platform": "exampleCRM", "apiKey": key}).to_string();
        tokens.push(token(
            &world.client("POST", "/apiKeyLogin", &headers, &body).await,
        ));
    }
    set_theme(world, &tokens[0], "first").await;
    assert_eq!(theme(world, &tokens[1]).await, Value::Null);
    call(world, &tokens[1], "POST", "/unAuthorize", &Value::Null).await;
    assert_refused(world, &tokens[1]).await;
    assert_eq!(theme(world, &tokens[0]).await, "first");
}

async fn another_platforms_user_is_another_user(world: &World) {
    let by_key = super::demo_token(world).await;
    let by_oauth = token(&daybook_tests::sign_in::with_oauth(world, "1-1").await);
    set_theme(world, &by_key, "key").await;
    assert_eq!(theme(world, &by_oauth).await, Value::Null);
    call(world, &by_oauth, "POST", "/unAuthorize", &Value::Null).await;
    assert_eq!(theme(world, &by_key).await, "key");
}
