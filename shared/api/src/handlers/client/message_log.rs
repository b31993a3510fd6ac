//! `POST /messageLog`: the whole known day of a conversation, or a whole thread of a shared inbox,
//! again and again.
//!
//! Mostly nothing is new. That is found out with the same trip to the table that finds the user:
//! neither credentials nor settings are fetched for it.

use daybook_core::params::client::{MessageLog, NewMessages};
use daybook_core::user::{User, UserKey};
use daybook_store::StoreError;
use daybook_store::items::Reason;
use serde_json::Map;

use super::{ClientCall, IfDead, SignedIn};
use crate::digest::{Outcome, Seen};
use crate::handlers::message_log::Delivery;
use crate::handlers::on_behalf::OnBehalf;
use crate::reply::Reply;

pub(super) async fn handle(call: &ClientCall<'_>) -> Result<Reply, StoreError> {
    let Some(named) = call.named() else {
        return Ok(Reply::no_session());
    };
    let key = &named.session.user;
    let new = match MessageLog::parse(call.request.body, user_of(key)) {
        Ok(MessageLog::New(new)) => new,
        Ok(MessageLog::Empty) => return refused(call, Reply::no_messages()).await,
        Ok(MessageLog::NoContact) => return refused(call, Reply::no_contact()).await,
        Err(error) => return refused(call, Reply::from(&error)).await,
    };
    let engine = call.app.engine(named.adapter.as_ref(), call.deadline);
    let (signed_in, seen) = futures_util::try_join!(
        Box::pin(call.session_of(&named)),
        Box::pin(engine.look(&new.params, &key.tenant, &key.id))
    )?;
    let logged = async |signed_in| log(call, &signed_in, &new, seen).await;
    Box::pin(call.answered(signed_in, IfDead::Call, logged)).await
}

/// What is told to a user whose request asks for nothing that can be done.
async fn refused(call: &ClientCall<'_>, reply: Reply) -> Result<Reply, StoreError> {
    call.signed_in(IfDead::Refuse, async |_| Ok(reply)).await
}

/// The user as far as a token names one.
fn user_of(key: &UserKey) -> User {
    User {
        id: key.id.clone(),
        hostname: None,
        name: None,
        zone: None,
        settings: Map::new(),
    }
}

/// Logs what is new. What comes while the CRM does not accept the user is kept before it is told
/// so.
async fn log(
    call: &ClientCall<'_>,
    signed_in: &SignedIn,
    new: &NewMessages,
    seen: Seen,
) -> Result<Reply, StoreError> {
    let crm = signed_in.adapter.profile().display_name;
    let outcome = match seen.done() {
        Some(outcome) => outcome.clone(),
        None => match Box::pin(deliver(call, signed_in, new, seen)).await? {
            Some(outcome) => outcome,
            None => return Ok(Reply::no_session()),
        },
    };
    if signed_in.is_dead() || outcome.reason == Some(Reason::Unauthorized) {
        return Ok(Reply::of_ended_grant(&outcome, crm));
    }
    let now = call.app.clock.now().timestamp_millis();
    Ok(Reply::of_conversation(&outcome, new, crm, now))
}

/// Delivers on behalf of the user; `None` where the user has signed out meanwhile.
async fn deliver(
    call: &ClientCall<'_>,
    signed_in: &SignedIn,
    new: &NewMessages,
    seen: Seen,
) -> Result<Option<Outcome>, StoreError> {
    let (app, deadline) = (call.app, call.deadline);
    let adapter = signed_in.adapter.as_ref();
    let on_behalf = OnBehalf {
        app,
        adapter,
        deadline,
        user: &new.params.user,
        auth: None,
        zone: None,
    };
    let delivery = Delivery::of_seen(app.engine(adapter, deadline), &new.params, seen);
    Box::pin(on_behalf.run_as(&signed_in.user, &delivery)).await
}
