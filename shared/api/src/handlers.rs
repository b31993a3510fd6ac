//! One function an interface: parameters in, reply out. Neither HTTP nor Lambda is known here.

mod message_log;

use daybook_core::time::Deadline;

use crate::app::App;
use crate::interface::Interface;
use crate::reply::Reply;

/// A call of an interface, whichever door it came through.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// Which interface.
    pub interface: Interface,
    /// The platform that the caller named.
    pub platform: &'a str,
    /// The parameter object, not yet read.
    pub parameters: &'a [u8],
    /// What the request is called in logs.
    pub request_id: &'a str,
    /// When it must have been answered.
    pub deadline: Deadline,
}

/// Answers a call.
pub async fn handle(app: &App, call: &Call<'_>) -> Reply {
    let Some(adapter) = app.registry.get(call.platform) else {
        return Reply::unknown_platform(app.registry.platforms());
    };
    match call.interface {
        Interface::CreateMessageLog | Interface::UpdateMessageLog => {
            message_log::handle(app, adapter.as_ref(), call).await
        }
    }
}
