//! Listening, and an end that loses nothing: calls that run are waited for, connections are not.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use daybook_api::app::REPLY_WITHIN;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long the head of a request may take, and how long a connection may lie idle. Longer than
/// our own client keeps an idle connection, so that it never writes to one that is being closed.
const HEAD_WITHIN: Duration = Duration::from_secs(30);
/// How long answers may take to be read by their clients, once the calls have ended.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);
/// How long to wait where the system has no connection to give.
const PAUSE: Duration = Duration::from_millis(500);

/// The calls that run, and whether the server is stopping. Clones share both.
#[derive(Debug, Clone, Default)]
pub(crate) struct Running {
    /// What is waited for before the process ends.
    pub(crate) calls: TaskTracker,
    /// Set once no call may begin.
    pub(crate) stopping: CancellationToken,
}

/// Answers until `stop` is ready, then until the calls that run have ended, for the time of a
/// reply at most. Meanwhile it goes on listening, because those calls may need the Example CRM.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    running: Running,
    stop: impl Future<Output = ()>,
) {
    let closing = CancellationToken::new();
    let mut connections = JoinSet::new();
    let mut ended = pin!(async {
        stop.await;
        running.stopping.cancel();
        running.calls.close();
        if timeout(REPLY_WITHIN, running.calls.wait()).await.is_err() {
            tracing::warn!(error.kind = "stop", "calls that run too long are cut off");
        }
    });
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, router.clone(), closing.clone()));
                }
                Err(error) => {
                    tracing::warn!(error.kind = "listen", error.detail = %error, "no connection");
                    tokio::time::sleep(PAUSE).await;
                }
            },
            Some(_) = connections.join_next() => {}
            () = &mut ended => break,
        }
    }
    drop(listener);
    closing.cancel();
    let all = async { while connections.join_next().await.is_some() {} };
    // Whoever sent half a request, or does not read, is not waited for.
    let _ = timeout(CLOSE_WITHIN, all).await;
    connections.shutdown().await;
}

async fn connection(stream: TcpStream, router: Router, closing: CancellationToken) {
    let mut served = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_WITHIN)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
    );
    // An error is the client's: it left, or sent what is not HTTP.
    tokio::select! {
        _ = served.as_mut() => return,
        () = closing.cancelled() => served.as_mut().graceful_shutdown(),
    }
    let _ = served.await;
}
