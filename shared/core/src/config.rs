//! Reading configuration from named variables.
//!
//! Each concern has a struct of its own that reads its variables through [`Vars`]; a value that
//! does not parse stops the start instead of quietly turning something off.

use std::fmt;

use url::Url;

/// A variable that is missing or holds what it cannot hold. Its value is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the variable {variable} {problem}")]
pub struct ConfigError {
    /// The variable's name.
    pub variable: String,
    /// What is wrong and what would be right, to be read after the name.
    pub problem: String,
}

impl ConfigError {
    /// An error about one variable.
    pub fn new(variable: &str, problem: impl Into<String>) -> Self {
        Self {
            variable: variable.to_owned(),
            problem: problem.into(),
        }
    }
}

/// Where the variables come from: the environment of a process, or a list in a test.
#[derive(Clone, Copy)]
pub struct Vars<'a>(&'a dyn Fn(&str) -> Option<String>);

impl<'a> Vars<'a> {
    /// Variables by a function from name to value.
    pub fn new(source: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self(source)
    }

    /// The value of a variable; a blank one counts as unset.
    pub fn get(&self, variable: &str) -> Option<String> {
        (self.0)(variable).filter(|value| !value.trim().is_empty())
    }

    /// The value of a variable that must be set.
    ///
    /// # Errors
    /// [`ConfigError`] where it is not.
    pub fn required(&self, variable: &str) -> Result<String, ConfigError> {
        self.get(variable)
            .ok_or_else(|| ConfigError::new(variable, "is required and is not set"))
    }

    /// The value of a variable as `T`, or `default` where it is not set.
    ///
    /// # Errors
    /// [`ConfigError`] for a value that `T` cannot be read from; `needed` says what can.
    pub fn parsed<T: std::str::FromStr>(
        &self,
        variable: &str,
        needed: &str,
        default: T,
    ) -> Result<T, ConfigError> {
        match self.get(variable) {
            Some(value) => value
                .trim()
                .parse()
                .map_err(|_| ConfigError::new(variable, format!("does not hold {needed}"))),
            None => Ok(default),
        }
    }

    /// The value of a variable as an address that may be told secrets: of https, or of http on
    /// this machine. A slash at its end is left out.
    ///
    /// # Errors
    /// [`ConfigError`] for any other, and for one with a user, a query or a fragment.
    pub fn address(&self, variable: &str) -> Result<Option<Url>, ConfigError> {
        let Some(text) = self.get(variable) else {
            return Ok(None);
        };
        let url = Url::parse(text.trim().trim_end_matches('/')).ok();
        let is_plain = |url: &Url| {
            url.query().is_none()
                && url.fragment().is_none()
                && url.username().is_empty()
                && url.password().is_none()
        };
        let is_here =
            |url: &Url| matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
        let is_private =
            |url: &Url| url.scheme() == "https" || (url.scheme() == "http" && is_here(url));
        let url = url.filter(|url| is_plain(url) && is_private(url));
        url.map(Some).ok_or_else(|| {
            let problem = "needs an address of https, or of http on this machine, without a \
                           user, a query or a fragment";
            ConfigError::new(variable, problem)
        })
    }
}

impl fmt::Debug for Vars<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vars(…)")
    }
}
