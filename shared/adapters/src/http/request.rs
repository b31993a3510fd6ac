//! One call, before it is sent.

use daybook_core::params::AuthHeader;
use http::{HeaderValue, Method};
use serde::Serialize;
use url::Url;

use crate::{AdapterError, Entity, Result};

/// One call.
#[derive(Clone)]
pub struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) auth: Option<AuthHeader>,
    pub(super) body: Option<Body>,
    pub(super) entity: Option<Entity>,
}

/// What a call carries.
#[derive(Clone)]
pub(super) struct Body {
    pub(super) content_type: HeaderValue,
    pub(super) bytes: Vec<u8>,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

impl Request {
    /// A call without a body, that is about nothing which could be missing.
    pub fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            auth: None,
            body: None,
            entity: None,
        }
    }

    /// The same call about an `entity`: this is what is not there when a 404 comes back.
    pub fn about(mut self, entity: Entity) -> Self {
        self.entity = Some(entity);
        self
    }

    /// The same call with credentials of its own in place of the user's.
    pub fn authorized(mut self, auth: AuthHeader) -> Self {
        self.auth = Some(auth);
        self
    }

    /// The same call with a JSON body.
    ///
    /// # Errors
    /// [`AdapterError::Invalid`] where `body` has no JSON form.
    pub fn json(self, body: &impl Serialize) -> Result<Self> {
        let bytes = serde_json::to_vec(body).map_err(|_| AdapterError::Invalid {
            status: 400,
            field: None,
        })?;
        Ok(self.body("application/json", bytes))
    }

    /// The same call with a form, encoded already.
    pub fn form(self, bytes: Vec<u8>) -> Self {
        self.body("application/x-www-form-urlencoded", bytes)
    }

    fn body(mut self, content_type: &'static str, bytes: Vec<u8>) -> Self {
        let content_type = HeaderValue::from_static(content_type);
        self.body = Some(Body {
            content_type,
            bytes,
        });
        self
    }

    /// Its method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Where it goes.
    pub fn url(&self) -> &Url {
        &self.url
    }

    pub(super) fn writes(&self) -> bool {
        !self.method.is_safe()
    }
}
