//! How a call comes in: over HTTP at an interface's address, or as a Lambda invocation.
//!
//! Both forms end in [`handlers::handle`](crate::handlers::handle) and are logged alike.

pub mod interface;
pub mod lambda;
mod runtime;
pub mod schedule;

use std::panic::AssertUnwindSafe;

use daybook_core::time::Deadline;
use futures_util::FutureExt;

use crate::app::App;
use crate::handlers::{Call, handle};
use crate::interface::Interface;
use crate::reply::Reply;

/// The largest body of a request, in bytes.
pub const MAX_BODY_BYTES: usize = 5 << 20;

/// A request that has come in at a door.
#[derive(Debug, Clone, Copy)]
struct Arrival<'a> {
    interface: Interface,
    request_id: &'a str,
    deadline: Deadline,
}

/// Answers a request and logs it in one line. `asked` is the platform and the parameter object,
/// or the refusal of a request that has none. A bug becomes a reply.
async fn answer(app: &App, arrival: Arrival<'_>, asked: Result<(&str, &[u8]), Reply>) -> Reply {
    let begun = app.clock.now();
    // A platform that is not ours is somebody's text and stays out of the log.
    let crm = asked
        .as_ref()
        .ok()
        .and_then(|(platform, _)| app.registry.get(platform))
        .map(|crm| crm.profile().id);
    let reply = match asked {
        Ok((_, parameters)) if parameters.len() > MAX_BODY_BYTES => {
            Reply::too_large(MAX_BODY_BYTES)
        }
        Ok((platform, parameters)) => {
            let call = Call {
                interface: arrival.interface,
                platform,
                parameters,
                request_id: arrival.request_id,
                deadline: arrival.deadline,
            };
            AssertUnwindSafe(handle(app, &call))
                .catch_unwind()
                .await
                .unwrap_or_else(|_| Reply::fault(arrival.request_id))
        }
        Err(refusal) => refusal,
    };
    let interface = arrival.interface.name();
    tracing::info!(
        request.id = arrival.request_id,
        interface,
        crm,
        http.status = reply.status,
        outcome = reply.outcome,
        field = reply.body.field,
        duration_ms = (app.clock.now() - begun).num_milliseconds(),
        "{interface} answered {} ({})",
        reply.status,
        reply.outcome,
    );
    reply
}
