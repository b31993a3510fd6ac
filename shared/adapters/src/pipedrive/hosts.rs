//! Where credentials may be sent: hosts below `pipedrive.com` and, for tests, one address that is
//! configured in their place.

use daybook_core::ids::TenantId;
use daybook_core::user::User;
use serde_json::{Map, Value};
use url::Url;

use super::Pipedrive;
use crate::auth::dns_name;
use crate::{AdapterError, Cause, Ctx, Result};

/// Below which the companies have their hosts.
const COMPANIES: &str = ".pipedrive.com";
/// The host of a user of whom no other is known.
const ANYBODYS: &str = "api.pipedrive.com";

/// Whether a user's Pipedrive may be at `host`. `api` is the address that is configured.
pub(super) fn is_ours(api: Option<&Url>, host: &str) -> bool {
    let is_configured = |api: &Url| api.host_str() == Some(host);
    is_companys(host) || api.is_some_and(is_configured)
}

fn is_companys(host: &str) -> bool {
    dns_name(host).is_some_and(|name| name.ends_with(COMPANIES) && name.len() == host.len())
}

/// The company, by its host.
pub(super) fn tenant(crm: &Pipedrive, user: &User) -> TenantId {
    let host = user.hostname.as_deref().map(str::to_ascii_lowercase);
    let host = host.filter(|host| is_ours(crm.api.as_ref(), host));
    let anybodys = crm.api.as_ref().and_then(Url::host_str);
    let host = host.as_deref().unwrap_or(anybodys.unwrap_or(ANYBODYS));
    TenantId::parse(host).expect("a host is not blank")
}

/// The address of `segments` of the user's Pipedrive.
///
/// # Errors
/// [`AdapterError::Invalid`] where the user's host is none of Pipedrive's.
pub(super) fn url(crm: &Pipedrive, ctx: &Ctx<'_>, segments: &[&str]) -> Result<Url> {
    let host = ctx.user.hostname.as_deref().unwrap_or(ANYBODYS);
    if !is_ours(crm.api.as_ref(), host) {
        return Err(AdapterError::Invalid {
            status: 400,
            field: Some("user.hostname".to_owned()),
        });
    }
    match &crm.api {
        Some(api) => Ok(below(api, segments)),
        None => {
            let base = Url::parse(&format!("https://{host}/"));
            let base = base.map_err(|_| AdapterError::not_applied(Cause::NotConnected))?;
            Ok(below(&base, segments))
        }
    }
}

/// The address of `segments` below `base`.
pub(super) fn below(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

/// The host that the answer of the token endpoint names in `api_domain`. The configured address,
/// to which everything is sent anyway, is no company's.
///
/// # Errors
/// [`AdapterError::Unavailable`] where it is not one of Pipedrive's.
pub(super) fn of_answer(api: Option<&Url>, answer: &Map<String, Value>) -> Result<Option<String>> {
    let unreadable = || AdapterError::not_applied(Cause::Unreadable);
    let domain = answer.get("api_domain").and_then(Value::as_str);
    let url = domain.and_then(|domain| Url::parse(domain).ok());
    let url = url.ok_or_else(unreadable)?;
    if api.is_some_and(|api| api.origin() == url.origin()) {
        return Ok(None);
    }
    let host = url.host_str().filter(|host| is_companys(host));
    let is_private = url.scheme() == "https" && url.port().is_none();
    let host = host.filter(|_| is_private).ok_or_else(unreadable)?;
    Ok(Some(host.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn credentials_go_to_pipedrive_alone() {
        for host in [
            "acme.pipedrive.com",
            "api.pipedrive.com",
            "a.b.pipedrive.com",
        ] {
            assert!(is_ours(None, host), "{host}");
        }
        let api = Url::parse("http://127.0.0.1:7").expect("an address");
        assert!(is_ours(Some(&api), "127.0.0.1"));
        for host in [
            "pipedrive.com",
            ".pipedrive.com",
            "evilpipedrive.com",
            "acme.pipedrive.com.evil.example",
            "acme.pipedrive.com:444",
            "evil.example/acme.pipedrive.com",
            "x@acme.pipedrive.com",
            " acme.pipedrive.com",
            "acme.pipedrive.com.",
            "127.0.0.1",
            "",
        ] {
            assert!(!is_ours(None, host), "{host}");
        }
    }

    #[test]
    fn the_answer_of_the_token_endpoint_names_a_host_of_pipedrive_or_none() {
        let api = Url::parse("http://127.0.0.1:7").expect("an address");
        let of = |domain: &str| {
            let answer = json!({"api_domain": domain});
            of_answer(Some(&api), answer.as_object().expect("an object"))
        };
        let acme = Ok(Some("acme.pipedrive.com".to_owned()));
        assert_eq!(of("https://acme.pipedrive.com"), acme);
        assert_eq!(of("https://ACME.pipedrive.com/"), acme);
        assert_eq!(of("http://127.0.0.1:7"), Ok(None));
        for domain in [
            "http://acme.pipedrive.com",
            "https://acme.pipedrive.com:444",
            "https://evil.example",
            "http://127.0.0.1:8",
            "acme.pipedrive.com",
            "",
        ] {
            assert!(of(domain).is_err(), "{domain}");
        }
        assert!(of_answer(None, &Map::new()).is_err());
    }
}
