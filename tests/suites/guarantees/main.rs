//! What is promised, proved from outside: real binaries, a real table, and a CRM that misbehaves.
//!
//! Each module attacks the promises of docs/protocol.md from one side.

mod bursts;
mod calls;
mod cost;
mod faults;
mod later;
mod limits;
mod notepads;
mod outage;
mod people;
mod selection;
mod table;
mod texts;
mod visibility;

use daybook_fakes::Rewrite;
use daybook_tests::crm::{Kind, current};
use daybook_tests::expect;
use libtest_mimic::{Arguments, Trial};

/// Each way of rewriting notes alone, and all of them.
fn rewritings() -> Vec<(Vec<Rewrite>, &'static str)> {
    let each = match current() {
        Kind::Example => &Rewrite::ALL[..],
        Kind::Pipedrive => &Rewrite::SANITISERS,
    };
    let mut all: Vec<_> = (each.iter())
        .map(|(rewrite, name)| (vec![*rewrite], *name))
        .collect();
    let together = each.iter().map(|(rewrite, _)| *rewrite);
    all.push((together.collect(), "all_of_it"));
    all
}

/// How many cases run over Pipedrive too. It stands here, so that none gets lost.
const OVER_PIPEDRIVE: usize = 687 + 2 * 29 + 12 + 3;

/// How many cases run at once: most of the time of most of them is spent waiting.
const AT_ONCE: usize = 8;

fn main() {
    // Each module beside the number of its cases, so that none gets lost.
    let modules: [(Vec<Trial>, usize); 9] = [
        (faults::cases(), 29 * (3 * 2 + 2) + 7 + 18 + 7 * 2),
        (
            people::cases(),
            12 * (3 * 3 + 7 * 2 + 1) + 7 + 2 + 2 * 2 * 3,
        ),
        (outage::cases(), 15),
        (bursts::cases(), 96),
        (table::cases(), 12 + 2 + 10 + 2),
        (texts::cases(), 3 * (3 + 2) + 3 + 3 * (1 + 3 + 1)),
        (limits::cases(), 3 * 3 + 1),
        (visibility::cases(), 5),
        (
            calls::cases(),
            (28 + 6) * 2
                + (18 + 2 * 20)
                + 2 * 8
                + 6
                + (4 * 2 + 3)
                + 7 * 2
                + 12
                + 6
                + 9
                + (10 + 3)
                + 11,
        ),
    ];
    let mut trials = Vec::new();
    for (cases, count) in modules {
        let names: Vec<_> = cases.iter().map(Trial::name).collect();
        assert_eq!(cases.len(), count, "{names:#?}");
        trials.extend(cases);
    }
    let mut over_pipedrive = selection::cases();
    over_pipedrive.extend(faults::cold::cases());
    over_pipedrive.extend(cost::cases());
    assert_eq!(over_pipedrive.len(), OVER_PIPEDRIVE);
    trials.extend(over_pipedrive);
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(AT_ONCE);
    libtest_mimic::run(&arguments, trials).exit()
}
