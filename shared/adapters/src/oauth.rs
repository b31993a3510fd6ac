//! The authorisation code grant of OAuth 2.0 (RFC 6749), with the tokens' refresh and revocation
//! (RFC 7009), for every CRM that has it.

use secrecy::SecretString;
use url::Url;

use crate::{Grant, Outbound, Result};

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
    /// Whether a browser that comes from `url` may bring a code: scheme, host, port and path are
    /// those of a registered address.
    pub fn redirect_of(&self, _url: &Url) -> Option<&Url> {
        todo!()
    }

    /// What a code is good for.
    ///
    /// # Errors
    /// [`AdapterError::Unauthorized`](crate::AdapterError::Unauthorized) where the CRM does not
    /// accept the code.
    pub async fn exchange(
        &self,
        _out: &Outbound<'_>,
        _code: &SecretString,
        _redirect: &Url,
    ) -> Result<Grant> {
        todo!()
    }

    /// New tokens for a refresh token.
    ///
    /// # Errors
    /// [`AdapterError::Unauthorized`](crate::AdapterError::Unauthorized) where the grant is no
    /// more.
    pub async fn refresh(
        &self,
        _out: &Outbound<'_>,
        _refresh_token: &SecretString,
    ) -> Result<Grant> {
        todo!()
    }

    /// Gives a grant back.
    ///
    /// # Errors
    /// [`AdapterError`](crate::AdapterError).
    pub async fn revoke(&self, _out: &Outbound<'_>, _token: &SecretString) -> Result<()> {
        todo!()
    }
}
