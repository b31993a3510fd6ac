//! The fields of a body, read as strictly as v2 reads them.

use chrono::{NaiveDate, NaiveTime};
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::state::Record;

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Integer,
    Boolean,
    /// `YYYY-MM-DD`.
    Date,
    /// `HH:MM` or `HH:MM:SS`, kept as the second.
    Time,
    /// The same, of a length.
    Duration,
    Integers,
    /// An object of anything.
    Object,
    /// A list of objects, of these fields each.
    List(&'static [Field]),
    /// An object of these fields.
    Fields(&'static [Field]),
    /// Told, and never taken.
    ReadOnly,
}

/// A field: its name, what it takes, and whether `null` empties it.
pub(super) type Field = (&'static str, Kind, bool);

/// Reads a body.
pub(super) fn read(body: &[u8], known: &[Field]) -> Result<Record, Refusal> {
    let Ok(Value::Object(fields)) = serde_json::from_slice(body) else {
        return Err(Refusal::bad_request("the body is no JSON object"));
    };
    object(fields, known)
}

fn object(mut fields: Record, known: &[Field]) -> Result<Record, Refusal> {
    for (name, value) in &mut fields {
        let field = known.iter().find(|(known, _, _)| known == name);
        let (_, kind, is_nullable) = field.ok_or_else(|| Refusal::field(name, "is not a field"))?;
        if *kind == Kind::ReadOnly {
            let error = format!("{name} is a read-only field");
            return Err(Refusal::bad_request(&error));
        }
        if value.is_null() && *is_nullable {
            continue;
        }
        match one(value, *kind)? {
            Some(read) => *value = read,
            None => return Err(Refusal::field(name, "is not as it has to be")),
        }
    }
    Ok(fields)
}

/// The value as it is kept, if it is one of this kind.
fn one(value: &Value, kind: Kind) -> Result<Option<Value>, Refusal> {
    let is_right = match kind {
        Kind::Text => value.is_string(),
        Kind::Integer => value.is_u64(),
        Kind::Boolean => value.is_boolean(),
        Kind::Object => value.is_object(),
        Kind::Integers => value
            .as_array()
            .is_some_and(|list| list.iter().all(Value::is_u64)),
        Kind::Date => value.as_str().is_some_and(|date| {
            date.len() == 10 && NaiveDate::parse_from_str(date, "%Y-%m-%d").is_ok()
        }),
        Kind::Time => return Ok(time(value)),
        Kind::Duration => return Ok(duration(value)),
        Kind::Fields(known) => {
            return match value.as_object() {
                Some(fields) => Ok(Some(object(fields.clone(), known)?.into())),
                None => Ok(None),
            };
        }
        Kind::List(known) => return list(value, known),
        Kind::ReadOnly => false,
    };
    Ok(is_right.then(|| value.clone()))
}

fn list(value: &Value, known: &[Field]) -> Result<Option<Value>, Refusal> {
    let Some(items) = value.as_array() else {
        return Ok(None);
    };
    let mut read = Vec::new();
    for item in items {
        let Some(fields) = item.as_object() else {
            return Ok(None);
        };
        read.push(Value::from(object(fields.clone(), known)?));
    }
    Ok(Some(read.into()))
}

fn time(value: &Value) -> Option<Value> {
    let given = parts(value)?;
    NaiveTime::parse_from_str(&given, "%H:%M:%S").ok()?;
    Some(json!(given))
}

fn duration(value: &Value) -> Option<Value> {
    let given = parts(value)?;
    let is_less_than_sixty = |part: &str| part.parse().is_ok_and(|number: u8| number < 60);
    (given[3..].split(':').all(is_less_than_sixty)).then(|| json!(given))
}

/// `HH:MM:SS` of that or of `HH:MM`.
fn parts(value: &Value) -> Option<String> {
    let given = value.as_str()?;
    let is_two_digits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<_> = given.split(':').collect();
    match parts.len() {
        _ if !parts.iter().all(|part| is_two_digits(part)) => None,
        2 => Some(format!("{given}:00")),
        3 => Some(given.to_owned()),
        _ => None,
    }
}
