//! The addresses to which a CRM sends a browser with a code.

use daybook_core::config::{ConfigError, Vars};
use url::{Host, Url};

/// The addresses in a variable, or in `default` where it is not set: separated by commas, of https
/// or of this machine itself, because a code must not cross a network where it can be read.
///
/// # Errors
/// [`ConfigError`] where there is none, or one that names a user or has a query or a fragment.
pub fn redirects(vars: &Vars<'_>, variable: &str, default: &str) -> Result<Vec<Url>, ConfigError> {
    let named = vars.get(variable).unwrap_or_else(|| default.to_owned());
    named
        .split(',')
        .map(str::trim)
        .filter(|url| !url.is_empty())
        .map(|url| Url::parse(url).ok().filter(is_redirect))
        .collect::<Option<Vec<_>>>()
        .filter(|urls| !urls.is_empty())
        .ok_or_else(|| {
            let problem = "needs addresses of https, or of http on this machine, separated by \
                           commas, without a user, a query or a fragment";
            ConfigError::new(variable, problem)
        })
}

/// The one of the `registered` addresses that `url` is, with the port that `url` has.
pub(super) fn of(registered: &[Url], url: &Url) -> Option<Url> {
    let mut redirect = registered.iter().find(|known| is_same(known, url))?.clone();
    redirect.set_port(url.port()).ok()?;
    Some(redirect)
}

fn is_same(registered: &Url, url: &Url) -> bool {
    let any_port = registered.scheme() == "http" && is_loopback(registered);
    !names_a_user(url)
        && url.scheme() == registered.scheme()
        && url.host() == registered.host()
        && url.path() == registered.path()
        && (any_port || url.port_or_known_default() == registered.port_or_known_default())
}

fn is_redirect(url: &Url) -> bool {
    let here = is_loopback(url) || url.host_str() == Some("localhost");
    let private = url.scheme() == "https" || (url.scheme() == "http" && here);
    private && !names_a_user(url) && url.query().is_none() && url.fragment().is_none()
}

fn names_a_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// Whether the host is an address, and no name, of this machine (RFC 8252, section 8.3).
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(_)) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "https://ringcentral.github.io/ringcentral-embeddable/redirect.html";

    fn read(urls: &str) -> Result<Vec<Url>, ConfigError> {
        let find = |_: &str| Some(urls.to_owned());
        redirects(&Vars::new(&find), "REDIRECTS", PAGE)
    }

    fn redirect_of(url: &str) -> Option<String> {
        let registered = read(&format!(
            "{PAGE},http://127.0.0.1:6066/back,http://localhost:6066/back,http://[::1]/back,\
             https://crm.example:8443/back"
        ));
        let url = Url::parse(url).expect("an address");
        of(&registered.expect("addresses"), &url).map(String::from)
    }

    #[test]
    fn a_browser_comes_from_a_registered_address() {
        for url in [
            PAGE,
            "https://ringcentral.github.io/ringcentral-embeddable/redirect.html?code=1&state=2",
            "https://ringcentral.github.io/ringcentral-embeddable/redirect.html#code=1",
            "https://ringcentral.github.io:443/ringcentral-embeddable/redirect.html",
            "HTTPS://RingCentral.GitHub.IO/ringcentral-embeddable/redirect.html",
            "https://ringcentral.github.io/x/../ringcentral-embeddable/redirect.html",
        ] {
            assert_eq!(redirect_of(url).as_deref(), Some(PAGE), "{url}");
        }
        for url in [
            "http://127.0.0.1:6066/back",
            "http://127.0.0.1:7000/back",
            "http://127.0.0.1/back",
            "http://[::1]:7000/back",
            "http://localhost:6066/back",
            "https://crm.example:8443/back",
        ] {
            let from = format!("{url}?code=1");
            assert_eq!(redirect_of(&from).as_deref(), Some(url), "{url}");
        }
    }

    #[test]
    fn an_address_that_looks_like_a_registered_one_is_none() {
        for url in [
            "http://ringcentral.github.io/ringcentral-embeddable/redirect.html",
            "ftp://ringcentral.github.io/ringcentral-embeddable/redirect.html",
            "data:text/html,redirect.html",
            "https://evil.example/ringcentral-embeddable/redirect.html",
            "https://ringcentral.github.io.evil.example/ringcentral-embeddable/redirect.html",
            "https://ringcentral.github.io@evil.example/ringcentral-embeddable/redirect.html",
            "https://rep@ringcentral.github.io/ringcentral-embeddable/redirect.html",
            "https://:secret@ringcentral.github.io/ringcentral-embeddable/redirect.html",
            "https://ringcentral.github.io./ringcentral-embeddable/redirect.html",
            "https://ringcentral.github.io:8443/ringcentral-embeddable/redirect.html",
            "https://ringcentral.github.io/",
            "https://ringcentral.github.io/ringcentral-embeddable/",
            "https://ringcentral.github.io/ringcentral-embeddable/redirect.html/",
            "https://ringcentral.github.io/ringcentral-embeddable/redirect.html/..",
            "https://ringcentral.github.io/ringcentral-embeddable/REDIRECT.html",
            "https://ringcentral.github.io/ringcentral-embeddable%2Fredirect.html",
            "https://127.0.0.1:6066/back",
            "http://127.0.0.2:6066/back",
            "http://127.0.0.1.evil.example/back",
            "http://rep@127.0.0.1:6066/back",
            "http://127.0.0.1:6066/back/",
            "http://localhost:7000/back",
            "https://crm.example/back",
            "https://crm.example:443/back",
        ] {
            assert_eq!(redirect_of(url), None, "{url}");
        }
    }

    #[test]
    fn a_code_returns_over_https_or_within_this_machine() {
        for urls in [
            "https://a.example/back",
            "http://127.0.0.1/back, http://[::1]:1/back,",
            "http://localhost:6066/back",
        ] {
            assert!(read(urls).is_ok(), "{urls}");
        }
        assert_eq!(read(" ").expect("the default")[0].as_str(), PAGE);
        for urls in [
            ",",
            "nowhere",
            "http://a.example/back",
            "http://127.0.0.1.a.example/back",
            "ftp://127.0.0.1/back",
            "https://rep@a.example/back",
            "https://a.example/back?x=1",
            "https://a.example/back#x",
            "https://a.example/back,nowhere",
        ] {
            assert_eq!(read(urls).expect_err(urls).variable, "REDIRECTS");
        }
    }
}
