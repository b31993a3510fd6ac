//! What is told again without asking the CRM, and what is not.

use std::time::Duration;

use daybook_api::doors::http::{HttpRequest, answer_http};
use daybook_api::interface::Interface;
use daybook_fakes::{Fault, Rule};
use daybook_tests::runner::case;
use daybook_tests::world::Door;
use http::Method;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::{Crm, Desk, NUMBER, names_of};

super::super::by_each_sign_in![
    in "remembering::";
    a_match_is_told_again_without_a_call,
    a_refresh_asks_again_and_is_remembered,
    a_new_contact_is_not_hidden,
    a_new_contact_is_not_hidden_by_an_answer_of_before,
    lists_that_failed_are_not_remembered,
    nobody_is_asked_for_again,
    another_user_is_told_nothing_of_it,
    other_formats_are_another_question,
    the_table_and_the_logs_hold_no_name_and_no_number,
];

fn path() -> String {
    format!("/contact?phoneNumber={NUMBER}")
}

async fn a_match_is_told_again_without_a_call(desk: &Desk) {
    desk.make_in_crm("Ann Example", NUMBER).await;
    let first = desk.get(&path()).await;
    assert_eq!(
        names_of(first.json()["contact"].as_array().expect("a list").clone()).len(),
        1
    );
    let before = desk.server().journal().len();
    assert!(before > 0);
    for sent in [NUMBER, "%201%20(415)%20555-0177", "tel:%2B1-415-555-0177"] {
        let again = desk.get(&format!("/contact?phoneNumber={sent}")).await;
        assert_eq!(again.text, first.text, "{sent}");
    }
    assert_eq!(desk.server().journal().len(), before);
}

async fn a_refresh_asks_again_and_is_remembered(desk: &Desk) {
    desk.make_in_crm("Ann Example", NUMBER).await;
    assert_eq!(desk.names(&path()).await, ["Ann Example"]);
    desk.make_in_crm("Bob Example", NUMBER).await;
    assert_eq!(desk.names(&path()).await, ["Ann Example"]);
    let refresh = format!("{}&isForceRefreshAccountData=true", path());
    let both = ["Ann Example", "Bob Example"];
    assert_eq!(desk.names(&refresh).await, both);
    let before = desk.server().journal().len();
    assert_eq!(desk.names(&path()).await, both);
    assert_eq!(desk.server().journal().len(), before);
}

async fn a_new_contact_is_not_hidden(desk: &Desk) {
    desk.make_in_crm("Ann Example", NUMBER).await;
    assert_eq!(desk.names(&path()).await, ["Ann Example"]);
    desk.make("Bob Example", NUMBER).await;
    assert_eq!(desk.names(&path()).await, ["Ann Example", "Bob Example"]);
}

async fn a_new_contact_is_not_hidden_by_an_answer_of_before(desk: &Desk) {
    desk.make_in_crm("Ann Example", NUMBER).await;
    let held = Rule::new(Fault::DelayAnswer(Duration::from_millis(1_500)));
    let held = held.method(Method::GET).path_prefix(desk.crm.path());
    desk.server().plan(held.once());
    let path = path();
    let before = desk.names(&path);
    let made = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        desk.make("Bob Example", NUMBER).await
    };
    let (before, _) = tokio::join!(before, made);
    assert_eq!(before, ["Ann Example"]);
    assert_eq!(desk.names(&path).await, ["Ann Example", "Bob Example"]);
}

/// The deals of a contact, which Pipedrive tells apart from it.
async fn lists_that_failed_are_not_remembered(desk: &Desk) {
    if desk.crm != Crm::Pipedrive {
        return;
    }
    let has_deals = async || {
        let answer = desk.get("/contact?phoneNumber=+16505553204").await;
        let daisy = &answer.json()["contact"][0];
        assert_eq!(daisy["id"], "1001", "{}", answer.text);
        daisy["additionalInfo"]["deals"].is_array()
    };
    for status in [429, 503] {
        let fault = Fault::status_with(status, &[], "{}");
        let rule = Rule::new(fault).path_prefix("/api/v2/deals").forever();
        desk.server().plan(rule);
        assert!(!has_deals().await, "{status}");
        desk.server().clear_plan();
    }
    assert!(has_deals().await);
}

async fn nobody_is_asked_for_again(desk: &Desk) {
    assert_eq!(desk.names(&path()).await, [""; 0]);
    desk.make_in_crm("Ann Example", NUMBER).await;
    assert_eq!(desk.names(&path()).await, ["Ann Example"]);
}

async fn another_user_is_told_nothing_of_it(desk: &Desk) {
    desk.make_in_crm("Ann Example", NUMBER).await;
    assert_eq!(desk.names(&path()).await, ["Ann Example"]);
    let colleague = desk.colleague().await;
    let answer = desk.get_as(&colleague, &path()).await;
    assert_eq!(answer.json()["successful"], true, "{}", answer.text);
    assert!(!desk.server().journal().is_empty(), "the CRM was asked");
}

async fn other_formats_are_another_question(desk: &Desk) {
    desk.make_in_crm("Ann Example", NUMBER).await;
    assert_eq!(desk.names(&path()).await, ["Ann Example"]);
    desk.server().clear_journal();
    let formatted = format!("{}&overridingFormat=(***)%20***-****", path());
    desk.found(&formatted).await;
    assert!(!desk.server().journal().is_empty());
}

async fn the_table_and_the_logs_hold_no_name_and_no_number(desk: &Desk) {
    desk.make("Ann QWERTY", NUMBER).await;
    assert_eq!(desk.names(&path()).await, ["Ann QWERTY"]);
    desk.found("/custom/contact/search?name=QWERTY").await;
    let output = desk.scene.world.output();
    let dump = desk.scene.world.dump().await;
    assert!(dump.contains("F#") && dump.contains("N#"), "{dump}");
    for mark in ["QWERTY", "4155550177", "555-0177"] {
        assert!(!dump.contains(mark), "{mark} is in {dump}");
        assert!(!output.contains(mark), "{mark} is in {output}");
    }
}

/// One case within this process, where calls of the table are counted.
pub(crate) fn counted() -> Vec<Trial> {
    vec![case(
        "http_event::client::remembering::a_match_that_is_known_costs_one_read_beside_the_session",
        a_match_that_is_known_costs_one_read_beside_the_session,
    )]
}

async fn a_match_that_is_known_costs_one_read_beside_the_session() {
    let desk = Desk::start(Door::HttpEvent, Crm::Key).await;
    let world = &desk.scene.world;
    let app = desk.app(&world.table().endpoint());
    let query = format!("jwtToken={}&phoneNumber=+16505553204", desk.token);
    let mut told = Vec::new();
    for trips in [None, Some(2)] {
        let before = app.table.trips();
        let request = HttpRequest {
            server: "https://connect.example",
            method: &Method::GET,
            path: "/contact",
            query: &query,
            headers: &http::HeaderMap::new(),
            body: b"",
            request_id: "1",
            deadline: app.deadline(),
        };
        let reply = answer_http(&app, Interface::FindContact, request).await;
        assert_eq!(reply.status, 200);
        if let Some(trips) = trips {
            assert_eq!(app.table.trips() - before, trips);
            assert_eq!(desk.server().journal().len(), 1, "asked the first time");
        }
        told.push(serde_json::to_value(&reply.body).expect("JSON"));
    }
    let found: Vec<Value> = told
        .iter()
        .map(|reply| reply["contact"][0]["id"].clone())
        .collect();
    assert_eq!(found, [json!("1001"), json!("1001")]);
}
