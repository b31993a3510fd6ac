//! template.yaml: the routes, the functions and the table, as AWS SAM would deploy them.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The text of template.yaml as it was at build time.
pub const TEMPLATE: &str = include_str!("../../template.yaml");

/// A template that the local server cannot run.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// It is not YAML of the form that SAM takes.
    #[error("template.yaml is not readable: {0}")]
    NotReadable(#[from] Box<serde_saphyr::Error>),
    /// Something that we need is missing.
    #[error("template.yaml: {0}")]
    Missing(String),
}

/// What the local server needs of the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The functions, by the name of their binary.
    pub functions: BTreeMap<String, Vec<Route>>,
    /// The table.
    pub table: TableProperties,
}

/// A method and a path with `{parameters}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// The HTTP method, in capitals.
    pub method: String,
    /// The path.
    pub path: String,
}

/// The properties of the table that an embedded one can have.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TableProperties {
    /// The attributes that keys are made of.
    pub attribute_definitions: Vec<AttributeDefinition>,
    /// The table's own key.
    pub key_schema: Vec<KeyElement>,
    /// The attribute by which items expire.
    pub time_to_live_specification: TimeToLive,
}

/// An attribute that a key is made of.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AttributeDefinition {
    /// Its name.
    pub attribute_name: String,
    /// `S`, `N` or `B`.
    pub attribute_type: String,
}

/// A part of a key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct KeyElement {
    /// The attribute.
    pub attribute_name: String,
    /// `HASH` or `RANGE`.
    pub key_type: String,
}

/// The attribute by which items expire.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TimeToLive {
    /// Its name.
    pub attribute_name: String,
    /// Whether items expire at all.
    pub enabled: bool,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// [`TemplateError`], naming what is missing.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let wire: Wire = serde_saphyr::from_str(text).map_err(Box::new)?;
        let mut functions = BTreeMap::new();
        let mut table = None;
        for (name, resource) in wire.resources {
            match resource.kind.as_str() {
                "AWS::Serverless::Function" => {
                    let (binary, routes) = resource.function(&name)?;
                    functions.insert(binary, routes);
                }
                "AWS::DynamoDB::Table" => {
                    table = Some(resource.properties.table().ok_or_else(|| {
                        TemplateError::Missing(format!("{name} lacks a table's properties"))
                    })?);
                }
                _ => {}
            }
        }
        let table = table.ok_or_else(|| TemplateError::Missing("there is no table".to_owned()))?;
        Ok(Self { functions, table })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wire {
    resources: BTreeMap<String, Resource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Resource {
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
    time_to_live_specification: Option<TimeToLive>,
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
}

impl Resource {
    /// The binary and the routes of a function.
    fn function(self, name: &str) -> Result<(String, Vec<Route>), TemplateError> {
        let missing = |what| TemplateError::Missing(format!("the function {name} lacks {what}"));
        let metadata = self.metadata.ok_or_else(|| missing("its binary"))?;
        let mut routes = Vec::new();
        for event in self.properties.events.into_values() {
            if event.kind != "HttpApi" {
                continue;
            }
            routes.push(Route {
                method: event
                    .properties
                    .method
                    .ok_or_else(|| missing("a route's method"))?
                    .to_ascii_uppercase(),
                path: event
                    .properties
                    .path
                    .ok_or_else(|| missing("a route's path"))?,
            });
        }
        routes.sort();
        Ok((metadata.build_properties.binary, routes))
    }
}

impl Properties {
    fn table(self) -> Option<TableProperties> {
        Some(TableProperties {
            attribute_definitions: self.attribute_definitions?,
            key_schema: self.key_schema?,
            time_to_live_specification: self.time_to_live_specification?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_template_has_functions_with_routes_and_a_table() {
        let template = Template::parse(TEMPLATE).expect("readable");
        let routes = &template.functions["create-message-log"];
        assert!(routes.contains(&Route {
            method: "POST".to_owned(),
            path: "/interfaces/{platform}/addMessageLog".to_owned(),
        }));
        assert_eq!(template.table.key_schema[0].attribute_name, "pk");
        assert_eq!(
            template.table.time_to_live_specification.attribute_name,
            "expiresAt"
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        for (text, part) in [
            ("Resources: {}", "no table"),
            ("Resources: {T: {Type: 'AWS::DynamoDB::Table'}}", "T lacks"),
            (
                "Resources: {F: {Type: 'AWS::Serverless::Function'}}",
                "F lacks its binary",
            ),
            ("- 1", "not readable"),
        ] {
            let error = Template::parse(text).expect_err("refused").to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
