//! `createMessageLog`, `addMessageLog` and `updateMessageLog`.
//!
//! They are one: whether a digest exists is for the table to say, not for the caller.

use daybook_adapters::{CrmAdapter, Ctx};
use daybook_core::params::MessageLogParams;

use super::Call;
use crate::app::App;
use crate::digest::{DigestError, Engine};
use crate::reply::Reply;

pub(super) async fn handle(app: &App, adapter: &dyn CrmAdapter, call: &Call<'_>) -> Reply {
    let params = match MessageLogParams::parse(call.parameters) {
        Ok(params) => params,
        Err(error) => return Reply::from(&error),
    };
    let engine = Engine {
        adapter,
        ctx: Ctx {
            user: &params.user,
            auth: &params.auth,
            http: &app.http,
            clock: app.clock.as_ref(),
            deadline: call.deadline,
        },
        table: &app.table,
        random: &app.random,
    };
    match engine.deliver(&params).await {
        Ok(outcome) => Reply::from(outcome),
        Err(error) => {
            log(&error, call);
            Reply::not_logged(&error, adapter.profile().display_name, call.request_id)
        }
    }
}

/// One line for an error that the reply's own line does not explain.
fn log(error: &DigestError, call: &Call<'_>) {
    let (request, interface) = (call.request_id, call.interface.name());
    match error {
        DigestError::Crm(error) => tracing::warn!(
            request.id = request,
            interface,
            crm = call.platform,
            error.kind = error.kind(),
            error.detail = %error,
            "the CRM did not take the log"
        ),
        DigestError::Store(error) => tracing::error!(
            request.id = request,
            interface,
            error.kind = "store",
            error.detail = %error,
            "the table failed"
        ),
    }
}
