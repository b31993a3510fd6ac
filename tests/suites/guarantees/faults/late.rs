//! Writes that take effect late, a CRM that never answers, and one that nobody needs to ask.

use std::time::Duration;

use daybook_fakes::{Exchange, Fault, Rule};
use daybook_tests::params::{text, texts, with_message};
use daybook_tests::runner::case;
use daybook_tests::world::{Answered, Door, World};
use http::Method;
use libtest_mimic::Trial;

use super::scene::Scene;
use super::told::Told::InDoubt;
use super::told::Wait::Seconds;
use super::trouble::{Call, HANGS, Trouble};
use crate::expect::{assert_in_order, note, success};
use crate::later::pass;

pub(super) fn cases() -> Vec<Trial> {
    let mut trials: Vec<_> = Door::ALL
        .map(|(door, prefix)| {
            let name = format!("faults::{prefix}::a_text_that_stands_is_known_without_the_crm");
            case(name, move || a_text_that_stands(door))
        })
        .into();
    trials.extend([
        case(
            "faults::late::a_crm_that_answers_nothing_is_not_waited_for",
            a_crm_that_answers_nothing,
        ),
        case(
            "faults::late::a_create_within_its_quarantine_is_taken_for_ours",
            a_create_in_time,
        ),
        case(
            "faults::late::a_create_after_its_quarantine_is_folded_away",
            a_late_create,
        ),
        case(
            "faults::late::an_update_after_its_quarantine_hides_a_text_until_the_next",
            a_late_update,
        ),
    ]);
    trials
}

async fn start(door: Door, quarantine: &str) -> World {
    World::start_with(door, &[("QUARANTINE_SECONDS", quarantine)]).await
}

/// Sends the text of a number.
async fn send(world: &World, number: u64) -> Answered {
    let params = with_message(texts([number]).remove(0));
    world.call("updateMessageLog", &params).await
}

async fn log(world: &World, numbers: impl IntoIterator<Item = u64>) {
    for number in numbers {
        assert_eq!(send(world, number).await, success("1", "Message logged"));
    }
}

/// That the texts of these numbers stand in the only activity.
async fn assert_stand(world: &World, numbers: impl IntoIterator<Item = u64>) {
    let activities = world.crm.activities().await;
    assert_eq!(activities.len(), 1, "{activities:#?}");
    let all: Vec<_> = numbers.into_iter().map(text).collect();
    assert_in_order(note(&activities[0]), &all);
}

async fn a_text_that_stands(door: Door) {
    let world = start(door, "1").await;
    log(&world, [1, 2]).await;
    world.crm.clear_journal();
    world.crm.refuse_connections().await;
    for interface in ["createMessageLog", "updateMessageLog"] {
        for message in texts([1, 2]) {
            let reply = world.call(interface, &with_message(message)).await;
            assert_eq!(reply, success("1", "Already logged"));
        }
    }
    assert!(world.crm.journal().is_empty());
}

async fn a_crm_that_answers_nothing() {
    let world = start(Door::LocalHttp, "25").await;
    let mut scene = Scene::set(&world, Call::Create).await;
    world.crm.plan(Rule::new(Fault::HangThenApply(HANGS)));
    let told = InDoubt(Seconds(5));
    // The write and the look for it.
    scene.send((told, 2)).await;
    scene.send_too_early(told).await;
    scene.end_trouble(Trouble::HangThenApply).await;
    scene.wait(told).await;
    scene.finish(1).await;
}

/// How long after its request a write takes effect.
const LATE: Duration = Duration::from_secs(3);

fn a_write_is_late(world: &World, method: Method) {
    let late = Rule::new(Fault::DropThenApply(LATE)).method(method).once();
    world.crm.plan(late);
}

/// Waits until everything that was sent has taken effect.
async fn all_applied(world: &World) {
    let applied = |calls: &[Exchange]| calls.iter().all(|call| call.applied);
    assert!(world.crm.wait_until(LATE * 3, applied).await);
}

async fn a_create_in_time() {
    let world = start(Door::HttpEvent, "25").await;
    a_write_is_late(&world, Method::POST);
    let (_, reply) = send(&world, 1).await;
    assert_eq!(reply["successful"], false, "{reply}");
    all_applied(&world).await;
    pass(&world, Duration::from_secs(6)).await;
    log(&world, [2]).await;
    assert_stand(&world, 1..=2).await;
}

async fn a_late_create() {
    let world = start(Door::HttpEvent, "1").await;
    a_write_is_late(&world, Method::POST);
    let (_, reply) = send(&world, 1).await;
    assert_eq!(reply["successful"], false, "{reply}");
    // Nothing is found until the quarantine is over, so it is made again.
    pass(&world, Duration::from_secs(6)).await;
    log(&world, [1]).await;
    all_applied(&world).await;
    assert_eq!(world.crm.activities().await.len(), 2, "shown twice");
    log(&world, [2]).await;
    pass(&world, Duration::from_secs(11 * 60)).await;
    log(&world, [3]).await;
    assert_stand(&world, 1..=3).await;
}

async fn a_late_update() {
    let world = start(Door::Direct, "1").await;
    log(&world, [1]).await;
    a_write_is_late(&world, Method::PATCH);
    let (_, reply) = send(&world, 2).await;
    assert_eq!(reply["successful"], false, "{reply}");
    log(&world, [2, 3]).await;
    assert_stand(&world, 1..=3).await;
    all_applied(&world).await;
    assert_stand(&world, 1..=2).await;
    log(&world, [4]).await;
    assert_stand(&world, 1..=4).await;
}
