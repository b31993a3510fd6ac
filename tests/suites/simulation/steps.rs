//! A table that misbehaves at each step, where we hold credentials: nobody sends anything again,
//! and the scheduled function brings every text that was accepted into one activity, once.
//!
//! The same steps with repeats, over HTTP, are in the suite `guarantees`.

use std::time::Duration;

use daybook_tests::runner::figure;
use daybook_tests::table_proxy::{Step, Times};
use libtest_mimic::Trial;

use crate::crash::is_stored;
use crate::scene::{Scene, simulated};
use crate::table::{Fate, Scripted};
use crate::worker::{Act, Edge, Interrupt};

pub(crate) fn cases() -> Vec<Trial> {
    vec![
        simulated("steps::a_request_is_finished_without_a_repeat", requests),
        simulated("steps::a_run_that_fails_is_made_good_by_the_next", runs),
        simulated("steps::an_index_that_lags_does_no_harm", lagging_index),
    ]
}

/// What happens to a step.
const FATES: [(Fate, Times); 8] = [
    (Fate::Throttled, Times::Once),
    (Fate::Throttled, Times::Always),
    (Fate::LostRequest, Times::Always),
    (Fate::LostAnswer, Times::Once),
    (Fate::LostAnswer, Times::Always),
    (Fate::Hang, Times::Once),
    (Fate::Hang, Times::Always),
    (Fate::Late(Duration::from_secs(4)), Times::Always),
];

/// The steps of a request.
const OF_A_REQUEST: [Step; 7] = [
    Step::Read,
    Step::Accept,
    Step::ReadGates,
    Step::Lease,
    Step::Gather,
    Step::Settle,
    Step::Clear,
];

/// The steps of a run of the scheduled function.
const OF_A_RUN: [Step; 9] = [
    Step::FindDue,
    Step::ReadItem,
    Step::Schedule,
    Step::Clear,
    Step::ReadGates,
    Step::Lease,
    Step::Gather,
    Step::Settle,
    Step::Read,
];

/// The longest that a reply may take.
const REPLY_WITHIN: Duration = Duration::from_secs(12);
/// After how many runs everything stands: a lease runs out meanwhile, and a create is in doubt for
/// a minute after it.
const RUNS: usize = 5;

async fn requests() {
    let mut rows = 0;
    for joins in [false, true] {
        for step in OF_A_REQUEST {
            for (fate, times) in FATES {
                request(joins, step, fate, times).await;
                rows += 1;
            }
        }
    }
    figure(&format!("{rows} rows"));
}

/// A scene with one text in the CRM, if the next one is to join it.
async fn opened(joins: bool) -> (Scene, usize) {
    let scene = Scene::of(&["the first", "the second"]);
    if joins {
        assert_eq!(scene.send(&[0]).await, 1, "{}", scene.story());
        scene.wait(5).await;
    }
    (scene, usize::from(joins))
}

async fn request(joins: bool, step: Step, fate: Fate, times: Times) {
    let (scene, text) = opened(joins).await;
    let script = Scripted::of(step, fate, times);
    scene.world.table.set_script(Some(script));
    let begun = scene.world.time.gone();
    let logged = scene.send(&[text]).await;
    let took = scene.world.time.gone() - begun;
    let struck = scene.world.table.set_script(None);
    let row = format!("{step:?} {fate:?} {times:?}, joins: {joins}");
    assert!(struck > 0, "{row} struck nothing\n{}", scene.story());
    assert!(took <= REPLY_WITHIN, "{row}: {took:?}\n{}", scene.story());
    let mut expected: Vec<_> = (0..text).collect();
    if logged > 0 {
        expected.push(text);
        assert_whole(&scene, &expected, &row);
    }
    scene.world.minutes(RUNS).await;
    if is_stored(&scene, text) && logged == 0 {
        expected.push(text);
    }
    assert_whole(&scene, &expected, &row);
    // Nothing that is due later breaks it, and a repeat finds it there.
    assert!(scene.world.settle().await, "{row}\n{}", scene.story());
    scene.send_until_logged(&[text]).await;
    expected.push(text);
    expected.dedup();
    assert_whole(&scene, &expected, &row);
}

async fn runs() {
    let mut rows = 0;
    for joins in [false, true] {
        for step in OF_A_RUN {
            for (fate, times) in FATES {
                rows += usize::from(run(joins, step, fate, times).await);
            }
        }
    }
    figure(&format!("{rows} rows"));
    // A run reads no range of heads.
    assert_eq!(rows, 2 * (OF_A_RUN.len() - 1) * FATES.len());
}

/// A request gets no further than its accept; the first run meets the fault. Says whether it
/// struck.
async fn run(joins: bool, step: Step, fate: Fate, times: Times) -> bool {
    let (scene, text) = opened(joins).await;
    scene.send_by(&[text], dies_after_accept()).await;
    scene.wait(40).await;
    scene
        .world
        .table
        .set_script(Some(Scripted::of(step, fate, times)));
    scene.world.minutes(1).await;
    let struck = scene.world.table.set_script(None);
    scene.world.minutes(RUNS).await;
    let expected: Vec<_> = (0..=text).collect();
    let row = format!("{step:?} {fate:?} {times:?}, joins: {joins}");
    assert_whole(&scene, &expected, &row);
    assert!(scene.world.settle().await, "{row}\n{}", scene.story());
    assert_whole(&scene, &expected, &row);
    struck > 0
}

fn dies_after_accept() -> Vec<Interrupt> {
    vec![Interrupt {
        call: 1,
        edge: Edge::After,
        act: Act::Die,
    }]
}

/// The index goes on for a while to show what it showed before: nothing is done for what is long
/// delivered, and what is not shown yet waits no longer than the index lags.
async fn lagging_index() {
    let scene = Scene::of(&["the first", "the second", "the third"]);
    let lags = Scripted::of(Step::FindDue, Fate::StaleIndex, Times::Always);
    scene.send_by(&[0], dies_after_accept()).await;
    scene.world.minutes(1).await;
    assert_whole(&scene, &[0], "before it lags");
    scene.world.table.set_script(Some(lags));
    for text in [1, 2] {
        scene.send_by(&[text], dies_after_accept()).await;
        scene.world.crm.take_calls();
        scene.world.minutes(1).await;
        let calls = scene.world.crm.take_calls().total();
        assert_eq!(calls, 0, "{}", scene.story());
        scene.world.minutes(1).await;
        let texts: Vec<_> = (0..=text).collect();
        assert_whole(&scene, &texts, "when it has caught up");
    }
    assert!(scene.world.table.set_script(None) > 0);
    assert!(scene.world.settle().await, "{}", scene.story());
    assert_whole(&scene, &[0, 1, 2], "at last");
}

/// That these texts and no others stand, in one activity.
fn assert_whole(scene: &Scene, texts: &[usize], row: &str) {
    let mut wrong = scene.wrong(texts);
    let made = scene.world.crm.activities().len();
    if made != usize::from(!texts.is_empty()) {
        wrong.push(format!("{made} activities were made"));
    }
    assert!(wrong.is_empty(), "{row}: {wrong:#?}\n{}", scene.story());
}
