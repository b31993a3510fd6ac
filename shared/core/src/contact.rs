//! The CRM's contact that a conversation is with.

use serde::{Deserialize, Serialize};

use crate::ids::ContactId;
use crate::phone::PhoneNumber;

/// A contact, as App Connect's `contactInfo` describes it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The CRM's id of the contact.
    pub id: ContactId,
    /// The number under which it is talked to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<PhoneNumber>,
    /// The CRM's type of contact, such as `Contact` or `Lead`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The name to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Contact {
    /// The name to show: the contact's own, else its number, else words that say there is none.
    pub fn display_name(&self) -> &str {
        self.name
            .as_deref()
            .or(self.phone.as_ref().map(PhoneNumber::as_str))
            .unwrap_or("Unknown contact")
    }
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contact")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
