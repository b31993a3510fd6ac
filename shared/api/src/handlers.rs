//! One function an interface: parameters in, reply out. Neither HTTP nor Lambda is known here.

mod call_log;
mod client;
mod contacts;
mod message_log;
mod on_behalf;

use std::fmt;

use daybook_core::time::Deadline;
use daybook_store::StoreError;

use crate::app::App;
use crate::interface::Interface;
use crate::reply::Reply;

use call_log::Calls;
use client::ClientCall;
pub use client::ClientRequest;

/// What is asked of an interface, by the door that it came through.
#[derive(Clone, Copy)]
pub enum Asked<'a> {
    /// The documented parameter object, not yet read, for a platform.
    Directly {
        /// The platform that the caller named.
        platform: &'a str,
        /// The parameter object.
        parameters: &'a [u8],
    },
    /// What the extension sends.
    ByClient(ClientRequest<'a>),
}

/// A call of an interface, whichever door it came through. `Debug` shows nothing that its caller
/// wrote.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// Which interface.
    pub interface: Interface,
    /// What is asked of it.
    pub asked: Asked<'a>,
    /// What the request is called in logs.
    pub request_id: &'a str,
    /// When it must have been answered.
    pub deadline: Deadline,
}

impl fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("interface", &self.interface)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

/// Answers a call.
pub async fn handle(app: &App, call: &Call<'_>) -> Reply {
    let answered = match &call.asked {
        Asked::Directly {
            platform,
            parameters,
        } => Box::pin(directly(app, call, platform, parameters)).await,
        Asked::ByClient(request) => {
            let client = ClientCall {
                app,
                request,
                deadline: call.deadline,
            };
            Box::pin(client::handle(call.interface, &client)).await
        }
    };
    answered.unwrap_or_else(|error| {
        tracing::error!(
            request.id = call.request_id,
            interface = call.interface.name(),
            error.kind = "store",
            error.detail = %error,
            "the table failed"
        );
        Reply::fault(call.request_id)
    })
}

async fn directly(
    app: &App,
    call: &Call<'_>,
    platform: &str,
    parameters: &[u8],
) -> Result<Reply, StoreError> {
    if !call.interface.is_called(call.interface.name()) {
        return Ok(Reply::no_such_interface());
    }
    let Some(adapter) = app.registry.get(platform) else {
        return Ok(Reply::unknown_platform(app.registry.platforms()));
    };
    let (adapter, deadline) = (adapter.as_ref(), call.deadline);
    let calls = Calls {
        app,
        adapter,
        deadline,
    };
    match call.interface {
        Interface::CreateMessageLog | Interface::UpdateMessageLog => {
            Box::pin(message_log::handle(app, adapter, parameters, deadline)).await
        }
        Interface::CreateCallLog => Box::pin(calls.create(parameters)).await,
        Interface::UpdateCallLog => Box::pin(calls.update(parameters)).await,
        Interface::GetCallLog => Box::pin(calls.get(parameters)).await,
        Interface::UpsertCallDisposition => Box::pin(calls.dispose(parameters)).await,
        Interface::FindContact
        | Interface::FindContactWithName
        | Interface::CreateContact
        | Interface::GetUserList
        | Interface::GetAccountData => {
            let asked = contacts::handle(app, adapter, call.interface, parameters, deadline);
            Box::pin(asked).await
        }
        Interface::OauthCallback
        | Interface::ApiKeyLogin
        | Interface::RedirectPage
        | Interface::AppRemoved
        | Interface::UnAuthorize
        | Interface::AuthValidation
        | Interface::LicenseStatus
        | Interface::Hostname
        | Interface::UserInfoHash
        | Interface::RefreshUserInfo
        | Interface::GetUserSettings
        | Interface::UpdateUserSettings
        | Interface::PreloadSettings
        | Interface::CacheCallNote
        | Interface::GetAdminSettings
        | Interface::CrmManifest
        | Interface::ImplementedInterfaces
        | Interface::ReleaseNotes
        | Interface::ServerVersionInfo
        | Interface::IsAlive
        | Interface::OpenApi
        | Interface::Docs => Ok(Reply::no_such_interface()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_caller_wrote_is_debug_printed() {
        let call = Call {
            interface: Interface::CreateMessageLog,
            asked: Asked::Directly {
                platform: "Daisy",
                parameters: b"Daisy",
            },
            request_id: "1-2-3",
            deadline: Deadline::at(chrono::DateTime::UNIX_EPOCH),
        };
        let printed = format!("{call:?}");
        assert!(printed.contains("1-2-3"), "{printed}");
        for secret in ["Daisy", "68, 97"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
}
