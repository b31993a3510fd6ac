//! The rows of contacts, calls and messages, where all goes well or a request has nothing to find.

use daybook_tests::world::World;
use serde_json::{Value, json};

use super::super::bodies::{DAISY, Message, OWN, call_record, conversation};
use super::super::extension::{Extension, call_log, message_log};
use super::super::reads;
use super::signed_in;

super::rows![
    a_contact_match_is_a_list_whatever_is_asked,
    a_new_contact_has_an_id,
    a_search_by_name_is_a_list_or_has_words,
    a_logged_call_has_an_id,
    a_changed_call_has_an_outcome,
    a_cached_note_is_answered,
    every_session_is_answered,
    a_disposition_has_an_outcome,
    logged_messages_are_named_by_texts,
    late_data_of_the_hosted_logger_is_logged,
];

async fn a_contact_match_is_a_list_whatever_is_asked(world: &World) {
    let extension = signed_in(world).await;
    for (number, is_extension) in [
        (DAISY, false),
        ("%2B16505553204", false),
        ("+12025550143", false),
        ("101", false),
        ("101", true),
        ("anonymous", false),
    ] {
        let answer = extension.look_up(number, is_extension).await;
        let contacts = reads::contacts(&answer);
        let real = contacts
            .iter()
            .filter(|contact| contact["isNewContact"] != true);
        let is_daisys = number.ends_with("16505553204");
        assert_eq!(real.count(), usize::from(is_daisys), "{number}");
        // Without this, the extension takes what was found for nothing.
        assert!(
            !is_daisys || answer.json()["successful"] == true,
            "{number}"
        );
    }
}

fn nora() -> Value {
    json!({
        "phoneNumber": "+12025550143",
        "newContactName": "Nora Newfield",
        "newContactType": "Contact",
        "additionalSubmission": {},
    })
}

async fn a_new_contact_has_an_id(world: &World) {
    let extension = signed_in(world).await;
    reads::new_contact(&extension.post("/contact", &nora()).await);
}

async fn a_search_by_name_is_a_list_or_has_words(world: &World) {
    let extension = signed_in(world).await;
    for (name, count) in [("Daisy", 1), ("Nobody Atall", 0), ("100%25 sure", 0)] {
        let query = format!("name={name}");
        let answer = extension.get("/custom/contact/search", &query).await;
        assert_eq!(reads::found_by_name(&answer).len(), count, "{name}");
    }
}

const SESSION: &str = "9007199254740993";

fn daisy() -> Value {
    json!({"id": "1001", "type": "Contact", "name": "Daisy Meadows"})
}

async fn logged_call(extension: &Extension<'_>) -> Value {
    let body = call_log(call_record(SESSION), "", &daisy());
    reads::call_log(&extension.post("/callLog", &body).await)
}

async fn a_logged_call_has_an_id(world: &World) {
    let extension = signed_in(world).await;
    for contact in ["createNewContact", "searchContact", ""] {
        let nobody = json!({"id": contact, "type": "", "name": ""});
        let body = call_log(call_record(SESSION), "", &nobody);
        let told = reads::call_log(&extension.post("/callLog", &body).await);
        assert_eq!(told["successful"], false, "{contact}: {told}");
    }
    assert_eq!(logged_call(&extension).await["successful"], true);
    // It stands: the extension shows the words, and asks which calls are logged.
    let again = logged_call(&extension).await;
    assert!(again["returnMessage"].is_object(), "{again}");
}

async fn a_changed_call_has_an_outcome(world: &World) {
    let extension = signed_in(world).await;
    let body = json!({"sessionId": SESSION, "note": "Edited."});
    let ask = async || extension.ask("PATCH", "/callLog", "", &body).await;
    assert_eq!(reads::outcome(&ask().await)["successful"], false);
    logged_call(&extension).await;
    assert_eq!(reads::outcome(&ask().await)["successful"], true);
}

async fn a_cached_note_is_answered(world: &World) {
    let extension = signed_in(world).await;
    for note in ["First.", "Second."] {
        let body = json!({"sessionId": SESSION, "note": note});
        let kept = extension.post("/callLog/cacheNote", &body).await;
        assert_eq!(kept.status, 200, "{kept:?}");
        assert_eq!(kept.json()["successful"], true);
    }
}

async fn every_session_is_answered(world: &World) {
    let extension = signed_in(world).await;
    logged_call(&extension).await;
    let others = (0..99).map(|number| format!("40295735{number:04}"));
    let sessions: Vec<_> = others.chain([SESSION.to_owned()]).collect();
    let sessions: Vec<_> = sessions.iter().map(String::as_str).collect();
    for details in [false, true] {
        let logs = extension.call_logs(&sessions, details).await;
        let matched: Vec<_> = logs.iter().filter(|log| log["matched"] == true).collect();
        assert_eq!((logs.len(), matched.len()), (100, 1));
        if details {
            reads::details(matched[0]);
        }
    }
}

async fn a_disposition_has_an_outcome(world: &World) {
    let extension = signed_in(world).await;
    let body = json!({
        "sessionId": SESSION,
        "dispositions": {"outcome": "Won", "note": ""},
        "additionalSubmission": {},
    });
    let ask = async || extension.ask("PUT", "/callDisposition", "", &body).await;
    assert_eq!(reads::outcome(&ask().await)["successful"], false);
    logged_call(&extension).await;
    assert_eq!(reads::outcome(&ask().await)["successful"], true);
}

/// A conversation of one text of Daisy Meadows.
pub(super) fn one_text(id: u64) -> Value {
    let text = Message {
        id,
        minute: 1,
        text: "Good morning",
        from: DAISY,
        to: OWN,
    };
    let with = json!([{"phoneNumber": DAISY, "name": "Daisy Meadows"}]);
    conversation(
        "5578984350117917661",
        "SMS",
        &[text.sms("5578984350117917661")],
        with,
    )
}

async fn logged_messages_are_named_by_texts(world: &World) {
    let extension = signed_in(world).await;
    for contact in ["createNewContact", "searchContact", ""] {
        let nobody = json!({"id": contact, "type": "", "name": ""});
        let body = message_log(one_text(1), &nobody);
        let told = reads::message_log(&extension.post("/messageLog", &body).await);
        assert_eq!(told["successful"], false, "{contact}: {told}");
    }
    assert_eq!(extension.log_messages(one_text(1), &daisy()).await, ["1"]);
    assert!(
        extension
            .log_messages(one_text(1), &daisy())
            .await
            .is_empty()
    );
}

/// App Connect's hosted logger sends calls early and changes them later, with a user's own token.
async fn late_data_of_the_hosted_logger_is_logged(world: &World) {
    let extension = signed_in(world).await;
    let cached = json!({"sessionId": SESSION, "note": "Typed while talking."});
    extension.post("/callLog/cacheNote", &cached).await;
    let ask = async |method: &str, body: &Value| {
        let path = extension.path("/callLog", "");
        let headers = [("user-agent", "SSCL")];
        world
            .client(method, &path, &headers, &body.to_string())
            .await
    };
    let path = extension.path("/contact", &format!("phoneNumber={DAISY}"));
    let headers = [("user-agent", "SSCL")];
    let matched = world.client("GET", &path, &headers, "").await;
    assert_eq!(reads::contacts(&matched)[0]["id"], "1001");
    let mut body = call_log(call_record(SESSION), "", &daisy());
    body["logInfo"]["duration"] = json!("pending");
    let logged = reads::call_log(&ask("POST", &body).await);
    assert_eq!(logged["successful"], true, "{logged}");
    let change = json!({"sessionId": SESSION, "duration": 65, "result": "Call connected"});
    let changed = reads::outcome(&ask("PATCH", &change).await);
    assert_eq!(changed["successful"], true, "{changed}");
    let logs = extension.call_logs(&[SESSION], true).await;
    let details = reads::details(&logs[0]);
    assert_eq!(details["note"], "Typed while talking.", "{details}");
}
