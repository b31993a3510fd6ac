//! What runs over Pipedrive: whatever is about the CRM, through one door where the doors are alike.
//!
//! | module | what runs | what does not, and why |
//! | --- | --- | --- |
//! | `faults` | every fault at every call of a log whose organisation and type are known, what is late, what is cut, every way of its sanitisers; `faults::cold` has those at the two calls that ask for these, at a first text | second tries that meet with a fault there |
//! | `people` | every edit at each moment, by direct calls, and in notes that are rewritten | the other doors: they end before the CRM |
//! | `bursts` | every shape at the local server and at four workers, in a CRM that takes 20 ms | twenty workers, and the quickest and the slowest CRM: they are about the table |
//! | `outage` | CRMs that are down, hang, answer late or are spent | tables that are slow |
//! | `texts` | every text in HTML | other formats: Pipedrive takes HTML |
//! | `limits` | a day that goes into several notes | notepads, which are no Pipedrive |
//! | `visibility` | all | |
//! | `calls` | every fault, and what people do, name, choose and send at once | `table`: it is about the table; other formats |

use daybook_tests::crm::{Kind, over};
use libtest_mimic::Trial;

use crate::{bursts, calls, faults, limits, outage, people, texts, visibility};

/// What stands in the name of a case that runs over Pipedrive, behind that of its module; and of
/// one that does not.
type Chosen = (&'static [&'static str], &'static [&'static str]);

const ALL: Chosen = (&[""], &[]);
const HTML: Chosen = (&["_html"], &[]);
const PEOPLE: Chosen = (&[""], &["local_http::", "http_event::"]);
const OUTAGES: Chosen = (&[""], &["table"]);
const BURSTS: Chosen = (&["_20_ms"], &["twenty_workers"]);
const LIMITS: Chosen = (&["through_the_server"], &[]);
const CALLS: Chosen = (&[""], &["::table::", "_plain_text", "_markdown"]);

/// The cases over Pipedrive.
pub(super) fn cases() -> Vec<Trial> {
    let modules = over(Kind::Pipedrive, || {
        [
            (faults::cases(), ALL),
            (people::cases(), PEOPLE),
            (outage::cases(), OUTAGES),
            (bursts::cases(), BURSTS),
            (texts::cases(), HTML),
            (limits::cases(), LIMITS),
            (visibility::cases(), ALL),
            (calls::cases(), CALLS),
        ]
    });
    let chosen = modules.into_iter().flat_map(|(cases, (with, without))| {
        cases.into_iter().filter(|case| {
            let has = |part: &&str| case.name().contains(*part);
            with.iter().any(has) && !without.iter().any(has)
        })
    });
    chosen.collect()
}
