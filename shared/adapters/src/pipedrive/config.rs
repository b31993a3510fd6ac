//! Pipedrive's variables.

use std::sync::Arc;

use daybook_core::config::{ConfigError, Vars};
use secrecy::SecretString;
use url::Url;

use super::Pipedrive;
use super::activity_types::TypeNames;
use super::hosts::below;
use super::users::Registration;
use crate::CrmAdapter;
use crate::oauth::{OAuthApp, redirects};

type Result<T> = std::result::Result<T, ConfigError>;

/// Where users sign in.
const OAUTH: &str = "https://oauth.pipedrive.com";

/// The adapter, from our registration in `PIPEDRIVE_CLIENT_ID` and `PIPEDRIVE_CLIENT_SECRET`, the
/// callback addresses of it in `PIPEDRIVE_REDIRECT_URLS`, and the activity types in
/// `PIPEDRIVE_SMS_TYPE` and `PIPEDRIVE_CALL_TYPE`, where they are not to be found by their names.
/// `PIPEDRIVE_API_URL` and `PIPEDRIVE_OAUTH_URL` lead elsewhere, for tests.
pub(super) fn build(vars: &Vars<'_>) -> Result<Arc<dyn CrmAdapter>> {
    let oauth = match vars.address("PIPEDRIVE_OAUTH_URL")? {
        Some(url) => url,
        None => Url::parse(OAUTH).expect("it is an address"),
    };
    let api = vars.address("PIPEDRIVE_API_URL")?;
    let key = |variable| vars.get(variable).map(|key| key.trim().to_owned());
    let app = OAuthApp {
        client_id: vars.required("PIPEDRIVE_CLIENT_ID")?.trim().to_owned(),
        client_secret: SecretString::from(vars.required("PIPEDRIVE_CLIENT_SECRET")?.trim()),
        token_url: below(&oauth, &["oauth", "token"]),
        revoke_url: Some(below(&oauth, &["oauth", "revoke"])),
        // One of our own addresses, which nobody else knows: there is no default.
        redirect_urls: redirects(
            vars,
            "PIPEDRIVE_REDIRECT_URLS",
            &vars.required("PIPEDRIVE_REDIRECT_URLS")?,
        )?,
    };
    Ok(Arc::new(Pipedrive {
        registration: Registration {
            app,
            authorize: below(&oauth, &["oauth", "authorize"]),
            api: api.clone(),
        },
        api,
        type_names: TypeNames {
            sms: key("PIPEDRIVE_SMS_TYPE"),
            call: key("PIPEDRIVE_CALL_TYPE"),
        },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AuthKind;

    const LEAST: [(&str, &str); 3] = [
        ("PIPEDRIVE_CLIENT_ID", "client"),
        ("PIPEDRIVE_CLIENT_SECRET", "hidden"),
        (
            "PIPEDRIVE_REDIRECT_URLS",
            "https://a.example/pipedrive-redirect",
        ),
    ];

    fn build_with(vars: &[(&str, &str)]) -> Result<Arc<dyn CrmAdapter>> {
        let find = |name: &str| {
            let found = vars.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        build(&Vars::new(&find))
    }

    #[test]
    fn a_registration_leads_to_pipedrive_and_hides_its_secret() {
        let crm = build_with(&LEAST).expect("built");
        assert!(!format!("{crm:?} {:?}", crm.auth()).contains("hidden"));
        let AuthKind::OAuth(oauth) = crm.auth() else {
            panic!("{:?}", crm.auth());
        };
        let app = oauth.app();
        assert_eq!(
            (app.token_url.as_str(), app.revoke_url.as_ref()),
            (
                "https://oauth.pipedrive.com/oauth/token",
                Url::parse("https://oauth.pipedrive.com/oauth/revoke")
                    .ok()
                    .as_ref()
            )
        );
    }

    #[test]
    fn what_is_missing_or_would_show_a_token_is_refused_by_name() {
        for missing in LEAST {
            let vars: Vec<_> = LEAST.into_iter().filter(|var| *var != missing).collect();
            let error = build_with(&vars).expect_err("refused");
            assert_eq!(error.variable, missing.0);
        }
        for variable in ["PIPEDRIVE_API_URL", "PIPEDRIVE_OAUTH_URL"] {
            for value in [
                "http://crm.example",
                "https://a:b@crm.example",
                "nowhere",
                "ftp://a",
            ] {
                let vars: Vec<_> = LEAST.into_iter().chain([(variable, value)]).collect();
                let error = build_with(&vars).expect_err("refused");
                assert_eq!(error.variable, variable);
                assert!(!error.to_string().contains(value), "{error}");
            }
            for value in ["http://127.0.0.1:7/", "https://crm.example"] {
                let vars: Vec<_> = LEAST.into_iter().chain([(variable, value)]).collect();
                assert!(build_with(&vars).is_ok(), "{value}");
            }
        }
    }
}
