//! Deals, and leads of v1.

use chrono::{DateTime, SecondsFormat, Utc};
use http::StatusCode;
use serde_json::json;

use super::call::{Call, Outcome, page, told};
use super::contacts::MORE;
use super::pages::Listing;
use super::refusal::Refusal;
use super::state::{Record, instant, number, record, text};

/// A deal with nothing but a title, a status and whom it is with.
pub(super) fn new_deal(
    title: &str,
    status: &str,
    person: u64,
    owner: u64,
    now: DateTime<Utc>,
) -> Record {
    let closed = |as_this: &str| (status == as_this).then(|| instant(now));
    record(json!({
        "id": null, "title": title, "owner_id": owner, "person_id": person, "org_id": null,
        "pipeline_id": 1, "stage_id": 1, "value": 0, "currency": "USD", "add_time": instant(now),
        "update_time": instant(now), "stage_change_time": null, "is_deleted": false,
        "is_archived": false, "status": status, "probability": null, "lost_reason": null,
        "visible_to": 3, "close_time": (status != "open").then(|| instant(now)),
        "won_time": closed("won"), "lost_time": closed("lost"), "expected_close_date": null,
        "label_ids": [], "origin": "ManuallyCreated", "origin_id": null, "channel": null,
        "channel_id": null, "source_lead_id": null, "arr": null, "mrr": null, "acv": null,
        "custom_fields": {},
    }))
}

/// A lead with nothing but a title and whom it is with.
pub(super) fn new_lead(
    serial: usize,
    title: &str,
    person: u64,
    owner: u64,
    now: DateTime<Utc>,
) -> Record {
    let at = now.to_rfc3339_opts(SecondsFormat::Millis, true);
    record(json!({
        "id": format!("adf21080-0e10-11eb-879b-{serial:012x}"), "title": title, "owner_id": owner,
        "creator_id": owner, "label_ids": [], "person_id": person, "organization_id": null,
        "source_name": "Manually created", "origin": "ManuallyCreated", "origin_id": null,
        "channel": null, "channel_id": null, "source_deal_id": null, "is_archived": false,
        "was_seen": false, "value": null, "expected_close_date": null, "next_activity_id": null,
        "add_time": at, "update_time": at, "visible_to": "3",
        "cc_email": format!("leads+{serial}@example.com"),
    }))
}

pub(super) fn get_deal(call: &mut Call<'_>) -> Outcome {
    call.query.allow(&[MORE])?;
    let found = call.company.deals.get(call.number("deal")?);
    told(found.ok_or_else(|| Refusal::not_found("deal"))?.clone())
}

pub(super) fn list_deals(call: &mut Call<'_>) -> Outcome {
    const LISTING: Listing = Listing {
        numbers: &["owner_id", "person_id", "org_id", "pipeline_id", "stage_id"],
        others: &[
            "status",
            "include_fields",
            "custom_fields",
            "include_option_labels",
            "include_labels",
        ],
        sorts: &["id", "update_time", "add_time"],
    };
    let statuses = (call.query).words("status", &["open", "won", "lost", "deleted"])?;
    let rows = call.company.deals.all().filter(|deal| {
        deal["is_archived"] == false
            && (statuses.as_ref()).is_none_or(|some| some.contains(&text(deal, "status")))
    });
    page(LISTING.page(&call.query, rows)?)
}

pub(super) fn get_lead(call: &mut Call<'_>) -> Outcome {
    call.query.allow(&[])?;
    let mut leads = call.company.leads.iter();
    let found = leads.find(|lead| text(lead, "id") == call.id);
    told(found.ok_or_else(|| Refusal::not_found("lead"))?.clone())
}

/// v1 counts from `start`, and tells no cursor.
pub(super) fn list_leads(call: &mut Call<'_>) -> Outcome {
    const FILTERS: &[&str] = &["owner_id", "person_id", "organization_id"];
    call.query.allow(&[FILTERS, &["limit", "start"]])?;
    let limit = call.query.limit()?;
    let start = call.query.number("start")?.unwrap_or_default();
    let start = usize::try_from(start).map_err(|_| Refusal::field("start", "is too much"))?;
    let mut leads: Vec<_> = call.company.leads.iter().collect();
    leads.retain(|lead| lead["is_archived"] == false);
    for field in FILTERS {
        if let Some(id) = call.query.number(field)? {
            leads.retain(|lead| number(lead, field) == Some(id));
        }
    }
    let has_more = leads.len() > start.saturating_add(limit);
    let shown: Vec<_> = leads.into_iter().skip(start).take(limit).collect();
    let body = json!({
        "success": true,
        "data": shown,
        "additional_data": {"start": start, "limit": limit, "more_items_in_collection": has_more},
    });
    Ok((StatusCode::OK, body))
}
