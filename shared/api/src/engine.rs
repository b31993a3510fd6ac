//! One activity in the CRM, written by one worker at a time: what the logs of texts and those of
//! calls have in common.
//!
//! `Attempt::bring` waits for whoever holds a log's lease, or takes it (`lease`) and has the log
//! do its work; `attend` does so without a request. What the CRM refused or left open becomes a
//! release (`failure`, `ending`) with a date, and holds others back where it has to. What is
//! written, and how, is the business of the `Log`: [`digest`](crate::digest) and
//! [`call`](crate::call). Time, table, CRM and chance come in from outside, so that the same engine
//! runs in simulation. docs/protocol.md says what holds and why.

mod attempt;
mod attend;
mod caller;
mod ending;
mod failure;
mod lease;
mod log;

use std::fmt;

use daybook_adapters::CrmAdapter;
use daybook_adapters::http::Http;
use daybook_core::time::{Clock, Deadline};
use daybook_store::Table;

pub(crate) use attempt::{Attempt, Left};
pub(crate) use caller::is_unguarded;
pub use caller::{Caller, Credentials, Held, HeldCredentials, Holding};
pub(crate) use ending::{Open, Written, settled, traced};
pub(crate) use failure::{Stop, millis};
pub(crate) use log::Log;

use crate::app::Random;
use crate::config::Limits;

/// How many writes to the table go out at once.
pub(crate) const AT_ONCE: usize = 16;

/// How many writes one request tries for a log, from the first that the CRM refuses.
pub(crate) const MOST_NARROWINGS: u32 = 3;

/// How long after it may be tried again the scheduled function tries what the CRM refuses, in
/// milliseconds: somebody may have made the CRM accept it.
pub(crate) const REFUSED_AGAIN: i64 = 86_400_000;

/// What logs are written with, within one request.
#[derive(Clone, Copy)]
pub struct Engine<'a> {
    /// The CRM.
    pub adapter: &'a dyn CrmAdapter,
    /// The way to it.
    pub http: &'a Http,
    /// The table.
    pub table: &'a Table,
    /// The source of the present time.
    pub clock: &'a dyn Clock,
    /// The source of chance.
    pub random: &'a Random,
    /// How long things may take.
    pub limits: &'a Limits,
    /// When the request must have been answered.
    pub deadline: Deadline,
}

impl fmt::Debug for Engine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine<'_> {
    pub(crate) fn millis(&self) -> i64 {
        self.clock.now().timestamp_millis()
    }
}
