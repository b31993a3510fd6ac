//! How fast Pipedrive may be asked, and what becomes of types of activity meanwhile.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{HOST, Scene, USER, text, user, words};

super::by_client![
    many_searches_at_once_are_all_answered,
    a_spent_day_that_is_not_told_is_left_alone_by_the_whole_company,
    a_caller_with_credentials_names_the_company,
    a_refreshed_user_stays_at_the_host_of_the_tokens,
    a_type_that_a_user_names_wrongly_is_told_at_the_sign_in_and_holds_nothing_up,
];

/// How many searches at once: Pipedrive takes ten in two seconds.
const SEARCHES: usize = 26;

fn find() -> Value {
    json!({"user": user(USER, HOST), "phoneNumber": "+14155550142"})
}

async fn many_searches_at_once_are_all_answered(scene: &Scene) {
    scene.sign_in(USER).await;
    scene.pipedrive.clear_usage();
    let find = find();
    for (_, reply) in join_all((0..SEARCHES).map(|_| scene.call("findContact", &find))).await {
        assert_eq!(reply["matchedContactInfo"][0]["id"], "1002", "{reply}");
    }
    let sent = |exchange: &daybook_fakes::Exchange| exchange.path.contains("/persons/search");
    let searches = scene.pipedrive.count(sent);
    assert!(searches > SEARCHES, "some had to wait: {searches}");
}

async fn a_spent_day_that_is_not_told_is_left_alone_by_the_whole_company(scene: &Scene) {
    scene.sign_in(USER).await;
    scene.pipedrive.tell_daily_tokens(false);
    scene.pipedrive.leave_daily_tokens(0);
    let before = scene.calls();
    let (_, reply) = scene.call("findContact", &find()).await;
    let begin = "Pipedrive is receiving too many requests.";
    assert!(words(&reply).starts_with(begin), "{reply}");
    assert_eq!(scene.calls() - before, 2, "it waits once");
    for _ in 0..2 {
        let (_, reply) = scene.call("findContact", &find()).await;
        assert!(words(&reply).starts_with(begin), "{reply}");
        let (_, reply) = scene.call("createMessageLog", &text()).await;
        assert!(words(&reply).contains("is kept"), "{reply}");
    }
    assert_eq!(scene.calls() - before, 2, "nobody asks again");
}

async fn a_caller_with_credentials_names_the_company(scene: &Scene) {
    let mut log = text();
    log["user"] = json!({"id": "11-pipedrive"});
    log["authHeader"] = json!("Bearer QWERTY");
    let find = json!({
        "user": {"id": "11-pipedrive"}, "authHeader": "Bearer QWERTY", "phoneNumber": "+14155550142",
    });
    for (interface, params) in [("createMessageLog", log), ("findContact", find)] {
        let (status, reply) = scene.call(interface, &params).await;
        assert_eq!((status, &reply["field"]), (400, &json!("user.hostname")));
    }
    assert_eq!(scene.calls(), 0);
}

async fn a_refreshed_user_stays_at_the_host_of_the_tokens(scene: &Scene) {
    let host = "another-name.pipedrive.com";
    scene.pipedrive.set_api_domain(&format!("https://{host}"));
    let token = scene.sign_in(USER).await;
    let answer = scene.ask(&token, "POST", "/user/refreshInfo").await;
    assert_eq!(answer.json()["successful"], true, "{}", answer.text);
    assert_eq!(scene.ask(&token, "GET", "/hostname").await.text, host);
}

async fn a_type_that_a_user_names_wrongly_is_told_at_the_sign_in_and_holds_nothing_up(
    scene: &Scene,
) {
    let token = scene.sign_in(USER).await;
    let named = json!({"userSettings": {"pipedriveSmsType": {"value": "gone"}}});
    let saved =
        daybook_tests::sign_in::call(&scene.world, &token, "POST", "/user/settings", &named);
    assert_eq!(saved.await.status, 200);
    let body = scene.come_back(USER, "temp").await.json();
    let expected = "Connected to Pipedrive. Pipedrive does not have the activity type that is \
                    named for texts: another is taken until the settings name one that there is.";
    assert_eq!(words(&body), expected);
    let (_, reply) = scene.call("createMessageLog", &text()).await;
    assert_eq!(words(&reply), "Message logged");
    assert_eq!(scene.pipedrive.activities().await[0]["type"], "text_sms");
}
