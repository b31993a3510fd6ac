//! `GET`, `POST` and `PATCH /callLog`, `POST /callLog/cacheNote` and `PUT /callDisposition`.
//!
//! What is told of a call goes the way of the interfaces, with the user's credentials. RingCentral's
//! hosted call logger calls the same routes with the user's session, and is answered as the
//! extension is.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use daybook_adapters::{AdapterError, Cause};
use daybook_core::ids::HashedId;
use daybook_core::params::{
    CallNoteParams, CallQuery, ClientDispositions, CreateCallLogParams, UpdateCallLogParams,
};
use daybook_core::user::User;
use daybook_store::StoreError;
use daybook_store::items::Extension;
use futures_util::StreamExt;

use super::{ClientCall, SignedIn};
use crate::call::{CallsOf, FoundCall, Logged, ReadCall, Told};
use crate::engine::{Caller, Engine};
use crate::handlers::call_log::{Asks, Calls};
use crate::handlers::on_behalf::{Errand, ctx};
use crate::interface::Interface;
use crate::reply::Reply;

/// How many logs are read from the CRM at a time.
const AT_ONCE: usize = 4;

/// Logs a call.
pub(super) async fn create(call: &ClientCall<'_>, by: SignedIn) -> Result<Reply, StoreError> {
    let user = by.user.user();
    let params = match CreateCallLogParams::by_client(call.request.body, user.clone()) {
        Ok(Some(params)) => params,
        Ok(None) => return Ok(Reply::no_contact_chosen()),
        Err(error) => return Ok(Reply::from(&error)),
    };
    let asks = Asks::Create(Box::new(params));
    Box::pin(bring(call, &by, &user, asks, Interface::CreateCallLog)).await
}

/// Changes what the log of a call tells.
pub(super) async fn update(call: &ClientCall<'_>, by: SignedIn) -> Result<Reply, StoreError> {
    let user = by.user.user();
    let params = match UpdateCallLogParams::by_client(call.request.body, user.clone()) {
        Ok(params) => params,
        Err(error) => return Ok(Reply::from(&error)),
    };
    let which = call.calls(&by).which(&params.existing);
    let told = Told {
        fields: params.fields,
        additional_submission: params.additional_submission,
        ..Told::default()
    };
    let asks = Asks::Change(which, Box::new(told));
    Box::pin(bring(call, &by, &user, asks, Interface::UpdateCallLog)).await
}

/// Sets what the agent chose for a call, and the note that stands beside that.
pub(super) async fn dispose(call: &ClientCall<'_>, by: SignedIn) -> Result<Reply, StoreError> {
    let user = by.user.user();
    let chosen = match ClientDispositions::parse(call.request.body, user.clone()) {
        // The extension sends this after every edit.
        Ok(chosen) if chosen.is_empty() => return Ok(Reply::nothing_chosen()),
        Ok(chosen) => chosen,
        Err(error) => return Ok(Reply::from(&error)),
    };
    let which = call.calls(&by).which(&chosen.params.existing);
    let mut told = Told {
        dispositions: chosen.params.dispositions,
        ..Told::default()
    };
    told.fields.note = chosen.note;
    let asks = Asks::Change(which, Box::new(told));
    Box::pin(bring(
        call,
        &by,
        &user,
        asks,
        Interface::UpsertCallDisposition,
    ))
    .await
}

async fn bring(
    call: &ClientCall<'_>,
    by: &SignedIn,
    user: &User,
    asks: Asks,
    interface: Interface,
) -> Result<Reply, StoreError> {
    let calls = call.calls(by);
    let own = Extension {
        number: None,
        id: call.own_extension(by),
    };
    let names_one = match &asks {
        Asks::Create(_) => true,
        Asks::Change(which, _) => !which.extension.is_unknown(),
    };
    let own = Some(own).filter(|own| !names_one && !own.is_unknown());
    let errand = calls.bringing(asks, own);
    let on_behalf = calls.on_behalf(user);
    let Some(outcome) = Box::pin(on_behalf.run_as(&by.user, &errand)).await? else {
        return Ok(Reply::no_session());
    };
    let crm = by.adapter.profile().display_name;
    let now = call.app.clock.now().timestamp_millis();
    Ok(Reply::of_client_call(&outcome, interface, crm, now))
}

/// Keeps a note for a call that is not logged yet.
pub(super) async fn keep_note(call: &ClientCall<'_>, by: &SignedIn) -> Result<Reply, StoreError> {
    let params = match CallNoteParams::parse(call.request.body) {
        Ok(params) => params,
        Err(error) => return Ok(Reply::from(&error)),
    };
    let engine = call.app.engine(by.adapter.as_ref(), call.deadline);
    let user = by.user.key();
    engine
        .keep_call_note(&user, &params.session, params.note)
        .await?;
    Ok(Reply::note_kept())
}

/// Which calls are logged; with details, what their logs tell.
pub(super) async fn get(call: &ClientCall<'_>, by: SignedIn) -> Result<Reply, StoreError> {
    let crm = by.adapter.profile().display_name;
    let query = match CallQuery::parse(call.request.query) {
        Ok(query) => query,
        Err(error) => return Ok(Reply::from(&error)),
    };
    if query.details && by.is_dead() {
        return Ok(Reply::session_revoked(crm));
    }
    let engine = call.app.engine(by.adapter.as_ref(), call.deadline);
    let calls = call.calls(&by);
    let of = CallsOf {
        user: by.user.key(),
        extension: calls.extension(&query.extension),
        own: call.own_extension(&by),
    };
    let found = engine.find_calls(&of, &query.sessions).await?;
    let is_logged = |found: &FoundCall| found.logged != Logged::No;
    if !query.details || !found.iter().any(is_logged) {
        let found = found.into_iter().map(|found| (found, None));
        return Ok(Reply::of_calls(found.collect(), crm));
    }
    let user = by.user.user();
    let errand = Details { engine, of, found };
    let on_behalf = calls.on_behalf(&user);
    let Some(read) = Box::pin(on_behalf.run_as(&by.user, &errand)).await? else {
        return Ok(Reply::no_session());
    };
    Ok(match Details::is_unauthorized(&read) {
        true => Reply::session_revoked(crm),
        false => Reply::of_calls(errand.found.into_iter().zip(read).collect(), crm),
    })
}

impl ClientCall<'_> {
    fn calls<'b>(&'b self, by: &'b SignedIn) -> Calls<'b> {
        Calls {
            app: self.app,
            adapter: by.adapter.as_ref(),
            deadline: self.deadline,
        }
    }

    /// The user's own extension: the one that the request is from, else the one of the sign-in.
    fn own_extension(&self, by: &SignedIn) -> Option<HashedId> {
        let (_, from) = self.who(None, None).unwrap_or_default();
        from.or_else(|| by.user.extension.clone())
    }
}

/// Reads what is told of the calls that are logged.
struct Details<'a> {
    engine: Engine<'a>,
    of: CallsOf,
    found: Vec<FoundCall>,
}

#[async_trait]
impl Errand for Details<'_> {
    type Outcome = Vec<Option<ReadCall>>;

    async fn run(&self, caller: &Caller<'_>) -> Result<Self::Outcome, StoreError> {
        let ended = Mutex::new(None);
        let reads = self.found.iter();
        let reads: Vec<_> = reads
            .map(|found| self.read(found, caller, &ended))
            .collect();
        let reads = futures_util::stream::iter(reads).buffered(AT_ONCE);
        Ok(reads.collect().await)
    }

    fn is_unauthorized(outcome: &Self::Outcome) -> bool {
        let mut read = outcome.iter().flatten();
        read.any(|read| matches!(read, ReadCall::Failed(AdapterError::Unauthorized)))
    }

    fn then(_first: Self::Outcome, second: Self::Outcome) -> Self::Outcome {
        second
    }
}

impl Details<'_> {
    /// Reads one. `ended` is the failure after which the CRM is not asked for any other. Where the
    /// table fails, that spoils this one alone.
    async fn read(
        &self,
        found: &FoundCall,
        caller: &Caller<'_>,
        ended: &Mutex<Option<AdapterError>>,
    ) -> Option<ReadCall> {
        let ended = || ended.lock().unwrap_or_else(PoisonError::into_inner);
        let before = ended().clone();
        let ctx = match (&found.logged, before) {
            (Logged::No, _) => return None,
            (Logged::As(_), Some(error)) => return Some(ReadCall::Failed(error)),
            (Logged::As(_) | Logged::Kept, _) => ctx(&self.engine, caller),
        };
        let read = match self.engine.read_call(&self.of, found, ctx).await {
            Ok(read) => read,
            Err(error) => {
                tracing::error!(error.kind = "store", error.detail = %error, "a call was not read");
                ReadCall::Failed(AdapterError::not_applied(Cause::NotConnected))
            }
        };
        if let ReadCall::Failed(
            error @ (AdapterError::RateLimited { .. } | AdapterError::Unauthorized),
        ) = &read
        {
            *ended() = Some(error.clone());
        }
        Some(read)
    }
}
