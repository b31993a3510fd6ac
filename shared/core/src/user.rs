//! The user on whose behalf an interface is called.

use serde_json::{Map, Value};

use crate::ids::{CrmUserId, TenantId};
use crate::time::Zone;

/// Who a user is. CRM ids are unique within a company only, so the tenant belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserKey {
    /// The platform.
    pub platform: String,
    /// The CRM's company.
    pub tenant: TenantId,
    /// App Connect's id of the user.
    pub id: CrmUserId,
}

/// A user, as App Connect's `user` describes one.
#[derive(Clone)]
pub struct User {
    /// App Connect's id of the user: `<crm user id>-<platform>`.
    pub id: CrmUserId,
    /// The host of the user's CRM, without a scheme.
    pub hostname: Option<String>,
    /// The name to show as the sender of outbound messages.
    pub name: Option<String>,
    /// The zone of the user, where one was named.
    pub zone: Option<Zone>,
    /// Settings by id, as `{value, customizable, …}`; what customers may invent stays JSON.
    pub settings: Map<String, Value>,
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User").finish_non_exhaustive()
    }
}
