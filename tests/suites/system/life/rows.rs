//! What the extension reads is there, route by route, also where something goes wrong: the CRM
//! refuses, is away or busy, the session is none, or the CRM has ended the grant.

mod failing;
mod records;
mod signing_in;

use daybook_example_crm::DEMO_KEY;
use daybook_tests::crm::Kind;
use daybook_tests::sign_in::with_key;
use daybook_tests::world::World;
use libtest_mimic::Trial;

use super::extension::Extension;

/// The cases of a module through the doors that the extension comes through.
macro_rules! rows {
    ($($name:ident),+ $(,)?) => {
        pub(super) fn cases() -> Vec<libtest_mimic::Trial> {
            let mut trials = Vec::new();
            for (door, prefix) in crate::life::DOORS {
                $(trials.push(daybook_tests::runner::case(
                    format!("{prefix}::client::rows::{}", stringify!($name)),
                    move || async move { $name(&crate::world(door, &[]).await).await },
                ));)+
            }
            trials
        }
    };
}
use rows;

pub(crate) fn cases() -> Vec<Trial> {
    let mut trials = signing_in::cases();
    trials.extend(daybook_tests::crm::over(
        Kind::Pipedrive,
        signing_in::of_pipedrive,
    ));
    trials.extend(records::cases());
    trials.extend(failing::cases());
    trials
}

/// An extension whose user has signed in with a key.
async fn signed_in(world: &World) -> Extension<'_> {
    let sign_in = async |world| with_key(world, DEMO_KEY).await;
    Extension::start(world, sign_in).await
}
