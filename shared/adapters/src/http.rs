//! The one outbound HTTP client: timeouts, the deadline, `Retry-After`, body limits, and what an
//! HTTP status means.
//!
//! Nothing is followed or repeated here: a write that went out once was sent once. An adapter
//! overrides a row of [`Answer::into_error`] only for a documented quirk of its CRM.

mod clients;

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use daybook_core::params::AuthHeader;
use http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use self::clients::Clients;
use crate::{AdapterError, Applied, Cause, Ctx, Entity, Result};

/// How long calls may take and how much they may bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest that a connection may take to come about.
    pub connect: Duration,
    /// The longest that a read may take, to the last byte.
    pub read: Duration,
    /// The longest that a write may take, to the last byte.
    pub write: Duration,
    /// No call begins with less than this left.
    pub least: Duration,
    /// What a call leaves of the time for the answer to be written.
    pub margin: Duration,
    /// The most bytes of an answer.
    pub body_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            read: Duration::from_secs(5),
            write: Duration::from_secs(8),
            least: Duration::from_millis(1_500),
            margin: Duration::from_millis(500),
            body_bytes: 4 << 20,
        }
    }
}

/// The client. Building it reads certificates, so that is left to the first call.
#[derive(Debug, Default)]
pub struct Http {
    limits: Limits,
    clients: Clients,
}

/// One call.
#[derive(Clone)]
pub struct Request {
    method: Method,
    url: Url,
    body: Option<Vec<u8>>,
    entity: Entity,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

impl Request {
    /// A call without a body. `entity` is what a 404 means.
    pub fn new(method: Method, url: Url, entity: Entity) -> Self {
        Self {
            method,
            url,
            body: None,
            entity,
        }
    }

    /// The same call with a JSON body.
    ///
    /// # Errors
    /// [`AdapterError::Invalid`] where `body` has no JSON form.
    pub fn json(mut self, body: &impl Serialize) -> Result<Self> {
        self.body = Some(serde_json::to_vec(body).map_err(|_| AdapterError::Invalid {
            status: 400,
            field: None,
        })?);
        Ok(self)
    }

    fn writes(&self) -> bool {
        !self.method.is_safe()
    }
}

/// What a CRM answered, whole.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    writes: bool,
    entity: Entity,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Http {
    /// A client with limits of its own, for tests that cannot wait.
    pub fn with_limits(limits: Limits) -> Self {
        Self {
            limits,
            clients: Clients::default(),
        }
    }

    /// Sends a call and reads its answer, whatever its status.
    ///
    /// # Errors
    /// [`AdapterError::Unavailable`], with [`Applied::Unknown`] for a write that may have arrived.
    pub async fn answer(&self, ctx: &Ctx<'_>, request: Request) -> Result<Answer> {
        let writes = request.writes();
        let longest = if writes {
            self.limits.write
        } else {
            self.limits.read
        };
        let left = ctx.deadline.remaining(ctx.clock.now());
        if left < self.limits.least {
            return Err(AdapterError::not_applied(Cause::OutOfTime));
        }
        let allowed = longest.min(left.saturating_sub(self.limits.margin));
        let failed = |cause, sent: bool| match writes && sent {
            true => AdapterError::unknown(cause),
            false => AdapterError::not_applied(cause),
        };
        match tokio::time::timeout(allowed, self.exchange(ctx.auth, request)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err((cause, sent))) => Err(failed(cause, sent)),
            Err(_) => Err(failed(Cause::TimedOut, true)),
        }
    }

    /// Sends a call and reads the JSON of its answer.
    ///
    /// # Errors
    /// As [`answer`](Self::answer) and [`Answer::into_error`]; an answer that is not the JSON
    /// asked for is [`AdapterError::Unavailable`], and after a write, unknown.
    pub async fn json<T: DeserializeOwned>(&self, ctx: &Ctx<'_>, request: Request) -> Result<T> {
        let answer = self.answer(ctx, request).await?;
        if !answer.status.is_success() {
            return Err(answer.into_error(ctx.clock.now()));
        }
        answer.json()
    }

    /// The exchange itself. An error says whether the request may have been sent.
    async fn exchange(
        &self,
        auth: &AuthHeader,
        request: Request,
    ) -> std::result::Result<Answer, (Cause, bool)> {
        let (writes, entity) = (request.writes(), request.entity);
        let mut header =
            HeaderValue::from_str(auth.expose_secret()).map_err(|_| (Cause::Unreadable, false))?;
        header.set_sensitive(true);
        let mut call = self
            .clients
            .towards(&request.url, &self.limits)
            .map_err(|cause| (cause, false))?
            .request(request.method, request.url)
            .header(AUTHORIZATION, header);
        if let Some(body) = request.body {
            call = call
                .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                .body(body);
        }
        let mut response = call.send().await.map_err(|error| {
            if error.is_connect() {
                (Cause::NotConnected, false)
            } else if error.is_timeout() {
                (Cause::TimedOut, true)
            } else {
                (Cause::Cut, true)
            }
        })?;
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| (Cause::Cut, true))? {
            if body.len() + chunk.len() > self.limits.body_bytes {
                return Err((Cause::TooLarge, true));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
            body: body.freeze(),
            writes,
            entity,
        })
    }
}

impl Answer {
    /// Reads the body as JSON.
    ///
    /// # Errors
    /// [`AdapterError::Unavailable`]; after a write, unknown.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|_| match self.writes {
            true => AdapterError::unknown(Cause::Unreadable),
            false => AdapterError::not_applied(Cause::Unreadable),
        })
    }

    /// What a status that is not a success means.
    ///
    /// 408 and 5xx leave open whether a write was applied; every other status says it was not.
    pub fn into_error(self, now: DateTime<Utc>) -> AdapterError {
        let status = self.status.as_u16();
        let retry_after = retry_after(&self.headers, now);
        match status {
            401 => AdapterError::Unauthorized,
            403 => AdapterError::Forbidden,
            404 | 410 => AdapterError::NotFound(self.entity),
            400 | 413 | 422 => AdapterError::Invalid {
                status,
                field: None,
            },
            429 => AdapterError::RateLimited { retry_after },
            408 | 500..=599 => AdapterError::Unavailable {
                applied: match self.writes {
                    true => Applied::Unknown,
                    false => Applied::No,
                },
                cause: Cause::Status(status),
                retry_after,
            },
            _ => AdapterError::Rejected { status },
        }
    }
}

/// `Retry-After`, in seconds or as a date (RFC 9110, section 10.2.3).
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = DateTime::<Utc>::from(httpdate::parse_http_date(value).ok()?);
    Some((at - now).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, writes: bool, retry_after: Option<&str>) -> AdapterError {
        let mut headers = HeaderMap::new();
        if let Some(value) = retry_after {
            headers.insert(RETRY_AFTER, value.parse().expect("a header"));
        }
        Answer {
            status: StatusCode::from_u16(status).expect("a status"),
            headers,
            body: Bytes::new(),
            writes,
            entity: Entity::Log,
        }
        .into_error(DateTime::from_timestamp(1_424_265_890, 0).expect("a time"))
    }

    #[test]
    fn a_status_means_the_same_for_every_crm() {
        let invalid = |status| AdapterError::Invalid {
            status,
            field: None,
        };
        for (status, expected) in [
            (400, invalid(400)),
            (401, AdapterError::Unauthorized),
            (403, AdapterError::Forbidden),
            (404, AdapterError::NotFound(Entity::Log)),
            (409, AdapterError::Rejected { status: 409 }),
            (410, AdapterError::NotFound(Entity::Log)),
            (413, invalid(413)),
            (422, invalid(422)),
            (302, AdapterError::Rejected { status: 302 }),
            (429, AdapterError::RateLimited { retry_after: None }),
        ] {
            assert_eq!(error(status, true, None), expected, "{status}");
        }
    }

    #[test]
    fn a_failed_write_may_have_been_applied_and_a_failed_read_cannot() {
        for status in [408, 500, 502, 503, 504] {
            assert_eq!(
                error(status, true, None),
                AdapterError::unknown(Cause::Status(status))
            );
            assert_eq!(
                error(status, false, None),
                AdapterError::not_applied(Cause::Status(status))
            );
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        for (value, seconds) in [
            ("7", Some(7)),
            ("Wed, 18 Feb 2015 13:25:00 GMT", Some(10)),
            ("Wed, 18 Feb 2015 13:00:00 GMT", Some(0)),
            ("soon", None),
        ] {
            let expected = AdapterError::RateLimited {
                retry_after: seconds.map(Duration::from_secs),
            };
            assert_eq!(error(429, true, Some(value)), expected, "{value}");
        }
    }
}
