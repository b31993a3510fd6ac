//! What is said of the interface door.

use daybook_core::params::{
    AccountDataParams, CreateCallLogParams, CreateContactParams, FindContactParams,
    FindContactWithNameParams, GetCallLogParams, MessageLogParams, UpdateCallLogParams,
    UpsertCallDispositionParams, UserListParams,
};
use schemars::JsonSchema;

use super::Types;
use super::operation::Operation;
use crate::interface::Interface;

/// What is said of an interface; `None` for one that is not called directly.
pub(super) fn operation(interface: Interface, types: &mut Types) -> Option<Operation> {
    let (operation, fields): (Operation, &[&str]) = match interface {
        Interface::CreateMessageLog => (
            direct::<MessageLogParams>("Logs texts in the digest of their day, or opens it", types),
            &["logId"],
        ),
        Interface::UpdateMessageLog => (
            direct::<MessageLogParams>("Logs texts in the digest of their day", types),
            &["logId"],
        ),
        Interface::CreateCallLog => (
            direct::<CreateCallLogParams>("Logs a call", types),
            &["logId"],
        ),
        Interface::UpdateCallLog => (
            direct::<UpdateCallLogParams>("Changes what the log of a call tells", types),
            &["logId", "updatedNote"],
        ),
        Interface::GetCallLog => (
            direct::<GetCallLogParams>("Reads the log of a call", types),
            &["callLogInfo"],
        ),
        Interface::UpsertCallDisposition => (
            direct::<UpsertCallDispositionParams>("Sets what an agent chose for a call", types),
            &["logId"],
        ),
        Interface::FindContact => (
            direct::<FindContactParams>("Finds contacts by a phone number", types),
            &["matchedContactInfo"],
        ),
        Interface::FindContactWithName => (
            direct::<FindContactWithNameParams>("Finds contacts by a name", types),
            &["matchedContactInfo"],
        ),
        Interface::CreateContact => (
            direct::<CreateContactParams>("Makes a contact", types),
            &["contactInfo"],
        ),
        Interface::GetUserList => (
            direct::<UserListParams>("Lists the users of the CRM", types),
            &["userList"],
        ),
        Interface::GetAccountData => (
            direct::<AccountDataParams>("Tells lists that a company has in its CRM", types),
            &["data"],
        ),
        Interface::OauthCallback
        | Interface::ApiKeyLogin
        | Interface::RedirectPage
        | Interface::AppRemoved
        | Interface::UnAuthorize
        | Interface::AuthValidation
        | Interface::LicenseStatus
        | Interface::Hostname
        | Interface::UserInfoHash
        | Interface::RefreshUserInfo
        | Interface::GetUserSettings
        | Interface::UpdateUserSettings
        | Interface::PreloadSettings
        | Interface::CacheCallNote
        | Interface::GetAdminSettings
        | Interface::CrmManifest
        | Interface::ImplementedInterfaces
        | Interface::ReleaseNotes
        | Interface::ServerVersionInfo
        | Interface::IsAlive
        | Interface::OpenApi
        | Interface::Docs => return None,
    };
    Some(operation.envelope(fields, types))
}

fn direct<T: JsonSchema>(summary: &'static str, types: &mut Types) -> Operation {
    Operation::of_interface::<T>(summary, types)
}
