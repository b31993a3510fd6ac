//! An embedded table that speaks DynamoDB on a loopback port, made as template.yaml says.
//!
//! Serving it is here, what it is made of in `shape`.

mod shape;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use dynoxide::Database;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::template::TableProperties;

/// How often expired items are swept out.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// How long its connections may take to end when it stops.
const STOP_WITHIN: Duration = Duration::from_secs(1);

/// The name of the one table, where nothing else is asked for.
pub const TABLE_NAME: &str = "daybook";

/// What a library said.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// An embedded table that cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file of the table cannot be opened.
    #[error("the table's file {} cannot be opened", path.display())]
    NotOpened {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: Cause,
    },
    /// The file of the table holds something else.
    #[error(
        "the file {} is damaged or is not a table of Daybook; move it away to start anew",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// No loopback port is to be had.
    #[error("the table cannot listen on a loopback port")]
    NotListening(#[source] std::io::Error),
    /// The table does not answer, or refuses to be made so.
    #[error("the table cannot be made from template.yaml")]
    NotMade(#[source] Cause),
    /// An earlier version made the table, and it cannot be changed into ours.
    #[error(
        "the table {table} was made with {what} other than template.yaml's; \
         move the table's file away to start anew"
    )]
    MadeOtherwise {
        /// The table.
        table: String,
        /// What is different.
        what: String,
    },
}

/// A running table. It stops with [`stop`](Self::stop).
#[derive(Debug)]
pub struct EmbeddedTable {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
    sweeper: JoinHandle<()>,
}

impl EmbeddedTable {
    /// A table called [`TABLE_NAME`] in `file`, or in memory where there is none.
    ///
    /// # Errors
    /// [`TableError`].
    pub async fn start(
        file: Option<&Path>,
        properties: &TableProperties,
    ) -> Result<Self, TableError> {
        let table = Self::serve(file).await?;
        table.make(TABLE_NAME, properties).await?;
        Ok(table)
    }

    /// Serves what is in `file`, or in memory where there is none.
    ///
    /// # Errors
    /// [`TableError`].
    pub async fn serve(file: Option<&Path>) -> Result<Self, TableError> {
        let database = match file {
            Some(file) => open(file)?,
            None => Database::memory().map_err(|error| TableError::NotMade(error.into()))?,
        };
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .map_err(TableError::NotListening)?;
        let address = listener.local_addr().map_err(TableError::NotListening)?;
        let (stop, mut stopped) = watch::channel(false);
        let served = database.clone();
        let server = tokio::spawn(async move {
            let until = async move {
                // An error means that the table was dropped, which is a stop too.
                let _ = stopped.wait_for(|stop| *stop).await;
            };
            if let Err(reason) =
                dynoxide::server::serve_with_shutdown(listener, served, until).await
            {
                tracing::error!(
                    error.kind = "table",
                    error.detail = reason,
                    "the table stopped"
                );
            }
        });
        Ok(Self {
            address,
            stop,
            server,
            sweeper: tokio::spawn(sweep(database)),
        })
    }

    /// Makes the table `name`, or brings what an earlier run made up to date.
    ///
    /// # Errors
    /// [`TableError::NotMade`] and [`TableError::MadeOtherwise`].
    pub async fn make(&self, name: &str, properties: &TableProperties) -> Result<(), TableError> {
        shape::make(&Client::new(&self.sdk_config()), name, properties).await
    }

    /// How the AWS SDK reaches the table.
    pub fn sdk_config(&self) -> SdkConfig {
        sdk_config_of(&self.endpoint())
    }

    /// The address of the table, for `AWS_ENDPOINT_URL_DYNAMODB`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Lets running requests finish, for a second at most, and closes the file.
    pub async fn stop(mut self) {
        self.sweeper.abort();
        let _ = self.stop.send(true);
        if tokio::time::timeout(STOP_WITHIN, &mut self.server)
            .await
            .is_err()
        {
            self.server.abort();
        }
    }
}

/// How the AWS SDK reaches an embedded table: its address, past any proxy, and credentials that
/// mean nothing.
pub fn sdk_config_of(endpoint: &str) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .endpoint_url(endpoint)
        // The SDK's own client takes HTTP_PROXY for loopback too, and needs CA certificates.
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "local", "local", None, None, "local",
        )))
        .build()
}

/// Opens the table's file; makes it where it is missing or empty.
fn open(file: &Path) -> Result<Database, TableError> {
    Database::new(&file.to_string_lossy()).map_err(|error| {
        let path = file.to_owned();
        // The library tells the two apart by its words alone.
        let words = error.to_string();
        if words.contains("not a valid SQLite database") || words.contains("malformed") {
            TableError::Damaged { path }
        } else {
            TableError::NotOpened {
                path,
                source: error.into(),
            }
        }
    })
}

async fn sweep(database: Database) {
    let mut timer = tokio::time::interval(SWEEP_EVERY);
    loop {
        timer.tick().await;
        let database = database.clone();
        let swept = tokio::task::spawn_blocking(move || database.sweep_ttl()).await;
        if let Ok(Err(error)) = swept {
            tracing::warn!(error.kind = "table", error.detail = %error, "expired items stay");
        }
    }
}
