//! Replies about contacts, users and lists of a CRM.

use std::collections::BTreeMap;

use daybook_adapters::{Choice, CrmUser, FoundContact};
use daybook_core::contact::Contact;
use daybook_core::error::RequestError;
use daybook_core::ids::ContactId;
use daybook_core::phone::PhoneNumber;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::client_contacts::ClientContacts;
use super::{MessageType, Reply};

/// What a question about people or lists was answered with, by its name in the envelope.
#[derive(Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Found {
    /// Contacts; empty where there is none.
    MatchedContactInfo(Vec<Match>),
    /// The contact that was made.
    ContactInfo(NewMatch),
    /// Either, as the extension reads it.
    Contact(ClientContacts),
    /// The users of the CRM.
    UserList(Vec<CrmUser>),
    /// Lists by their names.
    Data(Map<String, Value>),
}

impl Eq for Found {}

/// One contact that was found.
#[derive(Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Match {
    /// The CRM's id.
    pub id: ContactId,
    /// The name to show.
    pub name: String,
    /// The CRM's type of contact.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<PhoneNumber>,
    /// What a log can be linked with, by the field's name in the manifest; null where there is
    /// nothing.
    pub additional_info: Option<BTreeMap<&'static str, Vec<Choice>>>,
    /// Whether it is no contact but the offer to make one: never here.
    pub is_new_contact: bool,
}

/// A contact that was made.
#[derive(Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NewMatch {
    /// The CRM's id.
    pub id: ContactId,
    /// The name to show.
    pub name: String,
    /// The CRM's type of contact.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

impl From<FoundContact> for Match {
    fn from(found: FoundContact) -> Self {
        let FoundContact {
            contact, choices, ..
        } = found;
        Self {
            name: contact.display_name().to_owned(),
            id: contact.id,
            kind: contact.kind,
            phone: contact.phone,
            additional_info: Some(choices).filter(|choices| !choices.is_empty()),
            is_new_contact: false,
        }
    }
}

impl Reply {
    /// The contacts of a search. App Connect takes `successful` for whether there are any.
    pub fn of_contacts(found: Vec<FoundContact>) -> Self {
        let words = match found.len() {
            0 => "No contact found.".to_owned(),
            1 => "Found 1 contact".to_owned(),
            count => format!("Found {count} contacts"),
        };
        let reply = match found.is_empty() {
            true => Self::failure(200, "no_contact", MessageType::Warning, words),
            false => Self::success("contacts", words),
        };
        let matches = found.into_iter().map(Match::from).collect();
        reply.telling(Found::MatchedContactInfo(matches))
    }

    /// A number within an account, with which no CRM knows anybody.
    pub fn of_extension() -> Self {
        let words = "Extensions are not looked up: a contact is found by a whole phone number.";
        let reply = Self::failure(200, "extension", MessageType::Warning, words);
        reply.telling(Found::MatchedContactInfo(Vec::new()))
    }

    /// A contact that was made.
    pub fn of_new_contact(contact: Contact) -> Self {
        Self::success("contact_made", "Contact created").telling(Found::ContactInfo(NewMatch {
            name: contact.display_name().to_owned(),
            id: contact.id,
            kind: contact.kind,
        }))
    }

    /// A contact that may have been made, since the CRM did not answer.
    pub fn perhaps_a_contact(crm: &str) -> Self {
        let words = format!(
            "{crm} did not answer. The contact may have been created: \
             look for it before you create it again."
        );
        Self::failure(200, "unknown", MessageType::Error, words)
    }

    /// The users of a CRM.
    pub fn of_users(users: Vec<CrmUser>) -> Self {
        let words = format!("Found {} users", users.len());
        Self::success("users", words).telling(Found::UserList(users))
    }

    /// Lists that a company has in its CRM.
    pub fn of_account_data(data: Map<String, Value>) -> Self {
        Self::success("account_data", "Account data loaded").telling(Found::Data(data))
    }

    /// A list that this CRM does not have. `known` are those that it has.
    pub fn no_such_data(known: &[&str]) -> Self {
        let problem = match known.is_empty() {
            true => "names a list, and this CRM has none".to_owned(),
            false => format!("names another list than {}", known.join(", ")),
        };
        Self::from(&RequestError::field("keys", problem))
    }

    /// An interface that the CRM has nothing for.
    pub fn unsupported(crm: &str) -> Self {
        let words = format!("{crm} does not offer this.");
        Self::failure(200, "unsupported", MessageType::Warning, words)
    }

    pub(super) fn telling(mut self, found: Found) -> Self {
        if let Some(envelope) = self.envelope() {
            envelope.found = Some(found);
        }
        self
    }
}
