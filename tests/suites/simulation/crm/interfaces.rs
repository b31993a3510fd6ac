//! What an adapter must offer, over a worker's way to the CRM.

use async_trait::async_trait;
use daybook_adapters::{
    AdapterError, ApiKey, AuthKind, CallLog, CallLogChanges, Cause, ContactQuery, CrmAdapter, Ctx,
    FoundContact, LogDeletion, MessageLog, NewCallLog, NewContact, NewMessageLog, PlatformManifest,
    Profile, Result, UserInfo,
};
use daybook_core::contact::Contact;
use daybook_core::digest::Mark;
use daybook_core::ids::{LogId, TenantId};
use daybook_core::params::AuthHeader;
use daybook_core::user::User;
use secrecy::SecretString;
use serde_json::{Map, Value};

use super::Door;
use super::adapter::About;
use super::apply::Write;

/// The schedules are of digests: this CRM holds no calls.
const NO_CALLS: AdapterError = AdapterError::Rejected { status: 501 };

fn number(id: &LogId) -> usize {
    id.as_str().parse().unwrap_or(usize::MAX)
}

impl ApiKey for Door {
    fn auth_header(&self, key: &SecretString) -> AuthHeader {
        key.clone()
    }

    fn help(&self) -> &'static str {
        "There are no keys."
    }
}

#[async_trait]
impl CrmAdapter for Door {
    fn profile(&self) -> &'static Profile {
        self.crm.profile
    }

    fn auth(&self) -> AuthKind<'_> {
        AuthKind::ApiKey(self)
    }

    fn manifest(&self) -> PlatformManifest {
        PlatformManifest::new("crm.example", "https://crm.example/{contactId}")
    }

    async fn get_user_info(&self, _: &Ctx<'_>) -> Result<UserInfo> {
        Ok(UserInfo {
            id: "1".to_owned(),
            name: None,
            hostname: None,
            zone: None,
            company: None,
        })
    }

    fn tenant(&self, _: &User) -> TenantId {
        TenantId::parse("tenant").expect("it is not blank")
    }

    fn is_host(&self, _: &str) -> bool {
        true
    }

    async fn find_contact(&self, _: &Ctx<'_>, _: &ContactQuery<'_>) -> Result<Vec<FoundContact>> {
        Err(AdapterError::Forbidden)
    }

    async fn create_contact(&self, _: &Ctx<'_>, _: &NewContact<'_>) -> Result<Contact> {
        Err(AdapterError::Forbidden)
    }

    async fn create_message_log(
        &self,
        ctx: &Ctx<'_>,
        log: &NewMessageLog<'_>,
    ) -> Result<MessageLog> {
        self.count(|calls| calls.creates += 1);
        let write = Write::Create {
            contact: log.contact.id.as_str().to_owned(),
            subject: log.subject.to_owned(),
            body: log.body.to_owned(),
        };
        let made = self.write(ctx, "crm.create", write).await?;
        made.ok_or_else(|| AdapterError::unknown(Cause::Unreadable))
    }

    async fn get_message_log(&self, ctx: &Ctx<'_>, id: &LogId) -> Result<MessageLog> {
        self.count(|calls| calls.gets += 1);
        let id = number(id);
        let about = About::read("crm.get", self.crm.contact_of(id));
        self.read(ctx, about, |crm, worker| crm.show(id, worker))
            .await
    }

    async fn update_message_log(
        &self,
        ctx: &Ctx<'_>,
        id: &LogId,
        body: &str,
    ) -> Result<MessageLog> {
        self.count(|calls| calls.updates += 1);
        let id = number(id);
        let base = self
            .crm
            .state()
            .reads
            .get(&(self.worker.number, id))
            .copied();
        let body = body.to_owned();
        let written = self
            .write(ctx, "crm.update", Write::Update { id, body, base })
            .await?;
        written.ok_or_else(|| AdapterError::unknown(Cause::Unreadable))
    }

    async fn find_message_logs_by_mark(
        &self,
        ctx: &Ctx<'_>,
        contact: &Contact,
        mark: &Mark,
    ) -> Result<Vec<MessageLog>> {
        self.count(|calls| calls.finds += 1);
        let about = About::read("crm.find", contact.id.as_str().to_owned());
        self.read(
            ctx,
            about,
            |crm, worker| Ok(crm.find(contact, mark, worker)),
        )
        .await
    }

    async fn create_call_log(&self, _: &Ctx<'_>, _: &NewCallLog<'_>) -> Result<CallLog> {
        Err(NO_CALLS)
    }

    async fn get_call_log(&self, _: &Ctx<'_>, _: &LogId) -> Result<CallLog> {
        Err(NO_CALLS)
    }

    async fn update_call_log(
        &self,
        _: &Ctx<'_>,
        _: &LogId,
        _: &CallLogChanges<'_>,
    ) -> Result<CallLog> {
        Err(NO_CALLS)
    }

    async fn find_call_logs_by_mark(
        &self,
        _: &Ctx<'_>,
        _: &Contact,
        _: &Mark,
    ) -> Result<Vec<CallLog>> {
        Err(NO_CALLS)
    }

    async fn upsert_call_disposition(
        &self,
        _: &Ctx<'_>,
        _: &CallLog,
        _: &Map<String, Value>,
    ) -> Result<()> {
        Err(NO_CALLS)
    }

    fn log_deletion(&self) -> Option<&dyn LogDeletion> {
        self.crm.kind.deletes.then_some(self as &dyn LogDeletion)
    }
}

#[async_trait]
impl LogDeletion for Door {
    async fn delete_message_log(&self, ctx: &Ctx<'_>, id: &LogId) -> Result<()> {
        self.count(|calls| calls.deletes += 1);
        self.write(ctx, "crm.delete", Write::Delete { id: number(id) })
            .await
            .map(drop)
    }

    async fn delete_call_log(&self, _: &Ctx<'_>, _: &LogId) -> Result<()> {
        Err(NO_CALLS)
    }
}
