//! What callers may ask for: each request parsed and checked as far as it can be by itself.
//!
//! Whether a contact exists is for `records` to say.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::error::ApiError;
use crate::fields::Fields;
use crate::time::parse_iso;

const MAX_NAME_BYTES: usize = 500;
const MAX_PHONE_BYTES: usize = 64;
const MAX_SUBJECT_BYTES: usize = 1_000;
const MAX_TYPE_BYTES: usize = 100;
const MAX_NOTE_BYTES: usize = 100_000;
/// Well inside what the JSON reader takes, so that what was saved can be loaded again.
const MAX_OBJECT_DEPTH: usize = 16;
const MAX_FILTER_BYTES: usize = 1_000;
const DEFAULT_LIMIT: usize = 100;
const MAX_LIMIT: usize = 500;
const DEFAULT_ACTIVITY_TYPE: &str = "Note";

/// A contact to create.
pub(crate) struct NewContact {
    pub(crate) name: String,
    pub(crate) phone: String,
}

/// What to change in a contact; `None` keeps a field.
pub(crate) struct ContactChanges {
    pub(crate) name: Option<String>,
    pub(crate) phone: Option<String>,
}

/// An activity to create.
pub(crate) struct NewActivity {
    pub(crate) contact_id: u64,
    pub(crate) subject: String,
    pub(crate) note: String,
    pub(crate) kind: String,
    pub(crate) started_at: Option<DateTime<Utc>>,
    pub(crate) duration_secs: Option<u32>,
    pub(crate) extra: Option<Map<String, Value>>,
    pub(crate) dispositions: Option<Map<String, Value>>,
}

/// What to change in an activity; `None` keeps a field, `Some(None)` clears it. Of `extra`, what is
/// given goes into what is there; all else is replaced as a whole.
pub(crate) struct ActivityChanges {
    pub(crate) contact_id: Option<u64>,
    pub(crate) subject: Option<String>,
    pub(crate) note: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) started_at: Option<Option<DateTime<Utc>>>,
    pub(crate) duration_secs: Option<Option<u32>>,
    pub(crate) extra: Option<Option<Map<String, Value>>>,
    pub(crate) dispositions: Option<Option<Map<String, Value>>>,
}

/// Which contacts to list; every filter given must match.
pub(crate) struct ContactQuery {
    pub(crate) phone: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) page: PageQuery,
}

/// Which activities to list; every filter given must match.
pub(crate) struct ActivityQuery {
    pub(crate) contact_id: Option<u64>,
    pub(crate) note_contains: Option<String>,
    pub(crate) page: PageQuery,
}

/// Which part of a list, in the order of ids.
pub(crate) struct PageQuery {
    /// The last id of the page before; 0 starts.
    pub(crate) after_id: u64,
    pub(crate) limit: usize,
}

impl NewContact {
    pub(crate) fn parse(fields: Fields) -> Result<Self, ApiError> {
        let changes = ContactChanges::parse(fields)?;
        Ok(Self {
            name: required("name", changes.name)?,
            phone: required("phone", changes.phone)?,
        })
    }
}

impl ContactChanges {
    pub(crate) fn parse(mut fields: Fields) -> Result<Self, ApiError> {
        let name = not_blank("name", fields.take_text("name", MAX_NAME_BYTES)?)?;
        let phone = fields.take_text("phone", MAX_PHONE_BYTES)?;
        if phone.as_deref().is_some_and(|phone| !has_digit(phone)) {
            return Err(ApiError::invalid("phone", "must have digits"));
        }
        let kind = fields.take_text("type", MAX_TYPE_BYTES)?;
        if kind.is_some_and(|kind| kind != "Contact") {
            return Err(ApiError::invalid("type", "must be Contact"));
        }
        fields.finish()?;
        Ok(Self { name, phone })
    }
}

impl NewActivity {
    pub(crate) fn parse(fields: Fields) -> Result<Self, ApiError> {
        let changes = ActivityChanges::parse(fields)?;
        Ok(Self {
            contact_id: required("contactId", changes.contact_id)?,
            subject: required("subject", changes.subject)?,
            note: changes.note.unwrap_or_default(),
            kind: changes
                .kind
                .unwrap_or_else(|| DEFAULT_ACTIVITY_TYPE.to_owned()),
            started_at: changes.started_at.flatten(),
            duration_secs: changes.duration_secs.flatten(),
            extra: changes.extra.flatten(),
            dispositions: changes.dispositions.flatten(),
        })
    }
}

impl ActivityChanges {
    pub(crate) fn parse(mut fields: Fields) -> Result<Self, ApiError> {
        let changes = Self {
            contact_id: fields.take("contactId", id)?,
            subject: not_blank("subject", fields.take_text("subject", MAX_SUBJECT_BYTES)?)?,
            note: fields.take_text("note", MAX_NOTE_BYTES)?,
            kind: not_blank("type", fields.take_text("type", MAX_TYPE_BYTES)?)?,
            started_at: fields.take_nullable("startedAt", instant)?,
            duration_secs: fields.take_nullable("durationSecs", seconds)?,
            extra: fields.take_nullable("extra", object)?,
            dispositions: fields.take_nullable("dispositions", object)?,
        };
        fields.finish()?;
        Ok(changes)
    }
}

impl ContactQuery {
    pub(crate) fn parse(mut params: Fields) -> Result<Self, ApiError> {
        let query = Self {
            phone: params.take_text("phone", MAX_FILTER_BYTES)?,
            name: params.take_text("name", MAX_FILTER_BYTES)?,
            page: PageQuery::take(&mut params)?,
        };
        params.finish()?;
        Ok(query)
    }
}

impl ActivityQuery {
    pub(crate) fn parse(mut params: Fields) -> Result<Self, ApiError> {
        let note_contains = params.take_text("noteContains", MAX_FILTER_BYTES)?;
        let query = Self {
            contact_id: params.take("contactId", number)?,
            note_contains: not_blank("noteContains", note_contains)?,
            page: PageQuery::take(&mut params)?,
        };
        params.finish()?;
        Ok(query)
    }
}

impl PageQuery {
    fn take(params: &mut Fields) -> Result<Self, ApiError> {
        let after_id = params.take("cursor", cursor)?.unwrap_or(0);
        let limit = params.take("limit", limit)?.unwrap_or(DEFAULT_LIMIT);
        Ok(Self { after_id, limit })
    }
}

fn required<T>(name: &str, value: Option<T>) -> Result<T, ApiError> {
    value.ok_or_else(|| ApiError::invalid(name, "is missing"))
}

fn not_blank(name: &str, text: Option<String>) -> Result<Option<String>, ApiError> {
    if text.as_ref().is_some_and(|text| text.trim().is_empty()) {
        return Err(ApiError::invalid(name, "must not be blank"));
    }
    Ok(text)
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

fn id(value: Value) -> Result<u64, &'static str> {
    value.as_u64().ok_or("must be an id, a whole number")
}

fn instant(value: Value) -> Result<DateTime<Utc>, &'static str> {
    value
        .as_str()
        .and_then(parse_iso)
        .ok_or("must be an ISO 8601 time with an offset")
}

fn seconds(value: Value) -> Result<u32, &'static str> {
    value
        .as_u64()
        .and_then(|seconds| u32::try_from(seconds).ok())
        .ok_or("must be a whole number of seconds")
}

fn object(value: Value) -> Result<Map<String, Value>, &'static str> {
    if !fits_depth(&value, MAX_OBJECT_DEPTH) {
        return Err("is nested too deeply");
    }
    if let Value::Object(fields) = value {
        Ok(fields)
    } else {
        Err("must be an object")
    }
}

fn fits_depth(value: &Value, depth: usize) -> bool {
    if let Some(items) = value.as_array() {
        depth > 0 && items.iter().all(|item| fits_depth(item, depth - 1))
    } else if let Some(fields) = value.as_object() {
        depth > 0 && fields.values().all(|item| fits_depth(item, depth - 1))
    } else {
        true
    }
}

fn number(value: Value) -> Result<u64, &'static str> {
    value
        .as_str()
        .and_then(|text| text.parse().ok())
        .ok_or("must be a whole number")
}

fn cursor(value: Value) -> Result<u64, &'static str> {
    number(value).map_err(|_| "is not one that this list gave")
}

fn limit(value: Value) -> Result<usize, &'static str> {
    value
        .as_str()
        .and_then(|text| text.parse().ok())
        .filter(|limit| (1..=MAX_LIMIT).contains(limit))
        .ok_or("must be a whole number from 1 to 500")
}
