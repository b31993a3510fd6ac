//! How much may be asked: per token in two seconds, and per company in a day.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use http::HeaderMap;

/// The window that requests are counted in.
const WINDOW: TimeDelta = TimeDelta::seconds(2);
/// How many searches a token has in a window, on every plan.
const SEARCHES: usize = 10;

/// The limits and what was used of them.
#[derive(Debug)]
pub(super) struct Limits {
    /// Requests of a token in a window.
    pub(super) burst: usize,
    /// Tokens of a company in a day.
    pub(super) daily: u64,
    /// Whether answers tell of the day's tokens.
    pub(super) tells_daily: bool,
    recent: HashMap<(String, bool), Vec<DateTime<Utc>>>,
    spent: HashMap<u64, u64>,
    day: String,
}

/// What a request costs and whom.
#[derive(Debug)]
pub(super) struct Cost<'a> {
    pub(super) token: &'a str,
    pub(super) company: u64,
    pub(super) is_search: bool,
    pub(super) tokens: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            burst: 480,
            daily: 210_000,
            tells_daily: true,
            recent: HashMap::new(),
            spent: HashMap::new(),
            day: String::new(),
        }
    }
}

impl Limits {
    /// Counts a request; `false` where there is no room for it. What is refused is not counted.
    pub(super) fn take(&mut self, cost: &Cost<'_>, now: DateTime<Utc>) -> bool {
        self.begin_day(now);
        let most = self.most(cost);
        let spent = self.spent.get(&cost.company).copied().unwrap_or_default();
        let recent = self.recent(cost, now);
        if recent.len() >= most || spent + cost.tokens > self.daily {
            if spent + cost.tokens > self.daily {
                // What is left is too little for anything.
                self.spent.insert(cost.company, self.daily);
            }
            return false;
        }
        self.recent(cost, now).push(now);
        *self.spent.entry(cost.company).or_default() += cost.tokens;
        true
    }

    /// What answers tell of the limits.
    pub(super) fn tell(&mut self, cost: &Cost<'_>, now: DateTime<Utc>, headers: &mut HeaderMap) {
        let most = self.most(cost);
        let recent = self.recent(cost, now);
        let used = recent.len();
        let reset = recent.first().map_or(WINDOW, |first| *first + WINDOW - now);
        headers.insert("x-ratelimit-limit", most.into());
        headers.insert("x-ratelimit-remaining", most.saturating_sub(used).into());
        headers.insert(
            "x-ratelimit-reset",
            (reset.num_milliseconds().max(0) + 999)
                .div_euclid(1_000)
                .into(),
        );
        if self.tells_daily {
            let spent = self.spent.get(&cost.company).copied().unwrap_or_default();
            headers.insert("x-daily-ratelimit-token-limit", self.daily.into());
            let left = self.daily.saturating_sub(spent);
            headers.insert("x-daily-ratelimit-token-remaining", left.into());
        }
    }

    /// Leaves a company this many tokens of today.
    pub(super) fn leave(&mut self, tokens: u64, company: u64, now: DateTime<Utc>) {
        self.begin_day(now);
        let spent = self.daily.saturating_sub(tokens);
        self.spent.insert(company, spent);
    }

    fn most(&self, cost: &Cost<'_>) -> usize {
        match cost.is_search {
            true => SEARCHES,
            false => self.burst,
        }
    }

    /// When the token's requests of the window came in.
    fn recent(&mut self, cost: &Cost<'_>, now: DateTime<Utc>) -> &mut Vec<DateTime<Utc>> {
        let recent = self.recent.entry((cost.token.to_owned(), cost.is_search));
        let recent = recent.or_default();
        recent.retain(|at| *at + WINDOW > now);
        recent
    }

    /// The day of the server begins at midnight in UTC.
    fn begin_day(&mut self, now: DateTime<Utc>) {
        let day = now.date_naive().to_string();
        if self.day != day {
            self.day = day;
            self.spent.clear();
        }
    }
}
