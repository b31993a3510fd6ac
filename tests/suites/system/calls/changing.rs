//! What is told of a call later changes that part of its activity, and nothing else.

use std::time::Duration;

use daybook_fakes::{FakeExampleCrm, Rewrite};
use daybook_tests::params::set;
use daybook_tests::world::World;
use futures_util::future::join_all;
use serde_json::{Map, Value, json};

use super::each_field::{full, update_with_all};
use super::{NOTE, changed, create, logged, update, updated, words};
use crate::expect::note;

crate::through_every_door![in "calls::"; with [];
    a_field_that_is_new_comes_to_its_place,
    what_is_absent_null_or_empty_is_unchanged,
    what_is_pending_replaces_nothing_and_is_replaced,
    a_title_alone_is_changed_where_the_note_shows_none,
    the_same_change_again_is_not_written,
    an_edited_note_and_a_recording_at_once_both_stand,
    a_note_of_many_lines_survives_twenty_changes,
    what_a_person_wrote_around_the_fields_stays,
    the_note_of_a_reply_is_the_one_that_the_crm_keeps,
];

async fn a_field_that_is_new_comes_to_its_place(world: &World) {
    logged(world, &create()).await;
    for told in [
        json!({"transcript": "Daisy: Hello"}),
        json!({"recordingLink": "https://r.ringcentral.com/1"}),
        json!({"subject": "About the order"}),
        json!({"ringSenseAIScore": "5"}),
        json!({"aiNote": "She asked."}),
    ] {
        changed(world, &update(told)).await;
    }
    let expected = "<b>Agent notes</b><br>Wants a quote.<br><br>\
    Call back on Friday.\u{2060}<br><br>\
        <b>Call details</b><br><li><b>Summary</b>: About the order</li>\
        <li><b>Date/time</b>: 2026-03-04 11:05:09 AM</li>\
        <li><b>Duration</b>: 1 minute, 5 seconds</li><li><b>Result</b>: Call connected</li>\
        <li><b>Call recording link</b>: \
        <a target=\"_blank\" href=\"https://r.ringcentral.com/1\">open</a></li>\
        <div><b>AI Note</b><br>She asked.\u{2060}</div><br>\
        <div><b>Transcript</b><br>Daisy: Hello\u{2060}</div><br>\
        <li><b>Call score</b>: 5</li><br>--- Created via RingCentral App Connect [";
    let activity = world.only_activity().await;
    assert!(note(&activity).starts_with(expected), "{activity}");
}

async fn what_is_absent_null_or_empty_is_unchanged(world: &World) {
    logged(world, &full()).await;
    let before = world.only_activity().await;
    let texts = [
        "note",
        "subject",
        "recordingLink",
        "recordingDownloadLink",
        "startTime",
        "duration",
        "result",
        "aiNote",
        "transcript",
        "voicemailLink",
        "direction",
        "ringSenseTranscript",
        "ringSenseSummary",
        "ringSenseAIScore",
        "ringSenseBulletedSummary",
        "ringSenseLink",
    ];
    for nothing in [Value::Null, json!(""), json!(" \t ")] {
        let mut told: Map<_, _> = texts
            .map(|name| (name.to_owned(), nothing.clone()))
            .into_iter()
            .collect();
        if nothing == json!(" \t ") {
            // A time of blanks is none that can be read.
            told.remove("startTime");
        }
        changed(world, &update_with_all(told.into())).await;
    }
    for told in [
        json!({}),
        json!({"legs": [], "from": {}, "to": {}, "additionalSubmission": {}}),
        json!({"legs": [null], "from": null, "to": null, "additionalSubmission": null}),
        json!({"ringSenseAIScore": {}, "note": "\n \n", "transcript": "\u{2060}"}),
    ] {
        changed(world, &update_with_all(told)).await;
    }
    assert_eq!(world.crm.writes(), 0);
    assert_eq!(world.only_activity().await, before);
}

async fn what_is_pending_replaces_nothing_and_is_replaced(world: &World) {
    let pending =
        json!({"recordingLink": "(pending...)", "duration": "pending", "result": "pending"});
    let mut unknown = create();
    set(&mut unknown, "callLog.duration", json!("pending"));
    set(
        &mut unknown,
        "callLog.recording",
        json!({"link": "(pending...)"}),
    );
    set(&mut unknown, "callLog.result", Value::Null);
    logged(world, &unknown).await;
    changed(world, &update(pending.clone())).await;
    let stands = note(&world.only_activity().await).to_owned();
    for line in [
        "Duration</b>: pending<",
        "Result</b>: pending<",
        "link</b>: (pending...)<",
    ] {
        assert_eq!(stands.matches(line).count(), 1, "{line} in {stands}");
    }
    let known = json!({
        "recordingLink": "https://r.ringcentral.com/1",
        "duration": 65,
        "result": "Call connected",
    });
    changed(world, &update(known)).await;
    let before = world.only_activity().await;
    assert!(!note(&before).contains("pending"), "{before}");
    assert!(
        note(&before).contains("href=\"https://r.ringcentral.com/1\""),
        "{before}"
    );
    assert_eq!(before["durationSecs"], 65);
    world.crm.clear_journal();
    changed(world, &update(pending)).await;
    assert_eq!(world.only_activity().await, before);
    assert_eq!(world.crm.writes(), 0);
}

async fn a_title_alone_is_changed_where_the_note_shows_none(world: &World) {
    let mut params = create();
    params["user"]["userSettings"] = super::settings(&[("addCallLogSubject", json!(false))]);
    logged(world, &params).await;
    let mut titled = update(json!({"subject": "About\nthe order"}));
    titled["user"] = params["user"].clone();
    changed(world, &titled).await;
    let activity = world.only_activity().await;
    assert_eq!(activity["subject"], "About the order");
    assert!(note(&activity).starts_with(NOTE), "{activity}");
}

async fn the_same_change_again_is_not_written(world: &World) {
    logged(world, &create()).await;
    let told = update(json!({"note": "Changed.", "duration": 70, "subject": "Order"}));
    changed(world, &told).await;
    let before = world.only_activity().await;
    world.crm.clear_journal();
    changed(world, &told).await;
    assert_eq!(world.crm.journal().len(), 1, "it is read");
    assert_eq!(world.crm.writes(), 0, "and not written");
    assert_eq!(world.only_activity().await, before);
}

async fn an_edited_note_and_a_recording_at_once_both_stand(world: &World) {
    logged(world, &create()).await;
    world.crm.set_delay(Duration::from_millis(100));
    let told = [
        json!({"note": "Edited."}),
        json!({"recordingLink": "https://r.ringcentral.com/1"}),
        json!({"duration": 70}),
        json!({"aiNote": "She asked."}),
        json!({"subject": "Order"}),
    ]
    .map(update);
    for (status, reply) in join_all(told.iter().map(|told| world.call("updateCallLog", told))).await
    {
        assert_eq!(
            (status, words(&reply)),
            (200, "Call log updated"),
            "{reply}"
        );
        assert_eq!(reply["logId"], "1");
    }
    world.crm.set_delay(Duration::ZERO);
    let activity = world.only_activity().await;
    assert_eq!(
        (&activity["subject"], &activity["durationSecs"]),
        (&json!("Order"), &json!(70))
    );
    let stands = note(&activity);
    for line in [
        "Edited.\u{2060}",
        "r.ringcentral.com/1",
        ": 1 minute, 10 s",
        "She asked.",
        ": Order<",
    ] {
        assert_eq!(stands.matches(line).count(), 1, "{line} in {stands}");
    }
}

async fn a_note_of_many_lines_survives_twenty_changes(world: &World) {
    const TYPED: &str =
        "- Duration: an hour\n\nCall details\n\nResult: none\n--- END\nAgent notes\n\n\nEnd";
    let mut params = create();
    set(&mut params, "note", json!(TYPED));
    logged(world, &params).await;
    let read =
        json!({"user": params["user"], "authHeader": params["authHeader"], "callLogId": "1"});
    for seconds in 0..20 {
        let told = match seconds % 4 {
            0 => json!({"duration": seconds}),
            1 => json!({"transcript": format!("{TYPED}\n{seconds}")}),
            2 => json!({"result": format!("Result {seconds}")}),
            _ => json!({"aiNote": format!("{seconds}\n\n{TYPED}")}),
        };
        let (_, reply) = world.call("updateCallLog", &update(told)).await;
        assert_eq!(words(&reply), "Call log updated", "{reply}");
    }
    let (_, reply) = world.call("getCallLog", &read).await;
    assert_eq!(reply["callLogInfo"]["note"], TYPED, "{reply}");
    let body = reply["callLogInfo"]["fullBody"].as_str().expect("a body");
    for line in [
        ": 16 seconds<",
        ": Result 18<",
        "<br>17\u{2060}</div>",
        "<br>19<br><br>",
    ] {
        assert_eq!(body.matches(line).count(), 1, "{line} in {body}");
    }
}

async fn what_a_person_wrote_around_the_fields_stays(world: &World) {
    logged(world, &create()).await;
    let stands = world.crm.open_note(1).await;
    let between = "<li><b>Result</b>: Call connected</li>";
    let edited = stands
        .replace(between, &format!("{between}<p>Between</p>"))
        .replace(
            "Call back on Friday.\u{2060}",
            "Call back on Monday.\u{2060}",
        );
    let edited = format!("<p>Above</p>{edited}<p>Below</p>");
    world.crm.save_note(1, &edited).await;
    for told in [
        json!({"duration": 70}),
        json!({"recordingLink": "https://r.ringcentral.com/1"}),
        json!({"transcript": "Daisy: Hello"}),
    ] {
        let reply = world.call("updateCallLog", &update(told)).await;
        assert_eq!(reply, updated(world, "1").await);
    }
    let stands = world.crm.open_note(1).await;
    assert!(
        stands.starts_with("<p>Above</p><b>Agent notes</b>"),
        "{stands}"
    );
    assert!(stands.ends_with("]<p>Below</p>"), "{stands}");
    for words in [
        "<p>Between</p>",
        "Call back on Monday.",
        ": 1 minute, 10 seconds<",
        "Daisy: Hello",
    ] {
        assert_eq!(stands.matches(words).count(), 1, "{words} in {stands}");
    }
}

async fn the_note_of_a_reply_is_the_one_that_the_crm_keeps(world: &World) {
    let ways = [Rewrite::ClosedBreaks, Rewrite::Capitals, Rewrite::Entities];
    world
        .crm
        .set_notes(FakeExampleCrm::notes().stored_as(&ways));
    logged(world, &create()).await;
    for told in [
        json!({"note": "It's \u{e9}dited.\nTwice."}),
        json!({"aiNote": "She asked."}),
        json!({"aiNote": "She asked."}),
    ] {
        // It asks for the note that stands.
        changed(world, &update(told)).await;
    }
    let stands = world.crm.open_note(1).await;
    assert!(stands.contains("<BR/>Twice."), "{stands}");
    assert_eq!(stands.matches("She asked.").count(), 1, "{stands}");
}
