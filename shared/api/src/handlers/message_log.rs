//! `createMessageLog`, `addMessageLog` and `updateMessageLog`.
//!
//! They are one: whether a digest exists is for the table to say, not for the caller. A caller who
//! brings no credentials has those of the user who signed in.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use daybook_adapters::CrmAdapter;
use daybook_core::limits::MAX_MESSAGES;
use daybook_core::params::MessageLogParams;
use daybook_core::time::Deadline;
use daybook_store::StoreError;
use daybook_store::items::Reason;

use super::on_behalf::{Errand, OnBehalf};
use crate::app::App;
use crate::digest::{Outcome, Seen};
use crate::engine::{Caller, Engine};
use crate::reply::Reply;

pub(super) async fn handle(
    app: &App,
    adapter: &dyn CrmAdapter,
    parameters: &[u8],
    deadline: Deadline,
) -> Result<Reply, StoreError> {
    let params = match MessageLogParams::parse(parameters) {
        Ok(params) => params,
        Err(error) => return Ok(Reply::from(&error)),
    };
    let on_behalf = OnBehalf {
        app,
        adapter,
        deadline,
        user: &params.user,
        auth: params.auth.as_ref(),
        zone: params.zone,
    };
    let delivery = Delivery::new(app.engine(adapter, deadline), &params);
    let crm = adapter.profile().display_name;
    Ok(match on_behalf.run(&delivery).await? {
        Ok(outcome) => {
            let now = app.clock.now().timestamp_millis();
            Reply::of_messages(&outcome, crm, now)
        }
        Err(error) => Reply::from(&error),
    })
}

/// Bringing messages into their digests.
pub(super) struct Delivery<'a> {
    engine: Engine<'a>,
    params: &'a MessageLogParams,
    /// What a look has found already, until it is used.
    seen: Mutex<Option<Seen>>,
    /// How many new messages are brought at once.
    most: usize,
}

impl<'a> Delivery<'a> {
    /// Bringing all that is new.
    fn new(engine: Engine<'a>, params: &'a MessageLogParams) -> Self {
        Self {
            engine,
            params,
            seen: Mutex::new(None),
            most: usize::MAX,
        }
    }

    /// Bringing the oldest of what is new, of which a look has found out.
    pub(super) fn of_seen(engine: Engine<'a>, params: &'a MessageLogParams, seen: Seen) -> Self {
        Self {
            engine,
            params,
            seen: Mutex::new(Some(seen)),
            most: MAX_MESSAGES,
        }
    }
}

#[async_trait]
impl Errand for Delivery<'_> {
    type Outcome = Outcome;

    async fn run(&self, caller: &Caller<'_>) -> Result<Outcome, StoreError> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = { seen }.take();
        let seen = match seen {
            Some(seen) => seen,
            None => {
                let (tenant, user) = (&caller.tenant, &caller.user.id);
                self.engine.look(self.params, tenant, user).await?
            }
        };
        let seen = seen.oldest(self.most);
        Box::pin(self.engine.deliver_seen(self.params, caller, seen)).await
    }

    fn is_unauthorized(outcome: &Outcome) -> bool {
        outcome.reason == Some(Reason::Unauthorized)
    }

    fn then(first: Outcome, second: Outcome) -> Outcome {
        first.then(second)
    }
}
