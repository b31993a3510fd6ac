//! `GET /userInfoHash`: RingCentral's ids of an account and an extension, hashed, so that the
//! extension can name them without telling them.

use serde_json::json;

use super::ClientCall;
use crate::reply::{HashedIds, Reply};

pub(super) fn handle(call: &ClientCall<'_>) -> Reply {
    let value = |name| call.request.value(name).unwrap_or_default();
    let (account, extension) = (value("accountId"), value("extensionId"));
    let account = call.account("accountId", &account);
    let extension = call.extension("extensionId", &extension);
    match (account, extension) {
        // An id that is left out has a hash too, as the extension expects two.
        (Ok(account), Ok(extension)) => Reply::json(json!(HashedIds {
            account_id: account.unwrap_or_else(|| call.app.hashes.account("")),
            extension_id: extension.unwrap_or_else(|| call.app.hashes.extension("")),
        })),
        (Err(error), _) | (_, Err(error)) => Reply::from(&error),
    }
}
