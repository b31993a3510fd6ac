//! A call: logged, edited, recorded, read again, and settled.

use daybook_tests::stands::note;
use serde_json::{Value, json};

use super::bodies::{call_record, media_reader};
use super::extension::{Extension, call_log};
use super::reads;

/// Above 2^53, where a float loses digits.
const SESSION: &str = "9007199254740993";
const OTHER: &str = "402957358008";
const RECORDING: &str =
    "https://media.ringcentral.com/restapi/v1.0/account/37439510/recording/8001/content";

pub(super) async fn log(extension: &Extension<'_>, daisy: &Value) {
    create(extension, daisy).await;
    edit(extension).await;
    settle(extension).await;
}

/// The widget looks which calls are logged, and logs one.
async fn create(extension: &Extension<'_>, daisy: &Value) {
    let before = extension.call_logs(&[SESSION, OTHER], false).await;
    assert!(
        before.iter().all(|log| log["matched"] == false),
        "{before:?}"
    );
    let typed = json!({"sessionId": SESSION, "note": "She called."});
    let kept = extension.post("/callLog/cacheNote", &typed).await;
    assert_eq!(kept.status, 200, "{kept:?}");
    assert_eq!(kept.json()["successful"], true);
    let body = call_log(call_record(SESSION), "She wants a quote.", daisy);
    let logged = reads::call_log(&extension.post("/callLog", &body).await);
    assert_eq!(logged["successful"], true, "{logged}");
    let after = extension.call_logs(&[SESSION, OTHER], false).await;
    let of = |session| after.iter().find(|log| log["sessionId"] == session);
    let (own, other) = (of(SESSION).expect("a log"), of(OTHER).expect("an answer"));
    assert_eq!(own["logId"], logged["logId"]);
    assert_eq!(other["matched"], false);
    // A second window of the extension logs it too, and makes no second log.
    let again = reads::call_log(&extension.post("/callLog", &body).await);
    assert_eq!(again["returnMessage"]["messageType"], "warning", "{again}");
}

/// The note is edited in the form, then the call's record comes, then its recording.
async fn edit(extension: &Extension<'_>) {
    for change in [
        json!({"subject": "A quote for Daisy", "note": "She wants a quote by Friday."}),
        json!({"note": "", "startTime": 1_772_650_800_000_i64, "duration": 71,
            "result": "Call connected", "direction": "Inbound"}),
        json!({"recordingLink": media_reader(RECORDING),
            "recordingDownloadLink": format!("{RECORDING}?accessToken=a-secret")}),
        json!({"note": "She wants a quote by Monday."}),
    ] {
        let mut body = change;
        body["sessionId"] = json!(SESSION);
        let answer = extension.ask("PATCH", "/callLog", "", &body).await;
        let edited = reads::outcome(&answer);
        assert_eq!(edited["successful"], true, "{edited}");
    }
}

/// The form is opened, and what is chosen in it is saved.
async fn settle(extension: &Extension<'_>) {
    let logs = extension.call_logs(&[SESSION], true).await;
    let details = reads::details(&logs[0]);
    assert_eq!(details["subject"], "A quote for Daisy", "{details}");
    assert_eq!(details["note"], "She wants a quote by Monday.");
    let (field, value) = extension.world.crm.kind().choices()[0];
    let chosen = json!({
        "sessionId": SESSION,
        "dispositions": {field: value, "note": "She wants a quote by Monday."},
        "additionalSubmission": {},
    });
    let answer = extension.ask("PUT", "/callDisposition", "", &chosen).await;
    let settled = reads::outcome(&answer);
    assert_eq!(settled["successful"], true, "{settled}");
    let logs = extension.call_logs(&[SESSION], true).await;
    let details = reads::details(&logs[0]);
    assert_eq!(details["dispositions"][field], value, "{details}");
}

/// The activity of the call, as it is in the end.
pub(super) fn assert_kept(activity: &Value) {
    assert_eq!(activity["subject"], "A quote for Daisy");
    let stands = note(activity);
    for part in [
        "by Monday.",
        "Call connected",
        "1 minute, 11 seconds",
        SESSION,
    ] {
        assert_eq!(stands.matches(part).count(), 1, "{part} in {stands}");
    }
    assert!(
        stands.contains("ringcentral-media-reader/?media="),
        "{stands}"
    );
    for part in ["by Friday", "(pending...)", "a-secret", "She called."] {
        assert!(!stands.contains(part), "{part} in {stands}");
    }
}
