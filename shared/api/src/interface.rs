//! The interfaces: their names, the functions that serve them, and their routes. Nothing else
//! spells a name.

use http::Method;

/// One of App Connect's functions, as a connector server has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Interface {
    /// Logs messages that may open a digest.
    CreateMessageLog,
    /// Logs messages that may join a digest.
    UpdateMessageLog,
    /// Logs a call.
    CreateCallLog,
    /// Changes what the log of a call tells.
    UpdateCallLog,
    /// Reads the log of a call.
    GetCallLog,
    /// Sets what an agent chose for a call.
    UpsertCallDisposition,
    /// Finds contacts by a phone number.
    FindContact,
    /// Finds contacts by a name.
    FindContactWithName,
    /// Makes a contact.
    CreateContact,
    /// Lists the users of the CRM.
    GetUserList,
    /// Tells lists that a company has in its CRM.
    GetAccountData,
    /// Signs a user in with a code of the CRM.
    OauthCallback,
    /// Signs a user in with an API key of the CRM.
    ApiKeyLogin,
    /// Shows the page at which a sign-in begins and ends.
    RedirectPage,
    /// Hears from the CRM that a user has removed the app.
    AppRemoved,
    /// Signs a user out.
    UnAuthorize,
    /// Asks the CRM whether it still accepts the user's credentials.
    AuthValidation,
    /// Tells whether the user has a license.
    LicenseStatus,
    /// Tells the host of the user's CRM.
    Hostname,
    /// Hashes RingCentral's ids.
    UserInfoHash,
    /// Reads again what the CRM knows of the user.
    RefreshUserInfo,
    /// Tells the settings that hold for the user.
    GetUserSettings,
    /// Changes the user's settings.
    UpdateUserSettings,
    /// Tells the settings that an administrator made, before anybody has signed in.
    PreloadSettings,
}

/// The functions that nobody calls: a schedule runs them.
pub const SCHEDULED: [&str; 1] = ["deliver-pending"];

impl Interface {
    /// All of them.
    pub const ALL: [Self; 24] = [
        Self::CreateMessageLog,
        Self::UpdateMessageLog,
        Self::CreateCallLog,
        Self::UpdateCallLog,
        Self::GetCallLog,
        Self::UpsertCallDisposition,
        Self::FindContact,
        Self::FindContactWithName,
        Self::CreateContact,
        Self::GetUserList,
        Self::GetAccountData,
        Self::OauthCallback,
        Self::ApiKeyLogin,
        Self::RedirectPage,
        Self::AppRemoved,
        Self::UnAuthorize,
        Self::AuthValidation,
        Self::LicenseStatus,
        Self::Hostname,
        Self::UserInfoHash,
        Self::RefreshUserInfo,
        Self::GetUserSettings,
        Self::UpdateUserSettings,
        Self::PreloadSettings,
    ];

    /// App Connect's name of it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CreateMessageLog => "createMessageLog",
            Self::UpdateMessageLog => "updateMessageLog",
            Self::CreateCallLog => "createCallLog",
            Self::UpdateCallLog => "updateCallLog",
            Self::GetCallLog => "getCallLog",
            Self::UpsertCallDisposition => "upsertCallDisposition",
            Self::FindContact => "findContact",
            Self::FindContactWithName => "findContactWithName",
            Self::CreateContact => "createContact",
            Self::GetUserList => "getUserList",
            Self::GetAccountData => "getAccountData",
            Self::OauthCallback => "oauthCallback",
            Self::ApiKeyLogin => "apiKeyLogin",
            Self::RedirectPage => "redirectPage",
            Self::AppRemoved => "appRemoved",
            Self::UnAuthorize => "unAuthorize",
            Self::AuthValidation => "authValidation",
            Self::LicenseStatus => "getLicenseStatus",
            Self::Hostname => "getHostname",
            Self::UserInfoHash => "getUserInfoHash",
            Self::RefreshUserInfo => "refreshUserInfo",
            Self::GetUserSettings => "getUserSettings",
            Self::UpdateUserSettings => "updateUserSettings",
            Self::PreloadSettings => "preloadUserSettings",
        }
    }

    /// The names by which `POST /interfaces/{platform}/{name}` and a direct invocation call it,
    /// the present one first; none where only the extension calls it.
    pub const fn direct_names(self) -> &'static [&'static str] {
        match self {
            Self::CreateMessageLog => &["createMessageLog", "addMessageLog"],
            Self::UpdateMessageLog => &["updateMessageLog"],
            Self::CreateCallLog => &["createCallLog"],
            Self::UpdateCallLog => &["updateCallLog"],
            Self::GetCallLog => &["getCallLog"],
            Self::UpsertCallDisposition => &["upsertCallDisposition"],
            Self::FindContact => &["findContact"],
            Self::FindContactWithName => &["findContactWithName"],
            Self::CreateContact => &["createContact"],
            Self::GetUserList => &["getUserList"],
            Self::GetAccountData => &["getAccountData"],
            Self::OauthCallback
            | Self::ApiKeyLogin
            | Self::RedirectPage
            | Self::AppRemoved
            | Self::UnAuthorize
            | Self::AuthValidation
            | Self::LicenseStatus
            | Self::Hostname
            | Self::UserInfoHash
            | Self::RefreshUserInfo
            | Self::GetUserSettings
            | Self::UpdateUserSettings
            | Self::PreloadSettings => &[],
        }
    }

    /// Where the extension calls it: App Connect's own route.
    pub const fn client_route(self) -> Option<(Method, &'static str)> {
        Some(match self {
            Self::CreateMessageLog
            | Self::UpdateMessageLog
            | Self::CreateCallLog
            | Self::UpdateCallLog
            | Self::GetCallLog
            | Self::UpsertCallDisposition
            | Self::FindContact
            | Self::FindContactWithName
            | Self::CreateContact
            | Self::GetUserList
            | Self::GetAccountData => return None,
            Self::OauthCallback => (Method::GET, "/oauth-callback"),
            Self::ApiKeyLogin => (Method::POST, "/apiKeyLogin"),
            Self::RedirectPage => (Method::GET, "/pipedrive-redirect"),
            Self::AppRemoved => (Method::DELETE, "/pipedrive-redirect"),
            Self::UnAuthorize => (Method::POST, "/unAuthorize"),
            Self::AuthValidation => (Method::GET, "/authValidation"),
            Self::LicenseStatus => (Method::GET, "/licenseStatus"),
            Self::Hostname => (Method::GET, "/hostname"),
            Self::UserInfoHash => (Method::GET, "/userInfoHash"),
            Self::RefreshUserInfo => (Method::POST, "/user/refreshInfo"),
            Self::GetUserSettings => (Method::GET, "/user/settings"),
            Self::UpdateUserSettings => (Method::POST, "/user/settings"),
            Self::PreloadSettings => (Method::GET, "/user/preloadSettings"),
        })
    }

    /// The package, binary and folder below `functions/` that serves it.
    pub const fn function(self) -> &'static str {
        match self {
            Self::CreateMessageLog => "create-message-log",
            Self::UpdateMessageLog => "update-message-log",
            Self::CreateCallLog => "create-call-log",
            Self::UpdateCallLog => "update-call-log",
            Self::GetCallLog => "get-call-log",
            Self::UpsertCallDisposition => "upsert-call-disposition",
            Self::FindContact => "find-contact",
            Self::FindContactWithName => "find-contact-with-name",
            Self::CreateContact => "create-contact",
            Self::GetUserList => "get-user-list",
            Self::GetAccountData => "get-account-data",
            Self::OauthCallback => "oauth-callback",
            Self::ApiKeyLogin => "api-key-login",
            Self::RedirectPage => "pipedrive-redirect",
            Self::AppRemoved => "pipedrive-removed",
            Self::UnAuthorize => "un-authorize",
            Self::AuthValidation => "auth-validation",
            Self::LicenseStatus => "license-status",
            Self::Hostname => "hostname",
            Self::UserInfoHash => "user-info-hash",
            Self::RefreshUserInfo => "refresh-user-info",
            Self::GetUserSettings => "get-user-settings",
            Self::UpdateUserSettings => "update-user-settings",
            Self::PreloadSettings => "preload-user-settings",
        }
    }

    /// Whether a direct call may name it so.
    pub fn is_called(self, name: &str) -> bool {
        self.direct_names().contains(&name)
    }

    /// The interface that is called directly by a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|interface| interface.is_called(name))
    }

    /// The interface that a function serves.
    pub fn of_function(function: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|interface| interface.function() == function)
    }

    /// One of the interfaces whose route has this path, whatever its method.
    pub fn at(path: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|interface| (interface.client_route()).is_some_and(|(_, route)| route == path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_to_one_interface() {
        for interface in Interface::ALL {
            for name in interface.direct_names() {
                assert_eq!(Interface::named(name), Some(interface));
            }
            assert_eq!(
                Interface::of_function(interface.function()),
                Some(interface)
            );
            assert!(interface.client_route().is_some() || !interface.direct_names().is_empty());
        }
        assert_eq!(
            Interface::named("addMessageLog"),
            Some(Interface::CreateMessageLog)
        );
        assert_eq!(Interface::named("apiKeyLogin"), None);
        assert_eq!(Interface::named("dropTable"), None);
    }

    #[test]
    fn no_two_interfaces_share_a_route() {
        let mut routes: Vec<_> = Interface::ALL
            .into_iter()
            .filter_map(Interface::client_route)
            .map(|(method, path)| format!("{method} {path}"))
            .collect();
        let all = routes.len();
        routes.sort();
        routes.dedup();
        assert_eq!(routes.len(), all);
    }
}
