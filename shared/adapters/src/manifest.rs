//! What the extension has to know of a CRM before anybody signs in: where its pages are, and what
//! the extension's forms ask for. Everything else in the manifest follows from the rest of the
//! trait.

/// The page of the extension to which a CRM sends a browser with a code.
///
/// # Source
/// The extension of App Connect, 1.6.6: it waits for this address alone (read 2026-11-21).
pub const EXTENSION_PAGE: &str =
    "https://ringcentral.github.io/ringcentral-embeddable/redirect.html";

/// What an adapter declares of its CRM.
///
/// Addresses may hold `{hostname}`, `{contactId}`, `{contactType}` and, for a log, `{logId}`: the
/// extension fills them in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformManifest {
    /// By what the address of a browser's tab is known to show this CRM: a part of it, whose first
    /// `*` stands for anything.
    pub url_identifier: String,
    /// On which pages the extension offers to dial numbers, as patterns of a browser.
    pub embed_urls: Vec<String>,
    /// The colour of the CRM's badge, as `#rrggbb`.
    pub colour: &'static str,
    /// The page of a contact.
    pub contact_page: String,
    /// The page of a log, in a CRM that has one.
    pub log_page: Option<String>,
    /// The kinds of contact that can be made; the first is offered first.
    pub contact_types: Vec<ContactType>,
    /// What the form of a call asks for besides.
    pub call_fields: Vec<Field>,
    /// What the form of a text asks for besides.
    pub message_fields: Vec<Field>,
    /// What the form of a new contact asks for besides.
    pub contact_fields: Vec<Field>,
}

impl PlatformManifest {
    /// A CRM of which nothing but its pages and the page of a contact is known.
    pub fn new(url_identifier: impl Into<String>, contact_page: impl Into<String>) -> Self {
        Self {
            url_identifier: url_identifier.into(),
            embed_urls: Vec::new(),
            colour: "#5a6472",
            contact_page: contact_page.into(),
            log_page: None,
            contact_types: Vec::new(),
            call_fields: Vec::new(),
            message_fields: Vec::new(),
            contact_fields: Vec::new(),
        }
    }
}

/// A kind of contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContactType {
    /// The CRM's own word for it, as `newContactType` brings it.
    pub value: &'static str,
    /// The words to show.
    pub title: &'static str,
}

/// A field of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name in `additionalSubmission`.
    pub name: &'static str,
    /// The words to show.
    pub title: &'static str,
    /// What it takes.
    pub kind: FieldKind,
}

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// One of the choices that come with the contact, by the field's name.
    ChoiceOfContact,
}
