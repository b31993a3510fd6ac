//! What is said of the routes of the extension.

use daybook_core::params::client::{
    CallChangeBody, CallNoteBody, ConversationBody, DispositionBody, NewCallBody, NewContactBody,
};
use daybook_core::params::{ApiKeyLogin, SettingsUpdate};
use daybook_core::settings::Settings;
use serde_json::json;

use super::Types;
use super::operation::Operation;
use crate::interface::Interface;
use crate::reply::{
    CallLogs, HashedIds, ImplementedInterfaces, License, Manifest, PreloadedSettings, ReleaseNotes,
    ServerVersion, UpdatedSettings,
};

/// What is said of an interface's route of the extension; `None` for one without.
pub(super) fn operation(interface: Interface, types: &mut Types) -> Option<Operation> {
    Some(match interface {
        Interface::CreateMessageLog => Operation::new("Logs the known day of a conversation")
            .body::<ConversationBody>(types)
            .envelope(&["logIds"], types)
            .for_users(),
        Interface::CreateCallLog => Operation::new("Logs a call")
            .body::<NewCallBody>(types)
            .envelope(&["logId"], types)
            .for_users(),
        Interface::UpdateCallLog => Operation::new("Changes what the log of a call tells")
            .body::<CallChangeBody>(types)
            .envelope(&["logId", "updatedNote"], types)
            .for_users(),
        Interface::GetCallLog => call_logs(types),
        Interface::CacheCallNote => Operation::new("Keeps a note for a call that is not logged")
            .body::<CallNoteBody>(types)
            .envelope(&[], types)
            .for_users(),
        Interface::UpsertCallDisposition => Operation::new("Sets what an agent chose for a call")
            .body::<DispositionBody>(types)
            .envelope(&["logId"], types)
            .for_users(),
        Interface::FindContact => find_contact(types),
        Interface::FindContactWithName => Operation::new("Finds contacts by a name")
            .needed_query("name", "The name or a part of it")
            .envelope(&["contact"], types)
            .for_users(),
        Interface::CreateContact => Operation::new("Makes a contact")
            .body::<NewContactBody>(types)
            .envelope(&["contact"], types)
            .for_users(),
        Interface::GetAccountData => Operation::new("Tells lists that a company has in its CRM")
            .needed_query("keys", "The lists, with commas between them")
            .query("forceRefresh", "`true` to ask the CRM in any case")
            .envelope(&["data"], types)
            .for_users(),
        Interface::OauthCallback => oauth_callback(types),
        Interface::ApiKeyLogin => Operation::new("Signs a user in with an API key of the CRM")
            .body::<ApiKeyLogin>(types)
            .envelope(&["jwtToken", "name"], types)
            .refusing_strangers(),
        Interface::RedirectPage => redirect_page(),
        Interface::AppRemoved => app_removed(types),
        Interface::UnAuthorize => Operation::new("Signs a user out")
            .envelope(&[], types)
            .with_session(),
        Interface::AuthValidation => Operation::new("Asks the CRM whether the sign-in still holds")
            .envelope(&[], types)
            .with_session()
            .renewing(),
        Interface::LicenseStatus => Operation::new("Tells whether the user has a license")
            .reply::<License>("The license, also of nobody", types),
        Interface::Hostname => Operation::new("Tells the host of the user's CRM")
            .text("The host; empty where it is not known")
            .for_users(),
        Interface::UserInfoHash => user_info_hash(types),
        Interface::RefreshUserInfo => Operation::new("Reads again what the CRM knows of the user")
            .envelope(&[], types)
            .for_users(),
        Interface::GetUserSettings => Operation::new("Tells the settings that hold for the user")
            .reply::<Settings>("The settings, by id", types)
            .for_users(),
        Interface::UpdateUserSettings => Operation::new("Changes the user's settings")
            .body::<SettingsUpdate>(types)
            .reply::<UpdatedSettings>("All settings that hold now", types)
            .for_users(),
        Interface::PreloadSettings => Operation::new("Tells the settings of an administrator")
            .query("rcAccountId", "The RingCentral account, hashed or not")
            .reply::<PreloadedSettings>("The settings, where there are any", types)
            .refusing(),
        Interface::GetAdminSettings => {
            let words = "There are no administrators yet";
            Operation::new("Tells an administrator the settings of a company").failing(403, words)
        }
        Interface::CrmManifest => Operation::new("Tells the extension what there is")
            .query(
                "platformName",
                "The only CRM to tell of; all that are offered unless named",
            )
            .reply::<Manifest>("The manifest", types)
            .refusing(),
        Interface::ImplementedInterfaces => Operation::new("Lists the interfaces that a CRM has")
            .needed_query("platform", "The CRM")
            .reply::<ImplementedInterfaces>("Whether there is each, by its name", types)
            .refusing(),
        Interface::ReleaseNotes => Operation::new("Tells what is new in each version")
            .reply::<ReleaseNotes>("What is new", types),
        Interface::ServerVersionInfo => Operation::new("Tells which version this server is")
            .reply::<ServerVersion>("The version", types),
        Interface::IsAlive => Operation::new("Answers").text("`OK`"),
        Interface::OpenApi => Operation::new("Describes all of this for machines").json(
            200,
            "This document",
            json!({"type": "object"}),
        ),
        Interface::Docs => Operation::new("Describes all of this for people").html("The reference"),
        Interface::UpdateMessageLog | Interface::GetUserList => return None,
    })
}

fn call_logs(types: &mut Types) -> Operation {
    Operation::new("Tells which calls are logged")
        .needed_query("sessionIds", "The calls, with commas between them")
        .query("requireDetails", "`true` for what the logs say")
        .query("extensionNumber", "Whose part in the calls: the number")
        .query(
            "hashedExtensionId",
            "Whose part in the calls: RingCentral's id, hashed or not",
        )
        .reply::<CallLogs>("Each call that was asked for", types)
        .for_users()
}

fn find_contact(types: &mut Types) -> Operation {
    Operation::new("Finds contacts by a phone number")
        .needed_query(
            "phoneNumber",
            "The number; a space before it stands for a plus sign",
        )
        .query(
            "overridingFormat",
            "How the user writes numbers, with commas between formats",
        )
        .query("isExtension", "`true` for a number within the account")
        .query(
            "isForceRefreshAccountData",
            "`true` to ask the CRM in any case",
        )
        .envelope(&["contact"], types)
        .for_users()
}

fn oauth_callback(types: &mut Types) -> Operation {
    Operation::new("Signs a user in with a code of the CRM")
        .query(
            "callbackUri",
            "Where the CRM sent the browser, encoded or not",
        )
        .query("code", "The code, where `callbackUri` does not hold it")
        .query(
            "state",
            "`platform=` and the CRM, where `callbackUri` does not hold it",
        )
        .query("error", "Why there is no code")
        .query("hostname", "The host of the user's CRM")
        .query("rcAccountId", "The RingCentral account, hashed or not")
        .query("rcExtensionId", "The RingCentral extension, hashed or not")
        .envelope(&["jwtToken", "name"], types)
        .refusing()
}

fn redirect_page() -> Operation {
    Operation::new("Shows the page at which a sign-in begins and ends")
        .query("code", "The code that the CRM gave")
        .query("error", "Why it gave none")
        .html("The page")
        .moved("Without a code: to the page of the CRM")
        .common(404, "NotHere")
}

fn app_removed(types: &mut Types) -> Operation {
    Operation::new("Hears from the CRM that a user has removed the app")
        .object()
        .envelope(&[], types)
        .refusing()
        .common(404, "NotHere")
        .failing(401, "These are not our credentials")
        .for_the_crm()
}

fn user_info_hash(types: &mut Types) -> Operation {
    Operation::new("Hashes RingCentral's ids")
        .query("accountId", "The account")
        .query("extensionId", "The extension")
        .reply::<HashedIds>("Both, hashed", types)
        .refusing()
}
