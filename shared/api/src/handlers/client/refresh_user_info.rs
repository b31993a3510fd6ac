//! `POST /user/refreshInfo`: reads again what the CRM knows of the user: name, host and zone.

use daybook_store::StoreError;

use super::{ClientCall, SignedIn};
use crate::reply::Reply;
use crate::users::access::Asked;

pub(super) async fn handle(
    call: &ClientCall<'_>,
    signed_in: SignedIn,
) -> Result<Reply, StoreError> {
    let users = &call.app.users;
    let adapter = signed_in.adapter.as_ref();
    let crm = adapter.profile().display_name;
    let asked = users.ask(adapter, &signed_in.user, call.deadline).await?;
    Ok(match asked {
        Asked::Info(info) => {
            users
                .update_info(adapter.profile(), signed_in.user, &info, call.deadline)
                .await?;
            Reply::done("User information refreshed.")
        }
        Asked::Failed(error) => Reply::of_failure(&error, crm),
        Asked::Dead => Reply::session_revoked(crm),
    })
}
