//! A CRM that takes no long notes, although nobody said so: it refuses them, or cuts them.

use std::time::Duration;

use daybook_fakes::{FakeExampleCrm, TooLong};
use daybook_tests::params::{inbound, text, texts, with_message};
use daybook_tests::runner::case;
use daybook_tests::world::{Answered, Door, World};
use libtest_mimic::Trial;
use serde_json::Value;

use crate::expect::{assert_waits, count, failure_of, note, success};
use crate::later::pass;

pub(super) fn cases() -> Vec<Trial> {
    let refused = |status: u16| {
        let name = format!("faults::caps::a_long_note_that_is_refused_with_{status}_is_told");
        case(name, move || a_refused_note(status))
    };
    vec![
        refused(413),
        refused(422),
        case(
            "faults::caps::a_new_note_that_is_cut_is_not_told_to_be_logged",
            || a_cut_note(false),
        ),
        case(
            "faults::caps::a_note_that_is_cut_is_not_told_to_be_logged",
            || a_cut_note(true),
        ),
    ]
}

/// The most bytes of a note: a digest of two texts fits, and a long one does not.
const CAP: usize = 1_500;

/// A text that no note under the cap can hold.
fn long_text() -> String {
    format!("Beginning{}the very end", " and more".repeat(CAP / 9))
}

fn long_message() -> Value {
    let message = inbound(2, "2015-02-18T13:02:00.000Z", &long_text());
    with_message(message)
}

fn short_message(number: u64) -> Value {
    with_message(texts([number]).remove(0))
}

fn set_cap(world: &World, too_long: TooLong) {
    let notes = FakeExampleCrm::notes().at_most(CAP, too_long);
    world.crm.set_notes(notes);
}

async fn only_note(world: &World) -> String {
    let activities = world.crm.activities().await;
    assert_eq!(activities.len(), 1, "{activities:#?}");
    note(&activities[0]).to_owned()
}

async fn a_refused_note(status: u16) {
    let world = World::start(Door::HttpEvent).await;
    let logged = success("1", "Message logged");
    set_cap(&world, TooLong::Refused(status));
    let send = |params: Value| {
        let world = &world;
        async move { world.call("updateMessageLog", &params).await }
    };
    assert_eq!(send(short_message(1)).await, logged);
    let words = "Example CRM does not accept what the message says. Send it again in N minutes.";
    let refused = failure_of("1", "warning", words);
    assert_waits(send(long_message()).await, &refused, 60);
    assert_eq!(send(short_message(3)).await, logged);
    let note = only_note(&world).await;
    assert_eq!(count(&note), 2, "{note}");
    assert!(!note.contains("Beginning"), "{note}");
    world.crm.set_notes(FakeExampleCrm::notes());
    pass(&world, Duration::from_secs(67 * 60)).await;
    assert_eq!(send(long_message()).await, logged);
    assert_all_stand(&world).await;
}

/// Sends a text that the note cannot hold, after another one where `is_update`.
async fn a_cut_note(is_update: bool) {
    let world = World::start(Door::HttpEvent).await;
    let logged = success("1", "Message logged");
    set_cap(&world, TooLong::Cut);
    if is_update {
        let reply = world.call("createMessageLog", &short_message(1)).await;
        assert_eq!(reply, logged);
    }
    for _ in 0..2 {
        let reply = world.call("updateMessageLog", &long_message()).await;
        assert_no_lie(&world, reply).await;
        pass(&world, Duration::from_secs(67 * 60)).await;
    }
    world.crm.set_notes(FakeExampleCrm::notes());
    for params in [long_message(), short_message(1), short_message(3)] {
        let reply = world.call("updateMessageLog", &params).await;
        assert_eq!(reply.1["successful"], true, "{reply:?}");
    }
    assert_all_stand(&world).await;
}

/// That a text which is told to be logged stands there to its end.
async fn assert_no_lie(world: &World, (_, reply): Answered) {
    let activities = world.crm.activities().await;
    let stands = activities
        .iter()
        .any(|log| note(log).contains(&long_text()));
    assert!(
        stands || reply["successful"] == false,
        "{reply}, and {activities:#?}"
    );
}

/// That the three texts stand in the only activity, in order, whole and counted.
async fn assert_all_stand(world: &World) {
    let note = only_note(world).await;
    let all = [text(1), long_text(), text(3)];
    let places: Vec<_> = all.iter().map(|text| note.find(text)).collect();
    assert!(
        places.iter().all(Option::is_some) && places.is_sorted(),
        "{note}"
    );
    assert_eq!(count(&note), all.len(), "{note}");
}
