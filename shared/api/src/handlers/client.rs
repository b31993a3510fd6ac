//! The interfaces that the browser extension calls: signing in and out, and what belongs to a
//! user. A session is looked for here, once, for all of them.

mod auth_validation;
mod hostname;
mod license_status;
mod redirect_page;
mod refresh_user_info;
mod sign_in;
mod un_authorize;
mod user_info_hash;
mod user_settings;

use std::fmt;
use std::sync::Arc;

use daybook_adapters::CrmAdapter;
use daybook_core::error::RequestError;
use daybook_core::ids::HashedId;
use daybook_core::params::RingCentralId;
use daybook_core::time::Deadline;
use daybook_store::StoreError;
use daybook_store::items::StoredUser;

use crate::app::App;
use crate::interface::Interface;
use crate::reply::Reply;
use crate::session::Token;

/// What a request over HTTP brings. `Debug` shows nothing of it.
#[derive(Clone, Copy, Default)]
pub struct ClientRequest<'a> {
    /// The query, still percent-encoded.
    pub query: &'a str,
    /// The body.
    pub body: &'a [u8],
    /// The value of the header `Authorization`.
    pub authorization: Option<&'a str>,
    /// The value of the header `rc-account-id`.
    pub rc_account_id: Option<&'a str>,
    /// The value of the header `rc-extension-id`.
    pub rc_extension_id: Option<&'a str>,
}

impl fmt::Debug for ClientRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientRequest").finish_non_exhaustive()
    }
}

impl ClientRequest<'_> {
    /// The decoded values of a parameter of the query, in their order.
    fn values(&self, name: &str) -> impl Iterator<Item = String> {
        url::form_urlencoded::parse(self.query.as_bytes())
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// A parameter of the query that is not blank.
    fn value(&self, name: &str) -> Option<String> {
        self.values(name).find(|value| !value.trim().is_empty())
    }

    /// The session's token: from the header, else from the query.
    fn token(&self) -> Option<String> {
        let bearer = self.authorization.and_then(|value| {
            let (scheme, token) = value.trim().split_once(' ')?;
            (scheme.eq_ignore_ascii_case("bearer")).then(|| token.trim().to_owned())
        });
        bearer.or_else(|| self.value("jwtToken"))
    }
}

/// A request of an interface of the extension.
pub(super) struct ClientCall<'a> {
    pub(super) app: &'a App,
    pub(super) request: &'a ClientRequest<'a>,
    pub(super) deadline: Deadline,
}

/// A user with a valid session.
struct SignedIn {
    user: StoredUser,
    adapter: Arc<dyn CrmAdapter>,
    refreshed: Option<Token>,
}

/// Answers a call.
pub(super) async fn handle(
    interface: Interface,
    call: &ClientCall<'_>,
) -> Result<Reply, StoreError> {
    match interface {
        Interface::CreateMessageLog
        | Interface::UpdateMessageLog
        | Interface::CreateCallLog
        | Interface::UpdateCallLog
        | Interface::GetCallLog
        | Interface::UpsertCallDisposition
        | Interface::FindContact
        | Interface::FindContactWithName
        | Interface::CreateContact
        | Interface::GetUserList
        | Interface::GetAccountData => {
            return Ok(Reply::no_such_interface());
        }
        Interface::OauthCallback => return sign_in::oauth_callback(call).await,
        Interface::ApiKeyLogin => return sign_in::api_key_login(call).await,
        Interface::RedirectPage => return Ok(redirect_page::show(call)),
        Interface::AppRemoved => return Box::pin(redirect_page::removed(call)).await,
        Interface::UserInfoHash => return Ok(user_info_hash::handle(call)),
        Interface::PreloadSettings => return user_settings::preload(call).await,
        Interface::UnAuthorize
        | Interface::AuthValidation
        | Interface::LicenseStatus
        | Interface::Hostname
        | Interface::RefreshUserInfo
        | Interface::GetUserSettings
        | Interface::UpdateUserSettings => {}
    }
    let Some(signed_in) = call.session().await? else {
        return Ok(match interface == Interface::LicenseStatus {
            true => license_status::without_session(),
            false => Reply::no_session(),
        });
    };
    let is_dead = (signed_in.user.grant.as_ref()).is_none_or(|grant| grant.dead);
    if is_dead {
        let crm = signed_in.adapter.profile().display_name;
        match interface {
            // One that is dead can be left, and asked about.
            Interface::UnAuthorize | Interface::AuthValidation => {}
            Interface::LicenseStatus => return Ok(license_status::without_session()),
            Interface::Hostname
            | Interface::RefreshUserInfo
            | Interface::GetUserSettings
            | Interface::UpdateUserSettings
            | Interface::CreateMessageLog
            | Interface::UpdateMessageLog
            | Interface::CreateCallLog
            | Interface::UpdateCallLog
            | Interface::GetCallLog
            | Interface::UpsertCallDisposition
            | Interface::FindContact
            | Interface::FindContactWithName
            | Interface::CreateContact
            | Interface::GetUserList
            | Interface::GetAccountData
            | Interface::OauthCallback
            | Interface::ApiKeyLogin
            | Interface::RedirectPage
            | Interface::AppRemoved
            | Interface::UserInfoHash
            | Interface::PreloadSettings => return Ok(Reply::session_revoked(crm)),
        }
    }
    let refreshed = signed_in.refreshed.clone();
    if refreshed.is_some() {
        call.app.users.touch(&signed_in.user, call.deadline).await?;
    }
    let reply = match interface {
        Interface::UnAuthorize => un_authorize::handle(call, signed_in).await?,
        Interface::AuthValidation => auth_validation::handle(call, &signed_in).await?,
        Interface::LicenseStatus => license_status::handle(&signed_in),
        Interface::Hostname => hostname::handle(&signed_in),
        Interface::RefreshUserInfo => refresh_user_info::handle(call, signed_in).await?,
        Interface::GetUserSettings => user_settings::get(call, &signed_in).await?,
        Interface::UpdateUserSettings => user_settings::update(call, signed_in).await?,
        Interface::CreateMessageLog
        | Interface::UpdateMessageLog
        | Interface::CreateCallLog
        | Interface::UpdateCallLog
        | Interface::GetCallLog
        | Interface::UpsertCallDisposition
        | Interface::FindContact
        | Interface::FindContactWithName
        | Interface::CreateContact
        | Interface::GetUserList
        | Interface::GetAccountData
        | Interface::OauthCallback
        | Interface::ApiKeyLogin
        | Interface::RedirectPage
        | Interface::AppRemoved
        | Interface::UserInfoHash
        | Interface::PreloadSettings => Reply::no_such_interface(),
    };
    let goes_on = reply.status == 200 && interface != Interface::UnAuthorize;
    Ok(reply.with_token(refreshed.filter(|_| goes_on)))
}

impl ClientCall<'_> {
    /// The user of the request's session, if it has a valid one on a CRM that is on offer.
    async fn session(&self) -> Result<Option<SignedIn>, StoreError> {
        let now = self.app.clock.now();
        let token = self.request.token();
        let Some(session) = token.and_then(|token| self.app.sessions.read(&token, now)) else {
            return Ok(None);
        };
        let Some(adapter) = self.app.registry.get(&session.user.platform) else {
            return Ok(None);
        };
        let user = self.app.users.of_session(&session, self.deadline).await?;
        Ok(user.map(|user| SignedIn {
            user,
            adapter: adapter.clone(),
            refreshed: self.app.sessions.renewed(&session, now),
        }))
    }

    /// The RingCentral account that `field` of a request names, hashed.
    fn account(&self, field: &str, id: &str) -> Result<Option<HashedId>, RequestError> {
        let id = RingCentralId::parse(field, id)?;
        Ok(id.map(|id| self.app.hashes.of_account(&id)))
    }

    /// The RingCentral extension that `field` of a request names, hashed.
    fn extension(&self, field: &str, id: &str) -> Result<Option<HashedId>, RequestError> {
        let id = RingCentralId::parse(field, id)?;
        Ok(id.map(|id| self.app.hashes.of_extension(&id)))
    }

    /// Account and extension as the parameters name them, else as the headers do.
    fn who(
        &self,
        account: Option<&RingCentralId>,
        extension: Option<&RingCentralId>,
    ) -> Result<(Option<HashedId>, Option<HashedId>), RequestError> {
        let hashes = &self.app.hashes;
        let request = self.request;
        let account = match account {
            Some(id) => Some(hashes.of_account(id)),
            None => self.account("rc-account-id", request.rc_account_id.unwrap_or_default())?,
        };
        let extension = match extension {
            Some(id) => Some(hashes.of_extension(id)),
            None => {
                let id = request.rc_extension_id.unwrap_or_default();
                self.extension("rc-extension-id", id)?
            }
        };
        // What `/userInfoHash` gives for an id that is left out is nobody's.
        Ok((
            account.filter(|hash| *hash != hashes.account("")),
            extension.filter(|hash| *hash != hashes.extension("")),
        ))
    }
}
