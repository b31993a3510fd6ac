//! The one outbound HTTP client: timeouts, the deadline, `Retry-After`, body limits, and what an
//! HTTP status means.
//!
//! Nothing is followed or repeated here: a write that went out once was sent once. An adapter
//! overrides a row of [`Answer::into_error`] only for a documented quirk of its CRM.

mod answer;
mod clients;
mod request;

use std::time::Duration;

use bytes::BytesMut;
use http::HeaderValue;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;

pub use self::answer::Answer;
use self::clients::Clients;
pub use self::request::Request;
use crate::{AdapterError, Cause, Ctx, Outbound, Result};

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

impl Http {
    /// A client with limits of its own, for tests that cannot wait.
    pub fn with_limits(limits: Limits) -> Self {
        Self {
            limits,
            clients: Clients::default(),
        }
    }

    /// Sends a call in the user's name and reads its answer, whatever its status.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn answer(&self, ctx: &Ctx<'_>, mut request: Request) -> Result<Answer> {
        request.auth.get_or_insert_with(|| ctx.auth.clone());
        self.send(&ctx.outbound(), request).await
    }

    /// Sends a call with its own credentials, or with none, and reads its answer, whatever its
    /// status.
    ///
    /// # Errors
    /// [`AdapterError::Unavailable`], with [`Applied::Unknown`](crate::Applied::Unknown) for a
    /// write that may have arrived.
    pub async fn send(&self, out: &Outbound<'_>, request: Request) -> Result<Answer> {
        let writes = request.writes();
        let longest = if writes {
            self.limits.write
        } else {
            self.limits.read
        };
        let left = out.deadline.remaining(out.clock.now());
        if left < self.limits.least {
            return Err(AdapterError::not_applied(Cause::OutOfTime));
        }
        let allowed = longest.min(left.saturating_sub(self.limits.margin));
        let failed = |cause, sent: bool| match writes && sent {
            true => AdapterError::unknown(cause),
            false => AdapterError::not_applied(cause),
        };
        match tokio::time::timeout(allowed, self.exchange(request)).await {
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
    async fn exchange(&self, request: Request) -> std::result::Result<Answer, (Cause, bool)> {
        let (writes, entity) = (request.writes(), request.entity);
        let mut call = self
            .clients
            .towards(&request.url, &self.limits)
            .map_err(|cause| (cause, false))?
            .request(request.method, request.url)
            .header(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(auth) = request.auth {
            let mut header = HeaderValue::from_str(auth.expose_secret())
                .map_err(|_| (Cause::Unreadable, false))?;
            header.set_sensitive(true);
            call = call.header(AUTHORIZATION, header);
        }
        if let Some(body) = request.body {
            call = call
                .header(CONTENT_TYPE, body.content_type)
                .body(body.bytes);
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
