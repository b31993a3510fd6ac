//! `GET /oauth-callback` and `POST /apiKeyLogin`: from a proof that a CRM gave to a session.

use daybook_adapters::{AuthKind, CrmAdapter};
use daybook_core::error::RequestError;
use daybook_core::params::{ApiKeyLogin, OAuthCallback};
use daybook_store::StoreError;

use super::ClientCall;
use crate::reply::{Reply, SignInKind};
use crate::users::{Proof, SignIn, SignInError};

pub(super) async fn api_key_login(call: &ClientCall<'_>) -> Result<Reply, StoreError> {
    let login = match ApiKeyLogin::parse(call.request.body) {
        Ok(login) => login,
        Err(error) => return Ok(Reply::from(&error)),
    };
    let Some(adapter) = call.app.registry.get(&login.platform) else {
        return Ok(Reply::unknown_platform(call.app.registry.platforms()));
    };
    let who = call.who(login.rc_account.as_ref(), login.rc_extension.as_ref());
    let (account, extension) = match who {
        Ok(who) => who,
        Err(error) => return Ok(Reply::from(&error)),
    };
    let sign_in = SignIn {
        proof: Proof::ApiKey(login.api_key),
        hostname: login.hostname,
        account,
        extension,
    };
    finish(call, adapter.as_ref(), SignInKind::ApiKey, sign_in).await
}

pub(super) async fn oauth_callback(call: &ClientCall<'_>) -> Result<Reply, StoreError> {
    let callback = match OAuthCallback::parse(call.request.query) {
        Ok(callback) => callback,
        Err(error) => return Ok(Reply::from(&error)),
    };
    let Some(adapter) = call.app.registry.get(&callback.platform) else {
        return Ok(Reply::unknown_platform(call.app.registry.platforms()));
    };
    let crm = adapter.profile().display_name;
    if callback.error.is_some() {
        return Ok(Reply::sign_in_denied(crm));
    }
    let Some(code) = callback.code.clone() else {
        return Ok(Reply::from(&RequestError::missing("code")));
    };
    match proof_of(call, adapter.as_ref(), &callback, code) {
        Ok(sign_in) => finish(call, adapter.as_ref(), SignInKind::OAuth, sign_in).await,
        Err(error) => Ok(Reply::from(&error)),
    }
}

/// The code, with the registered addresses that it may have come to: the CRM compares the two. One
/// that comes by itself came to our own route, if that is registered.
fn proof_of(
    call: &ClientCall<'_>,
    adapter: &dyn CrmAdapter,
    callback: &OAuthCallback,
    code: secrecy::SecretString,
) -> Result<SignIn, RequestError> {
    let AuthKind::OAuth(oauth) = adapter.auth() else {
        let problem = "names a CRM that users sign in to with an API key";
        return Err(RequestError::field("state", problem));
    };
    let app = oauth.app();
    let redirects = match &callback.redirect {
        // With its own port, where any port of this machine is registered.
        Some(url) => app
            .redirect_of(url)
            .map(|_| url.clone())
            .into_iter()
            .collect(),
        None => {
            let (mut own, others): (Vec<_>, Vec<_>) = (app.redirect_urls.iter().cloned())
                .partition(|url| url.path().ends_with("/oauth-callback"));
            own.extend(others.into_iter().take(1));
            own
        }
    };
    if redirects.is_empty() {
        let problem = "is not an address to which this CRM may send its users back";
        return Err(RequestError::field("callbackUri", problem));
    }
    let (account, extension) =
        call.who(callback.rc_account.as_ref(), callback.rc_extension.as_ref())?;
    Ok(SignIn {
        proof: Proof::Code(code, redirects),
        hostname: callback.hostname.clone(),
        account,
        extension,
    })
}

async fn finish(
    call: &ClientCall<'_>,
    adapter: &dyn CrmAdapter,
    kind: SignInKind,
    sign_in: SignIn,
) -> Result<Reply, StoreError> {
    let crm = adapter.profile().display_name;
    let signed_in = Box::pin((call.app.users).sign_in(adapter, sign_in, call.deadline)).await;
    let (user, lacks) = match signed_in {
        Ok(signed_in) => signed_in,
        Err(SignInError::Store(error)) => return Err(error),
        Err(error) => {
            let failed = Reply::of_sign_in(kind, &error, crm);
            return Ok(match kind {
                // Whoever types a key sees nothing else.
                SignInKind::ApiKey if failed.field().is_none() => failed.said_plainly(),
                SignInKind::ApiKey | SignInKind::OAuth => failed,
            });
        }
    };
    let session = user.session.as_deref().unwrap_or_default();
    let token = (call.app.sessions).issue(&user.key(), session, call.app.clock.now());
    Ok(Reply::signed_in(token, user.name, crm, &lacks))
}
