//! What a CRM refuses, and a CRM that is away, is told in words, and nothing is lost of it.

use std::time::{Duration, Instant};

use daybook_fakes::{Fault, Rule};
use daybook_tests::params::set;
use daybook_tests::world::World;
use http::Method;
use serde_json::{Value, json};

use super::{NOTE, SESSION, changed, create, logged, of_log, of_session, update, updated, words};
use crate::expect::{assert_waits, failure, failure_of, note, success, waiting};

crate::through_every_door![in "calls::"; with [("QUARANTINE_SECONDS", "1")];
    refused_credentials_are_told,
    a_missing_permission_is_told,
    a_crm_that_is_busy_or_away_is_told,
    a_write_that_was_not_answered_is_told_and_not_made_twice,
    a_change_that_was_not_answered_is_told_and_not_made_twice,
    a_change_that_is_refused_does_not_hold_back_others,
    a_call_that_is_refused_is_told,
    a_note_that_is_too_large_is_cut,
    a_change_that_is_too_large_is_cut,
    a_body_that_cannot_be_read_is_not_written_over,
    a_silent_crm_does_not_hold_up_the_reply,
];

fn edited() -> Value {
    update(json!({"note": "Edited."}))
}

fn chosen() -> Value {
    of_log(
        json!({"sessionId": SESSION}),
        json!({"dispositions": {"mood": "good"}}),
    )
}

fn unauthorized(mut params: Value) -> Value {
    params["authHeader"] = json!("Basic d3Jvbmc6");
    params
}

async fn refused_credentials_are_told(world: &World) {
    let said = "Example CRM does not accept your sign-in. Connect your Example CRM account again.";
    for _ in 0..2 {
        let reply = world.call("createCallLog", &unauthorized(create())).await;
        assert_eq!(reply, failure("warning", said));
    }
    let reply = world.call("createCallLog", &create()).await;
    assert_eq!(reply, success("1", "Call logged"));
    for (interface, params) in [
        ("updateCallLog", edited()),
        ("upsertCallDisposition", chosen()),
    ] {
        let reply = world.call(interface, &unauthorized(params)).await;
        assert_eq!(reply, failure_of("1", "warning", said), "{interface}");
    }
    // Whoever may write the log brings what waits, too.
    changed(world, &update(json!({"result": "Missed"}))).await;
    let activity = world.only_activity().await;
    let stands = note(&activity);
    assert!(
        stands.contains("Edited.") && stands.contains(": Missed<"),
        "{stands}"
    );
    assert_eq!(activity["dispositions"], json!({"mood": "good"}));
}

async fn a_missing_permission_is_told(world: &World) {
    let said = "Your Example CRM account may not write this log. \
        Ask your Example CRM administrator for permission to edit activities.";
    world
        .crm
        .plan(Rule::new(Fault::status(403)).method(Method::POST).once());
    let reply = world.call("createCallLog", &create()).await;
    assert_eq!(reply, failure("warning", said));
    logged(world, &create()).await;
    for (interface, params) in [
        ("updateCallLog", edited()),
        ("upsertCallDisposition", chosen()),
    ] {
        world
            .crm
            .plan(Rule::new(Fault::status(403)).method(Method::PATCH).once());
        let reply = world.call(interface, &params).await;
        assert_eq!(reply, failure_of("1", "warning", said), "{interface}");
    }
    changed(world, &edited()).await;
    assert!(note(&world.only_activity().await).contains("Edited."));
}

async fn a_crm_that_is_busy_or_away_is_told(world: &World) {
    logged(world, &create()).await;
    let busy = Fault::rate_limited("2");
    let away = Fault::status_with(503, &[("retry-after", "2")], "");
    for (fault, kind, said) in [
        (
            busy,
            "warning",
            "Example CRM is receiving too many requests. ",
        ),
        (away, "error", "Example CRM cannot be reached. "),
    ] {
        world.crm.plan(Rule::new(fault).method(Method::GET).once());
        let again = "Send it again in N seconds.";
        let change = format!("{said}The change is not saved. {again}");
        let reply = world.call("updateCallLog", &edited()).await;
        assert_waits(reply, &failure_of("1", kind, &change), 2);
        let (reply, _) = waiting(world.call("upsertCallDisposition", &chosen()).await);
        assert_eq!(reply, failure_of("1", kind, &change));
        let call = format!("{said}The call is not logged. {again}");
        let (reply, _) = waiting(world.call("createCallLog", &of_session("77")).await);
        assert_eq!(reply, failure(kind, &call));
        assert_eq!(world.crm.journal().len(), 1, "nobody calls meanwhile");
        tokio::time::sleep(Duration::from_millis(2_300)).await;
        changed(world, &edited()).await;
        world.crm.clear_journal();
    }
    let activity = world.only_activity().await;
    assert_eq!(activity["dispositions"], json!({"mood": "good"}));
    let reply = world.call("createCallLog", &of_session("77")).await;
    assert_eq!(reply, success("2", "Call logged"));
}

const LOOK_AGAIN: Duration = Duration::from_millis(5_200);

async fn a_write_that_was_not_answered_is_told_and_not_made_twice(world: &World) {
    let said = "Example CRM did not answer, so the call may or may not be logged. Sending it \
        again is safe: it is never logged twice. Send it again in N seconds.";
    for (session, fault) in [("77", Fault::DropBefore), ("78", Fault::status(500))] {
        world.crm.plan(Rule::new(fault).method(Method::POST).once());
        let reply = world.call("createCallLog", &of_session(session)).await;
        assert_waits(reply, &failure("error", said), 5);
    }
    // One that was applied is found at once.
    world
        .crm
        .plan(Rule::new(Fault::DropAfter).method(Method::POST).once());
    let reply = world.call("createCallLog", &of_session("79")).await;
    assert_eq!(reply, success("1", "Call logged"));
    tokio::time::sleep(LOOK_AGAIN).await;
    for (session, log_id) in [("77", "2"), ("78", "3")] {
        let reply = world.call("createCallLog", &of_session(session)).await;
        assert_eq!(reply, success(log_id, "Call logged"));
    }
    for activity in world.activities().await {
        assert!(note(&activity).starts_with(NOTE), "{activity}");
    }
}

async fn a_change_that_was_not_answered_is_told_and_not_made_twice(world: &World) {
    logged(world, &create()).await;
    let said = "Example CRM did not answer, so the change may or may not be saved. Sending it \
        again is safe: it is never saved twice.";
    for fault in [Fault::DropBefore, Fault::DropAfter] {
        world
            .crm
            .plan(Rule::new(fault).method(Method::PATCH).once());
        let told = update(json!({"transcript": "Daisy: Hello"}));
        let (_, reply) = world.call("updateCallLog", &told).await;
        assert!(words(&reply).starts_with(said), "{reply}");
        assert_eq!(reply["returnMessage"]["messageType"], "error");
        changed(world, &told).await;
        let stands = world.crm.open_note(1).await;
        assert_eq!(stands.matches("Daisy: Hello").count(), 1, "{stands}");
        changed(world, &update(json!({"transcript": "Daisy: Bye"}))).await;
    }
}

fn refuse_poison(world: &World) {
    let refusal = Fault::status_with(422, &[], "{\"error\":{\"field\":\"note\"}}");
    world
        .crm
        .plan(Rule::new(refusal).body_contains("POISON").forever());
}

const REFUSED: &str =
    "Example CRM does not accept what is told of the call. Send it again in N minutes.";

async fn a_change_that_is_refused_does_not_hold_back_others(world: &World) {
    logged(world, &create()).await;
    refuse_poison(world);
    let poison = update(json!({"note": "POISON"}));
    assert_waits(
        world.call("updateCallLog", &poison).await,
        &failure_of("1", "warning", REFUSED),
        60,
    );
    changed(world, &update(json!({"result": "Missed"}))).await;
    let reply = world.call("updateCallLog", &edited()).await;
    assert_eq!(reply, updated(world, "1").await);
    let stands = note(&world.only_activity().await).to_owned();
    assert!(
        stands.contains(": Missed<") && stands.contains("Edited."),
        "{stands}"
    );
    assert!(!stands.contains("POISON"), "{stands}");
}

async fn a_call_that_is_refused_is_told(world: &World) {
    refuse_poison(world);
    let mut poison = create();
    set(&mut poison, "note", json!("POISON"));
    let reply = world.call("createCallLog", &poison).await;
    assert_waits(reply, &failure("warning", REFUSED), 60);
    // What is sent without it is taken.
    let reply = world.call("createCallLog", &create()).await;
    assert_eq!(reply, success("1", "Call logged"));
    assert!(note(&world.only_activity().await).starts_with(NOTE));
}

/// The most bytes that a note of the Example CRM may have.
const MOST_NOTE_BYTES: usize = 100_000;
const CUT: &str = " [\u{2026} cut: the CRM takes no longer note]\u{2060}";

/// That the note is full, and what made it so is cut with the sign.
fn assert_cut(activity: &Value, within: &str) {
    let stands = note(activity);
    let most = MOST_NOTE_BYTES * 9 / 10;
    let is_full = (most * 9 / 10..=most).contains(&stands.len());
    assert!(
        is_full,
        "there is a tenth for what comes later: {}",
        stands.len()
    );
    assert_eq!(stands.matches(CUT).count(), 1, "{within}");
    let (_, after) = stands.split_once(within).expect(within);
    let (text, _) = after.split_once(CUT).expect(within);
    assert!(text.ends_with("&lt;&lt;"), "{within} is what is cut");
    assert!(stands.contains("--- Created via RingCentral App Connect ["));
}

async fn a_note_that_is_too_large_is_cut(world: &World) {
    let large = "<".repeat(100 << 10);
    let mut params = create();
    params["transcript"] = json!(large);
    let reply = world.call("createCallLog", &params).await;
    assert_eq!(reply, success("1", "Call logged"));
    let activity = world.only_activity().await;
    assert_cut(&activity, "<b>Transcript</b><br>");
    assert!(note(&activity).contains("Wants a quote.<br><br>Call back on Friday.\u{2060}"));
    // Two of them: both stand, as far as there is room.
    let mut params = of_session("77");
    params["transcript"] = json!(large);
    params["aiNote"] = json!(large);
    let reply = world.call("createCallLog", &params).await;
    assert_eq!(reply, success("2", "Call logged"));
    let activity = world.activities().await.remove(1);
    assert!(note(&activity).len() <= MOST_NOTE_BYTES);
    assert!(note(&activity).contains("Wants a quote."));
    assert!(note(&activity).contains(": Call connected<"));
}

async fn a_change_that_is_too_large_is_cut(world: &World) {
    logged(world, &create()).await;
    let large = update(json!({"transcript": "<".repeat(100 << 10)}));
    changed(world, &large).await;
    assert_cut(&world.only_activity().await, "<b>Transcript</b><br>");
    // The same again is cut alike.
    world.crm.clear_journal();
    changed(world, &large).await;
    assert_eq!(world.crm.writes(), 0);
    // What is small has room yet.
    let link = "https://r.ringcentral.com/1";
    for told in [
        json!({"recordingLink": link, "subject": "About the order"}),
        json!({"note": format!("Edited.{}", " More words.".repeat(150))}),
        json!({"result": "Missed", "ringSenseAIScore": 5}),
    ] {
        changed(world, &update(told)).await;
    }
    let stands = note(&world.only_activity().await).to_owned();
    for words in [
        "Edited. More",
        "words.\u{2060}",
        link,
        ": About the order<",
        ": Missed<",
    ] {
        assert_eq!(stands.matches(words).count(), 1, "{words}");
    }
    assert_eq!(stands.matches(CUT).count(), 1, "nothing else is cut");
    changed(world, &update(json!({"transcript": "Daisy: Hello"}))).await;
    let stands = note(&world.only_activity().await).to_owned();
    assert!(
        stands.len() < 5_000 && stands.contains("Daisy: Hello"),
        "{stands}"
    );
}

async fn a_body_that_cannot_be_read_is_not_written_over(world: &World) {
    logged(world, &create()).await;
    let before = world.only_activity().await;
    for fault in [
        Fault::html(200, "<html>Sign in</html>"),
        Fault::json(200, &json!({"id": 1})),
        Fault::CutBody { after_bytes: 20 },
        Fault::status(404),
    ] {
        world
            .crm
            .plan(Rule::new(fault).method(Method::GET).forever());
        let (_, reply) = world.call("updateCallLog", &edited()).await;
        assert_eq!(reply["successful"], false, "{reply}");
        assert_eq!(world.crm.writes(), 0);
        world.crm.clear_plan();
    }
    assert_eq!(world.only_activity().await, before);
}

/// When a reply must have come: the extension gives up after 15 s.
const IN_TIME: Duration = Duration::from_millis(12_500);

async fn a_silent_crm_does_not_hold_up_the_reply(world: &World) {
    logged(world, &create()).await;
    let silent = Fault::Hang(Duration::from_secs(30));
    world.crm.plan(Rule::new(silent));
    let elsewhere = {
        let mut params = of_session("77");
        set(&mut params, "user.id", json!("2-exampleCRM"));
        params
    };
    let read = json!({"user": {"id": "1"}, "authHeader": create()["authHeader"], "callLogId": 1});
    let told = edited();
    let timed = async |interface: &str, params: &Value| {
        let begun = Instant::now();
        let (status, reply) = world.call(interface, params).await;
        assert!(
            begun.elapsed() < IN_TIME,
            "{interface}: {:?}",
            begun.elapsed()
        );
        assert_eq!(
            (status, &reply["successful"]),
            (200, &json!(false)),
            "{interface}"
        );
        assert_eq!(
            reply["returnMessage"]["messageType"], "error",
            "{interface}"
        );
        words(&reply).to_owned()
    };
    let (made, changed, shown) = futures_util::join!(
        timed("createCallLog", &elsewhere),
        timed("updateCallLog", &told),
        timed("getCallLog", &read),
    );
    let in_doubt = "Example CRM did not answer, so the call may or may not be logged.";
    assert!(made.starts_with(in_doubt), "{made}");
    let away = "Example CRM cannot be reached. The change is not saved. Send it again in ";
    assert!(changed.starts_with(away), "{changed}");
    assert_eq!(shown, "Example CRM cannot be reached. Try again later.");
    assert!(note(&world.only_activity().await).starts_with(NOTE));
}
