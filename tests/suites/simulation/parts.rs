//! A CRM that limits a note: digests of several numbered parts.

use std::time::Duration;

use libtest_mimic::Trial;

use crate::crm::{Call, CallFate, EditKind, Kind, Rule, Shown, When};
use crate::scene::{Scene, simulated};
use crate::worker::Worker;
use crate::world::Made;

pub(crate) fn cases() -> Vec<Trial> {
    vec![
        simulated(
            "parts::an_update_that_is_late_in_an_earlier_part_is_mended",
            earlier_part_is_written_late,
        ),
        simulated(
            "parts::a_text_that_is_in_doubt_in_one_part_does_not_go_into_the_next",
            text_is_in_doubt,
        ),
        simulated("parts::the_closing_check_reads_every_part", closing_check),
        simulated(
            "parts::second_activities_are_folded_while_a_part_cannot_be_made",
            fold_goes_on,
        ),
        simulated(
            "parts::second_activities_are_folded_while_a_part_may_not_be_made",
            fold_goes_on_without_permission,
        ),
    ]
}

/// A scene whose notes take `length` bytes of text three times, but not four.
fn scene(texts: usize, length: usize) -> Scene {
    let kind = Kind {
        max_note_bytes: Some(2_400),
        ..Kind::PLAIN
    };
    let made = Made {
        kind,
        ..Made::calm()
    };
    let mut said = Vec::new();
    for number in 0..texts {
        said.push(format!("text {number} {}", "x".repeat(length)));
    }
    let said: Vec<_> = said.iter().map(String::as_str).collect();
    let mut scene = Scene::made(&said, &made);
    scene.schedule.kind = kind;
    scene
}

fn made(scene: &Scene) -> usize {
    scene.world.crm.activities().len()
}

fn assert_right(scene: &Scene, texts: &[usize]) {
    let wrong = scene.wrong(texts);
    assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), scene.story());
}

fn late_update() -> [CallFate; 1] {
    let late = When::Late(Duration::from_secs(40));
    [CallFate::Unknown(late, Shown::Cut)]
}

async fn earlier_part_is_written_late() {
    let scene = scene(6, 400);
    scene.send_until_logged(&[0]).await;
    scene.world.crm.script(late_update());
    scene.send(&[1]).await;
    scene.wait(2).await;
    scene.send_until_logged(&[1]).await;
    scene.send_until_logged(&[2]).await;
    assert_eq!(made(&scene), 1, "{}", scene.story());
    scene.send(&[3, 4, 5]).await;
    scene.world.minutes(5).await;
    assert_eq!(made(&scene), 2, "{}", scene.story());
    assert_right(&scene, &[0, 1, 2, 3, 4, 5]);
}

async fn text_is_in_doubt() {
    // Two of them are as much as is put into a note, three are as much as it takes.
    let scene = scene(3, 592);
    scene.send_until_logged(&[0]).await;
    scene.world.crm.script(late_update());
    scene.send(&[2]).await;
    scene.wait(2).await;
    scene.send(&[1, 2]).await;
    scene.world.minutes(5).await;
    let size = scene.world.crm.activities()[0].body().len();
    assert!((2_161..=2_400).contains(&size), "{size}");
    assert_right(&scene, &[0, 1, 2]);
}

async fn closing_check() {
    let scene = scene(6, 400);
    for text in 0..6 {
        scene.send_until_logged(&[text]).await;
    }
    assert_eq!(made(&scene), 2, "{}", scene.story());
    scene.wait(600).await;
    scene.world.crm.edit(0, EditKind::OldForm, 1, 7);
    assert!(!scene.wrong(&[0, 1, 2, 3, 4, 5]).is_empty());
    assert!(scene.world.settle().await, "{}", scene.story());
    assert_right(&scene, &[0, 1, 2, 3, 4, 5]);
}

/// A note that is full, of which a second activity is to be folded, and a text that does not fit.
async fn made_twice() -> Scene {
    let scene = scene(4, 400);
    let late = When::Late(Duration::from_secs(150));
    let lost = CallFate::Unknown(late, Shown::Cut);
    scene.world.crm.script([lost]);
    let patient = Duration::from_secs(600);
    let worker = Worker::new(900, Vec::new(), &scene.world.trace, false, patient);
    scene.send_with(&[0], &worker).await;
    scene.world.minutes(4).await;
    assert_eq!(made(&scene), 2, "{}", scene.story());
    assert!(!scene.wrong(&[0]).is_empty());
    scene.send_until_logged(&[1, 2]).await;
    scene
}

async fn fold_goes_on() {
    let scene = made_twice().await;
    scene.world.crm.script([CallFate::Refused(422)]);
    scene.send(&[3]).await;
    scene.world.minutes(12).await;
    assert_right(&scene, &[0, 1, 2]);
    scene.world.crm.take_calls();
    scene.world.minutes(10).await;
    let calls = scene.world.crm.take_calls().total();
    assert_eq!(calls, 0, "{}", scene.story());
}

async fn fold_goes_on_without_permission() {
    // The user may not make an activity, or the contact is gone.
    for status in [403, 404] {
        let scene = made_twice().await;
        let is_refused = move |call: &Call| call.what == "crm.create";
        let refused = move |call: &Call| is_refused(call).then_some(CallFate::Refused(status));
        scene.world.crm.set_rule(Rule::of(refused));
        assert_eq!(scene.send(&[3]).await, 0);
        scene.world.minutes(12).await;
        assert_right(&scene, &[0, 1, 2]);
        scene.world.crm.take_calls();
        scene.world.minutes(10).await;
        let calls = scene.world.crm.take_calls().total();
        assert_eq!(calls, 0, "it waits for a sign-in\n{}", scene.story());
    }
}
