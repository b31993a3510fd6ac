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
