//! How a call comes in: over HTTP, at an interface's address or at a route of the extension, or as
//! a Lambda invocation.
//!
//! Both forms end in [`handlers::handle`](crate::handlers::handle) and are logged alike.

pub mod http;
pub mod lambda;
mod runtime;
pub mod schedule;

use std::panic::AssertUnwindSafe;

use daybook_core::time::Deadline;
use futures_util::FutureExt;
use serde_json::{Value, json};

use crate::app::App;
use crate::handlers::{Asked, Call, handle};
use crate::interface::Interface;
use crate::reply::{Counted, Reply, Texts};
use crate::telemetry::metrics::{self, Metric};

/// The largest body of a request, in bytes.
pub const MAX_BODY_BYTES: usize = 5 << 20;

/// A request that has come in at a door.
#[derive(Debug, Clone, Copy)]
struct Arrival<'a> {
    interface: Interface,
    request_id: &'a str,
    deadline: Deadline,
}

/// Answers a request and logs it in one line. `asked` is what it asks for, or the refusal of a
/// request that asks for nothing. A bug becomes a reply.
async fn answer(app: &App, arrival: Arrival<'_>, asked: Result<Asked<'_>, Reply>) -> Reply {
    let begun = app.clock.now();
    let crm = asked.as_ref().ok().and_then(|asked| platform(app, asked));
    let reply = match asked {
        Ok(asked) if body(&asked).len() > MAX_BODY_BYTES => Reply::too_large(MAX_BODY_BYTES),
        Ok(asked) => {
            let call = Call {
                interface: arrival.interface,
                asked,
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
    let texts = match reply.counted {
        Some(Counted::Texts(texts)) => Some(texts),
        Some(Counted::MissedCall(_)) | None => None,
    };
    tracing::info!(
        request.id = arrival.request_id,
        interface,
        crm,
        http.status = reply.status,
        outcome = reply.outcome,
        field = reply.field(),
        texts.logged = texts.map(|texts| texts.logged),
        texts.kept = texts.map(|texts| texts.kept),
        texts.not_logged = texts.map(|texts| texts.not_logged),
        texts.refused = texts.map(|texts| texts.refused),
        duration_ms = (app.clock.now() - begun).num_milliseconds(),
        "{interface} answered {} ({})",
        reply.status,
        reply.outcome,
    );
    let about = [("crm", json!(crm)), ("outcome", json!(reply.outcome))];
    match reply.counted {
        Some(Counted::Texts(texts)) => measure(app, texts, &about),
        Some(Counted::MissedCall(name)) => {
            let words = "what is told of a call does not stand in the CRM";
            let metrics = [Metric::count(name, 1)];
            metrics::put(app.clock.now(), app.table.name(), &metrics, &about, words);
        }
        None => {}
    }
    reply
}

/// Measures the texts that a request could not log; where there are none, nothing.
fn measure(app: &App, texts: Texts, about: &[(&str, Value)]) {
    let counted = [
        ("TextsKept", texts.kept),
        ("TextsNotLogged", texts.not_logged),
        ("TextsRefused", texts.refused),
    ];
    let counted = counted.into_iter().filter(|(_, number)| *number > 0);
    let metrics: Vec<_> = counted
        .map(|(name, number)| Metric::count(name, number))
        .collect();
    if !metrics.is_empty() {
        let words = "texts of a request are not logged";
        metrics::put(app.clock.now(), app.table.name(), &metrics, about, words);
    }
}

/// The platform that is asked for, if it is ours: another is somebody's text and stays out of the
/// log.
fn platform(app: &App, asked: &Asked<'_>) -> Option<&'static str> {
    match asked {
        Asked::Directly { platform, .. } => app.registry.get(platform),
        Asked::ByClient(_) => None,
    }
    .map(|crm| crm.profile().id)
}

fn body<'a>(asked: &Asked<'a>) -> &'a [u8] {
    match asked {
        Asked::Directly { parameters, .. } => parameters,
        Asked::ByClient(request) => request.body,
    }
}

/// Logs a request that reached no interface, as it would have logged it.
pub fn log_refusal(app: &App, interface: Option<Interface>, reply: &Reply) {
    tracing::info!(
        request.id = request_id(app),
        interface = interface.map(Interface::name),
        http.status = reply.status,
        outcome = reply.outcome,
        "a request was answered {} ({})",
        reply.status,
        reply.outcome,
    );
}

/// A name for a request that nobody else has named.
pub fn request_id(app: &App) -> String {
    format!("{:016x}", (app.random)())
}
