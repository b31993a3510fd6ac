//! Where this server itself cannot do what it is asked. Of a refusal the extension shows bare text
//! and nothing else.

use std::collections::BTreeSet;

use daybook_api::app::App;
use daybook_api::doors::http::{HttpRequest, answer_http};
use daybook_api::interface::Interface;
use daybook_api::reply::ReplyBody;
use daybook_tests::runner::case;
use daybook_tests::world::Door;
use libtest_mimic::Trial;

use super::{Crm, Desk};

/// Within this process, where a table can fail.
pub(crate) fn cases() -> Vec<Trial> {
    vec![
        case(
            "http_event::client::faults::a_table_that_fails_is_told_in_bare_words",
            a_table_that_fails_is_told_in_bare_words,
        ),
        case(
            "http_event::client::faults::what_is_too_large_is_told_in_bare_words",
            what_is_too_large_is_told_in_bare_words,
        ),
    ]
}

/// The routes at which somebody waits.
const PATHS: [&str; 7] = [
    "/messageLog",
    "/callLog",
    "/callLog/cacheNote",
    "/callDisposition",
    "/contact",
    "/custom/contact/search",
    "/accountData",
];

/// The status and the bare text of what each of these routes answers.
async fn told(app: &App, query: &str, body: &[u8]) -> BTreeSet<(u16, String)> {
    let mut told = BTreeSet::new();
    for path in PATHS {
        for interface in Interface::at(path) {
            let (method, _) = interface.client_route().expect("a route");
            let request = HttpRequest {
                server: "https://connect.example",
                method: &method,
                path,
                query,
                headers: &http::HeaderMap::new(),
                body,
                request_id: "1-2-3",
                deadline: app.deadline(),
            };
            let reply = answer_http(app, interface, request).await;
            let ReplyBody::Text(text) = reply.body else {
                panic!("{method} {path}: {} {:?}", reply.status, reply.body);
            };
            told.insert((reply.status, text.into()));
        }
    }
    told
}

async fn a_table_that_fails_is_told_in_bare_words() {
    let desk = Desk::start(Door::HttpEvent, Crm::Key).await;
    // Nobody listens at this port.
    let app = desk.app("http://127.0.0.1:9");
    let query = format!(
        "jwtToken={}&phoneNumber=+16505553204&sessionIds=1&name=Ann&keys=x",
        desk.token
    );
    let body = r#"{"logInfo": {"messages": []}, "sessionId": "1", "note": "x",
        "phoneNumber": "+16505553204", "newContactName": "Ann"}"#;
    let told = told(&app, &query, body.as_bytes()).await;
    let words = "Something went wrong in Daybook. Try again; if it stays, \
                 give your administrator this id: 1-2-3";
    assert_eq!(told, BTreeSet::from([(500, words.to_owned())]));
}

async fn what_is_too_large_is_told_in_bare_words() {
    let desk = Desk::start(Door::HttpEvent, Crm::Key).await;
    let app = desk.app(&desk.scene.world.table().endpoint());
    let large = vec![b' '; (5 << 20) + 1];
    let words = "The request is larger than 5 MiB. Send fewer messages at once.";
    let refused = told(&app, "", &large).await;
    assert_eq!(refused, BTreeSet::from([(413, words.to_owned())]));
    let words = "The address of the request is too long.";
    let refused = told(&app, &"x".repeat(17 << 10), b"").await;
    assert_eq!(refused, BTreeSet::from([(414, words.to_owned())]));
}
