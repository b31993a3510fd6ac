//! The connections behind the one outbound client: past any proxy to this machine itself, and by
//! the environment's proxy, if it names one, to everywhere else.

use std::error::Error;
use std::sync::OnceLock;
use std::time::Duration;

use url::{Host, Url};

use super::Limits;
use crate::Cause;

/// The two clients, built when they are first needed.
#[derive(Debug, Default)]
pub(super) struct Clients {
    loopback: OnceLock<reqwest::Client>,
    outside: OnceLock<reqwest::Client>,
}

impl Clients {
    /// The client that reaches `url`.
    ///
    /// One that cannot be built is logged with its cause, and tried again by the next call.
    pub(super) fn towards(&self, url: &Url, limits: &Limits) -> Result<&reqwest::Client, Cause> {
        let loopback = is_loopback(url);
        let place = match loopback {
            true => &self.loopback,
            false => &self.outside,
        };
        if let Some(client) = place.get() {
            return Ok(client);
        }
        let built = build(loopback, url.scheme() == "https", limits).map_err(|error| {
            tracing::error!(
                error.kind = "http_client",
                error.detail = causes(&error),
                "no connection to a CRM can be made"
            );
            Cause::NotConnected
        })?;
        Ok(place.get_or_init(|| built))
    }
}

/// On a machine without CA certificates, only what needs none is built.
fn build(loopback: bool, needs_tls: bool, limits: &Limits) -> reqwest::Result<reqwest::Client> {
    let builder = || {
        let builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(limits.connect)
            // A function that was frozen wakes with connections that are long closed.
            .pool_idle_timeout(Duration::from_secs(15))
            .user_agent(concat!("Daybook/", env!("CARGO_PKG_VERSION")));
        match loopback {
            true => builder.no_proxy(),
            false => builder,
        }
    };
    match builder().build() {
        Err(_) if !needs_tls => builder().tls_certs_only([]).build(),
        built => built,
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
    }
}

fn causes(error: &reqwest::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_this_machine_itself() {
        for (url, loopback) in [
            ("http://127.0.0.1:6066/crm/api", true),
            ("http://127.8.9.10/", true),
            ("http://localhost:6066/", true),
            ("https://LOCALHOST./", true),
            ("http://crm.localhost/", true),
            ("http://[::1]:1/", true),
            ("http://[::ffff:127.0.0.1]/", true),
            ("https://crm.example/", false),
            ("http://127.0.0.1.crm.example/", false),
            ("http://localhost.crm.example/", false),
            ("http://10.0.0.1/", false),
            ("http://[2001:db8::1]/", false),
        ] {
            let url = Url::parse(url).expect("an address");
            assert_eq!(is_loopback(&url), loopback, "{url}");
        }
    }
}
