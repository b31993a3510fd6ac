//! The local server's own variables.

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
