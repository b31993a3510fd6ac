//! Logging a call.

use daybook_fakes::Fault;
use serde_json::{Value, json};

use super::{SESSION, create, of_session, without_note};
use crate::client::{Crm, Desk, words};

crate::client::by_each_sign_in![
    in "calls::";
    a_call_is_logged_as_the_extension_sends_it,
    a_call_that_is_logged_is_told_so_and_the_note_comes_afterwards,
    five_at_once_are_one,
    without_a_contact_nothing_is_written,
    what_the_crm_does_not_take_is_kept_and_told,
    a_contact_that_is_gone_is_told_with_what_to_do,
    what_cannot_be_read_is_named,
    who_has_no_session_is_told_in_plain_text,
    nothing_that_is_told_is_logged,
];

async fn a_call_is_logged_as_the_extension_sends_it(desk: &Desk) {
    desk.log(&create()).await;
    let activities = desk.activities().await;
    let [activity] = activities.as_slice() else {
        panic!("{activities:#?}");
    };
    assert_eq!(activity["subject"], "About the order");
    let contact = match desk.crm {
        Crm::Key | Crm::OAuth => "contactId",
        Crm::Pipedrive => "person_id",
    };
    assert_eq!(activity[contact], 1001, "{activity}");
    let note = desk.only_note().await;
    for part in [
        "Wants a quote.",
        "1 minute, 5 seconds",
        "Call connected",
        // The user's zone in the CRM is that of Los Angeles.
        "2026-03-04 11:05:09 AM",
    ] {
        assert!(note.contains(part), "{part}: {note}");
    }
}

async fn a_call_that_is_logged_is_told_so_and_the_note_comes_afterwards(desk: &Desk) {
    let log = desk.log(&create()).await;
    let mut again = create();
    again["note"] = json!("Typed on another computer.");
    let before = desk.asked();
    let reply = desk.told("POST", "/callLog", &again).await;
    let shown = json!({
        "message": "This call is logged already. Open its log to change it.",
        "messageType": "warning", "ttl": 3_000,
    });
    assert_eq!(reply, json!({"successful": false, "returnMessage": shown}));
    assert_eq!(desk.asked(), before, "the CRM is not asked");
    assert!(desk.only_note().await.contains("Wants a quote."));
    // So the extension looks for the log, and sends the note that it holds.
    let query = format!("sessionIds={SESSION}&requireDetails=false");
    let (logs, shown) = desk.logs(&query).await;
    assert_eq!(shown, Value::Null);
    let found = json!({"sessionId": SESSION, "matched": true, "logId": log,
                       "contact": {"id": "1001"}});
    assert_eq!(logs, [found]);
    let told = json!({"sessionId": SESSION, "note": "Typed on another computer."});
    let reply = desk.told("PATCH", "/callLog", &told).await;
    assert_eq!(reply["successful"], true, "{reply}");
    let note = desk.only_note().await;
    assert!(
        note.contains("Typed on another computer.") && !note.contains("quote"),
        "{note}"
    );
}

async fn five_at_once_are_one(desk: &Desk) {
    let call = create();
    let all = (0..5).map(|_| desk.told("POST", "/callLog", &call));
    let replies = futures_util::future::join_all(all).await;
    let done = |reply: &&Value| reply["successful"] == true;
    assert!(replies.iter().any(|reply| done(&reply)), "{replies:?}");
    let others = replies.iter().filter(|reply| !done(reply));
    for reply in others {
        assert_eq!(
            words(reply),
            "This call is logged already. Open its log to change it."
        );
    }
    let note = desk.only_note().await;
    assert_eq!(note.matches("Wants a quote.").count(), 1, "{note}");
}

async fn without_a_contact_nothing_is_written(desk: &Desk) {
    for contact in [
        Value::Null,
        json!(""),
        json!("createNewContact"),
        json!("searchContact"),
    ] {
        let mut call = create();
        call["contactId"] = contact;
        let reply = desk.told("POST", "/callLog", &call).await;
        assert_eq!(
            (&reply["successful"], &reply["field"]),
            (&json!(false), &json!("contactId"))
        );
        assert_eq!(
            words(&reply),
            "The call is not logged: no contact is chosen. \
             Choose a contact, or create one, and log the call again."
        );
    }
    assert_eq!(desk.asked(), 0);
    let (logs, _) = desk.logs(&format!("sessionIds={SESSION}")).await;
    assert_eq!(logs, [json!({"sessionId": SESSION, "matched": false})]);
    desk.log(&create()).await;
}

async fn what_the_crm_does_not_take_is_kept_and_told(desk: &Desk) {
    let kept = "The call is kept and will be logged";
    for (session, fault) in [
        ("1", Fault::status(500)),
        ("2", Fault::rate_limited("1")),
        ("3", Fault::status(403)),
    ] {
        desk.plan(fault);
        let reply = desk.told("POST", "/callLog", &of_session(session)).await;
        assert_eq!(reply["successful"], true, "{reply}");
        assert!(reply["logId"].is_null(), "{reply}");
        assert_eq!(reply["returnMessage"]["messageType"], "warning", "{reply}");
        assert!(words(&reply).contains(kept), "{reply}");
        desk.server().clear_plan();
    }
    // It is as good as logged: what comes later is told of it.
    let (logs, _) = desk.logs("sessionIds=1,2,3").await;
    for (log, session) in logs.iter().zip(["1", "2", "3"]) {
        let contact = json!({"id": "1001"});
        assert_eq!(
            log,
            &json!({"sessionId": session, "matched": true, "contact": contact})
        );
    }
}

async fn a_contact_that_is_gone_is_told_with_what_to_do(desk: &Desk) {
    let mut call = create();
    call["contactId"] = json!(999_999);
    let reply = desk.told("POST", "/callLog", &call).await;
    let crm = desk.crm.display_name();
    assert_eq!(
        words(&reply),
        format!(
            "The contact does not exist in {crm}. The call is kept and will be logged if it \
             comes back; else log it to another contact."
        )
    );
    assert_eq!(
        (&reply["successful"], &reply["field"]),
        (&json!(false), &json!("contactId"))
    );
    // It is told as not logged, so the extension lets the user log it once more.
    let (logs, _) = desk.logs(&format!("sessionIds={SESSION}")).await;
    assert_eq!(logs, [json!({"sessionId": SESSION, "matched": false})]);
    desk.log(&create()).await;
    assert!(desk.only_note().await.contains("Wants a quote."));
}

async fn what_cannot_be_read_is_named(desk: &Desk) {
    for (method, path, body, field) in [
        ("POST", "/callLog", json!({"contactId": "1"}), "logInfo"),
        ("POST", "/callLog", of_session(" "), "logInfo.sessionId"),
        ("PATCH", "/callLog", json!({"note": "x"}), "sessionId"),
        (
            "PATCH",
            "/callLog",
            json!({"sessionId": 5, "duration": "soon"}),
            "duration",
        ),
        (
            "PUT",
            "/callDisposition",
            json!({"dispositions": {}}),
            "sessionId",
        ),
        (
            "POST",
            "/callLog/cacheNote",
            json!({"sessionId": "5"}),
            "note",
        ),
        ("GET", "/callLog", Value::Null, "sessionIds"),
    ] {
        let answer = desk.ask(method, path, &body).await;
        let reply = answer.json();
        assert_eq!(
            (answer.status, &reply["field"]),
            (400, &json!(field)),
            "{path}"
        );
        assert_eq!(reply["successful"], false);
        words(&reply);
    }
    assert_eq!(desk.asked(), 0);
}

async fn who_has_no_session_is_told_in_plain_text(desk: &Desk) {
    for (method, path) in [
        ("POST", "/callLog"),
        ("PATCH", "/callLog"),
        ("GET", "/callLog?sessionIds=1"),
        ("PUT", "/callDisposition"),
        ("POST", "/callLog/cacheNote"),
    ] {
        let body = without_note().to_string();
        let answer = desk.scene.world.client(method, path, &[], &body).await;
        let words = "Please go to Settings and authorize CRM platform";
        assert_eq!(
            (answer.status, answer.text.as_str()),
            (400, words),
            "{method} {path}"
        );
        let kind = &answer.headers["content-type"];
        assert!(kind.starts_with("text/plain"), "{kind}");
    }
}

async fn nothing_that_is_told_is_logged(desk: &Desk) {
    const MARK: &str = "QWERTY";
    let mut call = of_session("QWERTY-SESSION");
    call["logInfo"]["from"] = json!({"phoneNumber": "+15550109999", "name": "QWERTY-NAME"});
    call["logInfo"]["recording"] = json!({
        "link": "https://r.example/QWERTY-LINK",
        "downloadUrl": "https://m.example/1?accessToken=QWERTY-TOKEN",
    });
    call["note"] = json!("QWERTY-NOTE");
    call["contactName"] = json!("QWERTY-NAME");
    desk.told("POST", "/callLog", &call).await;
    for (method, path, body) in [
        (
            "PATCH",
            "/callLog",
            json!({"sessionId": "QWERTY-SESSION", "subject": MARK}),
        ),
        (
            "PATCH",
            "/callLog",
            json!({"sessionId": "QWERTY-NONE", "note": MARK}),
        ),
        (
            "POST",
            "/callLog/cacheNote",
            json!({"sessionId": "QWERTY-SESSION", "note": MARK}),
        ),
        (
            "PUT",
            "/callDisposition",
            json!({"sessionId": "QWERTY-SESSION", "dispositions": {"note": MARK}}),
        ),
    ] {
        desk.told(method, path, &body).await;
    }
    desk.logs("sessionIds=QWERTY-SESSION,QWERTY-NONE&requireDetails=true")
        .await;
    call["logInfo"]["direction"] = json!(MARK);
    assert_eq!(desk.ask("POST", "/callLog", &call).await.status, 400);
    let output = desk.scene.world.output();
    assert!(output.contains("upsertCallDisposition"), "{output}");
    for secret in [MARK, "15550109999", "5550109999", desk.token.as_str()] {
        assert!(!output.contains(secret), "{secret}: {output}");
    }
}
