//! The interfaces that the browser extension calls: signing in and out, what belongs to a user, and
//! contacts. A session is looked for here, once, for all of them.

mod auth_validation;
mod calls;
mod contacts;
mod crm_manifest;
mod hostname;
mod license_status;
mod message_log;
mod redirect_page;
mod refresh_user_info;
mod sign_in;
mod un_authorize;
mod user_info_hash;
mod user_settings;

use std::fmt;
use std::pin::Pin;
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
use crate::openapi;
use crate::reply::Reply;
use crate::session::{Session, Token};

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
    /// The address of this server that the request was sent to, without a slash at its end.
    pub server: &'a str,
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

/// What a token says that we signed: its session may have ended.
struct Named {
    session: Session,
    adapter: Arc<dyn CrmAdapter>,
}

/// A user with a valid session.
struct SignedIn {
    user: StoredUser,
    adapter: Arc<dyn CrmAdapter>,
    refreshed: Option<Token>,
}

impl SignedIn {
    /// Whether the CRM has ended the user's grant.
    fn is_dead(&self) -> bool {
        (self.user.grant.as_ref()).is_none_or(|grant| grant.dead)
    }
}

/// Whether a handler is called though the CRM has ended the user's grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum IfDead {
    /// It is not: the user is told to connect the account again.
    Refuse,
    /// It is, since it asks nothing of the CRM, or keeps what it is told.
    Call,
}

/// Answers a call.
pub(super) async fn handle(
    interface: Interface,
    call: &ClientCall<'_>,
) -> Result<Reply, StoreError> {
    use IfDead::{Call, Refuse};
    match interface {
        Interface::OauthCallback => sign_in::oauth_callback(call).await,
        Interface::ApiKeyLogin => sign_in::api_key_login(call).await,
        Interface::RedirectPage => Ok(redirect_page::show(call)),
        Interface::AppRemoved => Box::pin(redirect_page::removed(call)).await,
        Interface::UserInfoHash => Ok(user_info_hash::handle(call)),
        Interface::PreloadSettings => user_settings::preload(call).await,
        Interface::LicenseStatus => license_status::handle(call).await,
        Interface::CrmManifest => Ok(crm_manifest::manifest(call)),
        Interface::ImplementedInterfaces => Ok(crm_manifest::implemented(call)),
        Interface::ReleaseNotes => Ok(Reply::release_notes()),
        Interface::ServerVersionInfo => Ok(Reply::server_version()),
        Interface::IsAlive => Ok(Reply::alive()),
        Interface::GetAdminSettings => Ok(Reply::not_an_administrator()),
        Interface::OpenApi => Ok(Reply::json(openapi::document(call.server()))),
        Interface::Docs => Ok(Reply::document(openapi::page(call.server()))),
        Interface::UnAuthorize => {
            let left = call.signed_in(Call, async |user| un_authorize::handle(call, user).await);
            // The session is over, and no newer token goes on with it.
            Ok(left.await?.with_token(None))
        }
        Interface::AuthValidation => {
            let asked = async |user| auth_validation::handle(call, &user).await;
            call.signed_in(Call, asked).await
        }
        Interface::Hostname => {
            let told = async |user| Ok(hostname::handle(&user));
            call.signed_in(Refuse, told).await
        }
        Interface::RefreshUserInfo => {
            let asked = async |user| refresh_user_info::handle(call, user).await;
            call.signed_in(Refuse, asked).await
        }
        Interface::GetUserSettings => {
            let told = async |user| user_settings::get(call, &user).await;
            call.signed_in(Refuse, told).await
        }
        Interface::UpdateUserSettings => {
            let changed = async |user| user_settings::update(call, user).await;
            call.signed_in(Refuse, changed).await
        }
        Interface::CreateMessageLog => Box::pin(message_log::handle(call)).await,
        Interface::CreateCallLog => {
            let logged = async |user| Box::pin(calls::create(call, user)).await;
            call.signed_in(Call, logged).await
        }
        Interface::UpdateCallLog => {
            let changed = async |user| Box::pin(calls::update(call, user)).await;
            call.signed_in(Call, changed).await
        }
        Interface::GetCallLog => {
            let asked = async |user| Box::pin(calls::get(call, user)).await;
            call.signed_in(Call, asked).await
        }
        Interface::UpsertCallDisposition => {
            let chosen = async |user| Box::pin(calls::dispose(call, user)).await;
            call.signed_in(Call, chosen).await
        }
        Interface::CacheCallNote => {
            let kept = async |user| calls::keep_note(call, &user).await;
            call.signed_in(Call, kept).await
        }
        Interface::FindContact => {
            let found = async |user| contacts::find(call, user).await;
            call.signed_in(Refuse, found).await
        }
        Interface::FindContactWithName => {
            let found = async |user| contacts::search(call, user).await;
            call.signed_in(Refuse, found).await
        }
        Interface::CreateContact => {
            let made = async |user| contacts::create(call, user).await;
            call.signed_in(Refuse, made).await
        }
        Interface::GetAccountData => {
            let told = async |user| contacts::account_data(call, user).await;
            call.signed_in(Refuse, told).await
        }
        Interface::UpdateMessageLog | Interface::GetUserList => Ok(Reply::no_such_interface()),
    }
}

impl ClientCall<'_> {
    /// The address of this server, without a slash at its end.
    fn server(&self) -> &str {
        let configured = self.app.server_url.as_deref();
        configured.unwrap_or(self.request.server)
    }

    /// What the request's token says, if we signed it, and it is of a CRM that is on offer.
    fn named(&self) -> Option<Named> {
        let now = self.app.clock.now();
        let token = self.request.token()?;
        let session = self.app.sessions.read(&token, now)?;
        let adapter = self.app.registry.get(&session.user.platform)?.clone();
        Some(Named { session, adapter })
    }

    /// The user of a session, if it has not ended.
    async fn session_of(&self, named: &Named) -> Result<Option<SignedIn>, StoreError> {
        let Named { session, adapter } = named;
        let now = self.app.clock.now();
        let user = self.app.users.of_session(session, self.deadline).await?;
        Ok(user.map(|user| SignedIn {
            user,
            adapter: adapter.clone(),
            refreshed: self.app.sessions.renewed(session, now),
        }))
    }

    /// The user of the request's session, if it has a valid one on a CRM that is on offer.
    async fn session(&self) -> Result<Option<SignedIn>, StoreError> {
        match self.named() {
            Some(named) => self.session_of(&named).await,
            None => Ok(None),
        }
    }

    /// What `answer` says to the user of the request's session, with a newer token beside it where
    /// the session's own is about to run out.
    ///
    /// The future is made on the heap, and by no caller: the frame of whoever chooses between many of
    /// them would hold them all.
    fn signed_in(
        &self,
        if_dead: IfDead,
        answer: impl AsyncFnOnce(SignedIn) -> Result<Reply, StoreError>,
    ) -> Pin<Box<impl Future<Output = Result<Reply, StoreError>>>> {
        Box::pin(async move {
            let signed_in = self.session().await?;
            self.answered(signed_in, if_dead, answer).await
        })
    }

    /// The same for a user who was looked up before.
    async fn answered(
        &self,
        signed_in: Option<SignedIn>,
        if_dead: IfDead,
        answer: impl AsyncFnOnce(SignedIn) -> Result<Reply, StoreError>,
    ) -> Result<Reply, StoreError> {
        let Some(signed_in) = signed_in else {
            return Ok(Reply::no_session());
        };
        if if_dead == IfDead::Refuse && signed_in.is_dead() {
            let crm = signed_in.adapter.profile().display_name;
            return Ok(Reply::session_revoked(crm));
        }
        let token = self.newer_token(&signed_in).await?;
        let reply = answer(signed_in).await?;
        let goes_on = reply.status == 200;
        Ok(reply.with_token(token.filter(|_| goes_on)))
    }

    /// The token that a session goes on with, where its own is about to run out. Its user's item
    /// then lives longer too.
    async fn newer_token(&self, signed_in: &SignedIn) -> Result<Option<Token>, StoreError> {
        let token = signed_in.refreshed.clone();
        if token.is_some() {
            let users = &self.app.users;
            users.touch(&signed_in.user, self.deadline).await?;
        }
        Ok(token)
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
