//! Who the CRM's users are, and how they sign in.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use daybook_core::ids::TenantId;
use daybook_core::params::AuthHeader;
use daybook_core::user::User;
use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use url::Url;

use super::ExampleCrm;
use super::wire::{Colleagues, Me};
use crate::auth::dns_name;
use crate::http::Request;
use crate::oauth::OAuthApp;
use crate::{ApiKey, AuthKind, Authorization, CrmUser, Ctx, OAuth, Result, UserInfo};

/// Below which the CRM names the companies that have a host of their own.
const COMPANIES: &str = ".example-crm.test";

pub(super) fn auth(crm: &ExampleCrm) -> AuthKind<'_> {
    match &crm.registration {
        Some(registration) => AuthKind::OAuth(registration),
        None => AuthKind::ApiKey(&Key),
    }
}

pub(super) async fn get_info(crm: &ExampleCrm, ctx: &Ctx<'_>) -> Result<UserInfo> {
    let request = Request::new(Method::GET, crm.url(&["me"]));
    let me: Me = ctx.http.json(ctx, request).await?;
    let mut info = me.info()?;
    info.hostname.get_or_insert_with(|| crm.host().to_owned());
    Ok(info)
}

pub(super) async fn list(crm: &ExampleCrm, ctx: &Ctx<'_>) -> Result<Vec<CrmUser>> {
    let request = Request::new(Method::GET, crm.url(&["users"]));
    let colleagues: Colleagues = ctx.http.json(ctx, request).await?;
    Ok(colleagues.users.into_iter().map(CrmUser::from).collect())
}

/// A company with a host of its own is named by it, and the one without by the CRM's. The port is
/// no part of a name, so that a CRM which moves to another one keeps its digests.
pub(super) fn tenant(crm: &ExampleCrm, user: &User) -> TenantId {
    let company = user.hostname.as_deref().and_then(dns_name);
    let company = company.filter(|host| host.ends_with(COMPANIES));
    let host = company.as_deref().unwrap_or(crm.host());
    TenantId::parse(host).expect("an http address has a host")
}

struct Key;

/// Our registration at the CRM.
#[derive(Debug)]
pub(super) struct Registration {
    pub(super) app: OAuthApp,
    /// Where users allow us to act for them.
    pub(super) authorize: Url,
}

impl ApiKey for Key {
    /// The key is the user's name of HTTP Basic, with an empty password.
    fn auth_header(&self, key: &SecretString) -> AuthHeader {
        let pair = format!("{}:", key.expose_secret());
        AuthHeader::from(format!("Basic {}", BASE64_STANDARD.encode(pair)))
    }

    fn help(&self) -> &'static str {
        "The keys of the demo users are in docs/sign-in.md."
    }
}

impl OAuth for Registration {
    fn app(&self) -> &OAuthApp {
        &self.app
    }

    fn authorization(&self) -> Authorization {
        Authorization {
            url: self.authorize.clone(),
            scopes: &[],
        }
    }

    /// The CRM says it with the user.
    fn hostname(&self, _answer: &Map<String, Value>) -> Result<Option<String>> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use daybook_core::ids::CrmUserId;
    use daybook_core::time::Zone;

    use super::*;
    use crate::registry::example_crm::PROFILE;

    #[test]
    fn a_company_is_named_by_its_own_host_below_the_crms_and_else_by_the_crm() {
        let crm = ExampleCrm {
            profile: &PROFILE,
            base: Url::parse("http://127.0.0.1:6066/crm/api").expect("an address"),
            registration: None,
        };
        for (hostname, expected) in [
            (Some("second.example-crm.test"), "second.example-crm.test"),
            (Some("Second.Example-CRM.test"), "second.example-crm.test"),
            (Some("a.b.example-crm.test"), "a.b.example-crm.test"),
            (None, "127.0.0.1"),
            (Some(""), "127.0.0.1"),
            (Some("127.0.0.1"), "127.0.0.1"),
            (Some("127.0.0.1:6066"), "127.0.0.1"),
            (Some("crm.example.com"), "127.0.0.1"),
            (Some("example-crm.test"), "127.0.0.1"),
            (Some(".example-crm.test"), "127.0.0.1"),
            (Some("second-example-crm.test"), "127.0.0.1"),
            (Some("second.example-crm.test."), "127.0.0.1"),
            (Some("second.example-crm.test:80"), "127.0.0.1"),
            (Some("second.example-crm.test.evil.example"), "127.0.0.1"),
            (Some("x@second.example-crm.test"), "127.0.0.1"),
            (Some("a#b.example-crm.test"), "127.0.0.1"),
        ] {
            let user = User {
                id: CrmUserId::parse("1-exampleCRM").expect("an id"),
                hostname: hostname.map(str::to_owned),
                name: None,
                zone: Some(Zone::UTC),
                settings: Map::new(),
            };
            assert_eq!(tenant(&crm, &user).as_str(), expected, "{hostname:?}");
        }
    }

    #[test]
    fn a_key_is_the_user_of_http_basic() {
        let header = Key.auth_header(&SecretString::from("demo-key"));
        assert_eq!(header.expose_secret(), "Basic ZGVtby1rZXk6");
    }
}
