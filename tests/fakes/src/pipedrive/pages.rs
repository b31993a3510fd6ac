//! Lists and searches of v2, a page at a time.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::query::Query;
use super::refusal::Refusal;
use super::state::{Record, instant, number, text};

/// The parameters of every list.
const COMMON: &[&str] = &[
    "ids",
    "updated_since",
    "updated_until",
    "sort_by",
    "sort_direction",
    "limit",
    "cursor",
];

/// What a list can be narrowed and sorted by.
#[derive(Debug)]
pub(super) struct Listing {
    /// Fields that hold numbers.
    pub(super) numbers: &'static [&'static str],
    /// Other parameters, which the caller reads.
    pub(super) others: &'static [&'static str],
    /// What to sort by.
    pub(super) sorts: &'static [&'static str],
}

/// A page: the records, and where the next one begins.
pub(super) type Page = (Vec<Record>, Option<String>);

impl Listing {
    /// The page that is asked for.
    pub(super) fn page<'a>(
        &self,
        query: &Query,
        rows: impl Iterator<Item = &'a Record>,
    ) -> Result<Page, Refusal> {
        query.allow(&[COMMON, self.numbers, self.others])?;
        let ids = query.numbers("ids")?;
        let since = query.time("updated_since")?.map(instant);
        let until = query.time("updated_until")?.map(instant);
        let mut wanted = Vec::new();
        for field in self.numbers {
            if let Some(value) = query.number(field)? {
                wanted.push((*field, value));
            }
        }
        let rows = rows.filter(|row| {
            let updated = text(row, "update_time");
            ids.as_ref()
                .is_none_or(|ids| number(row, "id").is_some_and(|id| ids.contains(&id)))
                && since.as_deref().is_none_or(|since| updated >= since)
                && until.as_deref().is_none_or(|until| updated < until)
                && wanted
                    .iter()
                    .all(|(field, value)| number(row, field) == Some(*value))
        });
        let by = query.word("sort_by", self.sorts)?.unwrap_or("id");
        let direction = query.word("sort_direction", &["asc", "desc"])?;
        let is_descending = direction == Some("desc");
        let key = |row: &Record| match by {
            "id" => String::new(),
            by => text(row, by).to_owned(),
        };
        sorted(query, rows.cloned(), &key, (by, is_descending))
    }
}

/// A page of records in order of `key`, and of their ids where it is the same.
pub(super) fn sorted(
    query: &Query,
    rows: impl Iterator<Item = Record>,
    key: &impl Fn(&Record) -> String,
    (by, is_descending): (&str, bool),
) -> Result<Page, Refusal> {
    let limit = query.limit()?;
    let order = format!("{by} {is_descending}");
    let place = |row: &Record| (key(row), number(row, "id").unwrap_or_default());
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by_key(place);
    if is_descending {
        rows.reverse();
    }
    if let Some(cursor) = query.text("cursor") {
        let (behind, id) =
            read(cursor, &order).ok_or_else(|| Refusal::field("cursor", "is not one of ours"))?;
        let last = (behind, id);
        rows.retain(|row| match is_descending {
            true => place(row) < last,
            false => place(row) > last,
        });
    }
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| has_more).map(|row| {
        let (key, id) = place(row);
        BASE64_URL_SAFE_NO_PAD.encode(json!([order, key, id]).to_string())
    });
    Ok((rows, next))
}

fn read(cursor: &str, order: &str) -> Option<(String, u64)> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let cursor: Value = serde_json::from_slice(&bytes).ok()?;
    (cursor[0] == *order).then_some(())?;
    Some((cursor[1].as_str()?.to_owned(), cursor[2].as_u64()?))
}
