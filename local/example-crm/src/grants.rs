//! What users allowed apps to do: each grant from its code to the end of its last token.
//!
//! Pure: no clock, no chance; only hashes of codes and tokens come in. A grant begins with a code,
//! which is used once; a second use ends the grant, because then two have the code. From the code
//! on it has one refresh token and at most one access token. A refresh replaces both. A refresh
//! token that was replaced is refused and changes nothing: of clients that race one wins, and the
//! others do not take its tokens from it. There is one app, so that no grant says whose it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::people::{User, by_ids};
use crate::time::iso;
use crate::token::TokenHash;

/// How long a code can be used.
const CODE_LIFE: TimeDelta = TimeDelta::seconds(60);
const FIRST_GRANT_ID: u64 = 1;

/// What one user allowed, once.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Grant {
    pub(crate) id: u64,
    #[serde(with = "by_ids")]
    pub(crate) user: &'static User,
    pub(crate) scope: String,
    #[serde(with = "iso")]
    pub(crate) granted_at: DateTime<Utc>,
    code: TokenHash,
    stage: Stage,
}

/// How far a grant has come.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Stage {
    /// The code was given and not used yet.
    Allowed {
        redirect_uri: String,
        #[serde(with = "iso")]
        expires_at: DateTime<Utc>,
    },
    /// The app has tokens.
    Connected {
        refresh: TokenHash,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        access: Option<Access>,
    },
}

/// An access token.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Access {
    pub(crate) token: TokenHash,
    #[serde(with = "iso")]
    pub(crate) expires_at: DateTime<Utc>,
}

/// What a user allows now.
pub(crate) struct Consent {
    pub(crate) user: &'static User,
    pub(crate) scope: String,
    pub(crate) redirect_uri: String,
    pub(crate) code: TokenHash,
}

/// The tokens that a request is given.
pub(crate) struct NewTokens {
    pub(crate) refresh: TokenHash,
    pub(crate) access: Access,
}

/// Every grant that has not ended.
#[derive(Clone)]
pub(crate) struct Grants {
    pub(crate) all: BTreeMap<u64, Arc<Grant>>,
    pub(crate) next_id: u64,
}

impl Default for Grants {
    fn default() -> Self {
        Self {
            all: BTreeMap::new(),
            next_id: FIRST_GRANT_ID,
        }
    }
}

impl Grant {
    fn is_connected(&self) -> bool {
        matches!(self.stage, Stage::Connected { .. })
    }

    fn access(&self) -> Option<&Access> {
        match &self.stage {
            Stage::Connected { access, .. } => access.as_ref(),
            Stage::Allowed { .. } => None,
        }
    }

    fn has_refresh(&self, token: &TokenHash) -> bool {
        match &self.stage {
            Stage::Connected { refresh, .. } => refresh == token,
            Stage::Allowed { .. } => false,
        }
    }

    fn has_access(&self, token: &TokenHash) -> bool {
        self.access().is_some_and(|access| access.token == *token)
    }

    fn with_tokens(&self, tokens: NewTokens) -> Self {
        let stage = Stage::Connected {
            refresh: tokens.refresh,
            access: Some(tokens.access),
        };
        Self {
            stage,
            ..self.clone()
        }
    }
}

impl Grants {
    /// Begins a grant with its code.
    pub(crate) fn allow(&mut self, consent: Consent, now: DateTime<Utc>) {
        let grant = Grant {
            id: self.next_id,
            user: consent.user,
            scope: consent.scope,
            granted_at: now,
            code: consent.code,
            stage: Stage::Allowed {
                redirect_uri: consent.redirect_uri,
                expires_at: now + CODE_LIFE,
            },
        };
        self.next_id += 1;
        self.all.insert(grant.id, Arc::new(grant));
    }

    /// Gives tokens for a code, and tells their scope; `None` where the code is not good. A code
    /// that was used before ends its grant.
    pub(crate) fn redeem(
        &mut self,
        code: &TokenHash,
        redirect_uri: &str,
        tokens: NewTokens,
    ) -> Option<String> {
        let grant = self.find(|grant| grant.code == *code)?;
        let Stage::Allowed {
            redirect_uri: allowed,
            ..
        } = &grant.stage
        else {
            self.end(grant.id);
            return None;
        };
        (allowed == redirect_uri).then(|| self.give(&grant, tokens))
    }

    /// Replaces both tokens of a grant, and tells their scope; `None` where the refresh token is
    /// not the newest of any.
    pub(crate) fn refresh(&mut self, token: &TokenHash, tokens: NewTokens) -> Option<String> {
        let grant = self.find(|grant| grant.has_refresh(token))?;
        Some(self.give(&grant, tokens))
    }

    fn give(&mut self, grant: &Grant, tokens: NewTokens) -> String {
        let grant = grant.with_tokens(tokens);
        let scope = grant.scope.clone();
        self.all.insert(grant.id, Arc::new(grant));
        scope
    }

    /// Whom an access token stands for.
    pub(crate) fn user_of(&self, token: &TokenHash, now: DateTime<Utc>) -> Option<&'static User> {
        let grant = self.all.values().find(|grant| grant.has_access(token))?;
        let good = grant.access().is_some_and(|access| now < access.expires_at);
        good.then_some(grant.user)
    }

    /// Ends a grant, if it is there.
    pub(crate) fn end(&mut self, id: u64) {
        self.all.remove(&id);
    }

    /// Ends the grant that has this access or refresh token, if there is one.
    pub(crate) fn end_by_token(&mut self, token: &TokenHash) {
        if let Some(grant) = self.find(|grant| grant.has_refresh(token) || grant.has_access(token))
        {
            self.end(grant.id);
        }
    }

    /// The grants that an app has tokens of, oldest first.
    pub(crate) fn connected(&self) -> impl Iterator<Item = &Grant> {
        let grants = self.all.values().map(AsRef::as_ref);
        grants.filter(|grant: &&Grant| grant.is_connected())
    }

    /// Forgets codes and access tokens that have expired.
    pub(crate) fn prune(&mut self, now: DateTime<Utc>) {
        self.all.retain(|_, grant| match &grant.stage {
            Stage::Allowed { expires_at, .. } => now < *expires_at,
            Stage::Connected { .. } => true,
        });
        for grant in self.all.values_mut() {
            if grant
                .access()
                .is_some_and(|access| access.expires_at <= now)
                && let Stage::Connected { access, .. } = &mut Arc::make_mut(grant).stage
            {
                *access = None;
            }
        }
    }

    fn find(&self, matches: impl Fn(&Grant) -> bool) -> Option<Arc<Grant>> {
        self.all.values().find(|grant| matches(grant)).cloned()
    }
}
