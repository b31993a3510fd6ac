//! Events as API Gateway's HTTP APIs send them, payload format 2.0.
//!
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::Utc;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

const DOMAIN: &str = "aaaaaaaaaa.execute-api.us-east-1.amazonaws.com";
const SOURCE_IP: &str = "192.0.2.10";
const USER_AGENT: &str = "daybook-tests/1";

/// The event of one HTTP request.
///
/// # Shape
///
/// - `raw_path` may carry a query, which goes where API Gateway puts it.
/// - `path_parameters` are decoded, as API Gateway hands them on; the route key
///   is the path with `{name}` in the place of each value.
/// - `headers` are lower-cased, repeated ones joined by commas, cookies moved to
///   `cookies`; what API Gateway adds is added unless given.
/// - `body` is left out when empty; `base64` sends its bytes encoded.
pub fn http_api_v2_event(
    method: &str,
    raw_path: &str,
    path_parameters: &[(&str, &str)],
    headers: &[(&str, &str)],
    body: &str,
    base64: bool,
) -> Value {
    let (path, query) = raw_path.split_once('?').unwrap_or((raw_path, ""));
    let route_key = format!("{method} {}", route(path, path_parameters));
    let (headers, cookies) = delivered_headers(headers, body);
    let now = Utc::now();
    let mut event = json!({
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "aaaaaaaaaa",
            "domainName": DOMAIN,
            "domainPrefix": "aaaaaaaaaa",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": SOURCE_IP,
                "userAgent": headers.get("user-agent"),
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": route_key,
            "stage": "$default",
            "time": now.format("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "timeEpoch": now.timestamp_millis(),
        },
        "isBase64Encoded": base64,
    });
    let mut optional = Map::new();
    if !cookies.is_empty() {
        optional.insert("cookies".to_owned(), json!(cookies));
    }
    if !query.is_empty() {
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        optional.insert("queryStringParameters".to_owned(), json!(joined(pairs)));
    }
    if !path_parameters.is_empty() {
        let parameters: BTreeMap<_, _> = path_parameters.iter().copied().collect();
        optional.insert("pathParameters".to_owned(), json!(parameters));
    }
    if !body.is_empty() {
        let body = if base64 {
            BASE64_STANDARD.encode(body)
        } else {
            body.to_owned()
        };
        optional.insert("body".to_owned(), json!(body));
    }
    event
        .as_object_mut()
        .expect("the event is an object")
        .append(&mut optional);
    event
}

fn route(path: &str, parameters: &[(&str, &str)]) -> String {
    let segments = path.split('/').map(|segment| {
        let decoded = percent_decode_str(segment).decode_utf8_lossy();
        let parameter = parameters.iter().find(|(_, value)| *value == decoded);
        parameter.map_or_else(|| segment.to_owned(), |(name, _)| format!("{{{name}}}"))
    });
    segments.collect::<Vec<_>>().join("/")
}

fn delivered_headers(
    given: &[(&str, &str)],
    body: &str,
) -> (BTreeMap<String, String>, Vec<String>) {
    let is_cookie = |name: &str| name.eq_ignore_ascii_case("cookie");
    let cookies = given
        .iter()
        .filter(|(name, _)| is_cookie(name))
        .flat_map(|(_, value)| value.split("; ").map(str::to_owned))
        .collect();
    let mut headers = joined(
        given
            .iter()
            .filter(|(name, _)| !is_cookie(name))
            .map(|(name, value)| (name.to_ascii_lowercase(), *value)),
    );
    let length = body.len().to_string();
    for (name, value) in [
        ("content-length", length.as_str()),
        ("host", DOMAIN),
        ("user-agent", USER_AGENT),
        (
            "x-amzn-trace-id",
            "Root=1-5e9f0c65-1de4d666d4dd26aced652b6c",
        ),
        ("x-forwarded-for", SOURCE_IP),
        ("x-forwarded-port", "443"),
        ("x-forwarded-proto", "https"),
    ] {
        headers
            .entry(name.to_owned())
            .or_insert_with(|| value.to_owned());
    }
    (headers, cookies)
}

/// Repeated names become one, their values joined by commas.
fn joined(
    pairs: impl Iterator<Item = (impl Into<String>, impl AsRef<str>)>,
) -> BTreeMap<String, String> {
    let mut all = BTreeMap::<String, String>::new();
    for (name, value) in pairs {
        all.entry(name.into())
            .and_modify(|values| {
                values.push(',');
                values.push_str(value.as_ref());
            })
            .or_insert_with(|| value.as_ref().to_owned());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_told_as_api_gateway_tells_it() {
        let event = http_api_v2_event(
            "GET",
            "/contacts/A%20B?q=x%20y&tag=1&tag=2",
            &[("name", "A B")],
            &[
                ("Accept", "text/plain"),
                ("accept", "*/*"),
                ("Cookie", "a=1; b=2"),
            ],
            "",
            false,
        );
        assert_eq!(event["version"], "2.0");
        assert_eq!(event["routeKey"], "GET /contacts/{name}");
        assert_eq!(event["rawPath"], "/contacts/A%20B");
        assert_eq!(event["rawQueryString"], "q=x%20y&tag=1&tag=2");
        assert_eq!(
            event["queryStringParameters"],
            json!({ "q": "x y", "tag": "1,2" })
        );
        assert_eq!(event["pathParameters"], json!({ "name": "A B" }));
        assert_eq!(event["headers"]["accept"], "text/plain,*/*");
        assert_eq!(event["headers"].get("cookie"), None);
        assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
        assert_eq!(event["requestContext"]["http"]["method"], "GET");
        assert_eq!(event["requestContext"]["stage"], "$default");
        assert_eq!(event.get("body"), None);
        assert_eq!(event["isBase64Encoded"], false);
    }

    #[test]
    fn a_body_can_be_sent_encoded() {
        let event = http_api_v2_event("POST", "/x", &[], &[], "{}", true);
        assert_eq!(event["body"], "e30=");
        assert_eq!(event["isBase64Encoded"], true);
        assert_eq!(event["headers"]["content-length"], "2");
        assert_eq!(event.get("pathParameters"), None);
        let event = http_api_v2_event("POST", "/x", &[], &[], "{}", false);
        assert_eq!(event["body"], "{}");
    }
}
