//! Whom a CRM knows: contacts, and its own users.

use std::collections::BTreeMap;

use async_trait::async_trait;
use daybook_core::contact::Contact;
use daybook_core::phone::PhoneNumber;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Ctx, Result};

/// Which contacts are looked for.
#[derive(Clone, Copy)]
pub struct ContactQuery<'a> {
    /// The number.
    pub phone: &'a PhoneNumber,
    /// How the user writes numbers in the CRM, with a `*` for each digit behind the country's
    /// code. They matter where the CRM compares numbers as they are written.
    pub formats: &'a [String],
}

/// A contact to make.
#[derive(Clone, Copy)]
pub struct NewContact<'a> {
    /// The name, on one line.
    pub name: &'a str,
    /// The number.
    pub phone: &'a PhoneNumber,
    /// The CRM's type of contact, where the user chose one.
    pub kind: Option<&'a str>,
    /// What the user filled in on the form that the manifest describes.
    pub additional_submission: &'a Map<String, Value>,
}

/// A contact that was found.
#[derive(Clone, PartialEq, Eq)]
pub struct FoundContact {
    /// The contact.
    pub contact: Contact,
    /// What a log for it can be linked with, by the field's name in the manifest, such as `deals`.
    /// A field without anything to choose is absent.
    pub choices: BTreeMap<&'static str, Vec<Choice>>,
    /// Whether all of these could be read: what failed for the moment is not told again later.
    pub is_whole: bool,
}

/// One thing to choose in a field.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Choice {
    /// What is sent back when it is chosen.
    #[serde(rename = "const")]
    pub id: String,
    /// What is shown.
    pub title: String,
}

/// A user of the CRM.
#[derive(Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CrmUser {
    /// The CRM's id of the user, without the platform.
    pub id: String,
    /// The name.
    pub name: String,
    /// The address by which a RingCentral user is told, where the CRM shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// Looking for contacts by name, for a CRM in which that is possible.
#[async_trait]
pub trait NameSearch: Send + Sync {
    /// The contacts with `name`, or a part of it, in their names.
    ///
    /// # Shape
    /// Empty where there is none. One page of the CRM's at the most.
    ///
    /// # Errors
    /// [`AdapterError`](crate::AdapterError), never `NotFound`.
    async fn find_contacts_by_name(&self, ctx: &Ctx<'_>, name: &str) -> Result<Vec<FoundContact>>;
}

/// Listing the users of the CRM.
#[async_trait]
pub trait UserList: Send + Sync {
    /// Everybody in the company who can sign in.
    ///
    /// # Errors
    /// [`AdapterError`](crate::AdapterError), never `NotFound`.
    async fn list_users(&self, ctx: &Ctx<'_>) -> Result<Vec<CrmUser>>;
}

/// Lists that a company has in its CRM, such as its types of activity.
#[async_trait]
pub trait AccountData: Send + Sync {
    /// The names of the lists.
    fn keys(&self) -> &'static [&'static str];

    /// The list of one of these names. With `refresh` the CRM is asked though it is remembered.
    ///
    /// # Errors
    /// [`AdapterError`](crate::AdapterError), never `NotFound`.
    async fn account_data(&self, ctx: &Ctx<'_>, key: &str, refresh: bool) -> Result<Value>;
}

// Numbers and names.
daybook_core::conceal!(FoundContact, Choice, CrmUser);

impl std::fmt::Debug for ContactQuery<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ContactQuery").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for NewContact<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewContact").finish_non_exhaustive()
    }
}
