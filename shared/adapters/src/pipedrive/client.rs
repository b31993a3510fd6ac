//! Calls of Pipedrive, and its limits.
//!
//! A burst limit ends within seconds, so a call that meets one waits once if there is time. Such a
//! call was not carried out, whether it reads or writes. The daily budget is the company's: once it
//! is spent, nothing helps before the reset.

use std::time::Duration;

use chrono::{DateTime, Days, NaiveTime, Utc};
use http::{HeaderMap, Method, StatusCode};
use serde::de::DeserializeOwned;
use url::Url;

use super::wire::Said;
use crate::http::{Answer, Request};
use crate::{AdapterError, Ctx, Result};

/// The longest time that a call waits for the end of a burst limit.
const LONGEST_WAIT: Duration = Duration::from_secs(3);
/// What must be left for the call itself after it has waited.
const FOR_THE_CALL: Duration = Duration::from_secs(2);
/// How long after the reset of the daily budget is asked again.
const AFTER_RESET: Duration = Duration::from_secs(60);

/// The whole number seconds until the limit of a burst is over.
const RESET: &str = "x-ratelimit-reset";
/// What is left of the company's daily budget. Not documented, and not always sent.
const DAILY_LEFT: &str = "x-daily-ratelimit-token-remaining";

/// Sends a call and reads what it was answered with.
pub(super) async fn send<T: DeserializeOwned>(ctx: &Ctx<'_>, request: Request) -> Result<Said<T>> {
    let answer = answer(ctx, request).await?;
    match answer.status.is_success() {
        true => answer.json(),
        false => Err(refusal(answer, ctx.clock.now())),
    }
}

/// Reads from an address.
pub(super) async fn get<T: DeserializeOwned>(ctx: &Ctx<'_>, url: Url) -> Result<Said<T>> {
    send(ctx, Request::new(Method::GET, url)).await
}

/// Sends a call, and once more where a burst limit is over soon.
pub(super) async fn answer(ctx: &Ctx<'_>, request: Request) -> Result<Answer> {
    let first = ctx.http.answer(ctx, request.clone()).await?;
    let Some(wait) = burst(&first) else {
        return Ok(first);
    };
    if ctx.deadline.remaining(ctx.clock.now()) < wait + FOR_THE_CALL {
        return Ok(first);
    }
    tokio::time::sleep(wait).await;
    ctx.http.answer(ctx, request).await
}

/// What a refusal means: as for every CRM, but for when to come back.
pub(super) fn refusal(answer: Answer, now: DateTime<Utc>) -> AdapterError {
    let asked = match is_spent(&answer.headers) {
        true => Some(until_midnight(now) + AFTER_RESET),
        false => seconds(&answer.headers, RESET),
    };
    let mut error = answer.into_error(now);
    if let AdapterError::RateLimited { retry_after } = &mut error {
        *retry_after = retry_after.or(asked);
    }
    error
}

/// How long to wait for a burst limit that is over soon.
fn burst(answer: &Answer) -> Option<Duration> {
    let is_burst = answer.status == StatusCode::TOO_MANY_REQUESTS && !is_spent(&answer.headers);
    let wait = seconds(&answer.headers, RESET).filter(|_| is_burst)?;
    (wait <= LONGEST_WAIT).then_some(wait)
}

fn is_spent(headers: &HeaderMap) -> bool {
    seconds(headers, DAILY_LEFT) == Some(Duration::ZERO)
}

fn seconds(headers: &HeaderMap, name: &str) -> Option<Duration> {
    let text = headers.get(name)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

/// The budget is taken to begin anew at midnight UTC: Pipedrive says that it does at midnight of
/// its servers, and not where these are.
fn until_midnight(now: DateTime<Utc>) -> Duration {
    let tomorrow = now.date_naive() + Days::new(1);
    let midnight = tomorrow.and_time(NaiveTime::MIN).and_utc();
    (midnight - now).to_std().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_begins_anew_at_midnight() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        let hour = Duration::from_secs(3_600);
        assert_eq!(until_midnight(at("2026-11-21T23:00:00Z")), hour);
        assert_eq!(until_midnight(at("2026-11-21T00:00:00Z")), 24 * hour);
    }
}
