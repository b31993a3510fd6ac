//! A worker dies at each step of the protocol; the same request again, or the scheduled function
//! alone, brings everything into one activity.

use std::time::Duration;

use chrono::TimeDelta;
use libtest_mimic::Trial;

use crate::crm::{CallFate, Shown, When};
use crate::scene::{Scene, simulated};
use crate::worker::{Act, Edge, Interrupt};

/// The steps of the first text of a digest, and the calls that they are made of.
const FIRST: [(&str, &str); 8] = [
    ("read", "Query"),
    ("accept", "PutItem"),
    ("gates", "BatchGetItem"),
    ("lease", "PutItem"),
    ("gather", "Query"),
    ("create", "crm.create"),
    ("settle", "PutItem"),
    ("clear", "UpdateItem"),
];

/// The steps of a text that joins a digest.
const JOINING: [(&str, &str); 9] = [
    ("read", "Query"),
    ("accept", "PutItem"),
    ("gates", "BatchGetItem"),
    ("lease", "PutItem"),
    ("gather", "Query"),
    ("get", "crm.get"),
    ("update", "crm.update"),
    ("settle", "PutItem"),
    ("clear", "UpdateItem"),
];

/// How the worker dies.
#[derive(Debug, Clone, Copy)]
struct Death {
    call: usize,
    edge: Edge,
    /// What becomes of the write that it dies at.
    fate: Option<CallFate>,
    joining: bool,
}

/// Who goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Repeat,
    DeliverPending,
}

pub(crate) fn cases() -> Vec<Trial> {
    let mut cases = vec![
        simulated("crash::the_steps_of_a_first_text_are_these", || {
            steps_are(false)
        }),
        simulated("crash::the_steps_of_a_joining_text_are_these", || {
            steps_are(true)
        }),
        simulated(
            "crash::deliver_pending_at_any_step_of_a_first_text_then_deliver_pending",
            || pending_dies(false),
        ),
        simulated(
            "crash::deliver_pending_at_any_step_of_a_joining_text_then_deliver_pending",
            || pending_dies(true),
        ),
    ];
    for (joining, what, steps) in [
        (false, "first", &FIRST[..]),
        (true, "joining", &JOINING[..]),
    ] {
        for (call, (step, name)) in steps.iter().enumerate() {
            let death = |edge, fate| Death {
                call,
                edge,
                fate,
                joining,
            };
            let mut deaths = vec![(format!("after_{step}"), death(Edge::After, None))];
            if matches!(*name, "crm.create" | "crm.update") {
                let late = |when| Some(CallFate::Unknown(when, Shown::Silence));
                let soon = Duration::from_secs(30);
                deaths.extend([
                    (format!("before_{step}_is_sent"), death(Edge::Before, None)),
                    (
                        format!("after_{step}_that_is_late"),
                        death(Edge::After, late(When::Late(soon))),
                    ),
                    (
                        format!("after_{step}_that_is_lost"),
                        death(Edge::After, late(When::Never)),
                    ),
                ]);
            }
            for (name, death) in deaths {
                for (next, goes_on) in [
                    (Next::Repeat, "repeat"),
                    (Next::DeliverPending, "deliver_pending"),
                ] {
                    let name = format!("crash::{what}_text_{name}_then_{goes_on}");
                    cases.push(simulated(name, move || crash(death, next)));
                }
            }
        }
    }
    cases
}

async fn opened(joining: bool) -> Scene {
    let scene = Scene::of(&["the first", "the second"]);
    if joining {
        assert_eq!(scene.send(&[0]).await, 1, "{}", scene.story());
        scene.wait(5).await;
    }
    scene
}

async fn steps_are(joining: bool) {
    let scene = opened(joining).await;
    let steps = if joining { &JOINING[..] } else { &FIRST[..] };
    let (_, worker) = scene.send_by(&[usize::from(joining)], Vec::new()).await;
    let expected: Vec<_> = steps.iter().map(|(_, call)| *call).collect();
    assert_eq!(worker.calls(), expected, "{}", scene.story());
}

async fn crash(death: Death, next: Next) {
    let scene = opened(death.joining).await;
    scene.world.crm.script(death.fate);
    let text = usize::from(death.joining);
    let interrupt = Interrupt {
        call: death.call,
        edge: death.edge,
        act: Act::Die,
    };
    let (_, worker) = scene.send_by(&[text], vec![interrupt]).await;
    assert!(worker.is_dead(), "{}", scene.story());
    let mut expected = vec![0];
    match next {
        Next::Repeat => {
            scene.wait(1).await;
            scene.send_until_logged(&[text]).await;
            expected.push(text);
        }
        Next::DeliverPending => {
            // A worker that died before it put the message has promised nothing.
            if is_stored(&scene, text) {
                expected.push(text);
            }
            scene.world.minutes(5).await;
        }
    }
    expected.dedup();
    if !death.joining && expected == [0] && !is_stored(&scene, 0) {
        assert_eq!(scene.world.crm.activities().len(), 0, "{}", scene.story());
        return;
    }
    scene.assert_one_activity(&expected);
    // Nothing that is due later breaks it.
    assert!(scene.world.settle().await, "{}", scene.story());
    scene.assert_one_activity(&expected);
}

/// The scheduled function dies at each of its calls in turn; its next runs deliver all the same.
async fn pending_dies(joining: bool) {
    let dies = |call| {
        vec![Interrupt {
            call,
            edge: Edge::After,
            act: Act::Die,
        }]
    };
    let text = usize::from(joining);
    let expected = if joining { &[0, 1][..] } else { &[0] };
    for call in 0.. {
        let scene = opened(joining).await;
        // The worker of the request accepts, and gets no further.
        scene.send_by(&[text], dies(1)).await;
        scene.wait(40).await;
        let worker = scene.world.worker(dies(call), TimeDelta::zero());
        scene.world.tick(&worker, TimeDelta::zero()).await;
        scene.world.minutes(5).await;
        scene.assert_one_activity(expected);
        assert!(scene.world.settle().await, "{}", scene.story());
        scene.assert_one_activity(expected);
        if !worker.is_dead() {
            assert!(call > 8, "it did nothing\n{}", scene.story());
            return;
        }
    }
}

/// Whether a message is in the table.
pub(crate) fn is_stored(scene: &Scene, text: usize) -> bool {
    let ids = scene.schedule.ids(&[text]);
    scene.world.table.items().iter().any(|item| {
        let sk = item["sk"]["S"].as_str().unwrap_or_default();
        ids.iter().any(|id| sk == format!("M#{id}"))
    })
}
