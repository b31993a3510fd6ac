//! Changing what the log of a call tells.

use daybook_fakes::Fault;
use serde_json::{Value, json};

use super::{SESSION, create};
use crate::client::{Crm, Desk, words};

crate::client::by_each_sign_in![
    in "calls::";
    a_session_and_a_note_are_enough,
    what_is_absent_null_or_empty_is_unchanged,
    a_recording_arrives,
    a_call_that_nobody_logged_is_told_so,
    a_change_of_a_call_that_is_kept_is_kept_and_shown,
    choices_come_with_the_note,
    a_choice_of_nothing_changes_nothing,
    a_young_log_that_the_crm_does_not_show_stays_matched,
];

async fn a_session_and_a_note_are_enough(desk: &Desk) {
    let log = desk.log(&create()).await;
    let before = desk.only_note().await;
    let told = json!({"sessionId": SESSION, "note": "Short."});
    let reply = desk.told("PATCH", "/callLog", &told).await;
    assert_eq!(reply["successful"], true, "{reply}");
    assert_eq!(
        (&reply["logId"], words(&reply)),
        (&json!(log), "Call log updated")
    );
    let after = desk.only_note().await;
    assert_eq!(after, before.replace("Wants a quote.", "Short."));
    assert_eq!(reply["updatedNote"], after);
}

async fn what_is_absent_null_or_empty_is_unchanged(desk: &Desk) {
    desk.log(&create()).await;
    let before = desk.only_note().await;
    let nothing = json!({
        "sessionId": SESSION, "note": "", "subject": "", "recordingLink": null,
        "recordingDownloadLink": "", "startTime": null, "duration": null, "aiNote": "",
        "transcript": null, "result": "", "direction": null, "from": null, "to": null,
    });
    for told in [nothing, json!({"sessionId": SESSION})] {
        let reply = desk.told("PATCH", "/callLog", &told).await;
        assert_eq!(reply["successful"], true, "{reply}");
    }
    assert_eq!(desk.only_note().await, before);
    assert_eq!(desk.activities().await[0]["subject"], "About the order");
}

async fn a_recording_arrives(desk: &Desk) {
    let mut call = create();
    call["logInfo"]["recording"] = json!({"link": "(pending...)"});
    desk.log(&call).await;
    assert!(desk.only_note().await.contains("(pending...)"));
    let told = json!({
        "sessionId": SESSION, "note": "",
        "recordingLink": "https://media.example/rec?id=1",
        "recordingDownloadLink": "https://m.example/1?accessToken=secret",
    });
    desk.told("PATCH", "/callLog", &told).await;
    let note = desk.only_note().await;
    assert!(note.contains("https://media.example/rec?id=1"), "{note}");
    assert!(
        !note.contains("pending") && !note.contains("secret"),
        "{note}"
    );
    assert!(note.contains("Wants a quote."), "{note}");
}

async fn a_call_that_nobody_logged_is_told_so(desk: &Desk) {
    let told = json!({"sessionId": SESSION, "note": "Short."});
    let chosen = json!({"sessionId": SESSION, "dispositions": {"note": "Short."}});
    for (method, path, body) in [
        ("PATCH", "/callLog", told),
        ("PUT", "/callDisposition", chosen),
    ] {
        let reply = desk.told(method, path, &body).await;
        assert_eq!(reply["successful"], false, "{reply}");
        let said = "This call has not been logged yet. Log it first.";
        assert_eq!(words(&reply), said);
    }
    assert_eq!(desk.asked(), 0);
}

async fn a_change_of_a_call_that_is_kept_is_kept_and_shown(desk: &Desk) {
    desk.plan(Fault::status(503));
    let reply = desk.told("POST", "/callLog", &create()).await;
    assert_eq!(reply["successful"], true, "{reply}");
    let told = json!({"sessionId": SESSION, "note": "Edited."});
    let reply = desk.told("PATCH", "/callLog", &told).await;
    assert_eq!(reply["successful"], true, "{reply}");
    assert!(
        words(&reply).contains("The change is kept and will be saved"),
        "{reply}"
    );
    // The form that the user opens shows what is kept.
    let found = desk.details().await;
    assert_eq!(
        (&found["matched"], &found["logId"]),
        (&json!(true), &Value::Null)
    );
    let shown = &found["logData"];
    assert_eq!(
        (&shown["note"], &shown["subject"]),
        (&json!("Edited."), &json!("About the order"))
    );
    assert!(shown["dispositions"].is_object() && shown["fullLogResponse"].is_object());
    assert!(desk.activities().await.is_empty());
}

async fn choices_come_with_the_note(desk: &Desk) {
    desk.log(&create()).await;
    let (field, value) = match desk.crm {
        Crm::Key | Crm::OAuth => ("mood", json!("good")),
        Crm::Pipedrive => ("deals", json!(301)),
    };
    let chosen = json!({
        "sessionId": SESSION, "dispositions": {field: value, "note": "Chosen."},
        "additionalSubmission": {},
    });
    let reply = desk.told("PUT", "/callDisposition", &chosen).await;
    assert_eq!(
        (&reply["successful"], words(&reply)),
        (&json!(true), "Call log updated")
    );
    let note = desk.only_note().await;
    assert!(
        note.contains("Chosen.") && !note.contains("quote"),
        "{note}"
    );
    let told = desk.details().await;
    let chosen = &told["logData"]["dispositions"];
    let text = |value: &Value| value.to_string().replace('"', "");
    assert_eq!(text(&chosen[field]), text(&value), "{told}");
    assert!(chosen.get("note").is_none(), "{told}");
    // An edit sends the note alone.
    let before = desk.server().writes();
    let only = json!({"sessionId": SESSION, "dispositions": {"note": "Chosen."}});
    let reply = desk.told("PUT", "/callDisposition", &only).await;
    assert_eq!(reply["successful"], true, "{reply}");
    assert_eq!(desk.server().writes(), before, "it stands already");
}

async fn a_choice_of_nothing_changes_nothing(desk: &Desk) {
    desk.log(&create()).await;
    let before = desk.asked();
    for chosen in [json!({}), json!({"note": ""}), Value::Null] {
        let body = json!({"sessionId": SESSION, "dispositions": chosen});
        let reply = desk.told("PUT", "/callDisposition", &body).await;
        assert_eq!(
            (&reply["successful"], words(&reply)),
            (&json!(true), "Nothing was chosen for the call.")
        );
    }
    assert_eq!(desk.asked(), before, "the CRM is not asked");
}

async fn a_young_log_that_the_crm_does_not_show_stays_matched(desk: &Desk) {
    let log = desk.log(&create()).await;
    desk.delete(&log).await;
    let query = format!("sessionIds={SESSION}&requireDetails=true");
    let (logs, shown) = desk.logs(&query).await;
    // It is so young that the CRM may not show it yet.
    assert_eq!(
        (&logs[0]["matched"], &logs[0]["logId"]),
        (&json!(true), &json!(log))
    );
    assert!(logs[0].get("logData").is_none());
    assert_eq!(shown["messageType"], "warning", "{shown}");
    let crm = desk.crm.display_name();
    let said = format!("There is no such log in {crm}. It may have been deleted.");
    assert_eq!(shown["message"], said);
}
