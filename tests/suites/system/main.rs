//! The running system: the same cases through every door, the local server's life, what is
//! logged, and whether the lists of functions, names and routes are one.

mod amounts;
mod bad_input;
mod calls;
mod client;
mod contacts;
mod digests;
mod drift;
mod failures;
mod life;
mod local_server;
mod people;
mod pipedrive;
mod privacy;
mod readme;
mod refusals;
mod rolling;
mod silence;
mod store;
mod users;
mod workers;

use daybook_tests::expect;
use daybook_tests::world::{Door, World};
use libtest_mimic::{Arguments, Trial};

/// The cases of a module, each through every door, in a world of its own. `with` sets variables
/// of that world, and `in` says what stands before their names.
macro_rules! through_every_door {
    ($($name:ident),+ $(,)?) => {
        crate::through_every_door! { in ""; with []; $($name),+ }
    };
    (with $variables:expr; $($name:ident),+ $(,)?) => {
        crate::through_every_door! { in ""; with $variables; $($name),+ }
    };
    (in $group:literal; with $variables:expr; $($name:ident),+ $(,)?) => {
        pub(crate) fn cases() -> Vec<libtest_mimic::Trial> {
            let mut trials = Vec::new();
            for (door, prefix) in daybook_tests::world::Door::ALL {
                $(trials.push(daybook_tests::runner::case(
                    format!("{prefix}::{}{}", $group, stringify!($name)),
                    move || async move {
                        $name(&crate::world(door, &$variables).await).await
                    },
                ));)+
            }
            trials
        }
    };
}
pub(crate) use through_every_door;

async fn world(door: Door, variables: &[(&str, &str)]) -> World {
    World::start_with(door, variables).await
}

/// How many cases run at once: most of the time of most of them is spent waiting.
const AT_ONCE: usize = 6;

fn main() {
    // Each module beside the number of its cases, so that none gets lost.
    let modules: Vec<(Vec<Trial>, usize)> = vec![
        (digests::cases(), 3 * 11),
        (people::cases(), 3 * 5),
        (failures::cases(), 3 * 5),
        (refusals::cases(), 3 * 10),
        (amounts::cases(), 3 * 6),
        (rolling::cases(), 3 * 3),
        (workers::cases(), 5),
        (silence::cases(), 3 + 3),
        (bad_input::cases(), 3 * 4),
        (bad_input::http_cases(), 2),
        (privacy::cases(), 3),
        (drift::cases(), 2),
        (readme::cases(), 3),
        (store::cases(), 71 + 4),
        (users::lives::cases(), 2 * 13),
        (users::strangers::cases(), 2 * 4),
        (users::late::cases(), 7),
        (users::abuse::cases(), 2 * 11),
        (users::sealed::cases(), 2),
        (calls::creating::cases(), 3 * 9),
        (calls::fields::cases(), 3 * 5),
        (calls::each_field::cases(), 3),
        (calls::changing::cases(), 3 * 9),
        (calls::existing::cases(), 3 * 6),
        (calls::parts::cases(), 3 * 6),
        (calls::refusals::cases(), 3 * 6),
        (calls::refusals::cases_of_old_logs(), 2 * 2),
        (calls::failures::cases(), 3 * 11),
        (calls::reading::cases(), 3 * 5),
        (calls::signed_in::cases(), 2 * 4),
        (calls::signed_in::late_cases(), 5),
        (calls::bad_input::cases(), 3 * 7),
        (calls::privacy::cases(), 3),
        (calls::operating::cases(), 2),
        (pipedrive::sign_in::cases(), 2 * 8),
        (pipedrive::tokens::cases(), 2 * 7),
        (pipedrive::hosts::cases(), 2 * 6),
        (pipedrive::links::cases(), 2 * 3),
        (pipedrive::paces::cases(), 2 * 5),
        (pipedrive::removal::cases(), 2 * 4),
        (pipedrive::using::cases(), 2 * 10),
        (contacts::finding::cases(), 6 * 11),
        (contacts::making::cases(), 6 * 3),
        (contacts::bad_input::cases(), 6 * 2),
        (contacts::privacy::cases(), 6),
        (contacts::signed_in::cases(), 4 * 2),
        (client::contacts::finding::cases(), 6 * 10),
        (client::contacts::making::cases(), 6 * 6),
        (client::contacts::remembering::cases(), 6 * 9),
        (client::contacts::remembering::counted(), 1),
        (client::contacts::lists::cases(), 6 * 2),
        (life::cases(), 2 * 3),
        (life::rows::cases(), 2 * 31),
        (client::messages::colleagues::cases(), 4 * 3),
        (client::messages::days::cases(), 6 * 12),
        (client::messages::groups::cases(), 6 * 4),
        (client::messages::media::cases(), 6 * 4),
        (client::messages::threads::cases(), 6 * 4),
        (client::messages::threads::rolling_cases(), 1),
        (client::messages::kept::cases(), 6 * 2),
        (client::messages::kept::grants::cases(), 2 * 2),
        (client::messages::trips::cases(), 3),
        (client::calls::creating::cases(), 6 * 9),
        (client::calls::changing::cases(), 6 * 8),
        (client::calls::asking::cases(), 6 * 7),
        (client::calls::asking::counted(), 1),
        (client::calls::notes::cases(), 6 * 7),
        (client::calls::late::cases(), 6 * 2),
        (client::calls::late::late(), 5),
        (client::about::cases(), 2 * 7),
        (client::about::cases_of_cost(), 2),
        (client::described::cases(), 2 * 3),
        (client::faults::cases(), 2),
    ];
    let mut trials = local_server::cases();
    let mut expected = trials.len();
    for (cases, count) in modules {
        let names: Vec<_> = cases.iter().map(Trial::name).collect();
        assert_eq!(cases.len(), count, "{names:#?}");
        trials.extend(cases);
        expected += count;
    }
    assert_eq!(
        trials.len(),
        expected,
        "another number of cases is expected"
    );
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(AT_ONCE);
    libtest_mimic::run(&arguments, trials).exit()
}
