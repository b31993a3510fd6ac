//! `findContact`, `findContactWithName`, `createContact`, `getUserList` and `getAccountData`: one
//! question to the CRM, and its answer.
//!
//! Nobody of a company is asked for while its CRM wants to be left alone for long: the gate of
//! docs/protocol.md holds questions back as it does texts, and a question may close it.

use std::time::Duration;

use async_trait::async_trait;
use daybook_adapters::{
    AdapterError, Applied, ContactQuery, CrmAdapter, CrmUser, Ctx, FoundContact, NewContact,
};
use daybook_core::contact::Contact;
use daybook_core::error::RequestError;
use daybook_core::params::{
    AccountDataParams, AuthHeader, CreateContactParams, FindContactParams,
    FindContactWithNameParams, UserListParams,
};
use daybook_core::time::Deadline;
use daybook_core::user::User;
use daybook_store::StoreError;
use daybook_store::gates::{Gates, Scope};
use daybook_store::items::{Reason, StoredUser};
use serde_json::{Map, Value};

use super::on_behalf::{Errand, OnBehalf, ctx};
use crate::app::App;
use crate::engine::{Caller, Engine, millis};
use crate::interface::Interface;
use crate::reply::Reply;

/// From which time on a CRM that wants to be left alone is left alone by all of a company. A burst
/// of searches, which some CRMs count apart, must not hold up texts.
const LONG: Duration = Duration::from_secs(60);

/// What is asked of the CRM.
pub(super) enum Question {
    Phone(FindContactParams),
    Name(FindContactWithNameParams),
    New(Box<CreateContactParams>),
    Users(UserListParams),
    Data(AccountDataParams),
}

/// What the CRM told.
pub(super) enum Answer {
    Contacts(Vec<FoundContact>),
    Made(Contact),
    Users(Vec<CrmUser>),
    Data(Map<String, Value>),
    /// The CRM has nothing for it.
    Unsupported,
}

pub(super) async fn handle(
    app: &App,
    adapter: &dyn CrmAdapter,
    interface: Interface,
    parameters: &[u8],
    deadline: Deadline,
) -> Result<Reply, StoreError> {
    let question = match Question::read(interface, parameters) {
        Ok(Some(question)) => question,
        Ok(None) => return Ok(Reply::no_such_interface()),
        Err(error) => return Ok(Reply::from(&error)),
    };
    if let Some(reply) = question.without_crm(adapter) {
        return Ok(reply);
    }
    let (user, auth) = question.caller();
    let on_behalf = OnBehalf {
        app,
        adapter,
        deadline,
        user,
        auth,
        zone: None,
    };
    let asking = Asking {
        engine: app.engine(adapter, deadline),
        question: &question,
    };
    let crm = adapter.profile().display_name;
    Ok(match on_behalf.run(&asking).await? {
        Ok(Ok(answer)) => answer.reply(crm),
        Ok(Err(error)) => question.unanswered(&error, crm),
        Err(error) => Reply::from(&error),
    })
}

/// Asks with the credentials of a user who has signed in. `None` for one who has signed out.
pub(super) async fn ask_as(
    app: &App,
    adapter: &dyn CrmAdapter,
    stored: &StoredUser,
    question: &Question,
    deadline: Deadline,
) -> Result<Option<Result<Answer, AdapterError>>, StoreError> {
    let (user, auth) = question.caller();
    let on_behalf = OnBehalf {
        app,
        adapter,
        deadline,
        user,
        auth,
        zone: None,
    };
    let asking = Asking {
        engine: app.engine(adapter, deadline),
        question,
    };
    on_behalf.run_as(stored, &asking).await
}

/// Whether the CRM may have done what it was asked, though it did not say so.
pub(super) fn may_be_done(error: &AdapterError) -> bool {
    matches!(
        error,
        AdapterError::Unavailable {
            applied: Applied::Unknown,
            ..
        }
    )
}

impl Answer {
    /// Whether nothing is missing that belongs to the contacts.
    pub(super) fn is_whole(&self) -> bool {
        match self {
            Self::Contacts(found) => found.iter().all(|found| found.is_whole),
            Self::Made(_) | Self::Users(_) | Self::Data(_) | Self::Unsupported => true,
        }
    }

    /// The contacts that were found.
    pub(super) fn into_contacts(self) -> Vec<FoundContact> {
        match self {
            Self::Contacts(found) => found,
            Self::Made(_) | Self::Users(_) | Self::Data(_) | Self::Unsupported => Vec::new(),
        }
    }

    /// The reply of the interface.
    pub(super) fn reply(self, crm: &str) -> Reply {
        match self {
            Self::Contacts(found) => Reply::of_contacts(found),
            Self::Made(contact) => Reply::of_new_contact(contact),
            Self::Users(users) => Reply::of_users(users),
            Self::Data(data) => Reply::of_account_data(data),
            Self::Unsupported => Reply::unsupported(crm),
        }
    }
}

impl Question {
    /// The question of an interface; `None` for one of another kind.
    fn read(interface: Interface, body: &[u8]) -> Result<Option<Self>, RequestError> {
        Ok(Some(match interface {
            Interface::FindContact => Self::Phone(FindContactParams::parse(body)?),
            Interface::FindContactWithName => Self::Name(FindContactWithNameParams::parse(body)?),
            Interface::CreateContact => Self::New(Box::new(CreateContactParams::parse(body)?)),
            Interface::GetUserList => Self::Users(UserListParams::parse(body)?),
            Interface::GetAccountData => Self::Data(AccountDataParams::parse(body)?),
            Interface::CreateMessageLog
            | Interface::UpdateMessageLog
            | Interface::CreateCallLog
            | Interface::UpdateCallLog
            | Interface::GetCallLog
            | Interface::UpsertCallDisposition
            | Interface::OauthCallback
            | Interface::ApiKeyLogin
            | Interface::RedirectPage
            | Interface::AppRemoved
            | Interface::UnAuthorize
            | Interface::AuthValidation
            | Interface::LicenseStatus
            | Interface::Hostname
            | Interface::UserInfoHash
            | Interface::RefreshUserInfo
            | Interface::GetUserSettings
            | Interface::UpdateUserSettings
            | Interface::PreloadSettings
            | Interface::CacheCallNote
            | Interface::GetAdminSettings
            | Interface::CrmManifest
            | Interface::ImplementedInterfaces
            | Interface::ReleaseNotes
            | Interface::ServerVersionInfo
            | Interface::IsAlive
            | Interface::OpenApi
            | Interface::Docs => return Ok(None),
        }))
    }

    fn caller(&self) -> (&User, Option<&AuthHeader>) {
        match self {
            Self::Phone(params) => (&params.user, params.auth.as_ref()),
            Self::Name(params) => (&params.user, params.auth.as_ref()),
            Self::New(params) => (&params.user, params.auth.as_ref()),
            Self::Users(params) => (&params.user, params.auth.as_ref()),
            Self::Data(params) => (&params.user, params.auth.as_ref()),
        }
    }

    /// The reply to what the CRM need not, or cannot, be asked.
    pub(super) fn without_crm(&self, adapter: &dyn CrmAdapter) -> Option<Reply> {
        let unsupported = || Reply::unsupported(adapter.profile().display_name);
        match self {
            Self::Phone(params) if params.is_extension || params.phone.is_extension() => {
                Some(Reply::of_extension())
            }
            Self::Phone(_) | Self::New(_) => None,
            Self::Name(_) => adapter.name_search().is_none().then(unsupported),
            Self::Users(_) => adapter.user_list().is_none().then(unsupported),
            Self::Data(params) => {
                let known = adapter.account_data().map_or(&[][..], |data| data.keys());
                let is_known = |key: &String| known.contains(&key.as_str());
                (!params.keys.iter().all(is_known)).then(|| Reply::no_such_data(known))
            }
        }
    }

    /// The reply where the CRM did not do what was asked.
    pub(super) fn unanswered(&self, error: &AdapterError, crm: &str) -> Reply {
        match self {
            Self::New(_) if may_be_done(error) => Reply::perhaps_a_contact(crm),
            Self::New(_) | Self::Phone(_) | Self::Name(_) | Self::Users(_) | Self::Data(_) => {
                Reply::of_failure(error, crm)
            }
        }
    }

    async fn ask(&self, adapter: &dyn CrmAdapter, ctx: &Ctx<'_>) -> Result<Answer, AdapterError> {
        Ok(match self {
            Self::Phone(params) => {
                let query = ContactQuery {
                    phone: &params.phone,
                    formats: &params.formats,
                };
                Answer::Contacts(adapter.find_contact(ctx, &query).await?)
            }
            Self::Name(params) => match adapter.name_search() {
                Some(search) => {
                    Answer::Contacts(search.find_contacts_by_name(ctx, &params.name).await?)
                }
                None => Answer::Unsupported,
            },
            Self::New(params) => {
                let new = NewContact {
                    name: &params.name,
                    phone: &params.phone,
                    kind: params.kind.as_deref(),
                    additional_submission: &params.additional_submission,
                };
                Answer::Made(adapter.create_contact(ctx, &new).await?)
            }
            Self::Users(_) => match adapter.user_list() {
                Some(list) => Answer::Users(list.list_users(ctx).await?),
                None => Answer::Unsupported,
            },
            Self::Data(params) => {
                let Some(lists) = adapter.account_data() else {
                    return Ok(Answer::Unsupported);
                };
                let mut data = Map::new();
                for key in &params.keys {
                    let list = lists.account_data(ctx, key, params.refresh).await?;
                    data.insert(key.clone(), list);
                }
                Answer::Data(data)
            }
        })
    }
}

/// Asks the CRM.
struct Asking<'a> {
    engine: Engine<'a>,
    question: &'a Question,
}

impl Asking<'_> {
    fn gates(&self, caller: &Caller<'_>) -> Gates<'_> {
        let Engine {
            table,
            clock,
            deadline,
            adapter,
            ..
        } = self.engine;
        let platform = adapter.profile().id;
        let (tenant, user) = (&caller.tenant, &caller.user.id);
        Gates::new(table, clock, deadline, platform, tenant, user)
    }

    /// The refusal of a CRM that the company may not call now.
    async fn closed(&self, gates: &Gates<'_>) -> Result<Option<AdapterError>, StoreError> {
        let now = self.engine.millis();
        let gates = gates.read().await?.into_iter();
        let until = gates
            .filter(|(scope, _)| *scope == Scope::Tenant)
            .map(|(_, gate)| gate.not_before)
            .find(|until| *until > now);
        Ok(until.map(|until| AdapterError::RateLimited {
            retry_after: u64::try_from(until - now).ok().map(Duration::from_millis),
        }))
    }

    /// Closes the gate of the company. Where the table fails, the CRM's answer is told all the same.
    async fn close(&self, gates: &Gates<'_>, asked: Option<Duration>) {
        let Some(asked) = asked.filter(|asked| *asked >= LONG) else {
            return;
        };
        let until = self.engine.millis() + millis(asked);
        let closing = gates.close(Scope::Tenant, until, Reason::RateLimited, "");
        if let Err(error) = closing.await {
            tracing::warn!(error.kind = "store", error.detail = %error, "a gate stays open");
        }
    }
}

#[async_trait]
impl Errand for Asking<'_> {
    type Outcome = Result<Answer, AdapterError>;

    async fn run(&self, caller: &Caller<'_>) -> Result<Self::Outcome, StoreError> {
        let ctx = match ctx(&self.engine, caller) {
            Ok(ctx) => ctx,
            Err(error) => return Ok(Err(error)),
        };
        let gates = self.gates(caller);
        if let Some(closed) = self.closed(&gates).await? {
            return Ok(Err(closed));
        }
        let answer = self.question.ask(self.engine.adapter, &ctx).await;
        if let Err(AdapterError::RateLimited { retry_after }) = &answer {
            self.close(&gates, *retry_after).await;
        }
        Ok(answer)
    }

    fn is_unauthorized(outcome: &Self::Outcome) -> bool {
        matches!(outcome, Err(AdapterError::Unauthorized))
    }

    fn then(_first: Self::Outcome, second: Self::Outcome) -> Self::Outcome {
        second
    }
}
