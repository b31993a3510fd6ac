//! What the extension has to know of the Example CRM.

use url::Url;

use super::pages;
use crate::PlatformManifest;
use crate::manifest::ContactType;

/// The manifest of the CRM whose API is at `base`. A log stands on the page of its contact and has
/// none of its own.
pub(super) fn of(base: &Url) -> PlatformManifest {
    let pages = pages(base);
    let pages = pages.as_str().trim_end_matches('/');
    let place = pages.split_once("://").map_or(pages, |(_, place)| place);
    PlatformManifest {
        embed_urls: vec![format!("{pages}/*")],
        colour: "#7a3ea1",
        contact_types: vec![ContactType {
            value: "Contact",
            title: "Contact",
        }],
        ..PlatformManifest::new(
            format!("{place}*"),
            format!("{pages}/contacts/{{contactId}}"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_stand_beside_the_api() {
        for base in [
            "http://127.0.0.1:6066/crm/api",
            "http://127.0.0.1:6066/crm/api/",
        ] {
            let manifest = of(&Url::parse(base).expect("an address"));
            assert_eq!(manifest.url_identifier, "127.0.0.1:6066/crm*");
            assert_eq!(
                manifest.contact_page,
                "http://127.0.0.1:6066/crm/contacts/{contactId}"
            );
            assert_eq!(manifest.embed_urls, ["http://127.0.0.1:6066/crm/*"]);
        }
        let manifest = of(&Url::parse("https://crm.example/api").expect("an address"));
        assert_eq!(manifest.url_identifier, "crm.example*");
        assert_eq!(
            manifest.contact_page,
            "https://crm.example/contacts/{contactId}"
        );
    }
}
