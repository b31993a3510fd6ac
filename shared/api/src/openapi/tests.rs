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
    for kind in ["schemas", "responses"] {
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
