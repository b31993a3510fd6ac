//! The local server's own variables, and where all variables come from.

use std::cell::RefCell;
use std::env::{self, VarError};
use std::path::PathBuf;

use daybook_core::config::{ConfigError, Vars};

/// Where the local server listens and keeps its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalConfig {
    /// `PORT`: the port on 127.0.0.1; 6066 unless set, 0 for any free one.
    pub port: u16,
    /// `DAYBOOK_DATA`: the folder of the table and the Example CRM; `.daybook` unless set.
    pub data: PathBuf,
}

impl LocalConfig {
    /// Reads `PORT` and `DAYBOOK_DATA`.
    ///
    /// # Errors
    /// [`ConfigError`], naming the variable.
    pub fn from_vars(vars: &Vars<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            port: vars.parsed("PORT", "a port: a number from 0 to 65535", 6066)?,
            data: vars
                .get("DAYBOOK_DATA")
                .unwrap_or_else(|| ".daybook".to_owned())
                .into(),
        })
    }
}

/// The variables of this process. One that is not UTF-8 reads as unset and is remembered, so that
/// [`check`](Self::check) can refuse it.
#[derive(Debug, Default)]
pub struct Environment {
    unreadable: RefCell<Option<String>>,
}

impl Environment {
    /// The value of a variable.
    pub fn get(&self, variable: &str) -> Option<String> {
        match env::var(variable) {
            Ok(value) => Some(value),
            Err(VarError::NotPresent) => None,
            Err(VarError::NotUnicode(_)) => {
                *self.unreadable.borrow_mut() = Some(variable.to_owned());
                None
            }
        }
    }

    /// Refuses what was asked for so far and is not UTF-8.
    ///
    /// # Errors
    /// [`ConfigError`], naming the variable.
    pub fn check(&self) -> Result<(), ConfigError> {
        match &*self.unreadable.borrow() {
            Some(variable) => Err(ConfigError::new(variable, "holds text that is not UTF-8")),
            None => Ok(()),
        }
    }
}
