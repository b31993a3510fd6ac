//! The queries of `GET /contact`, `GET /custom/contact/search` and `GET /accountData`, and the body
//! of `POST /contact`.
//!
//! The extension puts numbers and names into a query without encoding them: a `+` arrives as a
//! space, and what stands behind an `&` in a name looks like another parameter.

use percent_encoding::percent_decode;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::error::RequestError;
use crate::json;
use crate::limits::{MAX_FORMATS, MAX_PHONE_BYTES, MAX_SUBMISSION_BYTES};
use crate::params::caller::Caller;
use crate::params::contacts::{
    Flag, Texts, WireNew, is_set, keys, required_line, required_phone, texts,
};
use crate::params::wire::free_form;
use crate::params::{
    AccountDataParams, CreateContactParams, FindContactParams, FindContactWithNameParams,
};
use crate::user::User;

type Result<T> = std::result::Result<T, RequestError>;

const NAME: &str = "name";
/// The parameter that may stand behind a name.
const BEHIND_NAME: &str = "&jwtToken=";

const SUBMISSION: &str = "additionalSubmission";

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireSubmission {
    additional_submission: Option<Map<String, Value>>,
}

/// The query of `GET /contact`. `Debug` shows no value.
///
/// # Source
/// The OpenAPI description of App Connect's server, `/contact`; its extension, 1.6.6 (read
/// 2026-11-21).
#[derive(Clone)]
pub struct ContactQuery {
    /// Which contacts.
    pub find: FindContactParams,
    /// `isForceRefreshAccountData`: whether the CRM is asked though we know what it said.
    pub refresh: bool,
}

impl ContactQuery {
    /// Reads the query of a user's request as it came, still percent-encoded.
    ///
    /// # Errors
    /// [`RequestError`], naming the parameter.
    pub fn parse(query: &str, user: User) -> Result<Self> {
        let formats = value(query, "overridingFormat").map(Texts::Joined);
        Ok(Self {
            find: FindContactParams {
                user,
                auth: None,
                phone: required_phone(value(query, "phoneNumber"))?,
                formats: texts("overridingFormat", formats).most(MAX_FORMATS, MAX_PHONE_BYTES)?,
                is_extension: flag(query, "isExtension"),
            },
            refresh: flag(query, "isForceRefreshAccountData"),
        })
    }
}

impl FindContactWithNameParams {
    /// Reads the query of a user's request as it came, still percent-encoded.
    ///
    /// # Errors
    /// [`RequestError`], naming the parameter.
    pub fn of_query(query: &str, user: User) -> Result<Self> {
        Ok(Self {
            user,
            auth: None,
            name: required_line(NAME, name(query))?,
        })
    }
}

impl CreateContactParams {
    /// Reads the body of a user's request.
    ///
    /// # Errors
    /// [`RequestError`], naming the field.
    pub fn of_body(body: &[u8], user: User) -> Result<Self> {
        let wire: WireNew = json::read(body)?;
        let submission = json::read::<WireSubmission>(body)?.additional_submission;
        wire.with(Caller {
            user,
            auth: None,
            zone: None,
            additional_submission: free_form(SUBMISSION, submission, MAX_SUBMISSION_BYTES)?,
        })
    }
}

impl AccountDataParams {
    /// Reads the query of a user's request as it came, still percent-encoded.
    ///
    /// # Errors
    /// [`RequestError`], naming the parameter.
    pub fn of_query(query: &str, user: User) -> Result<Self> {
        Ok(Self {
            user,
            auth: None,
            keys: keys(value(query, "keys").map(Texts::Joined))?,
            refresh: flag(query, "forceRefresh"),
        })
    }
}

/// A parameter that is not blank, decoded.
fn value(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes())
        .find(|(key, value)| key == name && !value.trim().is_empty())
        .map(|(_, value)| value.into_owned())
}

fn flag(query: &str, name: &str) -> bool {
    is_set(value(query, name).map(Flag::Name))
}

/// The name, which is the last parameter and may hold an `&`.
fn name(query: &str) -> Option<String> {
    let behind = |start: &str| query.find(start).map(|at| at + start.len());
    let start = match query.starts_with("name=") {
        true => "name=".len(),
        false => behind("&name=")?,
    };
    let rest = &query[start..];
    let end = rest.find(BEHIND_NAME).unwrap_or(rest.len());
    Some(decoded(&rest[..end]))
}

/// A text that is encoded, not encoded, or encoded as Latin-1.
fn decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    let bytes: Vec<u8> = percent_decode(spaced.as_bytes()).collect();
    String::from_utf8(bytes)
        .unwrap_or_else(|error| error.into_bytes().into_iter().map(char::from).collect())
}

// Numbers and names.
crate::conceal!(ContactQuery);

#[cfg(test)]
mod tests;
