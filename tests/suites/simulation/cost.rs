//! What the way to the reply costs: trips to the table one after another, units, calls.

use std::time::Duration;

use daybook_tests::runner::figure;
use futures_util::future::join_all;
use libtest_mimic::Trial;

use crate::crm::{Calls, CrmFaults};
use crate::scene::{Scene, simulated};
use crate::table::{Counts, Faults};
use crate::world::Made;

/// How long a trip to the table takes, and nothing else.
const TRIP: Duration = Duration::from_millis(10);

/// What something cost.
#[derive(Debug)]
struct Cost {
    trips: f64,
    table: Counts,
    crm: Calls,
}

/// What something may cost: the protocol's figures, and what is asserted.
struct Most {
    trips: f64,
    write_units: f64,
    calls: usize,
}

pub(crate) fn cases() -> Vec<Trial> {
    vec![
        simulated("cost::the_whole_day_again_is_one_read", whole_day_again),
        simulated("cost::a_first_text_is_one_call", first_text),
        simulated("cost::a_joining_text_is_two_calls", joining_text),
        simulated(
            "cost::fifty_texts_in_one_request_are_two_calls",
            fifty_at_once,
        ),
        simulated("cost::twenty_new_requests_at_once_are_eight_calls", || {
            twenty_at_once(false)
        }),
        simulated(
            "cost::twenty_joining_requests_at_once_are_eight_calls",
            || twenty_at_once(true),
        ),
        simulated(
            "cost::five_identical_requests_are_one_activity",
            five_identical,
        ),
    ]
}

fn scene(texts: usize, call: Duration) -> Scene {
    let steady = Faults {
        way: TRIP / 2,
        steady: true,
        ..Faults::NONE
    };
    scene_with(texts, call, steady)
}

fn scene_with(texts: usize, call: Duration, table: Faults) -> Scene {
    let said: Vec<_> = (1..=texts)
        .map(|number| format!("text number {number}"))
        .collect();
    let said: Vec<_> = said.iter().map(String::as_str).collect();
    let crm = CrmFaults {
        takes: (call, call),
        ..CrmFaults::NONE
    };
    let made = Made {
        table,
        crm,
        measures: true,
        ..Made::calm()
    };
    let scene = Scene::made(&said, &made);
    scene.world.table.take_counts();
    scene
}

/// What `texts` in one request cost, with a CRM that takes no time.
async fn one_request(scene: &Scene, texts: &[usize]) -> Cost {
    scene.world.table.take_counts();
    scene.world.crm.take_calls();
    let start = scene.world.time.gone();
    assert_eq!(scene.send(texts).await, texts.len(), "{}", scene.story());
    Cost {
        trips: (scene.world.time.gone() - start).as_secs_f64() / TRIP.as_secs_f64(),
        table: scene.world.table.take_counts(),
        crm: scene.world.crm.take_calls(),
    }
}

/// Prints a cost beside the protocol's figures, and fails where it is above `most`.
fn tell(what: &str, figures: &str, cost: &Cost, most: &Most) {
    let Cost { trips, table, crm } = cost;
    figure(&format!(
        "{what}: {trips:.1} trips, {} write units, {} read units, {} CRM calls (the protocol: \
         {figures}) {:?} {crm:?}",
        table.write_units,
        table.read_units,
        crm.total(),
        table.requests,
    ));
    assert!(trips.round() <= most.trips, "{what}: {trips} trips");
    assert!(
        table.write_units <= most.write_units,
        "{what}: {} units",
        table.write_units
    );
    assert!(crm.total() <= most.calls, "{what}: {} calls", crm.total());
}

async fn whole_day_again() {
    let scene = scene(30, Duration::ZERO);
    let all: Vec<_> = (0..30).collect();
    scene.send_until_logged(&all).await;
    let cost = one_request(&scene, &all).await;
    let most = Most {
        trips: 1.0,
        write_units: 0.0,
        calls: 0,
    };
    tell(
        "the whole day again",
        "1 trip, 0 units, 0 calls",
        &cost,
        &most,
    );
}

async fn first_text() {
    let scene = scene(1, Duration::ZERO);
    let cost = one_request(&scene, &[0]).await;
    let most = Most {
        trips: 6.0,
        write_units: 7.0,
        calls: 1,
    };
    tell("a first text", "6 trips, 7 units, 1 call", &cost, &most);
    scene.assert_one_activity(&[0]);
}

async fn joining_text() {
    let scene = scene(2, Duration::ZERO);
    scene.send_until_logged(&[0]).await;
    let cost = one_request(&scene, &[1]).await;
    let most = Most {
        trips: 6.0,
        write_units: 6.0,
        calls: 2,
    };
    tell("a joining text", "5 trips, 6 units, 2 calls", &cost, &most);
    scene.assert_one_activity(&[0, 1]);
}

async fn fifty_at_once() {
    let scene = scene(50, Duration::from_millis(20));
    let all: Vec<_> = (0..50).collect();
    let cost = one_request(&scene, &all).await;
    let most = Most {
        trips: 20.0,
        write_units: 220.0,
        calls: 2,
    };
    tell("50 texts in one request", "at most 2 calls", &cost, &most);
    scene.assert_one_activity(&all);
}

async fn twenty_at_once(joining: bool) {
    // Every trip takes another time, so that the requests do not come in step.
    let scene = scene_with(21, Duration::from_millis(20), Faults::NONE);
    let all: Vec<_> = (0..21).collect();
    if joining {
        scene.send_until_logged(&[0]).await;
    }
    scene.world.table.take_counts();
    scene.world.crm.take_calls();
    let from = if joining { 1 } else { 0 };
    let expected = all.get(from..20 + from).unwrap_or_default();
    let sent = expected
        .iter()
        .map(|text| scene.send(std::slice::from_ref(text)));
    let logged: usize = join_all(sent).await.into_iter().sum();
    assert_eq!(logged, 20, "{}", scene.story());
    let cost = Cost {
        trips: 0.0,
        table: scene.world.table.take_counts(),
        crm: scene.world.crm.take_calls(),
    };
    let most = Most {
        trips: 0.0,
        write_units: 200.0,
        calls: 8,
    };
    let what = if joining {
        "20 joining requests at once"
    } else {
        "20 new requests at once"
    };
    tell(what, "3 to 5 calls, about 130 units", &cost, &most);
    let stands = if joining { &all[..] } else { expected };
    scene.assert_one_activity(stands);
}

async fn five_identical() {
    let scene = scene(3, Duration::from_millis(20));
    let all = [0, 1, 2];
    let logged = join_all((0..5).map(|_| scene.send(&all))).await;
    assert_eq!(logged, [3; 5], "{}", scene.story());
    scene.assert_one_activity(&all);
}
