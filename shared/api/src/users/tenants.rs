//! Whose users may sign in.

use daybook_core::config::Vars;
use daybook_core::ids::TenantId;

/// `ALLOWED_TENANTS`: the companies whose users may sign in; everybody's where it is not set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedTenants(Option<Vec<String>>);

impl AllowedTenants {
    /// Reads `ALLOWED_TENANTS`, names separated by commas.
    pub fn from_vars(vars: &Vars<'_>) -> Self {
        let name = |name: &str| name.trim().to_ascii_lowercase();
        let named = vars.get("ALLOWED_TENANTS");
        Self(named.map(|named| {
            let names = named.split(',').map(name);
            names.filter(|name| !name.is_empty()).collect()
        }))
    }

    /// Whether users of `tenant` may sign in.
    pub fn allow(&self, tenant: &TenantId) -> bool {
        let tenant = tenant.as_str().to_ascii_lowercase();
        (self.0.as_ref()).is_none_or(|allowed| allowed.contains(&tenant))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_named_tenants_may_sign_in() {
        let allowed = |value: Option<&str>| {
            let find = |_: &str| value.map(str::to_owned);
            AllowedTenants::from_vars(&Vars::new(&find))
        };
        let tenant = |name: &str| TenantId::parse(name).expect("an id");
        assert!(allowed(None).allow(&tenant("anybody.example")));
        assert!(allowed(Some(" ")).allow(&tenant("anybody.example")));
        let two = allowed(Some("acme.example, Second.Example,"));
        assert!(two.allow(&tenant("acme.example")));
        assert!(two.allow(&tenant("second.example")));
        assert!(!two.allow(&tenant("acme.example.evil")));
        assert!(!two.allow(&tenant("example")));
    }
}
