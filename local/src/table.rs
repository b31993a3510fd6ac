//! An embedded table that speaks DynamoDB on a loopback port, made as template.yaml says.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    TimeToLiveSpecification,
};
use dynoxide::Database;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::template::TableProperties;

/// How often expired items are swept out.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// The name of the one table.
pub const TABLE_NAME: &str = "daybook";

/// An embedded table that cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file of the table cannot be opened.
    #[error("the table's file {path} cannot be opened: {reason}")]
    NotOpened {
        /// The file.
        path: String,
        /// Why not.
        reason: String,
    },
    /// No loopback port is to be had.
    #[error("the table cannot listen on a loopback port: {0}")]
    NotListening(#[from] std::io::Error),
    /// The template's properties do not make a table.
    #[error("the table cannot be made from template.yaml: {0}")]
    NotMade(String),
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
    /// A table in `file`, or in memory where there is none.
    ///
    /// # Errors
    /// [`TableError`].
    pub async fn start(
        file: Option<&Path>,
        properties: &TableProperties,
    ) -> Result<Self, TableError> {
        let database = match file {
            Some(file) => Database::new(&file.to_string_lossy()),
            None => Database::memory(),
        }
        .map_err(|error| TableError::NotOpened {
            path: file
                .map(|file| file.display().to_string())
                .unwrap_or_default(),
            reason: error.to_string(),
        })?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
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
        let sweeper = tokio::spawn(sweep(database));
        let table = Self {
            address,
            stop,
            server,
            sweeper,
        };
        create(&Client::new(&table.sdk_config()), properties)
            .await
            .map_err(TableError::NotMade)?;
        Ok(table)
    }

    /// How the AWS SDK reaches the table: its address, and credentials that mean nothing.
    pub fn sdk_config(&self) -> SdkConfig {
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .endpoint_url(self.endpoint())
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "local", "local", None, None, "local",
            )))
            .build()
    }

    /// The address of the table, for `AWS_ENDPOINT_URL_DYNAMODB`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Lets running requests finish, and closes the file.
    pub async fn stop(self) {
        self.sweeper.abort();
        let _ = self.stop.send(true);
        let _ = self.server.await;
    }
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

/// Makes the table, unless an earlier run did.
async fn create(client: &Client, properties: &TableProperties) -> Result<(), String> {
    let built = "every field is set";
    let attributes = properties.attribute_definitions.iter().map(|attribute| {
        AttributeDefinition::builder()
            .attribute_name(&attribute.attribute_name)
            .attribute_type(ScalarAttributeType::from(attribute.attribute_type.as_str()))
            .build()
            .expect(built)
    });
    let keys = properties.key_schema.iter().map(|key| {
        KeySchemaElement::builder()
            .attribute_name(&key.attribute_name)
            .key_type(KeyType::from(key.key_type.as_str()))
            .build()
            .expect(built)
    });
    let created = client
        .create_table()
        .table_name(TABLE_NAME)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(attributes.collect()))
        .set_key_schema(Some(keys.collect()))
        .send()
        .await;
    if let Err(error) = created {
        return match error.as_service_error() {
            Some(CreateTableError::ResourceInUseException(_)) => Ok(()),
            _ => Err(error.message().unwrap_or("not reached").to_owned()),
        };
    }
    let time_to_live = TimeToLiveSpecification::builder()
        .attribute_name(&properties.time_to_live_specification.attribute_name)
        .enabled(properties.time_to_live_specification.enabled)
        .build()
        .expect(built);
    client
        .update_time_to_live()
        .table_name(TABLE_NAME)
        .time_to_live_specification(time_to_live)
        .send()
        .await
        .map(drop)
        .map_err(|error| error.message().unwrap_or("not reached").to_owned())
}
