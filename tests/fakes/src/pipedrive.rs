//! Pipedrive as a fake: kept in memory, behind a journal and a fault plan.
//!
//! One server plays `https://{company}.pipedrive.com` (`/api/v2`, and `/v1` or `/api/v1` for what
//! v2 lacks) and `https://oauth.pipedrive.com`. It refuses whatever v2 refuses. Where nobody knows
//! for sure what Pipedrive does, there is a switch. `operations` lists what it can do.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use chrono::{TimeDelta, Utc};

use crate::faults::Fault;
use crate::notes::Notes;
use crate::server::FakeCrm;

mod activities;
mod call;
mod contacts;
mod demo;
mod door;
mod fields;
mod grants;
mod hand;
mod limits;
mod oauth;
mod operations;
mod pages;
mod query;
mod refusal;
mod sales;
mod search;
mod state;
#[cfg(test)]
mod tests;
mod users;

pub use hand::UninstallNotice;

use door::Shared;

/// A running Pipedrive. What a [`FakeCrm`] can do, it can do.
#[derive(Debug)]
pub struct FakePipedrive {
    server: FakeCrm,
    shared: Arc<Shared>,
}

/// A user of Pipedrive.
#[derive(Clone, Copy, Debug)]
pub struct PipedriveUser {
    /// Unique everywhere.
    pub id: u64,
    /// Their company.
    pub company_id: u64,
    /// What stands before `.pipedrive.com` in their company's address.
    pub company_domain: &'static str,
    /// Their name.
    pub name: &'static str,
    /// Their time zone.
    pub zone: &'static str,
    /// What Pipedrive tells of the zone's offset, which may be out of date.
    pub offset: &'static str,
}

/// What comes with a new access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshTokens {
    /// The refresh token that was used.
    Kept,
    /// Another one, and the one that was used is no longer good.
    Rotated,
}

/// How often an operation was carried out, and what that cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// How often.
    pub calls: u64,
    /// The tokens of the day's budget.
    pub tokens: u64,
}

impl Usage {
    fn add(&mut self, tokens: u64) {
        self.calls += 1;
        self.tokens += tokens;
    }
}

impl FakePipedrive {
    /// The app's id.
    pub const CLIENT_ID: &str = "a1b2c3d4e5f60718";
    /// The app's secret, of hexadecimal digits as real ones are.
    pub const CLIENT_SECRET: &str = "f0e1d2c3b4a5968778695a4b3c2d1e0f10203040";
    /// Every user: two of the first company, one of the second.
    pub const USERS: [PipedriveUser; 3] = [
        user(11, 1, "Demo Rep", ("America/Los_Angeles", "-08:00")),
        user(12, 1, "Second Rep", ("America/New_York", "-05:00")),
        user(21, 2, "Other Rep", ("Asia/Kolkata", "+05:30")),
    ];

    /// Serves a new Pipedrive, which has a few records, on a free port of 127.0.0.1.
    pub async fn start() -> Self {
        let shared = Shared::new(demo::account(Utc::now()));
        let router = Router::new()
            .fallback(door::serve)
            .with_state(Arc::clone(&shared));
        let server = FakeCrm::start_as("pipedrive", router).await;
        shared.account().settings.api_domain = server.url();
        Self { server, shared }
    }

    /// The rules for notes, to be added to and given to [`FakeCrm::set_notes`].
    pub fn notes() -> Notes {
        Notes::in_field("note")
    }

    /// What Cloudflare says in Pipedrive's place to those who ignored 429.
    pub fn blocked() -> Fault {
        let page = "<!DOCTYPE html><html><title>Access denied</title><h1>Error 1015</h1></html>";
        let html = [("content-type", "text/html; charset=UTF-8")];
        Fault::status_with(403, &html, page)
    }

    /// Puts Pipedrive's clock ahead, so that codes and tokens run out and limits recover.
    pub fn advance(&self, by: Duration) {
        self.shared
            .advance(TimeDelta::from_std(by).expect("not so far"));
    }

    /// What token answers name as the base of all calls, in place of the fake's own address.
    pub fn set_api_domain(&self, url: &str) {
        url.clone_into(&mut self.shared.account().settings.api_domain);
    }

    /// What comes with new access tokens from now on.
    pub fn set_refresh_tokens(&self, tokens: RefreshTokens) {
        self.shared.account().settings.refresh_tokens = tokens;
    }

    /// What the app may do for those who allow it from now on: scopes with spaces between.
    pub fn set_scopes(&self, scopes: &str) {
        scopes.clone_into(&mut self.shared.account().settings.scopes);
    }

    /// Whether a deleted activity is told by its id, with `is_deleted`, instead of a 404.
    pub fn tell_deleted(&self, tells: bool) {
        self.shared.account().settings.tells_deleted = tells;
    }

    /// How long searches do not find what is new.
    pub fn set_index_delay(&self, delay: Duration) {
        self.shared.account().settings.index_delay = delay;
    }

    /// Whether searches find a phone only where the term is written as it is, instead of by its
    /// digits.
    pub fn literal_phones(&self, is_literal: bool) {
        self.shared.account().settings.literal_phones = is_literal;
    }

    /// How many requests a token has in two seconds. Searches have their own limit, of ten.
    pub fn set_burst(&self, requests: usize) {
        self.shared.account().limits.burst = requests;
    }

    /// Leaves the first company this much of today's budget. The day begins at midnight in UTC.
    pub fn leave_daily_tokens(&self, tokens: u64) {
        let now = self.shared.now();
        let mut account = self.shared.account();
        let company = account.companies[0].id;
        account.limits.leave(tokens, company, now);
    }

    /// Whether answers tell what is left of the day's budget.
    pub fn tell_daily_tokens(&self, tells: bool) {
        self.shared.account().limits.tells_daily = tells;
    }

    /// What was carried out since the start or the last [`Self::clear_usage`], by the method and
    /// the path of each operation: `GET /api/v2/activities/{id}`.
    pub fn usage(&self) -> BTreeMap<String, Usage> {
        self.shared.account().usage.clone()
    }

    /// All of [`Self::usage`] together.
    pub fn spent(&self) -> Usage {
        let usage = self.usage();
        Usage {
            calls: usage.values().map(|used| used.calls).sum(),
            tokens: usage.values().map(|used| used.tokens).sum(),
        }
    }

    /// Begins to count anew. The limits stay as they are.
    pub fn clear_usage(&self) {
        self.shared.account().usage.clear();
    }
}

const fn user(
    id: u64,
    company_id: u64,
    name: &'static str,
    (zone, offset): (&'static str, &'static str),
) -> PipedriveUser {
    PipedriveUser {
        id,
        company_id,
        company_domain: match company_id {
            1 => "first-company",
            _ => "second-company",
        },
        name,
        zone,
        offset,
    }
}

impl Deref for FakePipedrive {
    type Target = FakeCrm;

    fn deref(&self) -> &FakeCrm {
        &self.server
    }
}
