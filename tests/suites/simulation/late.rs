//! What deliver-pending finishes is as good as what a request does.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use libtest_mimic::Trial;

use crate::crm::{CallFate, CrmFaults, Kind, Shown, When};
use crate::scene::{Scene, simulated};
use crate::worker::{Act, Edge, Interrupt, Worker};
use crate::world::Made;

pub(crate) fn cases() -> Vec<Trial> {
    vec![
        simulated(
            "late::a_digest_that_is_opened_later_takes_over_the_log_that_was_named",
            log_is_taken_over,
        ),
        simulated(
            "late::what_is_delivered_is_forgotten_as_soon_as_what_a_request_delivers",
            delivered_is_forgotten,
        ),
        simulated(
            "late::an_activity_that_is_made_late_and_found_later_is_the_only_one",
            made_late_found_later,
        ),
        simulated(
            "late::an_update_that_lands_late_is_looked_for_when_it_is_time",
            late_update_is_mended,
        ),
        simulated(
            "late::a_finished_digest_waits_for_no_sign_in",
            finished_is_not_parked,
        ),
        simulated(
            "late::a_second_activity_is_folded_after_a_doubt_of_many_minutes",
            folded_after_a_long_doubt,
        ),
        simulated(
            "late::a_text_of_which_a_piece_is_missing_waits",
            piece_is_missing,
        ),
        simulated(
            "late::a_text_of_which_a_worker_wrote_one_piece_is_delivered",
            worker_dies_between_pieces,
        ),
    ]
}

async fn log_is_taken_over() {
    for is_late in [false, true] {
        let mut scene = Scene::of(&["the first", "the second"]);
        let log = scene.world.crm.plant("1001", "Somebody called.");
        scene.schedule.existing_log = Some(log);
        if is_late {
            scene.world.close_gate(TimeDelta::seconds(50)).await;
        }
        assert_eq!(scene.send(&[0, 1]).await, if is_late { 0 } else { 2 });
        scene.world.minutes(3).await;
        let activities = scene.world.crm.activities();
        let bodies: Vec<_> = activities.iter().map(|one| one.body()).collect();
        let [body] = bodies.as_slice() else {
            panic!("{bodies:?}\n{}", scene.story());
        };
        for text in ["Somebody called.", "the first", "the second"] {
            assert_eq!(body.matches(text).count(), 1, "{text}: {body}");
        }
    }
}

/// When each message of the table is forgotten, in seconds since 1970.
fn forgotten(scene: &Scene) -> Vec<i64> {
    let items = scene.world.table.items();
    let is_message = |sk: &str| sk.starts_with("M#");
    let messages = items
        .iter()
        .filter(|item| item["sk"]["S"].as_str().is_some_and(is_message));
    let at = messages.filter_map(|item| item["expiresAt"]["N"].as_str()?.parse().ok());
    at.collect()
}

async fn delivered_is_forgotten() {
    let scene = Scene::of(&["the first", "the second", "the third"]);
    // The end of the day in Los Angeles, and two days.
    let end: DateTime<Utc> = "2026-03-08T08:00:00Z".parse().expect("a time");
    let until = end.timestamp() + 48 * 3_600;
    scene.send_until_logged(&[0]).await;
    assert_eq!(forgotten(&scene), [until]);
    scene.world.close_gate(TimeDelta::seconds(50)).await;
    assert_eq!(scene.send(&[1]).await, 0);
    scene.wait(40).await;
    scene.send(&[2]).await;
    scene.world.minutes(5).await;
    scene.assert_one_activity(&[0, 1, 2]);
    assert_eq!(forgotten(&scene), [until; 3], "{}", scene.story());
    // A worker that had no time to clear.
    let scene = Scene::of(&["the first"]);
    let dies = Interrupt {
        call: 7,
        edge: Edge::Before,
        act: Act::Die,
    };
    let (_, worker) = scene.send_by(&[0], vec![dies]).await;
    assert_eq!(worker.calls().last(), Some(&"UpdateItem"));
    assert!(forgotten(&scene)[0] > until);
    scene.world.minutes(2).await;
    assert_eq!(forgotten(&scene), [until], "{}", scene.story());
}

/// A text that a note does not take whole.
fn long_story() -> Scene {
    let kind = Kind {
        max_note_bytes: Some(2_400),
        ..Kind::PLAIN
    };
    let made = Made {
        kind,
        ..Made::calm()
    };
    let story = "a long story, word by word. ".repeat(150);
    let mut scene = Scene::made(&[&story], &made);
    scene.schedule.kind = kind;
    scene
}

async fn piece_is_missing() {
    let scene = long_story();
    scene
        .world
        .crm
        .script([CallFate::Fine, CallFate::Refused(403)]);
    assert_eq!(scene.send(&[0]).await, 0);
    assert_eq!(scene.world.crm.activities().len(), 1);
    let waiting = async || -> Vec<_> {
        let list = scene.world.list().await;
        list.logs.iter().map(|one| one.accepted).collect()
    };
    assert_eq!(waiting().await, [1], "{}", scene.story());
    scene.world.minutes(2).await;
    assert!(scene.wrong(&[0]).is_empty(), "{}", scene.story());
    assert!(waiting().await.is_empty());
}

async fn worker_dies_between_pieces() {
    let scene = long_story();
    let dies = Interrupt {
        call: 7,
        edge: Edge::Before,
        act: Act::Die,
    };
    let (_, worker) = scene.send_by(&[0], vec![dies]).await;
    assert_eq!(worker.calls()[5..], ["crm.create", "PutItem", "crm.create"]);
    scene.world.minutes(5).await;
    assert!(scene.wrong(&[0]).is_empty(), "{}", scene.story());
}

/// The CRM applies a create at the very end of the time that it may take, and shows the activity
/// at the very end of the time that this may take.
async fn made_late_found_later() {
    let crm = CrmFaults {
        search_lag: Duration::from_secs(5),
        shows_late: true,
        ..CrmFaults::NONE
    };
    let made = Made {
        crm,
        ..Made::calm()
    };
    let scene = Scene::made(&["the first"], &made);
    let late = When::Late(Duration::from_millis(59_900));
    scene
        .world
        .crm
        .script([CallFate::Unknown(late, Shown::Cut)]);
    let patient = Duration::from_secs(600);
    let worker = Worker::new(900, Vec::new(), &scene.world.trace, false, patient);
    scene.send_with(&[0], &worker).await;
    scene.wait(61).await;
    scene.send_until_logged(&[0]).await;
    scene.assert_one_activity(&[0]);
}

/// A CRM that may apply a create 20 minutes late: the date at which a second activity is looked
/// for comes while there is none yet.
async fn folded_after_a_long_doubt() {
    let made = Made {
        kind: Kind {
            late_apply_secs: 1_200,
            ..Kind::PLAIN
        },
        ..Made::calm()
    };
    let scene = Scene::made(&["the first"], &made);
    // The first create is later than the CRM promises.
    let late = |seconds| CallFate::Unknown(When::Late(Duration::from_secs(seconds)), Shown::Cut);
    scene.world.crm.script([late(2_500), late(1_000)]);
    let send = async |number| {
        let patient = Duration::from_secs(6_000);
        let worker = Worker::new(number, Vec::new(), &scene.world.trace, false, patient);
        scene.send_with(&[0], &worker).await;
    };
    send(900).await;
    scene.wait(1_250).await;
    send(901).await;
    scene.world.minutes(25).await;
    let activities = scene.world.crm.activities();
    assert_eq!(activities.len(), 2, "{}", scene.story());
    scene.world.minutes(15).await;
    let wrong = scene.wrong(&[0]);
    assert!(wrong.is_empty(), "{wrong:#?}\n{}", scene.story());
}

/// An update of which nobody knows lands over a newer one, and nobody sends anything more.
async fn late_update_is_mended() {
    let scene = Scene::of(&["the first", "the second", "the third"]);
    scene.send_until_logged(&[0]).await;
    let late = When::Late(Duration::from_secs(50));
    scene
        .world
        .crm
        .script([CallFate::Unknown(late, Shown::Cut)]);
    let outcome = scene.rely(&[1]).await;
    assert_eq!(outcome.kept.len(), 1, "{outcome:?} {}", scene.story());
    scene.send_until_logged(&[2]).await;
    scene.wait(55).await;
    let torn = scene.world.crm.activities()[0].body().to_owned();
    assert!(
        !torn.contains("the third"),
        "the old one landed: {}",
        scene.story()
    );
    scene.world.minutes(5).await;
    assert!(scene.wrong(&[0, 1, 2]).is_empty(), "{}", scene.story());
}

/// The credentials end before a finished digest is read for the last time.
async fn finished_is_not_parked() {
    let scene = Scene::of(&["the first"]);
    assert_eq!(scene.rely(&[0]).await.logged.len(), 1);
    let at = scene.world.table.next_due().expect("the closing check");
    scene.world.crm.accept_only("nobody's");
    let wait = (at - scene.world.time.now().timestamp_millis()) / 1_000;
    scene.wait(u64::try_from(wait).expect("it is ahead")).await;
    scene.world.minutes(3).await;
    let shards = scene.world.table.items();
    let shards: Vec<_> = shards
        .iter()
        .filter_map(|item| item["dueShard"]["S"].as_str())
        .collect();
    assert_eq!(shards, [""; 0], "{}", scene.story());
}
