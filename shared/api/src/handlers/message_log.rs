//! `createMessageLog`, `addMessageLog` and `updateMessageLog`.
//!
//! They are one: whether a digest exists is for the table to say, not for the caller.

use daybook_adapters::CrmAdapter;
use daybook_core::params::MessageLogParams;

use super::Call;
use crate::app::App;
use crate::digest::{Caller, Credentials};
use crate::reply::Reply;

pub(super) async fn handle(app: &App, adapter: &dyn CrmAdapter, call: &Call<'_>) -> Reply {
    let params = match MessageLogParams::parse(call.parameters) {
        Ok(params) => params,
        Err(error) => return Reply::from(&error),
    };
    let caller = Caller {
        tenant: adapter.tenant(&params.user),
        user: &params.user,
        zone: params.zone,
        credentials: Credentials::Brought(&params.auth),
    };
    let engine = app.engine(adapter, call.deadline);
    match engine.deliver(&params, &caller).await {
        Ok(outcome) => {
            let now = app.clock.now().timestamp_millis();
            Reply::of_messages(&outcome, adapter.profile().display_name, now)
        }
        Err(error) => {
            tracing::error!(
                request.id = call.request_id,
                interface = call.interface.name(),
                error.kind = "store",
                error.detail = %error,
                "the table failed"
            );
            Reply::fault(call.request_id)
        }
    }
}
