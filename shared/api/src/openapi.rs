//! The description of all routes, for machines (`/openapi.json`) and for people (`/docs`). It is made
//! when it is asked for, of the types that requests are parsed into and replies are written from.
//!
//! `direct` has the interface door, `client` the routes of the extension, `operation` what is said
//! of a route, and `page` the reference for people. A new type of a body or of a reply is a line in
//! `direct` or in `client`.

mod client;
mod direct;
mod operation;
mod page;

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use self::operation::{Operation, failure};
use crate::interface::Interface;

pub use self::page::{Page, page};

/// Where schemas stand in the document.
const SCHEMAS: &str = "/components/schemas";

/// What the types look like that requests are read with, and those that replies are written from.
struct Types {
    read: SchemaGenerator,
    written: SchemaGenerator,
}

impl Types {
    fn new() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = SCHEMAS.into();
                settings.meta_schema = None;
            })
        };
        Self {
            read: settings().for_deserialize().into_generator(),
            written: settings().for_serialize().into_generator(),
        }
    }

    /// All that was referred to, and the schema of a failure.
    fn schemas(mut self) -> Map<String, Value> {
        let failure = failure(&mut self);
        let mut schemas = self.read.take_definitions(true);
        schemas.extend(self.written.take_definitions(true));
        schemas.insert("Failure".to_owned(), failure.into());
        schemas
    }
}

/// The description, in the form of OpenAPI 3.1. `server` is the address of this server.
///
/// # Source
/// The OpenAPI Specification, 3.1.0 (read 2026-11-21).
pub fn document(server: &str) -> Value {
    let mut types = Types::new();
    let mut paths = Map::new();
    for interface in Interface::ALL {
        for name in interface.direct_names() {
            let path = format!("/interfaces/{{platform}}/{name}");
            if let Some(operation) = direct::operation(interface, &mut types) {
                put(&mut paths, &path, "post", name, operation);
            }
        }
        let route = interface.client_route();
        let operation = client::operation(interface, &mut types);
        if let (Some((method, path)), Some(operation)) = (route, operation) {
            let method = method.as_str().to_ascii_lowercase();
            let id = format!("{}ByClient", interface.name());
            put(&mut paths, path, &method, &id, operation);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Daybook",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Texts and calls of RingCentral App Connect, written into CRMs.",
            "description": INFO,
            "license": {"name": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": server}],
        "tags": [
            {"name": "interfaces", "description": "For programs: closed to the world by IAM."},
            {"name": "extension", "description": "For the extension: open, with a session."},
        ],
        "paths": paths,
        "components": {
            "schemas": types.schemas(),
            "responses": operation::responses(),
            "headers": operation::headers(),
            "securitySchemes": operation::security_schemes(),
        },
    })
}

fn put(paths: &mut Map<String, Value>, path: &str, method: &str, id: &str, operation: Operation) {
    let mut said = operation.describe();
    said["operationId"] = json!(id);
    let at = paths.entry(path).or_insert_with(|| json!({}));
    at[method] = said;
}

const INFO: &str = "What did not work in a CRM is told with status 200, `successful: false` and a \
`returnMessage` for the user. Absent, null and empty fields are the same, and unknown ones are \
ignored. Another method at one of these addresses is answered with 405, and any other address \
with 404; API Gateway answers both by itself, and 429 to too many requests.";

#[cfg(test)]
mod tests;
