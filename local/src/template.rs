//! template.yaml: the routes, the functions and the table, as AWS SAM would deploy them.
//!
//! What the local server cannot do as AWS would is refused by name, in `wire`, instead of being
//! left out.

mod wire;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

/// The text of template.yaml as it was at build time.
pub const TEMPLATE: &str = include_str!("../../template.yaml");

/// A template that the local server cannot run.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// It is not YAML of the form that SAM takes.
    #[error("template.yaml is not readable")]
    NotReadable(#[from] Box<serde_saphyr::Error>),
    /// Something that we need is missing.
    #[error("template.yaml: {0}")]
    Missing(String),
    /// Something that AWS would do and the local server cannot.
    #[error("template.yaml: {resource} has {what}, which the local server does not know")]
    NotKnown {
        /// The resource.
        resource: String,
        /// What it has.
        what: String,
    },
}

/// What the local server needs of the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The functions, by the name of their binary. One that only a schedule runs has no routes.
    pub functions: BTreeMap<String, Vec<Route>>,
    /// How often each scheduled function is run, by the name of its binary.
    pub schedules: BTreeMap<String, Duration>,
    /// The table.
    pub table: TableProperties,
    /// What pages of other origins may send, where they may at all.
    pub cors: Option<Cors>,
}

/// What pages of any other origin may send, without the credentials that a browser keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cors {
    /// The methods.
    pub methods: Vec<String>,
    /// The headers of a request.
    pub headers: Vec<String>,
    /// The headers of an answer that they may read.
    pub exposed: Vec<String>,
    /// For how many seconds a browser need not ask again.
    pub max_age: u32,
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableProperties {
    /// The attributes that keys are made of.
    pub attribute_definitions: Vec<AttributeDefinition>,
    /// The table's own key.
    pub key_schema: Vec<KeyElement>,
    /// The indexes.
    pub indexes: Vec<Index>,
    /// The attribute by which items expire.
    pub time_to_live_specification: TimeToLive,
}

/// An attribute that a key is made of.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AttributeDefinition {
    /// Its name.
    pub attribute_name: String,
    /// `S`, `N` or `B`.
    pub attribute_type: String,
}

/// A part of a key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct KeyElement {
    /// The attribute.
    pub attribute_name: String,
    /// `HASH` or `RANGE`.
    pub key_type: String,
}

/// A global secondary index.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Index {
    /// Its name.
    pub index_name: String,
    /// Its key.
    pub key_schema: Vec<KeyElement>,
    /// What it holds of an item.
    pub projection: Projection,
}

/// What an index holds of an item.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Projection {
    /// `KEYS_ONLY`, `INCLUDE` or `ALL`.
    pub projection_type: String,
    /// With `INCLUDE`, the attributes.
    #[serde(default)]
    pub non_key_attributes: Vec<String>,
}

/// The attribute by which items expire.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
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
    /// [`TemplateError`], naming what is missing or not known.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut functions = BTreeMap::new();
        let mut schedules = BTreeMap::new();
        let (mut table, mut cors) = (None, None);
        for (name, resource) in wire::resources(text)? {
            match resource.kind() {
                "AWS::Serverless::Function" => {
                    let function = resource.function(&name)?;
                    if let Some(every) = function.every {
                        schedules.insert(function.binary.clone(), every);
                    }
                    functions.insert(function.binary, function.routes);
                }
                "AWS::DynamoDB::Table" => table = Some(resource.table(&name)?),
                "AWS::Serverless::HttpApi" => cors = resource.cors(&name)?,
                _ => {}
            }
        }
        Ok(Self {
            functions,
            schedules,
            table: table.ok_or_else(|| TemplateError::Missing("there is no table".to_owned()))?,
            cors,
        })
    }
}

#[cfg(test)]
mod tests {
    use daybook_api::interface::Interface;

    use super::*;

    #[test]
    fn our_template_has_functions_with_routes_a_schedule_and_a_table() {
        let template = Template::parse(TEMPLATE).expect("readable");
        let routes = &template.functions["create-message-log"];
        assert!(routes.contains(&Route {
            method: "POST".to_owned(),
            path: "/interfaces/{platform}/addMessageLog".to_owned(),
        }));
        assert!(template.functions["deliver-pending"].is_empty());
        let minute = Duration::from_secs(60);
        assert_eq!(
            template.schedules,
            BTreeMap::from([("deliver-pending".to_owned(), minute)])
        );
        assert_eq!(template.table.key_schema[0].attribute_name, "pk");
        assert_eq!(
            template.table.time_to_live_specification.attribute_name,
            "expiresAt"
        );
        let [due] = template.table.indexes.as_slice() else {
            panic!("{:?}", template.table.indexes)
        };
        assert_eq!(
            (
                due.index_name.as_str(),
                due.projection.projection_type.as_str()
            ),
            ("due", "KEYS_ONLY")
        );
        let keys: Vec<_> = due
            .key_schema
            .iter()
            .map(|key| &key.attribute_name)
            .collect();
        assert_eq!(keys, ["dueShard", "dueAt"]);
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

    /// Our template with `line` among the lines of the table's properties.
    fn with_table_property(line: &str) -> String {
        let at = "      BillingMode: PAY_PER_REQUEST\n";
        assert!(TEMPLATE.contains(at));
        TEMPLATE.replace(at, &format!("{at}      {line}\n"))
    }

    #[test]
    fn what_the_local_table_cannot_have_is_refused() {
        for (line, part) in [
            (
                "LocalSecondaryIndexes: []",
                "Table has LocalSecondaryIndexes",
            ),
            (
                "StreamSpecification: {StreamViewType: KEYS_ONLY}",
                "Table has StreamSpecification",
            ),
            ("KeySchemas: []", "Table has KeySchemas"),
        ] {
            let error = Template::parse(&with_table_property(line)).expect_err("refused");
            assert!(error.to_string().contains(part), "{error}");
        }
        let text = TEMPLATE.replace("          Projection:\n", "          Projections:\n");
        Template::parse(&text).expect_err("an index with something else is refused");
        for ignored in [
            "Tags: []",
            "DeletionProtectionEnabled: true",
            "TableName: x",
        ] {
            Template::parse(&with_table_property(ignored)).expect("AWS alone needs it");
        }
    }

    #[test]
    fn pages_of_every_origin_may_send_what_the_extension_does() {
        let cors = Template::parse(TEMPLATE).expect("readable").cors;
        let cors = cors.expect("it is configured");
        let by_pages = (Interface::ALL.into_iter()).filter(|one| *one != Interface::AppRemoved);
        for interface in by_pages {
            let method = interface.client_route().map(|(method, _)| method);
            assert!(
                method.is_none_or(|method| cors.methods.contains(&method.to_string())),
                "{interface:?}"
            );
        }
        for header in [
            "Authorization",
            "Content-Type",
            "developer-author-name",
            "rc-account-id",
            "rc-extension-id",
            "x-rc-access-token",
        ] {
            assert!(cors.headers.contains(&header.to_owned()), "{header}");
        }
        assert_eq!(cors.exposed, ["x-refreshed-jwt-token"]);
        let none = TEMPLATE.replace("CorsConfiguration:", "Description:");
        // What stood below it is no description, which is for AWS to say.
        assert_eq!(Template::parse(&none).expect("readable").cors, None);
    }

    #[test]
    fn origins_that_the_local_server_does_not_tell_apart_are_refused() {
        let at = "        AllowOrigins: [\"*\"]\n";
        assert!(TEMPLATE.contains(at));
        for origins in [
            "        AllowOrigins: [\"https://crm.example\"]\n",
            "        AllowOrigins: []\n",
            "        AllowMethods: [GET]\n",
            "        AllowOrigins: [\"*\"]\n        AllowCredentials: true\n",
        ] {
            Template::parse(&TEMPLATE.replace(at, origins)).expect_err(origins);
        }
    }

    #[test]
    fn every_variable_of_a_function_that_is_documented_can_be_set() {
        let document = include_str!("../../docs/configuration.md");
        let (_, functions) = document.split_once("## Functions").expect("a chapter");
        let (functions, _) = functions.split_once("\n## ").expect("another chapter");
        let mut seen = 0;
        for row in functions.lines().filter(|row| row.starts_with("| `")) {
            let names = row.split(" |").next().unwrap_or_default();
            let is_elsewhere = row.contains("not in the template");
            for name in names.trim_start_matches("| ").split(", ") {
                let name = name.trim_matches('`');
                let is_set = TEMPLATE.contains(&format!("\n        {name}: !"));
                assert_eq!(is_set, !is_elsewhere, "{name}");
                seen += 1;
            }
        }
        assert!(seen > 12, "{seen}");
    }

    #[test]
    fn a_schedule_is_a_rate() {
        let with = |rate| TEMPLATE.replace("rate(1 minute)", rate);
        for (rate, seconds) in [
            ("rate(5 minutes)", 300),
            ("rate(1 hour)", 3_600),
            ("rate(2 days)", 172_800),
        ] {
            let template = Template::parse(&with(rate)).expect("readable");
            let every = template.schedules["deliver-pending"];
            assert_eq!(every.as_secs(), seconds, "{rate}");
        }
        for rate in ["rate(0 minutes)", "rate(1 fortnight)", "cron(* * * * ? *)"] {
            let error = Template::parse(&with(rate)).expect_err("refused");
            let words = error.to_string();
            assert!(words.contains("DeliverPending has the schedule"), "{words}");
        }
        let error = Template::parse(&TEMPLATE.replace("Type: Schedule", "Type: SQS"));
        let words = error.expect_err("refused").to_string();
        assert!(
            words.contains("DeliverPending has the event SQS"),
            "{words}"
        );
    }
}
