//! Which adapters there are, and which of them a deployment offers.

use std::fmt;
use std::sync::Arc;

use daybook_core::config::{ConfigError, Vars};

use crate::CrmAdapter;

/// Reads an adapter's variables and builds it.
pub type Build = fn(&Vars<'_>) -> Result<Arc<dyn CrmAdapter>, ConfigError>;

/// Declares the module of each CRM. Each has a table `ADAPTERS` of the platforms that it
/// registers: one for each way to sign in.
macro_rules! adapters {
    ($($crm:ident,)+) => {
        $(pub mod $crm;)+

        /// The platforms of every CRM.
        const ADAPTERS: &[&[(&str, Build)]] = &[$($crm::ADAPTERS),+];
    };
}

// A new CRM is a line here.
adapters! {
    example_crm,
    pipedrive,
}

fn adapters() -> impl Iterator<Item = (&'static str, Build)> {
    ADAPTERS.iter().flat_map(|crm| crm.iter().copied())
}

/// The adapters that a deployment offers.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    adapters: Vec<Arc<dyn CrmAdapter>>,
}

impl Registry {
    /// The platforms of all adapters, offered or not.
    pub fn known_platforms() -> impl Iterator<Item = &'static str> {
        adapters().map(|(platform, _)| platform)
    }

    /// Builds the adapters that `PLATFORMS` names, separated by commas.
    ///
    /// # Errors
    /// [`ConfigError`] where it names none or an unknown one, or where a variable of one that it
    /// names is wrong.
    pub fn from_vars(vars: &Vars<'_>) -> Result<Self, ConfigError> {
        let named = vars.required("PLATFORMS")?;
        let adapters = named
            .split(',')
            .map(str::trim)
            .filter(|platform| !platform.is_empty())
            .map(|platform| {
                let found = adapters().find(|(id, _)| *id == platform);
                let (_, build) = found.ok_or_else(|| {
                    let problem = format!("names an unknown platform; there are {Platforms}");
                    ConfigError::new("PLATFORMS", problem)
                })?;
                build(vars)
            })
            .collect::<Result<Vec<_>, _>>()?;
        if adapters.is_empty() {
            return Err(ConfigError::new("PLATFORMS", "names no platform"));
        }
        Ok(Self { adapters })
    }

    /// Offers adapters that were built elsewhere.
    pub fn of(adapters: Vec<Arc<dyn CrmAdapter>>) -> Self {
        Self { adapters }
    }

    /// The adapter of a platform, if it is offered.
    pub fn get(&self, platform: &str) -> Option<&Arc<dyn CrmAdapter>> {
        self.adapters
            .iter()
            .find(|adapter| adapter.profile().id == platform)
    }

    /// The adapters that are offered.
    pub fn adapters(&self) -> impl Iterator<Item = &Arc<dyn CrmAdapter>> {
        self.adapters.iter()
    }

    /// The platforms that are offered.
    pub fn platforms(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.adapters.iter().map(|adapter| adapter.profile().id)
    }
}

struct Platforms;

impl fmt::Display for Platforms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, platform) in Registry::known_platforms().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{platform}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(vars: &[(&str, &str)]) -> Result<Registry, ConfigError> {
        let find = |name: &str| {
            vars.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Registry::from_vars(&Vars::new(&find))
    }

    #[test]
    fn every_platform_has_a_name_of_its_own() {
        let mut platforms: Vec<_> = Registry::known_platforms().collect();
        let count = platforms.len();
        platforms.sort_unstable();
        platforms.dedup();
        assert_eq!(platforms.len(), count);
        let usable = |byte: u8| byte.is_ascii_alphanumeric();
        assert!(
            platforms.iter().all(|id| id.bytes().all(usable)),
            "{platforms:?}"
        );
    }

    #[test]
    fn only_what_is_named_is_offered() {
        let registry = build(&[
            ("PLATFORMS", " exampleCRM ,"),
            ("EXAMPLE_CRM_URL", "http://127.0.0.1:1/crm/api"),
        ])
        .expect("built");
        assert!(registry.get("exampleCRM").is_some());
        assert!(registry.get("exampleCRMOAuth").is_none());
        assert!(registry.get("pipedrive").is_none());
    }

    #[test]
    fn a_crm_can_be_offered_with_both_ways_to_sign_in() {
        let registry = build(&[
            ("PLATFORMS", "exampleCRM,exampleCRMOAuth"),
            ("EXAMPLE_CRM_URL", "http://127.0.0.1:1/crm/api"),
            ("EXAMPLE_CRM_CLIENT_ID", "client"),
            ("EXAMPLE_CRM_CLIENT_SECRET", "secret"),
        ])
        .expect("built");
        let ways: Vec<_> = registry
            .adapters
            .iter()
            .map(|adapter| format!("{} {:?}", adapter.profile().display_name, adapter.auth()))
            .collect();
        assert_eq!(ways, ["Example CRM ApiKey", "Example CRM (OAuth) OAuth"]);
    }

    #[test]
    fn a_wrong_variable_is_named() {
        for (vars, variable) in [
            (&[][..], "PLATFORMS"),
            (&[("PLATFORMS", "nope")], "PLATFORMS"),
            (&[("PLATFORMS", ",")], "PLATFORMS"),
            (&[("PLATFORMS", "exampleCRM")], "EXAMPLE_CRM_URL"),
            (
                &[("PLATFORMS", "exampleCRM"), ("EXAMPLE_CRM_URL", "nowhere")],
                "EXAMPLE_CRM_URL",
            ),
        ] {
            assert_eq!(
                build(vars).expect_err("refused").variable,
                variable,
                "{vars:?}"
            );
        }
    }
}
