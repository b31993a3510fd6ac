//! What every request shares: built once at the start of a process.

use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use chrono::{DateTime, Utc};
use daybook_adapters::CrmAdapter;
use daybook_adapters::http::Http;
use daybook_adapters::registry::Registry;
use daybook_core::config::{ConfigError, Vars};
use daybook_core::time::{Clock, Deadline};
use daybook_store::sealing::{Sealer, SealingConfig};
use daybook_store::{StoreConfig, Table};

use crate::config::{Limits, server_url};
use crate::engine::{Engine, HeldCredentials};
use crate::hashes::Hashes;
use crate::session::{SessionConfig, Sessions};
use crate::users::{AllowedTenants, Users};

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
    /// How long the steps of delivering may take.
    pub limits: Limits,
    /// The address at which clients reach this server, where it is not the one that a request was
    /// sent to.
    pub server_url: Option<String>,
    /// The credentials that we hold.
    pub held: Arc<dyn HeldCredentials>,
    /// Who has signed in.
    pub users: Users,
    /// The tokens of sessions.
    pub sessions: Sessions,
    /// What hashes RingCentral's ids.
    pub hashes: Hashes,
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
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let table = Table::new(&StoreConfig::from_vars(vars)?, sdk, clock.clone());
        let users = Users {
            registry: Registry::from_vars(vars)?,
            sealer: Sealer::new(&SealingConfig::from_vars(vars)?, sdk, &table),
            table,
            http: Arc::new(Http::default()),
            clock,
            random: Arc::new(|| fastrand::u64(..)),
            allowed: AllowedTenants::from_vars(vars),
        };
        Ok(Self {
            registry: users.registry.clone(),
            table: users.table.clone(),
            http: users.http.clone(),
            clock: users.clock.clone(),
            random: users.random.clone(),
            limits: Limits::from_vars(vars)?,
            server_url: server_url(vars)?,
            held: Arc::new(users.clone()),
            sessions: Sessions::new(&SessionConfig::from_vars(vars)?),
            hashes: Hashes::from_vars(vars)?,
            users,
        })
    }

    /// [`App::new`] from the environment of the process, with credentials as the AWS SDK finds
    /// them.
    ///
    /// # Errors
    /// As [`App::new`].
    pub async fn from_env() -> Result<Self, ConfigError> {
        let env = |name: &str| std::env::var(name).ok();
        Self::from_env_with(&Vars::new(&env)).await
    }

    /// [`App::new`] from `vars`, with region and credentials as the AWS SDK finds them.
    ///
    /// # Errors
    /// As [`App::new`].
    pub async fn from_env_with(vars: &Vars<'_>) -> Result<Self, ConfigError> {
        let sdk = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
        Self::new(vars, &sdk)
    }

    /// What messages are delivered with, until `deadline`.
    pub fn engine<'a>(&'a self, adapter: &'a dyn CrmAdapter, deadline: Deadline) -> Engine<'a> {
        Engine {
            adapter,
            http: &self.http,
            table: &self.table,
            clock: self.clock.as_ref(),
            random: &self.random,
            limits: &self.limits,
            deadline,
        }
    }

    /// The deadline of a request that comes in now.
    pub fn deadline(&self) -> Deadline {
        Deadline::at(self.clock.now() + REPLY_WITHIN)
    }
}
