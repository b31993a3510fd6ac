//! The Example CRM that comes with Daybook, reached by API key.
//!
//! `message_logs` holds the interfaces, `wire` the CRM's JSON.

mod message_logs;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use daybook_core::config::{ConfigError, Vars};
use daybook_core::contact::Contact;
use daybook_core::digest::{Format, Mark};
use daybook_core::ids::{LogId, TenantId};
use daybook_core::user::User;
use url::Url;

use crate::{AuthKind, UserInfo, CrmAdapter, Ctx, LogDeletion, MessageLog, NewMessageLog, Profile, Result};

/// What the Example CRM is like.
pub const PROFILE: Profile = Profile {
    id: "exampleCRM",
    display_name: "Example CRM",
    log_format: Format::Html,
    max_note_bytes: Some(100_000),
    // It answers after the write is in its file and finds by reading what is there.
    late_apply_secs: 60,
    search_lag_secs: 0,
};

/// The adapter.
#[derive(Debug)]
pub struct ExampleCrm {
    base: Url,
}

/// Builds the adapter from `EXAMPLE_CRM_URL`, the address of the CRM's API without a slash at
/// its end, such as `http://127.0.0.1:6066/crm/api`.
///
/// # Errors
/// [`ConfigError`] where it is not set, not an http or https address, or holds credentials.
pub fn from_vars(vars: &Vars<'_>) -> std::result::Result<Arc<dyn CrmAdapter>, ConfigError> {
    const VARIABLE: &str = "EXAMPLE_CRM_URL";
    let base = Url::parse(vars.required(VARIABLE)?.trim().trim_end_matches('/'))
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .filter(|url| url.query().is_none() && url.fragment().is_none())
        .ok_or_else(|| ConfigError::new(VARIABLE, "is not an http or https address"))?;
    if !base.username().is_empty() || base.password().is_some() {
        let problem = "holds a user or a password; credentials come with each request";
        return Err(ConfigError::new(VARIABLE, problem));
    }
    Ok(Arc::new(ExampleCrm { base }))
}

impl ExampleCrm {
    /// The address of `segments` below the API's own.
    fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.extend(segments);
        }
        url
    }
}

#[async_trait]
impl CrmAdapter for ExampleCrm {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn auth(&self) -> AuthKind<'_> {
        todo!()
    }

    async fn get_user_info(&self, _ctx: &Ctx<'_>) -> Result<UserInfo> {
        todo!()
    }

    /// A deployment knows one Example CRM, with one company in it. The port is no part of its
    /// name, so that a CRM which moves to another one keeps its digests.
    fn tenant(&self, _user: &User) -> TenantId {
        let host = self.base.host_str().unwrap_or_default();
        TenantId::parse(host).expect("an http address has a host")
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

    fn log_deletion(&self) -> Option<&dyn LogDeletion> {
        Some(self)
    }
}

#[async_trait]
impl LogDeletion for ExampleCrm {
    async fn delete_message_log(&self, ctx: &Ctx<'_>, id: &LogId) -> Result<()> {
        message_logs::delete(self, ctx, id).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_holds_credentials_is_refused_and_not_repeated() {
        for url in [
            "http://rep:secret@crm.example/api",
            "http://secret@crm.example/api",
        ] {
            let find = |_: &str| Some(url.to_owned());
            let error = from_vars(&Vars::new(&find)).expect_err("refused");
            assert_eq!(error.variable, "EXAMPLE_CRM_URL");
            assert!(!format!("{error:?} {error}").contains("secret"), "{error}");
        }
    }
}
