//! What a CRM answered, and what an HTTP status means.

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use crate::{AdapterError, Applied, Cause, Entity, Result};

/// What a CRM answered, whole.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    pub(super) writes: bool,
    pub(super) entity: Option<Entity>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .finish_non_exhaustive()
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
    /// 408 and 5xx leave open whether a write was applied; every other status says it was not. A
    /// 403 with a page is a firewall's in front of the CRM, which may let the same call through
    /// later: it says nothing about permissions.
    pub fn into_error(self, now: DateTime<Utc>) -> AdapterError {
        let status = self.status.as_u16();
        let retry_after = retry_after(&self.headers, now);
        match status {
            401 => AdapterError::Unauthorized,
            403 if self.is_page() => AdapterError::Unavailable {
                applied: Applied::No,
                cause: Cause::Status(status),
                retry_after,
            },
            403 => AdapterError::Forbidden,
            404 | 410 => match self.entity {
                Some(entity) => AdapterError::NotFound(entity),
                None => AdapterError::Rejected { status },
            },
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

    /// How long the CRM asks to wait, by `Retry-After`.
    pub fn retry_after(&self, now: DateTime<Utc>) -> Option<Duration> {
        retry_after(&self.headers, now)
    }

    fn is_page(&self) -> bool {
        let kind = self.headers.get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default();
        essence.trim().eq_ignore_ascii_case("text/html")
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
    use http::HeaderName;

    use super::*;

    fn answer(status: u16, writes: bool, headers: &[(HeaderName, &str)]) -> Answer {
        let header = |(name, value): &(HeaderName, &str)| {
            (name.clone(), value.parse().expect("a header's value"))
        };
        Answer {
            status: StatusCode::from_u16(status).expect("a status"),
            headers: headers.iter().map(header).collect(),
            body: Bytes::new(),
            writes,
            entity: Some(Entity::Log),
        }
    }

    fn meaning(answer: Answer) -> AdapterError {
        answer.into_error(DateTime::from_timestamp(1_424_265_890, 0).expect("a time"))
    }

    fn error(status: u16, writes: bool) -> AdapterError {
        meaning(answer(status, writes, &[]))
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
            assert_eq!(error(status, true), expected, "{status}");
        }
    }

    #[test]
    fn a_failed_write_may_have_been_applied_and_a_failed_read_cannot() {
        for status in [408, 500, 502, 503, 504] {
            assert_eq!(
                error(status, true),
                AdapterError::unknown(Cause::Status(status))
            );
            assert_eq!(
                error(status, false),
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
            let limited = answer(429, true, &[(RETRY_AFTER, value)]);
            assert_eq!(meaning(limited), expected, "{value}");
        }
    }

    #[test]
    fn a_call_about_nothing_finds_nothing_missing() {
        for status in [404, 410] {
            let mut answer = answer(status, false, &[]);
            answer.entity = None;
            assert_eq!(meaning(answer), AdapterError::Rejected { status });
        }
    }

    #[test]
    fn a_page_that_forbids_is_a_firewall_and_no_missing_permission() {
        let page = |status, writes, kind| meaning(answer(status, writes, &[(CONTENT_TYPE, kind)]));
        for writes in [true, false] {
            for kind in ["text/html", "Text/HTML; charset=UTF-8"] {
                let firewall = AdapterError::not_applied(Cause::Status(403));
                assert_eq!(page(403, writes, kind), firewall, "{kind}");
                assert_eq!(page(401, writes, kind), AdapterError::Unauthorized);
                let limited = AdapterError::RateLimited { retry_after: None };
                assert_eq!(page(429, writes, kind), limited);
            }
            for kind in ["application/json", "text/htmlx", ""] {
                assert_eq!(page(403, writes, kind), AdapterError::Forbidden, "{kind}");
            }
        }
    }

    #[test]
    fn a_firewall_may_say_when_to_come_back() {
        let headers = [(CONTENT_TYPE, "text/html"), (RETRY_AFTER, "30")];
        let expected = AdapterError::Unavailable {
            applied: Applied::No,
            cause: Cause::Status(403),
            retry_after: Some(Duration::from_secs(30)),
        };
        assert_eq!(meaning(answer(403, true, &headers)), expected);
    }
}
