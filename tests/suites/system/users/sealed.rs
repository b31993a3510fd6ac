//! After a whole run with marked secrets the table holds none of them in clear, and the logs hold
//! neither secrets nor anything personal.

use daybook_example_crm::DEMO_KEY;
use daybook_fakes::{Fault, Rule};
use daybook_tests::params::example;
use daybook_tests::sign_in::{call, code, token, with_key, with_oauth};
use daybook_tests::world::World;
use serde_json::{Value, json};

super::by_client![nothing_secret_is_stored_or_logged_in_clear];

async fn nothing_secret_is_stored_or_logged_in_clear(world: &World) {
    let (account, extension) = ("374395107777", "622644500168888");
    let by_key = {
        let body = json!({
            "platform": "exampleCRM",
            "apiKey": DEMO_KEY,
            "rcAccountId": account,
            "rcExtensionId": extension,
            "rcAccessToken": "QWERTY-RC-TOKEN",
        });
        let headers = [("rc-account-id", account), ("rc-extension-id", extension)];
        token(
            &world
                .client("POST", "/apiKeyLogin", &headers, &body.to_string())
                .await,
        )
    };
    let by_oauth = token(&with_oauth(world, "1-1").await);
    let update = json!({"userSettings": {"note": {"value": "QWERTY-SETTING"}}});
    call(world, &by_key, "POST", "/user/settings", &update).await;
    let mut params = example();
    params["authHeader"] = Value::Null;
    world.call("createMessageLog", &params).await;
    world.crm.advance(std::time::Duration::from_secs(3_600));
    call(world, &by_oauth, "POST", "/user/refreshInfo", &Value::Null).await;
    // What goes wrong is logged: without what was sent.
    with_key(world, "QWERTY-KEY").await;
    call(world, "QWERTY-SESSION", "GET", "/hostname", &Value::Null).await;
    let callback = "/oauth-callback?code=QWERTY-CODE&state=platform%3DexampleCRMOAuth";
    world.client("GET", callback, &[], "").await;
    world
        .client(
            "GET",
            "/oauth-callback?code=QWERTY-CODE&state=QWERTY-STATE",
            &[],
            "",
        )
        .await;
    let bad_host =
        json!({"platform": "exampleCRM", "apiKey": "QWERTY-KEY", "hostname": "QWERTY HOST"});
    world
        .client("POST", "/apiKeyLogin", &[], &bad_host.to_string())
        .await;
    let unused = code(world, "1-1").await;
    world.crm.plan(
        Rule::new(Fault::status(500))
            .path_prefix("/crm/api/oauth")
            .forever(),
    );
    let failing = format!("/oauth-callback?code={unused}&state=platform%3DexampleCRMOAuth");
    world.client("GET", &failing, &[], "").await;
    call(world, &by_oauth, "POST", "/unAuthorize", &Value::Null).await;
    world.crm.clear_plan();

    let mut secrets = vec![
        DEMO_KEY.to_owned(),
        "ZGVtby1rZXk6".to_owned(),
        "QWERTY-RC-TOKEN".to_owned(),
        "QWERTY-KEY".to_owned(),
        account.to_owned(),
        extension.to_owned(),
        by_key,
        by_oauth,
        unused,
    ];
    let sent = tokens_sent(world);
    assert!(
        sent.len() >= 5,
        "codes, access and refresh tokens were sent: {}",
        sent.len()
    );
    secrets.extend(sent);
    // The text with which the local server begins names the demo key on purpose.
    let log = world.log();
    assert!(log.contains("signed_in"), "the log is there: {log}");
    for personal in ["QWERTY", "Demo Rep", "Daisy", "+1650555", "Flight"] {
        assert!(!log.contains(personal), "{personal} is in the log:\n{log}");
    }
    let items = world.dump().await;
    assert!(items.contains("QWERTY-SETTING"), "the dump is whole");
    for secret in &secrets {
        assert!(!log.contains(secret), "a secret is in the log:\n{log}");
        assert!(
            !items.contains(secret),
            "a secret is in the table: {secret}"
        );
    }
}

/// Every token that was sent to the CRM: in a header, or in a form.
fn tokens_sent(world: &World) -> Vec<String> {
    let mut tokens = Vec::new();
    for exchange in world.crm.journal() {
        let bearer = exchange.headers.get("authorization");
        let bearer = bearer.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        tokens.extend(bearer.map(str::to_owned));
        let form = url::form_urlencoded::parse(&exchange.body);
        let sent = form.filter(|(name, _)| matches!(&**name, "refresh_token" | "token" | "code"));
        tokens.extend(sent.map(|(_, value)| value.into_owned()));
    }
    tokens.sort();
    tokens.dedup();
    tokens.retain(|token| token.len() > 16);
    tokens
}
