//! Adapters that are wrong about calls and right about all else.

use std::sync::Arc;
use std::time::Duration;

use daybook_adapters::{
    AdapterError, Applied, AuthKind, CallLog, CallLogChanges, Cause, ContactQuery, CrmAdapter, Ctx,
    Entity, FoundContact, LogDeletion, MessageLog, NewCallLog, NewContact, NewMessageLog,
    PlatformManifest, Profile, Result, UserInfo,
};
use daybook_core::call::{self, CallFields};
use daybook_core::contact::Contact;
use daybook_core::digest::Mark;
use daybook_core::ids::{LogId, TenantId};
use daybook_core::user::User;
use daybook_tests::adapters::Fixture;
use libtest_mimic::Trial;
use serde_json::{Map, Value};

use super::{Spoils, catches};
use crate::calls;

/// How an adapter of the registry is made wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    LosesTheSubject,
    TakesPendingForZero,
    ClearsADurationThatIsNotTold,
    ForgetsTheFormInAnUpdate,
    DropsOtherDispositions,
    FindsDigestsAsCalls,
    LosesPagesOfCalls,
    KeepsDeletedCalls,
    TakesAMissingContactForALog,
    SwallowsRateLimitsOfCalls,
    CallsALostCallHarmless,
}

/// Each way to be wrong, and the words by which a case tells that it is.
const WRONGS: [(Wrong, &str); 11] = [
    (Wrong::LosesTheSubject, "the answer has it"),
    (Wrong::TakesPendingForZero, "nobody knows them"),
    (Wrong::ClearsADurationThatIsNotTold, "subject: it is told"),
    (Wrong::ForgetsTheFormInAnUpdate, "the form is sent"),
    (Wrong::DropsOtherDispositions, "the others stay"),
    (Wrong::FindsDigestsAsCalls, "no digest"),
    (Wrong::LosesPagesOfCalls, "calls of both pages"),
    (Wrong::KeepsDeletedCalls, "it is gone"),
    (Wrong::TakesAMissingContactForALog, "the contact is missing"),
    (
        Wrong::SwallowsRateLimitsOfCalls,
        "[(\"retry-after\", \"7\")], body: \"\" }: update_call_log",
    ),
    (Wrong::CallsALostCallHarmless, "DropBefore: create_call_log"),
];

pub(super) fn cases() -> impl Iterator<Item = Trial> {
    WRONGS.into_iter().map(|(how, words)| catches(how, words))
}

impl Spoils for Wrong {
    fn spoil(self, adapter: Arc<dyn CrmAdapter>) -> Arc<dyn CrmAdapter> {
        Arc::new(WrongAdapter(adapter, self))
    }

    async fn meet(self, fixture: &Fixture) {
        match self {
            Self::LosesTheSubject => calls::a_created_call_log_is_read_back(fixture).await,
            Self::TakesPendingForZero => {
                calls::what_is_not_known_of_a_call_is_not_sent(fixture).await;
            }
            Self::ClearsADurationThatIsNotTold | Self::ForgetsTheFormInAnUpdate => {
                calls::an_update_of_a_call_changes_only_what_it_names(fixture).await;
            }
            Self::DropsOtherDispositions => calls::a_disposition_leaves_all_else(fixture).await,
            Self::FindsDigestsAsCalls | Self::LosesPagesOfCalls => {
                calls::a_call_log_is_found_by_its_mark(fixture).await;
            }
            Self::KeepsDeletedCalls => calls::a_deleted_call_log_is_gone(fixture).await,
            Self::TakesAMissingContactForALog => {
                calls::a_missing_call_is_told_from_a_missing_contact(fixture).await;
            }
            Self::SwallowsRateLimitsOfCalls => {
                crate::a_refusal_is_told_by_its_status(fixture).await;
            }
            Self::CallsALostCallHarmless => {
                crate::a_broken_write_is_unknown_and_a_broken_read_is_not(fixture).await;
            }
        }
    }
}

/// What is told of a call, with a duration where none is known.
fn with_zero(call: &CallFields) -> CallFields {
    let known = call
        .duration
        .filter(|duration| *duration != call::Duration::Pending);
    CallFields {
        duration: Some(known.unwrap_or(call::Duration::Known(Duration::ZERO))),
        ..call.clone()
    }
}

#[derive(Debug)]
struct WrongAdapter(Arc<dyn CrmAdapter>, Wrong);

#[async_trait::async_trait]
impl CrmAdapter for WrongAdapter {
    fn profile(&self) -> &'static Profile {
        self.0.profile()
    }

    fn auth(&self) -> AuthKind<'_> {
        self.0.auth()
    }

    fn manifest(&self) -> PlatformManifest {
        self.0.manifest()
    }

    async fn get_user_info(&self, ctx: &Ctx<'_>) -> Result<UserInfo> {
        self.0.get_user_info(ctx).await
    }

    fn tenant(&self, user: &User) -> TenantId {
        self.0.tenant(user)
    }

    fn is_host(&self, host: &str) -> bool {
        self.0.is_host(host)
    }

    async fn find_contact(
        &self,
        ctx: &Ctx<'_>,
        query: &ContactQuery<'_>,
    ) -> Result<Vec<FoundContact>> {
        self.0.find_contact(ctx, query).await
    }

    async fn create_contact(&self, ctx: &Ctx<'_>, contact: &NewContact<'_>) -> Result<Contact> {
        self.0.create_contact(ctx, contact).await
    }

    async fn create_message_log(
        &self,
        ctx: &Ctx<'_>,
        log: &NewMessageLog<'_>,
    ) -> Result<MessageLog> {
        self.0.create_message_log(ctx, log).await
    }

    async fn get_message_log(&self, ctx: &Ctx<'_>, id: &LogId) -> Result<MessageLog> {
        self.0.get_message_log(ctx, id).await
    }

    async fn update_message_log(
        &self,
        ctx: &Ctx<'_>,
        id: &LogId,
        body: &str,
    ) -> Result<MessageLog> {
        self.0.update_message_log(ctx, id, body).await
    }

    async fn find_message_logs_by_mark(
        &self,
        ctx: &Ctx<'_>,
        contact: &Contact,
        mark: &Mark,
    ) -> Result<Vec<MessageLog>> {
        self.0.find_message_logs_by_mark(ctx, contact, mark).await
    }

    async fn create_call_log(&self, ctx: &Ctx<'_>, log: &NewCallLog<'_>) -> Result<CallLog> {
        let mut log = *log;
        let call = with_zero(log.call);
        if self.1 == Wrong::LosesTheSubject {
            log.subject = "Call";
        }
        if self.1 == Wrong::TakesPendingForZero {
            log.call = &call;
        }
        match self.0.create_call_log(ctx, &log).await {
            Err(AdapterError::NotFound(_)) if self.1 == Wrong::TakesAMissingContactForALog => {
                Err(AdapterError::NotFound(Entity::Log))
            }
            Err(AdapterError::Unavailable {
                applied: Applied::Unknown,
                cause,
                ..
            }) if self.1 == Wrong::CallsALostCallHarmless => Err(AdapterError::not_applied(cause)),
            other => other,
        }
    }

    async fn get_call_log(&self, ctx: &Ctx<'_>, id: &LogId) -> Result<CallLog> {
        self.0.get_call_log(ctx, id).await
    }

    async fn update_call_log(
        &self,
        ctx: &Ctx<'_>,
        id: &LogId,
        changes: &CallLogChanges<'_>,
    ) -> Result<CallLog> {
        let (mut changes, call, no_form) = (*changes, with_zero(changes.call), Map::new());
        if self.1 == Wrong::ClearsADurationThatIsNotTold {
            changes.call = &call;
        }
        if self.1 == Wrong::ForgetsTheFormInAnUpdate {
            changes.additional_submission = &no_form;
        }
        match self.0.update_call_log(ctx, id, &changes).await {
            Err(AdapterError::RateLimited { .. }) if self.1 == Wrong::SwallowsRateLimitsOfCalls => {
                Err(AdapterError::not_applied(Cause::Status(429)))
            }
            other => other,
        }
    }

    async fn find_call_logs_by_mark(
        &self,
        ctx: &Ctx<'_>,
        contact: &Contact,
        mark: &Mark,
    ) -> Result<Vec<CallLog>> {
        let mut found = self.0.find_call_logs_by_mark(ctx, contact, mark).await?;
        if self.1 == Wrong::LosesPagesOfCalls {
            found.truncate(1);
        }
        if self.1 == Wrong::FindsDigestsAsCalls {
            found.clear();
            for digest in self.0.find_message_logs_by_mark(ctx, contact, mark).await? {
                found.push(self.0.get_call_log(ctx, &digest.id).await?);
            }
        }
        Ok(found)
    }

    async fn upsert_call_disposition(
        &self,
        ctx: &Ctx<'_>,
        log: &CallLog,
        dispositions: &Map<String, Value>,
    ) -> Result<()> {
        let mut log = log.clone();
        if self.1 == Wrong::DropsOtherDispositions {
            log.dispositions.clear();
        }
        (self.0)
            .upsert_call_disposition(ctx, &log, dispositions)
            .await
    }

    fn log_deletion(&self) -> Option<&dyn LogDeletion> {
        (self.1 == Wrong::KeepsDeletedCalls).then_some(self as &dyn LogDeletion)
    }
}

#[async_trait::async_trait]
impl LogDeletion for WrongAdapter {
    async fn delete_message_log(&self, _: &Ctx<'_>, _: &LogId) -> Result<()> {
        Ok(())
    }

    async fn delete_call_log(&self, _: &Ctx<'_>, _: &LogId) -> Result<()> {
        Ok(())
    }
}
