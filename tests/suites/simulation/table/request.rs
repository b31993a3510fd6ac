//! A request as the AWS SDK sends it, and how the embedded database takes it.

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use daybook_tests::table_proxy::Step;
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The answer of a table that asks to slow down.
pub(super) const THROTTLED: &str = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"slow down"}"#;

/// The name of an error.
pub(super) fn kind_of(error: &str) -> &str {
    error
        .split_once('#')
        .and_then(|(_, rest)| rest.split_once('"'))
        .map_or(error, |(kind, _)| kind)
}

/// A request as it arrives.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) operation: &'static str,
    pub(super) body: String,
    /// The shard, for a query of the index.
    pub(super) index: Option<String>,
}

impl Asked {
    pub(super) fn read(request: &HttpRequest) -> Self {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let body = request.body().bytes().unwrap_or_default();
        let body = String::from_utf8_lossy(body).into_owned();
        let index = body.contains("\"IndexName\"").then(|| {
            let at = body
                .find("due#")
                .or(body.find("check#"))
                .or(body.find("parked#"))
                .unwrap_or_default();
            let shard = body.get(at..).unwrap_or_default().chars();
            shard.take_while(|c| *c != '"').collect()
        });
        Self {
            operation: OPERATIONS
                .into_iter()
                .find(|name| target.ends_with(name) && target.contains(&format!(".{name}")))
                .unwrap_or("Unknown"),
            body,
            index,
        }
    }

    /// What it is for.
    pub(super) fn step(&self) -> Step {
        let body = serde_json::from_str(&self.body).unwrap_or_default();
        Step::of(self.operation, &body)
    }

    pub(super) fn writes(&self) -> bool {
        matches!(self.operation, "PutItem" | "UpdateItem" | "DeleteItem")
    }

    /// What it is about, for traces.
    pub(super) fn shown(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        let key = |name: &str| {
            let item = body.get("Item").or(body.get("Key"))?;
            item[name]["S"].as_str().map(str::to_owned)
        };
        let key = key("sk").unwrap_or_else(|| self.index.clone().unwrap_or_default());
        let mut more = String::new();
        if let Some(head) = body.get("Item").filter(|_| key.starts_with('H')) {
            for name in [
                "rev",
                "epoch",
                "doubtUntil",
                "recheckAt",
                "foldAt",
                "closeAt",
                "retryAt",
                "dueAt",
            ] {
                if let Some(value) = head.get(name) {
                    let value = value["N"].as_str().or(value["S"].as_str()).unwrap_or("?");
                    more.push_str(&format!(" {name}={value}"));
                }
            }
            more.push_str(&format!(" lease={}", head["lease"]["M"]["trace"]["S"]));
            for part in head["parts"]["L"].as_array().into_iter().flatten() {
                more.push_str(&format!(
                    " part({}: {} ids, {} removed)",
                    part["M"]["logId"]["S"],
                    part["M"]["ids"]["L"].as_array().map_or(0, Vec::len),
                    part["M"]["removed"]["L"].as_array().map_or(0, Vec::len),
                ));
            }
        }
        format!("{} {key}{more}", self.operation)
    }
}

const OPERATIONS: [&str; 9] = [
    "PutItem",
    "GetItem",
    "DeleteItem",
    "UpdateItem",
    "Query",
    "BatchGetItem",
    "BatchWriteItem",
    "TransactWriteItems",
    "Scan",
];

/// Carries out a request.
pub(super) fn dispatch(
    database: &Database,
    operation: &str,
    body: &str,
) -> Result<String, DynoxideError> {
    fn run<Q: DeserializeOwned, A: Serialize>(
        body: &str,
        call: impl FnOnce(Q) -> Result<A, DynoxideError>,
    ) -> Result<String, DynoxideError> {
        let request = serde_json::from_str(body)
            .map_err(|error| DynoxideError::ValidationException(error.to_string()))?;
        let answer = call(request)?;
        serde_json::to_string(&answer)
            .map_err(|error| DynoxideError::InternalServerError(error.to_string()))
    }
    match operation {
        "PutItem" => run(body, |request| database.put_item(request)),
        "GetItem" => run(body, |request| database.get_item(request)),
        "DeleteItem" => run(body, |request| database.delete_item(request)),
        "UpdateItem" => run(body, |request| database.update_item(request)),
        "Query" => run(body, |request| database.query(request)),
        "BatchGetItem" => run(body, |request| database.batch_get_item(request)),
        "BatchWriteItem" => run(body, |request| database.batch_write_item(request)),
        "TransactWriteItems" => run(body, |request| database.transact_write_items(request)),
        "Scan" => run(body, |request| database.scan(request)),
        other => Err(DynoxideError::ValidationException(format!(
            "{other} is not simulated"
        ))),
    }
}
