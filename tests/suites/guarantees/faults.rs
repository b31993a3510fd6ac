//! Every fault of a CRM, at every kind of call: what is answered, and what stands in the end.
//!
//! `faults/rows.rs` is the table, `faults/trouble.rs` says what goes wrong, and `faults/told.rs`
//! what is answered. What the table cannot say stands in `faults/late.rs`, `faults/caps.rs`,
//! `faults/rewritten.rs` and `faults/cold.rs`.

mod caps;
pub(crate) mod cold;
mod late;
mod rewritten;
mod rows;
mod scene;
mod told;
pub(crate) mod trouble;

use std::time::Duration;

use daybook_tests::crm::{Kind, current};
use daybook_tests::runner::case;
use daybook_tests::world::{Door, World};
use libtest_mimic::Trial;

use self::rows::{ROWS, Row};
use self::scene::Scene;
use self::told::{Told, Wait};
use self::trouble::{Call, Trouble, begin_doubt};
use crate::later::BEARABLE;

pub(super) fn cases() -> Vec<Trial> {
    let mut trials = Vec::new();
    for call in Call::ALL {
        for (trouble, name) in Trouble::ALL {
            let row = row(call, trouble);
            let name = format!("faults::{}::{name}", call.name());
            if !call.follows_on_doubt() {
                trials.push(case(format!("{name}::first"), move || first(row)));
            }
            trials.push(case(format!("{name}::repeat"), move || repeat(row)));
        }
    }
    trials.extend(late::cases());
    trials.extend(caps::cases());
    trials.extend(rewritten::cases());
    trials
}

fn row(call: Call, trouble: Trouble) -> Row {
    let mut fitting = ROWS.iter().filter(|row| (row.0, row.1) == (call, trouble));
    let row = fitting.next().expect("every fault at every call has a row");
    assert!(
        fitting.next().is_none(),
        "two rows of {trouble:?} at {call:?}"
    );
    *row
}

/// A row as it is over the CRM of the case. Pipedrive's 404 may be about a link, so the person is
/// asked for and is there; and a limit that ends soon is waited for, and lasts.
fn over_crm(row: Row) -> Row {
    let (call, trouble, (told, calls), (_, more), last) = row;
    if current() == Kind::Example {
        return row;
    }
    match (call, trouble) {
        (Call::Create, Trouble::Status404) => {
            let told = (Told::Rejected(Wait::Seconds(60)), calls + 3);
            let again = (Told::Rejected(Wait::Minutes(2)), more + 2);
            (call, trouble, told, again, last)
        }
        (_, Trouble::Status429Seconds | Trouble::Status429Date) => {
            let (first, second) = match call.follows_on_doubt() {
                true => ((told, calls), Told::InDoubt(Wait::Seconds(60))),
                false => {
                    let first = Told::TooMany(Wait::Seconds(60));
                    ((first, calls + 1), Told::TooMany(Wait::Minutes(2)))
                }
            };
            (call, trouble, first, (second, more + 1), last)
        }
        _ => row,
    }
}

/// The trouble is over when the text is sent again.
async fn first(row: Row) {
    let (call, trouble, told, _, last) = over_crm(row);
    let world = world(trouble, &[told.0], Door::LocalHttp).await;
    let mut scene = Scene::set(&world, call).await;
    trouble.begin(&world.crm, call).await;
    scene.send(told).await;
    scene.assert_struck();
    scene.send_too_early(told.0).await;
    scene.end_trouble(trouble).await;
    scene.wait(told.0).await;
    scene.finish(last).await;
}

/// The trouble lasts until the text has been sent twice.
async fn repeat(row: Row) {
    let (call, trouble, told, again, last) = over_crm(row);
    let world = world(trouble, &[told.0, again.0], Door::Direct).await;
    let mut scene = Scene::set(&world, call).await;
    match call.follows_on_doubt() {
        true => begin_doubt(&world.crm, call),
        false => trouble.begin(&world.crm, call).await,
    }
    scene.send(told).await;
    scene.assert_struck();
    scene.wait(told.0).await;
    world.crm.clear_plan();
    world.crm.accept_connections().await;
    trouble.begin(&world.crm, call).await;
    scene.send(again).await;
    scene.send_too_early(again.0).await;
    scene.end_trouble(trouble).await;
    scene.wait(again.0).await;
    scene.finish(last).await;
}

/// A system behind `door`, or behind another one where a wait is too long for that.
async fn world(trouble: Trouble, told: &[told::Told], door: Door) -> World {
    let waits = told.iter().map(|told| told.again_after());
    let longest = waits.max().unwrap_or(Duration::ZERO);
    let door = match door == Door::LocalHttp && longest > BEARABLE {
        true => Door::HttpEvent,
        false => door,
    };
    // A doubt lasts longer than the CRM hangs.
    let quarantine = match trouble.lingers() {
        true => "25",
        false => "1",
    };
    World::start_with(door, &[("QUARANTINE_SECONDS", quarantine)]).await
}
