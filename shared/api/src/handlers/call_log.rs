//! `createCallLog`, `updateCallLog`, `getCallLog` and `upsertCallDisposition`.

use async_trait::async_trait;
use daybook_adapters::{AdapterError, CallLog, CrmAdapter};
use daybook_core::params::{
    CallExtension, CreateCallLogParams, ExistingCallLog, GetCallLogParams, UpdateCallLogParams,
    UpsertCallDispositionParams,
};
use daybook_core::time::Deadline;
use daybook_store::StoreError;
use daybook_store::items::{Extension, Reason};

use super::on_behalf::{Errand, OnBehalf, ctx};
use crate::app::App;
use crate::call::{CallOutcome, CallState, Told, Which};
use crate::engine::{Caller, Engine};
use crate::interface::Interface;
use crate::reply::Reply;

/// What a handler of calls works with.
#[derive(Clone, Copy)]
pub(super) struct Calls<'a> {
    pub(super) app: &'a App,
    pub(super) adapter: &'a dyn CrmAdapter,
    pub(super) deadline: Deadline,
}

/// What a request asks of the log of a call.
pub(super) enum Asks {
    Create(Box<CreateCallLogParams>),
    Change(Which, Box<Told>),
}

impl Calls<'_> {
    pub(super) async fn create(&self, parameters: &[u8]) -> Result<Reply, StoreError> {
        let params = match CreateCallLogParams::parse(parameters) {
            Ok(params) => params,
            Err(error) => return Ok(Reply::from(&error)),
        };
        let (user, auth, zone) = (params.user.clone(), params.auth.clone(), params.zone);
        let on_behalf = OnBehalf {
            user: &user,
            auth: auth.as_ref(),
            zone,
            ..self.on_behalf(&user)
        };
        let asks = Asks::Create(Box::new(params));
        self.bring(&on_behalf, asks, Interface::CreateCallLog).await
    }

    pub(super) async fn update(&self, parameters: &[u8]) -> Result<Reply, StoreError> {
        let params = match UpdateCallLogParams::parse(parameters) {
            Ok(params) => params,
            Err(error) => return Ok(Reply::from(&error)),
        };
        let on_behalf = OnBehalf {
            auth: params.auth.as_ref(),
            zone: params.zone,
            ..self.on_behalf(&params.user)
        };
        let told = Told {
            fields: params.fields,
            additional_submission: params.additional_submission,
            ..Told::default()
        };
        let asks = Asks::Change(self.which(&params.existing), Box::new(told));
        self.bring(&on_behalf, asks, Interface::UpdateCallLog).await
    }

    pub(super) async fn dispose(&self, parameters: &[u8]) -> Result<Reply, StoreError> {
        let params = match UpsertCallDispositionParams::parse(parameters) {
            Ok(params) => params,
            Err(error) => return Ok(Reply::from(&error)),
        };
        let on_behalf = OnBehalf {
            auth: params.auth.as_ref(),
            ..self.on_behalf(&params.user)
        };
        let told = Told {
            dispositions: params.dispositions,
            ..Told::default()
        };
        let asks = Asks::Change(self.which(&params.existing), Box::new(told));
        self.bring(&on_behalf, asks, Interface::UpsertCallDisposition)
            .await
    }

    pub(super) async fn get(&self, parameters: &[u8]) -> Result<Reply, StoreError> {
        let params = match GetCallLogParams::parse(parameters) {
            Ok(params) => params,
            Err(error) => return Ok(Reply::from(&error)),
        };
        let on_behalf = OnBehalf {
            auth: params.auth.as_ref(),
            ..self.on_behalf(&params.user)
        };
        let reading = Reading {
            engine: self.app.engine(self.adapter, self.deadline),
            params: &params,
        };
        let profile = self.adapter.profile();
        Ok(match on_behalf.run(&reading).await? {
            Ok(Ok(log)) => Reply::of_call_log(log, profile.log_format),
            Ok(Err(error)) => Reply::no_call_log(&error, profile.display_name),
            Err(error) => Reply::from(&error),
        })
    }

    pub(super) fn on_behalf<'b>(&'b self, user: &'b daybook_core::user::User) -> OnBehalf<'b> {
        OnBehalf {
            app: self.app,
            adapter: self.adapter,
            deadline: self.deadline,
            user,
            auth: None,
            zone: None,
        }
    }

    async fn bring(
        &self,
        on_behalf: &OnBehalf<'_>,
        asks: Asks,
        interface: Interface,
    ) -> Result<Reply, StoreError> {
        let bringing = self.bringing(asks, None);
        let crm = self.adapter.profile().display_name;
        Ok(match on_behalf.run(&bringing).await? {
            Ok(outcome) => {
                let now = self.app.clock.now().timestamp_millis();
                Reply::of_call(&outcome, interface, crm, now)
            }
            Err(error) => Reply::from(&error),
        })
    }

    /// The errand of bringing what a request tells. `own` is the extension that is meant where a
    /// call has several logs and the request does not say whose.
    pub(super) fn bringing(&self, asks: Asks, own: Option<Extension>) -> Bringing<'_> {
        Bringing {
            calls: *self,
            engine: self.app.engine(self.adapter, self.deadline),
            asks,
            own,
        }
    }

    pub(super) fn which(&self, existing: &ExistingCallLog) -> Which {
        Which {
            extension: self.extension(&existing.extension),
            log: existing.log.clone(),
            session: existing.session.clone(),
        }
    }

    pub(super) fn extension(&self, extension: &CallExtension) -> Extension {
        let hashes = &self.app.hashes;
        Extension {
            number: extension.number.clone(),
            id: extension.id.as_ref().map(|id| hashes.of_extension(id)),
        }
    }
}

/// Brings what a request tells to the log of its call.
pub(super) struct Bringing<'a> {
    calls: Calls<'a>,
    engine: Engine<'a>,
    asks: Asks,
    own: Option<Extension>,
}

#[async_trait]
impl Errand for Bringing<'_> {
    type Outcome = CallOutcome;

    async fn run(&self, caller: &Caller<'_>) -> Result<CallOutcome, StoreError> {
        match &self.asks {
            Asks::Create(params) => {
                let told = Told {
                    fields: params.fields.clone(),
                    additional_submission: params.additional_submission.clone(),
                    ..Told::default()
                };
                let extension = self.calls.extension(&params.extension);
                let (session, contact) = (&params.session, &params.contact);
                self.engine
                    .log_call(session, &extension, contact, told, caller)
                    .await
            }
            Asks::Change(which, told) => {
                let first = self.change(which, told, caller).await?;
                match &self.own {
                    Some(own) if first.state == CallState::Ambiguous => {
                        let which = Which {
                            extension: own.clone(),
                            ..which.clone()
                        };
                        self.change(&which, told, caller).await
                    }
                    Some(_) | None => Ok(first),
                }
            }
        }
    }

    fn is_unauthorized(outcome: &CallOutcome) -> bool {
        outcome.reason == Some(Reason::Unauthorized)
    }

    fn then(_first: CallOutcome, second: CallOutcome) -> CallOutcome {
        second
    }
}

impl Bringing<'_> {
    async fn change(
        &self,
        which: &Which,
        told: &Told,
        caller: &Caller<'_>,
    ) -> Result<CallOutcome, StoreError> {
        let told = told.clone();
        self.engine.change_call(which, told, caller).await
    }
}

/// Reads the log of a call.
struct Reading<'a> {
    engine: Engine<'a>,
    params: &'a GetCallLogParams,
}

#[async_trait]
impl Errand for Reading<'_> {
    type Outcome = Result<CallLog, AdapterError>;

    async fn run(&self, caller: &Caller<'_>) -> Result<Self::Outcome, StoreError> {
        Ok(match ctx(&self.engine, caller) {
            Ok(ctx) => (self.engine.adapter.get_call_log(&ctx, &self.params.log)).await,
            Err(error) => Err(error),
        })
    }

    fn is_unauthorized(outcome: &Self::Outcome) -> bool {
        matches!(outcome, Err(AdapterError::Unauthorized))
    }

    fn then(_first: Self::Outcome, second: Self::Outcome) -> Self::Outcome {
        second
    }
}
