//! What a user wants to see in call notes.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::field::Field;
use crate::settings::{self, Settings};
use crate::time::Zone;

/// The id of the setting that says how dates look.
pub const DATE_FORMAT_SETTING: &str = "logDateFormat";

/// How dates look for a user without that setting.
pub const DEFAULT_DATE_FORMAT: &str = "YYYY-MM-DD hh:mm:ss A";

/// The longest pattern of a date, in characters; a longer one is as none.
const MAX_DATE_FORMAT: usize = 100;

/// Which fields are written, and how dates look. The default is that of a user without settings,
/// in UTC.
///
/// # Shape
/// `{off, dateFormat, zone}`, each of which may be absent: it is as by default then. `off` are the
/// names of fields; unknown ones are passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Layout {
    /// The fields that are not written.
    #[serde(deserialize_with = "known_fields")]
    off: Vec<Field>,
    /// The pattern of dates, in the tokens of moment.js.
    pub(super) date_format: String,
    /// The zone in which dates are told.
    pub(super) zone: Zone,
}

impl Layout {
    /// The layout of a user with these settings, of which those that hold for the user are given
    /// by [`settings::effective`].
    pub fn new(settings: &Settings, zone: Zone) -> Self {
        let is_off =
            |field: &Field| !settings::is_on(settings, field.setting(), field.is_on_by_default());
        let date_format = settings::value(settings, DATE_FORMAT_SETTING)
            .and_then(Value::as_str)
            .filter(|pattern| !pattern.trim().is_empty())
            .filter(|pattern| pattern.chars().count() <= MAX_DATE_FORMAT)
            .unwrap_or(DEFAULT_DATE_FORMAT);
        Self {
            off: Field::ALL.into_iter().filter(is_off).collect(),
            date_format: date_format.to_owned(),
            zone,
        }
    }

    /// Whether a field is written. One that is off is neither put in nor changed nor taken out.
    pub fn shows(&self, field: Field) -> bool {
        !self.off.contains(&field)
    }
}

impl Default for Layout {
    fn default() -> Self {
        Self::new(&Settings::new(), Zone::UTC)
    }
}

/// The fields of a stored list; a newer version may have written some that this one does not know.
fn known_fields<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Field>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stored {
        Known(Field),
        Unknown(IgnoredAny),
    }
    let stored = Vec::<Stored>::deserialize(deserializer)?;
    let known = stored.into_iter().filter_map(|stored| match stored {
        Stored::Known(field) => Some(field),
        Stored::Unknown(_) => None,
    });
    Ok(known.collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(stored: serde_json::Value) -> Layout {
        serde_json::from_value(stored).expect("a layout")
    }

    #[test]
    fn a_layout_survives_storage_in_this_shape() {
        let mut settings = Settings::new();
        settings.insert("addCallLogRecording".to_owned(), json!({"value": false}));
        settings.insert("logDateFormat".to_owned(), json!({"value": "HH:mm"}));
        let zone = Zone::from_name("America/New_York").expect("a zone");
        let layout = Layout::new(&settings, zone);
        let stored = serde_json::to_value(&layout).expect("JSON");
        let off = [
            "sessionId",
            "userName",
            "userNumber",
            "contactNumber",
            "recording",
            "voicemail",
        ];
        let shape = json!({"off": off, "dateFormat": "HH:mm", "zone": "America/New_York"});
        assert_eq!(stored, shape);
        assert_eq!(read(stored), layout);
    }

    #[test]
    fn what_is_absent_or_unknown_in_storage_is_as_by_default() {
        assert_eq!(read(json!({})), Layout::default());
        assert_eq!(Layout::default().date_format, DEFAULT_DATE_FORMAT);
        assert!(!Layout::default().shows(Field::SessionId));
        let newer = read(json!({"off": ["note", "mood", 5, null], "colour": "red"}));
        let off: Vec<_> = (Field::ALL.into_iter())
            .filter(|field| !newer.shows(*field))
            .collect();
        assert_eq!(off, [Field::Note]);
        assert_eq!(newer.zone, Zone::UTC);
    }

    #[test]
    fn the_name_of_each_field_stays() {
        let names = [
            "note",
            "sessionId",
            "userName",
            "userNumber",
            "subject",
            "contactNumber",
            "dateTime",
            "duration",
            "result",
            "recording",
            "voicemail",
            "aiNote",
            "transcript",
            "aceTranscript",
            "aceSummary",
            "aceScore",
            "aceBulletedSummary",
            "aceLink",
            "legs",
        ];
        assert_eq!(json!(Field::ALL), json!(names));
        let layout = read(json!({ "off": names }));
        assert!(Field::ALL.into_iter().all(|field| !layout.shows(field)));
    }
}
