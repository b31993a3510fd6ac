//! The manifest: what the extension reads before anybody signs in.
//!
//! # Source
//! The extension of App Connect, 1.6.6, which throws where a field is missing that is no `Option`
//! here (read 2026-11-21). `page.feedback` is left out, since there is no page to point to: it throws
//! where somebody opens it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use daybook_adapters::manifest::{ContactType, EXTENSION_PAGE, Field, FieldKind};
use daybook_adapters::{AuthKind, CrmAdapter, OAuth};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::Reply;

/// What there is on a server.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// The address that everything is sent to, without a slash at its end.
    server_url: String,
    /// The page at which sign-ins end, RingCentral's own too.
    redirect_uri: &'static str,
    /// The version of this server.
    version: &'static str,
    author: Author,
    /// The CRMs, by their names.
    platforms: BTreeMap<&'static str, Platform>,
}

#[derive(Serialize, JsonSchema)]
struct Author {
    name: &'static str,
}

/// What there is to know of a CRM.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Platform {
    name: &'static str,
    display_name: &'static str,
    /// By what the address of a tab is known to show this CRM; `*` stands for anything.
    url_identifier: String,
    /// On which pages numbers can be dialled.
    embed_urls: Vec<String>,
    /// A picture, as an address that holds it.
    logo_url: String,
    auth: Auth,
    /// The kinds of contact that can be made.
    contact_types: Vec<Kind>,
    /// The page of a contact, to be filled in.
    contact_page_url: String,
    /// The page of a log, to be filled in; where there is none, that of the contact.
    log_page_url: String,
    /// Whether a log has a page of its own.
    can_open_log_page: bool,
    /// Settings that this CRM has besides: none.
    settings: [(); 0],
    page: Pages,
}

#[derive(Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase")]
enum Auth {
    #[serde(rename = "oauth")]
    OAuth {
        /// Where users allow us to act for them.
        oauth: OAuthEntry,
    },
    ApiKey {
        /// The form that asks for a key.
        #[serde(rename = "apiKey")]
        api_key: KeyEntry,
    },
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OAuthEntry {
    auth_url: String,
    client_id: String,
    /// Where the CRM sends a browser with a code.
    redirect_uri: String,
    /// What is asked for, as the parameter of the CRM's page.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct KeyEntry {
    page: KeyPage,
}

#[derive(Serialize, JsonSchema)]
struct KeyPage {
    title: &'static str,
    /// Where users find their key.
    warning: &'static str,
    content: [FormField; 1],
}

#[derive(Serialize, JsonSchema)]
struct Kind {
    value: &'static str,
    display: &'static str,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Pages {
    call_log: Form,
    message_log: Form,
    new_contact: Form,
    /// Whether contacts can be found by name.
    use_contact_search: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Form {
    additional_fields: Vec<FormField>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FormField {
    /// The name of what is filled in.
    r#const: &'static str,
    title: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    /// Whether the choices come with the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact_dependent: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    required: Option<bool>,
}

impl Reply {
    /// The manifest of some CRMs on the server at `server`.
    pub fn manifest<'a>(server: &str, adapters: impl Iterator<Item = &'a dyn CrmAdapter>) -> Self {
        let platforms = adapters.map(|adapter| (adapter.profile().id, platform(server, adapter)));
        let manifest = Manifest {
            server_url: server.to_owned(),
            redirect_uri: EXTENSION_PAGE,
            version: env!("CARGO_PKG_VERSION"),
            author: Author { name: "Daybook" },
            platforms: platforms.collect(),
        };
        Self::json(json!(manifest))
    }
}

fn platform(server: &str, adapter: &dyn CrmAdapter) -> Platform {
    let (profile, manifest) = (adapter.profile(), adapter.manifest());
    Platform {
        name: profile.id,
        display_name: profile.display_name,
        logo_url: badge(profile.display_name, manifest.colour),
        auth: auth(server, adapter),
        contact_types: manifest.contact_types.into_iter().map(Kind::from).collect(),
        can_open_log_page: manifest.log_page.is_some(),
        log_page_url: (manifest.log_page).unwrap_or_else(|| manifest.contact_page.clone()),
        contact_page_url: manifest.contact_page,
        url_identifier: manifest.url_identifier,
        embed_urls: manifest.embed_urls,
        settings: [],
        page: Pages {
            call_log: manifest.call_fields.into(),
            message_log: manifest.message_fields.into(),
            new_contact: manifest.contact_fields.into(),
            use_contact_search: adapter.name_search().is_some(),
        },
    }
}

fn auth(server: &str, adapter: &dyn CrmAdapter) -> Auth {
    match adapter.auth() {
        AuthKind::OAuth(oauth) => Auth::OAuth {
            oauth: oauth_entry(server, adapter, oauth),
        },
        AuthKind::ApiKey(key) => Auth::ApiKey {
            api_key: KeyEntry {
                page: KeyPage {
                    title: adapter.profile().display_name,
                    warning: key.help(),
                    content: [FormField {
                        r#const: "apiKey",
                        title: "API key",
                        kind: "string",
                        contact_dependent: None,
                        required: Some(true),
                    }],
                },
            },
        },
    }
}

/// A CRM for which App Connect has a page begins and ends its sign-ins there.
fn oauth_entry(server: &str, adapter: &dyn CrmAdapter, oauth: &dyn OAuth) -> OAuthEntry {
    let authorization = oauth.authorization();
    let page = adapter.redirect_page();
    let scope = || format!("scope={}", authorization.scopes.join("+"));
    OAuthEntry {
        client_id: oauth.app().client_id.clone(),
        redirect_uri: match page {
            Some(page) => format!("{server}{}", page.path()),
            None => EXTENSION_PAGE.to_owned(),
        },
        scope: (!authorization.scopes.is_empty()).then(scope),
        auth_url: authorization.url.into(),
    }
}

/// The first letter of a name on a ground of `colour`: a picture that is loaded from nowhere.
fn badge(name: &str, colour: &str) -> String {
    let letter = name.chars().find(|char| char.is_ascii_alphanumeric());
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 64 64\">\
         <rect width=\"64\" height=\"64\" rx=\"12\" fill=\"{colour}\"/>\
         <text x=\"32\" y=\"45\" text-anchor=\"middle\" fill=\"#fff\" font-size=\"38\" \
         font-weight=\"700\" font-family=\"sans-serif\">{}</text></svg>",
        letter.unwrap_or('?'),
    );
    format!("data:image/svg+xml;base64,{}", BASE64_STANDARD.encode(svg))
}

impl From<ContactType> for Kind {
    fn from(kind: ContactType) -> Self {
        Self {
            value: kind.value,
            display: kind.title,
        }
    }
}

impl From<Vec<Field>> for Form {
    fn from(fields: Vec<Field>) -> Self {
        Self {
            additional_fields: fields.into_iter().map(FormField::from).collect(),
        }
    }
}

impl From<Field> for FormField {
    fn from(field: Field) -> Self {
        let (kind, contact_dependent) = match field.kind {
            FieldKind::ChoiceOfContact => ("selection", Some(true)),
        };
        Self {
            r#const: field.name,
            title: field.title,
            kind,
            contact_dependent,
            required: None,
        }
    }
}
