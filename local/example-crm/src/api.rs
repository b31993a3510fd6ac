//! The REST API: its routes, and what each answers. It shows and changes what the caller's company
//! has, and knows nothing else.
//!
//! Requests are read in `requests`, refusals take their shape in `error`.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router, middleware};
use serde::Serialize;
use serde_json::json;

use crate::ExampleCrm;
use crate::auth::{self, Caller};
use crate::error::ApiError;
use crate::fields::{Body, Id, MAX_BODY_BYTES, Params};
use crate::oauth;
use crate::people::{USERS, User};
use crate::records::{Activity, Books, Contact};
use crate::requests::{
    ActivityChanges, ActivityQuery, ContactChanges, ContactQuery, NewActivity, NewContact,
    PageQuery,
};
use crate::store::Store;

/// Where the API is mounted.
const BASE: &str = "/crm/api";

/// The routes, with their full paths; all but those of `oauth` need a user of `store`.
pub(crate) fn routes(store: &Store) -> Router<ExampleCrm> {
    let require_user = middleware::from_fn_with_state(store.clone(), auth::require_user);
    // A nested router does not see its own path with a slash behind it.
    let base_with_slash = Router::new()
        .route(&format!("{BASE}/"), any(no_such_path))
        .layer(require_user.clone());
    let paths = paths().layer(require_user).merge(oauth::endpoints());
    Router::new().nest(BASE, paths).merge(base_with_slash)
}

/// The routes that need a user, relative to where the API is mounted.
fn paths() -> Router<ExampleCrm> {
    Router::new()
        .route("/me", get(me))
        .route("/users", get(list_users))
        .route("/contacts", get(list_contacts).post(create_contact))
        .route("/contacts/{id}", get(get_contact).patch(update_contact))
        .route("/activities", get(list_activities).post(create_activity))
        .route(
            "/activities/{id}",
            get(get_activity)
                .patch(update_activity)
                .delete(delete_activity),
        )
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .fallback(no_such_path)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
}

async fn no_such_path() -> ApiError {
    ApiError::NotFound { entity: "path" }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ContactList<'a> {
    contacts: Vec<&'a Contact>,
    next_cursor: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ActivityList<'a> {
    activities: Vec<ActivityTold<'a>>,
    next_cursor: Option<String>,
}

/// An activity as every answer shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ActivityTold<'a> {
    #[serde(flatten)]
    activity: &'a Activity,
    contact_name: Option<&'a str>,
}

impl<'a> ActivityTold<'a> {
    /// `books` are those that it is kept in.
    fn of(activity: &'a Activity, books: &'a Books) -> Self {
        let contact = books.contacts.get(&activity.contact_id);
        Self {
            activity,
            contact_name: contact.map(|contact| contact.name.as_str()),
        }
    }
}

async fn me(State(store): State<Store>, Caller(user): Caller) -> Response {
    let company = user.company;
    let offset = store.now().with_timezone(&user.zone).format("%:z");
    let user = json!({
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "company": { "id": company.id, "name": company.name, "host": company.host },
        "timezone": user.zone.name(),
        "timezoneOffset": offset.to_string(),
    });
    Json(user).into_response()
}

async fn list_users(Caller(user): Caller) -> Response {
    let colleagues = USERS
        .iter()
        .filter(|other| other.company.id == user.company.id);
    let told = |user: &User| json!({"id": user.id, "name": user.name, "email": user.email});
    let users: Vec<_> = colleagues.map(told).collect();
    Json(json!({"users": users})).into_response()
}

async fn list_contacts(
    State(store): State<Store>,
    Caller(user): Caller,
    Params(params): Params,
) -> Result<Response, ApiError> {
    let query = ContactQuery::parse(params)?;
    let phone = query.phone.as_deref().map(digits);
    let name = query.name.as_deref().map(str::trim).map(str::to_lowercase);
    let matches = |contact: &Contact| {
        phone
            .as_ref()
            .is_none_or(|phone| !phone.is_empty() && digits(&contact.phone) == *phone)
            && name.as_ref().is_none_or(|name| {
                !name.is_empty() && contact.name.to_lowercase().contains(name.as_str())
            })
    };
    let data = store.snapshot();
    let found = following(&data.books(user.company).contacts, &query.page)
        .filter(|contact| matches(contact));
    let (contacts, next_cursor) = one_page(found, &query.page, |contact| contact.id);
    let list = ContactList {
        contacts,
        next_cursor,
    };
    Ok(Json(list).into_response())
}

async fn create_contact(
    State(store): State<Store>,
    Caller(user): Caller,
    Body(fields): Body,
) -> Result<Response, ApiError> {
    let new = NewContact::parse(fields)?;
    let contact = store
        .write(|data, now| Ok(data.create_contact(user.company, new, now)))
        .await?;
    Ok((StatusCode::CREATED, Json(&*contact)).into_response())
}

async fn get_contact(
    State(store): State<Store>,
    Caller(user): Caller,
    Id(id): Id,
) -> Result<Response, ApiError> {
    let contact = store.snapshot().books(user.company).contact(id)?;
    Ok(Json(&*contact).into_response())
}

async fn update_contact(
    State(store): State<Store>,
    Caller(user): Caller,
    Id(id): Id,
    Body(fields): Body,
) -> Result<Response, ApiError> {
    let changes = ContactChanges::parse(fields)?;
    let contact = store
        .write(move |data, now| {
            data.books_mut(user.company)
                .update_contact(id, changes, now)
        })
        .await?;
    Ok(Json(&*contact).into_response())
}

fn tell(activity: &Activity, books: &Books) -> Response {
    Json(ActivityTold::of(activity, books)).into_response()
}

async fn list_activities(
    State(store): State<Store>,
    Caller(user): Caller,
    Params(params): Params,
) -> Result<Response, ApiError> {
    let query = ActivityQuery::parse(params)?;
    let matches = |activity: &Activity| {
        query.contact_id.is_none_or(|id| activity.contact_id == id)
            && query
                .note_contains
                .as_ref()
                .is_none_or(|text| activity.note.contains(text.as_str()))
    };
    let data = store.snapshot();
    let books = data.books(user.company);
    let found = following(&books.activities, &query.page).filter(|activity| matches(activity));
    let (activities, next_cursor) = one_page(found, &query.page, |activity| activity.id);
    let told = activities.into_iter();
    let list = ActivityList {
        activities: told
            .map(|activity| ActivityTold::of(activity, books))
            .collect(),
        next_cursor,
    };
    Ok(Json(list).into_response())
}

async fn create_activity(
    State(store): State<Store>,
    Caller(user): Caller,
    Body(fields): Body,
) -> Result<Response, ApiError> {
    let new = NewActivity::parse(fields)?;
    let answer = store
        .write(|data, now| {
            let activity = data.create_activity(user.company, new, now)?;
            Ok(tell(&activity, data.books(user.company)))
        })
        .await?;
    Ok((StatusCode::CREATED, answer).into_response())
}

async fn get_activity(
    State(store): State<Store>,
    Caller(user): Caller,
    Id(id): Id,
) -> Result<Response, ApiError> {
    let data = store.snapshot();
    let books = data.books(user.company);
    Ok(tell(&*books.activity(id)?, books))
}

async fn update_activity(
    State(store): State<Store>,
    Caller(user): Caller,
    Id(id): Id,
    Body(fields): Body,
) -> Result<Response, ApiError> {
    let changes = ActivityChanges::parse(fields)?;
    store
        .write(move |data, now| {
            let books = data.books_mut(user.company);
            let activity = books.update_activity(id, changes, now)?;
            Ok(tell(&activity, books))
        })
        .await
}

async fn delete_activity(
    State(store): State<Store>,
    Caller(user): Caller,
    Id(id): Id,
) -> Result<StatusCode, ApiError> {
    store
        .write(move |data, _| data.books_mut(user.company).delete_activity(id))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn following<'a, T>(
    records: &'a BTreeMap<u64, Arc<T>>,
    page: &PageQuery,
) -> impl Iterator<Item = &'a T> {
    let start = Bound::Excluded(page.after_id);
    records
        .range((start, Bound::Unbounded))
        .map(|(_, record)| record.as_ref())
}

/// Takes one record more than asked for, to know whether a further page has any.
fn one_page<'a, T>(
    found: impl Iterator<Item = &'a T>,
    page: &PageQuery,
    id: impl Fn(&T) -> u64,
) -> (Vec<&'a T>, Option<String>) {
    let mut records: Vec<&T> = found.take(page.limit + 1).collect();
    let more = records.len() > page.limit;
    records.truncate(page.limit);
    let last = records.last().filter(|_| more);
    let next_cursor = last.map(|record| id(record).to_string());
    (records, next_cursor)
}
