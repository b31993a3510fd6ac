//! The body of `/apiKeyLogin`.

use std::fmt;

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::ringcentral_id::RingCentralId;
use super::sign_in::{hostname, platform, ringcentral_id, secret};
use super::wire::{free_form, present};
use crate::error::RequestError;
use crate::ids::WireId;
use crate::json;
use crate::limits::{MAX_ADDITIONAL_INFO_BYTES, MAX_API_KEY_BYTES};

/// What the extension sends for a key that its form asks for under another name.
const PLACEHOLDER: &str = "apiKey";

/// Somebody who signs in with an API key.
///
/// # Shape
/// `additional_info` is what else the form asked for, without the key. `Debug` shows no value.
///
/// # Source
/// App Connect's API of `/apiKeyLogin` (read 2026-11-20).
#[derive(Clone)]
pub struct ApiKeyLogin {
    /// The platform.
    pub platform: String,
    /// The key.
    pub api_key: SecretString,
    /// The host of the user's CRM, where the client knows it.
    pub hostname: Option<String>,
    /// What else the form asked for.
    pub additional_info: Map<String, Value>,
    /// The RingCentral account.
    pub rc_account: Option<RingCentralId>,
    /// The RingCentral extension.
    pub rc_extension: Option<RingCentralId>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Wire {
    platform: Option<String>,
    api_key: Option<String>,
    hostname: Option<String>,
    additional_info: Option<Map<String, Value>>,
    rc_account_id: Option<WireId>,
    rc_extension_id: Option<WireId>,
}

impl ApiKeyLogin {
    /// Reads the body.
    ///
    /// # Errors
    /// [`RequestError`], naming the field.
    pub fn parse(body: &[u8]) -> Result<Self, RequestError> {
        let wire: Wire = json::read(body)?;
        let name = present(wire.platform).ok_or_else(|| RequestError::missing("platform"))?;
        let mut additional_info = free_form(
            "additionalInfo",
            wire.additional_info,
            MAX_ADDITIONAL_INFO_BYTES,
        )?;
        let beside = additional_info.remove("apiKey");
        Ok(Self {
            platform: platform("platform", &name)?,
            api_key: api_key(wire.api_key, beside)?,
            hostname: hostname("hostname", wire.hostname.as_deref())?,
            additional_info,
            rc_account: ringcentral_id("rcAccountId", wire.rc_account_id)?,
            rc_extension: ringcentral_id("rcExtensionId", wire.rc_extension_id)?,
        })
    }
}

/// The key, or else the one among what else the form asked for.
fn api_key(key: Option<String>, beside: Option<Value>) -> Result<SecretString, RequestError> {
    let given = |text: &String| text != PLACEHOLDER;
    if let Some(key) = present(key).filter(given) {
        return secret("apiKey", &key, MAX_API_KEY_BYTES);
    }
    let field = "additionalInfo.apiKey";
    let key = match beside {
        None | Some(Value::Null) => None,
        Some(Value::String(key)) => present(Some(key)).filter(given),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            return Err(RequestError::field(field, "is not text"));
        }
    };
    let key = key.ok_or_else(|| RequestError::missing("apiKey"))?;
    secret(field, &key, MAX_API_KEY_BYTES)
}

crate::described!(ApiKeyLogin as "ApiKeyLogin": Wire; needs "platform");

impl fmt::Debug for ApiKeyLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKeyLogin").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> Result<ApiKeyLogin, RequestError> {
        ApiKeyLogin::parse(body.to_string().as_bytes())
    }

    fn with(field: &str, value: Value) -> Value {
        let mut body = json!({"platform": "exampleCRM", "apiKey": "demo-key"});
        body[field] = value;
        body
    }

    #[test]
    fn what_the_extension_sends_is_read() {
        let login = read(&json!({
            "apiKey": "demo-key", "platform": "exampleCRM", "hostname": "CRM.example",
            "additionalInfo": {"companyId": 5}, "rcAccountId": 400012345678u64,
            "rcExtensionId": "0a".repeat(32), "somethingNew": {},
        }))
        .expect("readable");
        assert_eq!(login.platform, "exampleCRM");
        assert_eq!(login.api_key.expose_secret(), "demo-key");
        assert_eq!(login.hostname.as_deref(), Some("crm.example"));
        assert_eq!(Value::from(login.additional_info), json!({"companyId": 5}));
        let account = RingCentralId::Raw("400012345678".to_owned());
        assert_eq!(login.rc_account, Some(account));
        assert!(matches!(login.rc_extension, Some(RingCentralId::Hashed(_))));
    }

    #[test]
    fn absent_and_null_are_alike() {
        let least = read(&with("somethingNew", Value::Null)).expect("readable");
        for field in ["hostname", "additionalInfo", "rcAccountId", "rcExtensionId"] {
            read(&with(field, Value::Null)).expect("readable");
        }
        assert_eq!(least.hostname, None);
        assert!(least.additional_info.is_empty());
        assert_eq!((least.rc_account, least.rc_extension), (None, None));
    }

    #[test]
    fn the_key_of_the_form_serves_where_there_is_no_other() {
        for own in [Value::Null, json!(""), json!(" "), json!("apiKey")] {
            let mut body = with("apiKey", own);
            body["additionalInfo"] = json!({"apiKey": "of the form", "a": 1});
            let login = read(&body).expect("readable");
            assert_eq!(login.api_key.expose_secret(), "of the form");
            assert_eq!(Value::from(login.additional_info), json!({"a": 1}));
        }
        let both = with("additionalInfo", json!({"apiKey": "another"}));
        let login = read(&both).expect("readable");
        assert_eq!(login.api_key.expose_secret(), "demo-key");
        assert!(login.additional_info.is_empty(), "no key stays in clear");
    }

    #[test]
    fn what_a_field_cannot_hold_is_named() {
        let key = "k".repeat(MAX_API_KEY_BYTES);
        read(&with("apiKey", json!(key))).expect("as long as can be");
        for (field, value, named) in [
            ("platform", Value::Null, "platform"),
            ("platform", json!(" "), "platform"),
            ("platform", json!("../x"), "platform"),
            ("platform", json!(["exampleCRM"]), "platform"),
            ("apiKey", Value::Null, "apiKey"),
            ("apiKey", json!("apiKey"), "apiKey"),
            ("apiKey", json!(" k"), "apiKey"),
            ("apiKey", json!("k "), "apiKey"),
            ("apiKey", json!("k\r\nX-Evil: 1"), "apiKey"),
            ("apiKey", json!("k\n"), "apiKey"),
            ("apiKey", json!("k\u{7f}"), "apiKey"),
            ("apiKey", json!("k\u{e9}"), "apiKey"),
            ("apiKey", json!(format!("{key}k")), "apiKey"),
            ("apiKey", json!(5), "apiKey"),
            ("apiKey", json!({"apiKey": "k"}), "apiKey"),
            ("hostname", json!("crm.example/x"), "hostname"),
            ("hostname", json!("10.0.0.1"), "hostname"),
            ("hostname", json!(5), "hostname"),
            ("additionalInfo", json!([]), "additionalInfo"),
            ("additionalInfo", json!("x"), "additionalInfo"),
            (
                "additionalInfo",
                json!({"a": "x".repeat(MAX_ADDITIONAL_INFO_BYTES)}),
                "additionalInfo",
            ),
            ("rcAccountId", json!("a"), "rcAccountId"),
            ("rcAccountId", json!(-5), "rcAccountId"),
            ("rcAccountId", json!(1.5), "rcAccountId"),
            ("rcExtensionId", json!("1 2"), "rcExtensionId"),
            ("rcExtensionId", json!({}), "rcExtensionId"),
        ] {
            match read(&with(field, value)).expect_err(field) {
                RequestError::Field { field, .. } => assert_eq!(field, named),
                RequestError::NotJson { reason } => panic!("{field}: {reason}"),
            }
        }
        for key in [json!(5), json!([]), json!("\u{e9}")] {
            let mut body = with("apiKey", json!("apiKey"));
            body["additionalInfo"] = json!({ "apiKey": key });
            let error = read(&body).expect_err("refused").to_string();
            assert!(error.starts_with("`additionalInfo.apiKey` "), "{error}");
        }
    }

    #[test]
    fn a_body_of_another_form_is_refused() {
        let deep = format!(
            r#"{{"platform":"exampleCRM","apiKey":"k","additionalInfo":{}1{}}}"#,
            r#"{"a":"#.repeat(200),
            "}".repeat(200)
        );
        for body in [r#"["exampleCRM","k"]"#, "null", "", "{", &deep] {
            let error = ApiKeyLogin::parse(body.as_bytes()).expect_err("refused");
            assert!(matches!(error, RequestError::NotJson { .. }), "{error}");
        }
        let twice = r#"{"platform":"exampleCRM","apiKey":"Daisy","apiKey":"Daisy"}"#;
        let error = ApiKeyLogin::parse(twice.as_bytes()).expect_err("refused");
        assert_eq!(error.to_string(), "`apiKey` is there more than once");
    }

    #[test]
    fn nothing_secret_is_debug_printed() {
        let mut body = with("apiKey", json!("Daisy"));
        body["additionalInfo"] = json!({"Daisy": "Daisy"});
        body["hostname"] = json!("daisy.example");
        let printed = format!("{:?}", read(&body).expect("readable"));
        assert!(!printed.to_lowercase().contains("daisy"), "{printed}");
    }
}
