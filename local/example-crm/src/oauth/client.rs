//! The one registered app: what it is called, how it signs in, where a person may be sent back to.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use url::Url;

/// The `client_id` of the registered app.
pub const OAUTH_CLIENT_ID: &str = "example-crm-client";
/// The secret of the registered app.
pub const OAUTH_CLIENT_SECRET: &str = "example-crm-secret";
/// The registered redirect addresses: a page of the browser extension, and a server on the same
/// machine, which may listen on any other port too (RFC 8252, section 7.3).
pub const OAUTH_REDIRECT_URIS: [&str; 2] = [
    "https://ringcentral.github.io/ringcentral-embeddable/redirect.html",
    "http://127.0.0.1:6066/oauth-callback",
];

/// What people call the app.
pub(crate) const APP_NAME: &str = "App Connect";

const LOOPBACK: &str = "http://127.0.0.1";

pub(super) fn is_known(id: &str) -> bool {
    id == OAUTH_CLIENT_ID
}

pub(super) fn signs_in(id: &str, secret: &str) -> bool {
    let (expected, secret) = (OAUTH_CLIENT_SECRET.as_bytes(), secret.as_bytes());
    is_known(id) && verify_slices_are_equal(expected, secret).is_ok()
}

/// The address, where it is registered. Texts are compared, never what a parser makes of them.
pub(super) fn redirect_address(text: &str) -> Option<Url> {
    let path = loopback_path(text);
    let registered =
        |address: &str| address == text || (path.is_some() && loopback_path(address) == path);
    let known = OAUTH_REDIRECT_URIS.into_iter().any(registered);
    known.then(|| Url::parse(text).ok()).flatten()
}

/// What follows the port of an address on this machine.
fn loopback_path(address: &str) -> Option<&str> {
    let rest = address.strip_prefix(LOOPBACK)?;
    let (port, path) = rest.split_at(rest.find('/')?);
    (port.is_empty() || is_port(port)).then_some(path)
}

fn is_port(text: &str) -> bool {
    text.strip_prefix(':').is_some_and(|digits| {
        digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registered_addresses_and_every_port_of_this_machine_are_known() {
        for address in OAUTH_REDIRECT_URIS.into_iter().chain([
            "http://127.0.0.1:1/oauth-callback",
            "http://127.0.0.1:65535/oauth-callback",
            "http://127.0.0.1/oauth-callback",
        ]) {
            let url = redirect_address(address).map(|url| url.to_string());
            assert_eq!(url.as_deref(), Some(address));
        }
    }

    #[test]
    fn whatever_else_looks_like_them_is_not() {
        for address in [
            "https://ringcentral.github.io/ringcentral-embeddable/redirect.html?a=b",
            "https://ringcentral.github.io/ringcentral-embeddable/redirect.html#a",
            "https://ringcentral.github.io/ringcentral-embeddable/redirect.html/",
            "https://ringcentral.github.io/ringcentral-embeddable/../redirect.html",
            "https://RINGCENTRAL.github.io/ringcentral-embeddable/redirect.html",
            "http://ringcentral.github.io/ringcentral-embeddable/redirect.html",
            "http://127.0.0.1:6066/oauth-callback?a=b",
            "http://127.0.0.1:6066/oauth-callback/more",
            "http://127.0.0.1:6066/other",
            "http://127.0.0.1:6066",
            "http://127.0.0.1:/oauth-callback",
            "http://127.0.0.1:65536/oauth-callback",
            "http://127.0.0.1:+80/oauth-callback",
            "http://127.0.0.1:80@elsewhere.example/oauth-callback",
            "http://127.0.0.1.elsewhere.example/oauth-callback",
            "http://127.0.0.1@elsewhere.example/oauth-callback",
            "https://127.0.0.1:6066/oauth-callback",
            "http://localhost:6066/oauth-callback",
            "http://127.0.0.1:6066/oauth-callback ",
            "javascript:alert(1)",
            "",
        ] {
            assert!(redirect_address(address).is_none(), "{address}");
        }
    }

    #[test]
    fn the_app_signs_in_with_its_own_id_and_secret() {
        assert!(signs_in(OAUTH_CLIENT_ID, OAUTH_CLIENT_SECRET));
        assert!(!signs_in(OAUTH_CLIENT_ID, "example-crm-secreT"));
        assert!(!signs_in(OAUTH_CLIENT_ID, ""));
        assert!(!signs_in("other", OAUTH_CLIENT_SECRET));
    }
}
