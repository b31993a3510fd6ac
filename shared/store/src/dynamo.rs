//! The table through aws-sdk-dynamodb: consistent reads, conditional writes, and the deadline.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::{BoxError, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, KeysAndAttributes, ReturnValuesOnConditionCheckFailure,
};
use chrono::{DateTime, TimeDelta};
use daybook_core::config::{ConfigError, Vars};
use daybook_core::time::Clock;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{Result, StoreError, keys};

/// How long the second try of a batch waits of which something is left; each further one waits
/// twice as long.
pub(crate) const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// How many items DynamoDB gives in one trip.
pub(crate) const BATCH_KEYS: usize = 100;
/// How often items are read of which DynamoDB gives back some unread.
const TRIES: u32 = 4;

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
    trips: Arc<AtomicU64>,
    skew: Arc<AtomicI64>,
}

impl Table {
    /// The table that `config` names, reached as `sdk` says. `clock` is held against the time that
    /// the table's replies carry.
    pub fn new(config: &StoreConfig, sdk: &SdkConfig, clock: Arc<dyn Clock>) -> Self {
        let skew = Arc::new(AtomicI64::new(0));
        let dynamo = aws_sdk_dynamodb::config::Builder::from(sdk)
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(1))
                    .operation_attempt_timeout(Duration::from_secs(3))
                    .build(),
            )
            .interceptor(ReadDate {
                clock,
                skew: skew.clone(),
            })
            .build();
        Self {
            client: Client::from_conf(dynamo),
            name: config.table_name.clone(),
            trips: Arc::default(),
            skew,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// By how much our clock goes ahead of the table's, by the `Date` of its newest reply.
    pub fn skew(&self) -> TimeDelta {
        TimeDelta::seconds(self.skew.load(Ordering::Relaxed))
    }

    /// How many calls of the table were made through this value and its clones.
    pub fn trips(&self) -> u64 {
        self.trips.load(Ordering::Relaxed)
    }

    /// Waits for a call to the table, but no longer than `left`.
    pub(crate) async fn within<T>(
        &self,
        left: Duration,
        call: impl Future<Output = T>,
    ) -> Result<T> {
        if left.is_zero() {
            return Err(StoreError::OutOfTime);
        }
        self.trips.fetch_add(1, Ordering::Relaxed);
        tokio::time::timeout(left, call)
            .await
            .map_err(|_| StoreError::OutOfTime)
    }
}

/// Holds our clock against the `Date` of the table's replies, which has whole seconds.
#[derive(Debug)]
struct ReadDate {
    clock: Arc<dyn Clock>,
    skew: Arc<AtomicI64>,
}

impl Intercept for ReadDate {
    fn name(&self) -> &'static str {
        "ReadDate"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> std::result::Result<(), BoxError> {
        let date = context.response().headers().get("date");
        if let Some(date) = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok()) {
            let ahead = self.clock.now().timestamp() - date.timestamp();
            self.skew.store(ahead, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// The outcome of a conditional write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write<T> {
    /// It was written.
    Done,
    /// The condition failed: the item as it stands, if there is one.
    Lost(Option<T>),
}

/// An item with its keys.
#[derive(Serialize, Deserialize)]
struct Keyed<T> {
    pk: String,
    sk: String,
    #[serde(flatten)]
    item: T,
}

/// The items of at most [`BATCH_KEYS`] keys, in one trip of at most `left`, those that have expired
/// too. Those that DynamoDB gives back unread, without an error, are read again.
///
/// # Errors
/// [`StoreError`], also where some stay unread.
pub(crate) async fn get_all(
    table: &Table,
    left: &(dyn Fn() -> Duration + Sync),
    mut wanted: Vec<Item>,
) -> Result<Vec<Item>> {
    let mut rows = Vec::new();
    for again in 0..TRIES {
        if again > 0 {
            let pause = FIRST_PAUSE * 2u32.pow(again - 1);
            tokio::time::sleep(pause.min(left())).await;
        }
        let (found, unread) = get_some(table, left(), wanted).await?;
        rows.extend(found);
        if unread.is_empty() {
            return Ok(rows);
        }
        wanted = unread;
    }
    Err(StoreError::Failed {
        operation: "BatchGetItem",
        code: "ProvisionedThroughputExceededException".to_owned(),
    })
}

/// Some items by their keys, and the keys of those that were not read.
async fn get_some(
    table: &Table,
    left: Duration,
    wanted: Vec<Item>,
) -> Result<(Vec<Item>, Vec<Item>)> {
    let wanted = KeysAndAttributes::builder()
        .consistent_read(true)
        .set_keys(Some(wanted))
        .build()
        .expect("it has keys");
    let get = table
        .client
        .batch_get_item()
        .request_items(&table.name, wanted)
        .send();
    let got = table
        .within(left, get)
        .await?
        .map_err(|error| failed("BatchGetItem", &error))?;
    let found = got
        .responses
        .and_then(|mut tables| tables.remove(&table.name));
    let unread = got
        .unprocessed_keys
        .and_then(|mut tables| tables.remove(&table.name));
    let unread = unread.map(|unread| unread.keys);
    Ok((found.unwrap_or_default(), unread.unwrap_or_default()))
}

pub(crate) fn to_item(
    name: &'static str,
    pk: &str,
    sk: String,
    content: impl Serialize,
) -> Result<Item> {
    serde_dynamo::aws_sdk_dynamodb_1::to_item(Keyed {
        pk: pk.to_owned(),
        sk,
        item: content,
    })
    .map_err(|source| StoreError::Unreadable { item: name, source })
}

pub(crate) fn from_item<T: DeserializeOwned>(name: &'static str, row: Item) -> Result<T> {
    serde_dynamo::aws_sdk_dynamodb_1::from_item::<T>(row)
        .map_err(|source| StoreError::Unreadable { item: name, source })
}

/// Whether an item's time to live is over: deletion is late.
pub(crate) fn expired(row: &Item, now: i64) -> bool {
    row.get(keys::EXPIRES_AT)
        .and_then(|value| value.as_n().ok())
        .and_then(|seconds| seconds.parse::<i64>().ok())
        .is_some_and(|at| at < now)
}

/// Sends a conditional put and reads what stood there where its condition fails.
pub(crate) async fn put<T: DeserializeOwned>(
    table: &Table,
    left: Duration,
    name: &'static str,
    put: PutItemFluentBuilder,
) -> Result<Write<T>> {
    let sent = put
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send();
    match table.within(left, sent).await? {
        Ok(_) => Ok(Write::Done),
        Err(error) => match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(old)) => old
                .item()
                .filter(|item| !item.is_empty())
                .map(|item| from_item(name, item.clone()))
                .transpose()
                .map(Write::Lost),
            _ => Err(failed("PutItem", &error)),
        },
    }
}

/// The key is free: there is no item, or one that has expired.
pub(crate) fn if_free(put: PutItemFluentBuilder, now: i64) -> PutItemFluentBuilder {
    put.condition_expression("attribute_not_exists(#pk) OR #expires < :now")
        .expression_attribute_names("#pk", keys::PK)
        .expression_attribute_names("#expires", keys::EXPIRES_AT)
        .expression_attribute_values(":now", number(now))
}

pub(crate) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A call of the table that failed.
pub(crate) fn failed<E, R>(operation: &'static str, error: &SdkError<E, R>) -> StoreError
where
    SdkError<E, R>: ProvideErrorMetadata,
{
    let code = error_code(error);
    StoreError::Failed { operation, code }
}

/// What a failed call is called in logs: the service's own code, else how it failed.
#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "the SDK says that this enum will grow"
)]
pub(crate) fn error_code<E, R>(error: &SdkError<E, R>) -> String
where
    SdkError<E, R>: ProvideErrorMetadata,
{
    error.code().map(str::to_owned).unwrap_or_else(|| {
        match error {
            SdkError::TimeoutError(_) => "no answer in time",
            SdkError::DispatchFailure(_) => "not reached",
            SdkError::ResponseError(_) => "unreadable answer",
            _ => "not sent",
        }
        .to_owned()
    })
}
