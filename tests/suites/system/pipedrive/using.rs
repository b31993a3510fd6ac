//! A user who has signed in and works: texts, calls, contacts, and what they cost.

use std::time::Duration;

use daybook_fakes::{FakePipedrive, Fault, Rule};
use serde_json::{Value, json};

use super::{COLLEAGUE, HOST, STRANGER, Scene, USER, text, user, words};

super::by_client![
    a_text_a_call_and_a_contact_match_need_no_header,
    each_user_writes_as_themselves,
    a_spent_budget_is_left_alone_by_the_whole_company,
    companies_share_neither_what_is_remembered_nor_a_budget,
    a_new_contact_is_texted_before_searches_find_it,
    an_activity_that_is_told_as_deleted_is_gone,
    a_closed_gate_holds_questions_back,
    a_burst_of_searches_holds_up_no_text,
    a_firewall_asks_nobody_to_sign_in_again,
    nothing_secret_or_personal_is_logged,
];

/// A call of Daisy Meadows.
fn phone_call() -> Value {
    json!({
        "user": user(USER, HOST),
        "contactInfo": {"id": 1001, "name": "Daisy Meadows", "phoneNumber": "+16505553204"},
        "callLog": {
            "sessionId": "2846329107050",
            "direction": "Inbound",
            "result": "Call connected",
            "startTime": "2026-03-04T19:05:09.000Z",
            "duration": 65,
            "from": {"phoneNumber": "+16505553204"},
            "to": {"phoneNumber": "+18885550052"},
        },
        "note": "Wants a quote.",
        "additionalSubmission": {"deals": 301},
    })
}

fn find() -> Value {
    json!({"user": user(USER, HOST), "phoneNumber": "+16505553204"})
}

fn of(mut params: Value, id: u64) -> Value {
    params["user"] = user(id, HOST);
    params
}

async fn a_text_a_call_and_a_contact_match_need_no_header(scene: &Scene) {
    scene.sign_in(USER).await;
    scene.pipedrive.clear_usage();
    let (_, reply) = scene.call("findContact", &find()).await;
    let found = &reply["matchedContactInfo"][0];
    assert_eq!(
        (&found["id"], &found["name"]),
        (&json!("1001"), &json!("Daisy Meadows"))
    );
    assert_eq!(scene.pipedrive.spent().tokens, 50, "a search, deals, leads");
    scene.pipedrive.clear_usage();
    let (_, reply) = scene.call("createMessageLog", &text()).await;
    assert_eq!(words(&reply), "Message logged");
    assert_eq!(scene.pipedrive.spent().calls, 1, "all else is remembered");
    assert_eq!(scene.pipedrive.spent().tokens, 5);
    let (_, reply) = scene.call("createCallLog", &phone_call()).await;
    assert_eq!(words(&reply), "Call logged");
    let activities = scene.pipedrive.activities().await;
    let [text, call] = activities.as_slice() else {
        panic!("{activities:#?}");
    };
    for activity in [text, call] {
        assert_eq!(activity["owner_id"], USER);
        assert_eq!(activity["person_id"], 1001);
        assert_eq!(activity["org_id"], 501);
        assert_eq!(activity["done"], true);
    }
    assert_eq!(
        (&text["type"], &call["type"]),
        (&json!("text_sms"), &json!("call"))
    );
    assert_eq!(
        (&text["deal_id"], &call["deal_id"]),
        (&Value::Null, &json!(301))
    );
    let note = text["note"].as_str().expect("a note");
    assert!(note.contains("Flight information"), "{note}");
    // The user's zone in Pipedrive is that of Los Angeles.
    let note = call["note"].as_str().expect("a note");
    assert!(note.contains("2026-03-04 11:05:09 AM"), "{note}");
}

async fn each_user_writes_as_themselves(scene: &Scene) {
    scene.sign_in(USER).await;
    scene.sign_in(COLLEAGUE).await;
    let mut other = of(text(), COLLEAGUE);
    other["message"]["id"] = json!(5);
    for params in [text(), other] {
        let (_, reply) = scene.call("createMessageLog", &params).await;
        assert_eq!(words(&reply), "Message logged");
    }
    let activities = scene.pipedrive.activities().await;
    let owners: Vec<_> = activities.iter().map(|one| &one["owner_id"]).collect();
    assert_eq!(owners, [&json!(USER), &json!(COLLEAGUE)]);
}

async fn a_spent_budget_is_left_alone_by_the_whole_company(scene: &Scene) {
    scene.sign_in(USER).await;
    scene.sign_in(COLLEAGUE).await;
    scene.pipedrive.leave_daily_tokens(0);
    let before = scene.calls();
    let (status, reply) = scene.call("findContact", &find()).await;
    assert_eq!((status, &reply["successful"]), (200, &json!(false)));
    let told = words(&reply).to_owned();
    let begin = "Pipedrive is receiving too many requests. Try again in ";
    assert!(told.starts_with(begin), "{told}");
    assert!(
        !told.contains("in a minute"),
        "it is over at midnight: {told}"
    );
    assert_eq!(scene.calls() - before, 1);
    // Neither a colleague nor a text asks again.
    let colleagues = json!({"user": user(COLLEAGUE, HOST)});
    let (_, reply) = scene.call("getUserList", &colleagues).await;
    assert!(words(&reply).starts_with(begin), "{reply}");
    let (_, reply) = scene.call("createMessageLog", &text()).await;
    assert_eq!(
        words(&reply),
        "Pipedrive is receiving too many requests. \
         The message is kept and will be logged when it takes more."
    );
    assert_eq!(scene.calls() - before, 1);
}

/// The first company's ids stand for other records in the second, and it has other types.
async fn companies_share_neither_what_is_remembered_nor_a_budget(scene: &Scene) {
    const OTHER_HOST: &str = "second-company.pipedrive.com";
    scene.sign_in(USER).await;
    scene.sign_in(STRANGER).await;
    let of_other = |mut params: Value| {
        params["user"] = user(STRANGER, OTHER_HOST);
        params
    };
    // Each is the first of a company to ask for what is remembered from then on.
    for params in [text(), of_other(text())] {
        let (_, reply) = scene.call("createMessageLog", &params).await;
        assert_eq!(words(&reply), "Message logged");
    }
    for (id, kind, org) in [(USER, "text_sms", 501), (STRANGER, "short_message", 502)] {
        let activities = scene.pipedrive.activities_by(id).await;
        assert_eq!(activities.len(), 1, "{activities:#?}");
        assert_eq!(activities[0]["type"], kind);
        assert_eq!(activities[0]["org_id"], org);
    }
    scene.pipedrive.leave_daily_tokens(0);
    let told = "Pipedrive is receiving too many requests. Try again in ";
    let (_, reply) = scene.call("findContact", &find()).await;
    assert!(words(&reply).starts_with(told), "{reply}");
    let (_, reply) = scene.call("getUserList", &of_other(find())).await;
    assert_eq!(reply["successful"], true, "{reply}");
    let second = of_other(text_of(5));
    let (_, reply) = scene.call("updateMessageLog", &second).await;
    assert_eq!(words(&reply), "Message logged");
    let (_, reply) = scene.call("createMessageLog", &text_of(5)).await;
    assert!(words(&reply).contains("The message is kept"), "{reply}");
}

/// Another text of the same conversation.
fn text_of(number: u64) -> Value {
    let mut params = text();
    params["message"]["id"] = json!(number);
    params
}

async fn a_new_contact_is_texted_before_searches_find_it(scene: &Scene) {
    scene.sign_in(USER).await;
    scene.pipedrive.set_index_delay(Duration::from_secs(60));
    let new = json!({
        "user": user(USER, HOST), "phoneNumber": "+14155550100", "newContactName": "Ann Example",
    });
    let (_, reply) = scene.call("createContact", &new).await;
    let id = reply["contactInfo"]["id"].clone();
    let find = json!({"user": user(USER, HOST), "phoneNumber": "+14155550100"});
    let (_, reply) = scene.call("findContact", &find).await;
    assert_eq!(words(&reply), "No contact found.");
    let mut first = text();
    first["contactInfo"]["id"] = id.clone();
    let (_, reply) = scene.call("createMessageLog", &first).await;
    assert_eq!(words(&reply), "Message logged");
    scene.pipedrive.advance(Duration::from_secs(61));
    let (_, reply) = scene.call("findContact", &find).await;
    assert_eq!(reply["matchedContactInfo"][0]["id"], id, "{reply}");
}

/// Pipedrive may show what is deleted, or not: a text finds the same.
async fn an_activity_that_is_told_as_deleted_is_gone(scene: &Scene) {
    scene.sign_in(USER).await;
    let mut replies = Vec::new();
    for (tells, number) in [(false, 10), (true, 20)] {
        let mut first = text_of(number);
        first["message"]["conversationId"] = json!(number);
        let (_, reply) = scene.call("createMessageLog", &first).await;
        assert_eq!(words(&reply), "Message logged");
        let id = reply["logId"].as_str().expect("an id").parse();
        scene.pipedrive.tell_deleted(tells);
        scene.pipedrive.delete_activity(id.expect("a number")).await;
        let mut second = first.clone();
        second["message"]["id"] = json!(number + 1);
        second["message"]["subject"] = json!("A second one");
        let (_, reply) = scene.call("updateMessageLog", &second).await;
        replies.push(words(&reply).to_owned());
    }
    assert_eq!(replies[0], replies[1]);
    let call = phone_call();
    let (_, reply) = scene.call("createCallLog", &call).await;
    let id = reply["logId"].as_str().expect("an id").to_owned();
    scene
        .pipedrive
        .delete_activity(id.parse().expect("a number"))
        .await;
    let read = json!({"user": user(USER, HOST), "callLogId": id, "contactId": 1001});
    let (_, reply) = scene.call("getCallLog", &read).await;
    assert_eq!(reply["successful"], false, "{reply}");
}

async fn a_closed_gate_holds_questions_back(scene: &Scene) {
    scene.sign_in(USER).await;
    let slow = Fault::rate_limited("120");
    let rule = Rule::new(slow).path_prefix("/api/v2/activities").once();
    scene.pipedrive.plan(rule);
    let (_, reply) = scene.call("createMessageLog", &text()).await;
    assert_eq!(reply["successful"], true, "{reply}");
    let before = scene.calls();
    let new = json!({
        "user": user(USER, HOST), "phoneNumber": "+14155550100", "newContactName": "Ann Example",
    });
    let by_name = json!({"user": user(USER, HOST), "name": "Daisy"});
    let users = json!({"user": user(USER, HOST)});
    for (interface, params) in [
        ("findContact", find()),
        ("findContactWithName", by_name),
        ("createContact", new),
        ("getUserList", users),
    ] {
        let (status, reply) = scene.call(interface, &params).await;
        assert_eq!((status, &reply["successful"]), (200, &json!(false)));
        let expected = "Pipedrive is receiving too many requests. Try again in ";
        assert!(words(&reply).starts_with(expected), "{interface}: {reply}");
    }
    assert_eq!(scene.calls(), before);
}

async fn a_burst_of_searches_holds_up_no_text(scene: &Scene) {
    scene.sign_in(USER).await;
    let slow = Fault::status_with(429, &[("x-ratelimit-reset", "30")], "{}");
    let rule = Rule::new(slow).path_prefix("/api/v2/persons/search").once();
    scene.pipedrive.plan(rule);
    let (_, reply) = scene.call("findContact", &find()).await;
    assert_eq!(
        words(&reply),
        "Pipedrive is receiving too many requests. Try again in a minute."
    );
    let (_, reply) = scene.call("createMessageLog", &text()).await;
    assert_eq!(words(&reply), "Message logged");
    let (_, reply) = scene.call("findContact", &find()).await;
    assert_eq!(words(&reply), "Found 1 contact");
}

async fn a_firewall_asks_nobody_to_sign_in_again(scene: &Scene) {
    let token = scene.sign_in(USER).await;
    let rule = || Rule::new(FakePipedrive::blocked()).path_prefix("/api/");
    scene.pipedrive.plan(rule().once());
    let (_, reply) = scene.call("findContact", &find()).await;
    assert_eq!(
        words(&reply),
        "Pipedrive cannot be reached. Try again in a minute."
    );
    scene.pipedrive.plan(rule().once());
    let (_, reply) = scene.call("createMessageLog", &text()).await;
    assert_eq!(reply["successful"], true, "{reply}");
    assert!(
        words(&reply).starts_with("Pipedrive cannot be reached. The message is kept"),
        "{reply}"
    );
    assert_eq!(scene.token_calls(), 1, "no token was renewed for it");
    scene.assert_valid(&token).await;
}

async fn nothing_secret_or_personal_is_logged(scene: &Scene) {
    let token = scene.sign_in(USER).await;
    let code = scene.code(USER);
    let page = format!("/pipedrive-redirect?code={code}&state=platform%3Dpipedrive");
    scene.world.client("GET", &page, &[], "").await;
    scene.call("findContact", &find()).await;
    scene.call("createMessageLog", &text()).await;
    scene.call("createCallLog", &phone_call()).await;
    scene.pipedrive.end_access_tokens();
    scene.assert_valid(&token).await;
    for fault in [
        Fault::status_with(500, &[("x-trace", "QWERTY")], "QWERTY"),
        Fault::html(403, "QWERTY"),
        Fault::CutBody { after_bytes: 3 },
        Fault::status_with(302, &[("location", "http://127.0.0.1:1/QWERTY")], ""),
    ] {
        let rule = || Rule::new(fault.clone());
        scene
            .pipedrive
            .plan(rule().path_prefix("/api/v2/persons").once());
        scene.call("findContact", &find()).await;
        scene
            .pipedrive
            .plan(rule().path_prefix("/oauth/token").once());
        scene.come_back(USER, "temp").await;
    }
    scene.pipedrive.clear_plan();
    let notice = scene.pipedrive.uninstall(COLLEAGUE);
    let path = "/pipedrive-redirect";
    let body = notice.body.to_string();
    let headers = [("authorization", notice.authorization.as_str())];
    scene.world.client("DELETE", path, &headers, &body).await;
    scene.ask(&token, "POST", "/unAuthorize").await;

    let log = scene.world.log();
    assert!(log.contains("findContact answered 200"), "{log}");
    let mut secrets = sent(scene);
    assert!(secrets.len() > 5, "tokens and codes: {}", secrets.len());
    secrets.extend([code, token, FakePipedrive::CLIENT_SECRET.to_owned()]);
    secrets.push(notice.authorization.replace("Basic ", ""));
    for personal in [
        "Daisy",
        "6505553204",
        "Demo Rep",
        "Roses",
        "Flight",
        "quote",
        "QWERTY",
    ] {
        secrets.push(personal.to_owned());
    }
    for secret in &secrets {
        assert!(!log.contains(secret.as_str()), "{secret} is in {log}");
    }
    let items = scene.world.dump().await;
    for secret in sent(scene) {
        assert!(!items.contains(&secret), "a secret is in the table");
    }
}

/// Every token and every code that was sent to Pipedrive.
fn sent(scene: &Scene) -> Vec<String> {
    let mut secrets = Vec::new();
    for exchange in scene.pipedrive.journal() {
        let header = exchange.headers.get("authorization");
        let bearer = header.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        secrets.extend(bearer.map(str::to_owned));
        let form = url::form_urlencoded::parse(&exchange.body);
        let is_secret = |name: &str| matches!(name, "code" | "token" | "refresh_token");
        let named = form.filter(|(name, _)| is_secret(name));
        secrets.extend(named.map(|(_, value)| value.into_owned()));
    }
    secrets.sort();
    secrets.dedup();
    secrets
}
