//! What deliver-pending finishes is as good as what a request does.

use chrono::TimeDelta;
use libtest_mimic::Trial;

use crate::scene::{Scene, simulated};

pub(crate) fn cases() -> Vec<Trial> {
    vec![simulated(
        "late::a_digest_that_is_opened_later_takes_over_the_log_that_was_named",
        log_is_taken_over,
    )]
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
