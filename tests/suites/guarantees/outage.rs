//! A CRM that is not there, or that never answers.
//!
//! `return_of_the_crm` lets texts pile up while connections are refused; `deadline` has every call
//! hang, `slow` has the CRM, the table and the token endpoint take their time; `budget` has a
//! company's calls of a day spent; in `one_fails` one digest alone does. An outage of an hour is in the simulation, where time is not the
//! machine's.

mod budget;
mod deadline;
mod one_fails;
mod return_of_the_crm;
mod slow;

use libtest_mimic::Trial;

pub(super) fn cases() -> Vec<Trial> {
    let mut trials = return_of_the_crm::cases();
    trials.extend(deadline::cases());
    trials.extend(slow::cases());
    trials.extend(budget::cases());
    trials.extend(one_fails::cases());
    trials
}
