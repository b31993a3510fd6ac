//! The rows of contacts, calls and messages, where the CRM fails or there is no session.

use std::time::Duration;

use daybook_fakes::{Fault, Rule};
use daybook_tests::sign_in::with_oauth;
use daybook_tests::stands::note;
use daybook_tests::world::{ClientAnswer, World};
use serde_json::{Value, json};

use super::super::extension::{Extension, call_log, message_log};
use super::super::{bodies, reads};
use super::records::one_text;
use super::signed_in;

super::rows![
    a_contact_match_that_fails_is_a_list,
    a_new_contact_that_fails_is_told,
    a_search_by_name_that_fails_is_a_list,
    a_call_that_fails_has_words,
    a_change_that_fails_has_words,
    sessions_are_answered_where_the_crm_fails,
    a_disposition_that_fails_has_words,
    messages_that_fail_are_a_list,
    without_a_session_every_route_says_so_in_words,
    a_dead_grant_is_told_on_every_route,
];

/// What a CRM answers, and whether it is about the user's sign-in. That comes last, since it ends the
/// grant.
fn faults() -> [(Fault, bool); 8] {
    [
        (Fault::status(404), false),
        (Fault::status(409), false),
        (Fault::status(400), false),
        (Fault::status(403), false),
        (Fault::html(500, "<h1>Oops</h1>"), false),
        (Fault::DropBefore, false),
        (Fault::rate_limited("1"), false),
        (Fault::status(401), true),
    ]
}

/// Asks while the CRM fails in each way, and reads each answer. Nothing but a refused sign-in is
/// taken for one.
async fn while_failing(
    world: &World,
    ask: impl AsyncFn(u64) -> ClientAnswer,
    read: impl Fn(&ClientAnswer),
) {
    for (number, (fault, is_sign_in)) in (1..).zip(faults()) {
        world.crm.plan(Rule::new(fault.clone()));
        let answer = ask(number).await;
        world.crm.clear_plan();
        if is_sign_in && answer.status == 401 {
            continue;
        }
        read(&answer);
        let words = answer.text.to_lowercase();
        let asks = ["authori", "connect your", "sign in again"];
        let asks = asks.iter().any(|part| words.contains(part));
        assert!(!asks || is_sign_in, "{fault:?}: {answer:?}");
    }
}

async fn a_contact_match_that_fails_is_a_list(world: &World) {
    let extension = signed_in(world).await;
    let ask = async |number| {
        let number = format!("+1202555010{number}");
        extension.look_up(&number, false).await
    };
    while_failing(world, ask, |answer| {
        reads::contacts(answer);
    })
    .await;
}

async fn a_new_contact_that_fails_is_told(world: &World) {
    let extension = signed_in(world).await;
    let ask = async |number| {
        let new = json!({
            "phoneNumber": format!("+1202555010{number}"),
            "newContactName": "Nora Newfield",
            "newContactType": "Contact",
            "additionalSubmission": {},
        });
        extension.post("/contact", &new).await
    };
    // Of a 200 the contact is read, whatever else it says.
    while_failing(world, ask, |answer| match answer.status {
        200 => {
            reads::new_contact(answer);
        }
        _ => {
            reads::refusal(answer);
        }
    })
    .await;
}

async fn a_search_by_name_that_fails_is_a_list(world: &World) {
    let extension = signed_in(world).await;
    let ask = async |number| {
        let query = format!("name=Daisy {number}");
        extension.get("/custom/contact/search", &query).await
    };
    while_failing(world, ask, |answer| {
        reads::found_by_name(answer);
    })
    .await;
}

fn daisy() -> Value {
    json!({"id": "1001", "type": "Contact", "name": "Daisy Meadows"})
}

async fn logged(extension: &Extension<'_>, session: &str) -> ClientAnswer {
    let body = call_log(bodies::call_record(session), "", &daisy());
    extension.post("/callLog", &body).await
}

async fn a_call_that_fails_has_words(world: &World) {
    let extension = signed_in(world).await;
    let ask = async |number: u64| logged(&extension, &format!("40295735800{number}")).await;
    while_failing(world, ask, |answer| {
        let told = reads::call_log(answer);
        assert_ne!(told["returnMessage"]["messageType"], "success", "{told}");
        assert!(told["returnMessage"].is_object(), "{told}");
    })
    .await;
}

const SESSION: &str = "9007199254740993";

async fn a_change_that_fails_has_words(world: &World) {
    let extension = signed_in(world).await;
    logged(&extension, SESSION).await;
    let ask = async |number: u64| {
        let body = json!({"sessionId": SESSION, "note": format!("Edited {number}.")});
        extension.ask("PATCH", "/callLog", "", &body).await
    };
    while_failing(world, ask, |answer| {
        let told = reads::outcome(answer);
        assert!(told["returnMessage"].is_object(), "{told}");
    })
    .await;
}

async fn sessions_are_answered_where_the_crm_fails(world: &World) {
    let extension = signed_in(world).await;
    logged(&extension, SESSION).await;
    let ask = async |_| {
        let query = format!("sessionIds={SESSION},402957358008&requireDetails=true");
        extension.get("/callLog", &query).await
    };
    while_failing(world, ask, |answer| {
        reads::call_logs(answer, &[SESSION, "402957358008"]);
    })
    .await;
}

async fn a_disposition_that_fails_has_words(world: &World) {
    let extension = signed_in(world).await;
    logged(&extension, SESSION).await;
    let ask = async |number: u64| {
        let body = json!({
            "sessionId": SESSION,
            "dispositions": {"outcome": format!("Won {number}"), "note": ""},
            "additionalSubmission": {},
        });
        extension.ask("PUT", "/callDisposition", "", &body).await
    };
    while_failing(world, ask, |answer| {
        let told = reads::outcome(answer);
        assert!(told["returnMessage"].is_object(), "{told}");
    })
    .await;
}

async fn messages_that_fail_are_a_list(world: &World) {
    let extension = signed_in(world).await;
    let ask = async |number| {
        let body = message_log(one_text(number), &daisy());
        extension.post("/messageLog", &body).await
    };
    while_failing(world, ask, |answer| {
        let told = reads::message_log(answer);
        assert!(told["returnMessage"].is_object(), "{told}");
    })
    .await;
}

/// A request to each route that needs a session and asks the CRM.
fn requests() -> [(&'static str, &'static str, &'static str, Value); 9] {
    let call = json!({"sessionId": SESSION, "note": "Edited."});
    let chosen = json!({"sessionId": SESSION, "dispositions": {"outcome": "Won"}});
    let new = json!({"phoneNumber": "+12025550143", "newContactName": "Nora Newfield"});
    let none = Value::Null;
    [
        (
            "GET",
            "/contact",
            "phoneNumber=+12025550143&isExtension=false",
            none.clone(),
        ),
        ("POST", "/contact", "", new),
        ("GET", "/custom/contact/search", "name=Daisy", none.clone()),
        ("GET", "/callLog", "sessionIds=1&requireDetails=true", none),
        (
            "POST",
            "/callLog",
            "",
            call_log(bodies::call_record(SESSION), "", &daisy()),
        ),
        ("PATCH", "/callLog", "", call.clone()),
        ("POST", "/callLog/cacheNote", "", call),
        ("PUT", "/callDisposition", "", chosen),
        (
            "POST",
            "/messageLog",
            "",
            message_log(one_text(1), &daisy()),
        ),
    ]
}

async fn without_a_session_every_route_says_so_in_words(world: &World) {
    for (method, path, query, body) in requests() {
        for token in ["", "jwtToken=&", "jwtToken=wrong&"] {
            let body = if body.is_null() {
                String::new()
            } else {
                body.to_string()
            };
            let path = format!("{path}?{token}{query}");
            let answer = world.client(method, &path, &[], &body).await;
            reads::refusal(&answer);
            assert_eq!(answer.status, 400, "{method} {path}");
        }
    }
}

/// The extension shows nothing of a 401, and what it told has to be kept: it stands in the CRM after
/// the next sign-in.
async fn a_dead_grant_is_told_on_every_route(world: &World) {
    let sign_in = async |world| with_oauth(world, "1-1").await;
    let extension = Extension::start(world, sign_in).await;
    world.crm.disconnect_all().await;
    for (method, path, query, body) in requests() {
        let answer = extension.ask(method, path, query, &body).await;
        // A note is kept in the table, and nobody has to sign in for that.
        let expected = match path {
            "/callLog/cacheNote" => 200,
            _ => 401,
        };
        assert_eq!(answer.status, expected, "{method} {path}: {answer:?}");
        if expected == 401 {
            let told = answer.json();
            assert_eq!(told["errorCode"], "CRM_SESSION_REVOKED", "{told}");
            assert!(told["returnMessage"]["message"].is_string(), "{told}");
        }
    }
    let plain = extension.get("/callLog", "sessionIds=1").await;
    reads::call_logs(&plain, &["1"]);
    Extension::start(world, sign_in).await;
    assert_delivered(world, &["Good morning", "Edited."]).await;
}

/// Each of these words comes to stand in a log of its own, without another request.
async fn assert_delivered(world: &World, words: &[&str]) {
    let mut notes = Vec::new();
    for _ in 0..90 {
        if !world.is_local() {
            world.deliver_pending().await;
        }
        let activities = world.activities().await;
        notes = activities.iter().map(|one| note(one).to_owned()).collect();
        let stands = |words: &&str| notes.iter().filter(|note| note.contains(*words)).count() == 1;
        if notes.len() == words.len() && words.iter().all(stands) {
            return;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    panic!("{words:?} are not in {notes:#?}");
}
