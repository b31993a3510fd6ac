//! Each protection switched off in a scene that needs it. With it the scene ends well, without it
//! the judge must see what is wrong: a case that cannot fail proves nothing.

use std::future::Future;
use std::time::Duration;

use libtest_mimic::Trial;

use crate::crm::{CallFate, Shown, When};
use crate::scene::{Scene, simulated};
use crate::table::Sabotage;
use crate::worker::{Act, Edge, Interrupt, Worker};

pub(crate) fn cases() -> Vec<Trial> {
    vec![
        noticed("lease", Some(Sabotage::Lease), two_at_once),
        noticed(
            "trace",
            Some(Sabotage::Trace),
            a_worker_dies_after_its_create,
        ),
        noticed("quarantine", Some(Sabotage::Quarantine), a_create_is_late),
        noticed("recheck", Some(Sabotage::Recheck), an_update_is_late),
        noticed("fold", Some(Sabotage::Fold), a_create_is_later_than_thought),
        noticed("escaping", None, a_text_is_markup),
    ]
}

/// The case that `scene` ends well, and that it does not without the protection.
fn noticed<F>(
    name: &str,
    sabotage: Option<Sabotage>,
    scene: impl Fn(Scene) -> F + Send + 'static,
) -> Trial
where
    F: Future<Output = (Scene, Vec<String>)>,
{
    simulated(format!("saboteur::{name}_is_noticed"), move || async move {
        let (told, wrong) = scene(Scene::of(&TEXTS)).await;
        assert!(
            wrong.is_empty(),
            "with it: {}\n{}",
            wrong.join("\n"),
            told.story()
        );
        let off = Scene::of(&TEXTS);
        match sabotage {
            Some(_) => off.world.table.set_sabotage(sabotage),
            None => off.world.crm.unescape(),
        }
        let (told, wrong) = scene(off).await;
        assert!(
            !wrong.is_empty(),
            "nobody notices that it is off\n{}",
            told.story()
        );
    })
}

const TEXTS: [&str; 3] = ["<img src=x onerror=alert(1)>", "the second", "the third"];

/// Two requests for a new conversation, at the same instant.
async fn two_at_once(scene: Scene) -> (Scene, Vec<String>) {
    let (first, second) = (&[0][..], &[1][..]);
    futures_util::join!(scene.send(first), scene.send(second));
    scene.wait(20).await;
    let wrong = scene.wrong(&[0, 1]);
    (scene, wrong)
}

/// The CRM has made the activity when the worker dies; then the request is sent again.
async fn a_worker_dies_after_its_create(scene: Scene) -> (Scene, Vec<String>) {
    let dies = Interrupt {
        call: 5,
        edge: Edge::After,
        act: Act::Die,
    };
    let (_, worker) = scene.send_by(&[0], vec![dies]).await;
    assert_eq!(
        worker.calls().last(),
        Some(&"crm.create"),
        "{}",
        scene.story()
    );
    scene.wait(20).await;
    scene.send_until_logged(&[0]).await;
    scene.world.minutes(20).await;
    let wrong = scene.wrong(&[0]);
    (scene, wrong)
}

/// A create is applied half a minute after its connection broke. Only one may ever be sent.
async fn a_create_is_late(scene: Scene) -> (Scene, Vec<String>) {
    let late = When::Late(Duration::from_secs(30));
    scene
        .world
        .crm
        .script([CallFate::Unknown(late, Shown::Cut)]);
    scene.send(&[0]).await;
    scene.wait(8).await;
    scene.send(&[0]).await;
    scene.wait(60).await;
    scene.send_until_logged(&[0]).await;
    let mut wrong = scene.wrong(&[0]);
    let made = scene.world.crm.activities().len();
    if made > 1 {
        wrong.push(format!("{made} activities were made"));
    }
    (scene, wrong)
}

/// An update is applied after a newer one, within the time that the adapter names.
async fn an_update_is_late(scene: Scene) -> (Scene, Vec<String>) {
    scene.send_until_logged(&[0]).await;
    let late = When::Late(Duration::from_secs(40));
    scene
        .world
        .crm
        .script([CallFate::Unknown(late, Shown::Cut)]);
    scene.send(&[1]).await;
    scene.wait(2).await;
    scene.send_until_logged(&[2]).await;
    scene.world.minutes(5).await;
    let wrong = scene.wrong(&[0, 1, 2]);
    (scene, wrong)
}

/// A create is applied when the quarantine is long over, and another was made.
async fn a_create_is_later_than_thought(scene: Scene) -> (Scene, Vec<String>) {
    let late = When::Late(Duration::from_secs(150));
    scene
        .world
        .crm
        .script([CallFate::Unknown(late, Shown::Cut)]);
    let patient = Duration::from_secs(600);
    let worker = Worker::new(900, Vec::new(), &scene.world.trace, false, patient);
    scene.send_with(&[0], &worker).await;
    scene.world.minutes(20).await;
    assert_eq!(scene.world.crm.activities().len(), 2, "{}", scene.story());
    let wrong = scene.wrong(&[0]);
    (scene, wrong)
}

/// Somebody sends markup.
async fn a_text_is_markup(scene: Scene) -> (Scene, Vec<String>) {
    scene.send_until_logged(&[0, 1]).await;
    let wrong = scene.wrong(&[0, 1]);
    (scene, wrong)
}
