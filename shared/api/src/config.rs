//! The configuration of each concern that is the api's own.

use std::time::Duration;

use chrono::TimeDelta;
use daybook_core::config::{ConfigError, Vars};

/// Which messages share a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestWindow {
    /// Those of one day in the user's zone.
    Day,
    /// Those of 24 hours, beginning with a message.
    Rolling24h,
}

/// How long the steps of delivering may take. Tests make them short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// `DIGEST_WINDOW`: `day` (the default) or `rolling24h`.
    pub window: DigestWindow,
    /// `QUARANTINE_SECONDS`: for how long a write that was not answered stays in doubt, in place
    /// of what the adapter knows of its CRM.
    pub quarantine: Option<TimeDelta>,
    /// How long a lease lasts.
    pub lease: TimeDelta,
    /// By how much clocks of workers may differ.
    pub clock_margin: TimeDelta,
    /// The longest that a write to a CRM takes.
    pub write: TimeDelta,
    /// When the scheduled function looks whether an accepted message was delivered.
    pub guard: TimeDelta,
    /// When a write in doubt is looked for again.
    pub look_again: TimeDelta,
    /// When a second activity with our mark is looked for.
    pub fold_after: TimeDelta,
    /// How old a log must be to be gone when it is not found.
    pub log_visible_after: TimeDelta,
    /// When a refused message may be tried again.
    pub refused_for: TimeDelta,
    /// How long to leave a CRM alone that fails for the first, second, … time in turn.
    pub backoff: [TimeDelta; 4],
    /// The first pause of a request that waits for another.
    pub wait_first: Duration,
    /// The longest of its pauses.
    pub wait_most: Duration,
    /// With how much time left a request stops waiting and answers.
    pub give_up: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            window: DigestWindow::Day,
            quarantine: None,
            lease: TimeDelta::seconds(15),
            clock_margin: TimeDelta::seconds(2),
            write: TimeDelta::seconds(8),
            guard: TimeDelta::seconds(30),
            look_again: TimeDelta::seconds(5),
            fold_after: TimeDelta::minutes(10),
            log_visible_after: TimeDelta::minutes(2),
            refused_for: TimeDelta::hours(1),
            backoff: [1, 2, 4, 5].map(TimeDelta::minutes),
            wait_first: Duration::from_millis(20),
            wait_most: Duration::from_millis(400),
            give_up: Duration::from_millis(1_500),
        }
    }
}

impl Limits {
    /// Reads `DIGEST_WINDOW` and `QUARANTINE_SECONDS`.
    ///
    /// # Errors
    /// [`ConfigError`], naming the variable.
    pub fn from_vars(vars: &Vars<'_>) -> Result<Self, ConfigError> {
        let window = match vars.get("DIGEST_WINDOW").as_deref() {
            None | Some("day") => DigestWindow::Day,
            Some("rolling24h") => DigestWindow::Rolling24h,
            Some(_) => {
                return Err(ConfigError::new(
                    "DIGEST_WINDOW",
                    "holds neither `day` nor `rolling24h`",
                ));
            }
        };
        const QUARANTINE: &str = "QUARANTINE_SECONDS";
        let needed = "a whole number of seconds from 0 to 86400";
        let seconds: i64 = vars.parsed(QUARANTINE, needed, -1)?;
        if vars.get(QUARANTINE).is_some() && !(0..=86_400).contains(&seconds) {
            return Err(ConfigError::new(
                QUARANTINE,
                format!("does not hold {needed}"),
            ));
        }
        Ok(Self {
            window,
            quarantine: (seconds >= 0).then(|| TimeDelta::seconds(seconds)),
            ..Self::default()
        })
    }
}

/// Reads `SERVER_URL`: the address at which clients reach this server, without a slash at its end.
/// Unset, it is the one that a request was sent to.
///
/// # Errors
/// [`ConfigError`] where it is no address of https, or of http on this machine.
pub fn server_url(vars: &Vars<'_>) -> Result<Option<String>, ConfigError> {
    let url = vars.address("SERVER_URL")?;
    Ok(url.map(|url| url.as_str().trim_end_matches('/').to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<Option<String>, ConfigError> {
        let find = |_: &str| Some(url.to_owned());
        server_url(&Vars::new(&find))
    }

    #[test]
    fn the_address_of_the_server_has_no_slash_at_its_end() {
        for (url, expected) in [
            ("https://crm.example", Some("https://crm.example")),
            (" https://crm.example/ ", Some("https://crm.example")),
            (
                "https://crm.example/prod/",
                Some("https://crm.example/prod"),
            ),
            ("http://127.0.0.1:6066", Some("http://127.0.0.1:6066")),
            (" ", None),
        ] {
            assert_eq!(read(url).expect(url).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn an_address_that_would_show_a_token_is_refused_and_not_repeated() {
        for url in [
            "http://crm.example",
            "https://a:b@crm.example",
            "https://crm.example/?a=b",
            "https://crm.example/#a",
            "nowhere",
        ] {
            let error = read(url).expect_err("refused");
            assert_eq!(error.variable, "SERVER_URL");
            assert!(!error.to_string().contains(url), "{error}");
        }
    }
}
