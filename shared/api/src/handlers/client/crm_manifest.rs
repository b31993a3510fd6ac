//! `GET /crmManifest` and `GET /implementedInterfaces`: what the adapters that are offered declare.

use daybook_adapters::CrmAdapter;
use daybook_core::error::RequestError;

use super::ClientCall;
use crate::reply::Reply;

/// The manifest of the CRM that `platformName` names, else of all that are offered.
pub(super) fn manifest(call: &ClientCall<'_>) -> Reply {
    const FIELD: &str = "platformName";
    let registry = &call.app.registry;
    let server = call.server();
    let Some(named) = call.request.value(FIELD) else {
        let all = registry.adapters().map(|adapter| adapter.as_ref());
        return Reply::manifest(server, all);
    };
    match registry.get(&named) {
        Some(adapter) => Reply::manifest(server, std::iter::once(adapter.as_ref())),
        None => Reply::unknown_platform_in(FIELD, registry.platforms()),
    }
}

/// What there is for the CRM that `platform` names.
pub(super) fn implemented(call: &ClientCall<'_>) -> Reply {
    const FIELD: &str = "platform";
    let registry = &call.app.registry;
    match call.request.value(FIELD) {
        Some(named) => match registry.get(&named) {
            Some(adapter) => Reply::implemented(adapter.as_ref() as &dyn CrmAdapter),
            None => Reply::unknown_platform_in(FIELD, registry.platforms()),
        },
        None => Reply::from(&RequestError::missing(FIELD)),
    }
}
