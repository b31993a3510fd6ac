//! `createMessageLog`, `addMessageLog` and `updateMessageLog`.
//!
//! They are one: whether a digest exists is for the table to say, not for the caller. A caller who
//! brings no credentials has those of the user who signed in.

use async_trait::async_trait;
use daybook_adapters::CrmAdapter;
use daybook_core::params::MessageLogParams;
use daybook_core::time::Deadline;
use daybook_store::StoreError;
use daybook_store::items::Reason;

use super::on_behalf::{Errand, OnBehalf};
use crate::app::App;
use crate::digest::Outcome;
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
    let delivery = Delivery {
        engine: app.engine(adapter, deadline),
        params: &params,
    };
    let crm = adapter.profile().display_name;
    Ok(match on_behalf.run(&delivery).await? {
        Ok(outcome) => {
            let now = app.clock.now().timestamp_millis();
            Reply::of_messages(&outcome, crm, now)
        }
        Err(error) => Reply::from(&error),
    })
}

struct Delivery<'a> {
    engine: Engine<'a>,
    params: &'a MessageLogParams,
}

#[async_trait]
impl Errand for Delivery<'_> {
    type Outcome = Outcome;

    async fn run(&self, caller: &Caller<'_>) -> Result<Outcome, StoreError> {
        self.engine.deliver(self.params, caller).await
    }

    fn is_unauthorized(outcome: &Outcome) -> bool {
        outcome.reason == Some(Reason::Unauthorized)
    }

    fn then(first: Outcome, second: Outcome) -> Outcome {
        first.then(second)
    }
}
