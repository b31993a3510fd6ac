//! `GET /hostname`: the host of the user's CRM, as bare text.

use super::SignedIn;
use crate::reply::Reply;

pub(super) fn handle(signed_in: &SignedIn) -> Reply {
    Reply::text(signed_in.user.hostname.clone().unwrap_or_default())
}
