//! `GET` and `POST /user/settings`, and `GET /user/preloadSettings`.

use daybook_core::error::RequestError;
use daybook_core::ids::HashedId;
use daybook_core::params::SettingsUpdate;
use daybook_core::settings::{self, Settings};
use daybook_store::StoreError;
use serde_json::{Value, json};

use super::{ClientCall, SignedIn};
use crate::reply::{PreloadedSettings, Reply, UpdatedSettings};
use crate::users::SettingsError;

/// The settings that hold for the user, as a bare object.
pub(super) async fn get(call: &ClientCall<'_>, signed_in: &SignedIn) -> Result<Reply, StoreError> {
    let admin = match admin_settings(call, Some(signed_in)).await? {
        Ok(admin) => admin,
        Err(error) => return Ok(Reply::from(&error)),
    };
    let effective = settings::effective(&signed_in.user.settings, &admin);
    Ok(Reply::json(Value::Object(effective)))
}

/// Changes what the request names, and answers what holds then.
pub(super) async fn update(
    call: &ClientCall<'_>,
    signed_in: SignedIn,
) -> Result<Reply, StoreError> {
    let update = match SettingsUpdate::parse(call.request.body) {
        Ok(update) => update,
        Err(error) => return Ok(Reply::from(&error)),
    };
    let admin = match admin_settings(call, Some(&signed_in)).await? {
        Ok(admin) => admin,
        Err(error) => return Ok(Reply::from(&error)),
    };
    let changed = (call.app.users)
        .update_settings(signed_in.user, &update, &admin, call.deadline)
        .await;
    match changed {
        Ok(user_settings) => Ok(Reply::json(json!(UpdatedSettings { user_settings }))),
        Err(SettingsError::Request(error)) => Ok(Reply::from(&error)),
        Err(SettingsError::Store(error)) => Err(error),
    }
}

/// The administrator's settings, before anybody has signed in; an empty object where there are
/// none.
pub(super) async fn preload(call: &ClientCall<'_>) -> Result<Reply, StoreError> {
    Ok(match admin_settings(call, None).await? {
        Ok(admin) => Reply::json(json!(PreloadedSettings {
            user_settings: Some(admin).filter(|admin| !admin.is_empty()),
        })),
        Err(error) => Reply::from(&error),
    })
}

/// The administrator's settings for the account that the user signed in with, else for the one
/// that the request names.
async fn admin_settings(
    call: &ClientCall<'_>,
    signed_in: Option<&SignedIn>,
) -> Result<Result<Settings, RequestError>, StoreError> {
    let account = match signed_in.and_then(|signed_in| signed_in.user.account.clone()) {
        Some(account) => Ok(Some(account)),
        None => named_account(call),
    };
    match account {
        Ok(account) => (call.app.users)
            .admin_settings(account.as_ref(), call.deadline)
            .await
            .map(Ok),
        Err(error) => Ok(Err(error)),
    }
}

fn named_account(call: &ClientCall<'_>) -> Result<Option<HashedId>, RequestError> {
    let request = call.request;
    let named = request.value("rcAccountId").unwrap_or_default();
    match call.account("rcAccountId", &named)? {
        Some(account) => Ok(Some(account)),
        None => call.account("rc-account-id", request.rc_account_id.unwrap_or_default()),
    }
}
