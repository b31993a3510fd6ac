//! What every request shares: built once at the start of a process.

use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use chrono::{DateTime, Utc};
use daybook_adapters::http::Http;
use daybook_adapters::registry::Registry;
use daybook_core::config::{ConfigError, Vars};
use daybook_core::time::{Clock, Deadline};
use daybook_store::{StoreConfig, Table};

/// Where chance comes from: 64 random bits a call.
pub type Random = Arc<dyn Fn() -> u64 + Send + Sync>;

/// The longest that a request may take to be answered. The extension gives up after 15 s.
pub const REPLY_WITHIN: Duration = Duration::from_secs(12);

/// The system's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// What requests are answered with.
#[derive(Clone)]
pub struct App {
    /// The CRMs on offer.
    pub registry: Registry,
    /// The table.
    pub table: Table,
    /// The way to the CRMs.
    pub http: Arc<Http>,
    /// The source of the present time.
    pub clock: Arc<dyn Clock>,
    /// The source of chance.
    pub random: Random,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("registry", &self.registry)
            .finish_non_exhaustive()
    }
}

impl App {
    /// Reads the configuration of every concern and builds the clients.
    ///
    /// # Errors
    /// [`ConfigError`], naming the variable.
    pub fn new(vars: &Vars<'_>, sdk: &SdkConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            registry: Registry::from_vars(vars)?,
            table: Table::new(&StoreConfig::from_vars(vars)?, sdk),
            http: Arc::new(Http::default()),
            clock: Arc::new(SystemClock),
            random: Arc::new(|| fastrand::u64(..)),
        })
    }

    /// [`App::new`] from the environment of the process, with credentials as the AWS SDK finds
    /// them.
    ///
    /// # Errors
    /// As [`App::new`].
    pub async fn from_env() -> Result<Self, ConfigError> {
        let env = |name: &str| std::env::var(name).ok();
        let sdk = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
        Self::new(&Vars::new(&env), &sdk)
    }

    /// The deadline of a request that comes in now.
    pub fn deadline(&self) -> Deadline {
        Deadline::at(self.clock.now() + REPLY_WITHIN)
    }
}
