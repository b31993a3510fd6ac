//! What the extension has to know of Pipedrive.

use super::contacts::PERSON;
use super::wire::{DEALS, LEADS};
use crate::PlatformManifest;
use crate::manifest::{ContactType, Field, FieldKind};

/// Every company's CRM is at a host of its own below `pipedrive.com`.
pub(super) fn manifest() -> PlatformManifest {
    PlatformManifest {
        embed_urls: vec!["https://*.pipedrive.com/*".to_owned()],
        colour: "#017737",
        log_page: Some("https://{hostname}/activities/{logId}".to_owned()),
        contact_types: vec![ContactType {
            value: PERSON,
            title: "Person",
        }],
        call_fields: links(),
        message_fields: links(),
        ..PlatformManifest::new("*.pipedrive.com", "https://{hostname}/person/{contactId}")
    }
}

/// What a log can be linked with, as contacts bring it.
fn links() -> Vec<Field> {
    let field = |name, title| Field {
        name,
        title,
        kind: FieldKind::ChoiceOfContact,
    };
    vec![
        field(DEALS, "Deal"),
        field(LEADS, "Lead (where no deal is chosen)"),
    ]
}
