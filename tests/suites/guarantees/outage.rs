//! A CRM that is not there, or that never answers.
//!
//! `return_of_the_crm` lets texts pile up while connections are refused; `deadline` has every call
//! hang. An outage of an hour is in the simulation, where time is not the machine's.

mod deadline;
mod return_of_the_crm;

use libtest_mimic::Trial;

pub(super) fn cases() -> Vec<Trial> {
    let mut trials = return_of_the_crm::cases();
    trials.extend(deadline::cases());
    trials
}
