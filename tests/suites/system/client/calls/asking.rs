//! Asking which calls are logged.

use std::collections::BTreeMap;

use daybook_api::app::App;
use daybook_api::doors::http::{HttpRequest, answer_http};
use daybook_api::interface::Interface;
use daybook_core::config::Vars;
use daybook_fakes::{Fault, Rule};
use daybook_local::table::TABLE_NAME;
use daybook_tests::runner::case;
use daybook_tests::world::{DEPLOYED, Door};
use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::{SESSION, create, of_session};
use crate::client::{Crm, Desk, words};

crate::client::by_each_sign_in![
    in "calls::";
    every_session_that_is_asked_is_answered,
    details_tell_what_the_log_says,
    a_log_that_cannot_be_read_spoils_no_other,
    the_list_is_there_whatever_the_crm_does,
    a_limit_of_requests_ends_the_reading,
    calls_of_a_colleague_are_not_found,
    an_extension_finds_its_own_log,
];

async fn every_session_that_is_asked_is_answered(desk: &Desk) {
    const HUGE: &str = "184467440737095516150001";
    for session in [SESSION, HUGE, "s-a0d1z1"] {
        desk.log(&of_session(session)).await;
    }
    let before = desk.asked();
    let many: Vec<_> = (0..97).map(|session| session.to_string()).collect();
    let query = format!(
        "sessionIds={SESSION},{HUGE},,s-a0d1z1,{SESSION},%20,{}",
        many.join(",")
    );
    let (logs, shown) = desk.logs(&query).await;
    assert_eq!(shown, Value::Null, "nothing is shown to the user");
    let ids: Vec<_> = logs
        .iter()
        .map(|log| log["sessionId"].as_str().expect("text"))
        .collect();
    let mut expected = vec![SESSION, HUGE, "s-a0d1z1"];
    expected.extend(many.iter().map(String::as_str));
    assert_eq!(ids, expected);
    for (index, log) in logs.iter().enumerate() {
        assert_eq!(log["matched"], index < 3, "{log}");
        assert_eq!(log["logId"].is_string(), index < 3, "{log}");
    }
    assert_eq!(desk.asked(), before, "the CRM is not asked");
    let answer = desk.get(&format!("/callLog?{query},97")).await;
    assert_eq!(answer.status, 400);
    let reply = answer.json();
    assert_eq!(
        reply["returnMessage"]["message"],
        "`sessionIds` has more than 100 ids"
    );
}

async fn details_tell_what_the_log_says(desk: &Desk) {
    let log = desk.log(&create()).await;
    let found = desk.details().await;
    assert_eq!(
        (&found["matched"], &found["logId"]),
        (&json!(true), &json!(log))
    );
    let told = &found["logData"];
    assert_eq!(told["note"], "Wants a quote.");
    assert_eq!(told["subject"], "About the order");
    assert_eq!(told["fullBody"], desk.only_note().await);
    assert!(told["dispositions"].is_object() && told["fullLogResponse"].is_object());
    // What waits for the CRM stands over what it has.
    let busy = Rule::new(Fault::rate_limited("20")).path_prefix(desk.activities_at());
    desk.server().plan(busy.once());
    let change = json!({"sessionId": SESSION, "note": "Edited."});
    let reply = desk.told("PATCH", "/callLog", &change).await;
    assert!(
        reply["returnMessage"]["message"]
            .as_str()
            .is_some_and(|said| said.contains("kept"))
    );
    let found = desk.details().await;
    assert_eq!(found["logData"]["note"], "Edited.", "{found}");
    assert!(desk.only_note().await.contains("Wants a quote."));
}

async fn a_log_that_cannot_be_read_spoils_no_other(desk: &Desk) {
    let mut logs = Vec::new();
    for session in ["1", "2", "3"] {
        logs.push(desk.log(&of_session(session)).await);
    }
    let second = format!("{}/{}", desk.activities_at(), logs[1]);
    desk.server()
        .plan(Rule::new(Fault::status(500)).path_prefix(&second).forever());
    let (told, shown) = desk.logs("sessionIds=1,2,3,4&requireDetails=true").await;
    let has_data: Vec<_> = told.iter().map(|log| log["logData"].is_object()).collect();
    assert_eq!(has_data, [true, false, true, false]);
    let matched: Vec<_> = told.iter().map(|log| log["matched"] == true).collect();
    assert_eq!(matched, [true, true, true, false]);
    let crm = desk.crm.display_name();
    assert_eq!(
        shown["message"],
        format!("{crm} cannot be reached. Try again later.")
    );
}

async fn the_list_is_there_whatever_the_crm_does(desk: &Desk) {
    let log = desk.log(&create()).await;
    let crm = desk.crm.display_name();
    for (fault, said) in [
        (
            Fault::status(503),
            format!("{crm} cannot be reached. Try again later."),
        ),
        (
            Fault::rate_limited("1"),
            format!("{crm} is receiving too many requests. Try again in a minute."),
        ),
        (
            Fault::status(403),
            format!(
                "Your {crm} account may not read this log. \
                 Ask your {crm} administrator for permission to see activities."
            ),
        ),
    ] {
        desk.plan(fault);
        let query = format!("sessionIds={SESSION}&requireDetails=true");
        let (logs, shown) = desk.logs(&query).await;
        let contact = json!({"id": "1001"});
        let found =
            json!({"sessionId": SESSION, "matched": true, "logId": log, "contact": contact});
        assert_eq!(logs, [found]);
        assert_eq!(shown["message"], said);
        desk.server().clear_plan();
    }
}

async fn a_limit_of_requests_ends_the_reading(desk: &Desk) {
    let sessions: Vec<_> = (1..=12).map(|session| session.to_string()).collect();
    for session in &sessions {
        desk.log(&of_session(session)).await;
    }
    let before = desk.asked();
    desk.plan(Fault::rate_limited("20"));
    let query = format!("sessionIds={}&requireDetails=true", sessions.join(","));
    let (logs, shown) = desk.logs(&query).await;
    // Those that are read at the same time do not know yet.
    let asked = desk.asked() - before;
    assert!((1..=4).contains(&asked), "{asked}");
    for log in &logs {
        assert_eq!(
            (&log["matched"], &log["logData"]),
            (&json!(true), &Value::Null)
        );
    }
    let said = shown["message"].as_str().expect("words");
    assert!(said.contains("too many requests"), "{said}");
}

async fn calls_of_a_colleague_are_not_found(desk: &Desk) {
    desk.log(&create()).await;
    let token = desk.colleague().await;
    let path = format!("/callLog?sessionIds={SESSION},5");
    let reply = desk.get_as(&token, &path).await.json();
    let none = |session: &str| json!({"sessionId": session, "matched": false});
    assert_eq!(reply["logs"], json!([none(SESSION), none("5")]));
}

async fn an_extension_finds_its_own_log(desk: &Desk) {
    let hashes = ["0a", "0b"].map(|digits| digits.repeat(32));
    let mut logs = Vec::new();
    for hash in &hashes {
        let mut call = create();
        call["hashedExtensionId"] = json!(hash);
        logs.push(desk.log(&call).await);
    }
    for sessions in [SESSION.to_owned(), format!("{SESSION},5")] {
        for (hash, log) in hashes.iter().zip(&logs) {
            let query = format!("sessionIds={sessions}&hashedExtensionId={hash}");
            assert_eq!(desk.logs(&query).await.0[0]["logId"], *log, "{sessions}");
        }
        let nobodys = "0c".repeat(32);
        let query = format!("sessionIds={sessions}&hashedExtensionId={nobodys}");
        assert_eq!(desk.logs(&query).await.0[0]["matched"], false);
    }
    // Who does not say whose is meant, but is one of them, means their own: for asking too.
    for sessions in [SESSION.to_owned(), format!("{SESSION},5")] {
        for (hash, log) in hashes.iter().zip(&logs) {
            let path = format!("/callLog?jwtToken={}&sessionIds={sessions}", desk.token);
            for path in [path.clone(), format!("{path}&requireDetails=true")] {
                let own = [("rc-extension-id", hash.as_str())];
                let reply = desk.scene.world.client("GET", &path, &own, "").await.json();
                assert_eq!(reply["logs"][0]["logId"], *log, "{path}");
            }
        }
    }
    let told = json!({"sessionId": SESSION, "note": "Mine."});
    let reply = desk.told("PATCH", "/callLog", &told).await;
    assert_eq!(
        (&reply["successful"], &reply["field"]),
        (&json!(false), &json!("extensionNumber"))
    );
    assert!(words(&reply).contains("nothing tells which one is yours"));
    let path = format!("/callLog?jwtToken={}", desk.token);
    let own = [("rc-extension-id", hashes[1].as_str())];
    let world = &desk.scene.world;
    let reply = world
        .client("PATCH", &path, &own, &told.to_string())
        .await
        .json();
    assert_eq!(
        (&reply["successful"], &reply["logId"]),
        (&json!(true), &json!(logs[1]))
    );
}

/// The cases within this process, where calls of the table are counted.
pub(crate) fn counted() -> Vec<Trial> {
    vec![case(
        "http_event::client::calls::asking_takes_as_few_trips_as_there_are_batches",
        asking_takes_as_few_trips_as_there_are_batches,
    )]
}

async fn asking_takes_as_few_trips_as_there_are_batches() {
    const SESSION_READ: u64 = 1;
    let desk = Desk::start(Door::HttpEvent, Crm::Key).await;
    let world = &desk.scene.world;
    desk.log(&create()).await;
    let own = world.crm.variables();
    let own = own.iter().map(|(name, value)| (*name, value.as_str()));
    let all: BTreeMap<_, _> = (DEPLOYED.into_iter().chain(own))
        .chain([("TABLE_NAME", TABLE_NAME)])
        .collect();
    let find = |name: &str| all.get(name).map(|value| (*value).to_owned());
    let app = App::new(&Vars::new(&find), &world.table().sdk_config()).expect("it is configured");
    let none = http::HeaderMap::new();
    let mut own = http::HeaderMap::new();
    let hash = "0a".repeat(32);
    own.insert("rc-extension-id", hash.parse().expect("a value"));
    let ask = async |method: http::Method, headers, interface, query: &str, body: &str| {
        let before = app.table.trips();
        let query = format!("jwtToken={}&{query}", desk.token);
        let request = HttpRequest {
            server: "https://connect.example",
            method: &method,
            path: interface_path(interface),
            query: &query,
            headers,
            body: body.as_bytes(),
            request_id: "1",
            deadline: app.deadline(),
        };
        let reply = answer_http(&app, interface, request).await;
        assert_eq!(reply.status, 200);
        let body = serde_json::to_value(&reply.body).expect("JSON");
        (body, app.table.trips() - before)
    };
    for (headers, sessions, trips) in [
        (&none, 1, 1),
        (&none, 2, 1),
        (&none, 50, 1),
        (&none, 51, 2),
        (&none, 100, 2),
        // As the extension asks.
        (&own, 1, 1),
        (&own, 25, 1),
        (&own, 50, 2),
        (&own, 100, 4),
    ] {
        let ids: Vec<_> = (1..sessions).map(|session| session.to_string()).collect();
        let query = format!("sessionIds={SESSION},{}", ids.join(","));
        let (reply, taken) = ask(
            http::Method::GET,
            headers,
            Interface::GetCallLog,
            &query,
            "",
        )
        .await;
        assert_eq!(reply["logs"].as_array().map(Vec::len), Some(sessions));
        assert_eq!(reply["logs"][0]["matched"], true);
        assert_eq!(taken, SESSION_READ + trips, "{sessions} sessions");
    }
    // The first request reads the key that credentials are sealed with.
    let call = create().to_string();
    for _ in 0..2 {
        let (reply, taken) = ask(
            http::Method::POST,
            &none,
            Interface::CreateCallLog,
            "",
            &call,
        )
        .await;
        assert_eq!(reply["successful"], false, "{reply}");
        assert!(taken <= SESSION_READ + 2, "{taken} trips");
    }
    let (_, taken) = ask(
        http::Method::POST,
        &none,
        Interface::CreateCallLog,
        "",
        &call,
    )
    .await;
    assert_eq!(
        taken,
        SESSION_READ + 1,
        "one read for a call that is logged"
    );
}

fn interface_path(interface: Interface) -> &'static str {
    interface.client_route().expect("it has a route").1
}
