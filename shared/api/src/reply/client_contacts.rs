//! Replies about contacts in the form that the extension reads. `contact` is in every reply with
//! status 200, since the extension looks into it without asking whether it is there.

use std::collections::BTreeMap;

use daybook_adapters::{Choice, FoundContact};
use daybook_core::contact::Contact;
use daybook_core::ids::ContactId;
use daybook_core::phone::PhoneNumber;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::contacts::Found;
use super::{MessageType, Reply, ReplyBody};

/// The id of the offer to make a contact, and its words.
///
/// # Source
/// The server of App Connect, 1.7.42 (read 2026-11-21).
const OFFER: (&str, &str) = ("createNewContact", "Create new contact...");

/// `contact`: a list, or the one that was made.
#[derive(Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ClientContacts {
    /// Those that were found.
    List(Vec<ClientContact>),
    /// The one that was made.
    One(ClientContact),
}

/// A contact as the extension reads one. What there is not is absent: null breaks its forms.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientContact {
    /// The CRM's id.
    pub id: ContactId,
    /// The name to show.
    pub name: String,
    /// The CRM's type of contact.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<PhoneNumber>,
    /// What a log can be linked with, by the field's name in the manifest.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub additional_info: BTreeMap<String, Vec<Choice>>,
    /// Whether it is no contact but the offer to make one.
    pub is_new_contact: bool,
}

impl From<Contact> for ClientContact {
    fn from(contact: Contact) -> Self {
        Self {
            name: contact.display_name().to_owned(),
            id: contact.id,
            kind: contact.kind,
            phone: contact.phone,
            additional_info: BTreeMap::new(),
            is_new_contact: false,
        }
    }
}

impl From<FoundContact> for ClientContact {
    fn from(found: FoundContact) -> Self {
        let choices = found.choices.into_iter();
        Self {
            additional_info: choices
                .map(|(name, list)| (name.to_owned(), list))
                .collect(),
            ..Self::from(found.contact)
        }
    }
}

impl ClientContact {
    /// The offer to make a contact.
    fn offer() -> Self {
        let (id, name) = OFFER;
        Self {
            id: ContactId::parse(id).expect("it is not blank"),
            name: name.to_owned(),
            kind: None,
            phone: None,
            additional_info: BTreeMap::new(),
            is_new_contact: true,
        }
    }
}

impl Reply {
    /// The contacts with a number, and the offer to make one. Nobody is no failure: the extension
    /// opens its form, which has the offer, after a success only.
    pub fn of_matches(mut found: Vec<ClientContact>) -> Self {
        let reply = Self::of_count(found.len());
        found.push(ClientContact::offer());
        reply.with_contacts(ClientContacts::List(found))
    }

    /// The contacts with a name.
    pub fn of_names(found: Vec<ClientContact>) -> Self {
        Self::of_count(found.len()).with_contacts(ClientContacts::List(found))
    }

    fn of_count(count: usize) -> Self {
        let words = match count {
            0 => "No contact found.".to_owned(),
            1 => "Found 1 contact".to_owned(),
            count => format!("Found {count} contacts"),
        };
        let mut reply = Self::success("contacts", words);
        if let Some(envelope) = reply.envelope().filter(|_| count == 0) {
            envelope.return_message.message_type = MessageType::Warning;
            envelope.return_message.ttl = super::LONG_MS;
        }
        reply
    }

    /// A contact that was made: now, or a moment ago, where the extension asks twice.
    pub fn of_made(contact: ClientContact) -> Self {
        Self::success("contact_made", "Contact created").with_contacts(ClientContacts::One(contact))
    }

    /// A contact to make whose name is missing or too long.
    pub fn contact_without_name() -> Self {
        let words = "Give the new contact a name, or a shorter one.";
        Self::failure(400, "bad_request", MessageType::Warning, words)
    }

    /// A contact that another request is making, or may have made.
    pub fn contact_in_the_making(crm: &str) -> Self {
        let words = format!(
            "This contact is being created, or may have been: look for it in {crm} before you \
             create it again."
        );
        Self::failure(200, "in_the_making", MessageType::Warning, words)
    }

    /// A failed search: it tells no contact.
    pub fn without_contacts(self) -> Self {
        match self.status {
            200 => self.with_contacts(ClientContacts::List(Vec::new())),
            _ => self,
        }
    }

    /// A failure of what a user is waiting for, where the extension shows nothing but the bare text
    /// of a refusal.
    pub fn said_plainly(self) -> Self {
        match self.body {
            ReplyBody::Envelope(_) => Self {
                status: 400,
                ..self.in_bare_words()
            },
            ReplyBody::Json(_)
            | ReplyBody::Text(_)
            | ReplyBody::Page(_)
            | ReplyBody::Document(_)
            | ReplyBody::Moved(_) => self,
        }
    }

    /// What nobody could be answered, in the form in which the extension shows a refusal.
    pub fn for_the_extension(self) -> Self {
        match self.status {
            413 | 414 | 500 => self.in_bare_words(),
            _ => self,
        }
    }

    /// The words of an envelope alone.
    fn in_bare_words(mut self) -> Self {
        if let Some(envelope) = self.envelope() {
            let words = std::mem::take(&mut envelope.return_message.message);
            self.body = ReplyBody::Text(words.into_boxed_str());
        }
        self
    }

    fn with_contacts(self, contacts: ClientContacts) -> Self {
        self.telling(Found::Contact(contacts))
    }
}

// Names and numbers.
daybook_core::conceal!(ClientContact, ClientContacts);
