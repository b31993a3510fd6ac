//! Sessions: who calls, by a token that we signed.
//!
//! A token is a JSON Web Token (RFC 7519), signed with HS256. It names the user and the session
//! that the user's item holds; without that session in the table it is worth nothing, so that a
//! logout ends it while it is young.

use chrono::{DateTime, TimeDelta, Utc};
use daybook_core::config::{ConfigError, Vars};
use daybook_core::ids::{CrmUserId, TenantId};
use daybook_core::user::UserKey;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// The longest token that is looked at, in bytes.
const MAX_TOKEN_BYTES: usize = 4 * 1024;
/// The fewest characters of a key.
const MIN_KEY_CHARS: usize = 32;
/// In which part of its life a token is renewed.
const RENEWED_IN_LAST: TimeDelta = TimeDelta::days(7);

/// What tokens are signed with, and how long they live.
#[derive(Clone)]
pub struct SessionConfig {
    /// `APP_SERVER_SECRET_KEY`: the key that signs.
    pub key: SecretString,
    /// `APP_SERVER_SECRET_KEY_OLD`: the key before, whose tokens are good still.
    pub old_key: Option<SecretString>,
    /// `SESSION_DAYS`: how long a token is good; 14 unless set.
    pub life: TimeDelta,
}

impl SessionConfig {
    /// Reads the variables.
    ///
    /// # Errors
    /// [`ConfigError`], naming the variable.
    pub fn from_vars(vars: &Vars<'_>) -> Result<Self, ConfigError> {
        const KEY: &str = "APP_SERVER_SECRET_KEY";
        const OLD_KEY: &str = "APP_SERVER_SECRET_KEY_OLD";
        const DAYS: &str = "SESSION_DAYS";
        let needed = "a whole number of days from 1 to 365";
        let days: i64 = vars.parsed(DAYS, needed, 14)?;
        if !(1..=365).contains(&days) {
            return Err(ConfigError::new(DAYS, format!("does not hold {needed}")));
        }
        Ok(Self {
            key: secret(KEY, vars.required(KEY)?)?,
            old_key: vars
                .get(OLD_KEY)
                .map(|key| secret(OLD_KEY, key))
                .transpose()?,
            life: TimeDelta::days(days),
        })
    }
}

/// A key of `variable` that is long enough to sign or hash with.
pub(crate) fn secret(variable: &str, key: String) -> Result<SecretString, ConfigError> {
    let key = key.trim();
    if key.chars().count() < MIN_KEY_CHARS {
        let problem = format!("is shorter than {MIN_KEY_CHARS} characters");
        return Err(ConfigError::new(variable, problem));
    }
    Ok(SecretString::from(key))
}

impl std::fmt::Debug for SessionConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionConfig")
            .field("life", &self.life)
            .finish_non_exhaustive()
    }
}

/// A token, for a reply. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Token(String);

impl Token {
    /// The token, to be written into a reply.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Whose it is.
    pub user: UserKey,
    /// The session, as the user's item holds it.
    pub id: String,
    /// Until when the token is good.
    pub until: DateTime<Utc>,
}

/// `id` and `platform` are App Connect's; the rest is ours and the standard's.
#[derive(Serialize, Deserialize)]
struct Claims {
    id: String,
    platform: String,
    tenant: String,
    sid: String,
    iat: i64,
    exp: i64,
}

/// Makes tokens and reads them.
#[derive(Clone)]
pub struct Sessions {
    signs: EncodingKey,
    verify: Vec<DecodingKey>,
    life: TimeDelta,
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}

impl Sessions {
    /// With the keys of `config`.
    pub fn new(config: &SessionConfig) -> Self {
        let bytes = |key: &SecretString| key.expose_secret().as_bytes().to_vec();
        let keys = std::iter::once(&config.key).chain(&config.old_key);
        Self {
            signs: EncodingKey::from_secret(&bytes(&config.key)),
            verify: keys
                .map(|key| DecodingKey::from_secret(&bytes(key)))
                .collect(),
            life: config.life,
        }
    }

    /// A token of the session `id` of `user`, good from `now` on.
    pub fn issue(&self, user: &UserKey, id: &str, now: DateTime<Utc>) -> Token {
        let claims = Claims {
            id: user.id.to_string(),
            platform: user.platform.clone(),
            tenant: user.tenant.to_string(),
            sid: id.to_owned(),
            iat: now.timestamp(),
            exp: (now + self.life).timestamp(),
        };
        let token = encode(&Header::new(Algorithm::HS256), &claims, &self.signs);
        Token(token.expect("texts and numbers have a JSON form, and HS256 takes any key"))
    }

    /// What `token` says, if we signed it and it is good at `now`.
    pub fn read(&self, token: &str, now: DateTime<Utc>) -> Option<Session> {
        if token.len() > MAX_TOKEN_BYTES {
            return None;
        }
        let mut rules = Validation::new(Algorithm::HS256);
        // By our own clock, below.
        rules.validate_exp = false;
        let claims = self
            .verify
            .iter()
            .find_map(|key| decode::<Claims>(token, key, &rules).ok())?
            .claims;
        let until = DateTime::from_timestamp(claims.exp, 0).filter(|until| *until > now)?;
        Some(Session {
            user: UserKey {
                platform: claims.platform,
                tenant: TenantId::parse(&claims.tenant)?,
                id: CrmUserId::parse(&claims.id)?,
            },
            id: claims.sid,
            until,
        })
    }

    /// A newer token of the same session, where this one is in its last week, or in the second
    /// half of a shorter life.
    pub fn renewed(&self, session: &Session, now: DateTime<Utc>) -> Option<Token> {
        let is_late = session.until - now < RENEWED_IN_LAST.min(self.life / 2);
        is_late.then(|| self.issue(&session.user, &session.id, now))
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    use serde_json::{Value, json};

    use super::*;

    const KEY: &str = "a key that is long enough to sign with";
    const OLD_KEY: &str = "the key before, which still verifies";

    fn sessions(key: &str, old_key: Option<&str>) -> Sessions {
        Sessions::new(&SessionConfig {
            key: SecretString::from(key),
            old_key: old_key.map(SecretString::from),
            life: TimeDelta::days(14),
        })
    }

    fn user() -> UserKey {
        UserKey {
            platform: "exampleCRM".to_owned(),
            tenant: TenantId::parse("127.0.0.1").expect("an id"),
            id: CrmUserId::parse("1-exampleCRM").expect("an id"),
        }
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
    }

    fn part(token: &str, number: usize) -> Value {
        let part = token.split('.').nth(number).expect("it has parts");
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).expect("base64");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    fn with_part(token: &str, number: usize, content: &Value) -> String {
        let mut parts: Vec<_> = token.split('.').map(str::to_owned).collect();
        parts[number] = BASE64_URL_SAFE_NO_PAD.encode(content.to_string());
        parts.join(".")
    }

    #[test]
    fn a_token_says_whose_it_is_until_it_is_over() {
        let sessions = sessions(KEY, None);
        let token = sessions.issue(&user(), "s1", now());
        let session = sessions.read(token.expose(), now()).expect("it is good");
        assert_eq!(session.user, user());
        assert_eq!(session.id, "s1");
        assert_eq!(session.until, now() + TimeDelta::days(14));
        let last = now() + TimeDelta::days(14) - TimeDelta::seconds(1);
        assert!(sessions.read(token.expose(), last).is_some());
        assert_eq!(
            sessions.read(token.expose(), now() + TimeDelta::days(14)),
            None
        );
        let claims = part(token.expose(), 1);
        assert_eq!(claims["id"], "1-exampleCRM");
        assert_eq!(claims["platform"], "exampleCRM");
        assert_eq!(part(token.expose(), 0)["alg"], "HS256");
        assert!(!format!("{token:?}").contains(token.expose()));
    }

    #[test]
    fn the_key_before_still_verifies_and_does_not_sign() {
        let before = sessions(OLD_KEY, None).issue(&user(), "s1", now());
        let both = sessions(KEY, Some(OLD_KEY));
        assert!(both.read(before.expose(), now()).is_some());
        let after = both.issue(&user(), "s1", now());
        assert!(
            sessions(OLD_KEY, None)
                .read(after.expose(), now())
                .is_none()
        );
        assert!(sessions(KEY, None).read(before.expose(), now()).is_none());
    }

    #[test]
    fn a_token_that_is_not_ours_is_worth_nothing() {
        let sessions = sessions(KEY, None);
        let token = sessions.issue(&user(), "s1", now()).expose().to_owned();
        let mut claims = part(&token, 1);
        claims["id"] = json!("2-exampleCRM");
        let unsigned = with_part(&token, 0, &json!({"alg": "none", "typ": "JWT"}));
        let unsigned_bare = unsigned.rsplit_once('.').expect("parts").0.to_owned() + ".";
        for forged in [
            with_part(&token, 1, &claims),
            unsigned,
            unsigned_bare,
            with_part(&token, 0, &json!({"alg": "HS384", "typ": "JWT"})),
            with_part(&token, 0, &json!({"alg": "RS256", "typ": "JWT"})),
            token.trim_end_matches(|_: char| true).to_owned(),
            token[..token.len() - 4].to_owned(),
            format!("{token}."),
            format!(" {token}"),
            "null".to_owned(),
            "a.b.c".to_owned(),
            format!("{token}{}", "A".repeat(5_000)),
        ] {
            assert_eq!(sessions.read(&forged, now()), None, "{forged}");
        }
    }

    #[test]
    fn a_token_is_renewed_in_its_last_week() {
        let sessions = sessions(KEY, None);
        let token = sessions.issue(&user(), "s1", now());
        let session = sessions.read(token.expose(), now()).expect("it is good");
        let week = TimeDelta::days(7);
        assert_eq!(sessions.renewed(&session, now() + week), None);
        let late = now() + week + TimeDelta::seconds(1);
        let newer = sessions.renewed(&session, late).expect("it is late");
        let newer = sessions.read(newer.expose(), late).expect("it is good");
        assert_eq!((newer.user, newer.id), (user(), "s1".to_owned()));
        assert_eq!(newer.until, late + TimeDelta::days(14));
    }

    #[test]
    fn a_variable_that_makes_no_good_sessions_is_named() {
        let good = [("APP_SERVER_SECRET_KEY", KEY)];
        for (vars, variable) in [
            (&[][..], Some("APP_SERVER_SECRET_KEY")),
            (
                &[("APP_SERVER_SECRET_KEY", "short")],
                Some("APP_SERVER_SECRET_KEY"),
            ),
            (
                &[good[0], ("APP_SERVER_SECRET_KEY_OLD", "short")],
                Some("APP_SERVER_SECRET_KEY_OLD"),
            ),
            (&[good[0], ("SESSION_DAYS", "0")], Some("SESSION_DAYS")),
            (&[good[0], ("SESSION_DAYS", "two")], Some("SESSION_DAYS")),
            (&good, None),
        ] {
            let find = |name: &str| {
                let found = vars.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            let config = SessionConfig::from_vars(&Vars::new(&find));
            let refused = config.err().map(|error| error.variable);
            assert_eq!(refused.as_deref(), variable, "{vars:?}");
        }
    }
}
