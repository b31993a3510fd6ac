//! `GET /authValidation`: whether the CRM still accepts the user's credentials.

use daybook_store::StoreError;

use super::{ClientCall, SignedIn};
use crate::reply::Reply;
use crate::users::access::Asked;

pub(super) async fn handle(
    call: &ClientCall<'_>,
    signed_in: &SignedIn,
) -> Result<Reply, StoreError> {
    let adapter = signed_in.adapter.as_ref();
    let crm = adapter.profile().display_name;
    let asked = (call.app.users)
        .ask(adapter, &signed_in.user, call.deadline)
        .await?;
    Ok(match asked {
        Asked::Info(_) => Reply::done(format!("Your {crm} account is connected.")),
        Asked::Failed(error) => Reply::of_failure(&error, crm),
        // The answer to the question, not a failure of it: App Connect has it with 200.
        Asked::Dead => Reply {
            status: 200,
            ..Reply::session_revoked(crm)
        },
    })
}
