//! Which adapters there are, and which of them a deployment offers.

use std::fmt;
use std::sync::Arc;

use daybook_core::config::{ConfigError, Vars};

use crate::{CrmAdapter, example_crm};

/// Reads an adapter's variables and builds it.
type Build = fn(&Vars<'_>) -> Result<Arc<dyn CrmAdapter>, ConfigError>;

/// Every adapter, by its platform. A new one is a line here.
const ADAPTERS: &[(&str, Build)] = &[(example_crm::PROFILE.id, example_crm::from_vars)];

/// The adapters that a deployment offers.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    adapters: Vec<Arc<dyn CrmAdapter>>,
}

impl Registry {
    /// The platforms of all adapters, offered or not.
    pub fn known_platforms() -> impl Iterator<Item = &'static str> {
        ADAPTERS.iter().map(|(platform, _)| *platform)
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
                let (_, build) =
                    ADAPTERS
                        .iter()
                        .find(|(id, _)| *id == platform)
                        .ok_or_else(|| {
                            ConfigError::new(
                                "PLATFORMS",
                                format!("names an unknown platform; there are {}", Platforms),
                            )
                        })?;
                build(vars)
            })
            .collect::<Result<Vec<_>, _>>()?;
        if adapters.is_empty() {
            return Err(ConfigError::new("PLATFORMS", "names no platform"));
        }
        Ok(Self { adapters })
    }

    /// The adapter of a platform, if it is offered.
    pub fn get(&self, platform: &str) -> Option<&Arc<dyn CrmAdapter>> {
        self.adapters
            .iter()
            .find(|adapter| adapter.profile().id == platform)
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
    fn only_what_is_named_is_offered() {
        let registry = build(&[
            ("PLATFORMS", " exampleCRM ,"),
            ("EXAMPLE_CRM_URL", "http://127.0.0.1:1/crm/api"),
        ])
        .expect("built");
        assert!(registry.get("exampleCRM").is_some());
        assert!(registry.get("pipedrive").is_none());
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
