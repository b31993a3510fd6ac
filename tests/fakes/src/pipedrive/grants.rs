//! Who allowed the app to act for them: codes, access tokens, refresh tokens.

use chrono::{DateTime, TimeDelta, Utc};

use super::RefreshTokens;

/// How long a code is good.
const CODE: TimeDelta = TimeDelta::minutes(5);
/// How long an access token is good, in seconds.
pub(super) const ACCESS_SECS: i64 = 3_599;
/// How long a refresh token is good when nobody uses it.
const UNUSED: TimeDelta = TimeDelta::days(60);

/// Every code and every grant.
#[derive(Debug, Default)]
pub(super) struct Grants {
    serial: u64,
    codes: Vec<Code>,
    all: Vec<Grant>,
}

#[derive(Debug)]
struct Code {
    code: String,
    user: u64,
    redirect: String,
    scopes: String,
    until: DateTime<Utc>,
}

/// What a user allowed.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    /// The user.
    pub(super) user: u64,
    /// What may be done, with spaces between.
    pub(super) scopes: String,
    /// The refresh token that is good.
    pub(super) refresh: String,
    until: DateTime<Utc>,
    access: Vec<(String, DateTime<Utc>)>,
}

impl Grant {
    /// The newest access token.
    pub(super) fn access_token(&self) -> &str {
        self.access
            .last()
            .map(|(token, _)| token.as_str())
            .unwrap_or_default()
    }

    /// Whether one of these scopes was allowed.
    pub(super) fn allows(&self, scopes: &[&str]) -> bool {
        let mut allowed = self.scopes.split(' ');
        allowed.any(|scope| scopes.contains(&scope))
    }
}

impl Grants {
    /// A user allows the app; the code goes to `redirect`.
    pub(super) fn allow(
        &mut self,
        user: u64,
        redirect: &str,
        scopes: &str,
        now: DateTime<Utc>,
    ) -> String {
        let code = self.secret(20);
        self.codes.push(Code {
            code: code.clone(),
            user,
            redirect: redirect.to_owned(),
            scopes: scopes.to_owned(),
            until: now + CODE,
        });
        code
    }

    /// Gives tokens for a code, which is spent whatever comes of it.
    pub(super) fn exchange(
        &mut self,
        code: &str,
        redirect: &str,
        now: DateTime<Utc>,
    ) -> Option<Grant> {
        let at = self.codes.iter().position(|known| known.code == code)?;
        let spent = self.codes.swap_remove(at);
        if spent.redirect != redirect || spent.until <= now {
            return None;
        }
        let grant = Grant {
            user: spent.user,
            scopes: spent.scopes,
            refresh: self.refresh_token(),
            until: now + UNUSED,
            access: vec![self.access_token(now)],
        };
        self.all.push(grant.clone());
        Some(grant)
    }

    /// Gives another access token for a refresh token. The earlier ones stay good.
    pub(super) fn refresh(
        &mut self,
        token: &str,
        tokens: RefreshTokens,
        now: DateTime<Utc>,
    ) -> Option<Grant> {
        let (access, refresh) = (self.access_token(now), self.refresh_token());
        let mut grants = self.all.iter_mut();
        let grant = grants.find(|grant| grant.refresh == token && grant.until > now)?;
        match tokens {
            RefreshTokens::Kept => {}
            RefreshTokens::Rotated => grant.refresh = refresh,
        }
        grant.until = now + UNUSED;
        grant.access.push(access);
        Some(grant.clone())
    }

    /// The grant behind an access token that is good.
    pub(super) fn by_access_token(&self, token: &str, now: DateTime<Utc>) -> Option<&Grant> {
        self.all.iter().find(|grant| {
            let mut access = grant.access.iter();
            access.any(|(known, until)| known == token && *until > now)
        })
    }

    /// Ends a token: an access token alone, by a refresh token all that its user allowed.
    pub(super) fn revoke(&mut self, token: &str) {
        let user = self.all.iter().find(|grant| grant.refresh == token);
        if let Some(user) = user.map(|grant| grant.user) {
            self.end(user);
        }
        for grant in &mut self.all {
            grant.access.retain(|(known, _)| known != token);
        }
    }

    /// Ends all that a user allowed.
    pub(super) fn end(&mut self, user: u64) {
        self.all.retain(|grant| grant.user != user);
    }

    /// Ends all that anybody allowed.
    pub(super) fn end_all(&mut self) {
        self.all.clear();
    }

    /// Ends all access tokens before their time.
    pub(super) fn end_access(&mut self) {
        for grant in &mut self.all {
            grant.access.clear();
        }
    }

    fn access_token(&mut self, now: DateTime<Utc>) -> (String, DateTime<Utc>) {
        // As long as real ones, and with all the characters that they have.
        let token = format!("v1u:{}+/{}==", self.secret(180), self.secret(180));
        (token, now + TimeDelta::seconds(ACCESS_SECS))
    }

    fn refresh_token(&mut self) -> String {
        format!("1:1:{}", self.secret(40))
    }

    /// A text of this length that was never there before, in hexadecimal digits.
    fn secret(&mut self, length: usize) -> String {
        self.serial += 1;
        let mut state = self.serial;
        let mut digits = format!("{state:08x}");
        while digits.len() < length {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            digits.push_str(&format!("{:08x}", state >> 32));
        }
        digits.truncate(length);
        digits
    }
}
