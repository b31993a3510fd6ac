//! The settings of a user, and those that an administrator made for everybody.
//!
//! # Source
//! App Connect's API of `/user/settings` and `/admin/settings` (read 2026-11-20).

use serde_json::{Map, Value};

use crate::error::RequestError;
use crate::limits::{MAX_SETTINGS_BYTES, too_long};

/// Settings by id, each an object `{value, customizable, options, defaultValue, …}`.
pub type Settings = Map<String, Value>;

const VALUE: &str = "value";
const CUSTOMIZABLE: &str = "customizable";
/// The name that older forms of the administrator's settings have for it.
const IS_CUSTOMIZABLE: &str = "isCustomizable";

/// What holds for a user, of the user's own settings and the administrator's.
///
/// # Shape
/// Each entry says whether the user may change it, as `customizable`. Where the administrator
/// fixed one, the user's own counts for nothing; where not, the user's `value` does, if there is
/// one, and what else the administrator says about it stays. What is not an object is left out.
pub fn effective(user: &Settings, admin: &Settings) -> Settings {
    let mut settings = Settings::new();
    for (id, own) in objects(user) {
        settings.insert(id.clone(), with(own.clone(), CUSTOMIZABLE, true.into()));
    }
    for (id, entry) in objects(admin) {
        let own = user.get(id).and_then(Value::as_object);
        settings.insert(id.clone(), of_both(own, entry));
    }
    settings
}

/// The user's own settings, after a client supplied some and named others to remove.
///
/// What it does not name stays, since a client may be older than a setting. An entry that the
/// administrator fixed is not taken over: a client sends back whatever it was given.
///
/// # Errors
/// [`RequestError`] naming `userSettings` where they grow beyond [`MAX_SETTINGS_BYTES`].
pub fn apply(
    own: &Settings,
    supplied: Settings,
    remove: &[String],
    admin: &Settings,
) -> Result<Settings, RequestError> {
    let mut settings = own.clone();
    for (id, entry) in supplied {
        if !admin.get(&id).is_some_and(is_fixed) {
            settings.insert(id, entry);
        }
    }
    settings.retain(|id, _| !remove.contains(id));
    let size = serde_json::to_string(&settings).map_or(usize::MAX, |text| text.len());
    match size > MAX_SETTINGS_BYTES {
        true => Err(RequestError::field(
            "userSettings",
            too_long(MAX_SETTINGS_BYTES),
        )),
        false => Ok(settings),
    }
}

/// The value of a setting, where there is one.
pub fn value<'a>(settings: &'a Settings, id: &str) -> Option<&'a Value> {
    let value = settings.get(id)?.as_object()?.get(VALUE)?;
    (!value.is_null()).then_some(value)
}

/// Whether a setting is on. One without a value, or with one that is no yes or no, is as
/// `otherwise` says.
pub fn is_on(settings: &Settings, id: &str, otherwise: bool) -> bool {
    match value(settings, id) {
        Some(Value::Bool(on)) => *on,
        Some(Value::String(text)) if text == "true" => true,
        Some(Value::String(text)) if text == "false" => false,
        Some(_) | None => otherwise,
    }
}

fn of_both(own: Option<&Settings>, admin: &Settings) -> Value {
    if !lets_users_choose(admin) {
        return with(admin.clone(), CUSTOMIZABLE, false.into());
    }
    let mut entry = own.cloned().unwrap_or_default();
    let chosen = entry.remove(VALUE).filter(|value| !value.is_null());
    entry.extend(admin.clone());
    if let Some(value) = chosen {
        entry.insert(VALUE.to_owned(), value);
    }
    with(entry, CUSTOMIZABLE, true.into())
}

fn is_fixed(entry: &Value) -> bool {
    entry
        .as_object()
        .is_some_and(|entry| !lets_users_choose(entry))
}

/// Whether an administrator lets users customise a setting; one who does not say so does not.
fn lets_users_choose(entry: &Settings) -> bool {
    [CUSTOMIZABLE, IS_CUSTOMIZABLE]
        .iter()
        .find_map(|name| entry.get(*name).filter(|value| !value.is_null()))
        .is_some_and(|value| *value == Value::Bool(true))
}

fn with(mut entry: Settings, name: &str, value: Value) -> Value {
    entry.insert(name.to_owned(), value);
    Value::Object(entry)
}

fn objects(settings: &Settings) -> impl Iterator<Item = (&String, &Settings)> {
    settings
        .iter()
        .filter_map(|(id, entry)| Some((id, entry.as_object()?)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settings(json: Value) -> Settings {
        let Value::Object(settings) = json else {
            panic!("no object: {json}");
        };
        settings
    }

    fn both(user: Value, admin: Value) -> Value {
        effective(&settings(user), &settings(admin)).into()
    }

    #[test]
    fn an_administrator_who_fixes_a_setting_wins() {
        for fixed in [
            json!({"value": "all", "customizable": false}),
            json!({"value": "all", "isCustomizable": false}),
            json!({"value": "all", "customizable": false, "isCustomizable": true}),
            json!({"value": "all", "customizable": null}),
            json!({"value": "all", "customizable": "true"}),
            json!({"value": "all"}),
        ] {
            let given = both(
                json!({"log": {"value": "none", "options": ["none"]}}),
                json!({"log": fixed}),
            );
            assert_eq!(given["log"]["value"], "all", "{fixed}");
            assert_eq!(given["log"]["customizable"], false, "{fixed}");
            assert_eq!(given["log"].get("options"), None, "{fixed}");
        }
    }

    #[test]
    fn the_users_value_counts_where_the_administrator_lets_it() {
        for open in [
            json!({"customizable": true}),
            json!({"isCustomizable": true}),
            json!({"customizable": null, "isCustomizable": true}),
        ] {
            let mut admin = open.clone();
            admin["value"] = json!("all");
            admin["options"] = json!(["all", "none"]);
            admin["defaultValue"] = json!("all");
            let admin = json!({"log": admin});
            let own = json!({"log": {"value": "none", "options": ["x"], "defaultValue": "x"}});
            let given = both(own, admin.clone());
            assert_eq!(given["log"]["value"], "none", "{open}");
            assert_eq!(given["log"]["options"], json!(["all", "none"]));
            assert_eq!(given["log"]["defaultValue"], "all");
            assert_eq!(given["log"]["customizable"], true);
            for own in [json!({}), json!({"value": null}), json!("none")] {
                let given = both(json!({"log": own}), admin.clone());
                assert_eq!(given["log"]["value"], "all", "{own}");
                assert_eq!(given["log"]["customizable"], true);
            }
        }
    }

    #[test]
    fn a_value_of_false_or_nothing_typed_is_a_choice() {
        for value in [json!(false), json!(""), json!(0), json!([])] {
            let given = both(
                json!({"log": {"value": value}}),
                json!({"log": {"value": true, "customizable": true}}),
            );
            assert_eq!(given["log"]["value"], value);
        }
    }

    #[test]
    fn what_only_one_of_them_has_is_given() {
        let given = both(
            json!({"own": {"value": 1, "customizable": false}, "odd": 5}),
            json!({"fixed": {"value": 2}, "open": {"value": 3, "customizable": true}, "bad": []}),
        );
        assert_eq!(
            given,
            json!({
                "own": {"value": 1, "customizable": true},
                "fixed": {"value": 2, "customizable": false},
                "open": {"value": 3, "customizable": true},
            })
        );
    }

    #[test]
    fn a_client_changes_what_it_names_and_wipes_nothing_else() {
        let own = settings(json!({"a": {"value": 1}, "b": {"value": 2}, "c": {"value": 3}}));
        let supplied = settings(json!({"b": {"value": 20}, "d": {"value": 4}, "e": {"value": 5}}));
        let remove = ["c", "e", "nobody"].map(str::to_owned);
        let applied = apply(&own, supplied, &remove, &Settings::new()).expect("small enough");
        assert_eq!(
            Value::from(applied),
            json!({"a": {"value": 1}, "b": {"value": 20}, "d": {"value": 4}})
        );
    }

    #[test]
    fn what_the_administrator_fixed_is_not_stored() {
        let own = settings(json!({"a": {"value": 1}}));
        let admin = settings(json!({
            "a": {"value": 9}, "b": {"value": 9, "customizable": false},
            "c": {"value": 9, "customizable": true},
        }));
        let supplied = effective(&settings(json!({"c": {"value": 3}})), &admin);
        let applied = apply(&own, supplied, &[], &admin).expect("small enough");
        assert_eq!(applied["a"], json!({"value": 1}), "the user's own is kept");
        assert!(!applied.contains_key("b"));
        assert_eq!(applied["c"]["value"], 3);
    }

    #[test]
    fn a_setting_is_on_or_off_or_as_it_is_by_default() {
        let settings = settings(json!({
            "on": {"value": true}, "off": {"value": false}, "yes": {"value": "true"},
            "no": {"value": "false"}, "null": {"value": null}, "odd": {"value": 5}, "bare": {},
            "none": true,
        }));
        for (id, is) in [("on", true), ("off", false), ("yes", true), ("no", false)] {
            assert_eq!(is_on(&settings, id, !is), is, "{id}");
        }
        for id in ["null", "odd", "bare", "none", "absent"] {
            for otherwise in [true, false] {
                assert_eq!(is_on(&settings, id, otherwise), otherwise, "{id}");
            }
        }
        assert_eq!(value(&settings, "odd"), Some(&json!(5)));
        assert_eq!(value(&settings, "null"), None);
    }

    #[test]
    fn settings_do_not_grow_without_end() {
        let of_size = |bytes: usize| settings(json!({"a": {"value": "x".repeat(bytes)}}));
        let around = r#"{"a":{"value":""}}"#.len();
        let none = Settings::new();
        let largest = of_size(MAX_SETTINGS_BYTES - around);
        assert!(apply(&none, largest.clone(), &[], &none).is_ok());
        let more = settings(json!({"b": {}}));
        let error = apply(&largest, more.clone(), &[], &none).expect_err("too large");
        assert!(
            matches!(error, RequestError::Field { field, .. } if field == "userSettings"),
            "named"
        );
        let remove = ["a".to_owned()];
        assert!(apply(&largest, more, &remove, &none).is_ok());
    }
}
