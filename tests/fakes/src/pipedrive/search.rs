//! Searching, which finds words anywhere in a field and phones by their digits, unless these are
//! to be taken as they are written.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use http::StatusCode;
use serde_json::{Value, json};

use super::call::{Call, Outcome};
use super::refusal::Refusal;
use super::state::{Company, Record, number, text};

/// What is searched for.
struct Wanted {
    term: String,
    is_exact: bool,
    by_digits: bool,
    fields: Vec<String>,
}

impl Wanted {
    fn read(call: &Call<'_>, fields: &[&str], filters: &[&str]) -> Result<Self, Refusal> {
        const COMMON: &[&str] = &["term", "fields", "exact_match", "limit", "cursor"];
        call.query.allow(&[COMMON, filters])?;
        let is_exact = call.query.boolean("exact_match")?.unwrap_or_default();
        let term = call.query.text("term").unwrap_or_default().trim();
        let least = if is_exact { 1 } else { 2 };
        if term.chars().count() < least {
            return Err(Refusal::field("term", "is too short"));
        }
        let some = call.query.words("fields", fields)?;
        let fields = some.unwrap_or_else(|| fields.to_vec());
        Ok(Self {
            term: term.to_lowercase(),
            is_exact,
            by_digits: !call.settings.literal_phones,
            fields: fields.into_iter().map(ToOwned::to_owned).collect(),
        })
    }

    /// How well a record with these texts in its fields fits; `None` where it does not.
    fn score(&self, texts: &[(&str, Vec<String>)]) -> Option<f64> {
        let wanted = texts
            .iter()
            .filter(|(field, _)| self.fields.iter().any(|wanted| wanted == field));
        let scores = wanted.flat_map(|(field, texts)| {
            let is_phone = *field == "phone";
            texts
                .iter()
                .filter_map(move |text| self.fits(text, is_phone))
        });
        scores.reduce(f64::max)
    }

    fn fits(&self, text: &str, is_phone: bool) -> Option<f64> {
        let (text, term) = match is_phone && self.by_digits {
            true => (digits(text), digits(&self.term)),
            false => (text.to_lowercase(), self.term.clone()),
        };
        match () {
            () if term.is_empty() => None,
            () if text == term => Some(1.0),
            () if !self.is_exact && text.contains(&term) => Some(0.5),
            () => None,
        }
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// A page of what was found, the best first. The cursor counts.
fn found(call: &Call<'_>, mut items: Vec<(f64, Value)>) -> Outcome {
    items.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let limit = call.query.limit()?;
    let start = match call.query.text("cursor") {
        Some(cursor) => {
            offset(cursor).ok_or_else(|| Refusal::field("cursor", "is not one of ours"))?
        }
        None => 0,
    };
    let end = start.saturating_add(limit);
    let next = (items.len() > end).then(|| BASE64_URL_SAFE_NO_PAD.encode(end.to_string()));
    let shown = items.into_iter().skip(start).take(limit);
    let shown = shown.map(|(score, item)| json!({"result_score": score, "item": item}));
    let body = json!({
        "success": true,
        "data": {"items": shown.collect::<Vec<_>>()},
        "additional_data": {"next_cursor": next},
    });
    Ok((StatusCode::OK, body))
}

fn offset(cursor: &str) -> Option<usize> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
    String::from_utf8(bytes).ok()?.parse().ok()
}

/// Whether a search finds the record by now.
fn is_indexed(call: &Call<'_>, row: &Record) -> bool {
    let added = DateTime::parse_from_rfc3339(text(row, "add_time"));
    let added = added.map_or(DateTime::<Utc>::MIN_UTC, |at| at.to_utc());
    added + call.settings.index_delay <= call.now
}

fn values(row: &Record, list: &str) -> Vec<String> {
    let entries = row[list].as_array().into_iter().flatten();
    let values = entries.filter_map(|entry| entry["value"].as_str());
    values.map(ToOwned::to_owned).collect()
}

fn organization(company: &Company, id: Option<u64>) -> Value {
    let found = id.and_then(|id| company.organizations.get(id));
    found.map_or(
        Value::Null,
        |row| json!({"id": row["id"], "name": row["name"]}),
    )
}

fn person(company: &Company, id: Option<u64>) -> Value {
    let found = id.and_then(|id| company.persons.get(id));
    found.map_or(
        Value::Null,
        |row| json!({"id": row["id"], "name": row["name"]}),
    )
}

pub(super) fn persons(call: &mut Call<'_>) -> Outcome {
    const FIELDS: &[&str] = &["name", "phone", "email", "notes", "custom_fields"];
    let wanted = Wanted::read(call, FIELDS, &["organization_id", "include_fields"])?;
    let org = call.query.number("organization_id")?;
    let rows = call
        .company
        .persons
        .all()
        .filter(|row| is_indexed(call, row) && (org.is_none() || number(row, "org_id") == org));
    let items = rows.filter_map(|row| {
        let (phones, emails) = (values(row, "phones"), values(row, "emails"));
        let score = wanted.score(&[
            ("name", vec![text(row, "name").to_owned()]),
            ("phone", phones.clone()),
            ("email", emails.clone()),
        ])?;
        let item = json!({
            "id": row["id"], "type": "person", "name": row["name"], "phones": phones,
            "emails": emails, "visible_to": row["visible_to"], "owner": {"id": row["owner_id"]},
            "organization": organization(call.company, number(row, "org_id")),
            "custom_fields": [], "notes": [],
        });
        Some((score, item))
    });
    found(call, items.collect())
}

pub(super) fn organizations(call: &mut Call<'_>) -> Outcome {
    let wanted = Wanted::read(call, &["name", "address", "notes", "custom_fields"], &[])?;
    let rows = call.company.organizations.all();
    let items = rows.filter(|row| is_indexed(call, row)).filter_map(|row| {
        let score = wanted.score(&[("name", vec![text(row, "name").to_owned()])])?;
        let item = json!({
            "id": row["id"], "type": "organization", "name": row["name"], "address": null,
            "visible_to": row["visible_to"], "owner": {"id": row["owner_id"]},
            "custom_fields": [], "notes": [],
        });
        Some((score, item))
    });
    found(call, items.collect())
}

pub(super) fn deals(call: &mut Call<'_>) -> Outcome {
    let filters = ["person_id", "organization_id", "status", "include_fields"];
    let wanted = Wanted::read(call, &["title", "notes", "custom_fields"], &filters)?;
    let by_person = call.query.number("person_id")?;
    let by_org = call.query.number("organization_id")?;
    let status = call.query.word("status", &["open", "won", "lost"])?;
    let rows = call.company.deals.all().filter(|row| {
        is_indexed(call, row)
            && (by_person.is_none() || number(row, "person_id") == by_person)
            && (by_org.is_none() || number(row, "org_id") == by_org)
            && status.is_none_or(|status| text(row, "status") == status)
    });
    let items = rows.filter_map(|row| {
        let score = wanted.score(&[("title", vec![text(row, "title").to_owned()])])?;
        let item = json!({
            "id": row["id"], "type": "deal", "title": row["title"], "value": row["value"],
            "currency": row["currency"], "status": row["status"],
            "visible_to": row["visible_to"], "owner": {"id": row["owner_id"]},
            "stage": {"id": row["stage_id"], "name": "Stage"},
            "person": person(call.company, number(row, "person_id")),
            "organization": organization(call.company, number(row, "org_id")),
            "custom_fields": [], "notes": [], "is_archived": row["is_archived"],
        });
        Some((score, item))
    });
    found(call, items.collect())
}

pub(super) fn leads(call: &mut Call<'_>) -> Outcome {
    let filters = ["person_id", "organization_id", "include_fields"];
    let wanted = Wanted::read(call, &["title", "notes", "custom_fields"], &filters)?;
    let by_person = call.query.number("person_id")?;
    let by_org = call.query.number("organization_id")?;
    let rows = call.company.leads.iter().filter(|row| {
        is_indexed(call, row)
            && (by_person.is_none() || number(row, "person_id") == by_person)
            && (by_org.is_none() || number(row, "organization_id") == by_org)
    });
    let items = rows.filter_map(|row| {
        let score = wanted.score(&[("title", vec![text(row, "title").to_owned()])])?;
        let item = json!({
            "id": row["id"], "type": "lead", "title": row["title"],
            "owner": {"id": row["owner_id"]},
            "person": person(call.company, number(row, "person_id")),
            "organization": organization(call.company, number(row, "organization_id")),
            "phones": [], "emails": [], "custom_fields": [], "notes": [],
            "value": null, "currency": null, "visible_to": 3, "is_archived": row["is_archived"],
        });
        Some((score, item))
    });
    found(call, items.collect())
}
