//! What comes late: from RingCentral's hosted call logger, and from users whose grant is over.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use daybook_local::table::TABLE_NAME;
use daybook_tests::runner::case;
use daybook_tests::world::Door;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::{NUMBER, SESSION, create, of_session};
use crate::client::{Crm, Desk, sign_in, words};

crate::client::by_each_sign_in![
    in "calls::";
    the_hosted_logger_logs_early_and_tells_the_rest_later,
    the_extension_finds_what_the_hosted_logger_logged,
];

/// The cases that invoke functions, or look into their table.
pub(crate) fn late() -> Vec<Trial> {
    let mut trials = Vec::new();
    for crm in Crm::ALL {
        let prefix = format!("http_event::client::calls::{}", crm.platform());
        trials.push(case(
            format!("{prefix}::a_log_that_was_deleted_is_logged_again"),
            move || async move { a_log_that_was_deleted_is_logged_again(crm).await },
        ));
    }
    for crm in [Crm::OAuth, Crm::Pipedrive] {
        let prefix = format!("http_event::client::calls::{}", crm.platform());
        trials.push(case(
            format!("{prefix}::what_is_told_without_a_grant_is_kept_for_the_next_sign_in"),
            move || async move { what_is_told_without_a_grant_is_kept(crm).await },
        ));
    }
    trials
}

impl Desk {
    /// A request of the hosted call logger, with the header that it sends: it is answered as
    /// anybody is.
    async fn hosted(&self, method: &str, body: &Value) -> Value {
        let path = format!("/callLog?jwtToken={}", self.token);
        let agent = [("user-agent", "SSCL")];
        let world = &self.scene.world;
        let answer = world.client(method, &path, &agent, &body.to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }
}

/// A call that goes on still, as the hosted call logger sends it.
fn early() -> Value {
    json!({
        "logInfo": {
            "sessionId": SESSION,
            "telephonySessionId": "s-a0d16d3e1e0f1z1893dd5b4a3000",
            "direction": "Inbound",
            "from": {"phoneNumber": NUMBER, "name": "(pending...)"},
            "to": {"phoneNumber": "+18885550052", "extensionNumber": 101, "name": "Demo Rep"},
            "startTime": 1_772_651_109_000u64,
            "duration": "pending",
            "result": "Accepted",
            "recording": {"link": "(pending...)"},
        },
        "note": "From auto logging (Pending)",
        "rcExtensionId": "62000123",
        "accountId": "37439510",
        "overridingFormat": "",
        "additionalSubmission": {},
        "contactId": "1001",
        "contactType": "Contact",
        "contactName": "Daisy Meadows",
    })
}

async fn the_hosted_logger_logs_early_and_tells_the_rest_later(desk: &Desk) {
    let reply = desk.hosted("POST", &early()).await;
    assert_eq!(reply["successful"], true, "{reply}");
    let note = desk.only_note().await;
    assert!(note.contains("<b>Duration</b>: pending"), "{note}");
    assert!(note.contains("2026-03-04 11:05:09 AM"), "{note}");
    assert!(!note.contains("From auto logging"), "{note}");
    // The agent types while the call goes on, and the extension sends it at the end.
    let typed = json!({"sessionId": SESSION, "note": "Wants a quote."});
    desk.told("POST", "/callLog/cacheNote", &typed).await;
    let told = json!({
        "sessionId": SESSION, "rcExtensionId": "62000123", "accountId": "37439510",
        "note": "From auto logging (Pending)", "duration": 65, "result": "Call connected",
        "startTime": 1_772_651_109_000u64, "direction": "Inbound",
        "from": {"phoneNumber": NUMBER, "name": "Daisy Meadows"},
        "legs": [{"direction": "Inbound", "to": {"extensionNumber": "101", "name": "Demo Rep"}}],
    });
    let reply = desk.hosted("PATCH", &told).await;
    assert_eq!(reply["successful"], true, "{reply}");
    let recording = json!({
        "sessionId": SESSION, "rcExtensionId": "62000123",
        "recordingLink": "https://media.example/rec?id=1", "aiNote": "She asked.",
        "ringSenseAIScore": {"score": 82},
    });
    desk.hosted("PATCH", &recording).await;
    let note = desk.only_note().await;
    for part in [
        "Wants a quote.",
        "1 minute, 5 seconds",
        "Call connected",
        "https://media.example/rec?id=1",
        "She asked.",
        "<b>Call score</b>: 82",
    ] {
        assert!(note.contains(part), "{part}: {note}");
    }
    assert!(!note.to_lowercase().contains("pending"), "{note}");
}

async fn the_extension_finds_what_the_hosted_logger_logged(desk: &Desk) {
    let reply = desk.hosted("POST", &early()).await;
    let (logs, _) = desk.logs(&format!("sessionIds={SESSION}")).await;
    assert_eq!(logs[0]["logId"], reply["logId"]);
    // Among others it is found as that of the user's own extension.
    let path = format!("/callLog?jwtToken={}&sessionIds=5,{SESSION}", desk.token);
    let world = &desk.scene.world;
    let own = [("rc-extension-id", "62000123")];
    let found = world.client("GET", &path, &own, "").await.json();
    assert_eq!(found["logs"][1]["logId"], reply["logId"], "{found}");
    let told = json!({"sessionId": SESSION, "note": "Of the extension."});
    let changed = desk.told("PATCH", "/callLog", &told).await;
    assert_eq!(changed["logId"], reply["logId"], "{changed}");
    let again = desk.told("POST", "/callLog", &create()).await;
    assert_eq!(
        words(&again),
        "This call is logged already. Open its log to change it."
    );
    assert!(desk.only_note().await.contains("Of the extension."));
}

async fn a_log_that_was_deleted_is_logged_again(crm: Crm) {
    let desk = Desk::start(Door::HttpEvent, crm).await;
    let name = crm.display_name();
    let said = format!("The log of this call was deleted in {name}. Log the call again.");
    let (log, other) = (desk.log(&create()).await, desk.log(&of_session("7")).await);
    desk.delete(&log).await;
    desk.delete(&other).await;
    make_links_old(&desk).await;
    let told = json!({"sessionId": "7", "note": "Edited."});
    let reply = desk.told("PATCH", "/callLog", &told).await;
    assert_eq!(
        (&reply["successful"], words(&reply)),
        (&json!(false), said.as_str())
    );
    let query = format!("sessionIds={SESSION}&requireDetails=true");
    let (logs, shown) = desk.logs(&query).await;
    assert_eq!(logs, [json!({"sessionId": SESSION, "matched": false})]);
    assert_eq!(
        (&shown["message"], &shown["messageType"]),
        (&json!(said), &json!("warning"))
    );
    let (logs, _) = desk.logs(&format!("sessionIds={SESSION},7")).await;
    for log in logs {
        assert_eq!(log["matched"], false, "without asking the CRM again: {log}");
    }
    let reply = desk.told("POST", "/callLog", &create()).await;
    assert_eq!(reply["successful"], true, "{reply}");
    assert_ne!(reply["logId"], log, "{reply}");
    assert!(words(&reply).contains("so a new one was made"), "{reply}");
    assert_eq!(desk.details().await["matched"], true);
}

/// As if all links of calls had been made long ago.
async fn make_links_old(desk: &Desk) {
    let table = desk.scene.world.table();
    let client = aws_sdk_dynamodb::Client::new(&table.sdk_config());
    let all = client
        .scan()
        .table_name(TABLE_NAME)
        .send()
        .await
        .expect("a scan");
    for mut row in all.items.unwrap_or_default() {
        if row.contains_key("linkedAt") {
            row.insert("linkedAt".to_owned(), AttributeValue::N("1".to_owned()));
            let put = client.put_item().table_name(TABLE_NAME).set_item(Some(row));
            put.send().await.expect("it is put");
        }
    }
}

async fn what_is_told_without_a_grant_is_kept(crm: Crm) {
    let desk = Desk::start(Door::HttpEvent, crm).await;
    desk.disconnect_all().await;
    let change = json!({"sessionId": SESSION, "aiNote": "She asked."});
    let chosen = json!({"sessionId": SESSION, "dispositions": {"note": "Chosen."}});
    for (method, path, body) in [
        ("POST", "/callLog", create()),
        ("PATCH", "/callLog", change),
        ("PUT", "/callDisposition", chosen),
    ] {
        let answer = desk.ask(method, path, &body).await;
        let reply = answer.json();
        assert_eq!(answer.status, 401, "{method} {path}: {reply}");
        assert_eq!(reply["errorCode"], "CRM_SESSION_REVOKED");
        assert_eq!(reply["successful"], false);
        assert!(words(&reply).contains("is kept and will be"), "{reply}");
    }
    // Before it logs a call, the extension asks: it is answered without the CRM.
    let (logs, _) = desk.logs(&format!("sessionIds={SESSION}")).await;
    assert_eq!(logs[0]["matched"], true);
    let details = format!("/callLog?sessionIds={SESSION}&requireDetails=true");
    assert_eq!(desk.get(&details).await.status, 401);
    let typed = json!({"sessionId": "5", "note": "Typed."});
    desk.told("POST", "/callLog/cacheNote", &typed).await;
    assert!(desk.activities().await.is_empty());
    sign_in(&desk.scene, crm, false).await;
    for _ in 0..90 {
        desk.scene.world.deliver_pending().await;
        if desk.activities().await.len() == 1 && desk.only_note().await.contains("She asked.") {
            assert!(desk.only_note().await.contains("Chosen."));
            return;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    panic!("it was not delivered");
}
