//! One function an interface: parameters in, reply out. Neither HTTP nor Lambda is known here.

mod message_log;

use std::fmt;

use daybook_core::time::Deadline;

use crate::app::App;
use crate::interface::Interface;
use crate::reply::Reply;

/// A call of an interface, whichever door it came through. `Debug` shows nothing that its caller
/// wrote.
#[derive(Clone, Copy)]
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
    let Some(adapter) = app.registry.get(call.platform) else {
        return Reply::unknown_platform(app.registry.platforms());
    };
    match call.interface {
        Interface::CreateMessageLog | Interface::UpdateMessageLog => {
            message_log::handle(app, adapter.as_ref(), call).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_caller_wrote_is_debug_printed() {
        let call = Call {
            interface: Interface::CreateMessageLog,
            platform: "Daisy",
            parameters: b"Daisy",
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
