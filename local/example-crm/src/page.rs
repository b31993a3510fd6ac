//! The pages at `/crm`, rendered here, without JavaScript. All that a person can change on them is
//! to end what an app is allowed; how one begins is in [`crate::oauth`].
//!
//! Records come from outside, so all text is escaped and a note's HTML stays in [`crate::note`].

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::{Map, Value};

use crate::ExampleCrm;
use crate::error::ApiError;
use crate::fields::Id;
use crate::grants::Grant;
use crate::note;
use crate::oauth::APP_NAME;
use crate::people::{COMPANIES, Company};
use crate::records::{Activity, Books, Contact, DataSet};
use crate::store::Store;

const STYLE: &str = include_str!("page.css");
const MAX_SHOWN: usize = 100;

const HEADERS: [(HeaderName, &str); 2] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CACHE_CONTROL, "no-store"),
];

/// The pages, with their full paths.
pub(crate) fn routes() -> Router<ExampleCrm> {
    Router::new()
        .route("/crm", get(contacts))
        .route("/crm/", get(contacts))
        .route("/crm/contacts/{id}", get(contact))
        .route("/crm/grants/{id}/disconnect", post(disconnect))
}

async fn contacts(State(store): State<Store>) -> Response {
    let data = store.snapshot();
    with_forms("'self'", "Contacts", &contacts_page(&data))
}

/// Ends a grant. One that is not there has ended already.
async fn disconnect(State(store): State<Store>, id: Result<Id, ApiError>) -> Response {
    let ended = store.write(|data, _| {
        data.grants.end(id?.0);
        Ok(())
    });
    match ended.await {
        Ok(()) | Err(ApiError::NotFound { .. }) => Redirect::to("/crm").into_response(),
        Err(error) => {
            error.report();
            let body = html! { h1 { "Not saved" } p { "The change could not be saved." } };
            read_only(StatusCode::INTERNAL_SERVER_ERROR, "Not saved", &body)
        }
    }
}

async fn contact(State(store): State<Store>, id: Result<Id, ApiError>) -> Response {
    let data = store.snapshot();
    match id.ok().and_then(|Id(id)| data.anyones_contact(id)) {
        Some((company, contact)) => {
            let body = contact_page(company, contact, data.books(company));
            read_only(StatusCode::OK, &contact.name, &body)
        }
        None => {
            let body = html! { h1 { "Not found" } p { "There is no such contact." } };
            read_only(StatusCode::NOT_FOUND, "Not found", &body)
        }
    }
}

/// A page to look at. A note's frame has its policy too: nothing in it loads anything.
pub(crate) fn read_only(status: StatusCode, title: &str, body: &Markup) -> Response {
    let policy = [
        (header::CONTENT_SECURITY_POLICY, policy("'none'")),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
    ];
    (status, HEADERS, policy, Html(layout(title, body))).into_response()
}

/// A page whose forms may be sent to, and redirected to, what `form_action` names. No other page
/// may frame it, so that nobody is led to press its buttons unseen.
pub(crate) fn with_forms(form_action: &str, title: &str, body: &Markup) -> Response {
    let policy = format!("{}; frame-ancestors 'none'", policy(form_action));
    let policy = [
        (header::CONTENT_SECURITY_POLICY, policy),
        // By "no-referrer" a browser would not say either which page a form comes from.
        (header::REFERRER_POLICY, "same-origin".to_owned()),
    ];
    (HEADERS, policy, Html(layout(title, body))).into_response()
}

fn policy(form_action: &str) -> String {
    format!("default-src 'none'; style-src 'unsafe-inline'; form-action {form_action}")
}

fn contacts_page(data: &DataSet) -> Markup {
    html! {
        h1 { "Contacts" }
        @for company in COMPANIES {
            (contacts_of(company, data.books(company)))
        }
        h1 { "Connected apps" }
        @for grant in data.grants.connected() {
            (connection(grant))
        }
        @if data.grants.connected().next().is_none() {
            p.soft { "No app is connected." }
        }
    }
}

fn contacts_of(company: &Company, books: &Books) -> Markup {
    let mut counts = BTreeMap::new();
    for activity in books.activities.values() {
        *counts.entry(activity.contact_id).or_insert(0_usize) += 1;
    }
    html! {
        p.soft { (books.contacts.len()) " in " (company.name) }
        table {
            thead { tr { th { "Name" } th { "Phone" } th.count { "Activities" } } }
            tbody {
                @for contact in books.contacts.values() {
                    tr {
                        td { a href={ "/crm/contacts/" (contact.id) } { (contact.name) } }
                        td { (contact.phone) }
                        td.count { (counts.get(&contact.id).unwrap_or(&0)) }
                    }
                }
            }
        }
    }
}

fn connection(grant: &Grant) -> Markup {
    let user = grant.user;
    html! {
        form.card.connection method="post" action={ "/crm/grants/" (grant.id) "/disconnect" } {
            p {
                (user.name) " of " (user.company.name) " is connected by " (APP_NAME) " since "
                (local_time(grant.granted_at, user.zone)) "."
            }
            button.plain { "Disconnect" }
        }
    }
}

fn contact_page(company: &Company, contact: &Contact, books: &Books) -> Markup {
    let activities = newest_first(contact, books);
    let shown = activities.len().min(MAX_SHOWN);
    html! {
        h1 { (contact.name) }
        p.soft { (contact.phone) }
        @for activity in &activities[..shown] {
            (card(activity, company.zone))
        }
        @if activities.is_empty() {
            p.card { "Nothing is logged for this contact yet." }
        } @else if shown < activities.len() {
            p.soft { "The newest " (shown) " of " (activities.len()) " activities." }
        }
        p.soft.zone { "Times are in " (company.zone.name()) "." }
    }
}

fn newest_first<'a>(contact: &Contact, books: &'a Books) -> Vec<&'a Activity> {
    let mut activities: Vec<&Activity> = books
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

fn card(activity: &Activity, zone: Tz) -> Markup {
    html! {
        article.card {
            h2 { (activity.subject) }
            div.meta {
                span { (activity.kind) }
                span { (local_time(happened_at(activity), zone)) }
                @if let Some(seconds) = activity.duration_secs {
                    span { (duration(seconds)) }
                }
                @if activity.updated_at != activity.created_at {
                    span { "updated " (local_time(activity.updated_at, zone)) }
                }
                span { "#" (activity.id) }
            }
            @if let Some(chosen) = &activity.dispositions && !chosen.is_empty() {
                (dispositions(chosen))
            }
            (note::render(&activity.note))
        }
    }
}

fn dispositions(chosen: &Map<String, Value>) -> Markup {
    html! {
        table.chosen {
            @for (name, value) in chosen {
                tr { th scope="row" { (name) } td { (words(value)) } }
            }
        }
    }
}

/// What was chosen, as a person reads it: several choices stand one after the other.
fn words(value: &Value) -> String {
    if let Some(items) = value.as_array() {
        let items: Vec<_> = items.iter().map(words).collect();
        items.join(", ")
    } else if let Some(text) = value.as_str() {
        text.to_owned()
    } else if value.is_null() {
        String::new()
    } else {
        value.to_string()
    }
}

fn local_time(instant: DateTime<Utc>, zone: Tz) -> Markup {
    let local = instant.with_timezone(&zone);
    html! {
        time datetime=(instant.to_rfc3339()) {
            (local.format("%b %-d, %Y, %-I:%M %p %Z"))
        }
    }
}

fn duration(seconds: u32) -> String {
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours} h {minutes} min {seconds} s")
    } else if minutes > 0 {
        format!("{minutes} min {seconds} s")
    } else {
        format!("{seconds} s")
    }
}

fn layout(title: &str, body: &Markup) -> String {
    let page = html! {
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
            }
        }
    };
    page.into_string()
}
