//! A CRM that limits a note: digests of several numbered parts.

use std::time::Duration;

use libtest_mimic::Trial;

use crate::crm::{CallFate, EditKind, Kind, Shown, When};
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

async fn fold_goes_on() {
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
    // The note is full, and the CRM refuses the next one.
    scene.send_until_logged(&[1, 2]).await;
    scene.world.crm.script([CallFate::Refused(422)]);
    scene.send(&[3]).await;
    scene.world.minutes(12).await;
    assert_right(&scene, &[0, 1, 2]);
    scene.world.crm.take_calls();
    scene.world.minutes(10).await;
    let calls = scene.world.crm.take_calls().total();
    assert_eq!(calls, 0, "{}", scene.story());
}
