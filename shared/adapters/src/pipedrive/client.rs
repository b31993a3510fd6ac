//! Calls of Pipedrive, and its limits.
//!
//! A burst limit ends within seconds, so a call that meets one waits if there is time: a search as
//! often as others are faster, another call once. Such a call was not carried out, whether it reads
//! or writes. The daily budget is the company's: once it is spent, nothing helps before the reset.

use std::time::Duration;

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use daybook_core::cache::{Place, Within};
use daybook_core::ids::TenantId;
use http::{HeaderMap, Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::json;
use url::Url;

use super::PROFILE;
use super::wire::Said;
use crate::http::{Answer, Request};
use crate::{AdapterError, Ctx, Result};

/// What must be left for the call itself after it has waited.
const FOR_THE_CALL: Duration = Duration::from_secs(2);
/// How many times a search is sent at the most that others keep out.
const MOST_SEARCHES: u32 = 8;
/// How long after the reset of the daily budget is asked again.
const AFTER_RESET: Duration = Duration::from_secs(60);
/// The first and the longest pause where a limit lasts of which Pipedrive says that it is over.
const PAUSES: (TimeDelta, TimeDelta) = (TimeDelta::minutes(1), TimeDelta::hours(1));
/// The name of the last of these pauses in the cache.
const PAUSE: &str = "pause";

/// The least that is waited for the end of a burst.
const LEAST_RESET: Duration = Duration::from_secs(1);

/// The whole number of seconds until the limit of a burst is over.
const RESET: &str = "x-ratelimit-reset";
/// How many calls the burst has left.
const LEFT: &str = "x-ratelimit-remaining";
/// What is left of the company's daily budget. Not documented, and not always sent.
const DAILY_LEFT: &str = "x-daily-ratelimit-token-remaining";

/// Sends a call and reads what it was answered with.
pub(super) async fn send<T: DeserializeOwned>(ctx: &Ctx<'_>, request: Request) -> Result<Said<T>> {
    let answer = answer(ctx, request).await?;
    match answer.status.is_success() {
        true => answer.json(),
        false => Err(answer.into_error(ctx.clock.now())),
    }
}

/// Reads from an address.
pub(super) async fn get<T: DeserializeOwned>(ctx: &Ctx<'_>, url: Url) -> Result<Said<T>> {
    send(ctx, Request::new(Method::GET, url)).await
}

/// Searches. Tells besides how long the next search has to wait, where this one was the last that
/// the burst had left.
pub(super) async fn search<T: DeserializeOwned>(
    ctx: &Ctx<'_>,
    url: Url,
) -> Result<(Said<T>, Option<Duration>)> {
    let answer = answer(ctx, Request::new(Method::GET, url)).await?;
    if !answer.status.is_success() {
        return Err(answer.into_error(ctx.clock.now()));
    }
    let wait = seconds(&answer.headers, RESET).filter(|_| is_full(&answer.headers));
    Ok((answer.json()?, wait))
}

/// Sends a call, and again where a burst limit is over in time.
///
/// # Errors
/// [`AdapterError::RateLimited`] where it is not, beside those of [`crate::http::Http::answer`].
pub(super) async fn answer(ctx: &Ctx<'_>, request: Request) -> Result<Answer> {
    let mut sent = 0;
    loop {
        let answer = ctx.http.answer(ctx, request.clone()).await?;
        sent += 1;
        if answer.status != StatusCode::TOO_MANY_REQUESTS {
            return Ok(answer);
        }
        let (told, spent) = (told(ctx, &answer), is_spent(&answer.headers, &request));
        let is_crowded = is_search(request.url()) && is_full(&answer.headers);
        let may_wait = !spent && (sent == 1 || (is_crowded && sent < MOST_SEARCHES));
        match told.filter(|asked| may_wait && !asked.is_zero()) {
            Some(wait) if pause(ctx, wait).await => {}
            Some(_) | None => {
                let lasts = sent > 1 && !is_crowded;
                let retry_after = match (spent, lasts) {
                    (true, _) => told.max(Some(until_midnight(ctx.clock.now()) + AFTER_RESET)),
                    (false, true) => told.max(Some(longer(ctx, request.url()).await)),
                    (false, false) => told,
                };
                return Err(AdapterError::RateLimited { retry_after });
            }
        }
    }
}

/// Waits as long as Pipedrive asks, and by chance a little longer, so that those who wait do not
/// come back together. `false` where no time is left for that.
pub(super) async fn pause(ctx: &Ctx<'_>, asked: Duration) -> bool {
    let left = ctx.deadline.remaining(ctx.clock.now());
    let Some(spare) = left.checked_sub(asked + FOR_THE_CALL) else {
        return false;
    };
    let spread = spare.min(asked / 2).as_secs_f64() * fastrand::f64();
    tokio::time::sleep(asked + Duration::from_secs_f64(spread)).await;
    true
}

/// How long Pipedrive asks to wait. A second that has begun is not over.
fn told(ctx: &Ctx<'_>, answer: &Answer) -> Option<Duration> {
    let asked = answer.retry_after(ctx.clock.now());
    asked.or_else(|| seconds(&answer.headers, RESET).map(|reset| reset.max(LEAST_RESET)))
}

/// How long to leave a company alone whose limit lasts, although Pipedrive said that it would be
/// over: where the daily budget is spent, that need not be told. Twice as long as the last time.
async fn longer(ctx: &Ctx<'_>, url: &Url) -> Duration {
    let (first, longest) = PAUSES;
    let host = ctx.user.hostname.as_deref().or(url.host_str());
    let Some(tenant) = host.and_then(|host| TenantId::parse(&host.to_ascii_lowercase())) else {
        return first.to_std().unwrap_or_default();
    };
    let place = Place {
        platform: PROFILE.id,
        tenant: &tenant,
        name: PAUSE,
    };
    let now = ctx.clock.now();
    let within = Within {
        now,
        deadline: ctx.deadline,
    };
    let last = ctx.cache.get(place, within).await;
    let last = last.and_then(|seconds| seconds.as_i64());
    let next = last.map_or(first, |last| {
        (TimeDelta::seconds(last) * 2).clamp(first, longest)
    });
    let until = now + next * 2 + first;
    ctx.cache
        .put(place, &json!(next.num_seconds()), until, within)
        .await;
    next.to_std().unwrap_or_default()
}

/// Whether what is left of the day is too little for a call.
fn is_spent(headers: &HeaderMap, request: &Request) -> bool {
    number(headers, DAILY_LEFT).is_some_and(|left| left < tokens(request))
}

/// Whether a burst has no call left.
fn is_full(headers: &HeaderMap) -> bool {
    number(headers, LEFT).is_some_and(|left| left <= 0)
}

fn is_search(url: &Url) -> bool {
    url.path().ends_with("/search")
}

/// What a call costs of the daily budget.
///
/// # Source
/// Pipedrive's OpenAPI descriptions of v1 and v2, as of 2026-08-03 (read 2026-11-21).
fn tokens(request: &Request) -> i64 {
    let url = request.url();
    match *request.method() {
        Method::GET if is_search(url) => 20,
        Method::GET if url.path().ends_with("/users/me") => 2,
        Method::GET if url.path().starts_with("/v1/") => 20,
        Method::GET if url.path().ends_with(|last: char| last.is_ascii_digit()) => 1,
        Method::GET => 10,
        Method::DELETE => 3,
        _ => 5,
    }
}

fn seconds(headers: &HeaderMap, name: &str) -> Option<Duration> {
    let seconds = number(headers, name)?;
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

fn number(headers: &HeaderMap, name: &str) -> Option<i64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
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
