//! A CRM that fails is left alone: by whom, and for how long.

use chrono::TimeDelta;
use daybook_adapters::Cause;
use daybook_store::items::Reason;
use libtest_mimic::Trial;

use crate::crm::CallFate;
use crate::scene::{Scene, simulated};

pub(crate) fn cases() -> Vec<Trial> {
    vec![
        simulated(
            "gates::one_that_closes_holds_back_the_rest_of_the_request",
            rest_is_held_back,
        ),
        simulated(
            "gates::a_digest_that_always_fails_keeps_no_other_from_being_delivered",
            others_are_delivered,
        ),
        simulated(
            "gates::an_activity_that_cannot_be_read_closes_none",
            none_is_closed,
        ),
    ]
}

/// A conversation with a text on each of so many days.
fn days(count: i64) -> Scene {
    let said: Vec<_> = (0..count).map(|day| format!("text of day {day}")).collect();
    let said: Vec<_> = said.iter().map(String::as_str).collect();
    let mut scene = Scene::of(&said);
    let texts = &mut scene.schedule.conversations[0].texts;
    for (day, text) in (0..count).zip(texts) {
        text.at += TimeDelta::days(day - count);
    }
    scene
}

async fn rest_is_held_back() {
    let scene = days(3);
    scene.world.crm.script([CallFate::NotConnected]);
    let outcome = scene.rely(&[0, 1, 2]).await;
    assert_eq!(outcome.kept.len(), 3, "{outcome:?}");
    let calls = scene.world.crm.take_calls().total();
    assert_eq!(calls, 1, "{}", scene.story());
    scene.world.minutes(3).await;
    assert_eq!(scene.world.crm.activities().len(), 3);
}

/// Each day has one activity with a text, and another text of each day is to be sent.
async fn four_texts() -> Scene {
    let mut scene = days(4);
    let texts = &mut scene.schedule.conversations[0].texts;
    texts[2].at = texts[0].at + TimeDelta::minutes(1);
    texts[3].at = texts[1].at + TimeDelta::minutes(1);
    scene.send_until_logged(&[0]).await;
    scene.send_until_logged(&[1]).await;
    assert_eq!(scene.world.crm.activities().len(), 2);
    scene.world.crm.take_calls();
    scene
}

async fn others_are_delivered() {
    let scene = four_texts().await;
    scene.world.crm.break_reads(0, Cause::Status(500));
    scene.world.close_gate(TimeDelta::seconds(20)).await;
    assert_eq!(scene.rely(&[2]).await.kept.len(), 1);
    assert_eq!(scene.rely(&[3]).await.kept.len(), 1);
    scene.world.minutes(10).await;
    let second = scene.world.crm.activities()[1].body().to_owned();
    assert!(second.contains("text of day 3"), "{}", scene.story());
    let calls = scene.world.crm.take_calls();
    assert!((2..=6).contains(&calls.gets), "{calls:?}");
}

async fn none_is_closed() {
    for cause in [Cause::TooLarge, Cause::Unreadable] {
        let scene = four_texts().await;
        scene.world.crm.break_reads(0, cause);
        let outcome = scene.rely(&[2]).await;
        assert_eq!(outcome.reason, Some(Reason::Unavailable), "{outcome:?}");
        assert!(outcome.retry_at.is_some());
        assert_eq!(scene.rely(&[3]).await.logged.len(), 1, "{}", scene.story());
    }
}
