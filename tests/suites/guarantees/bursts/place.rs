//! To whom a burst is sent: the local server, which takes all requests at once, or processes of
//! the functions, each of which takes one at a time.

use daybook_tests::crm::Crm;
use daybook_tests::workers::Workers;
use daybook_tests::world::{Answered, Door, World};
use serde_json::Value;

/// Who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The local server, over HTTP.
    Local,
    /// Four processes of the functions on one table.
    FourWorkers,
    /// A process for each of twenty requests, as Lambda starts them.
    TwentyWorkers,
}

impl Place {
    pub(super) const ALL: [Self; 3] = [Self::Local, Self::FourWorkers, Self::TwentyWorkers];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Local => "local_server",
            Self::FourWorkers => "four_workers",
            Self::TwentyWorkers => "twenty_workers",
        }
    }

    /// The most calls of the CRM that so many requests for one digest may take.
    ///
    /// The local server and twenty workers have all requests at once. Of four workers, at most
    /// three requests wait while one is written: that takes three quarters, at the most, of the
    /// two calls that each would take alone.
    pub(super) fn most_calls(self, requests: usize) -> usize {
        match self {
            Self::Local | Self::TwentyWorkers => 8,
            Self::FourWorkers => requests * 3 / 2,
        }
    }

    pub(super) async fn start(self) -> Running {
        match self {
            Self::Local => Running::Local(Box::new(World::start(Door::LocalHttp).await)),
            Self::FourWorkers => Running::Workers(Box::new(Workers::start(4).await)),
            Self::TwentyWorkers => Running::Workers(Box::new(Workers::start(20).await)),
        }
    }
}

/// A running system.
#[derive(Debug)]
pub(super) enum Running {
    Local(Box<World>),
    Workers(Box<Workers>),
}

impl Running {
    pub(super) fn crm(&self) -> &Crm {
        match self {
            Self::Local(world) => &world.crm,
            Self::Workers(workers) => &workers.crm,
        }
    }

    /// Sends the request of a number: by turns to both interfaces, or to all workers.
    pub(super) async fn call(&self, number: usize, params: &Value) -> Answered {
        match self {
            Self::Local(world) if number.is_multiple_of(2) => {
                world.call("createMessageLog", params).await
            }
            Self::Local(world) => world.call("updateMessageLog", params).await,
            Self::Workers(workers) => workers.call(number % workers.count(), params).await,
        }
    }
}
