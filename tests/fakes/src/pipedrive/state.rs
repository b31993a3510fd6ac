//! What the fake keeps: companies with their records, who may act for whom, and its settings.
//!
//! A record is kept as it is told, so that a person's hand may change any field of it.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value};

use super::grants::Grants;
use super::limits::Limits;
use super::{RefreshTokens, Usage};

/// A record, by the names of its fields.
pub(super) type Record = Map<String, Value>;

/// Everything.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) companies: Vec<Company>,
    pub(super) grants: Grants,
    pub(super) limits: Limits,
    pub(super) settings: Settings,
    pub(super) usage: BTreeMap<String, Usage>,
}

/// How this fake behaves where nobody knows for sure what Pipedrive does.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// The base that token answers name.
    pub(super) api_domain: String,
    pub(super) refresh_tokens: RefreshTokens,
    /// What the app may do for whoever allows it from now on.
    pub(super) scopes: String,
    /// Whether a deleted activity is told by its id, with `is_deleted`.
    pub(super) tells_deleted: bool,
    /// How long a search does not find what is new.
    pub(super) index_delay: std::time::Duration,
    /// Whether a search takes a phone as it stands there, and not by its digits.
    pub(super) literal_phones: bool,
}

/// A company, which sees nothing of the others.
#[derive(Debug)]
pub(super) struct Company {
    pub(super) id: u64,
    pub(super) name: &'static str,
    pub(super) domain: &'static str,
    pub(super) users: Vec<Record>,
    pub(super) types: Vec<Record>,
    pub(super) persons: Table,
    pub(super) organizations: Table,
    pub(super) deals: Table,
    pub(super) activities: Table,
    pub(super) leads: Vec<Record>,
}

impl Company {
    /// Whether `id` is one of its users.
    pub(super) fn has_user(&self, id: u64) -> bool {
        self.users.iter().any(|user| number(user, "id") == Some(id))
    }
}

/// Records with numbers for ids.
#[derive(Debug)]
pub(super) struct Table {
    last: u64,
    rows: BTreeMap<u64, Record>,
}

impl Table {
    /// An empty table, whose first record gets the id `first`.
    pub(super) fn from(first: u64) -> Self {
        let last = first - 1;
        let rows = BTreeMap::new();
        Self { last, rows }
    }

    /// Keeps a record and gives it an id.
    pub(super) fn add(&mut self, mut record: Record) -> u64 {
        self.last += 1;
        record.insert("id".to_owned(), self.last.into());
        self.rows.insert(self.last, record);
        self.last
    }

    /// A record, deleted or not.
    pub(super) fn any(&self, id: u64) -> Option<&Record> {
        self.rows.get(&id)
    }

    /// A record that is not deleted.
    pub(super) fn get(&self, id: u64) -> Option<&Record> {
        self.any(id).filter(|record| !is_deleted(record))
    }

    /// A record that is not deleted, to be changed.
    pub(super) fn get_mut(&mut self, id: u64) -> Option<&mut Record> {
        let record = self.rows.get_mut(&id);
        record.filter(|record| !is_deleted(record))
    }

    /// All that is not deleted, by id.
    pub(super) fn all(&self) -> impl Iterator<Item = &Record> {
        self.rows.values().filter(|record| !is_deleted(record))
    }
}

fn is_deleted(record: &Record) -> bool {
    record.get("is_deleted") == Some(&Value::Bool(true))
}

/// A field that holds a number.
pub(super) fn number(record: &Record, field: &str) -> Option<u64> {
    record.get(field)?.as_u64()
}

/// A field that holds a text, else an empty one.
pub(super) fn text<'a>(record: &'a Record, field: &str) -> &'a str {
    record
        .get(field)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The fields of an object.
///
/// # Panics
/// Where the value is none.
pub(super) fn record(value: Value) -> Record {
    let Value::Object(fields) = value else {
        panic!("a record is an object");
    };
    fields
}

/// A time as v2 tells it.
pub(super) fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
