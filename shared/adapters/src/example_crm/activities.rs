//! Activities of the Example CRM, whatever they hold.

use daybook_core::contact::Contact;
use daybook_core::digest::Mark;
use daybook_core::ids::LogId;
use http::{Method, StatusCode};
use serde::de::DeserializeOwned;
use url::Url;

use super::ExampleCrm;
use super::wire::{Activities, Refusal, contact_id};
use crate::http::Request;
use crate::{AdapterError, Ctx, Entity, Result};

/// The address of an activity.
pub(super) fn url(crm: &ExampleCrm, id: &LogId) -> Url {
    crm.url(&["activities", id.as_str()])
}

/// The contact's activities in whose notes the letters of `mark` stand somewhere, from all pages,
/// oldest first.
pub(super) async fn find<T: DeserializeOwned>(
    crm: &ExampleCrm,
    ctx: &Ctx<'_>,
    contact: &Contact,
    mark: &Mark,
) -> Result<Vec<T>> {
    let mut found = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut url = crm.url(&["activities"]);
        url.query_pairs_mut()
            .append_pair("contactId", &contact_id(contact)?.to_string())
            .append_pair("noteContains", &mark.to_string());
        if let Some(cursor) = &cursor {
            url.query_pairs_mut().append_pair("cursor", cursor);
        }
        let request = Request::new(Method::GET, url).about(Entity::Contact);
        let page: Activities<T> = send(ctx, request).await.map_err(not_about_a_contact)?;
        found.extend(page.activities);
        match page.next_cursor {
            Some(next) => cursor = Some(next),
            None => return Ok(found),
        }
    }
}

/// A search that finds nothing answers with an empty list: a 404 says nothing of the contact.
fn not_about_a_contact(error: AdapterError) -> AdapterError {
    match matches!(error, AdapterError::NotFound(_)) {
        true => AdapterError::Rejected { status: 404 },
        false => error,
    }
}

pub(super) async fn delete(crm: &ExampleCrm, ctx: &Ctx<'_>, id: &LogId) -> Result<()> {
    let request = Request::new(Method::DELETE, url(crm, id)).about(Entity::Log);
    let answer = ctx.http.answer(ctx, request).await?;
    match answer.status {
        status if status.is_success() || status == StatusCode::NOT_FOUND => Ok(()),
        _ => Err(answer.into_error(ctx.clock.now())),
    }
}

/// Sends a call. A 422 of this CRM names the field, and a contact that is not there is one.
pub(super) async fn send<T: DeserializeOwned>(ctx: &Ctx<'_>, request: Request) -> Result<T> {
    let answer = ctx.http.answer(ctx, request).await?;
    if answer.status.is_success() {
        return answer.json();
    }
    if answer.status != StatusCode::UNPROCESSABLE_ENTITY {
        return Err(answer.into_error(ctx.clock.now()));
    }
    let field = answer
        .json::<Refusal>()
        .ok()
        .and_then(|refusal| refusal.error.field);
    Err(match field.as_deref() {
        Some("contactId") => AdapterError::NotFound(Entity::Contact),
        _ => AdapterError::Invalid { status: 422, field },
    })
}
