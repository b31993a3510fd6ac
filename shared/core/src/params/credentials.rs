//! What a request brings to act with: neither stored, logged nor written into a note.

use secrecy::SecretString;
use url::Url;

use super::wire::present;
use crate::error::RequestError;
use crate::limits::{MAX_AUTH_BYTES, MAX_DOWNLOAD_BYTES, too_long};

/// The value of the `Authorization` header to send to the CRM.
pub type AuthHeader = SecretString;

/// The header's value, which must be one that HTTP can carry.
pub(super) fn auth_header(header: Option<String>) -> Result<Option<AuthHeader>, RequestError> {
    let Some(header) = present(header) else {
        return Ok(None);
    };
    let header = header.trim();
    if header.len() > MAX_AUTH_BYTES {
        return Err(RequestError::field("authHeader", too_long(MAX_AUTH_BYTES)));
    }
    if !header.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Err(RequestError::field(
            "authHeader",
            "holds characters that an HTTP header cannot carry",
        ));
    }
    Ok(Some(SecretString::from(header)))
}

/// An address to fetch content from.
pub(super) fn download(
    field: &str,
    link: Option<String>,
) -> Result<Option<SecretString>, RequestError> {
    let Some(link) = present(link) else {
        return Ok(None);
    };
    if link.len() > MAX_DOWNLOAD_BYTES {
        return Err(RequestError::field(field, too_long(MAX_DOWNLOAD_BYTES)));
    }
    match Url::parse(link.trim()) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => {
            Ok(Some(SecretString::from(String::from(url))))
        }
        _ => Err(RequestError::field(
            field,
            "is not an http or https address",
        )),
    }
}
