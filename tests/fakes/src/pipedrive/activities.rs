//! Activities: what is taken of them, and what is told.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::call::{Call, Outcome, page, told};
use super::fields::{Field, Kind};
use super::pages::Listing;
use super::refusal::Refusal;
use super::state::{Record, instant, record, text};

/// How long a note may be. Source: the vendor's changelog of 2025-07-21, which says 100 KB.
pub(super) const MAX_NOTE_BYTES: usize = 102_400;

const PLACE: &[Field] = &[
    ("value", Kind::Text, false),
    ("country", Kind::Text, false),
    ("admin_area_level_1", Kind::Text, false),
    ("admin_area_level_2", Kind::Text, false),
    ("locality", Kind::Text, false),
    ("sublocality", Kind::Text, false),
    ("route", Kind::Text, false),
    ("street_number", Kind::Text, false),
    ("subpremise", Kind::Text, false),
    ("postal_code", Kind::Text, false),
];

const FIELDS: &[Field] = &[
    ("id", Kind::ReadOnly, false),
    ("creator_user_id", Kind::ReadOnly, false),
    ("is_deleted", Kind::ReadOnly, false),
    ("add_time", Kind::ReadOnly, false),
    ("update_time", Kind::ReadOnly, false),
    ("marked_as_done_time", Kind::ReadOnly, false),
    ("conference_meeting_client", Kind::ReadOnly, false),
    ("conference_meeting_url", Kind::ReadOnly, false),
    ("conference_meeting_id", Kind::ReadOnly, false),
    ("person_id", Kind::ReadOnly, false),
    ("subject", Kind::Text, false),
    ("type", Kind::Text, false),
    ("owner_id", Kind::Integer, false),
    ("deal_id", Kind::Integer, true),
    ("lead_id", Kind::Text, true),
    ("org_id", Kind::Integer, true),
    ("project_id", Kind::Integer, true),
    ("due_date", Kind::Date, false),
    ("due_time", Kind::Time, true),
    ("duration", Kind::Duration, true),
    ("busy", Kind::Boolean, false),
    ("done", Kind::Boolean, false),
    ("location", Kind::Fields(PLACE), true),
    (
        "participants",
        Kind::List(&[
            ("person_id", Kind::Integer, false),
            ("primary", Kind::Boolean, false),
        ]),
        false,
    ),
    (
        "attendees",
        Kind::List(&[
            ("email", Kind::Text, false),
            ("name", Kind::Text, true),
            ("status", Kind::Text, true),
            ("is_organizer", Kind::Boolean, true),
            ("person_id", Kind::Integer, true),
            ("user_id", Kind::Integer, true),
        ]),
        false,
    ),
    ("public_description", Kind::Text, true),
    ("priority", Kind::Integer, true),
    ("note", Kind::Text, true),
];

/// An activity of nothing.
fn empty(user: u64, kind: &str, now: DateTime<Utc>) -> Record {
    record(json!({
        "id": null, "subject": kind, "type": kind, "owner_id": user, "creator_user_id": user,
        "is_deleted": false, "add_time": instant(now), "update_time": instant(now),
        "deal_id": null, "lead_id": null, "person_id": null, "org_id": null, "project_id": null,
        "due_date": now.date_naive().to_string(), "due_time": null, "duration": null,
        "busy": false, "done": false, "marked_as_done_time": null, "location": null,
        "participants": [], "attendees": [], "conference_meeting_client": null,
        "conference_meeting_url": null, "conference_meeting_id": null,
        "public_description": null, "priority": null, "note": null,
    }))
}

pub(super) fn create(call: &mut Call<'_>) -> Outcome {
    call.query.allow(&[])?;
    let body = call.fields(FIELDS)?;
    let kinds = &call.company.types;
    let first = kinds.iter().find(|kind| kind["active_flag"] == true);
    let first = first.map(|kind| text(kind, "key_string").to_owned());
    let mut made = empty(call.user, &first.unwrap_or_default(), call.now);
    set(call, &mut made, body)?;
    let id = call.company.activities.add(made);
    told(
        call.company
            .activities
            .get(id)
            .expect("it was added")
            .clone(),
    )
}

pub(super) fn change(call: &mut Call<'_>) -> Outcome {
    call.query.allow(&[])?;
    let body = call.fields(FIELDS)?;
    let id = call.number("activity")?;
    let found = call.company.activities.get(id).cloned();
    let mut changed = found.ok_or_else(|| Refusal::not_found("activity"))?;
    set(call, &mut changed, body)?;
    changed.insert("update_time".to_owned(), instant(call.now).into());
    let kept = call.company.activities.get_mut(id);
    *kept.expect("it was found") = changed.clone();
    told(changed)
}

pub(super) fn delete(call: &mut Call<'_>) -> Outcome {
    call.query.allow(&[])?;
    let id = call.number("activity")?;
    let found = call.company.activities.get_mut(id);
    let activity = found.ok_or_else(|| Refusal::not_found("activity"))?;
    activity.insert("is_deleted".to_owned(), true.into());
    activity.insert("update_time".to_owned(), instant(call.now).into());
    told(json!({"id": id}))
}

pub(super) fn get(call: &mut Call<'_>) -> Outcome {
    call.query.allow(&[&["include_fields"]])?;
    let with_attendees = attendees_are_wanted(call)?;
    let id = call.number("activity")?;
    let activities = &call.company.activities;
    let found = match call.settings.tells_deleted {
        true => activities.any(id),
        false => activities.get(id),
    };
    let activity = found.ok_or_else(|| Refusal::not_found("activity"))?;
    told(shown(activity.clone(), with_attendees))
}

pub(super) fn list(call: &mut Call<'_>) -> Outcome {
    const LISTING: Listing = Listing {
        numbers: &["owner_id", "deal_id", "person_id", "org_id"],
        others: &["lead_id", "done", "include_fields"],
        sorts: &["id", "update_time", "add_time", "due_date"],
    };
    let with_attendees = attendees_are_wanted(call)?;
    let done = call.query.boolean("done")?;
    let lead = call.query.text("lead_id");
    let rows = call.company.activities.all();
    let rows = rows.filter(|row| {
        done.is_none_or(|done| row["done"] == done)
            && lead.is_none_or(|lead| text(row, "lead_id") == lead)
    });
    let (rows, next) = LISTING.page(&call.query, rows)?;
    let rows = rows.into_iter().map(|row| shown(row, with_attendees));
    page((rows.collect(), next))
}

fn attendees_are_wanted(call: &Call<'_>) -> Result<bool, Refusal> {
    let extra = call.query.words("include_fields", &["attendees"])?;
    Ok(extra.is_some())
}

fn shown(mut activity: Record, with_attendees: bool) -> Record {
    if !with_attendees {
        activity.remove("attendees");
    }
    activity
}

/// Puts the fields of a body in their places, if each of them makes sense.
fn set(call: &Call<'_>, activity: &mut Record, body: Record) -> Result<(), Refusal> {
    check(call, &body)?;
    let was_done = activity["done"] == true;
    activity.extend(body);
    let has_both = !activity["deal_id"].is_null() && !activity["lead_id"].is_null();
    // Of call logs this is said, of activities nothing.
    if has_both {
        return Err(Refusal::bad_request(
            "deal_id and lead_id exclude each other",
        ));
    }
    let participants = activity["participants"].as_array().cloned();
    let participants = participants.unwrap_or_default();
    let primary = |participant: &&Value| participant["primary"] == true;
    let first = participants.iter().find(primary);
    let first = first.map_or(Value::Null, |first| first["person_id"].clone());
    activity.insert("person_id".to_owned(), first);
    let is_done = activity["done"] == true;
    if is_done != was_done {
        let at = is_done.then(|| instant(call.now));
        activity.insert("marked_as_done_time".to_owned(), at.into());
    }
    Ok(())
}

fn check(call: &Call<'_>, body: &Record) -> Result<(), Refusal> {
    let company = &*call.company;
    if let Some(kind) = body.get("type") {
        let is_this =
            |known: &&Record| known["key_string"] == *kind && known["active_flag"] == true;
        if !company.types.iter().any(|known| is_this(&known)) {
            return Err(Refusal::field("type", "is not the key of an active type"));
        }
    }
    call.owner_exists(body)?;
    call.exists(body, "deal_id", &company.deals)?;
    call.exists(body, "org_id", &company.organizations)?;
    if let Some(lead) = body.get("lead_id").filter(|lead| !lead.is_null())
        && !company.leads.iter().any(|known| known["id"] == *lead)
    {
        return Err(Refusal::field("lead_id", "is not there"));
    }
    if text(body, "note").len() > MAX_NOTE_BYTES {
        return Err(Refusal::field("note", "is longer than 100 KB"));
    }
    check_participants(call, body)
}

fn check_participants(call: &Call<'_>, body: &Record) -> Result<(), Refusal> {
    let Some(participants) = body.get("participants").and_then(Value::as_array) else {
        return Ok(());
    };
    let primary = participants.iter().filter(|one| one["primary"] == true);
    if primary.count() > 1 {
        return Err(Refusal::field("participants", "has more than one primary"));
    }
    for participant in participants {
        let person = participant["person_id"].as_u64();
        let found = person.and_then(|id| call.company.persons.get(id));
        if found.is_none() {
            return Err(Refusal::field(
                "participants",
                "has a person who is not there",
            ));
        }
    }
    Ok(())
}
