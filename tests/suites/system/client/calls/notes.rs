//! Notes that wait for their call.

use std::time::Duration;

use daybook_fakes::Fault;
use serde_json::json;

use super::{SESSION, create, without_note};
use crate::client::{Desk, words};

crate::client::by_each_sign_in![
    in "calls::";
    a_note_that_waited_joins_a_call_without_one,
    a_note_that_waited_joins_a_call_that_is_logged_early,
    the_newest_note_that_waited_counts,
    a_note_of_its_own_counts_and_the_other_goes,
    a_note_that_came_while_another_was_written_replaces_it_never,
    a_note_for_a_call_that_is_logged_waits_for_the_next_change,
    a_note_waits_for_its_own_user_alone,
];

impl Desk {
    async fn keep(&self, note: &str) {
        let body = json!({"sessionId": SESSION, "note": note});
        let reply = self.told("POST", "/callLog/cacheNote", &body).await;
        assert_eq!(reply["successful"], true, "{reply}");
        assert_eq!(
            words(&reply),
            "The note is kept for an hour, and joins the log with what is told of the call next."
        );
    }

    async fn change(&self, told: serde_json::Value) {
        let reply = self.told("PATCH", "/callLog", &told).await;
        assert_eq!(reply["successful"], true, "{reply}");
    }
}

async fn a_note_that_waited_joins_a_call_without_one(desk: &Desk) {
    desk.keep("Typed during the call.").await;
    assert_eq!(desk.asked(), 0);
    desk.log(&without_note()).await;
    assert!(desk.only_note().await.contains("Typed during the call."));
    // It is gone: a person's own words are not replaced by it again.
    desk.change(json!({"sessionId": SESSION, "note": "Edited."}))
        .await;
    desk.change(json!({"sessionId": SESSION, "duration": 70}))
        .await;
    let note = desk.only_note().await;
    assert!(
        note.contains("Edited.") && !note.contains("Typed"),
        "{note}"
    );
}

async fn a_note_that_waited_joins_a_call_that_is_logged_early(desk: &Desk) {
    desk.log(&without_note()).await;
    desk.keep("Typed during the call.").await;
    desk.change(json!({"sessionId": SESSION, "duration": 70}))
        .await;
    let note = desk.only_note().await;
    assert!(note.contains("Typed during the call."), "{note}");
    assert!(note.contains("1 minute, 10 seconds"), "{note}");
}

async fn the_newest_note_that_waited_counts(desk: &Desk) {
    desk.keep("First.").await;
    desk.keep("Second.").await;
    desk.log(&without_note()).await;
    let note = desk.only_note().await;
    assert!(
        note.contains("Second.") && !note.contains("First."),
        "{note}"
    );
}

async fn a_note_of_its_own_counts_and_the_other_goes(desk: &Desk) {
    desk.keep("Typed during the call.").await;
    desk.log(&create()).await;
    desk.change(json!({"sessionId": SESSION, "duration": 70}))
        .await;
    let note = desk.only_note().await;
    assert!(
        note.contains("Wants a quote.") && !note.contains("Typed"),
        "{note}"
    );
}

async fn a_note_that_came_while_another_was_written_replaces_it_never(desk: &Desk) {
    desk.plan(Fault::Delay(Duration::from_secs(1)));
    let call = create();
    let keep = async {
        tokio::time::sleep(Duration::from_millis(400)).await;
        desk.keep("Typed during the call.").await;
    };
    futures_util::join!(desk.log(&call), keep);
    desk.server().clear_plan();
    desk.change(json!({"sessionId": SESSION, "duration": 70}))
        .await;
    let note = desk.only_note().await;
    assert!(
        note.contains("Wants a quote.") && !note.contains("Typed"),
        "{note}"
    );
}

async fn a_note_for_a_call_that_is_logged_waits_for_the_next_change(desk: &Desk) {
    desk.log(&create()).await;
    // Milliseconds tell notes apart.
    tokio::time::sleep(Duration::from_millis(5)).await;
    desk.keep("Typed after the call.").await;
    let reply = desk.told("POST", "/callLog", &without_note()).await;
    assert_eq!(reply["successful"], false, "{reply}");
    assert!(desk.only_note().await.contains("Wants a quote."));
    desk.change(json!({"sessionId": SESSION, "duration": 70}))
        .await;
    let note = desk.only_note().await;
    assert!(
        note.contains("Typed after the call.") && !note.contains("quote"),
        "{note}"
    );
}

async fn a_note_waits_for_its_own_user_alone(desk: &Desk) {
    let token = desk.colleague().await;
    let body = json!({"sessionId": SESSION, "note": "Of a colleague."});
    let world = &desk.scene.world;
    daybook_tests::sign_in::call(world, &token, "POST", "/callLog/cacheNote", &body).await;
    desk.log(&without_note()).await;
    assert!(!desk.only_note().await.contains("Of a colleague."));
}
