//! What is promised, proved from outside: real binaries, a real table, and a CRM that misbehaves.
//!
//! Each module attacks the promises of docs/protocol.md from one side.

mod bursts;
#[path = "../system/expect.rs"]
mod expect;
mod faults;
mod later;
mod limits;
mod notepads;
mod outage;
mod people;
mod table;
mod texts;
mod visibility;

use libtest_mimic::{Arguments, Trial};

/// How many cases run at once: most of the time of most of them is spent waiting.
const AT_ONCE: usize = 8;

fn main() {
    // Each module beside the number of its cases, so that none gets lost.
    let modules: [(Vec<Trial>, usize); 8] = [
        (faults::cases(), 24 * (3 * 2 + 2) + 7 + 4),
        (people::cases(), 10 * (3 * 3 + 7 * 2 + 1) + 7 + 2),
        (outage::cases(), 14),
        (bursts::cases(), 88),
        (table::cases(), 12 + 2 + 10 + 2),
        (texts::cases(), 3 * (3 + 2) + 3 + 3 * (1 + 3 + 1)),
        (limits::cases(), 3 * 3),
        (visibility::cases(), 5),
    ];
    let mut trials = Vec::new();
    for (cases, count) in modules {
        let names: Vec<_> = cases.iter().map(Trial::name).collect();
        assert_eq!(cases.len(), count, "{names:#?}");
        trials.extend(cases);
    }
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(AT_ONCE);
    libtest_mimic::run(&arguments, trials).exit()
}
