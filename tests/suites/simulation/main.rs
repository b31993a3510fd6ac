//! The engine itself in simulated time, with a simulated table and CRM.
//!
//! `simulation` runs seeded random schedules of requests, crashes, stalls, lost answers, late
//! writes, clocks that differ, outages and edits by people, and has a model judge what must hold.
//! `crash` kills a worker at each step; `saboteur` switches each protection off and must be
//! noticed; `cost` counts; `sign_in` has users sign out and in;
//! `late` tells what deliver-pending finishes; `cuts` has a CRM that cuts notes.

mod account;
mod clock;
mod cost;
mod crash;
mod crm;
mod cuts;
mod gates;
mod late;
mod model;
mod outage;
mod parse;
mod parts;
mod run;
mod saboteur;
mod scene;
mod schedule;
mod seeds;
mod sign_in;
mod steps;
mod table;
mod text;
mod trace;
mod worker;
mod world;

/// How many cases there are beside the seeded schedules.
const TOLD: usize = 110;

fn main() {
    let mut cases = seeds::cases();
    let expected = cases.len() + TOLD;
    cases.extend(crash::cases());
    cases.extend(saboteur::cases());
    cases.extend(cost::cases());
    cases.extend(outage::cases());
    cases.extend(steps::cases());
    cases.extend(sign_in::cases());
    cases.extend(late::cases());
    cases.extend(parts::cases());
    cases.extend(cuts::cases());
    cases.extend(gates::cases());
    daybook_tests::runner::run(cases, expected);
}
