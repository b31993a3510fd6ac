//! `POST /unAuthorize`: signs the user out, here at once and in the CRM if it answers.

use daybook_store::StoreError;

use super::{ClientCall, SignedIn};
use crate::reply::Reply;

pub(super) async fn handle(
    call: &ClientCall<'_>,
    signed_in: SignedIn,
) -> Result<Reply, StoreError> {
    let adapter = signed_in.adapter.as_ref();
    let revoked = (call.app.users)
        .sign_out(adapter, signed_in.user, call.deadline)
        .await?;
    Ok(Reply::signed_out(adapter.profile().display_name, revoked))
}
