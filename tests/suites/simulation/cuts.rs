//! A CRM that cuts notes and says nothing, and a worker that dies meanwhile.

use std::time::Duration;

use libtest_mimic::Trial;

use crate::crash::is_stored;
use crate::crm::{CallFate, Kind, Shown, When};
use crate::scene::{Scene, simulated};
use crate::worker::{Act, Edge, Interrupt};
use crate::world::Made;

pub(crate) fn cases() -> Vec<Trial> {
    vec![
        simulated("cuts::a_worker_dies_before_any_call", || {
            worker_dies(Edge::Before)
        }),
        simulated("cuts::a_worker_dies_after_any_call", || {
            worker_dies(Edge::After)
        }),
        simulated("cuts::any_write_is_not_answered", write_is_lost),
    ]
}

/// Two texts stand, and one that no note can hold belongs between them.
async fn cutting() -> Scene {
    let kind = Kind {
        cuts_at: Some(2_400),
        ..Kind::PLAIN
    };
    let made = Made {
        kind,
        ..Made::calm()
    };
    let long = "a long story, word by word. ".repeat(150);
    let mut scene = Scene::made(&["the first", &long, "the third"], &made);
    scene.schedule.kind = kind;
    scene.send_until_logged(&[0]).await;
    scene.send_until_logged(&[2]).await;
    scene
}

fn assert_right(scene: &Scene, texts: &[usize], at: &str) {
    let wrong = scene.wrong(texts);
    assert!(
        wrong.is_empty(),
        "{at}: {}\n{}",
        wrong.join("\n"),
        scene.story()
    );
}

async fn worker_dies(edge: Edge) {
    for call in 0.. {
        let scene = cutting().await;
        let dies = Interrupt {
            call,
            edge,
            act: Act::Die,
        };
        let (_, worker) = scene.send_by(&[1], vec![dies]).await;
        let at = format!("{edge:?} {call} of {:?}", worker.calls());
        scene.world.minutes(10).await;
        let texts = match is_stored(&scene, 1) {
            true => &[0, 1, 2][..],
            false => &[0, 2],
        };
        assert_right(&scene, texts, &at);
        assert!(scene.world.settle().await, "{}", scene.story());
        assert_right(&scene, texts, &at);
        if !worker.is_dead() {
            assert!(call > 10, "{at}");
            return;
        }
    }
}

/// A write in turn is applied, late or not at all, and nobody hears of it.
async fn write_is_lost() {
    let late = When::Late(Duration::from_secs(30));
    for when in [When::Now, late, When::Never] {
        for before in 0..3 {
            let scene = cutting().await;
            let mut fates = vec![CallFate::Fine; before];
            fates.push(CallFate::Unknown(when, Shown::Cut));
            scene.world.crm.script(fates);
            scene.send(&[1]).await;
            scene.world.minutes(10).await;
            let at = format!("{when:?} after {before}");
            assert_right(&scene, &[0, 1, 2], &at);
            assert!(scene.world.settle().await, "{}", scene.story());
            assert_right(&scene, &[0, 1, 2], &at);
        }
    }
}
