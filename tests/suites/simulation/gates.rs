//! A CRM that fails is left alone: by whom, and for how long.

use chrono::TimeDelta;
use libtest_mimic::Trial;

use crate::crm::CallFate;
use crate::scene::{Scene, simulated};

pub(crate) fn cases() -> Vec<Trial> {
    vec![simulated(
        "gates::one_that_closes_holds_back_the_rest_of_the_request",
        rest_is_held_back,
    )]
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
