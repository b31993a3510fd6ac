//! Pipedrive, reached with OAuth.
//!
//! `config` reads the variables, `hosts` says where credentials may be sent, `client` sends and
//! knows the limits, `users` has the sign-in, `contacts` persons with their deals and leads,
//! `activity_types` and `persons` what is remembered of a company, `message_logs` and `call_logs`
//! the logs, `activities` what both need, `manifest` what the extension has to know, and `wire`
//! Pipedrive's JSON.

mod activities;
mod activity_types;
mod call_logs;
mod client;
mod config;
mod contacts;
mod hosts;
mod manifest;
mod message_logs;
mod page;
mod persons;
mod users;
mod wire;

use async_trait::async_trait;
use daybook_core::contact::Contact;
use daybook_core::digest::{Format, Mark};
use daybook_core::ids::{LogId, TenantId};
use daybook_core::user::User;
use serde_json::{Map, Value};
use url::Url;

use self::activity_types::TypeNames;
use self::users::Registration;
use super::Build;
use crate::{
    AccountData, AuthKind, CallLog, CallLogChanges, CheckUp, ContactQuery, CrmAdapter, CrmUser,
    Ctx, FoundContact, Lack, LogDeletion, MessageLog, NameSearch, NewCallLog, NewContact,
    NewMessageLog, PlatformManifest, Profile, RedirectPage, Result, UserInfo, UserList,
};

/// What Pipedrive is like.
pub const PROFILE: Profile = Profile {
    id: "pipedrive",
    display_name: "Pipedrive",
    log_format: Format::Html,
    // 100 KB since 2025-09-21, by the changelog of 2025-07-21 (read 2026-11-20).
    max_note_bytes: Some(102_400),
    // Nothing is documented: a minute for a late write, and some seconds for a list.
    late_apply_secs: 60,
    search_lag_secs: 10,
    whole_minutes: true,
    own_hosts: true,
};

/// The platform of Pipedrive.
pub const ADAPTERS: &[(&str, Build)] = &[(PROFILE.id, config::build)];

/// The adapter.
#[derive(Debug)]
struct Pipedrive {
    registration: Registration,
    /// In place of every company's own address, where it is set.
    api: Option<Url>,
    type_names: TypeNames,
}

#[async_trait]
impl CrmAdapter for Pipedrive {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn auth(&self) -> AuthKind<'_> {
        AuthKind::OAuth(&self.registration)
    }

    fn manifest(&self) -> PlatformManifest {
        manifest::manifest()
    }

    async fn get_user_info(&self, ctx: &Ctx<'_>) -> Result<UserInfo> {
        users::get_info(self, ctx).await
    }

    fn tenant(&self, user: &User) -> TenantId {
        hosts::tenant(self, user)
    }

    fn is_host(&self, host: &str) -> bool {
        hosts::is_ours(self.api.as_ref(), host)
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

    fn account_data(&self) -> Option<&dyn AccountData> {
        Some(self)
    }

    fn check_up(&self) -> Option<&dyn CheckUp> {
        Some(self)
    }

    fn redirect_page(&self) -> Option<&dyn RedirectPage> {
        Some(&self.registration)
    }

    fn log_deletion(&self) -> Option<&dyn LogDeletion> {
        Some(self)
    }
}

#[async_trait]
impl NameSearch for Pipedrive {
    async fn find_contacts_by_name(&self, ctx: &Ctx<'_>, name: &str) -> Result<Vec<FoundContact>> {
        contacts::find_by_name(self, ctx, name).await
    }
}

#[async_trait]
impl UserList for Pipedrive {
    async fn list_users(&self, ctx: &Ctx<'_>) -> Result<Vec<CrmUser>> {
        users::list(self, ctx).await
    }
}

#[async_trait]
impl AccountData for Pipedrive {
    fn keys(&self) -> &'static [&'static str] {
        &[activity_types::KEY]
    }

    async fn account_data(&self, ctx: &Ctx<'_>, _key: &str, refresh: bool) -> Result<Value> {
        activity_types::list(self, ctx, refresh).await
    }
}

#[async_trait]
impl CheckUp for Pipedrive {
    async fn lacks(&self, ctx: &Ctx<'_>) -> Result<Vec<Lack>> {
        activity_types::lacks(self, ctx).await
    }
}

#[async_trait]
impl LogDeletion for Pipedrive {
    async fn delete_message_log(&self, ctx: &Ctx<'_>, id: &LogId) -> Result<()> {
        activities::delete(self, ctx, id).await
    }

    async fn delete_call_log(&self, ctx: &Ctx<'_>, id: &LogId) -> Result<()> {
        activities::delete(self, ctx, id).await
    }
}

#[cfg(test)]
mod tests;
