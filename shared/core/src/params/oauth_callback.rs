//! The query of `/oauth-callback`.
//!
//! The extension puts the address to which the CRM sent the browser into `callbackUri` without
//! encoding it, so that what stands behind its first `&` spills into the query. Others encode it,
//! and some send `code` and `state` alone. What the CRM said is therefore looked for in both.

use std::fmt;

use secrecy::SecretString;
use url::{Url, form_urlencoded};

use super::ringcentral_id::RingCentralId;
use super::sign_in::{hostname, platform, secret};
use crate::error::RequestError;
use crate::limits::{
    MAX_CALLBACK_BYTES, MAX_CODE_BYTES, MAX_OAUTH_ERROR_BYTES, MAX_REDIRECT_BYTES, MAX_STATE_BYTES,
    too_long,
};

type Result<T> = std::result::Result<T, RequestError>;

const CALLBACK: &str = "callbackUri";
/// What browsers write for what is not there.
const NOTHING: [&str; 2] = ["undefined", "null"];

/// A browser that comes back from a CRM's authorisation.
///
/// # Shape
/// At least one of `code` and `error` is there. `Debug` shows no value.
///
/// # Source
/// App Connect's API of `/oauth-callback` (read 2026-11-20); RFC 6749, section 4.1.2.
#[derive(Clone)]
pub struct OAuthCallback {
    /// The platform, as `state` names it.
    pub platform: String,
    /// The authorisation code.
    pub code: Option<SecretString>,
    /// Why there is none, such as `access_denied`: small letters and `_`.
    pub error: Option<String>,
    /// Where the CRM sent the browser, without query and fragment.
    pub redirect: Option<Url>,
    /// The host of the user's CRM, where the client knows it.
    pub hostname: Option<String>,
    /// The RingCentral account.
    pub rc_account: Option<RingCentralId>,
    /// The RingCentral extension.
    pub rc_extension: Option<RingCentralId>,
}

impl OAuthCallback {
    /// Reads the query string as it came, still percent-encoded.
    ///
    /// # Errors
    /// [`RequestError`], naming the field.
    pub fn parse(query: &str) -> Result<Self> {
        if query.len() > MAX_CALLBACK_BYTES {
            let problem = too_long(MAX_CALLBACK_BYTES);
            return Err(RequestError::field("query", problem));
        }
        let beside = Pairs::of(query);
        let callback = callback(query)?;
        let inside = callback.as_ref().and_then(Url::query).unwrap_or_default();
        let said = beside.clone().and(Pairs::of(inside));
        let code = said.one("code", keep)?;
        let error = said.one("error", keep)?;
        if code.is_none() && error.is_none() {
            return Err(RequestError::missing("code"));
        }
        let id = |field| match beside.one(field, keep)? {
            Some(id) => RingCentralId::parse(field, &id),
            None => Ok(None),
        };
        Ok(Self {
            platform: platform_of(said.one("state", decoded)?)?,
            code: code
                .map(|code| secret("code", &code, MAX_CODE_BYTES))
                .transpose()?,
            error: error.map(error_name).transpose()?,
            redirect: callback.map(redirect).transpose()?,
            hostname: hostname("hostname", beside.one("hostname", keep)?.as_deref())?,
            rc_account: id("rcAccountId")?,
            rc_extension: id("rcExtensionId")?,
        })
    }
}

impl fmt::Debug for OAuthCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthCallback").finish_non_exhaustive()
    }
}

/// The parameters of a query, decoded.
#[derive(Clone)]
struct Pairs(Vec<(String, String)>);

impl Pairs {
    fn of(query: &str) -> Self {
        Self(
            form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The one value that a parameter has, read by `form`, however often it is given.
    fn one(&self, name: &str, form: fn(&str) -> String) -> Result<Option<String>> {
        let named = self.0.iter().filter(|(other, _)| other == name);
        let mut values = named
            .map(|(_, value)| form(value))
            .filter(|value| !value.trim().is_empty() && !NOTHING.contains(&value.as_str()));
        let first = values.next();
        match first
            .as_ref()
            .is_some_and(|first| values.any(|other| other != *first))
        {
            true => Err(RequestError::field(
                name,
                "is there twice, and not the same",
            )),
            false => Ok(first),
        }
    }
}

fn keep(value: &str) -> String {
    value.to_owned()
}

/// A form, which may have been encoded once more on its way.
fn decoded(value: &str) -> String {
    match value.contains('=') {
        true => value.to_owned(),
        false => decode(value),
    }
}

fn decode(value: &str) -> String {
    // As a name without a value: nothing in it separates.
    let mut pairs = form_urlencoded::parse(value.as_bytes());
    pairs
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}

/// The address in `callbackUri`, with its query as far as it did not spill.
fn callback(query: &str) -> Result<Option<Url>> {
    let mut given = query
        .split('&')
        .filter_map(|pair| pair.strip_prefix(CALLBACK)?.strip_prefix('='));
    let Some(raw) = given.next() else {
        return Ok(None);
    };
    if given.any(|other| other != raw) {
        return Err(RequestError::field(
            CALLBACK,
            "is there twice, and not the same",
        ));
    }
    // What is encoded has neither of the signs.
    let address = match raw.contains("://") {
        true => raw.to_owned(),
        false => decode(raw),
    };
    if address.trim().is_empty() || NOTHING.contains(&address.as_str()) {
        return Ok(None);
    }
    let plain = !address.chars().any(|char| char.is_control() || char == ' ');
    Url::parse(&address)
        .ok()
        .filter(|url| plain && matches!(url.scheme(), "http" | "https"))
        .filter(|url| url.username().is_empty() && url.password().is_none())
        .map(Some)
        .ok_or_else(|| {
            let problem = "is not an absolute http or https address without a user's name";
            RequestError::field(CALLBACK, problem)
        })
}

fn redirect(mut callback: Url) -> Result<Url> {
    callback.set_query(None);
    callback.set_fragment(None);
    match callback.as_str().len() > MAX_REDIRECT_BYTES {
        true => Err(RequestError::field(CALLBACK, too_long(MAX_REDIRECT_BYTES))),
        false => Ok(callback),
    }
}

fn platform_of(state: Option<String>) -> Result<String> {
    let state = state.ok_or_else(|| RequestError::missing("state"))?;
    if state.len() > MAX_STATE_BYTES {
        return Err(RequestError::field("state", too_long(MAX_STATE_BYTES)));
    }
    match Pairs::of(&state).one("platform", keep) {
        Ok(Some(name)) => platform("state", &name),
        Ok(None) => Err(RequestError::field("state", "names no platform")),
        Err(_) => Err(RequestError::field("state", "names two platforms")),
    }
}

/// An error code of OAuth; what else a CRM says is not repeated to anybody.
fn error_name(error: String) -> Result<String> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    match error.len() <= MAX_OAUTH_ERROR_BYTES && error.bytes().all(allowed) {
        true => Ok(error),
        false => Err(RequestError::field(
            "error",
            "is not an error code of OAuth",
        )),
    }
}

#[cfg(test)]
mod tests;
