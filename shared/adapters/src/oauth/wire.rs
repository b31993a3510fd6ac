//! Token requests on our own way out, and what their answers mean.

use std::future::Future;
use std::pin::Pin;

use daybook_core::limits::MAX_AUTH_BYTES;
use daybook_core::params::AuthHeader;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Response};
use oauth2::basic::{
    BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse,
    BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AsyncHttpClient, Client, ClientId, ClientSecret, EndpointNotSet, EndpointSet, ErrorResponse,
    ExtraTokenFields, HttpRequest, HttpResponse, RequestTokenError, RevocationUrl,
    StandardRevocableToken, StandardTokenResponse, TokenResponse, TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use super::{OAuthApp, bearer};
use crate::http::{Answer, Request};
use crate::{AdapterError, Cause, Grant, Outbound, Result};

/// The fields of an answer beside those of RFC 6749.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Others(Map<String, Value>);

impl std::fmt::Debug for Others {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Others(…)")
    }
}

impl ExtraTokenFields for Others {}

type Tokens = StandardTokenResponse<Others, BasicTokenType>;

type TokenClient<Revocation = EndpointNotSet> = Client<
    BasicErrorResponse,
    Tokens,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    Revocation,
    EndpointSet,
>;

/// Asks for tokens. It says who we are by HTTP Basic (RFC 6749, section 2.3.1).
pub(super) fn client(app: &OAuthApp) -> TokenClient {
    let secret = app.client_secret.expose_secret().to_owned();
    Client::new(ClientId::new(app.client_id.clone()))
        .set_client_secret(ClientSecret::new(secret))
        .set_token_uri(TokenUrl::from_url(app.token_url.clone()))
}

/// Gives a grant back. It refuses an address of http, such as that of a CRM on this machine, and
/// is told the same one of https: a [`Way`] has the address to which it sends.
pub(super) fn revoking_client(app: &OAuthApp, url: &Url) -> TokenClient<EndpointSet> {
    let mut url = url.clone();
    // Fails for a scheme without hosts only, to which nothing can be sent either.
    let _ = url.set_scheme("https");
    client(app).set_revocation_url(RevocationUrl::from_url(url))
}

/// The way to one address of a CRM.
pub(super) struct Way<'a> {
    out: &'a Outbound<'a>,
    url: &'a Url,
}

impl<'a> Way<'a> {
    pub(super) fn new(out: &'a Outbound<'a>, url: &'a Url) -> Self {
        Self { out, url }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse> {
        let auth = request.headers().get(AUTHORIZATION);
        let auth = auth.and_then(|auth| auth.to_str().ok());
        let auth = AuthHeader::from(auth.expect("a client with a secret says who it is"));
        let request = Request::new(Method::POST, self.url.clone())
            .authorized(auth)
            .form(request.into_body());
        let answer = self.out.http.send(self.out, request).await?;
        if !answer.status.is_success() {
            return Err(refusal(answer, self.out));
        }
        let mut response = Response::new(answer.body.to_vec());
        if let Some(kind) = answer.headers.get(CONTENT_TYPE) {
            response.headers_mut().insert(CONTENT_TYPE, kind.clone());
        }
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for Way<'_> {
    type Error = AdapterError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

/// What a refusal means (RFC 6749, section 5.2). Only `invalid_grant` is about the user: a 401
/// without it says that we are not accepted, and no user can mend that by signing in again.
fn refusal(answer: Answer, out: &Outbound<'_>) -> AdapterError {
    let status = answer.status.as_u16();
    let said = serde_json::from_slice::<BasicErrorResponse>(&answer.body).ok();
    let dead = said.is_some_and(|said| *said.error() == BasicErrorResponseType::InvalidGrant);
    match answer.into_error(out.clock.now()) {
        error @ (AdapterError::RateLimited { .. } | AdapterError::Unavailable { .. }) => error,
        AdapterError::Unauthorized
        | AdapterError::Forbidden
        | AdapterError::NotFound(_)
        | AdapterError::Invalid { .. }
        | AdapterError::Rejected { .. } => match dead {
            true => AdapterError::Unauthorized,
            false => AdapterError::Rejected { status },
        },
    }
}

/// What kept an answer from being tokens. What the CRM answered is not repeated.
pub(super) fn failure<E: ErrorResponse>(error: RequestTokenError<AdapterError, E>) -> AdapterError {
    match error {
        RequestTokenError::Request(error) => error,
        RequestTokenError::ServerResponse(_)
        | RequestTokenError::Parse(..)
        | RequestTokenError::Other(_) => unreadable(),
    }
}

/// The request has arrived, so that it may have been carried out.
fn unreadable() -> AdapterError {
    AdapterError::unknown(Cause::Unreadable)
}

/// The tokens of an answer, if they can be sent back as they are.
pub(super) fn grant(tokens: Tokens) -> Result<Grant> {
    let access_token = SecretString::from(tokens.access_token().secret().as_str());
    let refresh_token = tokens.refresh_token().map(|token| token.secret().as_str());
    let refresh_token = refresh_token.filter(|token| !token.is_empty());
    let usable = *tokens.token_type() == BasicTokenType::Bearer
        && is_token(access_token.expose_secret())
        && bearer(&access_token).expose_secret().len() <= MAX_AUTH_BYTES
        && refresh_token.is_none_or(|token| token.len() <= MAX_AUTH_BYTES);
    match usable {
        true => Ok(Grant {
            access_token,
            refresh_token: refresh_token.map(SecretString::from),
            expires_in: tokens.expires_in(),
            answer: tokens.extra_fields().0.clone(),
        }),
        false => Err(unreadable()),
    }
}

/// Printable ASCII without spaces: what a header carries as one token.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}
