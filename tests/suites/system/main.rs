//! The running system: the same cases through every door, the local server's life, what is
//! logged, and whether the lists of functions, names and routes are one.

mod bad_input;
mod digests;
mod drift;
mod local_server;
mod privacy;
mod store;

use daybook_tests::runner::run;
use daybook_tests::world::{Door, World};
use libtest_mimic::Trial;

/// The cases of a module, each through every door, in a world of its own.
macro_rules! through_every_door {
    ($($name:ident),+ $(,)?) => {
        pub(super) fn cases() -> Vec<libtest_mimic::Trial> {
            let mut trials = Vec::new();
            for (door, prefix) in daybook_tests::world::Door::ALL {
                $(trials.push(daybook_tests::runner::case(
                    format!("{prefix}::{}", stringify!($name)),
                    move || async move { $name(&crate::world(door).await).await },
                ));)+
            }
            trials
        }
    };
}
pub(crate) use through_every_door;

async fn world(door: Door) -> World {
    World::start(door).await
}

fn main() {
    let trials: Vec<Trial> = [
        digests::cases(),
        bad_input::cases(),
        bad_input::http_cases(),
        privacy::cases(),
        drift::cases(),
        local_server::cases(),
        store::cases(),
    ]
    .into_iter()
    .flatten()
    .collect();
    run(trials, 50);
}
