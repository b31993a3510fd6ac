//! Wrong adapters: each is caught by the case that is meant for it, with its words. Those that are
//! wrong about calls are in `calls`.

mod calls;

use std::fmt::Debug;
use std::sync::Arc;

use daybook_adapters::registry::Registry;
use daybook_adapters::{
    AdapterError, Applied, AuthKind, CallLog, CallLogChanges, Cause, ContactQuery, CrmAdapter, Ctx,
    FoundContact, MessageLog, NewCallLog, NewContact, NewMessageLog, PlatformManifest, Profile,
    Result, UserInfo,
};
use daybook_core::contact::Contact;
use daybook_core::digest::Mark;
use daybook_core::ids::{LogId, TenantId};
use daybook_core::user::User;
use daybook_tests::adapters::Fixture;
use daybook_tests::runner::case;
use libtest_mimic::Trial;
use serde_json::{Map, Value};

/// How an adapter of the registry is made wrong.
#[derive(Debug, Clone, Copy)]
enum Wrong {
    WritesTwice,
    LosesPages,
    ForgetsTheMark,
    SwallowsRateLimits,
    CallsALostWriteHarmless,
    TellsTheUserOfTheContext,
    TakesARefusalForASignIn,
    CallsEveryRefusalUnauthorized,
}

/// How many there are. It stands here too, so that none gets lost.
pub(super) const EXPECTED: usize = 19;

/// Each way to be wrong, and the words by which a case tells that it is.
const WRONGS: [(Wrong, &str); 8] = [
    (Wrong::WritesTwice, "one write makes it"),
    (
        Wrong::LosesPages,
        "both pages, and no text that names the mark",
    ),
    (
        Wrong::ForgetsTheMark,
        "both pages, and no text that names the mark",
    ),
    (Wrong::SwallowsRateLimits, "Status { status: 429"),
    (Wrong::CallsALostWriteHarmless, "DropBefore"),
    (Wrong::TellsTheUserOfTheContext, "it is their own"),
    (Wrong::TakesARefusalForASignIn, "no user is told"),
    (Wrong::CallsEveryRefusalUnauthorized, "Status { status: 403"),
];

pub(super) fn cases() -> Vec<Trial> {
    let cases = WRONGS.map(|(how, words)| catches(how, words)).into_iter();
    cases.chain(calls::cases()).collect()
}

/// A way to make an adapter wrong.
trait Spoils: Copy + Debug + Send + 'static {
    /// The adapter, made wrong.
    fn spoil(self, adapter: Arc<dyn CrmAdapter>) -> Arc<dyn CrmAdapter>;

    /// The case that is meant to catch it.
    fn meet(self, fixture: &Fixture) -> impl Future<Output = ()> + Send;
}

/// The case that an adapter which is wrong like this is caught with these words.
fn catches(how: impl Spoils, words: &'static str) -> Trial {
    let platform = Registry::known_platforms().next().expect("an adapter");
    case(
        format!("suite::catches_an_adapter_that_{how:?}"),
        move || async move {
            let mut fixture = Fixture::start(platform).await;
            fixture.adapter = how.spoil(fixture.adapter.clone());
            let caught = tokio::spawn(async move { how.meet(&fixture).await }).await;
            let panic = caught.expect_err("it is caught").into_panic();
            let said = panic.downcast_ref::<String>().cloned();
            let said = said.unwrap_or_default();
            assert!(said.contains(words), "{words} is missed in: {said}");
        },
    )
}

impl Spoils for Wrong {
    fn spoil(self, adapter: Arc<dyn CrmAdapter>) -> Arc<dyn CrmAdapter> {
        Arc::new(WrongAdapter(adapter, self))
    }

    async fn meet(self, fixture: &Fixture) {
        match self {
            Self::WritesTwice => super::a_created_log_is_read_back(fixture).await,
            Self::LosesPages | Self::ForgetsTheMark => {
                super::a_log_is_found_by_its_mark(fixture).await;
            }
            Self::SwallowsRateLimits => super::a_refusal_is_told_by_its_status(fixture).await,
            Self::CallsALostWriteHarmless => {
                super::a_broken_write_is_unknown_and_a_broken_read_is_not(fixture).await;
            }
            Self::TellsTheUserOfTheContext => {
                super::user_info_is_of_the_user_whose_credentials_are_sent(fixture).await;
            }
            Self::TakesARefusalForASignIn => {
                super::refused_credentials_are_unauthorized_and_nothing_else(fixture).await;
            }
            Self::CallsEveryRefusalUnauthorized => {
                super::a_user_who_cannot_be_read_is_not_signed_out(fixture).await;
            }
        }
    }
}

/// The user whom a call names, whoever's credentials it carries.
fn user_of(ctx: &Ctx<'_>) -> UserInfo {
    let id = ctx.user.id.as_str();
    let (id, _) = id.split_once('-').expect("an id of a platform");
    UserInfo {
        id: id.to_owned(),
        name: ctx.user.name.clone(),
        hostname: ctx.user.hostname.clone(),
        zone: ctx.user.zone,
        company: None,
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
        let info = self.0.get_user_info(ctx).await;
        match self.1 {
            Wrong::TellsTheUserOfTheContext => info.map(|_| user_of(ctx)),
            Wrong::TakesARefusalForASignIn => match info {
                Err(AdapterError::Unauthorized) => Ok(user_of(ctx)),
                other => other,
            },
            Wrong::CallsEveryRefusalUnauthorized => info.map_err(|_| AdapterError::Unauthorized),
            Wrong::WritesTwice
            | Wrong::LosesPages
            | Wrong::ForgetsTheMark
            | Wrong::SwallowsRateLimits
            | Wrong::CallsALostWriteHarmless => info,
        }
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
        if matches!(self.1, Wrong::WritesTwice) {
            self.0.create_message_log(ctx, log).await?;
        }
        match self.0.create_message_log(ctx, log).await {
            Err(AdapterError::Unavailable {
                applied: Applied::Unknown,
                cause,
                ..
            }) if matches!(self.1, Wrong::CallsALostWriteHarmless) => {
                Err(AdapterError::not_applied(cause))
            }
            other => other,
        }
    }

    async fn get_message_log(&self, ctx: &Ctx<'_>, id: &LogId) -> Result<MessageLog> {
        match self.0.get_message_log(ctx, id).await {
            Err(AdapterError::RateLimited { .. })
                if matches!(self.1, Wrong::SwallowsRateLimits) =>
            {
                Err(AdapterError::not_applied(Cause::Status(429)))
            }
            other => other,
        }
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
        let mut found = self.0.find_message_logs_by_mark(ctx, contact, mark).await?;
        match self.1 {
            Wrong::LosesPages => found.truncate(1),
            Wrong::ForgetsTheMark => found.clear(),
            Wrong::WritesTwice
            | Wrong::SwallowsRateLimits
            | Wrong::CallsALostWriteHarmless
            | Wrong::TellsTheUserOfTheContext
            | Wrong::TakesARefusalForASignIn
            | Wrong::CallsEveryRefusalUnauthorized => {}
        }
        Ok(found)
    }

    async fn create_call_log(&self, ctx: &Ctx<'_>, log: &NewCallLog<'_>) -> Result<CallLog> {
        self.0.create_call_log(ctx, log).await
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
        self.0.update_call_log(ctx, id, changes).await
    }

    async fn find_call_logs_by_mark(
        &self,
        ctx: &Ctx<'_>,
        contact: &Contact,
        mark: &Mark,
    ) -> Result<Vec<CallLog>> {
        self.0.find_call_logs_by_mark(ctx, contact, mark).await
    }

    async fn upsert_call_disposition(
        &self,
        ctx: &Ctx<'_>,
        log: &CallLog,
        dispositions: &Map<String, Value>,
    ) -> Result<()> {
        (self.0)
            .upsert_call_disposition(ctx, log, dispositions)
            .await
    }
}
