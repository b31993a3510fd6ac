//! `GET` and `DELETE` of the page at which a sign-in begins and ends, for the CRM whose path it is.
//!
//! Nothing of the query is logged: it holds a code.

use std::sync::Arc;

use daybook_adapters::{AdapterError, CrmAdapter};
use daybook_store::StoreError;

use super::ClientCall;
use crate::app::App;
use crate::interface::Interface;
use crate::reply::Reply;

/// The page, for a visitor who brings a code or a refusal; others are sent on to the CRM.
pub(super) fn show(call: &ClientCall<'_>) -> Reply {
    let Some(adapter) = adapter(call.app, Interface::RedirectPage) else {
        return Reply::no_such_interface();
    };
    let Some(page) = adapter.redirect_page() else {
        return Reply::no_such_interface();
    };
    let comes_back = ["code", "error"]
        .iter()
        .any(|name| call.request.value(name).is_some());
    match comes_back {
        true => Reply::redirect_page(),
        false => Reply::moved(page.authorize_url()),
    }
}

/// Forgets the credentials of a user who has removed the app.
pub(super) async fn removed(call: &ClientCall<'_>) -> Result<Reply, StoreError> {
    let Some(adapter) = adapter(call.app, Interface::AppRemoved) else {
        return Ok(Reply::no_such_interface());
    };
    let Some(page) = adapter.redirect_page() else {
        return Ok(Reply::no_such_interface());
    };
    match page.removed(call.request.authorization, call.request.body) {
        Ok(removal) => {
            let platform = adapter.profile().id;
            (call.app.users)
                .removed(platform, &removal, call.deadline)
                .await?;
            Ok(Reply::done("The app was removed."))
        }
        Err(error) => Ok(Reply::not_removed(error == AdapterError::Unauthorized)),
    }
}

/// The CRM whose page has the path of `interface`.
fn adapter(app: &App, interface: Interface) -> Option<&Arc<dyn CrmAdapter>> {
    let (_, path) = interface.client_route()?;
    let is_at_path = |adapter: &&Arc<dyn CrmAdapter>| {
        adapter
            .redirect_page()
            .is_some_and(|page| page.path() == path)
    };
    app.registry.adapters().find(is_at_path)
}
