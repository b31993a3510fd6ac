//! CRMs: the trait that one is reached through, and a folder for each.
//!
//! An adapter knows its CRM's addresses and JSON. It knows neither the table nor another adapter,
//! and keeps no state: what varies comes in a [`Ctx`]. Adding one touches its folder and one line
//! of [`registry`], which declares the adapters' modules.

mod auth;
mod error;
pub mod http;
pub mod manifest;
pub mod oauth;
mod people;
mod profile;
// By its path, so that the modules it declares are the files and folders beside it.
#[path = "registry.rs"]
pub mod registry;

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use daybook_core::cache::Cache;
use daybook_core::call::CallFields;
use daybook_core::contact::Contact;
use daybook_core::digest::Mark;
use daybook_core::ids::{LogId, TenantId};
use daybook_core::params::AuthHeader;
use daybook_core::time::{Clock, Deadline};
use daybook_core::user::User;
use serde_json::{Map, Value};

pub use auth::{
    ApiKey, AuthKind, Authorization, CheckUp, Grant, Lack, OAuth, RedirectPage, Removal, UserInfo,
};
pub use error::{AdapterError, Applied, Cause, Entity};
pub use manifest::PlatformManifest;
pub use people::{
    AccountData, Choice, ContactQuery, CrmUser, FoundContact, NameSearch, NewContact, UserList,
};
pub use profile::Profile;

/// What a call to a CRM gives.
pub type Result<T> = std::result::Result<T, AdapterError>;

/// What a call to a CRM is made with.
#[derive(Debug, Clone, Copy)]
pub struct Ctx<'a> {
    /// On whose behalf.
    pub user: &'a User,
    /// The value of the `Authorization` header.
    pub auth: &'a AuthHeader,
    /// The way out.
    pub http: &'a http::Http,
    /// What was told before and is believed still.
    pub cache: &'a dyn Cache,
    /// The source of the present time.
    pub clock: &'a dyn Clock,
    /// When the request that this call belongs to must have been answered.
    pub deadline: Deadline,
}

impl<'a> Ctx<'a> {
    /// The same with no more time than `most`, for several calls that stand for one.
    pub fn within(self, most: TimeDelta) -> Self {
        let now = self.clock.now();
        let left = TimeDelta::from_std(self.deadline.remaining(now)).unwrap_or(most);
        let deadline = Deadline::at(now + left.min(most));
        Self { deadline, ..self }
    }

    /// The way out alone, for a call that carries credentials of its own.
    pub fn outbound(&self) -> Outbound<'a> {
        Outbound {
            http: self.http,
            clock: self.clock,
            deadline: self.deadline,
        }
    }
}

/// The way out, without anybody's credentials.
#[derive(Debug, Clone, Copy)]
pub struct Outbound<'a> {
    /// The client.
    pub http: &'a http::Http,
    /// The source of the present time.
    pub clock: &'a dyn Clock,
    /// When the request that this call belongs to must have been answered.
    pub deadline: Deadline,
}

/// An activity to make for a digest.
#[derive(Clone, Copy)]
pub struct NewMessageLog<'a> {
    /// The contact that it stands under.
    pub contact: &'a Contact,
    /// Its one-line title.
    pub subject: &'a str,
    /// Its body, in the profile's format, with the mark in it.
    pub body: &'a str,
    /// The mark by which the activity can be found again.
    pub mark: &'a Mark,
    /// The time of its first message.
    pub started_at: DateTime<Utc>,
    /// What the user filled in on the form that the manifest describes.
    pub additional_submission: &'a Map<String, Value>,
}

impl Debug for NewMessageLog<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewMessageLog").finish_non_exhaustive()
    }
}

/// An activity as it stands in the CRM.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageLog {
    /// The CRM's id.
    pub id: LogId,
    /// Its body, as the CRM gives it back. After a write, empty where the CRM's answer does not
    /// carry all of it: then nobody notices a note that the CRM cuts.
    pub body: String,
}

impl Debug for MessageLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MessageLog")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// An activity to make for a phone call.
#[derive(Clone, Copy)]
pub struct NewCallLog<'a> {
    /// The contact that it stands under.
    pub contact: &'a Contact,
    /// Its one-line title.
    pub subject: &'a str,
    /// Its note, in the profile's format, with the mark in it.
    pub body: &'a str,
    /// The mark by which the activity can be found again.
    pub mark: &'a Mark,
    /// What is told of the call, for what the CRM has fields of its own for, such as its start and
    /// its duration.
    pub call: &'a CallFields,
    /// What the user filled in on the form that the manifest describes.
    pub additional_submission: &'a Map<String, Value>,
}

impl Debug for NewCallLog<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewCallLog").finish_non_exhaustive()
    }
}

/// What becomes another in the activity of a call. All else stays as it is.
#[derive(Clone, Copy)]
pub struct CallLogChanges<'a> {
    /// Its title.
    pub subject: Option<&'a str>,
    /// Its whole note, in the profile's format.
    pub body: Option<&'a str>,
    /// What was told of the call, for what the CRM has fields of its own for. What is `None` or
    /// pending there is unchanged.
    pub call: &'a CallFields,
    /// What the user filled in on the form that the manifest describes; what is missing or null
    /// there is unchanged.
    pub additional_submission: &'a Map<String, Value>,
}

impl Debug for CallLogChanges<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallLogChanges").finish_non_exhaustive()
    }
}

/// The activity of a call as it stands in the CRM.
#[derive(Clone, PartialEq)]
pub struct CallLog {
    /// The CRM's id.
    pub id: LogId,
    /// Its title.
    pub subject: String,
    /// Its note, as the CRM gives it back.
    pub body: String,
    /// When the call began, where the CRM has a field for that and it is filled in.
    pub started_at: Option<DateTime<Utc>>,
    /// How long it was, likewise.
    pub duration: Option<Duration>,
    /// The name of the contact that it stands under, where the CRM tells it with the activity.
    pub contact_name: Option<String>,
    /// What an agent chose for it, by the field's name in the manifest.
    pub dispositions: Map<String, Value>,
    /// All that the CRM told of it.
    pub response: Value,
}

impl Debug for CallLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallLog")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// One CRM.
///
/// A required interface has no default body, so that one which is forgotten does not compile.
#[async_trait]
pub trait CrmAdapter: Send + Sync + Debug {
    /// How this CRM differs by degree.
    fn profile(&self) -> &'static Profile;

    /// How users sign in.
    fn auth(&self) -> AuthKind<'_>;

    /// What the extension has to know of this CRM before anybody signs in.
    fn manifest(&self) -> PlatformManifest;

    /// The user whose credentials `ctx` carries. Of `ctx.user` only the host is known.
    ///
    /// # Errors
    /// [`AdapterError::Unauthorized`] where the CRM does not accept the credentials.
    async fn get_user_info(&self, ctx: &Ctx<'_>) -> Result<UserInfo>;

    /// The company whose CRM the user works in: the CRM's own id of it, else its host.
    fn tenant(&self, user: &User) -> TenantId;

    /// Whether a user's CRM may be at `host`. Credentials are never sent to another.
    fn is_host(&self, host: &str) -> bool;

    /// The contacts with a phone number, however the CRM writes it.
    ///
    /// # Shape
    /// Empty where there is none.
    ///
    /// # Errors
    /// [`AdapterError`], never [`AdapterError::NotFound`].
    async fn find_contact(
        &self,
        ctx: &Ctx<'_>,
        query: &ContactQuery<'_>,
    ) -> Result<Vec<FoundContact>>;

    /// Makes a contact, with one write.
    ///
    /// # Errors
    /// [`AdapterError::Unavailable`] with [`Applied::Unknown`] where it may have been made.
    async fn create_contact(&self, ctx: &Ctx<'_>, contact: &NewContact<'_>) -> Result<Contact>;

    /// Makes an activity, with one write.
    ///
    /// # Errors
    /// [`AdapterError::Unavailable`] with [`Applied::Unknown`] where it may have been made.
    async fn create_message_log(
        &self,
        ctx: &Ctx<'_>,
        log: &NewMessageLog<'_>,
    ) -> Result<MessageLog>;

    /// Reads an activity.
    ///
    /// # Errors
    /// [`AdapterError::NotFound`] where it is gone.
    async fn get_message_log(&self, ctx: &Ctx<'_>, id: &LogId) -> Result<MessageLog>;

    /// Replaces an activity's body, with one write, and leaves all else as it is.
    ///
    /// # Errors
    /// As [`create_message_log`](Self::create_message_log), and [`AdapterError::NotFound`].
    async fn update_message_log(&self, ctx: &Ctx<'_>, id: &LogId, body: &str)
    -> Result<MessageLog>;

    /// The contact's activities that carry `mark`, oldest first.
    ///
    /// # Shape
    /// Empty where there is none, or where the CRM does not show a new one yet.
    ///
    /// # Errors
    /// [`AdapterError`], never [`AdapterError::NotFound`].
    async fn find_message_logs_by_mark(
        &self,
        ctx: &Ctx<'_>,
        contact: &Contact,
        mark: &Mark,
    ) -> Result<Vec<MessageLog>>;

    /// Makes the activity of a call, with one write.
    ///
    /// # Errors
    /// [`AdapterError::Unavailable`] with [`Applied::Unknown`] where it may have been made.
    async fn create_call_log(&self, ctx: &Ctx<'_>, log: &NewCallLog<'_>) -> Result<CallLog>;

    /// Reads the activity of a call.
    ///
    /// # Errors
    /// [`AdapterError::NotFound`] where it is gone.
    async fn get_call_log(&self, ctx: &Ctx<'_>, id: &LogId) -> Result<CallLog>;

    /// Changes the activity of a call, with one write, and leaves all else as it is.
    ///
    /// # Errors
    /// As [`create_call_log`](Self::create_call_log), and [`AdapterError::NotFound`].
    async fn update_call_log(
        &self,
        ctx: &Ctx<'_>,
        id: &LogId,
        changes: &CallLogChanges<'_>,
    ) -> Result<CallLog>;

    /// The contact's activities of calls that carry `mark`, oldest first.
    ///
    /// # Shape
    /// Empty where there is none, or where the CRM does not show a new one yet.
    ///
    /// # Errors
    /// [`AdapterError`], never [`AdapterError::NotFound`].
    async fn find_call_logs_by_mark(
        &self,
        ctx: &Ctx<'_>,
        contact: &Contact,
        mark: &Mark,
    ) -> Result<Vec<CallLog>>;

    /// Sets what an agent chose for a call, with one write. `log` is its activity as it was just
    /// read; what was chosen for other fields stays.
    ///
    /// # Errors
    /// As [`update_call_log`](Self::update_call_log).
    async fn upsert_call_disposition(
        &self,
        ctx: &Ctx<'_>,
        log: &CallLog,
        dispositions: &Map<String, Value>,
    ) -> Result<()>;

    /// How contacts are found by name, in a CRM where that is possible.
    fn name_search(&self) -> Option<&dyn NameSearch> {
        None
    }

    /// How the CRM's users are listed, where that is possible.
    fn user_list(&self) -> Option<&dyn UserList> {
        None
    }

    /// The lists that companies have in this CRM, where there are any.
    fn account_data(&self) -> Option<&dyn AccountData> {
        None
    }

    /// What is looked at when somebody has signed in, where a CRM may lack something.
    fn check_up(&self) -> Option<&dyn CheckUp> {
        None
    }

    /// The page of ours at which a sign-in begins and ends, where App Connect has one.
    fn redirect_page(&self) -> Option<&dyn RedirectPage> {
        None
    }

    /// How a log is deleted, in a CRM where that is possible.
    fn log_deletion(&self) -> Option<&dyn LogDeletion> {
        None
    }
}

/// Deleting logs, for a CRM in which that is possible.
#[async_trait]
pub trait LogDeletion: Send + Sync {
    /// Deletes an activity. One that is gone already is deleted.
    ///
    /// # Errors
    /// [`AdapterError`], never [`AdapterError::NotFound`].
    async fn delete_message_log(&self, ctx: &Ctx<'_>, id: &LogId) -> Result<()>;

    /// Deletes the activity of a call. One that is gone already is deleted.
    ///
    /// # Errors
    /// [`AdapterError`], never [`AdapterError::NotFound`].
    async fn delete_call_log(&self, ctx: &Ctx<'_>, id: &LogId) -> Result<()>;
}
