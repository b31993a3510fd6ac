//! The body of `POST /user/settings`.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::wire::free_form;
use crate::error::RequestError;
use crate::json;
use crate::limits::{MAX_ID_BYTES, MAX_SETTINGS, MAX_SETTINGS_BYTES, too_long};
use crate::settings::Settings;

/// What a client wants of a user's settings; [`apply`](crate::settings::apply) does it.
///
/// # Shape
/// Each entry of `settings` is an object; one that the client sent as null says nothing and is
/// not among them. `Debug` shows no value.
///
/// # Source
/// App Connect's API of `/user/settings` (read 2026-11-20).
#[derive(Clone)]
pub struct SettingsUpdate {
    /// Settings to set, by id.
    pub settings: Settings,
    /// Settings to remove.
    pub remove: Vec<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Wire {
    user_settings: Option<Settings>,
    setting_keys_to_remove: Option<Vec<String>>,
}

impl SettingsUpdate {
    /// Reads the body.
    ///
    /// # Errors
    /// [`RequestError`], naming the field.
    pub fn parse(body: &[u8]) -> Result<Self, RequestError> {
        let wire: Wire = json::read(body)?;
        let settings = free_form("userSettings", wire.user_settings, MAX_SETTINGS_BYTES)?;
        let remove = wire.setting_keys_to_remove.unwrap_or_default();
        for (field, count) in [("userSettings", settings.len()), (REMOVE, remove.len())] {
            if count > MAX_SETTINGS {
                let problem = format!("has more than {MAX_SETTINGS} keys");
                return Err(RequestError::field(field, problem));
            }
        }
        if let Some(index) = remove.iter().position(|id| id.len() > MAX_ID_BYTES) {
            let field = format!("{REMOVE}[{index}]");
            return Err(RequestError::field(field, too_long(MAX_ID_BYTES)));
        }
        Ok(Self {
            settings: objects(settings)?,
            remove,
        })
    }
}

const REMOVE: &str = "settingKeysToRemove";

fn objects(settings: Settings) -> Result<Settings, RequestError> {
    let mut objects = Settings::new();
    for (id, entry) in settings {
        if id.len() > MAX_ID_BYTES {
            let problem = format!("has a key that {}", too_long(MAX_ID_BYTES));
            return Err(RequestError::field("userSettings", problem));
        }
        match entry {
            Value::Null => {}
            Value::Object(_) => {
                objects.insert(id, entry);
            }
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                return Err(RequestError::field(path(&id), "is not an object"));
            }
        }
    }
    Ok(objects)
}

/// The path of a setting, where its id is a plain word; else that of all of them.
fn path(id: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    match !id.is_empty() && id.len() <= 64 && id.bytes().all(plain) {
        true => format!("userSettings.{id}"),
        false => "userSettings[…]".to_owned(),
    }
}

crate::described!(SettingsUpdate as "SettingsUpdate": Wire; needs);

impl fmt::Debug for SettingsUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SettingsUpdate")
            .field("settings", &self.settings.len())
            .field("remove", &self.remove.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> Result<SettingsUpdate, RequestError> {
        SettingsUpdate::parse(body.to_string().as_bytes())
    }

    #[test]
    fn what_the_extension_sends_is_read() {
        let update = read(&json!({
            "userSettings": {"theme": {"value": "dark", "customizable": true}, "gone": null},
            "settingKeysToRemove": ["old"], "somethingNew": 1,
        }))
        .expect("readable");
        assert_eq!(
            Value::from(update.settings),
            json!({"theme": {"value": "dark", "customizable": true}})
        );
        assert_eq!(update.remove, ["old"]);
        for body in [
            json!({}),
            json!({"userSettings": null, "settingKeysToRemove": null}),
        ] {
            let update = read(&body).expect("readable");
            assert!(update.settings.is_empty() && update.remove.is_empty());
        }
    }

    #[test]
    fn what_cannot_be_a_setting_is_named() {
        let many = |count: usize| -> Settings {
            let ids = (0..count).map(|id| (id.to_string(), json!({})));
            ids.collect()
        };
        read(&json!({"userSettings": many(MAX_SETTINGS)})).expect("as many as can be");
        let long = "x".repeat(MAX_ID_BYTES + 1);
        for (body, named) in [
            (
                json!({"userSettings": {"theme": "dark"}}),
                "userSettings.theme",
            ),
            (
                json!({"userSettings": {"theme": ["dark"]}}),
                "userSettings.theme",
            ),
            (
                json!({"userSettings": {"theme": true}}),
                "userSettings.theme",
            ),
            (json!({"userSettings": {"a\r\nb": 5}}), "userSettings[…]"),
            (json!({"userSettings": {"<img>": 5}}), "userSettings[…]"),
            (json!({"userSettings": {"": 5}}), "userSettings[…]"),
            (json!({"userSettings": {&*long: {}}}), "userSettings"),
            (json!({"userSettings": [{}]}), "userSettings"),
            (json!({"userSettings": "dark"}), "userSettings"),
            (
                json!({"userSettings": many(MAX_SETTINGS + 1)}),
                "userSettings",
            ),
            (
                json!({"userSettings": {"a": {"value": "x".repeat(MAX_SETTINGS_BYTES)}}}),
                "userSettings",
            ),
            (json!({"settingKeysToRemove": "a"}), "settingKeysToRemove"),
            (
                json!({"settingKeysToRemove": {"a": 1}}),
                "settingKeysToRemove",
            ),
            (
                json!({"settingKeysToRemove": ["a", 5]}),
                "settingKeysToRemove[1]",
            ),
            (
                json!({"settingKeysToRemove": [null]}),
                "settingKeysToRemove[0]",
            ),
            (
                json!({"settingKeysToRemove": ["a", &*long]}),
                "settingKeysToRemove[1]",
            ),
            (
                json!({"settingKeysToRemove": vec!["a"; MAX_SETTINGS + 1]}),
                "settingKeysToRemove",
            ),
        ] {
            match read(&body).expect_err(named) {
                RequestError::Field { field, .. } => assert_eq!(field, named),
                RequestError::NotJson { reason } => panic!("{named}: {reason}"),
            }
        }
    }

    #[test]
    fn a_body_of_another_form_is_refused() {
        let deep = format!(
            r#"{{"userSettings":{{"a":{{"value":{}{}}}}}}}"#,
            "[".repeat(128),
            "]".repeat(128)
        );
        for body in ["[]", "null", "", r#"{"userSettings":{}"#, &deep] {
            let error = SettingsUpdate::parse(body.as_bytes()).expect_err("refused");
            assert!(matches!(error, RequestError::NotJson { .. }), "{error}");
        }
        let twice = r#"{"userSettings":{},"userSettings":{}}"#;
        let error = SettingsUpdate::parse(twice.as_bytes()).expect_err("refused");
        assert_eq!(error.to_string(), "`userSettings` is there more than once");
        let last = r#"{"userSettings":{"a":{"value":1},"a":{"value":2}}}"#;
        let update = SettingsUpdate::parse(last.as_bytes()).expect("readable");
        assert_eq!(update.settings["a"]["value"], 2, "as a browser reads it");
    }

    #[test]
    fn nothing_personal_is_debug_printed() {
        let body = json!({"userSettings": {"Daisy": {"value": "Daisy"}},
                          "settingKeysToRemove": ["Daisy"]});
        let printed = format!("{:?}", read(&body).expect("readable"));
        assert!(!printed.contains("Daisy"), "{printed}");
    }
}
