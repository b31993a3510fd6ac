//! The authorisation code grant of OAuth 2.0 (RFC 6749), with the tokens' refresh and revocation
//! (RFC 7009), for every CRM that has it.
//!
//! Each call is sent once, as a write: what was not answered may have been done. `redirect` holds
//! the addresses to which a browser brings a code, `wire` the requests and what answers mean.

mod redirect;
mod wire;

use std::borrow::Cow;

use daybook_core::params::AuthHeader;
use oauth2::{AuthorizationCode, RedirectUrl, RefreshToken, StandardRevocableToken};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

pub use self::redirect::redirects;
use self::wire::{Way, failure, grant};
use crate::{AdapterError, Cause, Grant, Outbound, Result};

/// Our registration at a CRM.
#[derive(Clone)]
pub struct OAuthApp {
    /// Our id.
    pub client_id: String,
    /// Our secret.
    pub client_secret: SecretString,
    /// Where codes and refresh tokens become access tokens.
    pub token_url: Url,
    /// Where a grant is given back, in a CRM that has such an address.
    pub revoke_url: Option<Url>,
    /// The addresses to which the CRM may send a browser with a code. The first is that of a code
    /// that comes without an address.
    pub redirect_urls: Vec<Url>,
}

impl std::fmt::Debug for OAuthApp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OAuthApp").finish_non_exhaustive()
    }
}

impl OAuthApp {
    /// The registered address that `url` is, if it is one: scheme, host, port and path are equal,
    /// and `url` names no user. Its query and fragment do not count.
    ///
    /// # Shape
    /// At a loopback address any port is the registered one (RFC 8252, section 7.3), and the
    /// answer has the port of `url`: a code is good only with the address it was given to.
    pub fn redirect_of(&self, url: &Url) -> Option<Url> {
        redirect::of(&self.redirect_urls, url)
    }

    /// What a code is good for. `redirect` is where the CRM sent the browser with it.
    ///
    /// # Errors
    /// [`AdapterError::Unauthorized`] where the CRM does not
    /// accept the code; [`AdapterError::Rejected`] where it does
    /// not accept us, or the request.
    pub async fn exchange(
        &self,
        out: &Outbound<'_>,
        code: &SecretString,
        redirect: &Url,
    ) -> Result<Grant> {
        let client = wire::client(self);
        let code = AuthorizationCode::new(code.expose_secret().to_owned());
        let redirect = RedirectUrl::from_url(redirect.clone());
        let way = Way::new(out, &self.token_url);
        let answered = client
            .exchange_code(code)
            .set_redirect_uri(Cow::Owned(redirect))
            .request_async(&way)
            .await;
        grant(answered.map_err(failure)?)
    }

    /// New tokens for a refresh token.
    ///
    /// # Errors
    /// [`AdapterError::Unauthorized`] where the grant is no
    /// more; otherwise as [`exchange`](Self::exchange).
    pub async fn refresh(&self, out: &Outbound<'_>, refresh_token: &SecretString) -> Result<Grant> {
        let client = wire::client(self);
        let token = RefreshToken::new(refresh_token.expose_secret().to_owned());
        let way = Way::new(out, &self.token_url);
        let answered = client
            .exchange_refresh_token(&token)
            .request_async(&way)
            .await;
        grant(answered.map_err(failure)?)
    }

    /// Gives a grant back. `token` is its refresh token or, where it has none, the access token: a
    /// CRM looks further where a token is not of the kind that the request says (RFC 7009, section
    /// 2.1). A CRM without an address for this is not called.
    ///
    /// # Errors
    /// [`AdapterError`]. A grant that is no more is given back.
    pub async fn revoke(&self, out: &Outbound<'_>, token: &SecretString) -> Result<()> {
        let Some(url) = &self.revoke_url else {
            return Ok(());
        };
        let client = wire::revoking_client(self, url);
        let token = RefreshToken::new(token.expose_secret().to_owned());
        let way = Way::new(out, url);
        client
            .revoke_token(StandardRevocableToken::from(token))
            .map_err(|_| AdapterError::not_applied(Cause::NotConnected))?
            .request_async(&way)
            .await
            .map_err(failure)
    }
}

/// The `Authorization` header that carries an access token (RFC 6750, section 2.1).
pub fn bearer(access_token: &SecretString) -> AuthHeader {
    AuthHeader::from(format!("Bearer {}", access_token.expose_secret()))
}

#[cfg(test)]
mod tests;
