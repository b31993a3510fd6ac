//! Calls: one activity each, in which all that is told of it stands once and as it was told last,
//! whatever fails, races, dies or comes late.
//!
//! `faults` has every fault of a CRM at every kind of call, `table` every write of the table that
//! fails and every step at which a worker dies; `races` and `order` have requests at the same
//! moment and in any order; `people` what a person does to the note, `unread` notes that cannot be
//! read, `late` what is delivered later, `refused` what the CRM does not take, `fold` second
//! activities, `texts` what people type, `taken_over` the notes of App Connect's server, and
//! `apart` what waits together without being mixed up.

mod apart;
mod faults;
mod fold;
mod late;
mod order;
mod people;
mod races;
mod refused;
mod stage;
mod table;
mod taken_over;
mod texts;
mod told;
mod unread;

use libtest_mimic::Trial;

pub(super) fn cases() -> Vec<Trial> {
    let mut trials = faults::cases();
    trials.extend(table::cases());
    trials.extend(races::cases());
    trials.extend(order::cases());
    trials.extend(people::cases());
    trials.extend(unread::cases());
    trials.extend(late::cases());
    trials.extend(refused::cases());
    trials.extend(fold::cases());
    trials.extend(texts::cases());
    trials.extend(taken_over::cases());
    trials.extend(apart::cases());
    trials
}
