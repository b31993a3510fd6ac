//! Metrics, as lines of the log from which CloudWatch takes them: no call, and nothing to pay
//! while there is nothing to tell.
//!
//! # Source
//! CloudWatch's embedded metric format,
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Where CloudWatch shows the metrics, by the table's name.
const NAMESPACE: &str = "Daybook";
const DIMENSION: &str = "TableName";

/// Whether this process logs at all.
static STARTED: AtomicBool = AtomicBool::new(false);

/// Has metrics written from now on, with the logs of this process.
pub(super) fn start() {
    STARTED.store(true, Ordering::Relaxed);
}

/// What a metric is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Unit {
    /// A number of things.
    Count,
    /// An age.
    Seconds,
}

/// A metric and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Its name in CloudWatch.
    pub name: &'static str,
    /// What it is counted in.
    pub unit: Unit,
    /// Its value.
    pub value: u64,
}

impl Metric {
    /// So many of something.
    pub fn count(name: &'static str, number: usize) -> Self {
        Self {
            name,
            unit: Unit::Count,
            value: u64::try_from(number).unwrap_or(u64::MAX),
        }
    }

    /// An age in seconds.
    pub fn seconds(name: &'static str, value: u64) -> Self {
        Self {
            name,
            unit: Unit::Seconds,
            value,
        }
    }
}

/// Writes metrics of the deployment on `table` as one line on standard output, with `properties`
/// that are no metrics, and words.
pub fn put(
    at: DateTime<Utc>,
    table: &str,
    metrics: &[Metric],
    properties: &[(&str, Value)],
    words: &str,
) {
    if !STARTED.load(Ordering::Relaxed) {
        return;
    }
    let line = line(at, table, metrics, properties, words);
    // Where nobody reads, nothing is to be told.
    let _ = std::io::stdout().lock().write_all(line.as_bytes());
}

fn line(
    at: DateTime<Utc>,
    table: &str,
    metrics: &[Metric],
    properties: &[(&str, Value)],
    words: &str,
) -> String {
    let defined: Vec<_> = metrics
        .iter()
        .map(|metric| json!({"Name": metric.name, "Unit": metric.unit}))
        .collect();
    let about = json!({
        "Timestamp": at.timestamp_millis(),
        "CloudWatchMetrics": [{
            "Namespace": NAMESPACE,
            "Dimensions": [[DIMENSION]],
            "Metrics": defined,
        }],
    });
    let mut fields = Map::from_iter([
        ("_aws".to_owned(), about),
        (DIMENSION.to_owned(), json!(table)),
        ("level".to_owned(), json!("INFO")),
        ("message".to_owned(), json!(words)),
    ]);
    for metric in metrics {
        fields.insert(metric.name.to_owned(), json!(metric.value));
    }
    for (name, value) in properties {
        fields.insert((*name).to_owned(), value.clone());
    }
    format!("{}\n", Value::Object(fields))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_what_cloudwatch_takes_metrics_from() {
        let metrics = [
            Metric::count("WaitingTexts", 3),
            Metric::seconds("OldestWaiting", 61),
        ];
        let at = DateTime::from_timestamp_millis(1_700_000_000_123).expect("a time");
        let properties = [("reasons", json!({"unavailable": 3}))];
        let line = line(at, "daybook", &metrics, &properties, "3 texts wait");
        assert!(line.ends_with("}\n") && line.matches('\n').count() == 1);
        let fields: Value = serde_json::from_str(&line).expect("JSON");
        let expected = json!({
            "_aws": {
                "Timestamp": 1_700_000_000_123_i64,
                "CloudWatchMetrics": [{
                    "Namespace": "Daybook",
                    "Dimensions": [["TableName"]],
                    "Metrics": [
                        {"Name": "WaitingTexts", "Unit": "Count"},
                        {"Name": "OldestWaiting", "Unit": "Seconds"},
                    ],
                }],
            },
            "TableName": "daybook",
            "level": "INFO",
            "message": "3 texts wait",
            "WaitingTexts": 3,
            "OldestWaiting": 61,
            "reasons": {"unavailable": 3},
        });
        assert_eq!(fields, expected);
    }
}
