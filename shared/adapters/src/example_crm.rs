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

use crate::{CrmAdapter, Ctx, MessageLog, NewMessageLog, Profile, Result};

/// What the Example CRM is like.
pub const PROFILE: Profile = Profile {
    id: "exampleCRM",
    display_name: "Example CRM",
    log_format: Format::Html,
    max_note_bytes: Some(100_000),
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
/// [`ConfigError`] where it is not set or not an http or https address.
pub fn from_vars(vars: &Vars<'_>) -> std::result::Result<Arc<dyn CrmAdapter>, ConfigError> {
    const VARIABLE: &str = "EXAMPLE_CRM_URL";
    let base = Url::parse(vars.required(VARIABLE)?.trim().trim_end_matches('/'))
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.query().is_none())
        .ok_or_else(|| ConfigError::new(VARIABLE, "is not an http or https address"))?;
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
}
