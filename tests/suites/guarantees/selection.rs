//! What runs over Pipedrive.

use libtest_mimic::Trial;

use crate::{bursts, calls, faults, limits, outage, people, texts, visibility};

/// The cases over Pipedrive.
pub(super) fn over_pipedrive() -> Vec<Trial> {
    let modules = [
        faults::cases(),
        people::cases(),
        outage::cases(),
        bursts::cases(),
        texts::cases(),
        limits::cases(),
        visibility::cases(),
        calls::cases(),
    ];
    modules.into_iter().flatten().collect()
}
