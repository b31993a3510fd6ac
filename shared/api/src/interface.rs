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
    /// Keeps a note for a call that is not logged yet.
    CacheCallNote,
    /// Tells an administrator the settings of a company.
    GetAdminSettings,
    /// Tells the extension what there is: the manifest.
    CrmManifest,
    /// Lists the interfaces that a CRM has.
    ImplementedInterfaces,
    /// Tells what is new in each version.
    ReleaseNotes,
    /// Tells our version.
    ServerVersionInfo,
    /// Answers.
    IsAlive,
    /// Describes all of this for machines.
    OpenApi,
    /// Describes all of this for people.
    Docs,
}

/// The functions that nobody calls: a schedule runs them.
pub const SCHEDULED: [&str; 1] = ["deliver-pending"];

/// What an interface is called, and where.
struct Names {
    /// App Connect's name of it.
    name: &'static str,
    /// By which names it is called directly, the present one first.
    direct: &'static [&'static str],
    /// Where the extension calls it.
    route: Option<(Method, &'static str)>,
    /// Its package, binary and folder.
    function: &'static str,
}

impl Names {
    const fn of(name: &'static str, function: &'static str) -> Self {
        Self {
            name,
            direct: &[],
            route: None,
            function,
        }
    }

    fn direct(self, direct: &'static [&'static str]) -> Self {
        Self { direct, ..self }
    }

    fn at(self, method: Method, path: &'static str) -> Self {
        Self {
            route: Some((method, path)),
            ..self
        }
    }
}

impl Interface {
    /// All of them.
    pub const ALL: [Self; 33] = [
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
        Self::CacheCallNote,
        Self::GetAdminSettings,
        Self::CrmManifest,
        Self::ImplementedInterfaces,
        Self::ReleaseNotes,
        Self::ServerVersionInfo,
        Self::IsAlive,
        Self::OpenApi,
        Self::Docs,
    ];

    fn names(self) -> Names {
        match self {
            Self::CreateMessageLog => Names::of("createMessageLog", "create-message-log")
                .direct(&["createMessageLog", "addMessageLog"])
                .at(Method::POST, "/messageLog"),
            Self::UpdateMessageLog => {
                Names::of("updateMessageLog", "update-message-log").direct(&["updateMessageLog"])
            }
            Self::CreateCallLog => Names::of("createCallLog", "create-call-log")
                .direct(&["createCallLog"])
                .at(Method::POST, "/callLog"),
            Self::UpdateCallLog => Names::of("updateCallLog", "update-call-log")
                .direct(&["updateCallLog"])
                .at(Method::PATCH, "/callLog"),
            Self::GetCallLog => Names::of("getCallLog", "get-call-log")
                .direct(&["getCallLog"])
                .at(Method::GET, "/callLog"),
            Self::UpsertCallDisposition => {
                Names::of("upsertCallDisposition", "upsert-call-disposition")
                    .direct(&["upsertCallDisposition"])
                    .at(Method::PUT, "/callDisposition")
            }
            Self::FindContact => Names::of("findContact", "find-contact")
                .direct(&["findContact"])
                .at(Method::GET, "/contact"),
            Self::FindContactWithName => Names::of("findContactWithName", "find-contact-with-name")
                .direct(&["findContactWithName"])
                .at(Method::GET, "/custom/contact/search"),
            Self::CreateContact => Names::of("createContact", "create-contact")
                .direct(&["createContact"])
                .at(Method::POST, "/contact"),
            Self::GetUserList => Names::of("getUserList", "get-user-list").direct(&["getUserList"]),
            Self::GetAccountData => Names::of("getAccountData", "get-account-data")
                .direct(&["getAccountData"])
                .at(Method::GET, "/accountData"),
            Self::OauthCallback => {
                Names::of("oauthCallback", "oauth-callback").at(Method::GET, "/oauth-callback")
            }
            Self::ApiKeyLogin => {
                Names::of("apiKeyLogin", "api-key-login").at(Method::POST, "/apiKeyLogin")
            }
            Self::RedirectPage => Names::of("redirectPage", "pipedrive-redirect")
                .at(Method::GET, "/pipedrive-redirect"),
            Self::AppRemoved => Names::of("appRemoved", "pipedrive-removed")
                .at(Method::DELETE, "/pipedrive-redirect"),
            Self::UnAuthorize => {
                Names::of("unAuthorize", "un-authorize").at(Method::POST, "/unAuthorize")
            }
            Self::AuthValidation => {
                Names::of("authValidation", "auth-validation").at(Method::GET, "/authValidation")
            }
            Self::LicenseStatus => {
                Names::of("getLicenseStatus", "license-status").at(Method::GET, "/licenseStatus")
            }
            Self::Hostname => Names::of("getHostname", "hostname").at(Method::GET, "/hostname"),
            Self::UserInfoHash => {
                Names::of("getUserInfoHash", "user-info-hash").at(Method::GET, "/userInfoHash")
            }
            Self::RefreshUserInfo => Names::of("refreshUserInfo", "refresh-user-info")
                .at(Method::POST, "/user/refreshInfo"),
            Self::GetUserSettings => {
                Names::of("getUserSettings", "get-user-settings").at(Method::GET, "/user/settings")
            }
            Self::UpdateUserSettings => Names::of("updateUserSettings", "update-user-settings")
                .at(Method::POST, "/user/settings"),
            Self::PreloadSettings => Names::of("preloadUserSettings", "preload-user-settings")
                .at(Method::GET, "/user/preloadSettings"),
            Self::CacheCallNote => {
                Names::of("cacheCallNote", "cache-call-note").at(Method::POST, "/callLog/cacheNote")
            }
            Self::GetAdminSettings => Names::of("getAdminSettings", "get-admin-settings")
                .at(Method::GET, "/admin/settings"),
            Self::CrmManifest => {
                Names::of("getCrmManifest", "crm-manifest").at(Method::GET, "/crmManifest")
            }
            Self::ImplementedInterfaces => {
                Names::of("getImplementedInterfaces", "implemented-interfaces")
                    .at(Method::GET, "/implementedInterfaces")
            }
            Self::ReleaseNotes => {
                Names::of("getReleaseNotes", "release-notes").at(Method::GET, "/releaseNotes")
            }
            Self::ServerVersionInfo => Names::of("getServerVersionInfo", "server-version-info")
                .at(Method::GET, "/serverVersionInfo"),
            Self::IsAlive => Names::of("isAlive", "is-alive").at(Method::GET, "/isAlive"),
            Self::OpenApi => Names::of("getOpenApi", "openapi").at(Method::GET, "/openapi.json"),
            Self::Docs => Names::of("getDocs", "docs").at(Method::GET, "/docs"),
        }
    }

    /// App Connect's name of it.
    pub fn name(self) -> &'static str {
        self.names().name
    }

    /// The names by which `POST /interfaces/{platform}/{name}` and a direct invocation call it,
    /// the present one first; none where only the extension calls it.
    pub fn direct_names(self) -> &'static [&'static str] {
        self.names().direct
    }

    /// Where the extension calls it: App Connect's own route.
    pub fn client_route(self) -> Option<(Method, &'static str)> {
        self.names().route
    }

    /// The package, binary and folder below `functions/` that serves it.
    pub fn function(self) -> &'static str {
        self.names().function
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

    /// The interfaces whose routes have this path, whatever their methods.
    pub fn at(path: &str) -> impl Iterator<Item = Self> {
        Self::ALL
            .into_iter()
            .filter(move |one| one.client_route().is_some_and(|(_, route)| route == path))
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
