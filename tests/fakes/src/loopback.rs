//! An HTTP/1.1 server on a free port of 127.0.0.1.
//!
//! It sits below axum because only hyper lets a handler close the connection
//! without an answer. All its tasks belong to one handle and end with it.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// The answer of a handler that wants the connection closed.
#[derive(Debug)]
pub(crate) struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is cut on purpose")
    }
}

impl std::error::Error for Cut {}

/// Tasks that end together.
#[derive(Clone, Debug)]
pub(crate) struct Tasks(Arc<Mutex<Option<JoinSet<()>>>>);

impl Tasks {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Some(JoinSet::new()))))
    }

    /// Starts a task, unless the tasks were stopped already.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.0.lock().expect("no task panics holding this lock");
        if let Some(tasks) = tasks.as_mut() {
            while tasks.try_join_next().is_some() {}
            tasks.spawn(task);
        }
    }

    fn stop(&self) {
        let stopped = self
            .0
            .lock()
            .expect("no task panics holding this lock")
            .take();
        drop(stopped);
    }
}

/// The handle of a running server; dropping it stops the server.
#[derive(Debug)]
pub(crate) struct Loopback {
    address: SocketAddr,
    tasks: Tasks,
}

impl Loopback {
    /// Serves `handler`, running connections as part of `tasks`.
    pub(crate) async fn start<F, A>(tasks: Tasks, handler: F) -> Self
    where
        F: Fn(Request<Incoming>) -> A + Clone + Send + 'static,
        A: Future<Output = Result<Response<Body>, Cut>> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("127.0.0.1 has a free port");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        tasks.spawn(accept(listener, tasks.clone(), handler));
        Self { address, tasks }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.tasks.stop();
    }
}

async fn accept<F, A>(listener: TcpListener, tasks: Tasks, handler: F)
where
    F: Fn(Request<Incoming>) -> A + Clone + Send + 'static,
    A: Future<Output = Result<Response<Body>, Cut>> + Send + 'static,
{
    while let Ok((stream, _)) = listener.accept().await {
        let handler = handler.clone();
        tasks.spawn(async move {
            // Ends with an error whenever a fault cuts it or the client leaves.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service_fn(handler))
                .await;
        });
    }
}
