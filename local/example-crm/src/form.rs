//! Reads forms and the queries of addresses as RFC 6749 has them: no parameter comes twice, and one
//! without a value counts as left out.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use url::form_urlencoded;

use crate::error::ApiError;
use crate::fields::read_body;

const MEDIA_TYPE: &str = "application/x-www-form-urlencoded";

/// The parameters of a form, as an extractor; `None` for one that came twice.
pub(crate) struct Form(BTreeMap<String, Option<String>>);

/// A parameter came twice.
pub(crate) struct Repeated;

impl Form {
    pub(crate) fn parse(encoded: &[u8]) -> Self {
        let mut values = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(encoded) {
            match values.entry(name.into_owned()) {
                Entry::Vacant(place) => {
                    place.insert(Some(value.into_owned()));
                }
                Entry::Occupied(mut place) => {
                    place.insert(None);
                }
            }
        }
        Self(values)
    }

    pub(crate) fn get(&self, name: &str) -> Result<Option<&str>, Repeated> {
        match self.0.get(name) {
            None => Ok(None),
            Some(None) => Err(Repeated),
            Some(Some(value)) => Ok(Some(value.as_str()).filter(|value| !value.is_empty())),
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_form(request.headers()) {
            return Err(ApiError::Unreadable);
        }
        let bytes = read_body(request, state).await?;
        Ok(Self::parse(&bytes))
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE);
    let value = value.and_then(|value| value.to_str().ok());
    let media_type = value.and_then(|value| value.split(';').next());
    media_type.is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case(MEDIA_TYPE))
}
