//! The Example CRM that comes with Daybook, reached by API key or with OAuth.
//!
//! `config` reads the variables, `users` has the ways to sign in, `contacts` whom the CRM knows,
//! `message_logs` and `call_logs` the logs, `activities` what both need, `manifest` what the
//! extension has to know, and `wire` the CRM's JSON.

mod activities;
mod call_logs;
mod config;
mod contacts;
mod manifest;
mod message_logs;
mod users;
mod wire;

use async_trait::async_trait;
use daybook_core::contact::Contact;
use daybook_core::digest::{Format, Mark};
use daybook_core::ids::{LogId, TenantId};
use daybook_core::user::User;
use serde_json::{Map, Value};
use url::Url;

use self::users::Registration;
use super::Build;
use crate::{
    AuthKind, CallLog, CallLogChanges, ContactQuery, CrmAdapter, CrmUser, Ctx, FoundContact,
    LogDeletion, MessageLog, NameSearch, NewCallLog, NewContact, NewMessageLog, PlatformManifest,
    Profile, Result, UserInfo, UserList,
};

/// What the Example CRM is like, for users who sign in with an API key.
pub const PROFILE: Profile = Profile {
    id: "exampleCRM",
    display_name: "Example CRM",
    log_format: Format::Html,
    max_note_bytes: Some(100_000),
    // It answers after the write is in its file and finds by reading what is there.
    late_apply_secs: 60,
    search_lag_secs: 0,
    whole_minutes: false,
    own_hosts: false,
};

/// The same for users who sign in with OAuth.
pub const OAUTH_PROFILE: Profile = Profile {
    id: "exampleCRMOAuth",
    display_name: "Example CRM (OAuth)",
    ..PROFILE
};

/// The platforms of the Example CRM: one for each way to sign in.
pub const ADAPTERS: &[(&str, Build)] = &[
    (PROFILE.id, config::api_key),
    (OAUTH_PROFILE.id, config::oauth),
];

/// The adapter.
#[derive(Debug)]
struct ExampleCrm {
    profile: &'static Profile,
    base: Url,
    /// Where users sign in with OAuth.
    registration: Option<Registration>,
}

impl ExampleCrm {
    fn url(&self, segments: &[&str]) -> Url {
        below(&self.base, segments)
    }

    fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }
}

/// The address of `segments` below the API's own.
fn below(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.extend(segments);
    }
    url
}

/// The address of the CRM's pages, which stand beside its API.
fn pages(base: &Url) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().pop();
    }
    url
}

#[async_trait]
impl CrmAdapter for ExampleCrm {
    fn profile(&self) -> &'static Profile {
        self.profile
    }

    fn auth(&self) -> AuthKind<'_> {
        users::auth(self)
    }

    fn manifest(&self) -> PlatformManifest {
        manifest::of(&self.base)
    }

    async fn get_user_info(&self, ctx: &Ctx<'_>) -> Result<UserInfo> {
        users::get_info(self, ctx).await
    }

    fn tenant(&self, user: &User) -> TenantId {
        users::tenant(self, user)
    }

    /// Everything is sent to the one address that is configured.
    fn is_host(&self, _host: &str) -> bool {
        true
    }

    async fn find_contact(
        &self,
        ctx: &Ctx<'_>,
        query: &ContactQuery<'_>,
    ) -> Result<Vec<FoundContact>> {
        contacts::find(self, ctx, query).await
    }

    async fn create_contact(&self, ctx: &Ctx<'_>, contact: &NewContact<'_>) -> Result<Contact> {
        contacts::create(self, ctx, contact).await
    }

    async fn create_message_log(
        &self,
        ctx: &Ctx<'_>,
        log: &NewMessageLog<'_>,
    ) -> Result<MessageLog> {
        message_logs::create(self, ctx, log).await
    }

    async fn get_message_log(&self, ctx: &Ctx<'_>, id: &LogId) -> Result<MessageLog> {
        message_logs::get(self, ctx, id).await
    }

    async fn update_message_log(
        &self,
        ctx: &Ctx<'_>,
        id: &LogId,
        body: &str,
    ) -> Result<MessageLog> {
        message_logs::update(self, ctx, id, body).await
    }

    async fn find_message_logs_by_mark(
        &self,
        ctx: &Ctx<'_>,
        contact: &Contact,
        mark: &Mark,
    ) -> Result<Vec<MessageLog>> {
        message_logs::find_by_mark(self, ctx, contact, mark).await
    }

    async fn create_call_log(&self, ctx: &Ctx<'_>, log: &NewCallLog<'_>) -> Result<CallLog> {
        call_logs::create(self, ctx, log).await
    }

    async fn get_call_log(&self, ctx: &Ctx<'_>, id: &LogId) -> Result<CallLog> {
        call_logs::get(self, ctx, id).await
    }

    async fn update_call_log(
        &self,
        ctx: &Ctx<'_>,
        id: &LogId,
        changes: &CallLogChanges<'_>,
    ) -> Result<CallLog> {
        call_logs::update(self, ctx, id, changes).await
    }

    async fn find_call_logs_by_mark(
        &self,
        ctx: &Ctx<'_>,
        contact: &Contact,
        mark: &Mark,
    ) -> Result<Vec<CallLog>> {
        call_logs::find_by_mark(self, ctx, contact, mark).await
    }

    async fn upsert_call_disposition(
        &self,
        ctx: &Ctx<'_>,
        log: &CallLog,
        dispositions: &Map<String, Value>,
    ) -> Result<()> {
        call_logs::upsert_disposition(self, ctx, log, dispositions).await
    }

    fn name_search(&self) -> Option<&dyn NameSearch> {
        Some(self)
    }

    fn user_list(&self) -> Option<&dyn UserList> {
        Some(self)
    }

    fn log_deletion(&self) -> Option<&dyn LogDeletion> {
        Some(self)
    }
}

#[async_trait]
impl NameSearch for ExampleCrm {
    async fn find_contacts_by_name(&self, ctx: &Ctx<'_>, name: &str) -> Result<Vec<FoundContact>> {
        contacts::find_by_name(self, ctx, name).await
    }
}

#[async_trait]
impl UserList for ExampleCrm {
    async fn list_users(&self, ctx: &Ctx<'_>) -> Result<Vec<CrmUser>> {
        users::list(self, ctx).await
    }
}

#[async_trait]
impl LogDeletion for ExampleCrm {
    async fn delete_message_log(&self, ctx: &Ctx<'_>, id: &LogId) -> Result<()> {
        activities::delete(self, ctx, id).await
    }

    async fn delete_call_log(&self, ctx: &Ctx<'_>, id: &LogId) -> Result<()> {
        activities::delete(self, ctx, id).await
    }
}
