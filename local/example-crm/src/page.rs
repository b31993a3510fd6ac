//! The pages at `/crm`: read-only, rendered here, without JavaScript.
//!
//! Records come from outside, so all text is escaped and a note's HTML stays in [`crate::note`].

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, Utc};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::error::ApiError;
use crate::fields::Id;
use crate::note;
use crate::records::{Activity, Contact, DataSet};
use crate::store::Store;
use crate::time::TIME_ZONE;

const STYLE: &str = include_str!("page.css");
const MAX_SHOWN: usize = 100;

/// A note's frame has this policy too: nothing in it loads anything.
const HEADERS: [(HeaderName, &str); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
];

/// The pages, with their full paths.
pub(crate) fn routes() -> Router<Store> {
    Router::new()
        .route("/crm", get(contacts))
        .route("/crm/", get(contacts))
        .route("/crm/contacts/{id}", get(contact))
}

async fn contacts(State(store): State<Store>) -> Response {
    let data = store.snapshot();
    respond(StatusCode::OK, contacts_page(&data))
}

async fn contact(State(store): State<Store>, id: Result<Id, ApiError>) -> Response {
    let data = store.snapshot();
    let contact = id.ok().and_then(|Id(id)| data.contacts.get(&id));
    match contact {
        Some(contact) => respond(StatusCode::OK, contact_page(contact, &data)),
        None => respond(StatusCode::NOT_FOUND, not_found_page()),
    }
}

fn respond(status: StatusCode, page: Markup) -> Response {
    (status, HEADERS, Html(page.into_string())).into_response()
}

fn contacts_page(data: &DataSet) -> Markup {
    let mut counts = BTreeMap::new();
    for activity in data.activities.values() {
        *counts.entry(activity.contact_id).or_insert(0_usize) += 1;
    }
    let body = html! {
        h1 { "Contacts" }
        p.soft { (data.contacts.len()) " in Example Company" }
        table {
            thead { tr { th { "Name" } th { "Phone" } th.count { "Activities" } } }
            tbody {
                @for contact in data.contacts.values() {
                    tr {
                        td { a href={ "/crm/contacts/" (contact.id) } { (contact.name) } }
                        td { (contact.phone) }
                        td.count { (counts.get(&contact.id).unwrap_or(&0)) }
                    }
                }
            }
        }
    };
    layout("Contacts", &body)
}

fn contact_page(contact: &Contact, data: &DataSet) -> Markup {
    let activities = newest_first(contact, data);
    let shown = activities.len().min(MAX_SHOWN);
    let body = html! {
        h1 { (contact.name) }
        p.soft { (contact.phone) }
        @for activity in &activities[..shown] {
            (card(activity))
        }
        @if activities.is_empty() {
            p.card { "Nothing is logged for this contact yet." }
        } @else if shown < activities.len() {
            p.soft { "The newest " (shown) " of " (activities.len()) " activities." }
        }
    };
    layout(&contact.name, &body)
}

fn newest_first<'a>(contact: &Contact, data: &'a DataSet) -> Vec<&'a Activity> {
    let mut activities: Vec<&Activity> = data
        .activities
        .values()
        .map(AsRef::as_ref)
        .filter(|activity| activity.contact_id == contact.id)
        .collect();
    activities.sort_by_key(|activity| std::cmp::Reverse((happened_at(activity), activity.id)));
    activities
}

fn happened_at(activity: &Activity) -> DateTime<Utc> {
    activity.started_at.unwrap_or(activity.created_at)
}

fn card(activity: &Activity) -> Markup {
    html! {
        article.card {
            h2 { (activity.subject) }
            div.meta {
                span { (activity.kind) }
                span { (local_time(happened_at(activity))) }
                @if let Some(seconds) = activity.duration_secs {
                    span { (duration(seconds)) }
                }
                @if activity.updated_at != activity.created_at {
                    span { "updated " (local_time(activity.updated_at)) }
                }
                span { "#" (activity.id) }
            }
            (note::render(&activity.note))
        }
    }
}

fn local_time(instant: DateTime<Utc>) -> Markup {
    let local = instant.with_timezone(&TIME_ZONE);
    html! {
        time datetime=(instant.to_rfc3339()) {
            (local.format("%b %-d, %Y, %-I:%M %p %Z"))
        }
    }
}

fn duration(seconds: u32) -> String {
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    if minutes == 0 {
        format!("{seconds} s")
    } else {
        format!("{minutes} min {seconds} s")
    }
}

fn not_found_page() -> Markup {
    let body = html! {
        h1 { "Not found" }
        p { "There is no such contact." }
    };
    layout("Not found", &body)
}

fn layout(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Example CRM" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header { a href="/crm" { "Example CRM" } }
                main { (body) }
                footer { "Times are in " (TIME_ZONE.name()) "." }
            }
        }
    }
}
