//! The table through aws-sdk-dynamodb: consistent reads, conditional writes, and the deadline.

use std::future::Future;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::AttributeValue;
use daybook_core::config::{ConfigError, Vars};

use crate::{Result, StoreError};

/// An item as DynamoDB carries it.
pub(crate) type Item = std::collections::HashMap<String, AttributeValue>;

/// Which table is ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// `TABLE_NAME`: the table's name.
    pub table_name: String,
}

impl StoreConfig {
    /// Reads `TABLE_NAME`.
    ///
    /// # Errors
    /// [`ConfigError`] where it is not set or not a name that DynamoDB allows.
    pub fn from_vars(vars: &Vars<'_>) -> std::result::Result<Self, ConfigError> {
        let table_name = vars.required("TABLE_NAME")?;
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        if !(3..=255).contains(&table_name.len()) || !table_name.bytes().all(allowed) {
            return Err(ConfigError::new(
                "TABLE_NAME",
                "is not a table's name: 3 to 255 letters, digits, `_`, `-` and `.`",
            ));
        }
        Ok(Self { table_name })
    }
}

/// The table.
#[derive(Debug, Clone)]
pub struct Table {
    pub(crate) client: Client,
    pub(crate) name: String,
}

impl Table {
    /// The table that `config` names, reached as `sdk` says.
    pub fn new(config: &StoreConfig, sdk: &SdkConfig) -> Self {
        let dynamo = aws_sdk_dynamodb::config::Builder::from(sdk)
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(1))
                    .operation_attempt_timeout(Duration::from_secs(3))
                    .build(),
            )
            .build();
        Self {
            client: Client::from_conf(dynamo),
            name: config.table_name.clone(),
        }
    }
}

/// Waits for a call to the table, but no longer than `left`.
pub(crate) async fn within<T>(left: Duration, call: impl Future<Output = T>) -> Result<T> {
    if left.is_zero() {
        return Err(StoreError::OutOfTime);
    }
    tokio::time::timeout(left, call)
        .await
        .map_err(|_| StoreError::OutOfTime)
}

/// What a failed call is called in logs: the service's own code, else how it failed.
#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "the SDK says that this enum will grow"
)]
pub(crate) fn failed<E, R>(operation: &'static str, error: &SdkError<E, R>) -> StoreError
where
    SdkError<E, R>: ProvideErrorMetadata,
{
    let code = error.code().map(str::to_owned).unwrap_or_else(|| {
        match error {
            SdkError::TimeoutError(_) => "no answer in time",
            SdkError::DispatchFailure(_) => "not reached",
            SdkError::ResponseError(_) => "unreadable answer",
            _ => "not sent",
        }
        .to_owned()
    });
    StoreError::Failed { operation, code }
}
