use std::collections::BTreeSet;

use super::*;

fn described() -> Value {
    document("https://crm.example")
}

/// All that a part of the document refers to.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(place)) = members.get("$ref") {
                found.insert(place.clone());
            }
            members.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn all_that_is_referred_to_is_there_and_all_that_is_there_is_referred_to() {
    let document = described();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for place in &found {
        let pointer = place.strip_prefix('#').expect("a place in the document");
        assert!(document.pointer(pointer).is_some(), "{place}");
    }
    for kind in ["schemas", "responses", "headers"] {
        let named = document["components"][kind].as_object().expect("an object");
        for name in named.keys() {
            let place = format!("#/components/{kind}/{name}");
            assert!(found.contains(&place), "{place}");
        }
    }
}

#[test]
fn what_is_read_and_what_is_written_do_not_share_a_name_for_two_things() {
    let mut types = Types::new();
    for interface in Interface::ALL {
        let _ = direct::operation(interface, &mut types);
        let _ = client::operation(interface, &mut types);
    }
    let written = types.written.take_definitions(true);
    for (name, schema) in types.read.take_definitions(true) {
        assert!(
            written.get(&name).is_none_or(|other| *other == schema),
            "{name}"
        );
    }
}

#[test]
fn bodies_are_those_that_are_parsed_and_replies_those_that_are_written() {
    let document = described();
    let post = &document["paths"]["/interfaces/{platform}/createMessageLog"]["post"];
    let body = &post["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(body["$ref"], "#/components/schemas/MessageLog");
    let message = &document["components"]["schemas"]["Message"]["properties"];
    assert_eq!(message["id"]["type"], json!(["string", "integer", "null"]));
    let reply = &post["responses"]["200"]["content"]["application/json"]["schema"];
    assert_eq!(reply["required"], json!(["successful", "returnMessage"]));
    assert!(reply["properties"]["logId"].is_object());
    assert_eq!(reply["properties"]["jwtToken"], Value::Null);
    let words = &document["components"]["schemas"]["ReturnMessage"];
    assert_eq!(words["required"], json!(["message", "messageType", "ttl"]));
}

#[test]
fn no_route_of_the_extension_takes_or_answers_an_object_that_may_be_anything() {
    let document = described();
    for (path, methods) in document["paths"].as_object().expect("an object") {
        for (method, said) in methods.as_object().expect("an object") {
            let parts = [
                said.pointer("/requestBody/content/application~1json/schema"),
                said.pointer("/responses/200/content/application~1json/schema"),
            ];
            // Its own form is OpenAPI's, and Pipedrive's call says what Pipedrive likes.
            let is_open = ["/openapi.json", "/pipedrive-redirect"].contains(&path.as_str());
            for schema in parts.into_iter().flatten().filter(|_| !is_open) {
                assert_ne!(*schema, json!({"type": "object"}), "{method} {path}");
            }
        }
    }
}

#[test]
fn calls_and_contacts_of_the_extension_are_described_field_by_field() {
    let document = described();
    let schemas = &document["components"]["schemas"];
    let routes = [
        ("/messageLog", "post", &["logInfo"][..], "logIds"),
        ("/callLog", "post", &["logInfo"], "logId"),
        ("/callLog", "patch", &["sessionId"], "updatedNote"),
        (
            "/callLog/cacheNote",
            "post",
            &["sessionId", "note"],
            "returnMessage",
        ),
        ("/callDisposition", "put", &["sessionId"], "logId"),
        (
            "/contact",
            "post",
            &["phoneNumber", "newContactName"],
            "contact",
        ),
    ];
    for (path, method, needed, told) in routes {
        let said = &document["paths"][path][method];
        let body = &said["requestBody"]["content"]["application/json"]["schema"]["$ref"];
        let name = body.as_str().and_then(|place| place.rsplit('/').next());
        let body = &schemas[name.expect("a type")];
        assert_eq!(body["required"], json!(needed), "{method} {path}");
        let reply = &said["responses"]["200"]["content"]["application/json"]["schema"];
        assert!(
            reply["properties"][told].is_object(),
            "{method} {path}: {reply}"
        );
    }
    let get = &document["paths"]["/callLog"]["get"];
    let asked: Vec<_> = get["parameters"].as_array().into_iter().flatten().collect();
    assert_eq!(
        asked.iter().filter(|one| one["required"] == true).count(),
        1
    );
    assert_eq!(asked.len(), 4);
    let token = &get["responses"]["200"]["headers"]["x-refreshed-jwt-token"];
    assert!(token.is_object(), "{get}");
    let out = &document["paths"]["/unAuthorize"]["post"]["responses"]["200"];
    assert!(out["headers"].is_null(), "a session that is over goes on");
}

#[test]
fn no_wire_type_shows_its_own_name() {
    let document = described();
    let schemas = document["components"]["schemas"]
        .as_object()
        .expect("an object");
    for name in schemas.keys() {
        assert!(!name.starts_with("Wire"), "{name}");
        assert!(!name.ends_with('2'), "two types are called {name}");
    }
}

#[test]
fn the_page_loads_nothing_and_shows_every_route() {
    let page = page("https://crm.example");
    for part in ["<script", "http-equiv", "<img", "<link", " style=", "url("] {
        assert!(!page.html.contains(part), "{part}");
    }
    assert!(
        page.policy
            .starts_with("default-src 'none'; style-src 'sha256-")
    );
    for (path, _) in described()["paths"].as_object().expect("an object") {
        let shown = format!("<code>{}</code>", path);
        assert!(page.html.contains(&shown), "{path}");
    }
    assert!(page.html.contains("https://crm.example"));
}
