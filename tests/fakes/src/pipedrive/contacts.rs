//! Persons and organizations.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::call::{Call, Outcome, page, told};
use super::fields::{Field, Kind};
use super::pages::Listing;
use super::refusal::Refusal;
use super::state::{Record, instant, record};

const LABELLED: &[Field] = &[
    ("value", Kind::Text, false),
    ("primary", Kind::Boolean, false),
    ("label", Kind::Text, false),
];

const PERSON: &[Field] = &[
    ("id", Kind::ReadOnly, false),
    ("first_name", Kind::ReadOnly, false),
    ("last_name", Kind::ReadOnly, false),
    ("is_deleted", Kind::ReadOnly, false),
    ("picture_id", Kind::ReadOnly, false),
    ("name", Kind::Text, false),
    ("owner_id", Kind::Integer, false),
    ("org_id", Kind::Integer, true),
    ("add_time", Kind::Text, false),
    ("update_time", Kind::Text, false),
    ("emails", Kind::List(LABELLED), false),
    ("phones", Kind::List(LABELLED), false),
    ("visible_to", Kind::Integer, false),
    ("label_ids", Kind::Integers, false),
    ("custom_fields", Kind::Object, false),
];

/// The parameters that say more of a person, an organization or a deal.
pub(super) const MORE: &[&str] = &[
    "include_fields",
    "custom_fields",
    "include_option_labels",
    "include_labels",
];

/// A person with nothing but a name and an owner.
pub(super) fn new_person(name: &str, owner: u64, now: DateTime<Utc>) -> Record {
    let (first, last) = name.split_once(' ').unwrap_or((name, ""));
    record(json!({
        "id": null, "name": name, "first_name": first, "last_name": last, "owner_id": owner,
        "org_id": null, "add_time": instant(now), "update_time": instant(now), "emails": [],
        "phones": [], "is_deleted": false, "visible_to": 3, "label_ids": [], "picture_id": null,
        "postal_address": null, "notes": null, "im": [], "birthday": null, "job_title": null,
        "custom_fields": {},
    }))
}

/// An organization with nothing but a name and an owner.
pub(super) fn new_organization(name: &str, owner: u64, now: DateTime<Utc>) -> Record {
    record(json!({
        "id": null, "name": name, "owner_id": owner, "add_time": instant(now),
        "update_time": instant(now), "is_deleted": false, "visible_to": 3, "address": null,
        "label_ids": [], "custom_fields": {},
    }))
}

pub(super) fn create_person(call: &mut Call<'_>) -> Outcome {
    call.query.allow(&[])?;
    let body = call.fields(PERSON)?;
    let name = body.get("name").and_then(Value::as_str).unwrap_or_default();
    if name.trim().is_empty() {
        return Err(Refusal::field("name", "is required"));
    }
    let made = new_person(name, call.user, call.now);
    let made = with(call, made, body)?;
    let id = call.company.persons.add(made);
    told(call.company.persons.get(id).expect("it was added").clone())
}

pub(super) fn change_person(call: &mut Call<'_>) -> Outcome {
    call.query.allow(&[])?;
    let body = call.fields(PERSON)?;
    let id = call.number("person")?;
    let found = call.company.persons.get(id).cloned();
    let person = found.ok_or_else(|| Refusal::not_found("person"))?;
    let mut changed = with(call, person, body)?;
    changed.insert("update_time".to_owned(), instant(call.now).into());
    let kept = call.company.persons.get_mut(id);
    *kept.expect("it was found") = changed.clone();
    told(changed)
}

fn with(call: &Call<'_>, mut person: Record, mut body: Record) -> Result<Record, Refusal> {
    call.owner_exists(&body)?;
    call.exists(&body, "org_id", &call.company.organizations)?;
    for list in ["phones", "emails"] {
        if let Some(entries) = body.get_mut(list).and_then(Value::as_array_mut) {
            complete(entries);
        }
    }
    person.extend(body);
    Ok(person)
}

/// Each entry is told whole, and one of them is the first.
fn complete(entries: &mut [Value]) {
    let has_primary = entries.iter().any(|entry| entry["primary"] == true);
    for (at, entry) in entries.iter_mut().enumerate() {
        if entry["primary"].is_null() {
            entry["primary"] = (!has_primary && at == 0).into();
        }
        if entry["label"].is_null() {
            entry["label"] = "work".into();
        }
    }
}

pub(super) fn get_person(call: &mut Call<'_>) -> Outcome {
    call.query.allow(&[MORE])?;
    let found = call.company.persons.get(call.number("person")?);
    told(found.ok_or_else(|| Refusal::not_found("person"))?.clone())
}

pub(super) fn get_organization(call: &mut Call<'_>) -> Outcome {
    call.query.allow(&[MORE])?;
    let id = call.number("organization")?;
    let found = call.company.organizations.get(id);
    told(
        found
            .ok_or_else(|| Refusal::not_found("organization"))?
            .clone(),
    )
}

pub(super) fn list_persons(call: &mut Call<'_>) -> Outcome {
    const LISTING: Listing = Listing {
        numbers: &["owner_id", "org_id"],
        others: MORE,
        sorts: &["id", "update_time", "add_time"],
    };
    page(LISTING.page(&call.query, call.company.persons.all())?)
}

pub(super) fn list_organizations(call: &mut Call<'_>) -> Outcome {
    const LISTING: Listing = Listing {
        numbers: &["owner_id"],
        others: MORE,
        sorts: &["id", "update_time", "add_time"],
    };
    page(LISTING.page(&call.query, call.company.organizations.all())?)
}
