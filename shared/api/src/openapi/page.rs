//! The reference for people: one page, made of the description, without scripts.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::document;

const STYLE: &str = include_str!("page.css");

/// A page, and what it may load: its own style and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page {
    /// The page, in HTML.
    pub html: String,
    /// The value of the header `Content-Security-Policy`.
    pub policy: String,
}

/// The reference of the server at `server`.
pub fn page(server: &str) -> Page {
    let style = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    Page {
        html: render(&document(server)).into_string(),
        policy: format!(
            "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'"
        ),
    }
}

fn render(document: &Value) -> Markup {
    let info = &document["info"];
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (text(&info["title"])) " " (text(&info["version"])) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { (text(&info["title"])) }
                    p.soft { "Version " (text(&info["version"])) " at " code { (text(&document["servers"][0]["url"])) } }
                    p { (text(&info["summary"])) }
                    p { (prose(text(&info["description"]))) }
                    p { "For machines: " a href="openapi.json" { "openapi.json" } }
                }
                nav aria-label="Routes" {
                    @for tag in list(&document["tags"]) {
                        h2 { (heading(text(&tag["name"]))) }
                        ul { @for route in routes(document, &tag["name"]) { (entry(&route)) } }
                    }
                }
                main {
                    @for tag in list(&document["tags"]) {
                        section {
                            h2 { (heading(text(&tag["name"]))) }
                            p.soft { (text(&tag["description"])) }
                            @for route in routes(document, &tag["name"]) { (described(document, &route)) }
                        }
                    }
                    section {
                        h2 { "Objects" }
                        @for (name, schema) in members(&document["components"]["schemas"]) {
                            article id={ "object-" (name) } {
                                h3 { (name) }
                                (about(schema))
                                (fields(schema))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// One route of the document.
struct Route<'a> {
    method: String,
    path: &'a str,
    said: &'a Value,
}

/// The routes with a tag, in the order of their paths.
fn routes<'a>(document: &'a Value, tag: &Value) -> Vec<Route<'a>> {
    let paths = members(&document["paths"]);
    let all = paths.flat_map(|(path, methods)| {
        members(methods).map(move |(method, said)| Route {
            method: method.to_ascii_uppercase(),
            path,
            said,
        })
    });
    all.filter(|route| route.said["tags"][0] == *tag).collect()
}

fn entry(route: &Route<'_>) -> Markup {
    html! {
        li { a href={ "#" (text(&route.said["operationId"])) } {
            span.method { (route.method) } " " code { (route.path) }
        } }
    }
}

fn described(document: &Value, route: &Route<'_>) -> Markup {
    let said = route.said;
    let body = &said["requestBody"]["content"]["application/json"]["schema"];
    html! {
        article id=(text(&said["operationId"])) {
            h3 { span.method { (route.method) } " " code { (route.path) } }
            p { (text(&said["summary"])) }
            @if !list(&said["security"]).is_empty() { p.soft { (callers(said)) } }
            @if !list(&said["parameters"]).is_empty() {
                h4 { "Parameters" }
                dl { @for one in list(&said["parameters"]) {
                    dt { code { (text(&one["name"])) } " " (needed(one["required"] == true)) }
                    dd { (prose(text(&one["description"]))) }
                } }
            }
            @if !body.is_null() { h4 { "Body" } (fields(resolved(document, body))) }
            h4 { "Answers" }
            dl { @for (status, answer) in members(&said["responses"]) {
                (answered(status, resolved(document, answer)))
            } }
        }
    }
}

fn answered(status: &str, answer: &Value) -> Markup {
    html! {
        dt { code { (status) } " "
            @for (kind, _) in members(&answer["content"]) { span.soft { (kind) " " } }
        }
        dd {
            p { (prose(text(&answer["description"]))) }
            @for (_, content) in members(&answer["content"]) {
                @let schema = &content["schema"];
                @if schema["properties"].is_object() { (fields(schema)) }
                @else if schema["$ref"].is_string() { p { (kind(schema)) } }
            }
        }
    }
}

fn callers(said: &Value) -> &'static str {
    let is = |scheme: &str| {
        list(&said["security"])
            .iter()
            .any(|way| way[scheme].is_array())
    };
    match (is("session"), is("iam")) {
        (true, _) => "Needs a session: Authorization: Bearer …, or jwtToken in the query.",
        (false, true) => "Signed with AWS Signature Version 4; open on a machine of one's own.",
        (false, false) => "For the CRM alone, with HTTP Basic.",
    }
}

/// The fields of an object, or in a word what it is where it has none.
fn fields(schema: &Value) -> Markup {
    let needs: Vec<_> = list(&schema["required"]).iter().map(text).collect();
    html! {
        @if !schema["properties"].is_object() { p { (kind(schema)) } }
        @else {
            dl { @for (name, field) in members(&schema["properties"]) {
                dt { code { (name) } " " span.soft { (kind(field)) } " " (needed(needs.contains(&name))) }
                dd { (about(field)) }
            } }
        }
        @for several in ["oneOf", "anyOf"] {
            @for one in list(&schema[several]) {
                @if one["properties"].is_object() { p.soft { "or" } (fields(one)) }
            }
        }
    }
}

/// What a value is, in a few words.
fn kind(schema: &Value) -> Markup {
    if let Some(name) = reference(schema) {
        return html! { a href={ "#object-" (name) } { (name) } };
    }
    let several = list(&schema["anyOf"]).iter().chain(list(&schema["oneOf"]));
    let several: Vec<_> = several.filter(|one| one["type"] != "null").collect();
    html! {
        @if let Some(constant) = schema["const"].as_str() { code { (constant) } }
        @else if schema["enum"].is_array() {
            @for (index, one) in list(&schema["enum"]).iter().enumerate() {
                @if index > 0 { " or " } code { (text(one)) }
            }
        }
        @else if schema["items"].is_object() { "list of " (kind(&schema["items"])) }
        @else if !several.is_empty() {
            @for (index, one) in several.iter().enumerate() { @if index > 0 { " or " } (kind(one)) }
        }
        @else if schema["additionalProperties"].is_object() {
            "object of " (kind(&schema["additionalProperties"]))
        }
        @else { (types(&schema["type"])) }
    }
}

fn types(kinds: &Value) -> String {
    match kinds {
        Value::String(kind) => kind.clone(),
        Value::Array(kinds) => {
            let kinds: Vec<_> = kinds
                .iter()
                .map(text)
                .filter(|kind| *kind != "null")
                .collect();
            kinds.join(" or ")
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => "anything".to_owned(),
    }
}

fn about(schema: &Value) -> Markup {
    html! {
        @if let Some(words) = schema["description"].as_str() { p { (prose(words)) } }
    }
}

fn needed(is_needed: bool) -> Markup {
    html! { @if is_needed { span.needed { "needed" } } }
}

/// Words in which code stands between backticks.
fn prose(words: &str) -> Markup {
    html! {
        @for (index, part) in words.split('`').enumerate() {
            @if index % 2 == 0 { (part) } @else { code { (part) } }
        }
    }
}

fn heading(tag: &str) -> String {
    let mut letters = tag.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// What a value refers to, or itself.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let pointer = value["$ref"]
        .as_str()
        .and_then(|place| place.strip_prefix('#'));
    (pointer.and_then(|pointer| document.pointer(pointer))).unwrap_or(value)
}

/// The name of the object that a schema refers to.
fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let members = value.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.as_str(), value))
}
