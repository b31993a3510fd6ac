//! The YAML of a SAM template, as far as the local server reads it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{
    AttributeDefinition, Cors, Index, KeyElement, Route, TableProperties, TemplateError, TimeToLive,
};

/// The properties of a table that say how AWS keeps it, and nothing of what it does.
const FOR_AWS_ALONE: [&str; 10] = [
    "BillingMode",
    "ContributorInsightsSpecification",
    "DeletionProtectionEnabled",
    "OnDemandThroughput",
    "PointInTimeRecoverySpecification",
    "ProvisionedThroughput",
    "SSESpecification",
    "TableClass",
    // The local server's table is called as TABLE_NAME says.
    "TableName",
    "Tags",
];

/// The resources of a template, by name.
pub(super) fn resources(text: &str) -> Result<BTreeMap<String, Resource>, TemplateError> {
    let wire: Wire = serde_saphyr::from_str(text).map_err(Box::new)?;
    Ok(wire.resources)
}

/// A function of the template.
pub(super) struct Function {
    pub(super) binary: String,
    pub(super) routes: Vec<Route>,
    pub(super) every: Option<Duration>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wire {
    resources: BTreeMap<String, Resource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Resource {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(default)]
    properties: Properties,
    metadata: Option<Metadata>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct Properties {
    #[serde(default)]
    events: BTreeMap<String, Event>,
    attribute_definitions: Option<Vec<AttributeDefinition>>,
    key_schema: Option<Vec<KeyElement>>,
    global_secondary_indexes: Option<Vec<Index>>,
    time_to_live_specification: Option<TimeToLive>,
    cors_configuration: Option<CorsConfiguration>,
    #[serde(flatten)]
    others: BTreeMap<String, IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CorsConfiguration {
    allow_origins: Vec<String>,
    allow_methods: Vec<String>,
    allow_headers: Vec<String>,
    expose_headers: Vec<String>,
    max_age: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    build_properties: BuildProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BuildProperties {
    binary: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Event {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(default)]
    properties: EventProperties,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct EventProperties {
    method: Option<String>,
    path: Option<String>,
    schedule: Option<String>,
}

impl Resource {
    pub(super) fn kind(&self) -> &str {
        &self.kind
    }

    pub(super) fn function(self, name: &str) -> Result<Function, TemplateError> {
        let missing = |what| TemplateError::Missing(format!("the function {name} lacks {what}"));
        let not_known = |what| TemplateError::NotKnown {
            resource: name.to_owned(),
            what,
        };
        let metadata = self.metadata.ok_or_else(|| missing("its binary"))?;
        let mut routes = Vec::new();
        let mut every = None;
        for event in self.properties.events.into_values() {
            let EventProperties {
                method,
                path,
                schedule,
            } = event.properties;
            match event.kind.as_str() {
                "HttpApi" => routes.push(Route {
                    method: method
                        .ok_or_else(|| missing("a route's method"))?
                        .to_ascii_uppercase(),
                    path: path.ok_or_else(|| missing("a route's path"))?,
                }),
                "Schedule" if every.is_none() => {
                    let text = schedule.ok_or_else(|| missing("its schedule"))?;
                    let rate =
                        rate(&text).ok_or_else(|| not_known(format!("the schedule {text}")))?;
                    every = Some(rate);
                }
                "Schedule" => return Err(not_known("a second schedule".to_owned())),
                other => return Err(not_known(format!("the event {other}"))),
            }
        }
        routes.sort();
        Ok(Function {
            binary: metadata.build_properties.binary,
            routes,
            every,
        })
    }

    pub(super) fn cors(self, name: &str) -> Result<Option<Cors>, TemplateError> {
        let Some(cors) = self.properties.cors_configuration else {
            return Ok(None);
        };
        if cors.allow_origins != ["*"] {
            return Err(TemplateError::NotKnown {
                resource: name.to_owned(),
                what: "AllowOrigins other than all".to_owned(),
            });
        }
        Ok(Some(Cors {
            methods: cors.allow_methods,
            headers: cors.allow_headers,
            exposed: cors.expose_headers,
            max_age: cors.max_age,
        }))
    }

    pub(super) fn table(self, name: &str) -> Result<TableProperties, TemplateError> {
        let missing = |what| TemplateError::Missing(format!("the table {name} lacks {what}"));
        let properties = self.properties;
        let unknown = properties
            .others
            .into_keys()
            .find(|other| !FOR_AWS_ALONE.contains(&other.as_str()));
        if let Some(what) = unknown {
            return Err(TemplateError::NotKnown {
                resource: name.to_owned(),
                what,
            });
        }
        Ok(TableProperties {
            attribute_definitions: properties
                .attribute_definitions
                .ok_or_else(|| missing("its AttributeDefinitions"))?,
            key_schema: properties
                .key_schema
                .ok_or_else(|| missing("its KeySchema"))?,
            indexes: properties.global_secondary_indexes.unwrap_or_default(),
            time_to_live_specification: properties
                .time_to_live_specification
                .ok_or_else(|| missing("its TimeToLiveSpecification"))?,
        })
    }
}

/// The time between two runs of `rate(1 minute)`, `rate(5 hours)` and so on.
fn rate(schedule: &str) -> Option<Duration> {
    let (number, unit) = schedule
        .strip_prefix("rate(")?
        .strip_suffix(')')?
        .split_once(' ')?;
    let unit = match unit {
        "minute" | "minutes" => 60,
        "hour" | "hours" => 60 * 60,
        "day" | "days" => 24 * 60 * 60,
        _ => return None,
    };
    let number: u64 = number.parse().ok().filter(|number| *number > 0)?;
    number.checked_mul(unit).map(Duration::from_secs)
}
