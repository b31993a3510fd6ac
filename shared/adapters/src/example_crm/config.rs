//! The Example CRM's variables.

use std::sync::Arc;

use daybook_core::config::{ConfigError, Vars};
use secrecy::SecretString;
use url::Url;

use super::{ExampleCrm, OAUTH_PROFILE, PROFILE, Registration, below, pages};
use crate::CrmAdapter;
use crate::manifest::EXTENSION_PAGE;
use crate::oauth::{OAuthApp, redirects};

type Result<T> = std::result::Result<T, ConfigError>;

/// The adapter for users who sign in with an API key, from `EXAMPLE_CRM_URL`: the address of the
/// CRM's API, such as `http://127.0.0.1:6066/crm/api`.
pub(super) fn api_key(vars: &Vars<'_>) -> Result<Arc<dyn CrmAdapter>> {
    Ok(Arc::new(ExampleCrm {
        profile: &PROFILE,
        base: base(vars)?,
        registration: None,
    }))
}

/// The adapter for users who sign in with OAuth: `EXAMPLE_CRM_URL` as above, our registration in
/// `EXAMPLE_CRM_CLIENT_ID` and `EXAMPLE_CRM_CLIENT_SECRET`, and the addresses registered with it
/// in `EXAMPLE_CRM_REDIRECT_URLS`, separated by commas.
pub(super) fn oauth(vars: &Vars<'_>) -> Result<Arc<dyn CrmAdapter>> {
    let base = base(vars)?;
    let app = OAuthApp {
        client_id: vars.required("EXAMPLE_CRM_CLIENT_ID")?.trim().to_owned(),
        client_secret: SecretString::from(vars.required("EXAMPLE_CRM_CLIENT_SECRET")?.trim()),
        token_url: below(&base, &["oauth", "token"]),
        revoke_url: Some(below(&base, &["oauth", "revoke"])),
        redirect_urls: redirects(vars, "EXAMPLE_CRM_REDIRECT_URLS", EXTENSION_PAGE)?,
    };
    let authorize = below(&pages(&base), &["oauth", "authorize"]);
    Ok(Arc::new(ExampleCrm {
        profile: &OAUTH_PROFILE,
        base,
        registration: Some(Registration { app, authorize }),
    }))
}

fn base(vars: &Vars<'_>) -> Result<Url> {
    const VARIABLE: &str = "EXAMPLE_CRM_URL";
    let base = Url::parse(vars.required(VARIABLE)?.trim().trim_end_matches('/'))
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .filter(|url| url.query().is_none() && url.fragment().is_none())
        .ok_or_else(|| ConfigError::new(VARIABLE, "is not an http or https address"))?;
    if !base.username().is_empty() || base.password().is_some() {
        let problem = "holds a user or a password; credentials come with each request";
        return Err(ConfigError::new(VARIABLE, problem));
    }
    Ok(base)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AuthKind;

    const URL: (&str, &str) = ("EXAMPLE_CRM_URL", "http://127.0.0.1:6066/crm/api/");
    const ID: (&str, &str) = ("EXAMPLE_CRM_CLIENT_ID", "client");
    const SECRET: (&str, &str) = ("EXAMPLE_CRM_CLIENT_SECRET", "hidden");

    fn with_oauth(vars: &[(&str, &str)]) -> Result<Arc<dyn CrmAdapter>> {
        let find = |name: &str| {
            let found = vars.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        oauth(&Vars::new(&find))
    }

    #[test]
    fn an_address_that_holds_credentials_is_refused_and_not_repeated() {
        for url in [
            "http://rep:secret@crm.example/api",
            "http://secret@crm.example/api",
        ] {
            let find = |_: &str| Some(url.to_owned());
            let error = api_key(&Vars::new(&find)).expect_err("refused");
            assert_eq!(error.variable, "EXAMPLE_CRM_URL");
            assert!(!format!("{error:?} {error}").contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_registration_has_the_addresses_of_its_crm() {
        let crm = with_oauth(&[URL, ID, SECRET]).expect("built");
        assert!(!format!("{crm:?} {:?}", crm.auth()).contains("hidden"));
        let AuthKind::OAuth(oauth) = crm.auth() else {
            panic!("{:?}", crm.auth());
        };
        let app = oauth.app();
        assert_eq!(app.client_id, "client");
        assert_eq!(
            app.token_url.as_str(),
            "http://127.0.0.1:6066/crm/api/oauth/token"
        );
        assert_eq!(
            app.revoke_url.as_ref().map(Url::as_str),
            Some("http://127.0.0.1:6066/crm/api/oauth/revoke")
        );
        let redirects: Vec<_> = app.redirect_urls.iter().map(Url::as_str).collect();
        assert_eq!(
            redirects,
            ["https://ringcentral.github.io/ringcentral-embeddable/redirect.html"]
        );
    }

    #[test]
    fn a_registration_that_is_not_whole_is_refused() {
        for (vars, variable) in [
            (&[ID, SECRET][..], "EXAMPLE_CRM_URL"),
            (&[URL, SECRET], "EXAMPLE_CRM_CLIENT_ID"),
            (&[URL, ID], "EXAMPLE_CRM_CLIENT_SECRET"),
            (
                &[URL, ID, SECRET, ("EXAMPLE_CRM_REDIRECT_URLS", "nowhere")],
                "EXAMPLE_CRM_REDIRECT_URLS",
            ),
        ] {
            assert_eq!(with_oauth(vars).expect_err("refused").variable, variable);
        }
    }
}
